// Reference, as plain as the kernel is quick: Detectors of credentials that tell by their beginning what they are: cloud keys, tokens of services, JWTs, PEM keys.
import {
  alphanumeric,
  type ByteSet,
  base64,
  base64url,
  base64Values,
  bytes,
  has,
  not,
  word,
} from '../../../engine/masking/detect/bytes.ts'
import {
  type Detector,
  found,
  type Hit,
  more,
  no,
  type Tail,
  tailEnds,
  tailEndsAfter,
  tailOf,
  type Verdict,
} from '../../../engine/masking/detect/detector.ts'
import { anyCase, type Element, pattern, some } from '../../../engine/masking/detect/pattern.ts'
import { WordSet } from './word-set.ts'

interface Form {
  readonly prefix: string | readonly (string | Element)[]
  readonly prefixBytes?: number
  readonly set: ByteSet
  readonly min: number
  /** Exactly `min` where left out; otherwise the value goes on while bytes are in the set. */
  readonly open?: boolean
  /** The prefix is not part of the value. */
  readonly named?: boolean
  /** Something may stand right before the prefix. */
  readonly inside?: boolean
}

const upperOrDigit = bytes('A-Z0-9')

/** A detector of values that are a prefix and a run of bytes. */
function formed(name: string, forms: readonly Form[]): Detector {
  return {
    name,
    looks: forms.map((form) => {
      const prefix = typeof form.prefix === 'string' ? pattern(form.prefix) : pattern(...form.prefix)
      const bounded = form.inside === true ? prefix : [some(not(word)), ...prefix]
      return { triggers: [bounded], look: lookFor(form, prefix.length) }
    }),
  }
}

function lookFor(form: Form, prefixBytes: number): Detector['looks'][number]['look'] {
  const { set, min } = form
  const tail = tailOf(set)
  return (view, at, limit, final, hit) => {
    const start = at - prefixBytes
    hit.start = form.named === true ? at : start
    if (form.inside !== true && start > 0 && word[view[start - 1] ?? 0] === 1) return no
    let end = at
    while (end < limit && end - at < min && set[view[end] ?? 0] === 1) end++
    if (end - at < min) return end >= limit && !final ? more : no
    hit.end = end
    if (form.open === true) {
      hit.tail = tail
      return found
    }
    if (end >= limit) return final ? found : more
    return set[view[end] ?? 0] === 1 ? no : found
  }
}

const separator: readonly Element[] = [
  some(bytes('"\''), 0, 1),
  some(bytes(' '), 0, 1),
  some(bytes(':=')),
  some(bytes(' '), 0, 1),
  some(bytes('"\''), 0, 1),
]

/** Access key ids by their prefixes, and the secret key behind its usual names. */
export const awsKey: Detector = {
  name: 'aws_key',
  looks: [
    ...formed(
      'aws_key',
      ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'AGPA', 'AIDA', 'AIPA', 'ANPA', 'ANVA', 'AROA', 'APKA', 'ASCA'].map(
        (prefix) => ({ prefix, set: upperOrDigit, min: 16 }),
      ),
    ).looks,
    {
      triggers: [
        [
          ...anyCase('secret'),
          some(bytes('_-'), 0, 1),
          ...anyCase('access'),
          some(bytes('_-'), 0, 1),
          ...anyCase('key'),
          ...separator,
        ],
      ],
      look: lookFor({ prefix: '', set: base64, min: 40, named: true, inside: true }, 0),
    },
  ],
}

/** API keys, OAuth tokens and client secrets. */
export const gcpKey: Detector = formed('gcp_key', [
  { prefix: 'AIza', set: base64url, min: 35 },
  { prefix: 'ya29.', set: base64url, min: 20, open: true },
  { prefix: 'GOCSPX-', set: base64url, min: 28 },
  { prefix: '1//0', set: base64url, min: 40, open: true },
])

