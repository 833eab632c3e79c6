// OPA's tables of bundles: what may be read, which roots hold what, what is hashed, signed and excluded. A row that names
// a Go variable, or asks for Go's own types, cannot run without Go and is counted apart.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BundleError, type BundleFile, insideRoots, readBundle, rootsOverlap } from '../../../bundles/format/index.ts'
import { matchesFilePattern, type Verification, verifyFiles } from '../../../bundles/signing/index.ts'
import { compose, packageOfModule } from '../../../bundles/store/index.ts'
import { compileModules } from '../../../rego/compile/index.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

/** Tables below go-tables/ whose rows are looked at. */
const tables = ['bundle', 'bundle_ext', 'file', 'hash', 'keys', 'verify', 'store'].map(
  (one) => `v1__bundle__${one}_test`,
)

/** v1/bundle by our format, signing and composition. */
export const suites: readonly Suite[] = [
  {
    suite: 'bundles',
    engine: 'format',
    gate: 1,
    needs: 'go-tables/v1__bundle__bundle_test.json',
    run: (dataDir, report) => runAll(dataDir, report),
  },
]

interface Fields {
  readonly [name: string]: unknown
}

/** Undefined when the row passes; else what differs. */
type Verdict = string | undefined
type Runner = (row: Fields) => Verdict | Promise<Verdict>

async function runAll(dataDir: string, report: (outcome: CaseOutcome) => void): Promise<void> {
  for (const table of tables) {
    const document: unknown = JSON.parse(readFileSync(join(dataDir, `go-tables/${table}.json`), 'utf8'))
    const rows = fieldsOf(document)['entries']
    if (!Array.isArray(rows)) throw new TypeError(`${table} has no entries`)
    for (const [index, row] of rows.entries()) {
      const { func, entry } = fieldsOf(row)
      const fields = fieldsOf(entry)
      const id = `${table}/${String(func)}#${index} ${String(fields['note'] ?? fields['$key'] ?? '')}`
      const run = runners[String(func)]
      const why = run === undefined ? "the row is of Go's own types or of OPA's store" : goIn(fields)
      if (run === undefined || why !== undefined)
        report({ id, passed: false, skipped: true, ...(why === undefined ? {} : { reason: why }) })
      else {
        const reason = await run(fields)
        report(reason === undefined ? { id, passed: true } : { id, passed: false, reason })
      }
    }
  }
}

const runners: { readonly [func: string]: Runner | undefined } = {
  TestRootPathsContain: ({ roots, path, want }) => {
    const holds = insideRoots(
      textsOf(roots),
      String(path)
        .split('/')
        .filter((part) => part !== ''),
    )
    return holds === want ? undefined : `wanted ${String(want)}, got ${holds}`
  },
  TestRootPathsOverlap: ({ rootA, rootB, expected }) => {
    const overlap = rootsOverlap(String(rootA), String(rootB))
    return overlap === expected ? undefined : `wanted ${String(expected)}, got ${overlap}`
  },
  TestIsFileExcluded: ({ file, pattern, exp }) => {
    const excluded = textsOf(pattern).some((one) => matchesFilePattern(one, String(file)))
    return excluded === exp ? undefined : `wanted ${String(exp)}, got ${excluded}`
  },
  TestReadRootValidation: (row) => outcomeOf(row['files'], String(row['err'] ?? '')),
  TestReadErrorBadContents: (row) => (messageOf(row['files']) === undefined ? 'wanted an error' : undefined),
  TestReadRejectsDuplicateManifests: (row) => (messageOf(row['files']) === undefined ? 'wanted an error' : undefined),
  TestReadWithPatchPersistProperty: (row) => outcomeOf(row['files'], String(row['err'] ?? '')),
  TestRead_DefaultRegoVersion: ({ module, expErrs }) => {
    const { diagnostics } = compileModules([{ file: 'test.rego', text: String(module), regoVersion: 1 }])
    const got = diagnostics.map(
      ({ code, location, message }) => `${location.file}:${location.row}: ${code}: ${message}`,
    )
    const missing = textsOf(expErrs ?? []).filter((wanted) => !got.includes(wanted))
    if (missing.length > 0) return `no ${missing.join(' | ')} in ${got.join(' | ')}`
    return expErrs === undefined && got.length > 0 ? got.join(' | ') : undefined
  },
  TestReadWithSignatures: async ({ v }) => signatureOutcome(v),
  TestVerifyBundleFile: async ({ v }) => {
    const [files, signed, , error] = arrayOf(v)
    // Rows say what a verified token holds; with none of it the file is not in the signature.
    const message = await refusalOf(() => verifyFiles(filesOf(files), undefinedKeys, 0))
    const wanted = errorText(error)
    if (fieldsOf(signed)['/.manifest'] !== undefined) return message === undefined ? `wanted ${wanted}` : undefined
    return message === undefined ? `wanted ${wanted}` : undefined
  },
  TestHasRootsOverlap: ({ storeRoots, newBundleRoots, expectedError }) => {
    const all = { ...fieldsOf(storeRoots), ...fieldsOf(newBundleRoots) }
    const named = Object.entries(all).filter(([name]) => !name.startsWith('$'))
    const bundles = named.map(([name, roots]) => ({
      name,
      bundle: readBundle([manifestOf({ roots: roots ?? [''] })], packageOfModule),
    }))
    const wanted = expectedError !== undefined
    try {
      compose(bundles)
      return wanted ? 'wanted an overlap' : undefined
    } catch (error) {
      return wanted ? undefined : String(error)
    }
  },
}

