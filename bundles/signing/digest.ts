// Hashes of bundle files, by the names that OPA's signatures use for them.
import { createHash } from 'node:crypto'
import { BundleError } from '../format/error.ts'
import { bytesToHash } from './canonical.ts'

const nodeNames: ReadonlyMap<string, string> = new Map([
  ['MD5', 'md5'],
  ['SHA-1', 'sha1'],
  ['SHA-224', 'sha224'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
  ['SHA-512-224', 'sha512-224'],
  ['SHA-512-256', 'sha512-256'],
])

/** Hash algorithms that can be forged today; signatures that rest on them are refused unless configured otherwise. */
export const weakHashes: ReadonlySet<string> = new Set(['MD5', 'SHA-1'])

/** What hashes files, perhaps elsewhere. Rejects with BundleError. */
export type FileDigest = (path: string, bytes: Uint8Array, algorithm: string) => Promise<string>

/** The hexadecimal hash of a bundle file. Throws BundleError for an algorithm nobody knows. */
export function fileDigest(path: string, bytes: Uint8Array, algorithm: string): string {
  if (algorithm === '') throw new BundleError('bad_signatures', 'no hashing algorithm provided for file')
  const name = nodeNames.get(algorithm)
  if (name === undefined)
    throw new BundleError('bad_signatures', `unsupported hashing algorithm: ${algorithm.slice(0, 40)}`)
  return createHash(name).update(bytesToHash(path, bytes)).digest('hex')
}
