// One side of a session as bytes come in: nothing is lost, moved or overwritten, however memory is used again.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, Socket } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { Tap } from '../../../proxy/postgres/tap.ts'

/** Both ends of one connection. */
async function pair(): Promise<{ readonly near: Socket; readonly far: Socket; close(): void }> {
  const server = createServer({ noDelay: true })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const accepted = once(server, 'connection')
  const far = connect({ host: '127.0.0.1', port: typeof address === 'object' && address !== null ? address.port : 0 })
  const [near]: unknown[] = await accepted
  assert.ok(near !== null && typeof near === 'object' && 'remoteAddress' in near)
  const close = (): void => {
    far.destroy()
    server.close()
  }
  return { near: near as Socket, far, close }
}

/** Bytes of which each tells its place. */
function bytesFrom(start: number, length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, index) => ((start + index) * 31 + ((start + index) >> 8)) & 255))
}

test('what is kept stays as it came, in order, whatever is read after it', async () => {
  const sizes = fc.array(fc.constantFrom(1, 7, 100, 4095, 4096, 4097, 20_000, 300_000), { minLength: 1, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(sizes, fc.array(fc.boolean(), { minLength: 4, maxLength: 20 }), async (lengths, keeps) => {
      const { near, far, close } = await pair()
      const tap = new Tap(near)
      assert.notEqual(tap.socket, near)
      const kept: { readonly at: number; readonly chunk: Buffer }[] = []
      let came = 0
      let turn = 0
      const total = lengths.reduce((sum, length) => sum + length, 0)
      const all = new Promise<void>((resolve) => {
        let keeping = false
        tap.start(
          (chunk) => {
            assert.ok(chunk.equals(bytesFrom(came, chunk.length)))
            keeping = keeps[turn++ % keeps.length] === true
            if (keeping) kept.push({ at: came, chunk })
            came += chunk.length
            if (turn % 5 === 0) {
              tap.shut('peer')
              setImmediate(() => tap.open('peer'))
            }
            if (came === total) resolve()
          },
          () => keeping,
        )
      })
      let sent = 0
      for (const length of lengths) {
        far.write(bytesFrom(sent, length))
        sent += length
      }
      await all
      for (const { at, chunk } of kept) assert.ok(chunk.equals(bytesFrom(at, chunk.length)))
      close()
    }),
    { numRuns: 40 },
  )
})

test('memory is used again where nothing keeps it, and grows where much comes', async () => {
  const { near, far, close } = await pair()
  const tap = new Tap(near)
  const seen: ArrayBufferLike[] = []
  let waiting: (() => void) | undefined
  let largest = 0
  tap.start(
    (chunk) => {
      seen.push(chunk.buffer)
      largest = Math.max(largest, chunk.length)
      waiting?.()
    },
    () => false,
  )
  const say = async (bytes: Buffer): Promise<void> => {
    const came = new Promise<void>((resolve) => {
      waiting = resolve
    })
    far.write(bytes)
    await came
  }
  for (let round = 0; round < 3; round++) await say(Buffer.from('SELECT 1'))
  assert.equal(new Set(seen).size, 1)
  far.write(Buffer.alloc(1 << 20))
  while (largest <= 8192) await new Promise<void>((resolve) => setImmediate(resolve))
  assert.ok(new Set(seen).size <= 3)
  close()
})

test('what came before it is read first, and shut means that nothing comes', async () => {
  const { near, far, close } = await pair()
  near.unshift(Buffer.from('before '))
  const tap = new Tap(near)
  let got = ''
  let more: (() => void) | undefined
  tap.start(
    (chunk) => {
      got += chunk.toString()
      more?.()
    },
    () => true,
  )
  assert.equal(got, 'before ')
  await new Promise<void>((resolve) => setImmediate(resolve))
  tap.shut('record')
  tap.shut('peer')
  await new Promise<void>((resolve) => far.write('after', () => resolve()))
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve))
  assert.equal(got, 'before ')
  tap.open('record')
  assert.equal(got, 'before ')
  const came = new Promise<void>((resolve) => {
    more = resolve
  })
  tap.open('peer')
  await came
  assert.equal(got, 'before after')
  close()
})

for (const kind of ['handle', 'stream'] as const)
  test(`what comes goes to whoever began to read last, by a ${kind}`, async () => {
    const { near, far, close } = await pair()
    // Without a handle of its own it is read as a stream, as with TLS.
    const read = kind === 'handle' ? near : new Socket()
    if (read !== near) {
      near.on('data', (chunk: Buffer) => read.push(chunk))
      read.read(0)
    }
    const tap = new Tap(read)
    assert.equal(tap.socket === read, kind === 'stream')
    const got: string[] = []
    const listen = (who: string): Promise<void> =>
      new Promise((resolve) => {
        const take = (chunk: Buffer): void => {
          got.push(`${who} ${chunk.toString()}`)
          resolve()
        }
        tap.start(take, () => false)
      })
    for (const who of ['first', 'second', 'third']) {
      const came = listen(who)
      far.write(`for ${who}`)
      await came
    }
    assert.deepEqual(got, ['first for first', 'second for second', 'third for third'])
    close()
    read.destroy()
  })

test('the end of either is the end of both', async () => {
  const first = await pair()
  const one = new Tap(first.near)
  one.start(
    () => undefined,
    () => false,
  )
  const gone = [once(first.near, 'close'), once(one.socket, 'close')]
  first.far.end()
  await Promise.all(gone)
  first.close()
  const second = await pair()
  const other = new Tap(second.near)
  other.start(
    () => undefined,
    () => false,
  )
  const farGone = once(second.far, 'close')
  second.far.resume()
  second.near.destroy()
  await Promise.all([once(other.socket, 'close'), farGone])
  assert.ok(other.socket.destroyed)
  second.close()
})