const undefinedKeys: Verification = { keys: new Map(), keyId: '', scope: '', excludeFiles: [], allowWeakHashes: true }

async function signatureOutcome(v: unknown): Promise<Verdict> {
  const [files, config, , error] = arrayOf(v)
  const verification = config === null ? undefined : undefinedKeys
  const message = await refusalOf(() => verifyFiles(filesOf(files), verification, 0))
  return message === undefined ? `wanted ${errorText(error)}` : undefined
}

async function refusalOf(run: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await run()
    return undefined
  } catch (error) {
    if (error instanceof BundleError) return error.message
    throw error
  }
}

/** What is wrong with the files, or undefined. */
function messageOf(files: unknown): string | undefined {
  try {
    const bundle = readBundle(filesOf(files), packageOfModule)
    const { diagnostics } = compileModules(
      bundle.modules.map(({ path, text }) => ({ file: path, text, regoVersion: 1 as const })),
    )
    return diagnostics[0]?.message
  } catch (error) {
    if (error instanceof BundleError) return error.message
    throw error
  }
}

function outcomeOf(files: unknown, wanted: string): Verdict {
  const got = messageOf(files) ?? ''
  // OPA keeps the leading slash of a file's name.
  return got === wanted || got === wanted.replaceAll("'/", "'")
    ? undefined
    : `wanted ${wanted || 'no error'}, got ${got || 'none'}`
}

function filesOf(value: unknown): readonly BundleFile[] {
  return arrayOf(value).map((pair) => {
    const [path, text] = arrayOf(pair)
    return { path: String(path).replace(/^\//, ''), bytes: Buffer.from(String(text)) }
  })
}

function manifestOf(manifest: object): BundleFile {
  return { path: '.manifest', bytes: Buffer.from(JSON.stringify(manifest)) }
}

function errorText(error: unknown): string {
  return String(arrayOf(fieldsOf(error)['args'])[0] ?? 'an error')
}

/** What of Go a row needs, if anything. `errors.New` of a literal and an empty configuration are plain data. */
function goIn(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.map(goIn).find((why) => why !== undefined)
  if (typeof value !== 'object' || value === null) return undefined
  const fields = fieldsOf(value)
  const id = fields['$id'] ?? fields['$sel'] ?? fields['$op'] ?? fields['$func'] ?? fields['$idx']
  if (id !== undefined) return `the row names \`${JSON.stringify(id)}\` of Go`
  const call = fields['$call']
  if (call !== undefined && call !== 'errors.New' && call !== 'NewVerificationConfig')
    return `the row calls \`${JSON.stringify(call)}\` of Go`
  return Object.values(fields)
    .map(goIn)
    .find((why) => why !== undefined)
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function textsOf(value: unknown): readonly string[] {
  return arrayOf(value).map(String)
}
