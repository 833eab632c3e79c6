// Base64 as Go reads it: in groups of four, line breaks passed over, and told by the byte where a text goes wrong.
import { BuiltinError } from './contract.ts'

/** Which digits stand for 62 and 63. */
export type Alphabet = 'standard' | 'url'

const digits: Readonly<Record<Alphabet, ReadonlySet<number>>> = { standard: digitsOf('+/'), url: digitsOf('-_') }

function digitsOf(last: string): ReadonlySet<number> {
  return new Set(Buffer.from(`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${last}`))
}

/** The bytes of a text in padded base64. Throws BuiltinError. */
export function readBase64(text: string, alphabet: Alphabet): Buffer {
  const bad = badBase64(text, alphabet)
  if (bad >= 0) throw new BuiltinError('eval_builtin_error', `illegal base64 data at input byte ${bad}`)
  return Buffer.from(text, 'base64')
}

/** The byte where a text stops being padded base64, -1 where it is all of it. */
export function badBase64(text: string, alphabet: Alphabet): number {
  const bytes = Buffer.from(text, 'utf8')
  const known = digits[alphabet]
  let inGroup = 0
  for (const [at, byte] of bytes.entries()) {
    if (isBreak(byte)) continue
    if (byte === PAD) return badPadding(bytes, at, inGroup)
    if (!known.has(byte)) return at
    inGroup = (inGroup + 1) % 4
  }
  return inGroup === 0 ? -1 : bytes.length - inGroup
}

const PAD = 0x3d

function isBreak(byte: number | undefined): boolean {
  return byte === 0x0a || byte === 0x0d
}

/** The same from the first `=`, behind so many digits of a group: with it or the next the text must end. */
function badPadding(bytes: Buffer, first: number, inGroup: number): number {
  if (inGroup < 2) return first
  let at = behindBreaks(bytes, first + 1)
  if (inGroup === 2) {
    if (at === bytes.length) return at
    if (bytes[at] !== PAD) return at - 1
    at = behindBreaks(bytes, at + 1)
  }
  return at === bytes.length ? -1 : at
}

function behindBreaks(bytes: Buffer, from: number): number {
  let at = from
  while (isBreak(bytes[at])) at++
  return at
}
