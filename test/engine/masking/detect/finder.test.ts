// A finder says of a text what a masker would find in it, one text after the other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createFinder, createStreamMasker, type DetectRule } from '../../../../engine/masking/index.ts'

const rules: readonly DetectRule[] = [
  { detector: 'credit_card', strategy: 'last4' },
  { detector: 'email', strategy: 'redact' },
  { detector: 'secret', strategy: 'redact' },
]

function masks(text: Buffer): boolean {
  const masker = createStreamMasker(rules, new Uint8Array(32))
  masker.push(text)
  masker.end()
  return masker.counts.size > 0
}

test('finds what stands plainly, escaped and encoded, at the very end too', () => {
  const finder = createFinder(rules)
  const encoded = Buffer.from('write to alice.somebody@example.org today').toString('base64')
  for (const text of ['4111111111111111', '{"a":"\\"alice@example.org\\""}', 'x 4111-1111-1111-1111', encoded])
    assert.equal(finder.finds(Buffer.from(text)), true, text)
})

test('finds nothing where nothing is, whatever it was shown before', () => {
  const finder = createFinder(rules)
  assert.equal(finder.finds(Buffer.from('41111111')), false)
  // The halves of a number in two texts are no number.
  assert.equal(finder.finds(Buffer.from('11111111')), false)
  assert.equal(finder.finds(Buffer.from('4111111111111111')), true)
  assert.equal(finder.finds(Buffer.from('{"kind":"Pod","metadata":{"uid":"0-1"}}')), false)
})

test('property: a finder that saw other texts says what a new masker finds', () => {
  const finder = createFinder(rules)
  const piece = fc.constantFrom(
    '4111111111111111',
    ' 4111 1111 1111 1111',
    'a@b.example',
    '\\"',
    '%40',
    '\u001b[1m',
    '"password":"hunter2hunter2"',
    ',',
    ' ',
    Buffer.from('the card 4111111111111111 of alice').toString('base64'),
    'x',
    '1',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = Buffer.from(pieces.join(''))
      assert.equal(finder.finds(text), masks(text), text.toString())
    }),
    { numRuns: 500 },
  )
})
