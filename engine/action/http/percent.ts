// Percent coding, read once. The text that is forwarded is rebuilt: escapes of unreserved characters are undone, the
// others stay and are written in upper case (RFC 3986 6.2.2), so that nothing is left to decode differently.
import { HttpRefusal } from './refusal.ts'

/** A piece of a target: what it means, and how it is written. */
export interface Decoded {
  readonly text: string
  readonly written: string
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const percent = 37
/** Arguments that one call takes without a doubt; a form may have a value of a mebibyte. */
const argumentsMax = 1024

/** 1: stands for itself. 2: accepted and written as an escape. 0: refused by the caller. */
export type CharacterClass = (code: number) => 0 | 1 | 2

/**
 * Decodes visible ASCII. `plus` reads `+` as a space, as forms do. `refuse` is told of a character that must not stand
 * unescaped. Throws HttpRefusal.
 */
export function decodePercent(
  raw: string,
  classOf: CharacterClass,
  plus: boolean,
  refuse: (code: number) => never,
): Decoded {
  const bytes: number[] = []
  let written = ''
  let ascii = true
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at)
    if (code === percent) {
      const byte = hexByte(raw, at + 1)
      at += 2
      bytes.push(byte)
      ascii &&= byte < 128
      written += isUnreserved(byte) ? String.fromCharCode(byte) : escaped(byte)
      continue
    }
    const kind = classOf(code)
    if (kind === 0) refuse(code)
    bytes.push(plus && code === 43 ? 32 : code)
    written += kind === 1 ? raw[at] : escaped(code)
  }
  const isShort = ascii && bytes.length <= argumentsMax
  return { text: isShort ? String.fromCharCode(...bytes) : decodeUtf8(Uint8Array.from(bytes)), written }
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw new HttpRefusal('not_utf8', 'an escape is not valid UTF-8')
  }
}

function hexByte(raw: string, at: number): number {
  const high = hexDigit(raw.charCodeAt(at))
  const low = hexDigit(raw.charCodeAt(at + 1))
  if (high < 0 || low < 0) throw new HttpRefusal('bad_percent', '`%` without two hexadecimal digits')
  return high * 16 + low
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : -1
}

function escaped(byte: number): string {
  return `%${byte < 16 ? '0' : ''}${byte.toString(16).toUpperCase()}`
}

/** Letters, digits and `-._~`. */
export function isUnreserved(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 45 ||
    code === 46 ||
    code === 95 ||
    code === 126
  )
}
