// The words and numbers of JSON, byte by byte, as tables: what may follow what (RFC 8259 3 and 6).

/** States of a number. Those from `numberEndsFrom` on may be its last. */
export const number = {
  minus: 0,
  dot: 1,
  exponent: 2,
  exponentSign: 3,
  zero: 4,
  digits: 5,
  fraction: 6,
  power: 7,
} as const

/** The first state of a number after which it may end. */
export const numberEndsFrom = 4

const bytesOf = (text: string): number[] => [...text].map((one) => one.charCodeAt(0))
const digit = bytesOf('0123456789')

/** `numberNext[state * 128 + byte]` is the next state, or 255. */
export const numberNext: Uint8Array = new Uint8Array(8 * 128).fill(255)
function from(state: number, bytes: readonly number[], next: number): void {
  for (const byte of bytes) numberNext[state * 128 + byte] = next
}
from(number.minus, digit, number.digits)
from(number.minus, bytesOf('0'), number.zero)
from(number.digits, digit, number.digits)
for (const state of [number.zero, number.digits]) from(state, bytesOf('.'), number.dot)
from(number.dot, digit, number.fraction)
from(number.fraction, digit, number.fraction)
for (const state of [number.zero, number.digits, number.fraction]) from(state, bytesOf('eE'), number.exponent)
from(number.exponent, bytesOf('+-'), number.exponentSign)
from(number.exponent, digit, number.power)
from(number.exponentSign, digit, number.power)
from(number.power, digit, number.power)

/** The rest of a word by its first byte. */
export const words: ReadonlyMap<number, Uint8Array> = new Map([
  [116, Uint8Array.from(bytesOf('rue'))],
  [102, Uint8Array.from(bytesOf('alse'))],
  [110, Uint8Array.from(bytesOf('ull'))],
])

/** Bytes that may stand behind a backslash: 1; `u`: 2. */
export const escapes: Uint8Array = new Uint8Array(256)
for (const byte of bytesOf('"\\/bfnrt')) escapes[byte] = 1
escapes[117] = 2

/** Hexadecimal digits: 1. */
export const hexDigits: Uint8Array = new Uint8Array(256)
for (const byte of bytesOf('0123456789abcdefABCDEF')) hexDigits[byte] = 1

/** Bytes at which the reading of a string stops: its end, an escape, and controls, which must be escaped. */
export const stops: Uint8Array = new Uint8Array(256)
stops.fill(1, 0, 32)
for (const byte of bytesOf('"\\')) stops[byte] = 1

/** Behind the bytes from `start` on that are a character each and stand for themselves: visible ASCII, without quotes and escapes. */
export function starrableEnd(bytes: Buffer, start: number): number {
  const length = bytes.length
  let end = start
  for (; end < length; end++) {
    const byte = bytes[end] ?? 0
    if (byte < 32 || byte > 126 || byte === 34 || byte === 92) break
  }
  return end
}

/** Behind the quotation mark that ends a text which begins at `start`; 0 where the text is cut off or has escapes. */
export function plainEnd(bytes: Buffer, start: number): number {
  const length = bytes.length
  for (let end = start; end < length; end++) {
    const byte = bytes[end] ?? 0
    if (byte === 34) return end + 1
    if (byte === 92 || byte < 32) return 0
  }
  return 0
}

/** Behind the digits from `start` on, where a comma or the end of an object follows; else 0: it may be more of a number. */
export function digitsEnd(bytes: Buffer, start: number): number {
  const length = bytes.length
  let end = start
  while (end < length && isDigit(bytes[end] ?? 0)) end++
  return end < length && (bytes[end] === 44 || bytes[end] === 125) ? end : 0
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57
}
