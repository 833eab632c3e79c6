// Detectors of credentials that tell by their beginning what they are: cloud keys, tokens of services, JWTs, PEM keys.
import { alphanumeric, type ByteSet, base64, base64url, bytes, has, not, word } from './bytes.ts'
import { type Detector, type Hit, type Tail, tailEnds, tailEndsAfter, tailOf, type Verdict } from './detector.ts'
import { anyCase, type Element, pattern, some } from './pattern.ts'

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
    if (form.inside !== true && start > 0 && word[view[start - 1] ?? 0] === 1) return 'no'
    let end = at
    while (end < limit && end - at < min && set[view[end] ?? 0] === 1) end++
    if (end - at < min) return end >= limit && !final ? 'more' : 'no'
    hit.end = end
    if (form.open === true) {
      hit.tail = tail
      return 'hit'
    }
    if (end >= limit) return final ? 'hit' : 'more'
    return set[view[end] ?? 0] === 1 ? 'no' : 'hit'
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
  if (start < 0 || has(word, view, start - 1)) return 'no'
  for (let index = start; index < at; index++) if (azureSecretSet[view[index] ?? 0] !== 1) return 'no'
  let end = at
  while (end < limit && end - at < 35 && azureSecretSet[view[end] ?? 0] === 1) end++
  if (end >= limit && end - at < 35 && !final) return 'more'
  hit.end = end
  return end - at >= 31 && end - at <= 34 ? 'hit' : 'no'
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

const jwtSet = bytes('A-Za-z0-9_.-')
const jwtTail = tailOf(jwtSet)
const headerBytes = 12
const headerSearchBytes = 512

/** JWS and JWE in compact form (RFC 7515 3.1, RFC 7516 3.1): a base64url JSON object that names a header parameter. */
export const jwt: Detector = {
  name: 'jwt',
  looks: [{ triggers: ['eyJ', 'eyA', 'ewo'].map((start) => pattern(some(not(base64url)), start)), look: lookAtJwt }],
}

const headerNames = [
  ...['alg', 'jku', 'jwk', 'kid', 'x5u', 'x5c', 'x5t', 'typ', 'cty', 'crit', 'enc', 'zip', 'epk', 'apu', 'apv', 'p2s'],
  ...['p2c', 'iv"', 'tag', 'b64', 'ver', 'ppt'],
]

function lookAtJwt(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  const start = at - 3
  hit.start = start
  if (start > 0 && base64url[view[start - 1] ?? 0] === 1) return 'no'
  let end = at
  while (end < limit && end - start < headerSearchBytes && base64url[view[end] ?? 0] === 1) end++
  const whole = end - start >= headerSearchBytes || end < limit || final
  if (end - start < headerBytes + 4) return whole ? 'no' : 'more'
  hit.tail = jwtTail
  const beginning = Buffer.from(view.subarray(start, start + headerBytes + 4)).toString('latin1')
  const json = Buffer.from(beginning, 'base64url').toString('latin1').trimStart()
  const key = json.slice(1).trimStart()
  if (json[0] === '{' && key[0] === '"' && headerNames.some((name) => key.startsWith(name, 1))) {
    // Decided by its first bytes, so that no length hides it.
    hit.end = start + headerBytes + 4
    return 'hit'
  }
  hit.tail = undefined
  if (!whole) return 'more'
  // An unusual first member: the second part is an object too.
  if (view[end] !== 0x2e || end >= limit) return 'no'
  if (end + 3 >= limit && !final) return 'more'
  if (view[end + 1] !== 0x65 || view[end + 2] !== 0x79) return 'no'
  hit.end = end
  hit.tail = jwtTail
  return 'hit'
}

/** Private keys in PEM (RFC 7468) and in the armour of OpenPGP. */
export const privateKey: Detector = {
  name: 'private_key',
  looks: [{ triggers: [pattern('-----BEGIN')], look: lookAtPem }],
}

const labelBytesMax = 48
const pemBody = bytes('A-Za-z0-9+/=\r\n\t\\ :,."-')
const pemRun = bytes('A-Za-z0-9+/:=-')
const whitespace = bytes(' \t\r\n')
const keyBytesMin = 24

function lookAtPem(view: Uint8Array, at: number, limit: number, final: boolean, hit: Hit): Verdict {
  hit.start = at - 10
  let end = at
  while (end < limit && end - at < labelBytesMax && view[end] !== 0x2d) end++
  if (end + 5 > limit && end - at < labelBytesMax) return final ? 'no' : 'more'
  const label = Buffer.from(view.subarray(at, end)).toString('latin1')
  if (!label.includes('PRIVATE KEY') && !label.includes('PRIVATE')) return 'no'
  while (end < limit && end - at < labelBytesMax + 5 && view[end] === 0x2d) end++
  if (end >= limit && !final) return 'more'
  // A key follows, not a sentence about one: a long run of base64, or the headers of an encrypted key.
  let index = end
  while (index < limit && index - end < 8 && whitespace[view[index] ?? 0] === 1) index++
  const first = index
  while (index < limit && index - first < keyBytesMin && pemRun[view[index] ?? 0] === 1) index++
  if (index >= limit && index - first < keyBytesMin && !final) return 'more'
  const beginning = Buffer.from(view.subarray(first, index)).toString('latin1')
  if (index - first < keyBytesMin && !/^(?:Proc-Type:|DEK-Info:|Version:|Comment:)/.test(beginning)) return 'no'
  hit.end = end
  hit.tail = pemTail
  return 'hit'
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
