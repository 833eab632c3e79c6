// Rows of OPA's tables of its commands, made into runs of ours: files, a command line, and what is to come of it.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeArchive } from '../../bundles/format/index.ts'
import type { CaseOutcome } from './suite.ts'

/** An object of a table. */
export interface Fields {
  readonly [name: string]: unknown
}

/** Texts by path. */
export interface Files {
  readonly [path: string]: string
}

/** Undefined when the row passes, else what differs. */
export type Verdict = string | undefined

/** What a command did. */
export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
  readonly all: string
  /** Where it ran. */
  readonly folder: string
}

/** A row that runs. */
export interface CommandRun {
  readonly files: Files
  /** Files that are packed into archives of bundles, by the archive's path. */
  readonly archives?: { readonly [path: string]: Files }
  readonly args: readonly string[]
  readonly judge: (ran: Ran) => Verdict
}

/** What becomes of a row: a run, or why there is none. */
export type RowPlan = CommandRun | { readonly skip: string }

/** How a command reads the rows of its table. */
export type RowReader = (func: string, row: Fields, capabilities: Capabilities) => RowPlan

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const built = new URL('../../dist/cli/policy/policy.js', import.meta.url).href

const batch = `
const runs = JSON.parse((await import('node:fs')).readFileSync(0, 'utf8'))
const { run } = await import(process.argv[1])
const write = process.stdout.write.bind(process.stdout)
const done = []
for (const { folder, args } of runs) {
  const ran = { status: null, out: '', err: '' }
  process.stdout.write = (text) => { ran.out += text; return true }
  process.stderr.write = (text) => { ran.err += text; return true }
  process.chdir(folder)
  try { ran.status = await run(args) } catch (error) { ran.err += String(error) }
  done.push(ran)
}
write(JSON.stringify(done))
`

/** Runs all rows of a table, and reports each. */
export function runTable(
  dataDir: string,
  table: string,
  read: RowReader,
  capabilities: Capabilities,
  report: (outcome: CaseOutcome) => void,
): void {
  const rows = fieldsOf(JSON.parse(readFileSync(join(dataDir, `go-tables/${table}.json`), 'utf8')))['entries']
  if (!Array.isArray(rows)) throw new TypeError(`the table ${table} has no entries`)
  const command = table.replace(/^cmd__|_test$/g, '')
  const root = mkdtempSync(join(tmpdir(), 'cmd-'))
  try {
    const planned = rows.map((row: unknown, index) => {
      const { func, entry } = fieldsOf(row)
      const fields = fieldsOf(entry)
      const name = String(fields['note'] ?? fields['name'] ?? fields['$key'] ?? '')
      const plan = read(String(func), fields, capabilities)
      return { id: `${command}/${String(func)}#${index} ${name}`, plan, folder: join(root, String(index)) }
    })
    const runs = planned.flatMap(({ id, plan, folder }) => ('skip' in plan ? [] : [{ id, run: plan, folder }]))
    const done = runAll(runs)
    for (const { id, plan } of planned)
      if ('skip' in plan) report({ id, passed: false, skipped: true, reason: plan.skip })
    for (const [index, { id, run, folder }] of runs.entries()) {
      const ran = done[index] ?? { status: null, out: '', err: 'the run ended early' }
      const why = run.judge({ ...ran, all: ran.out + ran.err, folder })
      report(why === undefined ? { id, passed: true } : { id, passed: false, reason: why })
    }
  } finally {
    rmSync(root, { recursive: true })
  }
}

