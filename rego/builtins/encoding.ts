// base64 base64url hex json.marshal json.unmarshal json.is_valid urlquery.
import {
  bytesOfText,
  holdsBytes,
  isArray,
  isObject,
  isSet,
  JsonError,
  jsonEntries,
  RegoObject,
  readJson,
  runes,
  shownText,
  textOfBytes,
  typeName,
  type Value,
  writeJson,
  writeRego,
} from '../value/index.ts'
import { badBase64, readBase64 } from './base64.ts'
import { type Builtin, BuiltinError, operandError } from './contract.ts'
import { anyOperand, objectOperand, stringOperand } from './operands.ts'

/** The encodings by name. */
export const encoding: Readonly<Record<string, Builtin>> = {
  'base64.encode': (_, args) => bytesOfText(stringOperand(args, 1)).toString('base64'),
  'base64.decode': (_, args) => textOfBytes(readBase64(stringOperand(args, 1), 'standard')),
  'base64.is_valid': (_, [text = null]) => typeof text === 'string' && badBase64(text, 'standard') < 0,
  'base64url.encode': (_, args) => {
    const text = bytesOfText(stringOperand(args, 1)).toString('base64url')
    return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
  },
  'base64url.encode_no_pad': (_, args) => bytesOfText(stringOperand(args, 1)).toString('base64url'),
  'base64url.decode': (_, args) => textOfBytes(decodeBase64Url(stringOperand(args, 1))),
  'hex.encode': (_, args) => bytesOfText(stringOperand(args, 1)).toString('hex'),
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
      return readJson(shownText(text))
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

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

/** The bytes of a base64url text, padded or not. Throws BuiltinError. */
export function decodeBase64Url(text: string): Buffer {
  if (text.endsWith('=')) return readBase64(text, 'url')
  if (text.length % 4 === 1) throw refused(`illegal base64url string: ${text}`)
  return readBase64(text.padEnd(Math.ceil(text.length / 4) * 4, '='), 'url')
}

function decodeHex(text: string): string {
  for (const byte of Buffer.from(text, 'utf8')) {
    if (/^[0-9a-fA-F]$/.test(String.fromCharCode(byte))) continue
    const shown =
      byte < 0x20 || (byte >= 0x7f && byte <= 0xa0) || byte === 0xad ? '' : ` '${String.fromCharCode(byte)}'`
    throw refused(`encoding/hex: invalid byte: U+${byte.toString(16).toUpperCase().padStart(4, '0')}${shown}`)
  }
  if (text.length % 2 === 1) throw refused('encoding/hex: odd length hex string')
  return textOfBytes(Buffer.from(text, 'hex'))
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
      if (typeof option !== 'string')
        throw operandError(
          2,
          `key "${key}" failed cast to string: operand 0 must be string but got ${typeName(option)}`,
        )
      if (key === 'prefix') prefix = option
      else indent = option
      pretty ??= true
    } else if (key === 'pretty') {
      if (typeof option !== 'boolean') throw operandError(2, 'key "pretty" failed cast to bool')
    } else {
      throw operandError(2, `object contained unknown key ${writeRego(key)}`)
    }
  }
  const asked = options.get('pretty')
  if (!(typeof asked === 'boolean' ? asked : pretty === true)) return writeJson(value, { escapeHtml: true })
  return prefix + writeJson(value, { escapeHtml: true, indent }).replaceAll('\n', `\n${prefix}`)
}

/** As Go's url.QueryEscape. */
export function escapeQuery(text: string): string {
  if (holdsBytes(text)) {
    return runes(text)
      .map((rune) => (holdsBytes(rune) ? `%${bytesOfText(rune).toString('hex').toUpperCase()}` : escapeQuery(rune)))
      .join('')
  }
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}

function unescapeQuery(text: string): string {
  const bad = /%(?![0-9a-fA-F]{2})/.exec(text)
  if (bad !== null) throw refused(`invalid URL escape ${JSON.stringify(text.slice(bad.index, bad.index + 3))}`)
  const bytes: number[] = []
  const raw = bytesOfText(text.replaceAll('+', ' '))
  for (let i = 0; i < raw.length; i++) {
    const byte = raw[i] ?? 0
    if (byte !== 0x25) bytes.push(byte)
    else {
      bytes.push(Number.parseInt(raw.toString('latin1', i + 1, i + 3), 16))
      i += 2
    }
  }
  return textOfBytes(Buffer.from(bytes))
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
