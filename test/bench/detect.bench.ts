// Speed of the streaming matcher over log text with twelve detectors, and over inputs made to be slow.
import { createStreamMasker, type DetectorName } from '../../engine/masking/index.ts'
import { labelled, seeded } from '../support/detect-corpus.ts'

/** The bench's name. */
export const name = 'detect'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  base64:
    'what may stand behind base64 is gone through twice, as it is written and as what it stands for, by the same automaton; the second time four parts at once.',
  hostile:
    'what consists of nothing but values, or of what almost is one, has every candidate checked by its own arithmetic; a plain text has few.',
}

const detectors: readonly DetectorName[] = [
  'credit_card',
  'iban',
  'email',
  'phone',
  'ssn',
  'ip',
  'jwt',
  'private_key',
  'aws_key',
  'github_token',
  'slack_token',
  'secret',
]
const rounds = 5
const textBytes = 8 * 1024 * 1024

/** Inputs that make looks happen as often as they can. */
const hostile: Readonly<Record<string, string>> = {
  'digits only': '4111',
  'card groups': '4111 ',
  'short groups': '41-1 ',
  'iban beginnings': 'NO93 ',
  'iban runs': 'GB82WEST',
  'at signs': 'a@',
  'long local parts': `${'a'.repeat(63)}@`,
  dots: '1.2.3.4.',
  colons: 'a::1::',
  'ipv6 runs': '1:2:3:4:5:6:7:8:',
  'jwt beginnings': 'eyJ.',
  'jwt headers': `eyJ${'x'.repeat(500)} `,
  'key words': 'password=',
  'key words alone': 'secrettoken',
  'pem beginnings': '-----BEGIN PRIVATE KEY-----\n',
  'base64 runs': `${Buffer.from('words and words ab').toString('base64')} `,
  'values and runs': `a@b.co ${Buffer.from('words and words ab').toString('base64')} `,
  escapes: '\\u0034%34',
  colours: '\u001b[1m4',
  'austrian beginnings': 'AT20 ',
  'phone beginnings': '+1234',
  'names and no values': 'secret=a ',
  'addresses only': 'a@b.co ',
  'cards only': '4111 1111 1111 1111 ',
  'accounts only': 'GB82 WEST 1234 5698 7654 32 ',
  'numbers of people only': '219-09-9999 ',
  'passwords only': 'password=hunter2x1 ',
  'bearers only': 'Authorization: Bearer abcdef1234567890 ',
  'short JWTs only': 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln ',
  'tokens only': `ghp_${'a1B2'.repeat(9)} `,
  'private keys only': `-----BEGIN PRIVATE KEY-----\n${'MIIEow'.repeat(9)}\n-----END PRIVATE KEY-----\n`,
  'values in base64 only': `${Buffer.from('card 4111111111111111 of bob').toString('base64')} `,
  'binary in base64 only': `${Buffer.from(random('\u0001\u0002abc\u0000', 3_000)).toString('base64')} `,
  'values as they are and in base64': `10.1.2.3 ${Buffer.from('card 4111111111111111 of bob').toString('base64')} `,
  'addresses in escapes only': '\\u0061@b.co ',
  'IPv4 only': '10.1.2.3 ',
  'IPv6 only': '2001:db8::1 ',
  'numbers at random': random('0123456789 .-', 65_536),
  'numbers, colons and letters at random': random('12ab:.@ -=', 65_536),
}

/** Bytes of an alphabet without order, so that no branch can be foreseen. */
function random(alphabet: string, count: number): string {
  const next = seeded(9)
  return Array.from({ length: count }, () => alphabet[Math.floor(next() * alphabet.length)]).join('')
}

/** The speed over log text, and what other inputs cost compared with it. */
export async function run(): Promise<{
  rows: { name: string; value: number; unit: string; ratio?: number; goal?: string }[]
}> {
  const clean = fill(logText())
  const cleanSpeed = speed(clean)
  const rows: { name: string; value: number; unit: string; ratio?: number; goal?: string }[] = [
    { name: 'log text, 12 detectors', value: cleanSpeed, unit: 'MB/s', goal: '>= 200' },
  ]
  for (const [what, unit] of Object.entries(hostile)) {
    const ratio = compared(clean, fill(unit))
    rows.push({ name: `hostile: ${what}`, value: cleanSpeed / ratio, unit: 'MB/s', ratio, goal: 'ratio <= 2' })
  }
  return { rows }
}

/** Log lines of a service as they are; every twentieth has an address, or something that looks like a value and is none. */
function logText(): string {
  const random = seeded(5)
  const pick = (items: readonly string[]): string => items[Math.floor(random() * items.length)] ?? ''
  const words =
    'request accepted by the scheduler after retry of batch while cache was warm and queue depth stable'.split(' ')
  const odd = [...labelled(4_000, 3)].filter((line) => line.detector === undefined || line.detector === 'ip')
  const lines: string[] = []
  for (let line = 0; line < 20_000; line++) {
    const time = `2026-11-${10 + (line % 19)}T0${line % 9}:${10 + (line % 49)}:${10 + (line % 50)}.${100 + (line % 900)}Z`
    const head = `${time} ${pick(['INFO', 'WARN', 'DEBUG'])} ${pick(['http', 'worker', 'store'])}.${pick(['server', 'pool', 'index'])}`
    const said = Array.from({ length: 6 }, () => pick(words)).join(' ')
    const pairs = `status=${pick(['200', '404', '503'])} path=/${pick(words)}/${pick(words)}/${line} took=${line % 997}ms id=${(line * 2_654_435_761).toString(16)}`
    const { before, value, after } = odd[line % odd.length] ?? { before: '', value: '', after: '\n' }
    lines.push(line % 20 === 0 ? before + value + after : `${head} ${said} ${pairs}\n`)
  }
  return lines.join('')
}

function fill(unit: string): Buffer {
  return Buffer.alloc(textBytes, unit)
}

/** MB/s of the processor's time, the best of some rounds. */
function speed(text: Buffer): number {
  return text.length / Math.min(...Array.from({ length: rounds }, () => spent(text)))
}

/** How much more a text costs than a clean one, in rounds that alternate. */
function compared(clean: Buffer, text: Buffer): number {
  const times = Array.from({ length: rounds }, () => [spent(clean), spent(text)] as const)
  return Math.min(...times.map(([, hostile]) => hostile)) / Math.min(...times.map(([clean]) => clean))
}

/** Microseconds of the processor for one pass in pieces of 64 KiB. */
function spent(text: Buffer): number {
  const masker = createStreamMasker(
    detectors.map((detector) => ({ detector, strategy: 'redact' })),
    new Uint8Array(32),
  )
  const started = process.cpuUsage()
  for (let at = 0; at < text.length; at += 65_536) masker.push(text.subarray(at, at + 65_536))
  masker.end()
  const { user, system } = process.cpuUsage(started)
  return user + system
}
