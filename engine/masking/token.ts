// Tokens: format-preserving encryption (FF1, NIST SP 800-38G) of the letters and digits of a value. A token has the same
// length, the same separators in the same places and the same kind of characters, equal values have equal tokens, and
// whoever has the key can turn one back.
import { createHmac } from 'node:crypto'
import { FF1 } from '@noble/ciphers/ff1'

const figures = '0123456789'
const lowercase = 'abcdefghijklmnopqrstuvwxyz'
const uppercase = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** Alphabets, each within those behind it that have all of its characters: the first that fits a value is its own. */
const alphabets = [
  figures,
  lowercase,
  uppercase,
  figures + lowercase,
  figures + uppercase,
  figures + lowercase + uppercase,
]

/** SP 800-38G revision 1, 4.3: fewer possible values than this could be tried one by one. */
const domainMin = 1_000_000
/** Longer values have no token: the work grows with the square of the length. */
export const tokenCharactersMax = 256
/**
 * Encryptions of one value at the most. A token of another alphabet is encrypted again, so that the alphabet of a value
 * can be told from its token; of a hundred values of the shortest kind less than one needs three.
 */
const stepsMax = 1024

/** Keys that tokens are made with, by the key that they are derived from. */
const keys = new WeakMap<Uint8Array, Uint8Array>()

/** The token of a value; null where it has none: too short to hide, too long, or with other letters than ASCII's. */
export function tokenOf(value: string, secret: Uint8Array): string | null {
  return transformed(value, secret, 'encrypt')
}

/** The value of a token; null for what can be none. Another key answers another value, not none. */
export function valueOfToken(token: string, secret: Uint8Array): string | null {
  return transformed(token, secret, 'decrypt')
}

function transformed(text: string, secret: Uint8Array, direction: 'encrypt' | 'decrypt'): string | null {
  if (text.length > tokenCharactersMax) return null
  const characters = [...text]
  const places = characters.flatMap((one, index) => (isLetterOrDigit(one) ? [index] : []))
  if (characters.some((one) => one > '\u007e')) return null
  const own = alphabetOf(places.map((place) => characters[place] ?? ''))
  const alphabet = alphabets[own] ?? figures
  if (alphabet.length ** places.length < domainMin) return null
  const cipher = FF1(alphabet.length, keyOf(secret))
  let numbers = places.map((place) => alphabet.indexOf(characters[place] ?? ''))
  for (let step = 0; step < stepsMax; step++) {
    numbers = cipher[direction](numbers)
    if (alphabetOf(numbers.map((number) => alphabet[number] ?? '')) !== own) continue
    for (const [index, place] of places.entries()) characters[place] = alphabet[numbers[index] ?? 0] ?? ''
    return characters.join('')
  }
  return null
}

function isLetterOrDigit(character: string): boolean {
  return (alphabets.at(-1) ?? '').includes(character)
}

/** The first alphabet that has all characters. */
function alphabetOf(characters: readonly string[]): number {
  return alphabets.findIndex((alphabet) => characters.every((one) => alphabet.includes(one)))
}

/** Hashes and tokens must not share a key. */
function keyOf(secret: Uint8Array): Uint8Array {
  const known = keys.get(secret)
  if (known !== undefined) return known
  const made = new Uint8Array(createHmac('sha256', secret).update('sallyport token FF1 AES-256').digest())
  keys.set(secret, made)
  return made
}
