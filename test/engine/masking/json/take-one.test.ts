// Documents that lie one behind the other in a larger text, masked one at a time into one memory.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compilePaths, Joined, JsonMaskError, JsonMasker, type PathState } from '../../../../engine/masking/index.ts'

const hashKey = new Uint8Array(32)

function pathsOf(...rules: readonly (readonly [string, string])[]): PathState {
  const paths = compilePaths(rules.map(([path, strategy]) => ({ path, strategy })))
  assert.ok(paths !== undefined)
  return paths
}
const paths = pathsOf(['$.secret', 'redact'], ['$.card', 'last4'], ['$.list[*].secret', 'redact'])

function alone(text: string): string {
  const masker = new JsonMasker(paths, { hashKey })
  return Buffer.concat([masker.push(Buffer.from(text)), masker.end()]).toString()
}

test('a document is taken from where it begins to where it ends', () => {
  const bytes = Buffer.from('[{"secret":"x","a":1},{"card":"4111111111111111"}] and more')
  const masker = new JsonMasker(paths, { hashKey, many: true })
  const out = new Joined(4)
  const first = masker.takeOne(bytes, 1, out)
  assert.equal(bytes[first], 0x2c)
  assert.equal(bytes[masker.takeOne(bytes, first + 1, out)], 0x5d)
  assert.equal(out.all().toString(), '{"secret":"[redacted]","a":1}{"card":"************1111"}')
})

test('what is not whole, not JSON or not UTF-8 is refused, and the next document is read as the first', () => {
  const masker = new JsonMasker(paths, { hashKey, many: true })
  const out = new Joined(64)
  assert.equal(masker.takeOne(Buffer.from('{"secret":"half'), 0, out), -1)
  assert.throws(() => masker.takeOne(Buffer.from('{"secret":}'), 0, out), JsonMaskError)
  assert.throws(() => masker.takeOne(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 0, out), JsonMaskError)
  out.length = 0
  assert.equal(masker.takeOne(Buffer.from('{"secret":"y"}'), 0, out), 14)
  assert.equal(out.all().toString(), '{"secret":"[redacted]"}')
})

test('property: documents taken one by one are what each is alone', () => {
  const document = fc.record(
    { secret: fc.string(), card: fc.string(), a: fc.jsonValue(), list: fc.array(fc.record({ secret: fc.string() })) },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.array(document, { minLength: 1, maxLength: 5 }), (documents) => {
      const texts = documents.map((one) => JSON.stringify(one))
      const bytes = Buffer.from(texts.join(','))
      const masker = new JsonMasker(paths, { hashKey, many: true })
      const out = new Joined(8)
      let at = 0
      for (const text of texts) {
        const before = out.length
        const end = masker.takeOne(bytes, at, out)
        assert.equal(end, at + Buffer.byteLength(text))
        assert.equal(out.all().subarray(before).toString(), alone(text))
        at = end + 1
      }
    }),
    { numRuns: 200 },
  )
})
