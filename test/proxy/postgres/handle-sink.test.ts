// What is said to a connection comes in order and whole, whether the system takes it at once or not.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { sinkOf } from '../../../proxy/postgres/handle-sink.ts'

async function pair(): Promise<{ readonly near: Socket; readonly far: Socket; close(): void }> {
  const server = createServer({ noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const accepted = once(server, 'connection')
  const far = connect({ host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 })
  const [near]: unknown[] = await accepted
  assert.ok(near instanceof Socket)
  const close = (): void => {
    far.destroy()
    near.destroy()
    server.close()
  }
  return { near, far, close }
}

function bytesFrom(start: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => ((start + index) * 31 + ((start + index) >> 8)) & 255))
}

test('writes of any size come in order, to a peer that reads late as well', async () => {
  const sizes = fc.array(fc.constantFrom(1, 7, 100, 5000, 70_000, 250_000, 300_000), { minLength: 1, maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(fc.nat(3), { minLength: 1, maxLength: 8 }), async (lengths, ways) => {
      const { near, far, close } = await pair()
      const sink = sinkOf(near)
      assert.notEqual(sink, near)
      far.pause()
      let sent = 0
      for (const [at, length] of lengths.entries()) {
        const way = ways[at % ways.length]
        if (way === 1) sink.cork()
        // Some by the stream, as what ends a connection is.
        if (way === 2) near.write(bytesFrom(sent, length))
        else sink.write(bytesFrom(sent, length))
        if (way === 1) sink.uncork()
        sent += length
        if (way === 3) await new Promise<void>((resolve) => setImmediate(resolve))
      }
      near.end()
      const chunks: Buffer[] = []
      far.on('data', (chunk: Buffer) => chunks.push(chunk))
      far.resume()
      await once(far, 'end')
      assert.ok(Buffer.concat(chunks).equals(bytesFrom(0, sent)))
      assert.equal(sink.writableLength, 0)
      close()
    }),
    { numRuns: 15 },
  )
})

test('what a peer does not take is counted until it does', async () => {
  const { near, far, close } = await pair()
  const sink = sinkOf(near)
  far.pause()
  const piece = Buffer.alloc(200_000)
  let pieces = 0
  while (sink.writableLength === 0) {
    sink.write(piece)
    pieces++
  }
  sink.write(piece)
  assert.ok(sink.writableLength > piece.length)
  let came = 0
  await new Promise<void>((resolve) => {
    far.on('data', (chunk: Buffer) => {
      came += chunk.length
      if (came === (pieces + 1) * piece.length) resolve()
    })
    far.resume()
  })
  while (sink.writableLength > 0) await new Promise<void>((resolve) => setImmediate(resolve))
  assert.equal(came, (pieces + 1) * piece.length)
  close()
})

test('a connection that is gone is ended by a write to it', async () => {
  const { near, far, close } = await pair()
  const sink = sinkOf(near)
  near.on('error', () => undefined)
  const closed = new Promise((resolve) => near.once('close', resolve))
  far.resetAndDestroy()
  while (!near.destroyed) {
    sink.write(Buffer.alloc(1000))
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  await closed
  assert.equal(sink.writableLength, 0)
  close()
})

test('a connection that is over takes nothing more: neither what was ended by its peer nor what was destroyed', async () => {
  const ended = await pair()
  const sink = sinkOf(ended.near)
  ended.near.resume()
  ended.far.end()
  await once(ended.near, 'end')
  const failed = once(ended.near, 'error')
  sink.write(bytesFrom(0, 7))
  const [error]: { code?: string }[] = await failed
  // What Node says of a write after the peer's end.
  assert.equal(error?.code, 'EPIPE')
  const seen: Buffer[] = []
  ended.far.on('data', (chunk: Buffer) => seen.push(chunk))
  await once(ended.far, 'close')
  assert.equal(seen.length, 0)
  ended.close()
  const destroyed = await pair()
  const closed = sinkOf(destroyed.near)
  destroyed.near.destroy()
  assert.equal(closed.write(bytesFrom(0, 7)), false)
  await once(destroyed.near, 'close')
  assert.equal(closed.write(bytesFrom(0, 7)), false)
  destroyed.close()
})
