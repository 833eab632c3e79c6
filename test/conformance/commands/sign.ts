// The rows of cmd/sign: which command lines are refused.
import { exits, fieldsOf, type RowReader } from '../command-rows.ts'

/** Reads a row: paths, flags, whether an error is wanted. */
export const signRow: RowReader = (_, row) => {
  const [paths, params, fails]: readonly unknown[] = Array.isArray(row['v']) ? row['v'] : []
  if (!Array.isArray(paths)) return { skip: 'the row is Go code' }
  const { key, bundleMode } = fieldsOf(params)
  const flags = [
    ...(key === undefined ? [] : ['--signing-key', key === '' ? '' : 'secret.txt']),
    ...(bundleMode === true ? ['--bundle'] : []),
  ]
  return {
    // Secrets are in files here, and never on a command line.
    files: { 'foo/a.rego': 'package a\n', 'secret.txt': String(key) },
    args: ['sign', '--signing-alg', 'HS256', ...flags, ...paths.map(String)],
    judge: (ran) => exits(ran, (status) => (status === 0) === (fails === false)),
  }
}
