// Keys named on a command line: a PEM file, or for HMAC a shared secret, in a file or as it is. The claims of signatures.
import { readFileSync } from 'node:fs'
import { isSigningAlgorithm, type KeyConfig, type Verification } from '../../bundles/signing/index.ts'
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
    return { key: readFileSync(String(path), 'utf8').trim(), algorithm: name }
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
export function claimsOf(file: string): { readonly [claim: string]: unknown } {
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
