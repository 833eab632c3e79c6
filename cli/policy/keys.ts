// Keys named on a command line: a PEM file, or a shared secret in a file for HMAC.
import { readFileSync } from 'node:fs'
import { isSigningAlgorithm, type KeyConfig } from '../../bundles/signing/index.ts'
import { UsageError } from './options.ts'
import { SourceError } from './sources.ts'

/** Reads a key. Throws UsageError for an unknown algorithm, SourceError for a file that cannot be read. */
export function keyOf(path: string | boolean | undefined, algorithm: string | boolean | undefined): KeyConfig {
  const name = String(algorithm ?? 'RS256')
  if (!isSigningAlgorithm(name)) throw new UsageError(`there is no signing algorithm \`${name}\``)
  try {
    return { key: readFileSync(String(path), 'utf8').trim(), algorithm: name }
  } catch {
    throw new SourceError(`the key \`${String(path)}\` cannot be read`)
  }
}
