// The rows of cmd/check.
import { capabilitiesOf, errorsOf, failsAsWanted, type RowReader, textsOf, versionFlags } from '../command-rows.ts'

/** Reads a row. */
export const checkRow: RowReader = (func, row, capabilities) => {
  const { policy } = row
  const files = typeof policy === 'string' ? { 'test.rego': policy } : textsOf(row['files'])
  if (files === undefined) return { skip: 'names a flag for the rows around it, and no files' }
  const caps = capabilitiesOf(row, capabilities)
  if (caps === undefined) return { skip: 'the capabilities are made by Go code' }
  const errors = errorsOf(row)
  const v0 = func === 'TestCheckRespectsCapabilities' ? ['--v0-compatible'] : versionFlags(row)
  const both = func === 'TestCheckRegoV1' ? ['--v0-v1'] : []
  return {
    files: { ...files, ...caps.files },
    args: ['check', ...v0, ...both, ...caps.args, '.'],
    judge: (ran) => failsAsWanted(ran, errors),
  }
}
