// The streaming matcher: one output for every way to cut the input, escapes seen through, bounded holding back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createStreamMasker, type DetectRule, detectorNames, valueBytesMax } from '../../../../engine/masking/index.ts'
import { labelled } from '../../../support/detect-corpus.ts'

const key = new Uint8Array(32)
const all: readonly DetectRule[] = detectorNames.map((detector) => ({ detector, strategy: 'fixed:#' }))
const card = '4111111111111111'

function masked(text: string | Uint8Array, rules: readonly DetectRule[] = all, cut = Number.POSITIVE_INFINITY): string {
  const masker = createStreamMasker(rules, key)
  const input = Buffer.from(text)
  const out: Buffer[] = []
  for (let at = 0; at < input.length; at += cut) out.push(masker.push(input.subarray(at, at + cut)))
  out.push(masker.end())
  return Buffer.concat(out).toString('latin1')
}

const pieces = fc.oneof(
  fc.constantFrom(
    card,
    '4111 1111 1111 1111',
    'alice@example.org',
    '10.1.2.3',
    '219-09-9999',
    '(415) 555-2671',
    'GB82 WEST 1234 5698 7654 32',
    'password="hunter2 x!"',
    'Bearer abcdef1234567890',
    'AKIAABCDEFGHIJKLMNOP',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
    '-----BEGIN PRIVATE KEY-----\nabcdefghijklmnopqrstuvwxyz012345\n-----END PRIVATE KEY-----',
    '\u001b[31m',
    '\u001b[0',
    '\u001b',
    '%34',
    '%4',
    '\\u0034',
    '\\n',
    '\\',
    '://u:',
    '2001:db8::1',
    '::',
    '@',
    ' ',
    '\n',
    '-----END ',
    '4111',
    'eyJ',
    Buffer.from('card 4111111111111111 of bob@example.org').toString('base64'),
    Buffer.from('nothing at all in here but words').toString('base64url'),
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    '=',
  ),
  fc.string({ maxLength: 6 }),
)

test('gives the same output however the input is cut', () => {
  fc.assert(
    fc.property(
      fc.array(pieces, { maxLength: 30 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (parts, cuts) => {
        const input = Buffer.from(parts.join(''))
        const whole = masked(input)
        assert.equal(masked(input, all, 1), whole)
        const masker = createStreamMasker(all, key)
        const out: Buffer[] = []
        for (let at = 0, turn = 0; at < input.length; turn++) {
          const size = cuts[turn % cuts.length] ?? 1
          out.push(masker.push(input.subarray(at, at + size)))
          at += size
        }
        out.push(masker.end())
        assert.equal(Buffer.concat(out).toString('latin1'), whole)
      },
    ),
    { numRuns: 2_000 },
  )
})

test('reads many escapes at once as it reads each alone', () => {
  const escapes = fc.constantFrom(
    ...['%34', '%4', '%zz', '\\u0034', '\\u00', '\\u0134', '\\x2e', '\\x2', '\\n', '\\"', '\\\\', '\\', '%'],
    ...[
      '\u001b[1m',
      '\u001b[',
      '\u001b[38;5;1m',
      `\u001b[${'1'.repeat(40)}m`,
      '\u001b',
      '\u001b[1\n',
      '4',
      '11',
      '1 ',
      'a@',
      'word',
    ],
  )
  fc.assert(
    fc.property(
      fc.array(escapes, { minLength: 30, maxLength: 400 }),
      fc.integer({ min: 1, max: 200 }),
      (parts, size) => {
        const text = parts.join('')
        const one = masked(text, all, 1)
        assert.equal(masked(text), one)
        assert.equal(masked(text, all, size), one)
      },
    ),
    { numRuns: 300 },
  )
  const colours = '\u001b[1m4\u001b[0m'.repeat(20)
  assert.equal(masked(`${colours}\n%61%40%62%2e%63%6f\n`), `${colours}\n#\n`)
})

test('holds back a number whose groups have two blanks between them', () => {
  for (let cut = 1; cut < 20; cut++) {
    assert.equal(masked('\n+44  2079  460  958 ', all, cut), '\n# ', `${cut}`)
    assert.equal(masked('\n+44   2079  460  958 ', all, cut), '\n+44   2079  460  958 ', `${cut}`)
  }
})

test('masks what stands in base64 before a value that is too long', () => {
  const hidden = Buffer.from('card 4111111111111111 of bob@example.org').toString('base64')
  const long = `ghp_${'a'.repeat(valueBytesMax)}`
  for (const cut of [Number.POSITIVE_INFINITY, 5000, 64])
    assert.equal(masked(`${hidden} ${long} ${hidden} ${long} x`, all, cut), '# [redacted] # [redacted] x', `${cut}`)
})

test('masks what stands in base64 before a value that is too long and that has not ended', () => {
  const hidden = Buffer.from('a card 4111111111111111 of bob@example.org').toString('base64')
  for (const [text, expected] of [
    [`${hidden} ghp_${'a'.repeat(valueBytesMax)}`, '# [redacted]'],
    [`${hidden} ghp_${'a'.repeat(valueBytesMax * 3)} ${hidden}`, '# [redacted] #'],
    [`${hidden}/ghp_${'a'.repeat(valueBytesMax)} ${hidden}`, '[redacted] #'],
    [`${hidden}-ghp_${'a'.repeat(valueBytesMax * 3)} ${hidden}`, '[redacted] #'],
  ] as const)
    for (const cut of [Number.POSITIVE_INFINITY, 5000, 1000, 64, 7, 1])
      assert.equal(masked(text, all, cut), expected, `${text.slice(0, 80)} ${cut}`)
})

test('looks at nothing behind the bytes that are there', () => {
  const noise = `${'9'.repeat(300)}\n`
  for (const text of ['://u:4111@4111111111111111', 'eyJ.ey', '1.2.3.4.', '+1 555', 'NO93 8601'])
    for (let cut = 1; cut < text.length; cut++) {
      const masker = createStreamMasker(all, key)
      // What the buffer held before must not matter.
      const out = [noise, text.slice(0, cut), text.slice(cut)].map((part) => masker.push(Buffer.from(part)))
      assert.equal(Buffer.concat([...out, masker.end()]).toString(), masked(noise + text), `${text} at ${cut}`)
    }
})

test('gives the corpus the same output in one piece and in small ones', () => {
  const text = [...labelled(2_000, 7)].map(({ before, value, after }) => before + value + after).join('')
  const whole = masked(text)
  for (const cut of [1, 2, 3, 7, 64, 1000]) assert.equal(masked(text, all, cut), whole)
})

test('passes on what it does not mask byte for byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
      const rules: readonly DetectRule[] = [{ detector: 'github_token', strategy: 'redact' }]
      assert.equal(masked(input, rules), Buffer.from(input).toString('latin1'))
    }),
  )
})

