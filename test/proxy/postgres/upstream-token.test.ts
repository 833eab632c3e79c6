// A database that asks for the password as it is (AWS RDS with IAM): only a token is sent so, and only over verified TLS.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { TLSSocket } from 'node:tls'
import { connectUpstream, UpstreamError, type UpstreamTarget } from '../../../proxy/postgres/upstream.ts'

const key = (name: string): string => readFileSync(new URL(`../../../fixtures/keys/${name}`, import.meta.url), 'utf8')

/** A server that asks for a password in clear, and keeps what it was sent. */
async function database(t: { after(done: () => void): void }): Promise<{ port: number; sent: string[] }> {
  const sent: string[] = []
  const frame = (type: string, body: number[]): Buffer => {
    const head = Buffer.alloc(5)
    head.write(type)
    head.writeInt32BE(4 + body.length, 1)
    return Buffer.concat([head, Buffer.from(body)])
  }
  const talk = (socket: Socket): void => {
    let started = false
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => {
      if (!started) {
        started = true
        socket.write(frame('R', [0, 0, 0, 3]))
        return
      }
      sent.push(bytes.subarray(5, -1).toString())
      socket.write(Buffer.concat([frame('R', [0, 0, 0, 0]), frame('Z', [73])]))
    })
  }
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (first: Buffer) => {
      if (first.readInt32BE(4) !== 80877103) {
        talk(socket)
        socket.emit('data', first)
        return
      }
      socket.write('S')
      talk(new TLSSocket(socket, { isServer: true, key: key('server.key'), cert: key('server.pem') }))
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  t.after(() => server.close())
  const address = server.address()
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, sent }
}

const verified = { rejectUnauthorized: true, ca: key('ca.pem'), servername: 'localhost' }
const target = (port: number, more: Partial<UpstreamTarget>): UpstreamTarget => ({
  host: '127.0.0.1',
  port,
  database: 'd',
  user: 'u',
  password: 'the-token',
  tls: verified,
  connectMs: 60_000,
  ...more,
})

test('a token is sent over TLS that was verified', async (t) => {
  const { port, sent } = await database(t)
  const upstream = await connectUpstream(target(port, { passwordAsToken: true }), new Map())
  upstream.socket.destroy()
  assert.deepEqual(sent, ['the-token'])
})

const refusals: readonly [string, Partial<UpstreamTarget>][] = [
  ['a password that lasts', {}],
  ['a token without TLS', { passwordAsToken: true, tls: undefined }],
  ['a token over TLS that nobody verified', { passwordAsToken: true, tls: { rejectUnauthorized: false } }],
]
for (const [name, more] of refusals) {
  test(`${name} is not sent as it is`, async (t) => {
    const { port, sent } = await database(t)
    await assert.rejects(connectUpstream(target(port, more), new Map()), (error: unknown) => {
      assert.ok(error instanceof UpstreamError)
      assert.match(error.message, /asks for the password as it is/)
      return true
    })
    assert.deepEqual(sent, [])
  })
}
