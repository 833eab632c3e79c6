// Keys of tokens: from PEM certificates and public keys, and from JWK and JWK sets; and what each algorithm does with them.
import {
  constants,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  type JsonWebKey,
  type KeyObject,
  sign,
  timingSafeEqual,
  verify,
  X509Certificate,
} from 'node:crypto'
import { dataFromValue, isArray, isObject, JsonError, type RegoObject, readJson, type Value } from '../value/index.ts'
import { BuiltinError } from './contract.ts'

/** How many keys a set may hold. */
const KEYS_MAX = 100

/** A key that may verify a token. */
export interface TokenKey {
  readonly key: KeyObject
  /** The only algorithm it is for, where it says so. */
  readonly alg: string | undefined
  readonly kid: string | undefined
}

interface Algorithm {
  readonly family: 'HS' | 'RS' | 'PS' | 'ES' | 'EdDSA'
  readonly hash: string | null
  readonly curve?: string
}

/** The algorithms of tokens. */
export const algorithms: ReadonlyMap<string, Algorithm> = new Map<string, Algorithm>([
  ['HS256', { family: 'HS', hash: 'sha256' }],
  ['HS384', { family: 'HS', hash: 'sha384' }],
  ['HS512', { family: 'HS', hash: 'sha512' }],
  ['RS256', { family: 'RS', hash: 'sha256' }],
  ['RS384', { family: 'RS', hash: 'sha384' }],
  ['RS512', { family: 'RS', hash: 'sha512' }],
  ['PS256', { family: 'PS', hash: 'sha256' }],
  ['PS384', { family: 'PS', hash: 'sha384' }],
  ['PS512', { family: 'PS', hash: 'sha512' }],
  ['ES256', { family: 'ES', hash: 'sha256', curve: 'prime256v1' }],
  ['ES384', { family: 'ES', hash: 'sha384', curve: 'secp384r1' }],
  ['ES512', { family: 'ES', hash: 'sha512', curve: 'secp521r1' }],
  ['EdDSA', { family: 'EdDSA', hash: null }],
])

const KEY_TYPES: Readonly<Record<Algorithm['family'], string | undefined>> = {
  HS: undefined,
  RS: 'rsa',
  PS: 'rsa',
  ES: 'ec',
  EdDSA: 'ed25519',
}

/** Whether a signature is an algorithm's over the text. A key of another kind verifies nothing. */
export function isSigned(name: string, key: KeyObject, text: string, signature: Uint8Array): boolean {
  const algorithm = algorithms.get(name)
  if (algorithm === undefined || !fits(algorithm, key)) return false
  if (algorithm.family === 'HS') {
    const mac = createHmac(algorithm.hash ?? 'sha256', key)
      .update(text)
      .digest()
    return mac.length === signature.length && timingSafeEqual(mac, signature)
  }
  try {
    return verify(algorithm.hash, Buffer.from(text), { key, ...padding(algorithm, true) }, signature)
  } catch {
    // A signature of a wrong length or a key the library refuses.
    return false
  }
}

/** Signs a text. Throws BuiltinError when the key is not one of the algorithm's. */
export function signed(name: string, key: KeyObject, text: string): Buffer {
  const algorithm = algorithms.get(name)
  if (algorithm === undefined || !fits(algorithm, key)) throw refused(`key does not fit algorithm ${name}`)
  if (algorithm.family === 'HS')
    return createHmac(algorithm.hash ?? 'sha256', key)
      .update(text)
      .digest()
  try {
    return sign(algorithm.hash, Buffer.from(text), { key, ...padding(algorithm, false) })
  } catch (error) {
    throw new BuiltinError('eval_builtin_error', 'the key cannot sign', { cause: error })
  }
}

function fits(algorithm: Algorithm, key: KeyObject): boolean {
  if (algorithm.family === 'HS') return key.type === 'secret'
  return key.type !== 'secret' && key.asymmetricKeyType === KEY_TYPES[algorithm.family]
}