test('sees a value through colours, URL escapes and JSON escapes, and keeps the colours', () => {
  assert.equal(masked('x 4111\u001b[31m111111\u001b[0m111111 y'), 'x #\u001b[31m\u001b[0m y')
  assert.equal(masked(`x %34%31%31%31${card.slice(4)} y`), 'x # y')
  assert.equal(masked(`x \\u0034${card.slice(1)}\\n y`), 'x #\\n y')
  assert.equal(masked(`{"mail":"bob\\u0040example.org"}`), '{"mail":"#"}')
})

test('sees a value through base64, in either alphabet, however long the run is', () => {
  const encoded = (text: string, how: 'base64' | 'base64url' = 'base64'): string => Buffer.from(text).toString(how)
  assert.equal(masked(`x ${encoded(`the card is ${card}, ok`)} y`), 'x # y')
  assert.equal(masked(`x=${encoded('{"mail":"bob@example.org"}', 'base64url')};`), 'x=#;')
  assert.equal(
    masked(`"${encoded(`${'word '.repeat(5_000)}${card} end`)}"`).includes(encoded(card).slice(0, 12)),
    false,
  )
  for (const text of ['nothing to see in this text at all', 'x'.repeat(3_000)])
    assert.equal(masked(`(${encoded(text)})`), `(${encoded(text)})`)
  assert.equal(
    masked(`x ${encoded(encoded(`the card is ${card}`))} y`),
    `x ${encoded(encoded(`the card is ${card}`))} y`,
  )
})

test('looks into base64 of bytes that begin with no text, where twelve bytes of text stand somewhere', () => {
  const text = Buffer.from(`the card is ${card}, ok`)
  for (const head of [[0, 1, 2], [255], [8, 150, 1, 18, 28], Array.from({ length: 500 }, (_, at) => (at * 37) % 256)]) {
    const encoded = Buffer.concat([Buffer.from(head), text, Buffer.from([0, 200])]).toString('base64')
    assert.equal(masked(`x ${encoded} y`), 'x # y')
    assert.equal(masked(`x ${encoded} y`, all, 1), 'x # y')
  }
  const eleven = Buffer.concat([Buffer.alloc(30), Buffer.from('bob@mail.co'), Buffer.alloc(30)]).toString('base64')
  const twelve = Buffer.concat([Buffer.alloc(30), Buffer.from('bob@mail.com'), Buffer.alloc(30)]).toString('base64')
  assert.equal(masked(`x ${eleven} y`), `x ${eleven} y`)
  assert.equal(masked(`x ${twelve} y`), 'x # y')
})

