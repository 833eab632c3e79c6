// base64 base64url hex json.marshal json.unmarshal json.is_valid urlquery.
import {
  isArray,
  isObject,
  isSet,
  JsonError,
  jsonEntries,
  RegoObject,
  readJson,
  type Value,
  writeJson,
} from '../value/index.ts'
import { type Builtin, BuiltinError, operandError } from './contract.ts'
import { anyOperand, objectOperand, stringOperand } from './operands.ts'

/** The encodings by name. */
export const encoding: Readonly<Record<string, Builtin>> = {
  'base64.encode': (_, args) => Buffer.from(stringOperand(args, 1)).toString('base64'),
  'base64.decode': (_, args) => decodeBase64(stringOperand(args, 1), STANDARD).toString('utf8'),
  'base64.is_valid': (_, [text = null]) => typeof text === 'string' && badBase64(text, STANDARD) < 0,
  'base64url.encode': (_, args) => {
    const text = Buffer.from(stringOperand(args, 1)).toString('base64url')
    return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
  },
  'base64url.encode_no_pad': (_, args) => Buffer.from(stringOperand(args, 1)).toString('base64url'),
  'base64url.decode': (_, args) => decodeBase64Url(stringOperand(args, 1)).toString('utf8'),
  'hex.encode': (_, args) => Buffer.from(stringOperand(args, 1)).toString('hex'),
  'hex.decode': (_, args) => decodeHex(stringOperand(args, 1)),
  'json.marshal': (context, args) => {
    const json = writeJson(anyOperand(args, 1), { escapeHtml: true })
    context.spend(json.length >> 6)
    return json
  },
  'json.marshal_with_options': (_, args) => marshal(anyOperand(args, 1), objectOperand(args, 2)),
  'json.unmarshal': (context, args) => {
    const text = stringOperand(args, 1)
    context.spend(text.length >> 6)
    try {
      return readJson(text)
    } catch (error) {
      if (error instanceof JsonError) throw new BuiltinError('eval_builtin_error', error.message, { cause: error })
      throw error
    }
  },
  'json.is_valid': (_, [text = null]) => typeof text === 'string' && isJson(text),
  'urlquery.encode': (_, args) => escapeQuery(stringOperand(args, 1)),
  'urlquery.decode': (_, args) => unescapeQuery(stringOperand(args, 1)),
  'urlquery.encode_object': (_, args) => encodeQuery(objectOperand(args, 1)),
  'urlquery.decode_object': (_, args) => decodeQuery(stringOperand(args, 1)),
}

const STANDARD = /^[A-Za-z0-9+/]$/
const URL_SAFE = /^[A-Za-z0-9_-]$/

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

function decodeBase64(text: string, alphabet: RegExp): Buffer {
  const bad = badBase64(text, alphabet)
  if (bad >= 0) throw refused(`illegal base64 data at input byte ${bad}`)
  return Buffer.from(text, 'base64')
}

/** The bytes of a base64url text, padded or not. Throws BuiltinError. */
export function decodeBase64Url(text: string): Buffer {
  if (text.endsWith('=')) return decodeBase64(text, URL_SAFE)
  if (text.length % 4 === 1) throw refused(`illegal base64url string: ${text}`)
  return decodeBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='), URL_SAFE)
}

/** Where a text stops being padded base64, -1 where it is all of it. Line breaks do not count. */
function badBase64(text: string, alphabet: RegExp): number {
  let digits = 0
  let padding = 0
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i)
    if (char === '\n' || char === '\r') continue
    if (char === '=' && digits % 4 >= 2 && (digits + padding) % 4 !== 0) padding++
    else if (padding > 0 || !alphabet.test(char)) return i
    else digits++
  }
  return (digits + padding) % 4 === 0 ? -1 : text.length
}

function decodeHex(text: string): string {
  for (const [i, char] of Array.from(text).entries()) {
    if (!/^[0-9a-fA-F]$/.test(char)) {
      const code = char.codePointAt(0) ?? 0
      throw refused(
        `encoding/hex: invalid byte: U+${code.toString(16).toUpperCase().padStart(4, '0')} '${char}' at ${i}`,
      )
    }
  }
  if (text.length % 2 === 1) throw refused('encoding/hex: odd length hex string')
  return Buffer.from(text, 'hex').toString('utf8')
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

function marshal(value: Value, options: RegoObject): string {
  let prefix = ''
  let indent = '\t'
  let pretty: boolean | undefined
  for (const [key, option] of options) {
    if (key === 'prefix' || key === 'indent') {
      if (typeof option !== 'string') throw operandError(2, `key ${key} failed cast to string`)
      if (key === 'prefix') prefix = option
      else indent = option
      pretty ??= true
    } else if (key === 'pretty') {
      if (typeof option !== 'boolean') throw operandError(2, 'key pretty failed cast to bool')
    } else {
      throw operandError(2, `object contained unknown key ${typeof key === 'string' ? key : writeJson(key)}`)
    }
  }
  const asked = options.get('pretty')
  if (!(typeof asked === 'boolean' ? asked : pretty === true)) return writeJson(value, { escapeHtml: true })
  return prefix + writeJson(value, { escapeHtml: true, indent }).replaceAll('\n', `\n${prefix}`)
}

/** As Go's url.QueryEscape. */
export function escapeQuery(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function unescapeQuery(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text)
  if (bad !== null) throw refused(`invalid URL escape ${JSON.stringify(text.slice(bad.index, bad.index + 3))}`)
  const bytes: number[] = []
  const raw = Buffer.from(text.replaceAll('+', ' '))
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] ?? 0
    if (byte !== 0x25) bytes.push(byte)
    else {
      bytes.push(Number.parseInt(raw.toString('latin1', i + 1, i + 3), 16))
      i += 2
    }
  }
  return Buffer.from(bytes).toString('utf8')
}

function encodeQuery(object: RegoObject): string {
  const wrong = operandError(1, 'values must be string, array[string], or set[string]')
  return jsonEntries(object)
    .flatMap(([key, value]) => {
      const values = isArray(value) ? value : isSet(value) ? value.items() : [value]
      if (isObject(value)) throw wrong
      return values.map((item) => {
        if (typeof item !== 'string') throw wrong
        return `${escapeQuery(key)}=${escapeQuery(item)}`
      })
    })
    .join('&')
}

function decodeQuery(text: string): RegoObject {
  const fields = new Map<string, string[]>()
  for (const part of text.split('&')) {
    if (part === '') continue
    if (part.includes(';')) throw refused('invalid semicolon separator in query')
    const equals = part.indexOf('=')
    const key = unescapeQuery(equals < 0 ? part : part.slice(0, equals))
    const value = equals < 0 ? '' : unescapeQuery(part.slice(equals + 1))
    fields.set(key, [...(fields.get(key) ?? []), value])
  }
  return new RegoObject(fields)
}