function padding(algorithm: Algorithm, verifying: boolean): Record<string, number | 'ieee-p1363'> {
  if (algorithm.family === 'ES') return { dsaEncoding: 'ieee-p1363' }
  if (algorithm.family !== 'PS') return {}
  const saltLength = verifying ? constants.RSA_PSS_SALTLEN_AUTO : constants.RSA_PSS_SALTLEN_DIGEST
  return { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength }
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

/** The keys of a PEM certificate, a PEM public key, a JWK or a JWK set. Throws BuiltinError. */
export function publicKeys(text: string): TokenKey[] {
  const begin = text.indexOf('-----BEGIN ')
  if (begin < 0) return jwkKeys(text, publicKey)
  const header = /^-----BEGIN ([A-Z0-9 ]{1,64})-----/.exec(text.slice(begin))
  const end = header === null ? '' : `-----END ${header[1]}-----`
  const at = end === '' ? -1 : text.indexOf(end, begin)
  if (at < 0) return jwkKeys(text, publicKey)
  if (text.slice(at + end.length).replace(/^\r?\n/, '') !== '')
    throw refused('extra data after a PEM certificate block')
  const pem = text.slice(begin, at + end.length)
  switch (header?.[1]) {
    case 'CERTIFICATE':
      return [plain(parsed('a PEM certificate', () => new X509Certificate(pem).publicKey))]
    case 'PUBLIC KEY':
      return [plain(parsed('a PEM public key', () => createPublicKey(pem)))]
    default:
      throw refused('failed to extract a Key from the PEM certificate')
  }
}

/** The first key of a JWK or JWK set, to sign with. Throws BuiltinError. */
export function signingKey(text: string): KeyObject {
  const [first] = jwkKeys(text, (jwk) => createPrivateKey({ key: jwk, format: 'jwk' }))
  if (first === undefined) throw refused('no keys found in JWK set')
  return first.key
}

function plain(key: KeyObject): TokenKey {
  return { key, alg: undefined, kid: undefined }
}

function publicKey(jwk: JsonWebKey): KeyObject {
  return createPublicKey({ key: jwk, format: 'jwk' })
}

function parsed(what: string, parse: () => KeyObject): KeyObject {
  try {
    return parse()
  } catch (error) {
    throw new BuiltinError('eval_builtin_error', `failed to parse ${what}`, { cause: error })
  }
}

function jwkKeys(text: string, read: (jwk: JsonWebKey) => KeyObject): TokenKey[] {
  const document = jsonOf(text)
  const listed = isObject(document) ? document.get('keys') : undefined
  const items = isArray(listed) ? listed : [document]
  if (items.length > KEYS_MAX) throw refused('failed to parse a JWK key (set): too many keys')
  return items.flatMap((item) => {
    if (!isObject(item)) throw refused('failed to parse a JWK key (set): a key is no object')
    const alg = textAt(item, 'alg')
    // A set may hold keys for other uses; those are passed over.
    if (alg !== undefined && !algorithms.has(alg)) return []
    const key = parsed('a JWK key (set)', () => keyOf(item, read))
    return [{ key, alg, kid: textAt(item, 'kid') }]
  })
}

function keyOf(jwk: RegoObject, read: (jwk: JsonWebKey) => KeyObject): KeyObject {
  if (jwk.get('kty') === 'oct') {
    const secret = textAt(jwk, 'k')
    // Read leniently, what is no base64 would be a key that anybody can guess.
    if (secret === undefined || !/^[A-Za-z0-9+/_-]+=*$/.test(secret)) throw new TypeError('a symmetric key without `k`')
    return createSecretKey(Buffer.from(secret, 'base64url'))
  }
  const data: JsonWebKey = {}
  for (const [name, value] of jwk) if (typeof name === 'string') data[name] = dataFromValue(value)
  return read(data)
}

function jsonOf(text: string): Value {
  try {
    return readJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw new BuiltinError('eval_builtin_error', `failed to parse a JWK key (set): ${error.message}`, { cause: error })
  }
}

function textAt(object: RegoObject, name: string): string | undefined {
  const value = object.get(name)
  return typeof value === 'string' ? value : undefined
}
