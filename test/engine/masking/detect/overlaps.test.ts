// Values that overlap, and runs of base64 in values or beside them: what comes out does not depend on where the text is
// cut, nor on what was found first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createStreamMasker, type DetectRule } from '../../../../engine/masking/index.ts'

const key = new Uint8Array(32)

/** What comes out, and what was counted. */
function masked(text: string, rules: readonly DetectRule[], size: number): readonly [string, string] {
  const input = Buffer.from(text)
  const masker = createStreamMasker(rules, key)
  const out: Buffer[] = []
  for (let at = 0; at < input.length; at += size) out.push(Buffer.from(masker.push(input.subarray(at, at + size))))
  out.push(Buffer.from(masker.end()))
  return [Buffer.concat(out).toString(), JSON.stringify([...masker.counts])]
}

const sizes = [1, 2, 3, 16, 64, 500, 4096]

const partial: readonly DetectRule[] = [
  { detector: 'email', strategy: 'partial' },
  { detector: 'credit_card', strategy: 'redact' },
]

for (const { what, text, rules, shown } of [
  {
    what: 'a run within an address is nothing of its own',
    text: `${Buffer.from('and 4111111111111111').toString('base64').slice(0, -1)}@b.co\n`,
    rules: partial,
    shown: 'Y**************************@b.co\n',
  },
  {
    what: 'a run that reaches beyond an address is masked with it',
    text: `a@b.com/${Buffer.from('and 4111111111111111').toString('base64')} and so on`,
    rules: partial,
    shown: '[redacted] and so on',
  },
  {
    what: 'tokens and runs that overlap one another without an end have one text for all of them',
    text: `${`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${Buffer.from('to served@cache.io, and ').toString('base64')}/`.repeat(200)} and so on`,
    rules: [
      { detector: 'email', strategy: 'redact' },
      { detector: 'jwt', strategy: 'redact' },
    ] as const,
    shown: '[redacted] and so on',
  },
])
  test(what, () => {
    const whole = masked(text, rules, text.length)
    assert.equal(whole[0], shown)
    for (const size of sizes) assert.deepEqual(masked(text, rules, size), whole, `cut at every ${size}`)
  })

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const parts = [
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.',
  base64('mail a@b.co and 4111111111111111 '),
  base64(`${'x'.repeat(40)} served@cache.io `),
  `sk_live_${'a1B2'.repeat(8)}`,
  `ghp_${'aB3d'.repeat(9)}`,
  'QUJD'.repeat(300),
  `-----BEGIN PRIVATE KEY-----\n${base64('k'.repeat(3500))}`,
  '-----END PRIVATE KEY-----',
  'password=hunter2x',
  '4111 1111 1111 1111',
  '10.0.0.1',
  'a@b.co',
  'Bearer ',
  '\\u0041',
  '/',
  '+',
  '.',
  '@',
  ' ',
  '\n',
  'é',
]
const detectors = ['email', 'jwt', 'private_key', 'credit_card', 'ip', 'stripe_key', 'github_token', 'secret'] as const

test('whatever overlaps whatever, the same comes out however it is cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 }),
      fc.array(fc.constantFrom(...parts), { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      fc.uniqueArray(fc.constantFrom(...detectors), { minLength: 1 }),
      fc.array(fc.constantFrom('redact', 'null', 'fixed:X', 'fixed:Y', 'last4', 'partial'), {
        minLength: detectors.length,
        maxLength: detectors.length,
      }),
      fc.integer({ min: 1, max: 900 }),
      (some, others, times, names, strategies, size) => {
        const text = `${some.join('').repeat(times)}${others.join('')}${some.join('').repeat(2)}`
        const rules = names.map((detector, at): DetectRule => ({ detector, strategy: strategies[at] ?? 'redact' }))
        assert.deepEqual(masked(text, rules, size), masked(text, rules, text.length))
      },
    ),
    { numRuns: 150 },
  )
})