function runAll(
  runs: readonly { readonly run: CommandRun; readonly folder: string }[],
): readonly Pick<Ran, 'status' | 'out' | 'err'>[] {
  for (const { run, folder } of runs) {
    mkdirSync(folder, { recursive: true })
    for (const [path, text] of Object.entries(run.files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    for (const [path, files] of Object.entries(run.archives ?? {}))
      writeFileSync(
        join(folder, path),
        writeArchive(Object.entries(files).map(([name, text]) => ({ path: name, bytes: Buffer.from(text) }))),
      )
  }
  // The program itself brings what is built up to date.
  spawnSync(process.execPath, [bin, '--version'])
  const env = { ...process.env, NO_COLOR: '1' }
  const input = JSON.stringify(runs.map(({ run, folder }) => ({ folder, args: run.args })))
  const options = { encoding: 'utf8', env, input, maxBuffer: 1 << 28 } as const
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', batch, built], options)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

/** Capabilities files in place of those that OPA's tests make in Go. */
export class Capabilities {
  readonly #texts = new Map<string, string>()

  /** The text of a capabilities file; undefined where the table's expression is not understood. */
  text(expression: unknown): string | undefined {
    if (typeof expression === 'string') return expression
    const { $call: call, args } = fieldsOf(expression)
    if (!Array.isArray(args)) return undefined
    const names = JSON.stringify(args)
    const version = names.includes('ast.RegoV0') ? 0 : names.includes('ast.RegoV1') ? 1 : undefined
    if (version === undefined) return undefined
    if (call === 'ast.CapabilitiesForThisVersion') return this.#current(version, [])
    const without = call === 'capsWithoutFeat' && names.includes('ast.FeatureRegoV1"') ? ['rego_v1'] : undefined
    return without === undefined ? undefined : this.#current(version, without)
  }

  #current(version: 0 | 1, without: readonly string[]): string {
    const key = `${version} ${without.join(' ')}`
    const known = this.#texts.get(key)
    if (known !== undefined) return known
    const args = ['policy', 'capabilities', '--current', ...(version === 0 ? ['--v0-compatible'] : [])]
    const { stdout } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', maxBuffer: 1 << 26 })
    const all = fieldsOf(JSON.parse(stdout))
    const features = [all['features']].flat().filter((one) => !without.includes(String(one)))
    const text = JSON.stringify({ ...all, features })
    this.#texts.set(key, text)
    return text
  }
}

/** The capabilities that a row names, as a file and a flag; undefined where they cannot be had. */
export function capabilitiesOf(
  row: Fields,
  capabilities: Capabilities,
): { readonly files: Files; readonly args: readonly string[] } | undefined {
  const said = row['capabilities'] ?? row['caps']
  if (said === undefined) return { files: {}, args: [] }
  const text = capabilities.text(said)
  return text === undefined ? undefined : { files: { 'caps.json': text }, args: ['--capabilities', 'caps.json'] }
}

/** The flags of the version of Rego that a row names. */
export function versionFlags(row: Fields): readonly string[] {
  return [
    ...(row['v0Compatible'] === true ? ['--v0-compatible'] : []),
    ...(row['v1Compatible'] === true ? ['--v1-compatible'] : []),
  ]
}

/** Errors that are wanted, without where the file lies: ours are shown with columns. */
export function errorsOf(row: Fields): string[] {
  const names = ['expErrs', 'expErr', 'err', 'expectedErrs', 'expectedErr', 'expectedErrOutput']
  return names
    .flatMap((name) => row[name])
    .filter((one) => typeof one === 'string')
    .flatMap((one) => one.split('\n'))
    .filter((one) => one.trim() !== '' && !/^\d+ errors? occurred/.test(one) && !one.endsWith('errors occurred:'))
    .map((one) => one.replaceAll('%ROOT%/', ''))
}

/** Tells of the first error that is not shown. */
export function missing(errors: readonly string[], shown: string): Verdict {
  const plain = shown.replaceAll(/^([^\s:]+):(\d+):\d+: /gm, '$1:$2: ')
  const absent = errors.find((one) => !plain.includes(one))
  return absent === undefined ? undefined : `not shown: ${absent}; shown: ${plain.slice(0, 300)}`
}

/** Wants an exit code. */
export function exits(ran: Ran, wanted: (status: number | null) => boolean): Verdict {
  return wanted(ran.status) ? undefined : `exit code ${ran.status}: ${ran.all.slice(0, 300)}`
}

/** Wants errors where the row has some, and success where it has none. */
export function failsAsWanted(ran: Ran, errors: readonly string[]): Verdict {
  return exits(ran, (status) => (status === 0) === (errors.length === 0)) ?? missing(errors, ran.all)
}

/** The texts of a row's files; undefined where one is an expression in Go. */
export function textsOf(value: unknown): Files | undefined {
  const given: readonly unknown[] = Array.isArray(value) ? value : Object.entries(fieldsOf(value))
  const texts: { [path: string]: string } = {}
  for (const pair of given) {
    const [path, text]: readonly unknown[] = Array.isArray(pair) ? pair : []
    if (typeof path !== 'string' || typeof text !== 'string' || path.startsWith('$')) return undefined
    texts[path.replace(/^\//, '')] = text
  }
  return Object.keys(texts).length === 0 ? undefined : texts
}

/** The fields of an object; none for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {}
}
