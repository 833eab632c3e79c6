// Bytes that are kept come out as they went in, in pieces that are few however many they came in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { GatheredBytes } from '../../../proxy/http1/index.ts'

test('what goes in comes out, whatever the pieces', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 5 }),
    fc.uint8Array({ maxLength: 3000 }),
    fc.integer({ min: 16_000, max: 70_000 }).map((length) => new Uint8Array(length).fill(length % 251)),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.boolean()), { maxLength: 40 }), (pieces) => {
      const kept = new GatheredBytes()
      const taken: Uint8Array[] = []
      for (const [one, isTaken] of pieces) {
        kept.push(one)
        if (isTaken) taken.push(...kept.take())
        else assert.equal(Buffer.concat(kept.pieces).length, kept.length)
      }
      taken.push(...kept.take())
      assert.equal(kept.length, 0)
      assert.deepEqual(Buffer.concat(taken), Buffer.concat(pieces.map(([one]) => one)))
    }),
  )
})

test('a body that comes byte by byte is few pieces, and its memory is its own', () => {
  const kept = new GatheredBytes()
  for (let at = 0; at < 1_000_000; at++) kept.push(Uint8Array.of(at))
  const pieces = kept.take()
  assert.ok(pieces.length < 40, `${pieces.length} pieces`)
  const memory = pieces.reduce((sum, one) => sum + one.buffer.byteLength, 0)
  assert.ok(memory < 1_200_000, `${memory} bytes of memory`)
})
