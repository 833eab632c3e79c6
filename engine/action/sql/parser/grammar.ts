// The server's grammar, one library a major. A clean syntax error is an answer; anything else means that the
// library's memory can no longer be trusted, and `broken` says so from then on.
import type { ServerMajor } from '../contract.ts'
import { isTree, type Tree } from './tree.ts'

/** What a parser answers for a text. */
export type Parsed =
  | { readonly ok: true; readonly tree: Tree }
  | { readonly ok: false; readonly clean: boolean; readonly message: string; readonly position: number }

/** A loaded grammar. */
export interface Grammar {
  readonly major: ServerMajor
  /** True once a call failed with anything but a syntax error. */
  readonly broken: boolean
  parse(text: string): Parsed
  /** Parses the plpgsql bodies of CREATE FUNCTION and DO statements. */
  parsePlpgsql(text: string): Parsed
}

interface Library {
  loadModule(): Promise<void>
  parseSync(text: string): unknown
}

const cleanFiles = new Set(['scan.l', 'gram.y', 'parser.c', 'scansup.c', 'pl_gram.y', 'pl_scanner.c', 'pl_comp.c'])

/** Loads the grammar of a server's major. */
export async function loadGrammar(major: ServerMajor): Promise<Grammar> {
  // plpgsql differs little between majors and only this library reads it
  const newest = await import('libpg-query')
  await newest.loadModule()
  const library: Library = await libraryOf(major)
  await library.loadModule()
  let broken = false
  const guarded = (run: (text: string) => unknown, text: string): Parsed => {
    if (broken) return { ok: false, clean: false, message: 'the parser is broken', position: 0 }
    try {
      const tree = run(text)
      if (isTree(tree)) return { ok: true, tree }
      broken = true
      return { ok: false, clean: false, message: 'the parser gave no tree', position: 0 }
    } catch (error) {
      const answer = syntaxError(error)
      if (!answer.clean) broken = true
      return answer
    }
  }
  return {
    major,
    get broken() {
      return broken
    },
    parse: (text) => guarded((input) => library.parseSync(input), text),
    parsePlpgsql: (text) => guarded((input) => newest.parsePlPgSQLSync(input), text),
  }
}

async function libraryOf(major: ServerMajor): Promise<Library> {
  switch (major) {
    case 15:
      return import('libpg-query-15')
    case 16:
      return import('libpg-query-16')
    case 17:
      return import('libpg-query-17')
    case 18:
      return import('libpg-query')
  }
}

function syntaxError(error: unknown): Extract<Parsed, { ok: false }> {
  if (!(error instanceof Error)) return { ok: false, clean: false, message: 'the parser failed', position: 0 }
  const details: unknown = 'sqlDetails' in error ? error.sqlDetails : undefined
  if (!isTree(details)) {
    // plpgsql errors carry no details; a failure of the library itself is a RangeError or a WebAssembly trap
    const clean = error.constructor === Error && !/memory|stack|unreachable|out of bounds/i.test(error.message)
    return { ok: false, clean, message: clean ? error.message : 'the parser failed', position: 0 }
  }
  const file = details['fileName']
  const cursor = details['cursorPosition']
  return {
    ok: false,
    clean: typeof file === 'string' && cleanFiles.has(file),
    message: error.message,
    position: typeof cursor === 'number' ? cursor + 1 : 0,
  }
}
