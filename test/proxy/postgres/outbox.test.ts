import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Outbox } from '../../../proxy/postgres/outbox.ts'

class Written {
  readonly writes: Buffer[] = []
  writableLength = 0
  corked = 0
  cork(): void {
    this.corked++
  }
  uncork(): void {
    this.corked--
  }
  write(bytes: Uint8Array): boolean {
    this.writes.push(Buffer.from(bytes))
    return true
  }
}

/** Pieces of one memory in any order, with where the outbox is flushed. */
const pieces = fc.array(
  fc.record({ from: fc.nat(200), length: fc.nat(40), follows: fc.boolean(), flush: fc.boolean() }),
  { maxLength: 40 },
)

test('what comes out is what was pushed, in order, wherever it lay and whenever it was flushed', () => {
  const memory = Buffer.from(Array.from({ length: 300 }, (_, index) => index & 255))
  fc.assert(
    fc.property(pieces, (steps) => {
      const sink = new Written()
      const outbox = new Outbox(sink)
      const expected: Buffer[] = []
      let end = 0
      for (const { from, length, follows, flush } of steps) {
        const start = follows && end + length <= memory.length ? end : from
        const piece = memory.subarray(start, start + length)
        end = start + length
        outbox.push(piece)
        expected.push(Buffer.from(piece))
        if (flush) outbox.flush()
      }
      outbox.flush()
      assert.deepEqual(Buffer.concat(sink.writes), Buffer.concat(expected))
      assert.equal(sink.corked, 0)
    }),
  )
})

test('what is said in one turn goes out in one write, when the turn is over', async () => {
  const sink = new Written()
  const outbox = new Outbox(sink)
  for (const word of ['a', 'b', 'c']) outbox.push(Buffer.from(word))
  assert.equal(sink.writes.length, 0)
  assert.equal(outbox.queuedBytes, 3)
  await Promise.resolve()
  assert.deepEqual(sink.writes.map(String), ['abc'])
  assert.equal(outbox.queuedBytes, 0)
})

test('what lies together goes out as it lies, and what is large is not copied together with others', () => {
  const sink = new Written()
  const outbox = new Outbox(sink)
  const large = Buffer.alloc(100_000, 'x')
  outbox.push(large.subarray(0, 50_000))
  outbox.push(large.subarray(50_000))
  outbox.push(Buffer.alloc(20_000, 'y'))
  outbox.push(Buffer.from('z'))
  outbox.flush()
  assert.deepEqual(
    sink.writes.map(({ length }) => length),
    [100_000, 20_000, 1],
  )
})

test('nothing is taken after the end, and what waited goes out before it', () => {
  const sink = new Written()
  const outbox = new Outbox(sink)
  outbox.push(Buffer.from('last words'))
  outbox.close()
  outbox.push(Buffer.from('too late'))
  outbox.flush()
  assert.deepEqual(sink.writes.map(String), ['last words'])
})
