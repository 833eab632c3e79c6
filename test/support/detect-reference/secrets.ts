// Reference, as plain as the kernel is quick: Detector of secrets that only the word before them gives away: `password=...`, `"api_key": "..."`, `Bearer ...`,
// and passwords in URLs.
import { bytes, digits, not } from '../../../engine/masking/detect/bytes.ts'
import {
  type Detector,
  found,
  type Hit,
  more,
  no,
  type Tail,
  tailOf,
  type Verdict,
} from '../../../engine/masking/detect/detector.ts'
import { anyCase, pattern, some } from '../../../engine/masking/detect/pattern.ts'
import { WordSet } from './word-set.ts'

const dash = some(bytes('_-'), 0, 1)
const tailWord = bytes('A-Za-z0-9_-')
const tailWordBytesMax = 32
const valueBytesSeen = 64
const userSet = not(bytes(' \t\r\n"\'`<>/@:?#'))
const passwordSet = not(bytes(' \t\r\n"\'`<>/@?#'))

/** Words that name a password: what follows is one even when it looks like a word. */
const passwordWords = ['password', 'passwd', 'passphrase'].map(anyCase)
const secretWords = [
  ...['secret', 'token', 'credential', 'bearer'].map(anyCase),
  ...[
    ['api', 'key'],
    ['access', 'key'],
    ['auth', 'key'],
    ['private', 'key'],
    ['signing', 'key'],
    ['encryption', 'key'],
  ].map(([first = '', second = '']) => [...anyCase(first), dash, ...anyCase(second)]),
]

/** What follows a key word and is not a word of prose, a placeholder or a reference. */
export const secret: Detector = {
  name: 'secret',
  looks: [
    {
      triggers: [...passwordWords, anyCase('pwd')],
      look: (view, at, limit, final, hit) => lookAtValue(true, view, at, limit, final, hit),
      judges: true,
    },
    {
      triggers: [...secretWords, anyCase('authorization')],
      look: (view, at, limit, final, hit) => lookAtValue(false, view, at, limit, final, hit),
      judges: true,
    },
    {
      triggers: [pattern('://', some(userSet, 0, Number.POSITIVE_INFINITY), ':', some(passwordSet))],
      look: lookAtUserinfo,
    },
  ],
}

/** What ends a value, and the tail of one without an end. */
interface Ending {
  readonly ends: Uint8Array
  readonly tail: Tail
}

function endingOf(members: string): Ending {
  const ends = bytes(members)
  return { ends, tail: tailOf(not(ends)) }
}

const unquoted = endingOf(' \t\r\n"\'`,;&<>(){}[]|\\')
const quoted: ReadonlyMap<number, Ending> = new Map(
  ['"', "'", '`'].map((quote) => [quote.charCodeAt(0), endingOf(`${quote}\r\n`)]),
)

/** Words behind the key word that make the value something about the secret and not the secret. */
const aboutWords = new WordSet(
  'url uri type name names id ids file path dir expires expiry expiration ttl at in count length len size limit min max ' +
    'policy field endpoint version created updated rotated time date age hint reset regex pattern usage used index ' +
    'algorithm alg format ref reference manager store provider scope scopes',
)
const schemes = new WordSet('bearer basic token digest negotiate')

function lookAtValue(
  password: boolean,
  view: Uint8Array,
  at: number,
  limit: number,
  final: boolean,
  hit: Hit,
): Verdict {
  let index = at
  while (index < limit && tailWord[view[index] ?? 0] === 1) index++
  // Of key words further away than this from the end of the name nothing comes either.
  hit.judged = index - tailWordBytesMax - 1
  if (index - at > tailWordBytesMax) return no
  const nameEnd = index
  let quote = 0
  let separated = false
  let spaces = 0
  // Quotes, spaces and one separator stand between the name and the value; then perhaps a scheme.
  for (; ; index++) {
    if (index >= limit) return final ? no : more
    const byte = view[index] ?? 0
    if (byte === 0x20 || byte === 0x09) {
      if (++spaces > 8) return no
    } else if (byte === 0x3a || byte === 0x3d) separated = true
    else if (byte === 0x3e && separated) continue
    else if (byte === 0x22 || byte === 0x27 || byte === 0x60) {
      if (separated) {
        quote = byte
        index++
        break
      }
      if (index !== nameEnd) return no
    } else break
    if (index - nameEnd > 16) return no
  }
  if (index === nameEnd) {
    hit.judged = nameEnd
    return no
  }
  if (isAbout(view, at, nameEnd)) return no
  if (!separated && !isOption(view, at) && !isScheme(view, at)) return no
  const { ends, tail } = (quote === 0 ? undefined : quoted.get(quote)) ?? unquoted
  let end = index
  const ceiling = Math.min(limit, index + valueBytesSeen)
  while (end < ceiling && ends[view[end] ?? 0] !== 1) end++
  if (end >= limit && end - index < valueBytesSeen && !final) return more
  if (end < limit && view[end] === 0x20 && schemes.has(view, index, end)) {
    index = end + 1
    end = index
    while (end < limit && end - index < valueBytesSeen && ends[view[end] ?? 0] !== 1) end++
    if (end >= limit && end - index < valueBytesSeen && !final) return more
    if (end - index < 8) return no
  } else if (!looksSecret(view, index, end, password)) {
    // The value is the same for every key word of the name.
    if (separated) hit.judged = nameEnd
    return no
  }
  hit.start = index
  hit.end = end
  hit.tail = tail
  return found
}

