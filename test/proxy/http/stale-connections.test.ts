// Connections upstream that rest: they are not used for longer than the upstream keeps them, and where it closes one just
// then, what may be repeated is sent again on another, once for each connection that rested.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'
import { after, afterEach, mock, test } from 'node:test'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'

interface Api {
  readonly server: Server
  readonly connections: Socket[]
  /** Requests by the connection that they came on. */
  readonly seen: number[]
}

/** An upstream that answers as the test says; `answer` gets the number of the connection, and of the request on it. */
async function startApi(answer: (socket: Socket, connection: number, request: number) => void): Promise<Api> {
  const connections: Socket[] = []
  const seen: number[] = []
  const server = createServer((socket) => {
    const connection = connections.push(socket)
    let requests = 0
    socket.on('error', () => undefined)
    socket.on('data', (bytes: Buffer) => {
      for (const _ of bytes.toString('latin1').matchAll(/(GET|POST) [^\r]+ HTTP/g)) {
        seen.push(connection)
        answer(socket, connection, ++requests)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, connections, seen }
}

const ok = (more = ''): string => `HTTP/1.1 200 OK\r\ncontent-length: 2\r\n${more}\r\nok`
const agent = new Agent({ keepAlive: true, maxSockets: 1 })
let api: Api | undefined
let gateway: HttpGateway | undefined
async function end(): Promise<void> {
  await gateway?.close()
  gateway = undefined
  for (const socket of api?.connections ?? []) socket.destroy()
  api?.server.close()
}
afterEach(end)
after(() => agent.destroy())

async function started(answer: (socket: Socket, connection: number, request: number) => void): Promise<Api> {
  api = await startApi(answer)
  const address = api.server.address()
  gateway = await startHttpGateway({ upstreamPort: typeof address === 'object' && address !== null ? address.port : 0 })
  return api
}

async function ask(method: string, body = ''): Promise<number> {
  const sent = request({
    agent,
    method,
    port: gateway?.port,
    path: '/x',
    headers: {
      host: 'api.example',
      authorization: 'Bearer good',
      ...(body === '' ? {} : { 'content-length': body.length }),
    },
  })
  sent.end(body)
  const [answer] = await once(sent, 'response')
  await once(answer.resume(), 'end')
  return answer.statusCode ?? 0
}

/** The second request on the first connection finds it closed. */
const closesOnSecond = (socket: Socket, connection: number, each: number): void => {
  if (connection === 1 && each === 2) socket.destroy()
  else socket.write(ok())
}

test('a GET that meets a connection which was just closed is sent again on a new one', async () => {
  const { seen } = await started(closesOnSecond)
  assert.equal(await ask('GET'), 200)
  assert.equal(await ask('GET'), 200)
  assert.deepEqual(seen, [1, 1, 2])
})

test('what may not be repeated is not, and the client is told', async () => {
  const { seen } = await started(closesOnSecond)
  assert.equal(await ask('GET'), 200)
  assert.equal(await ask('POST', 'x'), 502)
  assert.deepEqual(seen, [1, 1])
})

test('an answer that began is not asked for again', async () => {
  const { seen } = await started((socket, connection, each) => {
    if (connection !== 1 || each !== 2) socket.write(ok())
    else socket.end('HTTP/1.1 200 OK\r\n')
  })
  assert.equal(await ask('GET'), 200)
  assert.equal(await ask('GET'), 502)
  assert.deepEqual(seen, [1, 1])
})

test('a new connection that is closed is no reason to try again', async () => {
  const { seen } = await started((socket) => socket.destroy())
  assert.equal(await ask('GET'), 502)
  assert.deepEqual(seen, [1])
})

test('a connection rests no longer than the upstream says, and a while where it does not say', async () => {
  for (const [told, restMs] of [
    ['', 4000],
    ['keep-alive: timeout=2, max=100\r\n', 1000],
    ['keep-alive: max=5\r\n', 4000],
    ['keep-alive: timeout=600\r\n', 59_000],
  ] as const) {
    const { seen } = await started((socket) => socket.write(ok(told)))
    let aheadMs = 0
    const now = performance.now.bind(performance)
    const clock = mock.method(performance, 'now', () => now() + aheadMs)
    try {
      assert.equal(await ask('GET'), 200)
      aheadMs += restMs - 900
      assert.equal(await ask('GET'), 200)
      aheadMs += restMs + 1
      assert.equal(await ask('GET'), 200)
      assert.deepEqual(seen, [1, 1, 2], told)
    } finally {
      clock.mock.restore()
    }
    await end()
  }
})
