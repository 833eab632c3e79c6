// The rows of cmd/inspect.
import { isDeepStrictEqual } from 'node:util'
import { errorsOf, exits, failsAsWanted, fieldsOf, type RowReader, textsOf, versionFlags } from '../command-rows.ts'

/** Reads a row. */
export const inspectRow: RowReader = (func, row) => {
  const { module } = row
  const files = typeof module === 'string' ? { 'policy.rego': module } : textsOf(row['files'])
  if (files === undefined) return { skip: 'names a flag for the rows around it, and no files' }
  const errors = errorsOf(row)
  const wanted = row['expected']
  return {
    files: {},
    archives: { 'bundle.tar.gz': files },
    args: ['inspect', '-f', 'json', ...versionFlags(row), 'bundle.tar.gz'],
    judge: (ran) => {
      if (func !== 'TestUnknownRefs' || typeof wanted !== 'string') return failsAsWanted(ran, errors)
      const failed = exits(ran, (status) => status === 0)
      if (failed !== undefined) return failed
      // What is shown beyond OPA's fields is our own.
      const shown = fieldsOf(JSON.parse(ran.out))
      const all = fieldsOf(JSON.parse(wanted))
      const other = Object.keys(all).find((key) => !isDeepStrictEqual(shown[key], all[key]))
      return other === undefined
        ? undefined
        : `${other}: wanted ${JSON.stringify(all[other])}, got ${JSON.stringify(shown[other])}`
    },
  }
}
