// The rows of cmd/fmt.
import { errorsOf, fieldsOf, missing, type RowReader } from '../command-rows.ts'

/** Reads a row. */
export const fmtRow: RowReader = (func, row) => {
  const input = row['input'] ?? row['unformatted']
  const wanted = row['expected'] ?? row['formatted']
  const errors = errorsOf(row).filter((one) => one.includes('rego_'))
  if (typeof input !== 'string' || (typeof wanted !== 'string' && errors.length === 0))
    return { skip: 'the text is a Go variable' }
  const params = fieldsOf(row['params'])
  if (params['$call'] !== undefined) return { skip: 'the flags are made by Go code' }
  const args = ['fmt']
  if (func === 'TestFmtRegoV1') args.push('--rego-v1')
  if (row['v1Compatible'] === true) args.push('--v1-compatible')
  if (params['v0Compatible'] === true) args.push('--v0-compatible')
  if (row['dropV0Imports'] === true) args.push('--drop-v0-imports')
  return {
    files: { 'policy.rego': input },
    args: [...args, 'policy.rego'],
    judge: (ran) => {
      if (errors.length > 0) return ran.status === 0 ? 'exit code 0' : missing(errors, ran.all)
      return ran.out === wanted
        ? undefined
        : `wanted ${JSON.stringify(wanted)}, got ${JSON.stringify(ran.out || ran.all)}`
    },
  }
}
