// Keys that sign and verify bundles. The algorithm is the configuration's; a token never chooses it.
import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto'
import { BundleError } from '../format/error.ts'

/** Algorithms for bundle signatures. */
export const signingAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'HS256',
  'HS384',
  'HS512',
] as const

/** One algorithm for bundle signatures. */
export type SigningAlgorithm = (typeof signingAlgorithms)[number]

/** A key as it is configured: PEM text, or the secret itself for HMAC. */
export interface KeyConfig {
  readonly key: string
  readonly algorithm: SigningAlgorithm
  readonly scope?: string
  /** Not used for signatures before and after these times, so that two keys can overlap while one replaces the other. */
  readonly notBeforeMs?: number
  readonly notAfterMs?: number
}

/** Narrows a text to an algorithm we know. */
export function isSigningAlgorithm(text: string): text is SigningAlgorithm {
  return signingAlgorithms.some((algorithm) => algorithm === text)
}

/**
 * The keys for verifying, of which one must fit. Accepts public PEM, certificates, private PEM (its public half), or an
 * HMAC secret: OPA signs with all that a file holds, also the end of its line, which configurations leave out.
 */
export function verificationKeys(config: KeyConfig): readonly KeyObject[] {
  if (config.algorithm.startsWith('HS')) {
    const bare = config.key.endsWith('\n') ? config.key.slice(0, -1) : config.key
    return [...new Set([config.key, bare, `${bare}\n`])].map(secretKey)
  }
  try {
    return [matching(createPublicKey(config.key), config.algorithm)]
  } catch (cause) {
    if (cause instanceof BundleError) throw cause
    throw new BundleError('key_invalid', 'a verification key is not PEM', { cause })
  }
}

/** The key for signing: private PEM (PKCS#1, PKCS#8, SEC1) or an HMAC secret. */
export function signingKey(config: KeyConfig): KeyObject {
  if (config.algorithm.startsWith('HS')) return secretKey(config.key)
  try {
    return matching(createPrivateKey(config.key), config.algorithm)
  } catch (cause) {
    if (cause instanceof BundleError) throw cause
    throw new BundleError('key_invalid', 'the signing key is not a private key in PEM', { cause })
  }
}

function secretKey(text: string): KeyObject {
  if (text.trim() === '') throw new BundleError('key_invalid', 'an HMAC key is empty')
  if (text.includes('-----BEGIN')) throw new BundleError('key_invalid', 'a PEM key cannot be used as an HMAC secret')
  return createSecretKey(Buffer.from(text))
}

const curveOf: ReadonlyMap<string, string> = new Map([
  ['ES256', 'prime256v1'],
  ['ES384', 'secp384r1'],
  ['ES512', 'secp521r1'],
])

function matching(key: KeyObject, algorithm: SigningAlgorithm): KeyObject {
  const type = key.asymmetricKeyType
  const fits =
    algorithm === 'EdDSA'
      ? type === 'ed25519'
      : algorithm.startsWith('ES')
        ? type === 'ec' && key.asymmetricKeyDetails?.namedCurve === curveOf.get(algorithm)
        : type === 'rsa' || (algorithm.startsWith('PS') && type === 'rsa-pss')
  if (!fits) throw new BundleError('key_invalid', `the key is not one for ${algorithm}`)
  return key
}
