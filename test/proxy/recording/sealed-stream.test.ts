import assert from 'node:assert/strict'
import { createCipheriv, randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { Viewed } from '../../../proxy/recording/byte-sink.ts'
import { SealedStream } from '../../../proxy/recording/sealed-stream.ts'

const key = randomBytes(32)
const associated = Buffer.from('head')

function sealedWhole(nonce: Uint8Array, plain: Uint8Array): { readonly bytes: Buffer; readonly tag: Buffer } {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(associated)
  const bytes = Buffer.concat([cipher.update(plain), cipher.final()])
  return { bytes, tag: cipher.getAuthTag() }
}

function view(bytes: Buffer = Buffer.alloc(0)): Viewed {
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) }
}

function sealedInPieces(
  nonce: Uint8Array,
  pieces: readonly Buffer[],
): { readonly bytes: Buffer; readonly tag: Buffer } {
  const stream = new SealedStream(key, nonce, associated)
  const bytes = Buffer.alloc(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    stream.seal(view(piece), piece.length, view(bytes), at)
    at += piece.length
  }
  const tag = stream.tag()
  stream.release()
  return { bytes, tag }
}

/** Small, large, and many more than the memory of a stream takes. */
const sizes = fc.array(fc.oneof({ weight: 8, arbitrary: fc.nat(700) }, { weight: 1, arbitrary: fc.nat(30_000) }), {
  maxLength: 120,
})

describe('a stream that is sealed piece by piece', () => {
  test('is what the cipher makes of it in one call, and so is its tag', () => {
    fc.assert(
      fc.property(sizes, (lengths) => {
        const nonce = randomBytes(12)
        const pieces = lengths.map((length) => randomBytes(length))
        const inPieces = sealedInPieces(nonce, pieces)
        const whole = sealedWhole(nonce, Buffer.concat(pieces))
        assert.ok(inPieces.bytes.equals(whole.bytes))
        assert.ok(inPieces.tag.equals(whole.tag))
      }),
      { numRuns: 60 },
    )
  })

  test('goes on where two streams of one key are sealed in turns', () => {
    const nonces = [randomBytes(12), randomBytes(12)]
    const streams = nonces.map((nonce) => new SealedStream(key, nonce, associated))
    const sealed = [Buffer.alloc(50 * 313), Buffer.alloc(50 * 313)]
    const plain = [randomBytes(50 * 313), randomBytes(50 * 313)]
    for (let at = 0; at < 50 * 313; at += 313)
      for (const [index, stream] of streams.entries())
        stream.seal(view(plain[index]?.subarray(at, at + 313)), 313, view(sealed[index]), at)
    for (const [index, stream] of streams.entries()) {
      const whole = sealedWhole(nonces[index] ?? Buffer.alloc(0), plain[index] ?? Buffer.alloc(0))
      assert.ok(sealed[index]?.equals(whole.bytes))
      assert.ok(stream.tag().equals(whole.tag))
    }
  })
})