/** Whether the last word of a name says that this is about a secret. */
function isAbout(view: Uint8Array, from: number, to: number): boolean {
  if (from === to) return false
  let start = to
  while (start > from && view[start - 1] !== 0x5f && view[start - 1] !== 0x2d) start--
  return aboutWords.has(view, start, to)
}

/** `--password value`. */
function isOption(view: Uint8Array, at: number): boolean {
  let start = at
  while (start > 0 && at - start < tailWordBytesMax && tailWord[view[start - 1] ?? 0] === 1) start--
  return view[start] === 0x2d && view[start + 1] === 0x2d
}

/** `Bearer value`, as in an Authorization field. */
function isScheme(view: Uint8Array, at: number): boolean {
  return at >= 6 && bearer.has(view, at - 6, at)
}

const bearer = new WordSet('bearer')
const placeholders = new WordSet(
  'true false null none nil undefined required optional invalid missing expired changeme string text example unknown ' +
    'default hidden masked removed redacted',
)

/** What a byte is in a value. */
const lower = 0
const upper = 1
const figure = 2
const joint = 3
const symbol = 4
const kinds = new Uint8Array(256).fill(symbol)
for (let byte = 0; byte < 256; byte++) {
  const character = String.fromCharCode(byte)
  if (character >= 'a' && character <= 'z') kinds[byte] = lower
  else if (character >= 'A' && character <= 'Z') kinds[byte] = upper
  else if (character >= '0' && character <= '9') kinds[byte] = figure
  else if ('-_.:/'.includes(character)) kinds[byte] = joint
}
const counts = new Int32Array(symbol + 1)
/** References and templates begin so: $NAME, ${name}, {{name}}, <name>, %name%, /path, ./path. */
const references = bytes('$<{[%/.*@')

/** True for what is more likely a secret than a word, a number, a path, a reference or a placeholder. */
function looksSecret(view: Uint8Array, from: number, to: number, password: boolean): boolean {
  const length = to - from
  if (length < (password ? 6 : 8) || references[view[from] ?? 0] === 1) return false
  counts.fill(0)
  let signs = 0
  let uppercase = 0
  let lowercase = 0
  let rest = 0
  for (let at = from; at < to; at++) {
    const byte = view[at] ?? 0
    const kind = kinds[byte] ?? symbol
    counts[kind] = (counts[kind] ?? 0) + 1
    const bit = 1 << (byte & 31)
    if (byte >> 5 === 1) signs |= bit
    else if (byte >> 5 === 2) uppercase |= bit
    else if (byte >> 5 === 3) lowercase |= bit
    else rest |= bit
    if (byte === 0x3a && view[at + 1] === 0x2f && view[at + 2] === 0x2f && at + 2 < to) return false
    if (byte === 0x2a && view[at + 1] === 0x2a && view[at + 2] === 0x2a && at + 2 < to) return false
  }
  const distinct = bitsOf(signs) + bitsOf(uppercase) + bitsOf(lowercase) + bitsOf(rest)
  if (distinct < 4 || placeholders.has(view, from, to) || isNegation(view, from)) return false
  const lowers = counts[lower] ?? 0
  const uppers = counts[upper] ?? 0
  const figures = counts[figure] ?? 0
  const joints = counts[joint] ?? 0
  const symbols = counts[symbol] ?? 0
  const letters = lowers + uppers
  if (password)
    return (
      symbols > 0 || (figures > 0 && letters > 0) || (lowers > 0 && uppers > 0) || figures === length || length >= 12
    )
  if (figures > 0 && letters > 0 && !isDate(view, from, to)) return distinct >= 6
  if (symbols > 0 && letters > 0) return length >= 10
  return joints === 0 && lowers > 2 && uppers > 2 && length >= 16
}
function bitsOf(word: number): number {
  let count = 0
  for (let left = word; left !== 0; left &= left - 1) count++
  return count
}

/** `not_set`, `not-needed`. */
function isNegation(view: Uint8Array, from: number): boolean {
  return negation.has(view, from, from + 3) && (view[from + 3] === 0x5f || view[from + 3] === 0x2d)
}

const negation = new WordSet('not')
const units = new WordSet('ms s m h d px kb mb gb')
const dateForm = 'dddd-dd-dd'

/** True for what begins like a date, and for a number with its unit. */
function isDate(view: Uint8Array, from: number, to: number): boolean {
  let at = 0
  while (at < dateForm.length && from + at < to) {
    const byte = view[from + at] ?? 0
    if (dateForm[at] === 'd' ? digits[byte] !== 1 : byte !== 0x2d) break
    at++
  }
  if (at === dateForm.length) return true
  let unit = from
  while (unit < to && digits[view[unit] ?? 0] === 1) unit++
  return unit > from && (units.has(view, unit, to) || (unit === to - 1 && view[unit] === 0x25))
}

const passwordBytesMax = 256

/** RFC 3986 3.2.1: the password of `scheme://user:password@host`. */
function lookAtUserinfo(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const start = at - 1
  hit.start = start
  let end = at
  const ceiling = Math.min(limit, start + passwordBytesMax)
  while (end < ceiling && passwordSet[view[end] ?? 0] === 1) end++
  if (end >= limit && end - start < passwordBytesMax) return final ? no : more
  if (view[end] !== 0x40) return no
  hit.end = end
  return found
}
