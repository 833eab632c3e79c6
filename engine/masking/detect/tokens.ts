// Detectors of credentials that tell by their beginning what they are: cloud keys, tokens of services, JWTs, PEM keys.
import { alphanumeric, type ByteSet, base64, base64url, bytes, not, word } from './bytes.ts'
import { type Detector, inKernel, type KernelLook, type Tail, tailEnds, tailEndsAfter, tailOf } from './detector.ts'
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

function lookFor({ set, min, open, named, inside }: Form, prefixBytes: number): KernelLook {
  const form = { prefixBytes, set, min, open: open === true, named: named === true, inside: inside === true }
  return { name: 'formed', form, tails: [tailOf(set)] }
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
    { triggers: [pattern(some(bytes('0-9')), 'Q~')], look: inKernel('azure') },
  ],
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
const headerBytes = 12

/** JWS and JWE in compact form (RFC 7515 3.1, RFC 7516 3.1): a base64url JSON object that names a header parameter. */
export const jwt: Detector = {
  name: 'jwt',
  looks: [
    {
      triggers: ['eyJ', 'eyA', 'ewo'].map((start) =>
        pattern(some(not(base64url)), start, some(base64url, headerBytes + 1)),
      ),
      look: inKernel('jwt', tailOf(jwtSet)),
    },
  ],
}

const pemBody = bytes('A-Za-z0-9+/=\r\n\t\\ :,."-')
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

/** Private keys in PEM (RFC 7468) and in the armour of OpenPGP. */
export const privateKey: Detector = {
  name: 'private_key',
  looks: [{ triggers: [pattern('-----BEGIN')], look: inKernel('pem', pemTail) }],
}
