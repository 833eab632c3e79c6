// Detectors of a policy's own: what RE2 finds is masked, what is no expression is no detector.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { createStreamMasker, type DetectRule, isDetectorName, longValueText } from '../../../../engine/masking/index.ts'

const key = new Uint8Array(32)
const mark = '\u00a4'

function rule(expression: string, strategy = `fixed:${mark}`): DetectRule {
  const detector = `re2:${expression}`
  assert.ok(isDetectorName(detector), expression)
  return { detector, strategy }
}

function masked(text: string, rules: readonly DetectRule[], cuts: readonly number[] = []): string {
  const masker = createStreamMasker(rules, key)
  const input = Buffer.from(text)
  const out: Buffer[] = []
  let at = 0
  for (let turn = 0; at < input.length; turn++) {
    const size = cuts.length === 0 ? input.length : (cuts[turn % cuts.length] ?? 1)
    out.push(masker.push(input.subarray(at, at + size)))
    at += size
  }
  out.push(masker.end())
  return Buffer.concat(out).toString()
}

const expressions = [
  'EMP-[0-9]{6}',
  '(?i)badge[ :#]*[a-f0-9]{4,}',
  '(?:ab|cd)+e?f',
  'x.{0,5}y',
  '\\bK\\d{3}\\b',
  '[^a-z0-9 ]{2}z',
  'a(b|c){2,3}d*',
  'é+t',
  '\\w+=\\S{3,8};',
]

test('masks everything that RE2 finds, nothing where it finds nothing, and the same however the text is cut', () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      'EMP-',
      '123456',
      'badge',
      'BADGE :',
      'beef',
      'ab',
      'cd',
      'e',
      'f',
      'x',
      'y',
      'K',
      '123',
      ' ',
      '!!z',
    ),
    fc.constantFrom('a', 'b', 'c', 'd', 'é', 't', 'k=', 'v', '%$', ';', '-', '\n'),
  )
  for (const expression of expressions) {
    const rules = [rule(expression)]
    const reference = RE2JS.compile(expression)
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 25 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        (parts, cuts) => {
          const text = parts.join('')
          const shown = masked(text, rules)
          assert.equal(masked(text, rules, cuts), shown)
          const matcher = reference.matcher(text)
          let finds = false
          let rest = ''
          let end = 0
          while (matcher.find()) {
            finds = true
            rest += `${text.slice(end, matcher.start())}${mark}`
            end = matcher.end()
          }
          rest += text.slice(end)
          assert.equal(shown.includes(mark), finds, text)
          // The longest match that ends with each end: never less than what RE2 takes first.
          assert.ok(
            shown.replaceAll(mark, '').length <= rest.replaceAll(mark, '').length,
            `${text} => ${shown}, ${rest}`,
          )
          assert.equal(reference.matcher(shown).find(), false, shown)
        },
      ),
      { numRuns: 150 },
    )
  }
})

test('applies its strategy, beside the built-in detectors, across chunks and colours', () => {
  const rules: readonly DetectRule[] = [rule('EMP-[0-9]{6}', 'last4'), { detector: 'email', strategy: 'redact' }]
  assert.equal(masked('of EMP-123456, to a@example.org', rules, [3]), 'of ******3456, to [redacted]')
  assert.equal(masked('EMP-12\u001b[1m3456.', rules), '******3456\u001b[1m.')
})

test('finds nothing that begins in one run of base64 and ends in another, however the text is cut', () => {
  const text = ['nothing here but from', 'until it is over and done', 'and one more from here until then']
    .map((one) => Buffer.from(one).toString('base64'))
    .join(' ')
  for (const cut of [[], [1], [7]])
    assert.equal(masked(text, [rule('from[^z]*until')], cut), text.replace(/[^ ]+$/, '¤'))
})

test('hides a match without an end whole', () => {
  const long = `key: ${'a1'.repeat(20_000)} end`
  for (const cut of [[], [1000], [65_537]])
    assert.equal(masked(long, [rule('key: [a-z0-9]+')], cut), `${longValueText} end`)
})

test('is no detector where the expression is none, matches nothing, or is not read', () => {
  for (const expression of ['', '(', '[', 'a**', 'a*', '(?=a)b', '(a)\\1', 'a^b', '\\p{L}', 'x'.repeat(257), 'a{200}'])
    assert.equal(isDetectorName(`re2:${expression}`), false, expression)
  assert.equal(isDetectorName('/a/'), false)
  assert.equal(isDetectorName('toString'), false)
})

test('is no detector where its automaton would have more states than are good for the others', () => {
  assert.equal(isDetectorName('re2:a.{30}b'), false)
  assert.equal(isDetectorName('re2:(?:a|b)*a(?:a|b){12}'), false)
})
