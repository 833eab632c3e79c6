// Verifies a bundle's files against its `.signatures.json`. A configured key makes the signature mandatory.
import { compactVerify } from 'jose'
import { BundleError } from '../format/error.ts'
import type { BundleFile } from '../format/tar.ts'
import { type FileDigest, fileDigest, weakHashes } from './digest.ts'
import { matchesFilePattern } from './file-pattern.ts'
import { type KeyConfig, verificationKeys } from './keys.ts'
import { signaturesFile } from './sign.ts'

/** How bundles are verified. Without keys, a bundle that carries a signature is refused: nobody could check it. */
export interface Verification {
  readonly keys: ReadonlyMap<string, KeyConfig>
  /** The key that must have signed; empty leaves the choice to the token's key id, among the configured keys. */
  readonly keyId: string
  readonly scope: string
  /** `filepath.Match` patterns of files that need no signature. */
  readonly excludeFiles: readonly string[]
  /** Accept MD5 and SHA-1 file hashes, as OPA does. */
  readonly allowWeakHashes: boolean
}

/** What a verified signature says about the bundle as a whole. */
export interface SignedClaims {
  readonly keyId: string
  readonly issuedAtMs: number | undefined
  readonly expiresAtMs: number | undefined
  readonly claims: { readonly [name: string]: unknown }
}

const signatureBytesMax = 16 * 1024 * 1024

/**
 * Checks every file against the signature. Answers what was signed, or undefined for an unsigned bundle where no
 * key is configured. Throws BundleError otherwise.
 */
export async function verifyFiles(
  files: readonly BundleFile[],
  verification: Verification | undefined,
  nowMs: number,
  digest: FileDigest = (...of) => Promise.resolve().then(() => fileDigest(...of)),
): Promise<SignedClaims | undefined> {
  const signatures = files.find((file) => file.path === signaturesFile)
  if (signatures === undefined) {
    if (verification === undefined) return undefined
    throw new BundleError('signature_missing', 'bundle missing .signatures.json file')
  }
  const token = readToken(signatures.bytes, verification)
  if (verification === undefined) throw new BundleError('key_missing', 'verification key not provided')
  const { keyId, key } = chooseKey(token, verification, nowMs)
  const payload = await verifyToken(token, key)
  const wantedScope = verification.scope === '' ? (key.scope ?? '') : verification.scope
  const scope = payload['scope'] ?? ''
  if (scope !== wantedScope) throw new BundleError('scope_mismatch', 'scope mismatch')
  await checkFiles(files, readListed(payload['files']), verification, digest)
  return {
    keyId,
    issuedAtMs: seconds(payload['iat'], 'iat'),
    expiresAtMs: seconds(payload['exp'], 'exp'),
    claims: payload,
  }
}

function readToken(bytes: Uint8Array, verification: Verification | undefined): string {
  if (bytes.length > signatureBytesMax)
    throw new BundleError('bad_signatures', `${signaturesFile} is larger than ${signatureBytesMax} bytes`)
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new BundleError('bad_signatures', `${signaturesFile} is not JSON`, { cause })
  }
  if (verification === undefined) throw new BundleError('key_missing', 'verification key not provided')
  const list = fieldsOf(value, signaturesFile)['signatures']
  if (!Array.isArray(list) || list.length === 0)
    throw new BundleError('bad_signatures', `${signaturesFile}: missing JWT (expected exactly one)`)
  if (list.length > 1)
    throw new BundleError('bad_signatures', `${signaturesFile}: multiple JWTs not supported (expected exactly one)`)
  const [token]: unknown[] = list
  if (typeof token !== 'string')
    throw new BundleError('bad_signatures', `${signaturesFile}: the signature is not a text`)
  return token
}

function chooseKey(
  token: string,
  verification: Verification,
  nowMs: number,
): { readonly keyId: string; readonly key: KeyConfig } {
  const parts = token.split('.')
  const [header = '', body = ''] = parts
  if (parts.length !== 3)
    throw new BundleError('signature_invalid', 'the signature is not a compact JWS of three parts')
  const named = verification.keyId || idIn(header, 'kid') || idIn(body, 'keyid')
  if (named === '') throw new BundleError('key_missing', 'verification key ID is empty')
  const key = verification.keys.get(named)
  if (key === undefined)
    throw new BundleError('key_unknown', `verification key corresponding to ID ${named.slice(0, 80)} not found`)
  if (
    (key.notBeforeMs !== undefined && nowMs < key.notBeforeMs) ||
    (key.notAfterMs !== undefined && nowMs > key.notAfterMs)
  ) {
    throw new BundleError('key_invalid', `verification key ${named.slice(0, 80)} is outside its time of use`)
  }
  return { keyId: named, key }
}

