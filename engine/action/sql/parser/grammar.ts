// The server's grammar, one library a major. A clean syntax error is an answer; anything else means that the library's
// memory can no longer be trusted: the instance is thrown away, and texts are refused until another one is loaded.
import { createRequire } from 'node:module'
import type { ServerMajor } from '../contract.ts'
import { isTree, type Tree } from './tree.ts'

/** What a parser answers for a text. */
export type Parsed =
  | { readonly ok: true; readonly tree: Tree }
  | { readonly ok: false; readonly clean: boolean; readonly message: string; readonly position: number }

/** A loaded grammar. */
export interface Grammar {
  readonly major: ServerMajor
  /** True from a call that failed with anything but a syntax error until another instance is there. */
  readonly broken: boolean
  parse(text: string): Parsed
  /** Parses the plpgsql bodies of CREATE FUNCTION and DO statements. */
  parsePlpgsql(text: string): Parsed
}

interface Library {
  loadModule(): Promise<void>
  parseSync(text: string): unknown
  parsePlPgSQLSync?(text: string): unknown
}

/** Instances that one process loads of one library: whoever keeps breaking them is not served for ever. */
export const instancesMax = 1_000

/** Texts whose trees are kept: what is judged is mostly rewritten next, and a pipeline says the same again. */
const parsedKept = 64
/** Longest text whose tree is kept; that of a longer one takes much memory, and parsing it is not what is repeated. */
const keptTextMax: number = 16 * 1024

const cleanFiles = new Set(['scan.l', 'gram.y', 'parser.c', 'scansup.c', 'pl_gram.y', 'pl_scanner.c', 'pl_comp.c'])

/** One library with its present instance. All grammars of a process share it. */
class Shared {
  readonly #name: string
  #library: Library | undefined
  #loading: Promise<void> | undefined
  #instances = 0
  /** The last texts that were parsed well. Nobody changes a tree. */
  readonly #kept = new Map<string, Parsed>()

  constructor(name: string) {
    this.#name = name
  }

  get broken(): boolean {
    return this.#library === undefined
  }

  async load(): Promise<void> {
    if (this.#library !== undefined) return
    this.#loading ??= this.#instance()
    await this.#loading
  }

  parse(text: string): Parsed {
    const known = this.#kept.get(text)
    if (known !== undefined) return known
    const parsed = this.run((library) => library.parseSync(text))
    if (!parsed.ok || text.length > keptTextMax) return parsed
    this.#kept.set(text, parsed)
    const [oldest] = this.#kept.size > parsedKept ? this.#kept.keys() : []
    if (oldest !== undefined) this.#kept.delete(oldest)
    return parsed
  }

  run(call: (library: Library) => unknown): Parsed {
    const library = this.#library
    if (library === undefined)
      return { ok: false, clean: false, message: 'the parser is being loaded again', position: 0 }
    try {
      const tree = call(library)
      if (isTree(tree)) return { ok: true, tree }
    } catch (error) {
      const answer = syntaxError(error)
      if (answer.clean) return answer
    }
    this.#library = undefined
    this.#kept.clear()
    // Failing to load leaves the parser broken: every text is refused, and the next one tries again.
    this.load().catch(() => undefined)
    return { ok: false, clean: false, message: 'the parser failed', position: 0 }
  }

  async #instance(): Promise<void> {
    try {
      if (++this.#instances > instancesMax) throw new Error('the parser failed too often')
      const require = createRequire(import.meta.url)
      const path = require.resolve(this.#name)
      const folder = path.slice(0, path.lastIndexOf('index.'))
      // A module that is loaded again makes an instance of its own.
      for (const known of Object.keys(require.cache)) if (known.startsWith(folder)) delete require.cache[known]
      const library: unknown = require(path)
      if (!isLibrary(library)) throw new Error('the parser library is not what it was')
      await library.loadModule()
      this.#library = library
    } finally {
      this.#loading = undefined
    }
  }
}

function isLibrary(value: unknown): value is Library {
  return typeof value === 'object' && value !== null && 'loadModule' in value && 'parseSync' in value
}

const libraries: Readonly<Record<ServerMajor, Shared>> = {
  15: new Shared('libpg-query-15'),
  16: new Shared('libpg-query-16'),
  17: new Shared('libpg-query-17'),
  18: new Shared('libpg-query'),
}

/** Loads the grammar of a server's major. */
export async function loadGrammar(major: ServerMajor): Promise<Grammar> {
  const own = libraries[major]
  // plpgsql differs little between majors and only this library reads it
  const newest = libraries[18]
  await Promise.all([own.load(), newest.load()])
  return {
    major,
    get broken() {
      return own.broken
    },
    parse: (text) => (isBlank(text) ? nothing : own.parse(text)),
    parsePlpgsql: (text) => newest.run((library) => library.parsePlPgSQLSync?.(text)),
  }
}

/** A text without a token is an empty query to the server, and a mistake to the libraries. */
const nothing: Parsed = { ok: true, tree: { stmts: [] } }

function isBlank(text: string): boolean {
  for (const character of text) if (!' \t\n\r\f\v'.includes(character)) return false
  return true
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
    // The library says 0 for the first character and for no place at all; only errors at a token have one there.
    position: typeof cursor === 'number' && (cursor > 0 || error.message.includes(' at or near ')) ? cursor + 1 : 0,
  }
}
