// Answers of stores and key services that do not end, or are far more than they look: read so far and no further.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { RecordingError, S3Store, vaultTransit } from '../../../proxy/recording/index.ts'

const mebibyte = Buffer.alloc(1024 * 1024, ' ')
/** Far more than any answer may have, and what a test can read in its time. */
const mebibytesMax = 512

/** A server whose every answer goes on; tells how much of it was taken. */
async function endless(t: TestContext, isPacked: boolean): Promise<{ readonly url: string; taken(): number }> {
  let taken = 0
  const packed = gzipSync(Buffer.alloc(128 * mebibyte.length, ' '))
  const server = createServer((request, response) => {
    request.resume()
    if (isPacked) {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': packed.length }).end(packed)
      return
    }
    response.writeHead(200)
    const more = (): void => {
      while (taken < mebibytesMax && !response.destroyed) {
        taken++
        if (!response.write(mebibyte)) {
          response.once('drain', more)
          return
        }
      }
      response.end()
    }
    more()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`, taken: () => taken }
}

for (const isPacked of [false, true]) {
  const name = isPacked ? 'an answer that unpacks to very much' : 'an answer without an end'
  test(`${name}, of a store`, async (t) => {
    const { url, taken } = await endless(t, isPacked)
    const store = new S3Store({
      endpoint: url,
      bucket: 'b',
      prefix: '',
      credentials: async () => ({ accessKeyId: 'a', secretAccessKey: 's', region: 'r' }),
      fetch,
      nowMs: Date.now,
    })
    await assert.rejects(store.list('sessions/'), (error) => {
      assert.ok(error instanceof RecordingError && error.cause instanceof Error)
      return /has more than 16777216 bytes/.test(error.cause.message)
    })
    assert.ok(taken() < 64, `${taken()} MiB`)
  })

  test(`${name}, of Vault`, async (t) => {
    const { url, taken } = await endless(t, isPacked)
    const service = vaultTransit({ address: url, mount: 'transit', key: 'k', token: async () => 't', fetch })
    await assert.rejects(service.wrap(Buffer.alloc(32)), /has more than 65536 bytes/)
    assert.ok(taken() < 64, `${taken()} MiB`)
  })
}
