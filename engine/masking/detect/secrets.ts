// Detector of secrets that only the word before them gives away: `password=...`, `"api_key": "..."`, `Bearer ...`,
// and passwords in URLs.
import { bytes, not } from './bytes.ts'
import { type Detector, type Hit, type Tail, tailOf, type Verdict } from './detector.ts'
import { anyCase, pattern, some } from './pattern.ts'

const dash = some(bytes('_-'), 0, 1)
const tailWord = bytes('A-Za-z0-9_-')
const tailWordBytesMax = 32
const valueBytesSeen = 64
const userBytesMax = 64

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
    { triggers: [...passwordWords, anyCase('pwd')], look: (...given) => lookAtValue(true, ...given) },
    { triggers: [...secretWords, [...anyCase('authorization')]], look: (...given) => lookAtValue(false, ...given) },
    { triggers: [pattern('://')], look: lookAtUserinfo },
  ],
}

const unquotedEnd = bytes(' \t\r\n"\'`,;&<>(){}[]|\\')
const quotedEnd = { '"': bytes('"\r\n'), "'": bytes("'\r\n"), '`': bytes('`\r\n') } as const
const tails = {
  unquoted: tailOf(not(unquotedEnd)),
  '"': tailOf(not(quotedEnd['"'])),
  "'": tailOf(not(quotedEnd["'"])),
  '`': tailOf(not(quotedEnd['`'])),
} satisfies Record<string, Tail>

/** Words behind the key word that make the value something about the secret and not the secret. */
const aboutWords =
  /(?:^|[_-])(?:url|uri|type|name|names|id|ids|file|path|dir|expires|expiry|expiration|ttl|at|in|count|length|len|size|limit|min|max|policy|field|endpoint|version|created|updated|rotated|time|date|age|hint|reset|regex|pattern|usage|used|index|algorithm|alg|format|ref|reference|manager|store|provider|scope|scopes)$/i

function lookAtValue(
  password: boolean,
  view: Uint8Array,
  at: number,
  limit: number,
  final: boolean,
  hit: Hit,
): Verdict {
  let index = at
  while (index < limit && index - at <= tailWordBytesMax && tailWord[view[index] ?? 0] === 1) index++
  if (index - at > tailWordBytesMax) return 'no'
  const nameEnd = index
  let quote = ''
  let separated = false
  let spaces = 0
  // Quotes, spaces and one separator stand between the name and the value; then perhaps a scheme.
  for (; ; index++) {
    if (index >= limit) return final ? 'no' : 'more'
    const byte = view[index] ?? 0
    if (byte === 0x20 || byte === 0x09) {
      if (++spaces > 8) return 'no'
    } else if (byte === 0x3a || byte === 0x3d) separated = true
    else if (byte === 0x3e && separated) continue
    else if (byte === 0x22 || byte === 0x27 || byte === 0x60) {
      if (separated) {
        quote = String.fromCharCode(byte)
        index++
        break
      }
      if (index !== nameEnd) return 'no'
    } else break
    if (index - nameEnd > 16) return 'no'
  }
  if (index - nameEnd === 0) return 'no'
  const name = Buffer.from(view.subarray(at, nameEnd)).toString('latin1')
  if (aboutWords.test(name)) return 'no'
  const option = !separated && isOption(view, at)
  const scheme = !separated && isScheme(view, at)
  if (!separated && !option && !scheme) return 'no'
  const ends = quote === '"' || quote === "'" || quote === '`' ? quotedEnd[quote] : unquotedEnd
  let end = index
  while (end < limit && end - index < valueBytesSeen && ends[view[end] ?? 0] !== 1) end++
  if (end >= limit && end - index < valueBytesSeen && !final) return 'more'
  const value = Buffer.from(view.subarray(index, end)).toString('latin1')
  if (/^(?:bearer|basic|token|digest|negotiate)$/i.test(value) && end < limit && view[end] === 0x20) {
    index = end + 1
    end = index
    while (end < limit && end - index < valueBytesSeen && ends[view[end] ?? 0] !== 1) end++
    if (end >= limit && end - index < valueBytesSeen && !final) return 'more'
    if (end - index < 8) return 'no'
  } else if (!looksSecret(value, password)) return 'no'
  hit.start = index
  hit.end = end
  hit.tail = tails[quote === '"' || quote === "'" || quote === '`' ? quote : 'unquoted']
  return 'hit'
}

/** `--password value`. */
function isOption(view: Uint8Array, at: number): boolean {
  let start = at
  while (start > 0 && at - start < tailWordBytesMax && tailWord[view[start - 1] ?? 0] === 1) start--
  return view[start] === 0x2d && view[start + 1] === 0x2d
}

/** `Bearer value`, as in an Authorization field. */
function isScheme(view: Uint8Array, at: number): boolean {
  return (
    Buffer.from(view.subarray(Math.max(0, at - 6), at))
      .toString('latin1')
      .toLowerCase() === 'bearer'
  )
}

const placeholders =
  /^(?:true|false|null|none|nil|undefined|required|optional|invalid|missing|expired|changeme|string|text|example|unknown|default|hidden|masked|removed|redacted|not[_-].*|x+|\*+|\.+|-+)$/i

/** True for what is more likely a secret than a word, a number, a path, a reference or a placeholder. */
function looksSecret(value: string, password: boolean): boolean {
  if (value.length < 6 || placeholders.test(value)) return false
  // References and templates: $NAME, ${name}, {{name}}, <name>, %name%, /path, ./path, http://
  if ('$<{[%/.*@'.includes(value[0] ?? '') || value.includes('://') || value.includes('***')) return false
  let [lower, upper, number, symbol, joint] = [0, 0, 0, 0, 0]
  const distinct = new Set<string>()
  for (const character of value) {
    distinct.add(character)
    if (character >= 'a' && character <= 'z') lower++
    else if (character >= 'A' && character <= 'Z') upper++
    else if (character >= '0' && character <= '9') number++
    else if ('-_.:/'.includes(character)) joint++
    else symbol++
  }
  const letters = lower + upper
  if (distinct.size < 4) return false
  if (password)
    return (
      symbol > 0 ||
      (number > 0 && letters > 0) ||
      (lower > 0 && upper > 0) ||
      number === value.length ||
      value.length >= 12
    )
  if (value.length < 8) return false
  if (number > 0 && letters > 0 && !isDate(value)) return distinct.size >= 6
  if (symbol > 0 && letters > 0) return value.length >= 10
  return joint === 0 && lower > 2 && upper > 2 && value.length >= 16
}

function isDate(value: string): boolean {
  return /^\d{4}-\d\d-\d\d/.test(value) || /^\d+(?:ms|s|m|h|d|px|kb|mb|gb|%)$/i.test(value)
}

const userSet = not(bytes(' \t\r\n"\'`<>/@:?#'))
const passwordSet = not(bytes(' \t\r\n"\'`<>/@?#'))
const passwordBytesMax = 256

/** RFC 3986 3.2.1: the password of `scheme://user:password@host`. */
function lookAtUserinfo(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  let index = at
  while (index < limit && index - at <= userBytesMax && userSet[view[index] ?? 0] === 1) index++
  if (index >= limit) return final ? 'no' : 'more'
  if (view[index] !== 0x3a) return 'no'
  const start = index + 1
  hit.start = start
  let end = start
  while (end < limit && end - start < passwordBytesMax && passwordSet[view[end] ?? 0] === 1) end++
  if (end >= limit && end - start < passwordBytesMax) return final ? 'no' : 'more'
  if (view[end] !== 0x40 || end === start) return 'no'
  hit.end = end
  return 'hit'
}
