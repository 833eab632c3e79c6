// Makes `.signatures.json` for the files of a bundle, as `opa sign` does, with our freshness claims when asked.
import { CompactSign } from 'jose'
import type { BundleFile } from '../format/tar.ts'
import { fileDigest } from './digest.ts'
import { type KeyConfig, signingKey } from './keys.ts'

/** What else the signed payload says. Everything here is covered by the signature. */
export interface SigningClaims {
  readonly keyid?: string
  readonly scope?: string
  readonly iss?: string
  /** Seconds since 1970. */
  readonly iat?: number
  readonly exp?: number
  readonly [claim: string]: unknown
}

/** The name of the file that holds the signature. */
export const signaturesFile = '.signatures.json'

/** The bytes of `.signatures.json` for these files. The same input gives the same bytes where the algorithm is deterministic. */
export async function signFiles(
  files: readonly BundleFile[],
  key: KeyConfig,
  claims: SigningClaims,
): Promise<Uint8Array> {
  const listed = files
    .filter((file) => file.path !== signaturesFile)
    .map((file) => ({ name: file.path, hash: fileDigest(file.path, file.bytes, 'SHA-256'), algorithm: 'SHA-256' }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const payload = Buffer.from(JSON.stringify({ files: listed, ...claims }))
  const header = { alg: key.algorithm, ...(claims.keyid === undefined ? {} : { kid: claims.keyid }) }
  const token = await new CompactSign(payload).setProtectedHeader(header).sign(signingKey(key))
  return Buffer.from(`${JSON.stringify({ signatures: [token] })}\n`)
}
