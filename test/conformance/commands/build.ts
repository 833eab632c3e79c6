// The rows of cmd/build.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { gunzipSync } from 'node:zlib'
import {
  capabilitiesOf,
  errorsOf,
  exits,
  type Fields,
  failsAsWanted,
  fieldsOf,
  type Ran,
  type RowPlan,
  type RowReader,
  textsOf,
  type Verdict,
  versionFlags,
} from '../command-rows.ts'

const readers: { readonly [func: string]: RowReader } = {
  TestBuildSigningConfigError: () => ({ skip: 'signing plugins are Go code' }),
  TestBuildRespectsCapabilities: (_, row, capabilities) => {
    const caps = capabilitiesOf(row, capabilities)
    const { policy, err } = row
    if (caps === undefined || typeof policy !== 'string') return { skip: 'the capabilities are made by Go code' }
    return {
      files: { 'p/test.rego': policy, ...caps.files },
      args: ['build', '--v0-compatible', ...caps.args, 'p'],
      judge: (ran) => failsAsWanted(ran, typeof err === 'string' ? [err] : []),
    }
  },
  TestBuildPlanWithRegoEntrypointAnnotations: (_, row) => {
    const files = textsOf(row['files']) ?? {}
    const { args } = fieldsOf(row['err'])
    return {
      files: within('p', files),
      args: ['build', '-t', 'plan', ...versionFlags(row), 'p'],
      judge: (ran) => exits(ran, (status) => (status === 0) === (args === undefined)),
    }
  },
  TestBuildWasmWithAnnotations: (_, row) => {
    const files = textsOf(row['files']) ?? {}
    const entrypoints = [row['entrypoints'] ?? []].flat().flatMap((one) => ['-e', String(one)])
    return {
      files: within('p', files),
      args: ['build', '-t', 'wasm', ...entrypoints, 'p'],
      judge: (ran) => manifestIs(ran, String(row['manifest']).replaceAll('%REGO_VERSION%', '1')),
    }
  },
  TestBuildOptimizedLevel2: () => ({ skip: optimized }),
  TestBuildOptimizedWithRegoVersion: () => ({ skip: optimized }),
  TestBuildManifestWarning: (_, row) => {
    const files = textsOf(row['files'])
    const paths = [row['buildArgs'] ?? []].flat().map(String)
    if (files === undefined) return { skip: 'the row is Go code' }
    const key = String(row['$key'])
    return {
      files,
      args: ['build', ...paths],
      judge: (ran) =>
        exits(ran, (status) => status === 0) ??
        (ran.err.toLowerCase().includes('warning') === key.startsWith('warns')
          ? undefined
          : `on standard error: ${ran.err}`),
    }
  },
  TestBuildBundleModeWithManifestRegoVersion: (_, row, capabilities) => {
    const files = textsOf(
      fieldsOf(row['files'])['capabilities.json'] === undefined ? row['files'] : withoutCapabilities(row),
    )
    const caps = capabilitiesOf(row, capabilities)
    if (files === undefined || caps === undefined) return { skip: 'the capabilities are made by Go code' }
    const roots = [row['roots'] ?? ['']].flat().map((root) => join('root', String(root)))
    const wanted = row['expManifest']
    return {
      files: { ...within('root', files), ...caps.files },
      args: ['build', '-b', ...versionFlags(row), ...caps.args, ...roots],
      judge: (ran) =>
        typeof wanted === 'string'
          ? manifestIs(ran, wanted.replaceAll('%ROOT%', '/root'))
          : failsAsWanted(ran, errorsOf(row)),
    }
  },
  TestBuildBundleFromOtherBundles: (_, row, capabilities) => {
    const caps = capabilitiesOf(row, capabilities)
    const bundles = Object.entries(fieldsOf(row['bundles'])).map(
      ([path, files]) => [path, textsOf(files) ?? {}] as const,
    )
    if (caps === undefined) return { skip: 'the capabilities are made by Go code' }
    const wanted = Object.entries(fieldsOf(row['expBundle'])).filter(([path]) => path !== '$t')
    const errors = errorsOf(row)
    return {
      files: caps.files,
      archives: Object.fromEntries(bundles),
      args: ['build', '-b', ...versionFlags(row), ...caps.args, ...bundles.map(([path]) => path)],
      judge: (ran) => {
        if (wanted.length === 0) return failsAsWanted(ran, errors)
        const files = new Map(wanted.map(([path, text]) => [plainPath(path), plainText(String(text))]))
        return filesAre(ran, files, true)
      },
    }
  },
}