/** Storage and bus keys in connection strings, signatures of shared access URLs, and client secrets. */
export const azureKey: Detector = {
  name: 'azure_key',
  looks: [
    ...formed('azure_key', [
      { prefix: ['AccountKey='], set: bytes('A-Za-z0-9+/='), min: 44, open: true, named: true, inside: true },
      { prefix: ['SharedAccessKey='], set: bytes('A-Za-z0-9+/='), min: 43, open: true, named: true, inside: true },
      {
        prefix: [some(bytes('?&;')), 'sig='],
        set: bytes('A-Za-z0-9+/=%-'),
        min: 43,
        open: true,
        named: true,
        inside: true,
      },
    ]).looks,
    { triggers: [pattern(some(bytes('0-9')), 'Q~')], look: lookAtAzureSecret },
  ],
}

const azureSecretSet = bytes('A-Za-z0-9_~.-')

/** Three characters, a digit, `Q~`, then 31 to 34 more. */
function lookAtAzureSecret(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const start = at - 6
  hit.start = Math.max(0, start)
  if (start < 0 || has(word, view, start - 1)) return no
  for (let index = start; index < at; index++) if (azureSecretSet[view[index] ?? 0] !== 1) return no
  let end = at
  while (end < limit && end - at < 35 && azureSecretSet[view[end] ?? 0] === 1) end++
  if (end >= limit && end - at < 35 && !final) return more
  hit.end = end
  return end - at >= 31 && end - at <= 34 ? found : no
}

/** Personal, OAuth, user, server and refresh tokens, and fine-grained ones. */
export const githubToken: Detector = formed('github_token', [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'].map((prefix) => ({ prefix, set: alphanumeric, min: 36, open: true })),
  { prefix: 'github_pat_', set: word, min: 50, open: true },
])

/** Bot, user, app and refresh tokens, and incoming webhooks. */
export const slackToken: Detector = formed('slack_token', [
  { prefix: ['xox', some(bytes('abceoprs')), '-'], set: bytes('A-Za-z0-9-'), min: 20, open: true },
  { prefix: 'xapp-', set: bytes('A-Za-z0-9-'), min: 20, open: true },
  { prefix: 'hooks.slack.com/services/', set: bytes('A-Za-z0-9/'), min: 20, open: true, named: true, inside: true },
])

/** Secret and restricted keys, and webhook secrets. */
export const stripeKey: Detector = formed('stripe_key', [
  { prefix: [some(bytes('sr')), 'k_live_'], set: alphanumeric, min: 16, open: true },
  { prefix: [some(bytes('sr')), 'k_test_'], set: alphanumeric, min: 16, open: true },
  { prefix: 'whsec_', set: bytes('A-Za-z0-9+/='), min: 24, open: true },
])

const whitespace = bytes(' \t\r\n')
const dash = 0x2d
const jwtSet = bytes('A-Za-z0-9_.-')
const jwtTail = tailOf(jwtSet)
const headerBytes = 12
const headerSearchBytes = 512

/** JWS and JWE in compact form (RFC 7515 3.1, RFC 7516 3.1): a base64url JSON object that names a header parameter. */
export const jwt: Detector = {
  name: 'jwt',
  looks: [
    {
      triggers: ['eyJ', 'eyA', 'ewo'].map((start) =>
        pattern(some(not(base64url)), start, some(base64url, headerBytes + 1)),
      ),
      look: lookAtJwt,
    },
  ],
}

/** The first three letters of header parameters; `iv` has its quote behind it. */
const headerNames = new WordSet(
  'alg jku jwk kid x5u x5c x5t typ cty cri enc zip epk apu apv p2s p2c iv" tag b64 ver ppt',
)

const decodedHeader = new Uint8Array(headerBytes)

function lookAtJwt(view: Uint8Array, trigger: number, limit: number, final: boolean, hit: Hit): Verdict {
  const start = trigger - headerBytes - 4
  hit.start = start
  if (namesHeader(view, start)) {
    // Decided by its first bytes, so that no length hides it.
    hit.end = trigger
    hit.tail = jwtTail
    return found
  }
  let end = trigger
  const ceiling = Math.min(limit, start + headerSearchBytes)
  while (end < ceiling && base64url[view[end] ?? 0] === 1) end++
  if (end >= limit && end - start < headerSearchBytes && !final) return more
  // An unusual first member: the second part is an object too.
  if (view[end] !== 0x2e || end >= limit) return no
  if (end + 3 >= limit && !final) return more
  if (view[end + 1] !== 0x65 || view[end + 2] !== 0x79) return no
  hit.end = end
  hit.tail = jwtTail
  return found
}

