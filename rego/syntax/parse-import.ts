// Packages and imports, and the features of the language that imports turn on.
import type { Import, Module, Term } from './ast.ts'
import { importable } from './capabilities.ts'
import { type Cursor, futureKeywords } from './cursor.ts'
import type { Diagnostic } from './diagnostic.ts'
import { parseTerm } from './parse-term.ts'
import { refString, valueName } from './term-string.ts'

/** Mistakes after which parsing goes on. */
export type Soft = (fault: Diagnostic) => void

/** Parses `package a.b["c"]`. */
export function parsePackage(cursor: Cursor): Module['package'] {
  const start = cursor.next()
  if (cursor.token.kind !== 'name') cursor.unexpected('', 'write a name behind `package`')
  const term = cursor.asName(() => parseTerm(cursor))
  const help = 'a package path is names and strings: `package a.b["c"]`'
  if (term.kind === 'var') return { path: [term.name], location: cursor.since(start) }
  if (term.kind !== 'ref') cursor.unexpected('', help)
  if (term.head.kind !== 'var')
    cursor.fail(`unexpected ${valueName(term.head)} token: expecting var`, term.location, help)
  const path = [term.head.name, ...stringsOf(term.path, cursor, help)]
  return { path, location: cursor.since(start) }
}

function stringsOf(steps: readonly Term[], cursor: Cursor, help: string): readonly string[] {
  return steps.map((step) =>
    step.kind === 'string'
      ? step.value
      : cursor.fail(`unexpected ${valueName(step)} token: expecting string`, step.location, help),
  )
}

const importRoots: ReadonlySet<string> = new Set(['data', 'future', 'input', 'rego'])

/** Parses an import. Keywords at the end of its path, and features that do not exist, are told without leaving. */
export function parseImport(cursor: Cursor, soft: Soft): Import {
  const start = cursor.next()
  const help = 'write `import data.name`'
  if (cursor.token.kind !== 'name') cursor.unexpected('', help)
  const path = cursor.asName(() => cursor.withoutFuture(() => parseTerm(cursor)))
  if (path.kind !== 'var' && path.kind !== 'ref') cursor.fail('expected path', cursor.token, help)
  if (path.kind === 'ref') stringsOf(path.path, cursor, help)
  const head = path.kind === 'var' ? path : path.head
  const root = head.kind === 'var' ? head.name : ''
  if (!importRoots.has(root)) {
    cursor.hint('if this is unexpected, try updating OPA')
    cursor.fail(
      `unexpected import path, must begin with one of: {data, future, input, rego}, got: ${refString(path).split(/[.[]/)[0] ?? ''}`,
      path.location,
      'import what lies below data or input',
    )
  }
  let alias: string | undefined
  if (cursor.takeWord('as')) {
    if (!cursor.isName()) cursor.unexpected('expected var', 'write a name behind `as`')
    const term = cursor.finishing(
      () => parseTerm(cursor),
      () => 'expected var',
    )
    if (term.kind !== 'var') cursor.unexpected('expected var', 'write a name behind `as`')
    alias = term.name
  }
  const imported: Import = { path, ...(alias === undefined ? {} : { alias }), location: cursor.since(start) }
  if (alias === undefined) checkEnd(imported, root, cursor, soft)
  if (root === 'rego') importRego(imported, cursor, soft)
  if (root === 'future') importFuture(imported, cursor, soft)
  return imported
}

function checkEnd({ path }: Import, root: string, cursor: Cursor, soft: Soft): void {
  const last = path.kind === 'var' ? path : path.path.at(-1)
  const name = last?.kind === 'var' ? last.name : last?.kind === 'string' ? last.value : ''
  if (last === undefined || (path.kind === 'ref' && root === 'future') || !cursor.isLanguageKeyword(name)) return
  cursor.hint('import a different path or use an alias')
  soft(
    cursor.fault(
      `unexpected import path, must not end with a keyword, got: ${name}`,
      last.location,
      `import it as another name: \`as ${name}_\``,
    ),
  )
}

function importRego({ path, alias }: Import, cursor: Cursor, soft: Soft): void {
  const whole = refString(path)
  if (whole !== 'rego.v1') {
    soft(cursor.fault(`invalid import \`${whole}\`, must be \`rego.v1\``, path.location, 'write `import rego.v1`'))
    return
  }
  if (!cursor.importsV1) {
    const message = 'invalid import, `rego.v1` is not supported by current capabilities'
    soft(cursor.fault(message, path.location, 'import the keywords one by one: `import future.keywords.if`'))
    return
  }
  if (cursor.version === 1) return
  if (alias !== undefined) {
    soft(cursor.fault('`rego` imports cannot be aliased', path.location, 'write `import rego.v1`'))
    return
  }
  cursor.version = 1
  for (const word of futureKeywords) cursor.keywords.add(word)
}

function importFuture({ path, alias }: Import, cursor: Cursor, soft: Soft): void {
  const help = 'write `import future.keywords`'
  const words = path.kind === 'ref' ? path.path.map((step) => (step.kind === 'string' ? step.value : '')) : []
  const [first, word] = words
  if (first !== 'keywords') {
    soft(cursor.fault('invalid import, must be `future.keywords`', path.location, help))
    return
  }
  if (alias !== undefined) {
    soft(cursor.fault('`future` imports cannot be aliased', path.location, help))
    return
  }
  const known = cursor.importable ?? importable(cursor.version)
  const shown = known.filter((one) => one !== 'and' && one !== 'or')
  const whole = futureKeywords.filter((one) => known.includes(one))
  const wanted = words.length === 2 && word !== undefined ? [word] : whole
  for (const one of wanted) {
    // What follows is read as it is meant, also where the target lacks the keyword: one mistake is enough.
    if (one === 'not') cursor.compositeNot = true
    if (!known.includes(one))
      soft(cursor.fault(`unexpected keyword, must be one of [${shown.join(' ')}]`, path.location, help))
    else if (one === 'and' || one === 'or') {
      cursor.logic = new Set([...cursor.logic, one])
      cursor.keywords.add(one)
    } else if (one !== 'not') {
      cursor.keywords.add(one)
      if (one === 'every') cursor.keywords.add('in')
    }
  }
}
