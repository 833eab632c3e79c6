// Connections of HTTP/2 that are lost without a word, that allow little at once, and on which nothing is asked any more.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientHttp2Session, connect, createSecureServer, type Http2SecureServer } from 'node:http2'
import { type AddressInfo, connect as connectPlain, createServer, type Server, type Socket } from 'node:net'
import { after, before, mock, test } from 'node:test'
import { KubernetesUpstream } from '../../../proxy/kubernetes/index.ts'
import { shortSilence } from '../../support/http2-silence.ts'
import { testKey } from '../../support/keys.ts'
import { type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'

const streamsMax = 3
const pingMs = 30_000
const quietMs = 400
let cluster: Http2SecureServer
let between: Server
let gateway: KubeGateway
let sessions = 0
/** What passes to the cluster and back. */
const pipes = new Set<Socket>()
before(async () => {
  await shortSilence(quietMs)
  mock.timers.enable({ apis: ['setInterval'] })
  cluster = createSecureServer({
    cert: testKey('server.pem'),
    key: testKey('server.key'),
    settings: { maxConcurrentStreams: streamsMax },
  })
  cluster.on('session', (session) => {
    sessions++
    session.on('error', () => session.destroy())
  })
  cluster.on('stream', (stream) => {
    stream.on('error', () => undefined)
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.write('{"type":"BOOKMARK"}\n')
  })
  cluster.listen(0, '127.0.0.1')
  await once(cluster, 'listening')
  between = createServer((socket) => {
    const other = connectPlain((cluster.address() as AddressInfo).port, '127.0.0.1')
    for (const one of [socket, other]) {
      pipes.add(one)
      one.on('error', () => one.destroy())
      one.once('close', () => pipes.delete(one))
    }
    socket.pipe(other).pipe(socket)
  })
  between.listen(0, '127.0.0.1')
  await once(between, 'listening')
  const upstream = new KubernetesUpstream({
    server: `https://127.0.0.1:${(between.address() as AddressInfo).port}`,
    tls: { verify: true, ca: testKey('ca.pem') },
    token: async () => 'gateway-token',
    connectMs: 5000,
  })
  gateway = await startKubeGateway({
    target: { upstream },
    change: { tls: { cert: testKey('server.pem'), key: testKey('server.key') }, cleartext: false },
  })
})
after(async () => {
  mock.timers.reset()
  mock.restoreAll()
  await gateway.close()
  for (const one of pipes) one.destroy()
  between.close()
  cluster.close()
})

function client(): ClientHttp2Session {
  const made = connect(`https://localhost:${gateway.port}`, { ca: testKey('ca.pem') })
  made.on('error', () => undefined)
  return made
}

interface Watch {
  readonly begun: Promise<unknown>
  /** The code that the stream ended with. */
  readonly over: Promise<number>
}

function watch(on: ClientHttp2Session): Watch {
  const stream = on.request({ ':path': '/api/v1/pods?watch=1', authorization: 'Bearer good' })
  stream.on('error', () => undefined)
  return {
    begun: once(stream, 'data'),
    over: new Promise((resolve) => stream.once('close', () => resolve(stream.rstCode ?? 0))),
  }
}

test('no more watches are asked for on a connection than the cluster allows', async () => {
  const session = client()
  sessions = 0
  await Promise.all(Array.from({ length: streamsMax * 2 + 1 }, () => watch(session).begun))
  assert.equal(sessions, 3)
  session.destroy()
})

test('a connection that is lost without a word ends its watches, and the next one works', async () => {
  const session = client()
  const lost = watch(session)
  await lost.begun
  for (const one of pipes) one.pause().unpipe()
  mock.timers.tick(pingMs)
  mock.timers.tick(pingMs)
  assert.notEqual(await lost.over, 0)
  await watch(session).begun
  session.destroy()
})

test('a connection that answers stays, however quiet its watches are', async () => {
  const session = client()
  const quiet = watch(session)
  await quiet.begun
  let over = false
  void quiet.over.then(() => {
    over = true
  })
  for (let at = 0; at < 3; at++) {
    mock.timers.tick(pingMs)
    // Asked behind the ping, and on the same connection.
    await watch(session).begun
    if (at === 1) await new Promise(setImmediate)
  }
  assert.equal(over, false)
  session.destroy()
})

test('a client on whose connection nothing is asked is let go; one with a watch is not', async () => {
  const watching = client()
  const quiet = watch(watching)
  await quiet.begun
  const idle = client()
  await once(idle, 'connect')
  await new Promise<void>((resolve) => idle.once('close', resolve))
  assert.equal(watching.destroyed, false)
  assert.equal(watching.closed, false)
  watching.destroy()
  await quiet.over
})
