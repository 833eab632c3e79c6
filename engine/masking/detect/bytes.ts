// Sets of bytes, as tables of 256 flags.

/** A set of bytes: entry `b` is 1 when byte `b` is in it. */
export type ByteSet = Uint8Array

/** Reads `A-Z0-9_` style members; a dash at either end is itself, and nothing is an escape. */
export function bytes(members: string): ByteSet {
  const set = new Uint8Array(256)
  for (let at = 0; at < members.length; at++) {
    const low = members.charCodeAt(at)
    if (members[at + 1] === '-' && at + 2 < members.length) {
      const high = members.charCodeAt(at + 2)
      for (let byte = low; byte <= high; byte++) set[byte] = 1
      at += 2
    } else set[low] = 1
  }
  return set
}

/** Every byte that is not in the set. */
export function not(set: ByteSet): ByteSet {
  return set.map((flag) => 1 - flag)
}

/** True when the byte at an index is in the set; nothing is in it outside of the array. */
export function has(set: ByteSet, view: Uint8Array, at: number): boolean {
  return at >= 0 && at < view.length && set[view[at] ?? 0] === 1
}

/** `0` to `9`. */
export const digits: ByteSet = bytes('0-9')
/** ASCII letters and digits. */
export const alphanumeric: ByteSet = bytes('A-Za-z0-9')
/** ASCII letters, digits and the underscore: what goes on inside an identifier. */
export const word: ByteSet = bytes('A-Za-z0-9_')
/** The alphabet of base64url. */
export const base64url: ByteSet = bytes('A-Za-z0-9_-')
/** The alphabet of base64. */
export const base64: ByteSet = bytes('A-Za-z0-9+/')
/** Hexadecimal digits. */
export const hexadecimal: ByteSet = bytes('0-9A-Fa-f')

/** What a letter of base64 stands for, in either alphabet; 0 for every other byte. */
export const base64Values: Uint8Array = new Uint8Array(256)
for (const [value, letter] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  base64Values[letter.charCodeAt(0)] = value
base64Values[0x2d] = 62
base64Values[0x5f] = 63
