// io.jwt.*: tokens decoded, verified and signed.
import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto'
import {
  bytesOfText,
  doubleOf,
  isArray,
  isNumber,
  isObject,
  JsonError,
  RegoObject,
  readJson,
  type Value,
  writeJson,
} from '../value/index.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { decodeBase64Url } from './encoding.ts'
import { algorithms, isSigned, publicKeys, signed, signingKey, type TokenKey } from './jwt-keys.ts'
import { anyOperand, objectOperand, stringOperand } from './operands.ts'
import { trimBoth } from './strings.ts'

/** What verifying a signature costs, in units of fuel. */
const SIGNATURE_FUEL = 100

/** How deep tokens may nest in tokens. */
const NESTING_MAX = 10

/** The built-ins on tokens by name. */
export const jwt: Readonly<Record<string, Builtin>> = {
  'io.jwt.decode': (_, args) => decode(stringOperand(args, 1), 0),
  'io.jwt.decode_verify': (context, args) => {
    context.spend(SIGNATURE_FUEL)
    return decodeVerify(anyOperand(args, 1), objectOperand(args, 2), Number(context.nowNs))
  },
  'io.jwt.encode_sign': (context, args) => {
    context.spend(SIGNATURE_FUEL)
    const [headers, payload, key] = [1, 2, 3].map((at) => writeJson(anyOperand(args, at), { escapeHtml: true }))
    return encodeSign(headers ?? '', payload ?? '', key ?? '')
  },
  'io.jwt.encode_sign_raw': (context, args) => {
    context.spend(SIGNATURE_FUEL)
    const key = stringOperand(args, 3)
    return encodeSign(stringOperand(args, 1), stringOperand(args, 2), key)
  },
  ...Object.fromEntries([...algorithms.keys()].map((name) => [`io.jwt.verify_${name.toLowerCase()}`, verifier(name)])),
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

interface Token {
  readonly header: string
  readonly payload: string
  readonly signature: string
}

function split(text: string): Token {
  if (!text.includes('.')) throw refused('encoded JWT had no period separators')
  const parts = text.split('.')
  const [header = '', payload = '', signature = ''] = parts
  if (parts.length !== 3) throw refused(`encoded JWT must have 3 sections, found ${parts.length}`)
  return { header, payload, signature }
}

function part(text: string, name: string): Buffer {
  try {
    return decodeBase64Url(text)
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error
    throw refused(`JWT ${name} had invalid encoding: ${error.message}`)
  }
}

function jsonObject(text: string): RegoObject {
  let value: Value
  try {
    value = readJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    throw refused(`invalid JSON: ${error.message}`)
  }
  if (!isObject(value)) throw refused('decoded JSON type was not an Object')
  return value
}

function headerOf(token: Token): RegoObject {
  const text = part(token.header, 'header').toString('utf8')
  let header: RegoObject
  try {
    header = jsonObject(text)
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error
    throw refused(`bad JWT header: ${error.message}`)
  }
  if (header.has('enc')) throw refused('JWT is a JWE object, which is not supported')
  return header
}

function decode(text: string, depth: number): Value {
  if (depth > NESTING_MAX) throw refused('JWT nests too deeply')
  const token = split(text)
  const header = headerOf(token)
  const payload = part(token.payload, 'payload').toString('utf8')
  if (header.get('cty') === 'JWT') return decode(trimBoth(payload, `"'`), depth + 1)
  return [header, jsonObject(payload), part(token.signature, 'signature').toString('hex')]
}

function verifier(name: string): Builtin {
  return (context, args) => {
    context.spend(SIGNATURE_FUEL)
    const text = stringOperand(args, 1)
    const keyText = stringOperand(args, 2)
    const token = split(text)
    const plain = `${token.header}.${token.payload}`
    if (algorithms.get(name)?.family === 'HS') {
      const signature = decodeBase64Url(token.signature)
      const mac = createHmac(algorithms.get(name)?.hash ?? 'sha256', bytesOfText(keyText))
        .update(plain)
        .digest()
      return mac.length === signature.length && timingSafeEqual(mac, signature)
    }
    const keys = publicKeys(keyText)
    const signature = decodeBase64Url(token.signature)
    const { alg, kid } = checkHeader(headerOf(token))
    return someKey(keys, alg, kid, ({ key }) => isSigned(name, key, plain, signature))
  }
}

/** The key that the token names decides alone; without one, every key that is for the token's algorithm may. */
function someKey(keys: readonly TokenKey[], alg: string, kid: string, verifies: (key: TokenKey) => boolean): boolean {
  const named = kid === '' ? undefined : keys.find((key) => key.kid === kid)
  if (named !== undefined) return verifies(named)
  return keys.some((key) => (key.alg === undefined || key.alg === alg) && verifies(key))
}

interface Header {
  readonly alg: string
  readonly kid: string
  readonly cty: string
  /** Whether it says its algorithm and names nothing critical that is unknown. */
  readonly valid: boolean
}

const KNOWN = ['alg', 'kid', 'typ', 'cty', 'crit']

function checkHeader(header: RegoObject): Header {
  for (const name of ['alg', 'cty', 'kid', 'typ']) {
    const value = header.get(name)
    if (value !== undefined && typeof value !== 'string') throw refused(`${name}: must be a string`)
  }
  const text = (name: string): string => {
    const value = header.get(name)
    return typeof value === 'string' ? value : ''
  }
  const critical = header.get('crit')
  if (critical !== undefined && !isArray(critical)) throw refused('crit: must be a list')
  if (critical?.length === 0) throw refused('crit: must be a nonempty list')
  const unknown = (critical ?? []).some((name) => typeof name !== 'string' || !KNOWN.includes(name))
  return { alg: text('alg'), kid: text('kid'), cty: text('cty'), valid: text('alg') !== '' && !unknown }
}

interface Constraints {
  readonly keys: readonly TokenKey[] | undefined
  readonly secret: string
  readonly alg: string
  readonly iss: string
  readonly aud: string
  readonly time: number
}

function constraintsOf(object: RegoObject, nowNs: number): Constraints {
  const texts: Record<string, string> = { secret: '', alg: '', iss: '', aud: '' }
  let keys: readonly TokenKey[] | undefined
  let time = nowNs
  for (const [name, value] of object) {
    if (name === 'time') {
      if (!isNumber(value)) throw refused('token time constraint: must be a number')
      time = doubleOf(value)
      if (time < 0) throw refused('token time constraint: must not be negative')
    } else if (name === 'cert') {
      if (typeof value !== 'string') throw refused('cert constraint: must be a string')
      keys = publicKeys(value)
    } else if (typeof name === 'string' && Object.hasOwn(texts, name)) {
      if (typeof value !== 'string') throw refused(`${name} constraint: must be a string`)
      texts[name] = value
    } else throw refused(`unknown token validation constraint: ${typeof name === 'string' ? name : writeJson(name)}`)
  }
  const { secret = '', alg = '', iss = '', aud = '' } = texts
  if (keys !== undefined && secret !== '') throw refused('duplicate key constraints')
  if (keys === undefined && secret === '') throw refused('no key constraint')
  return { keys, secret, alg, iss, aud, time }
}

function decodeVerify(operand: Value, object: RegoObject, nowNs: number): Value {
  const constraints = constraintsOf(object, nowNs)
  const unverified: Value = [false, new RegoObject(), new RegoObject()]
  let text = stringOperand([operand], 1)
  for (let depth = 0; depth <= NESTING_MAX; depth++) {
    const token = split(text)
    const header = headerOf(token)
    const checked = checkHeader(header)
    if (!checked.valid || (constraints.alg !== '' && constraints.alg !== checked.alg)) return unverified
    const signature = decodeBase64Url(token.signature)
    if (!isVerified(constraints, checked, `${token.header}.${token.payload}`, signature)) return unverified
    const payload = part(token.payload, 'payload').toString('utf8')
    if (checked.cty.toUpperCase() === 'JWT') text = payload
    else {
      const claims = jsonObject(payload)
      return meets(claims, constraints) ? [true, header, claims] : unverified
    }
  }
  throw refused('JWT nests too deeply')
}

function isVerified(constraints: Constraints, header: Header, plain: string, signature: Buffer): boolean {
  const { keys, secret } = constraints
  if (keys === undefined) return isSigned(header.alg, createSecretKey(bytesOfText(secret)), plain, signature)
  return someKey(keys, header.alg, header.kid, ({ key }) => isSigned(header.alg, key, plain, signature))
}

const NS = 1_000_000_000

/** Whether the claims are the issuer's, for the audience, and of the time. */
function meets(claims: RegoObject, constraints: Constraints): boolean {
  if (constraints.iss !== '' && claims.get('iss') !== constraints.iss) return false
  const aud = claims.get('aud')
  const audiences = isArray(aud) ? aud : [aud]
  if (aud === undefined ? constraints.aud !== '' : !audiences.includes(constraints.aud)) return false
  const exp = claims.get('exp')
  if (exp !== undefined && !isNumber(exp)) throw refused('exp value must be a number')
  if (exp !== undefined && constraints.time / NS >= doubleOf(exp)) return false
  const nbf = claims.get('nbf')
  if (nbf !== undefined && !isNumber(nbf)) throw refused('nbf value must be a number')
  return nbf === undefined || constraints.time / NS >= doubleOf(nbf)
}

function encodeSign(headers: string, payload: string, keyText: string): string {
  const key = signingKey(keyText)
  const { alg, typ } = signingHeaders(headers)
  if (!algorithms.has(alg)) throw refused(`unknown JWS algorithm: ${alg}`)
  if ((typ === undefined || typ === 'JWT') && !isJson(payload)) throw refused('type is JWT but payload is not JSON')
  const text = `${Buffer.from(headers).toString('base64url')}.${Buffer.from(payload).toString('base64url')}`
  return `${text}.${signed(alg, key, text).toString('base64url')}`
}

function signingHeaders(text: string): { alg: string; typ: string | undefined } {
  const wrong = "missing or invalid 'alg' header: "
  if (text === '') throw refused(`${wrong}cannot parse JSON: cannot parse empty string`)
  if (!isJson(text)) throw refused(`${wrong}cannot parse JSON`)
  const headers = readJson(text)
  const alg = isObject(headers) ? headers.get('alg') : undefined
  const typ = isObject(headers) ? headers.get('typ') : undefined
  if (typeof alg !== 'string') throw refused(`${wrong}jwsbb: header "alg" not found`)
  return { alg, typ: typeof typ === 'string' ? typ : undefined }
}

function isJson(text: string): boolean {
  try {
    readJson(text)
    return true
  } catch (error) {
    if (error instanceof JsonError) return false
    throw error
  }
}