/** A text field of a base64url JSON part that is not verified yet; only used to look up a configured key. */
function idIn(part: string, field: string): string {
  try {
    const value = fieldsOf(JSON.parse(Buffer.from(part, 'base64url').toString('utf8')), 'token')[field]
    return typeof value === 'string' ? value : ''
  } catch (cause) {
    throw new BundleError('signature_invalid', 'a part of the signature is not base64url JSON', { cause })
  }
}

async function verifyToken(token: string, key: KeyConfig): Promise<{ readonly [name: string]: unknown }> {
  let payload: Uint8Array | undefined
  let cause: unknown
  for (const candidate of verificationKeys(key)) {
    try {
      payload ??= (await compactVerify(token, candidate, { algorithms: [key.algorithm] })).payload
    } catch (error) {
      cause = error
    }
  }
  if (payload === undefined) {
    throw new BundleError(
      'signature_invalid',
      'failed to verify the bundle signature with the configured key and algorithm',
      { cause },
    )
  }
  try {
    return fieldsOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload)), 'payload')
  } catch (cause) {
    throw new BundleError('bad_signatures', 'the signed payload is not a JSON object', { cause })
  }
}

interface Listed {
  readonly hash: string
  readonly algorithm: string
}

function readListed(value: unknown): Map<string, Listed> {
  if (!Array.isArray(value)) throw new BundleError('bad_signatures', 'the signed payload lists no files')
  const listed = new Map<string, Listed>()
  for (const item of value) {
    const { name, hash, algorithm } = fieldsOf(item, 'files')
    if (typeof name !== 'string' || typeof hash !== 'string')
      throw new BundleError('bad_signatures', 'a signed file has no name or no hash')
    const path = name.startsWith('/') ? name.slice(1) : name
    if (listed.has(path)) throw new BundleError('bad_signatures', `${path.slice(0, 128)} is signed twice`)
    listed.set(path, { hash, algorithm: typeof algorithm === 'string' ? algorithm : '' })
  }
  return listed
}

async function checkFiles(
  files: readonly BundleFile[],
  listed: Map<string, Listed>,
  verification: Verification,
  digest: FileDigest,
): Promise<void> {
  for (const file of files) {
    if (file.path === signaturesFile) continue
    if (verification.excludeFiles.some((pattern) => matchesFilePattern(pattern, file.path))) {
      listed.delete(file.path)
      continue
    }
    const wanted = listed.get(file.path)
    if (wanted === undefined)
      throw new BundleError('file_not_signed', `file ${file.path} not included in bundle signature`)
    if (weakHashes.has(wanted.algorithm) && !verification.allowWeakHashes) {
      throw new BundleError(
        'bad_signatures',
        `${file.path}: hashing algorithm ${wanted.algorithm} is too weak to trust`,
      )
    }
    const got = await digest(file.path, file.bytes, wanted.algorithm)
    if (got !== wanted.hash.toLowerCase())
      throw new BundleError(
        'digest_mismatch',
        `${file.path}: digest mismatch (want: ${wanted.hash.slice(0, 128)}, got: ${got})`,
      )
    listed.delete(file.path)
  }
  const missing = [...listed.keys()].filter(
    (path) => !verification.excludeFiles.some((pattern) => matchesFilePattern(pattern, path)),
  )
  if (missing.length > 0) {
    throw new BundleError(
      'file_missing',
      `file(s) [${missing.slice(0, 10).join(' ')}] specified in bundle signatures but not found in the target bundle`,
    )
  }
}

function seconds(value: unknown, claim: string): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw new BundleError('bad_signatures', `the signed \`${claim}\` is no number`)
  return value * 1000
}

function fieldsOf(value: unknown, where: string): { readonly [name: string]: unknown } {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new BundleError('bad_signatures', `${where} is not a JSON object`)
  return Object.fromEntries(Object.entries(value))
}
