// The rows of cmd/eval.
import {
  type CommandRun,
  capabilitiesOf,
  errorsOf,
  exits,
  type Fields,
  type Files,
  failsAsWanted,
  fieldsOf,
  missing,
  type Ran,
  type RowPlan,
  type RowReader,
  textsOf,
  type Verdict,
  versionFlags,
} from '../command-rows.ts'

const partial = 'asks for partial evaluation, which is not here'
const flagOnly = 'names a flag for the rows around it, and no files'

const readers: { readonly [func: string]: RowReader } = {
  TestEvalWithIllegalUnknownArgs: () => ({ skip: partial }),
  TestEvalPartialFormattedOutput: () => ({ skip: partial }),
  TestEvalPartialOutput_RegoVersion: () => ({ skip: partial }),
  TestEvalWithCoverageRuns: () => ({ skip: 'the module that is covered is in Go' }),
  TestEvalWithReadASTValuesFromStore: () => ({ skip: 'chooses how the store of OPA keeps values' }),
  TestEvalExitCode: (_, row) => {
    const query = String(row['query'])
    return {
      files: {},
      args: ['eval', '--fail', query],
      judge: (ran) =>
        exits(ran, (status) =>
          row['wantErr'] === true ? status === 2 : status === (row['wantDefined'] === true ? 0 : 1),
        ),
    }
  },
  TestEvalWithRecursiveJSONSchema: (_, row) => ({
    files: { 'p.rego': text(row, 'policy'), 'schema.json': text(row, 'schema'), 'input.json': text(row, 'input') },
    args: ['eval', '-d', 'p.rego', '-s', 'schema.json', '-i', 'input.json', text(row, 'query')],
    judge: (ran) => failsAsWanted(ran, row['expTypeErr'] === true ? ['rego_type_error'] : []),
  }),
  TestEvalPrettyTrace: (_, row) => prettyTrace(row),
  TestEvalDiscardOutput: (_, row) => discard(row),
  TestPolicyWithStrictFlag: (_, row) => strict(row, ['-d', 'test.rego']),
  TestBundleWithStrictFlag: (_, row) => strict(row, ['-b', '.']),
  TestWithQueryImports: (_, row) => ({
    files: {},
    args: ['eval', '-f', 'pretty', ...versionFlags(row), ...imports(row), text(row, 'query')],
    judge: (ran) => {
      const wanted = row['exp']
      if (typeof wanted !== 'string') return failsAsWanted(ran, errorsOf(row))
      return ran.out === wanted ? undefined : `wanted ${wanted}, got ${ran.all}`
    },
  }),
}

/** Reads a row. */
export const evalRow: RowReader = (func, row, capabilities) => {
  const reader = readers[func]
  if (reader !== undefined) return reader(func, row, capabilities)
  const files = textsOf(row['modules'] ?? row['files'])
  if (files === undefined) return { skip: flagOnly }
  const caps = capabilitiesOf(row, capabilities)
  if (caps === undefined) return { skip: 'the capabilities are made by Go code' }
  return loaded(row, files, caps)
}

/** A query over files, or over a bundle where they have a manifest. */
function loaded(row: Fields, files: Files, caps: { readonly files: Files; readonly args: readonly string[] }): RowPlan {
  const errors = errorsOf(row)
  const query = typeof row['query'] === 'string' ? row['query'] : 'data.test.allow'
  const paths = files['.manifest'] === undefined ? Object.keys(files).flatMap((path) => ['-d', path]) : ['-b', '.']
  return {
    files: { ...files, ...(paths[0] === '-b' ? {} : caps.files) },
    args: ['eval', ...versionFlags(row), ...caps.args, ...paths, query],
    judge: (ran) => failsAsJson(ran, errors),
  }
}

/** What `eval` prints as JSON: an error for each that is wanted, or a result. */
function failsAsJson(ran: Ran, errors: readonly string[]): Verdict {
  const shown = fieldsOf(JSON.parse(ran.out === '' ? '{}' : ran.out))
  const listed = [shown['errors'] ?? []].flat().map((one) => {
    const { code, message, location } = fieldsOf(one)
    const { file = '', row } = fieldsOf(location)
    return `${String(file)}:${String(row)}: ${String(code)}: ${String(message)}`
  })
  if (errors.length === 0)
    return exits(ran, (status) => status === 0) ?? (shown['result'] === undefined ? `no result: ${ran.all}` : undefined)
  return exits(ran, (status) => status === 2) ?? missing(errors, `${listed.join('\n')}\n${ran.err}`)
}

function strict(row: Fields, paths: readonly string[]): CommandRun {
  return {
    files: { 'test.rego': text(row, 'policy') },
    args: ['eval', '-S', ...versionFlags(row), ...paths, text(row, 'query')],
    judge: (ran) => {
      const { expectedCode, expectedMessage } = row
      if (expectedCode === undefined) return exits(ran, (status) => status === 0)
      const errors = [fieldsOf(JSON.parse(ran.out))['errors'] ?? []].flat().map(fieldsOf)
      const found = errors.some(({ code, message }) => code === expectedCode && message === expectedMessage)
      return found ? undefined : `wanted ${String(expectedMessage)}, got ${ran.all.slice(0, 300)}`
    },
  }
}

/** The flags are in the row's name: errors of built-ins are shown, or not. */
function discard(row: Fields): CommandRun {
  const shows = String(row['$key']).includes('show built-in-errors')
  return {
    files: {},
    args: ['eval', '-f', 'discard', ...(shows ? ['--show-builtin-errors'] : []), text(row, 'query')],
    judge: (ran) => {
      const same =
        JSON.stringify(ordered(JSON.parse(ran.out))) === JSON.stringify(ordered(JSON.parse(text(row, 'expected'))))
      return same ? undefined : `wanted ${text(row, 'expected')}, got ${ran.out}`
    },
  }
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, item]): [string, unknown] => [key, ordered(item)])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function prettyTrace(row: Fields): RowPlan {
  const files = textsOf(row['files'])
  if (files === undefined) return { skip: flagOnly }
  const data = Object.keys(files).filter((path) => path !== 'input.json')
  const input = files['input.json'] === undefined ? [] : ['-i', 'input.json']
  const vars = row['includeVars'] === true ? ['--var-values'] : []
  return {
    files,
    args: [
      'eval',
      '-f',
      'pretty',
      '--explain',
      'full',
      ...vars,
      ...data.flatMap((path) => ['-d', path]),
      ...input,
      text(row, 'query'),
    ],
    judge: (ran) => sameLines(text(row, 'expected'), ran.out),
  }
}

/** Compares line by line; `%.*%` stands for anything, `%SKIP_LINE%` for a whole line. */
function sameLines(wanted: string, got: string): Verdict {
  const lines = got.split('\n')
  const all = wanted.split('\n')
  const at = all.findIndex((line, index) => {
    if (line === '%SKIP_LINE%') return false
    const here = lines[index]
    if (here === undefined) return true
    let from = 0
    return line.split('%.*%').some((part, nth) => {
      const found = here.indexOf(part, from)
      from = found + part.length
      return found < 0 || (nth === 0 && found !== 0)
    })
  })
  return at < 0 && lines.length === all.length
    ? undefined
    : `line ${at + 1}: wanted ${all[at] ?? 'no more'}, got ${lines[at] ?? 'no more'}`
}

function imports(row: Fields): readonly string[] {
  return [row['imports'] ?? []].flat().flatMap((one) => ['--import', String(one)])
}

function text(row: Fields, name: string): string {
  const value = row[name]
  return typeof value === 'string' ? value : ''
}