/** Whether what base64 stands for begins an object with the name of a header parameter. */
function namesHeader(view: Uint8Array, start: number): boolean {
  const text = decodedHeader
  for (let at = 0; at < headerBytes / 3; at++) {
    const from = start + at * 4
    const bits =
      ((base64Values[view[from] ?? 0] ?? 0) << 18) |
      ((base64Values[view[from + 1] ?? 0] ?? 0) << 12) |
      ((base64Values[view[from + 2] ?? 0] ?? 0) << 6) |
      (base64Values[view[from + 3] ?? 0] ?? 0)
    text[at * 3] = bits >> 16
    text[at * 3 + 1] = bits >> 8
    text[at * 3 + 2] = bits
  }
  let at = past(text, 0)
  if (text[at] !== 0x7b) return false
  at = past(text, at + 1)
  return text[at] === 0x22 && at + 3 < headerBytes && headerNames.has(text, at + 1, at + 4)
}

/** Behind white space. */
function past(text: Uint8Array, from: number): number {
  let at = from
  while (at < text.length && whitespace[text[at] ?? 0] === 1) at++
  return at
}

/** Private keys in PEM (RFC 7468) and in the armour of OpenPGP. */
export const privateKey: Detector = {
  name: 'private_key',
  looks: [{ triggers: [pattern('-----BEGIN')], look: lookAtPem }],
}

const labelBytesMax = 48
const pemBody = bytes('A-Za-z0-9+/=\r\n\t\\ :,."-')
const pemRun = bytes('A-Za-z0-9+/:=-')
const keyBytesMin = 24

function lookAtPem(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  hit.start = at - 10
  let end = at
  let names = false
  const ceiling = Math.min(limit, at + labelBytesMax)
  for (; end < ceiling && view[end] !== dash; end++) names ||= view[end] === 0x50 && isAt(view, end, privateWord)
  if (end + 5 > limit && end - at < labelBytesMax) return final ? no : more
  if (!names) return no
  while (end < limit && end - at < labelBytesMax + 5 && view[end] === dash) end++
  if (end >= limit && !final) return more
  // A key follows, not a sentence about one: a long run of base64, or the headers of an encrypted key.
  let index = end
  while (index < limit && index - end < 8 && whitespace[view[index] ?? 0] === 1) index++
  const first = index
  while (index < limit && index - first < keyBytesMin && pemRun[view[index] ?? 0] === 1) index++
  if (index >= limit && index - first < keyBytesMin && !final) return more
  if (index - first < keyBytesMin && !hasHeader(view, first, index)) return no
  hit.end = end
  hit.tail = pemTail
  return found
}

const privateWord = Buffer.from('PRIVATE')
const pemHeaders = ['Proc-Type:', 'DEK-Info:', 'Version:', 'Comment:'].map((name) => Buffer.from(name))

function hasHeader(view: Uint8Array, from: number, to: number): boolean {
  for (const name of pemHeaders) if (view[from] === name[0] && to - from >= name.length) return isAt(view, from, name)
  return false
}

function isAt(view: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let index = 0; index < text.length; index++) if (view[at + index] !== text[index]) return false
  return true
}

const marker = '-----END '

/** Up to the end marker and its line, or to a byte that no key holds. States: how much of the marker stands; then dashes. */
const pemTail: Tail = {
  step: (state, byte) => {
    if (state > marker.length) {
      // Behind the marker: the label, then five dashes.
      if (byte === 0x2d) return state === marker.length + 5 ? tailEndsAfter : state + 1
      return base64[byte] === 1 || byte === 0x20 ? marker.length + 1 : tailEnds
    }
    if (byte === marker.charCodeAt(state)) return state + 1 === marker.length ? marker.length + 1 : state + 1
    if (pemBody[byte] !== 1) return tailEnds
    // A sixth dash leaves five standing.
    return byte === 0x2d ? Math.min(state, 5) || 1 : 0
  },
}