const optimized = 'asks for partial evaluation (`-O`), which is not here'

function withoutCapabilities(row: Fields): Fields {
  return Object.fromEntries(Object.entries(fieldsOf(row['files'])).filter(([path]) => path !== 'capabilities.json'))
}

/** Reads a row. */
export const buildRow: RowReader = (func, row, capabilities): RowPlan => {
  const reader = readers[func]
  if (row['$key'] === '$v') return { skip: 'the row is Go code' }
  if (reader !== undefined) return reader(func, row, capabilities)
  const files = textsOf(row['files'])
  const caps = capabilitiesOf(row, capabilities)
  if (files === undefined || caps === undefined) return { skip: 'the capabilities are made by Go code' }
  const wanted = textsOf(row['expFiles'] ?? row['expectedFiles'])
  const errors = errorsOf(row)
  return {
    files: { ...within('p', files), ...caps.files },
    args: ['build', ...versionFlags(row), ...caps.args, 'p'],
    judge: (ran) =>
      wanted === undefined ? failsAsWanted(ran, errors) : filesAre(ran, new Map(Object.entries(wanted)), false),
  }
}

function within(folder: string, files: { readonly [path: string]: string }): { readonly [path: string]: string } {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [join(folder, path), text]))
}

function plainPath(path: string): string {
  return path.replace('%ROOT%', '').replace(/^\//, '')
}

function plainText(text: string): string {
  return text.replaceAll('%ROOT%', '').replaceAll('%DEFAULT_REGO_VERSION%', '1')
}

function manifestIs(ran: Ran, wanted: string): Verdict {
  const found = archived(ran)
  if (typeof found === 'string') return found
  const text = found.get('.manifest') ?? '{}'
  return isDeepStrictEqual(JSON.parse(text), JSON.parse(wanted)) ? undefined : `wanted ${wanted}, got ${text}`
}

/** Whether the bundle has these files; `exactly` allows no others. */
function filesAre(ran: Ran, wanted: ReadonlyMap<string, string>, exactly: boolean): Verdict {
  const found = archived(ran)
  if (typeof found === 'string') return found
  for (const [path, text] of wanted) {
    const got = found.get(path)
    const same =
      path === '.manifest' && got !== undefined ? isDeepStrictEqual(JSON.parse(got), JSON.parse(text)) : got === text
    if (!same)
      return `${path}: wanted ${JSON.stringify(text)}, got ${JSON.stringify(got)} of ${[...found.keys()].join(', ')}`
  }
  const more = exactly ? [...found.keys()].filter((path) => !wanted.has(path)) : []
  return more.length === 0 ? undefined : `not wanted: ${more.join(', ')}`
}

/** The files of the bundle that was built, by an own reader of tar. */
function archived(ran: Ran): ReadonlyMap<string, string> | string {
  const path = join(ran.folder, 'bundle.tar.gz')
  if (ran.status !== 0 || !existsSync(path)) return `exit code ${ran.status}: ${ran.all.slice(0, 300)}`
  const bytes = gunzipSync(readFileSync(path))
  const files = new Map<string, string>()
  for (let at = 0; at + 512 <= bytes.length; ) {
    const name = bytes
      .subarray(at, at + 100)
      .toString('utf8')
      .replaceAll('\0', '')
    if (name === '') break
    const size = Number.parseInt(bytes.subarray(at + 124, at + 135).toString('latin1'), 8)
    files.set(name.replace(/^\//, ''), bytes.subarray(at + 512, at + 512 + size).toString('utf8'))
    at += 512 + Math.ceil(size / 512) * 512
  }
  return files
}