test('cuts a long run of base64 at the same places however it comes', () => {
  const long = Buffer.from(
    `${'some words and more of them '.repeat(1_200)}${card} ${'and so on '.repeat(400)}`,
  ).toString('base64')
  const whole = masked(`(${long})`)
  assert.ok(whole.includes('#'))
  for (const cut of [1, 5, 1000, 4096, 4097, 8192]) assert.equal(masked(`(${long})`, all, cut), whole, String(cut))
})

test('leaves escapes alone outside of values', () => {
  const text = 'a\\nb %20 100% \\u00e9 C:\\new \u001b[1mbold\u001b[0m \u001b]0;title\u0007 \u001b'
  assert.equal(masked(text), Buffer.from(text).toString('latin1'))
})

test('applies the strategy of the rule, and the stricter one where values overlap', () => {
  assert.equal(masked(`card ${card}.`, [{ detector: 'credit_card', strategy: 'last4' }]), 'card ************1111.')
  assert.equal(masked('to bob@example.org.', [{ detector: 'email', strategy: 'partial' }]), 'to b**@example.org.')
  const rules: readonly DetectRule[] = [
    { detector: 'credit_card', strategy: 'last4' },
    { detector: 'secret', strategy: 'redact' },
  ]
  assert.equal(masked('password=4012888888881881', rules), 'password=[redacted]')
})

test('shows nothing of a value that is longer than a strategy is applied to', () => {
  const token = `eyJhbGciOiJIUzI1NiJ9.${'a'.repeat(valueBytesMax * 20)}`
  const rules: readonly DetectRule[] = [{ detector: 'jwt', strategy: 'last4' }]
  assert.equal(masked(`t ${token} end`, rules), 't [redacted] end')
  assert.equal(masked(`t ${token} end`, rules, 100), 't [redacted] end')
})

test('masks a key without an end, and goes on behind what is no key', () => {
  const key64 = 'A'.repeat(64)
  assert.equal(masked(`-----BEGIN PRIVATE KEY-----\n${key64}\n<gone> bob@example.org`), '#<gone> #')
  assert.equal(masked('-----BEGIN PRIVATE KEY----- is what it says'), '-----BEGIN PRIVATE KEY----- is what it says')
})

test('holds back no more than a value needs', () => {
  const masker = createStreamMasker(all, key)
  assert.equal(masker.push(Buffer.from('user@host:~$ ')).toString(), 'user@host:~$ ')
  assert.equal(masker.push(Buffer.from('card 4111 1111 ')).toString(), 'card ')
  assert.equal(masker.held, 10)
  assert.equal(masker.push(Buffer.from('x\n')).toString(), '4111 1111 x\n')
})

test('releases what is held back, and still masks the rest of the value', () => {
  const masker = createStreamMasker([{ detector: 'credit_card', strategy: 'redact' }], key)
  assert.equal(masker.push(Buffer.from('pan 4111111')).toString(), 'pan ')
  assert.equal(masker.release().toString(), '4111111')
  assert.equal(masker.push(Buffer.from('111111111 ok\n')).toString(), '[redacted] ok\n')
})

test('counts what it masked by detector', () => {
  const masker = createStreamMasker(all, key)
  masker.push(Buffer.from(`${card} bob@example.org 10.0.0.1 ${card}\n`))
  masker.end()
  assert.deepEqual(Object.fromEntries(masker.counts), { credit_card: 2, email: 1, ip: 1 })
})

test('what is found within a value that went out already is masked with it', () => {
  const encoded = Buffer.from('card 4111111111111111 of bob@example.org').toString('base64')
  for (let bytes = valueBytesMax - 2; bytes < valueBytesMax + 3; bytes++) {
    const text = `apikey:${encoded.repeat(100).slice(-bytes)}"`
    const whole = masked(text)
    assert.equal(whole, bytes > valueBytesMax ? 'apikey:[redacted]"' : 'apikey:#"')
    for (const cut of [1, 2, 3]) assert.equal(masked(text, all, cut), whole)
  }
})
