// Keys named on a command line: a PEM file, or for HMAC a shared secret, in a file or as it is. The claims of signatures.
import { readFileSync } from 'node:fs'
import { BundleError, type BundleFile } from '../../bundles/format/index.ts'
import { isSigningAlgorithm, type KeyConfig, signFiles, type Verification } from '../../bundles/signing/index.ts'
import { type Options, UsageError } from './options.ts'
import { SourceError } from './sources.ts'

/** The flags that say how signatures are checked. */
export const verificationFlags: {
  readonly 'verification-key': { readonly type: 'string' }
  readonly 'verification-key-id': { readonly type: 'string' }
  readonly 'exclude-files-verify': { readonly type: 'string'; readonly multiple: true }
} = {
  'verification-key': { type: 'string' },
  'verification-key-id': { type: 'string' },
  'exclude-files-verify': { type: 'string', multiple: true },
}

/** Reads a key. Throws UsageError for an unknown algorithm, SourceError for a file that cannot be read. */
export function keyOf(path: string | boolean | undefined, algorithm: string | boolean | undefined): KeyConfig {
  const name = String(algorithm ?? 'RS256')
  if (!isSigningAlgorithm(name)) throw new UsageError(`there is no signing algorithm \`${name}\``)
  try {
    return { key: readFileSync(String(path), 'utf8'), algorithm: name }
  } catch {
    const hint = name.startsWith('HS') ? 'put the secret into a file and name that' : 'name the file of a PEM key'
    throw new SourceError(`the key \`${String(path)}\` cannot be read: ${hint}`)
  }
}

/** What signatures are checked against. Throws as keyOf does. */
export function verificationOf({ values, lists }: Options): Verification {
  const keyId = String(values['verification-key-id'] ?? 'default')
  return {
    keys: new Map([[keyId, keyOf(values['verification-key'], values['signing-alg'])]]),
    keyId,
    scope: String(values['scope'] ?? ''),
    excludeFiles: lists['exclude-files-verify'] ?? [],
    allowWeakHashes: false,
  }
}

/** The claims of a file; what a signature says of its files is not taken from it. Throws SourceError. */
function claimsOf(file: string): { readonly [claim: string]: unknown } {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    throw new SourceError(`the claims \`${file}\` cannot be read as JSON`)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SourceError(`the claims \`${file}\` are not a JSON object`)
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'files'))
}

/** The signature of files by the key and with the claims that the options name. Throws UsageError and SourceError. */
export async function signatureOf(
  files: readonly BundleFile[],
  { values }: Options,
): Promise<{ readonly keyId: string; readonly bytes: Uint8Array }> {
  const keyId = String(values['signing-key-id'] ?? 'default')
  const claims = {
    keyid: keyId,
    iat: Math.floor(Date.now() / 1000),
    ...(values['scope'] === undefined ? {} : { scope: String(values['scope']) }),
    ...(values['claims-file'] === undefined ? {} : claimsOf(String(values['claims-file']))),
  }
  try {
    return { keyId, bytes: await signFiles(files, keyOf(values['signing-key'], values['signing-alg']), claims) }
  } catch (error) {
    if (!(error instanceof BundleError)) throw error
    throw new SourceError(
      `${String(values['signing-key'])}: ${error.message}, of the kind that \`--signing-alg\` names`,
    )
  }
}
