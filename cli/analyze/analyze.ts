// `sallyport analyze sql`: the facts that policies would see, as JSON, for one statement, a file, or many lines.
import { existsSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import {
  builtinCatalog,
  type Catalog,
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  decodeStatement,
  type ServerMajor,
  type SqlAnalyzer,
  SqlSession,
} from '../../engine/action/sql/index.ts'

const usage = `usage: sallyport analyze sql [options] [STATEMENT]

  prints, as JSON, the facts that policies would read; needs no gateway and no database. Exit 0 done, 1 wrong usage, 2 when
  the text is none that can be read.

  --file FILE       the text of a file instead of a statement
  --lines           JSON Lines on standard input: {"id", "text"} or {"id", "session": [texts]}; one JSON object a line out
  --catalog FILE    names from the answer of --print-catalog-query, a JSON file
  --schema FILE     names from a schema file (SQL); runs it in a private embedded PostgreSQL
  --major N         grammar of PostgreSQL 15, 16, 17 or 18
  --print-catalog-query   prints the query that a catalog file is made by

       sallyport analyze shell [--lines] [LINE]
       sallyport analyze http [--https] [FILE]
       sallyport analyze kube [options] [REQUEST]    see \`sallyport analyze kube --help\`
`

/** Runs `sallyport analyze`. */
export async function run(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args
  if (what === '--help' || what === '-h') {
    process.stdout.write(usage)
    return 0
  }
  if (what === 'kube') return (await import('./kube.ts')).run(rest)
  if (what === 'http') return (await import('./http.ts')).run(rest)
  if (what === 'shell') return (await import('./shell.ts')).run(rest)
  if (what !== 'sql') return wrong(`there is no analyzer \`${what ?? ''}\``)
  let parsed: ReturnType<typeof read>
  try {
    parsed = read(rest)
  } catch (error) {
    return wrong(error instanceof Error ? error.message : 'the command line cannot be read')
  }
  const { values, positionals } = parsed
  if (values['print-catalog-query'] === true) {
    process.stdout.write(`${catalogQuery}\n`)
    return 0
  }
  const major = majorOf(values.major)
  if (major === undefined) return wrong('the grammars are 15, 16, 17 and 18')
  for (const file of [values.catalog, values.schema, values.file])
    if (file !== undefined && !existsSync(file)) return wrong(`there is no file ${file}`)
  let catalog: Catalog
  try {
    catalog = await catalogOf(values.catalog, values.schema)
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it cannot be read'
    return unreadable(`${values.catalog ?? values.schema ?? ''}: ${why}`)
  }
  const analyzer = await createSqlAnalyzer(major, catalog)
  if (values.lines === true) {
    await analyzeLines(analyzer)
    return 0
  }
  const text = values.file === undefined ? positionals[0] : readFileSync(values.file, 'utf8')
  if (text === undefined || positionals.length > 1) return wrong('give one statement, --file or --lines')
  const facts = factsOf(analyzer, [text])
  process.stdout.write(`${JSON.stringify(facts, null, 2)}\n`)
  return 'error' in facts ? 2 : 0
}

function read(args: readonly string[]): {
  readonly values: {
    readonly file?: string
    readonly lines?: boolean
    readonly catalog?: string
    readonly schema?: string
    readonly major?: string
    readonly 'print-catalog-query'?: boolean
  }
  readonly positionals: readonly string[]
} {
  return parseArgs({
    args: [...args],
    options: {
      file: { type: 'string' },
      lines: { type: 'boolean' },
      catalog: { type: 'string' },
      schema: { type: 'string' },
      major: { type: 'string' },
      'print-catalog-query': { type: 'boolean' },
    },
    allowPositionals: true,
  })
}

function wrong(why: string): number {
  process.stderr.write(`sallyport analyze: ${why}\n${usage}`)
  return 1
}

/** A file that is there and says nothing that can be used. */
function unreadable(why: string): number {
  process.stderr.write(`sallyport analyze: ${why}\n`)
  return 2
}

function majorOf(text: string | undefined): ServerMajor | undefined {
  const majors: { readonly [text: string]: ServerMajor } = { 15: 15, 16: 16, 17: 17, 18: 18 }
  return majors[text ?? '18']
}

async function catalogOf(catalogFile: string | undefined, schemaFile: string | undefined): Promise<Catalog> {
  if (catalogFile !== undefined) return catalogFromServer(readFileSync(catalogFile, 'utf8'), 'file')
  return schemaFile === undefined
    ? builtinCatalog()
    : (await import('./schema-file.ts')).catalogOfSchema(readFileSync(schemaFile, 'utf8'))
}

async function analyzeLines(analyzer: SqlAnalyzer): Promise<void> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    process.stdout.write(`${JSON.stringify(analyzeLine(analyzer, line))}\n`)
  }
}

function analyzeLine(analyzer: SqlAnalyzer, line: string): object {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return { id: null, complete: false, error: { code: 'bad_line', message: 'the line is not JSON' } }
  }
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const session = fields.get('session')
  const texts: readonly unknown[] = Array.isArray(session) ? session : [fields.get('text') ?? fields.get('sql')]
  return { id: fields.get('id') ?? null, ...factsOf(analyzer, texts) }
}

/** A text, or `{"hex": ...}` for bytes that are no text. */
function bytesOf(part: unknown): Buffer | undefined {
  if (typeof part === 'string') return Buffer.from(part)
  const hex: unknown = typeof part === 'object' && part !== null ? Reflect.get(part, 'hex') : undefined
  return typeof hex === 'string' ? Buffer.from(hex, 'hex') : undefined
}

function factsOf(analyzer: SqlAnalyzer, texts: readonly unknown[]): object {
  let session = SqlSession.start('user')
  const statements: object[] = []
  let complete = true
  for (const part of texts) {
    const bytes = bytesOf(part)
    const text = bytes === undefined ? undefined : decodeStatement(bytes)
    if (text === undefined) return { complete: false, error: { code: 'bad_line', message: 'there is no text' } }
    const result = typeof text === 'string' ? analyzer.analyzeNow(text, session) : text
    if (result.kind === 'refusal')
      return {
        statements,
        complete: false,
        error: { code: result.code, message: result.message, position: result.position },
      }
    statements.push(...result.statements)
    complete = complete && result.complete
    session = result.after.findLast((after) => after !== undefined) ?? session
  }
  return { statements, complete }
}
