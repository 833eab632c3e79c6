// What clients have the gateway keep: answers that they do not read, and bodies that they do not end.
import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { Readable, Writable } from 'node:stream'
import { after, before, test } from 'node:test'
import type { FrontResponse } from '../../../proxy/kubernetes/front.ts'
import { flowThrough } from '../../../proxy/kubernetes/response/flow.ts'
import { testKey } from '../../support/keys.ts'
import { type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'

/** The stream of a client that reads nothing until it is told to. */
class Unread extends Writable {
  readonly session: object
  #go: (() => void) | undefined
  isRead = false

  constructor(session: object) {
    super({ highWaterMark: 16 * 1024 })
    this.session = session
  }

  /** Streams of HTTP/2 have it. */
  respond(): void {
    // the head is out
  }

  override _write(_bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.isRead) done()
    else this.#go = done
  }

  read(): void {
    this.isRead = true
    this.#go?.()
  }
}

/** Lets an answer of pieces of 4 KiB flow to a client that does not read; tells how much went. */
function answer(session: object, bytes: number): { readonly to: Unread; readonly ended: Promise<void>; went: number } {
  const to = new Unread(session)
  const from = Readable.from(
    (async function* () {
      for (let at = 0; at < bytes; at += 4096) {
        yield Buffer.alloc(4096)
        await new Promise(setImmediate)
      }
    })(),
    { highWaterMark: 1 },
  )
  const flowing = { to, ended: once(to, 'finish').then(() => undefined), went: 0 }
  const meter = (piece: Buffer): undefined => {
    flowing.went += piece.length
  }
  // What flows asks no more of a response than a stream has.
  flowThrough(from, to as unknown as FrontResponse, { meter, done: () => undefined })
  return flowing
}

test('answers that nobody reads share the room of their connection, and go on once they are read', async () => {
  const connection = Object.assign(new EventEmitter(), { destroy: () => undefined })
  const answers = Array.from({ length: 300 }, () => answer(connection, 400_000))
  const sum = (): number => answers.reduce((all, one) => all + one.went, 0)
  for (let last = -1; last !== sum(); ) {
    last = sum()
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  }
  // 16 MiB, and of each answer what its stream takes before it tells that it is behind.
  assert.ok(sum() <= 16 * 1024 * 1024 + answers.length * 20 * 1024, `${sum()} bytes wait`)
  const other = answer(Object.assign(new EventEmitter(), { destroy: () => undefined }), 400_000)
  for (let turn = 0; turn < 400; turn++) await new Promise(setImmediate)
  assert.ok(other.went > 200 * 1024, 'another connection has room of its own')
  for (const one of [...answers, other]) one.to.read()
  await Promise.all([...answers, other].map((one) => one.ended))
  assert.equal(sum(), answers.length * 401_408)
})

let gateway: KubeGateway
let session: ClientHttp2Session
before(async () => {
  gateway = await startKubeGateway({
    change: {
      tls: { cert: testKey('server.pem'), key: testKey('server.key') },
      cleartext: false,
      authenticator: {
        // Whoever has a token is of the name that it is.
        authenticate: async (credential) => ({
          ok: true,
          identity: { ...gateway.identity, chain: [], subject: credential.kind === 'token' ? credential.token : '' },
        }),
      },
    },
  })
  session = connect(`https://localhost:${gateway.port}`, { ca: testKey('ca.pem') })
  session.setMaxListeners(100)
})
after(async () => {
  session.destroy()
  await gateway.close()
})

function post(bytes: number, name = 'good', over = session): ClientHttp2Stream {
  const path = '/api/v1/namespaces/shop/configmaps'
  const head = { ':method': 'POST', ':path': path, authorization: `Bearer ${name}`, 'content-type': 'application/json' }
  const stream = over.request(head)
  stream.on('error', () => undefined)
  stream.write(Buffer.alloc(bytes, ' '))
  return stream
}

test('bodies that are not ended have room for so many bytes on a connection, and the next one is told so', async () => {
  const bytes = 3_000_000
  const open = Array.from({ length: 12 }, () => post(bytes))
  const answered = open.map(async (one) => [one, await once(one, 'response')] as const)
  const [stream, [headers]] = await Promise.race(answered)
  assert.equal(headers[':status'], 429)
  assert.equal(headers['retry-after'], '1')
  let said = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  await once(stream, 'close')
  assert.equal(JSON.parse(said).reason, 'TooManyRequests')
  // Short bodies are read all the same.
  const short = post(1000)
  short.end('{"kind":"ConfigMap"}')
  const [shortHead] = await once(short, 'response')
  assert.equal(shortHead[':status'], 200)
  // Whoever gives up makes room.
  for (const one of open) one.close()
  await Promise.all(open.map((one) => (one.closed ? undefined : once(one, 'close'))))
  const next = post(bytes)
  next.end('{"kind":"ConfigMap"}')
  const [nextHead] = await once(next, 'response')
  assert.equal(nextHead[':status'], 200)
})

test('an identity with bodies on many connections leaves room for those of others', async () => {
  const sessions = Array.from({ length: 5 }, () => {
    const one = connect(`https://localhost:${gateway.port}`, { ca: testKey('ca.pem'), maxSessionMemory: 100 })
    one.setMaxListeners(100)
    return one
  })
  const open = sessions.flatMap((one) => Array.from({ length: 10 }, () => post(3_000_000, 'many', one)))
  const [headers] = await Promise.race(open.map((one) => once(one, 'response')))
  assert.equal(headers[':status'], 429)
  await Promise.all(sessions.map((one) => new Promise((resolve) => one.ping(resolve))))
  const other = Array.from({ length: 5 }, () => post(3_000_000, 'other'))
  for (const one of other) one.end('{"kind":"ConfigMap"}')
  const heads = await Promise.all(other.map((one) => once(one, 'response')))
  assert.deepEqual(new Set(heads.map(([head]) => head[':status'])), new Set([200]))
  for (const one of sessions) one.destroy()
})
