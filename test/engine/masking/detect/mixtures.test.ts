// Random mixtures of the values of all detectors, whole and cut short, escaped, coloured, in base64 and many times over:
// what the kernel does for a whole text comes out as what is done for one byte after the other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createStreamMasker,
  type DetectorName,
  type DetectRule,
  detectorNames,
} from '../../../../engine/masking/index.ts'
import { labelled, seeded } from '../../../support/detect-corpus.ts'

const key = new Uint8Array(32)
const seed = Number(process.env['SALLYPORT_SEED'] ?? 4)
const texts = Number(process.env['MIXTURES'] ?? 250)

const random = seeded(seed)
const below = (n: number): number => Math.floor(random() * n)
const chance = (share: number): boolean => random() < share
function pick<T>(items: readonly T[]): T {
  const item = items[below(items.length)]
  if (item === undefined) throw new Error('nothing to pick from')
  return item
}

const corpus = [...labelled(3000, seed)]
const bits: readonly string[] = [
  ...['password=hunter2x1', 'password: "correct horse battery', "token='a b c D1 e'", 'secret=`aB3dE6gH9'],
  ...['Authorization: Bearer abcdef1234567890', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln', `ghp_${'a1B2'.repeat(9)}`],
  `-----BEGIN PRIVATE KEY-----\n${'MIIEow'.repeat(9)}\n-----END PRIVATE KEY-----\n`,
  `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n${'MIIEow'.repeat(9)}\n----END--------END RSA PRIVATE KEY----`,
  ...['-----END ', '-----', '------END RSA ', 'hooks.slack.com/services/T00/B00/abcdefghij0123456789'],
  ...[`AccountKey=${'ab12+/'.repeat(9)}==`, 'https://u:p4ssw0rd@h.example/x', `sk_live_${'a1B2'.repeat(5)}`],
  ...['10.1.2.3', '255.255.255.255.', '999.1.1.1', '01.2.3.4', '1.2.3.4.5', '0.0.0.0', '256.1.1.1', '1.2.3.1234'],
  ...[
    '2001:db8::1',
    '::ffff:10.0.0.1',
    '1:2:3:4:5:6:7:8',
    'fe80::1%eth0',
    '1::2::3',
    ':::1',
    '::1:',
    '1:2:3:4:5:6:7::8',
  ],
  ...['4111 1111 1111 1111', 'a@b.co', 'x@y.co.uk', '219-09-9999', 'GB82 WEST 1234 5698 7654 32', 'hunter2x'],
  ...['"', "'", '`', '\n', ' ', ',', '=', ':', '.', '-', '0', 'a', '1.', '%', '\\', '\u001b[1m', '\u001b[', '%34', 'ü'],
]
const long: readonly string[] = [
  ...[`password=${'x1'.repeat(2048)}`, `password=${'x1'.repeat(2048)}y`, `password="${'x1 '.repeat(1500)}`],
  `eyJhbGciOiJIUzI1NiJ9.${'abc.'.repeat(1030)}`,
  `-----BEGIN PRIVATE KEY-----\n${'MIIEowaaa\n'.repeat(404)}-----END PRIVATE KEY-----\n`,
  `-----BEGIN PRIVATE KEY-----\n${'MIIEowaaa\n'.repeat(500)}`,
]

function escaped(character: string): string {
  const hex = character.charCodeAt(0).toString(16).padStart(2, '0')
  return character.charCodeAt(0) < 0x80 ? pick([`\\u00${hex}`, `%${hex}`]) : character
}

function part(): string {
  const { before, value, after } = pick(corpus)
  const from = random()
  const text = from < 0.4 ? pick([before + value + after, value]) : pick(from < 0.43 ? long : bits)
  const way = random()
  if (way < 0.1) return Buffer.from(text).toString(pick(['base64', 'base64url'] as const))
  if (way < 0.12) return Buffer.concat([Buffer.from([below(256), below(256), 7]), Buffer.from(text)]).toString('base64')
  if (way < 0.17) return [...text].map((character) => (chance(0.3) ? escaped(character) : character)).join('')
  if (way < 0.2) return [...text].map((one) => (chance(0.1) ? `\u001b[${below(40)}m${one}` : one)).join('')
  if (way < 0.26) return text.slice(0, below(text.length + 1))
  if (way < 0.28) return Array.from({ length: 1 + below(60) }, () => text).join(pick(['', ' ', '\n', ',']))
  return text
}

function mixture(): Buffer {
  const only = chance(0.3) ? [part(), part()] : undefined
  const gap = chance(0.2) ? undefined : pick(['', ' ', '\n', ', ', '"'])
  const count = 1 + below(chance(0.1) ? 400 : 40)
  const parts = Array.from({ length: count }, () => [only === undefined ? part() : pick(only), gap ?? pick([' ', ''])])
  return Buffer.from(parts.flat().join(''))
}

const strategies = [
  'redact',
  'last4',
  'hash',
  'null',
  'partial',
  'fixed:gone',
  'fixed:a text of more than sixteen bytes',
]
const custom: readonly DetectorName[] = ['re2:ab+c[0-9]{2}', 're2:[a-z]+_id=[0-9]+', 're2:(?i)hunter[0-9]x']

function someRules(): readonly DetectRule[] {
  const names = [...detectorNames.filter(() => chance(0.85)), ...(chance(0.2) ? [pick(custom)] : [])]
  return (names.length === 0 ? detectorNames : names).map((detector) => ({ detector, strategy: pick(strategies) }))
}

/** What comes out of a text cut at some places, and what was counted. */
function masked(text: Buffer, rules: readonly DetectRule[], cuts: readonly number[]): readonly [string, string] {
  const masker = createStreamMasker(rules, key)
  const out: Buffer[] = []
  let at = 0
  for (const cut of [...cuts, text.length]) {
    out.push(masker.push(text.subarray(at, cut)))
    at = cut
  }
  out.push(masker.end())
  return [Buffer.concat(out).toString('latin1'), JSON.stringify([...masker.counts])]
}

function everyByte(text: Buffer): readonly number[] {
  return Array.from({ length: text.length }, (_, at) => at)
}

test(`of ${texts} mixtures of values each comes out the same in one piece, in some and byte by byte`, () => {
  let found = 0
  for (let index = 0; index < texts; index++) {
    const text = mixture()
    const rules = someRules()
    const whole = masked(text, rules, [])
    if (whole[1] !== '[]') found++
    const some = Array.from({ length: 1 + below(8) }, () => below(text.length + 1)).sort((a, b) => a - b)
    const why = `mixture ${index} of seed ${seed}`
    assert.deepEqual(masked(text, rules, some), whole, why)
    if (text.length < 20_000) assert.deepEqual(masked(text, rules, everyByte(text)), whole, why)
  }
  assert.ok(found > texts / 2, `${found} of ${texts} texts have a value`)
})
