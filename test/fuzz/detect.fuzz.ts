// The streaming matcher on random bytes and pieces of values: one output however the input is cut, and nothing but what is
// masked changes.
import {
  createStreamMasker,
  type DetectRule,
  detectorNames,
  isDetectorName,
  longValueText,
} from '../../engine/masking/index.ts'

/** The fuzzer's name. */
export const name = 'detect'

const key = new Uint8Array(32)
const pieces = [
  ...[
    '4111',
    '4111 1111 1111 1111',
    '378282246310005',
    '5555-5555-5555-4444',
    '41-1 ',
    '13 ',
    '1',
    ' ',
    '-',
    '.',
    '  ',
  ],
  ...['GB82 WEST 1234 5698 7654 32', 'NO93 8601 1117 947', 'NO93 ', 'AT20 ', 'DE89', '3704', 'XX00'],
  ...['alice@example.org', '@', 'a@b.co', 'x@y.', 'icon@2x.png', '://u:pw@host.io', '://', 'redis://:p@h'],
  ...['10.1.2.3', '1.2.3.', '2001:db8::1', '::', 'a::1::', 'fe80::', '1:2:3:4:5:6:7:8', ':'],
  ...['password=', 'secret_token: ', 'Bearer ', '"api_key": "', 'hunter2!x', 'abcdef1234567890', '"', '--password '],
  ...[
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    'eyJ',
    'eyJ4IjoxLCJ5IjoyfQ.eyJ6IjozfQ',
    'AKIAABCDEFGHIJKLMNOP',
    'ghp_',
  ],
  ...[
    '-----BEGIN RSA PRIVATE KEY-----\n',
    '-----BEGIN',
    `${'MIIEow'.repeat(9)}\n`,
    '-----END RSA PRIVATE KEY-----',
    '-----END ',
  ],
  ...['\u001b[31m', '\u001b[', '\u001b', '%34', '%4', '%', '\\u0034', '\\u00', '\\', '\\n', '\n', '\r\n', '\t', 'é'],
  ...['+44 20 7946 0958', '+1 (415) 555-2671', '219-09-9999', '(415) 555-2671', 'EMP-123456', 'EMP-', 'x', 'word'],
  Buffer.from('card 4111111111111111 of bob@example.org').toString('base64'),
  Buffer.from('nothing at all in here but words').toString('base64url'),
  '='.repeat(2),
]
const rules: readonly DetectRule[] = [...detectorNames, 're2:EMP-[0-9]{6}', 're2:x.{0,9}word'].flatMap((detector) =>
  isDetectorName(detector) ? [{ detector, strategy: 'fixed:\u0001' }] : [],
)

/** Cases until the deadline. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  let cases = 0
  const below = (count: number): number => Math.floor(random() * count)
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    const parts = Array.from({ length: 1 + below(40) }, () =>
      random() < 0.15
        ? Buffer.from(Array.from({ length: 1 + below(6) }, () => below(256)))
        : Buffer.from((pieces[below(pieces.length)] ?? '').repeat(random() < 0.05 ? 1 + below(60) : 1)),
    )
    const input = Buffer.concat(parts)
    const whole = masked(input, () => input.length)
    const cut = masked(input, () => 1 + below(random() < 0.5 ? 3 : 90))
    if (!whole.equals(cut)) failures.push(`cut otherwise, shown otherwise: ${shown(input)}`)
    if (!isWithout(whole, input)) failures.push(`not what came in: ${shown(input)}`)
    cases++
  }
  return { cases, failures }
}

function shown(input: Buffer): string {
  return JSON.stringify(input.toString('latin1')).slice(0, 2000)
}

function masked(input: Buffer, size: () => number): Buffer {
  const masker = createStreamMasker(rules, key)
  const out: Buffer[] = []
  for (let at = 0; at < input.length; ) {
    const next = at + Math.max(1, size())
    out.push(masker.push(input.subarray(at, next)))
    at = next
  }
  out.push(masker.end())
  return Buffer.concat(out)
}

/** Whether the output is the input with parts of it taken out or replaced by the mark. */
function isWithout(out: Buffer, input: Buffer): boolean {
  let at = 0
  const kept = out.toString('latin1').replaceAll(longValueText, '\u0001')
  for (const byte of Buffer.from(kept, 'latin1')) {
    if (byte === 1) continue
    while (at < input.length && input[at] !== byte) at++
    if (at++ >= input.length) return false
  }
  return true
}
