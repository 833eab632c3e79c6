// Connections of HTTP/1.1 to a cluster: an answer that is there is handed over whole, any other as a stream; what is no
// answer, or is behind one, ends the connection.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { KubernetesUpstream } from '../../../proxy/kubernetes/index.ts'
import { Asking, type UpstreamAnswer, UpstreamError } from '../../../proxy/kubernetes/upstream-answer.ts'
import { UpstreamConnection } from '../../../proxy/kubernetes/upstream-connection.ts'
import { UpstreamConnections } from '../../../proxy/kubernetes/upstream-connections.ts'

const sockets: Socket[] = []
const requests: string[] = []
/** What the server does with the request that came on a connection. */
let answer: (socket: Socket, text: string) => void = () => undefined
const server = createServer((socket) => {
  sockets.push(socket)
  socket.setNoDelay(true)
  socket.on('error', () => undefined)
  socket.on('data', (bytes) => {
    requests.push(bytes.toString('latin1'))
    answer(socket, bytes.toString('latin1'))
  })
})
let upstream: KubernetesUpstream
let token = 'gateway-token'
before(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
after(() => server.close())

function fresh(): void {
  sockets.splice(0)
  requests.splice(0)
  token = 'gateway-token'
  const { port } = server.address() as AddressInfo
  upstream = new KubernetesUpstream({
    server: `http://127.0.0.1:${port}`,
    tls: undefined,
    token: async () => token,
    connectMs: 5000,
  })
}

const headers: readonly (readonly [string, string | string[]])[] = [
  ['Accept', 'application/json'],
  ['Impersonate-Group', ['a', 'b']],
]

function ask(
  options: {
    readonly method?: string
    readonly target?: string
    readonly body?: Uint8Array
    readonly isFollowed?: boolean
    readonly asking?: Asking
  } = {},
): Promise<UpstreamAnswer> {
  const { method = 'GET', target = '/x', body = new Uint8Array(), isFollowed = false, asking = new Asking() } = options
  return new Promise((answered, failed) => {
    const request = { method, target, headers, body, isFollowed }
    upstream.ask({ ...request, asking, watches: false }, { answered, failed })
  })
}

async function text({ body }: UpstreamAnswer): Promise<string> {
  if (Buffer.isBuffer(body)) return body.toString()
  let all = ''
  for await (const piece of body) all += String(piece)
  return all
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'

test('an answer in two chunks is handed over whole, and the next request goes over the same connection', async () => {
  fresh()
  answer = (socket) => socket.write(`${ok}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
  for (let at = 0; at < 3; at++) {
    const answered = await ask()
    assert.ok(Buffer.isBuffer(answered.body))
    assert.equal(answered.body.toString(), 'abcde')
    assert.equal(answered.statusCode, 200)
    assert.deepEqual(answered.fields[0], ['content-type', 'application/json'])
  }
  assert.equal(sockets.length, 1)
  const [first] = requests
  assert.equal(
    first,
    'GET /x HTTP/1.1\r\nHost: HOST\r\nAccept: application/json\r\nImpersonate-Group: a\r\nImpersonate-Group: b\r\nAuthorization: Bearer gateway-token\r\n\r\n'.replace(
      'HOST',
      `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ),
  )
  assert.deepEqual(new Set(requests).size, 1)
  upstream.close()
})

test('a body goes out with the length of it, in one write where it is short', async () => {
  fresh()
  answer = (socket) => socket.write(`${ok}Content-Length: 2\r\n\r\nok`)
  assert.equal(await text(await ask({ method: 'POST', body: Buffer.from('{"a":1}') })), 'ok')
  assert.equal(requests.length, 1)
  assert.match(requests[0] ?? '', /\r\nContent-Length: 7\r\n\r\n\{"a":1\}$/)
  upstream.close()
})

test('an answer that goes on is a stream, and one that is followed is one from its head on', async () => {
  fresh()
  let socket: Socket | undefined
  answer = (one) => {
    socket = one
    one.write(`${ok}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`)
  }
  for (const isFollowed of [false, true]) {
    const answered = await ask({ isFollowed })
    assert.ok(!Buffer.isBuffer(answered.body))
    socket?.write('1\r\nb\r\n0\r\n\r\n')
    assert.equal(await text(answered), 'ab')
  }
  answer = (one) => {
    socket = one
    one.write(`${ok}Transfer-Encoding: chunked\r\n\r\n`)
  }
  const quiet = await ask({ isFollowed: true })
  assert.ok(!Buffer.isBuffer(quiet.body))
  socket?.write('0\r\n\r\n')
  assert.equal(await text(quiet), '')
  assert.equal(sockets.length, 1)
  upstream.close()
})

test('a long answer is a stream that is read no faster than it is taken, and whole in the end', async () => {
  fresh()
  const bytes = 32 * 1024 * 1024
  answer = (socket) => {
    socket.write(`${ok}Content-Length: ${bytes}\r\n\r\n`)
    socket.write(Buffer.alloc(bytes, 'x'))
  }
  const { body } = await ask()
  assert.ok(!Buffer.isBuffer(body))
  for (let at = 0; at < 50; at++) await new Promise((resolve) => setImmediate(resolve))
  assert.ok(body.readableLength < 1024 * 1024)
  let read = 0
  for await (const piece of body) read += piece.length
  assert.equal(read, bytes)
  upstream.close()
})

test('an answer that breaks off is told as broken off, whether anything of it was handed over or not', async () => {
  for (const framing of ['Content-Length: 5\r\n\r\nab', 'Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n'])
    for (const isFollowed of [false, true]) {
      fresh()
      answer = (socket) => socket.end(ok + framing)
      const answered = await ask({ isFollowed })
      assert.equal(answered.statusCode, 200)
      await assert.rejects(text(answered), UpstreamError)
    }
})

test('an answer that ends with its connection is whole, and the connection is not used again', async () => {
  fresh()
  answer = (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nabc')
  assert.equal(await text(await ask()), 'abc')
  answer = (socket) => socket.write(`${ok}Content-Length: 1\r\nConnection: close\r\n\r\nd`)
  assert.equal(await text(await ask()), 'd')
  answer = (socket) => socket.write(`${ok}Content-Length: 1\r\n\r\ne`)
  assert.equal(await text(await ask()), 'e')
  assert.equal(sockets.length, 3)
  upstream.close()
})

test('bytes behind an answer, or that nobody asked for, are no answer to the next request', async () => {
  fresh()
  answer = (socket) => socket.write(`${ok}Content-Length: 1\r\n\r\naHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged`)
  assert.equal(await text(await ask()), 'a')
  answer = (socket) => {
    socket.write(`${ok}Content-Length: 1\r\n\r\nb`)
    setImmediate(() => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged'))
  }
  assert.equal(await text(await ask()), 'b')
  const [, second] = sockets
  assert.ok(second !== undefined)
  if (!second.destroyed) await once(second, 'close')
  answer = (socket) => socket.write(`${ok}Content-Length: 1\r\n\r\nc`)
  assert.equal(await text(await ask()), 'c')
  assert.equal(sockets.length, 3)
  upstream.close()
})

test('what is no answer is refused: two lengths, a switch that was not asked for, interim answers without end', async () => {
  const wrong = [
    `${ok}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
    `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`,
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\n'.repeat(9),
    'SSH-2.0-x\r\n\r\n',
  ]
  for (const written of wrong) {
    fresh()
    answer = (socket) => socket.write(written)
    await assert.rejects(ask(), UpstreamError, written)
  }
  fresh()
  answer = (socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 1\r\n\r\na`)
  assert.equal(await text(await ask()), 'a')
  upstream.close()
})

test('a request on a connection that was closed meanwhile is sent again once where it only reads', async () => {
  for (const method of ['GET', 'POST']) {
    fresh()
    answer = (socket) => socket.write(`${ok}Content-Length: 1\r\n\r\na`)
    await ask()
    const [kept] = sockets
    answer = (socket) => {
      if (socket === kept) socket.destroy()
      else socket.write(`${ok}Content-Length: 1\r\n\r\nb`)
    }
    if (method === 'GET') assert.equal(await text(await ask({ method })), 'b')
    else await assert.rejects(ask({ method }), UpstreamError)
    assert.equal(requests.length, method === 'GET' ? 3 : 2)
    upstream.close()
  }
})

test('what is given up fails and takes its connection along', async () => {
  fresh()
  const asking = new Asking()
  answer = () => setImmediate(() => asking.giveUp())
  await assert.rejects(ask({ asking }), /did not answer in time/)
  const [socket] = sockets
  assert.ok(socket !== undefined)
  if (!socket.destroyed) await once(socket, 'close')
  answer = (one) => one.write(`${ok}Content-Length: 1\r\n\r\na`)
  assert.equal(await text(await ask()), 'a')
  assert.equal(sockets.length, 2)
  upstream.close()
})

test('a token or a target that would not fit in its line is not written', async () => {
  fresh()
  for (const wrong of ['a\r\nX: y', 'a\u010db', 'a b']) {
    token = wrong
    await assert.rejects(ask(), UpstreamError)
  }
  token = 'good'
  for (const target of ['/a b', '/a\r\nX: y', '/\u0120'] as const) await assert.rejects(ask({ target }), UpstreamError)
  assert.deepEqual(requests, [])
})

test('requests at once have a connection each, and the ones that are free again are used', async () => {
  fresh()
  answer = (socket) => setImmediate(() => socket.write(`${ok}Content-Length: 1\r\n\r\na`))
  await Promise.all(Array.from({ length: 5 }, () => ask()))
  assert.equal(sockets.length, 5)
  await Promise.all(Array.from({ length: 5 }, () => ask()))
  assert.equal(sockets.length, 5)
  upstream.retire()
  answer = (socket, said) => {
    assert.match(said, /Connection: close/)
    socket.end(`${ok}Content-Length: 1\r\nConnection: close\r\n\r\na`)
  }
  assert.equal(await text(await ask()), 'a')
  assert.equal(sockets.length, 6)
})

test('requests that wait for a connection get the answers to themselves, as soon as one is free', async () => {
  fresh()
  const lengths = [0, 10, 200_000]
  answer = (socket, said) => {
    const target = said.split(' ')[1] ?? ''
    const written = target + '.'.repeat(lengths[Number(target.slice(-1)) % lengths.length] ?? 0)
    socket.write(`${ok}Content-Length: ${written.length}\r\n\r\n${written}`)
  }
  const { port } = server.address() as AddressInfo
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  const targets = Array.from({ length: 30 }, (_, at) => `/${at}`)
  const answers = new Map<string, string>()
  let begun = 0
  await new Promise<void>((over, failed) => {
    const next = (connection: UpstreamConnection): void => {
      const target = targets[begun++]
      if (target === undefined) return
      const request = { method: 'GET', target, lines: '', body: new Uint8Array(), isFollowed: false }
      const answered = (one: UpstreamAnswer): void =>
        void text(one).then((whole) => {
          answers.set(target, whole.replaceAll('.', ''))
          if (answers.size === targets.length) over()
        }, failed)
      connection.ask(request, { answered, failed })
    }
    next(new UpstreamConnection(socket, next))
    setTimeout(() => failed(new Error(`${answers.size} answers`)), 5000).unref()
  })
  assert.deepEqual(
    [...answers],
    targets.map((target) => [target, target]),
  )
  socket.destroy()
})

test('what is given up leaves the queue, and a full queue refuses', async () => {
  fresh()
  let first: Socket | undefined
  answer = (socket, said) => {
    if (said.startsWith('GET /busy')) first = socket
    else socket.write(`${ok}Content-Length: 1\r\n\r\na`)
  }
  const { port } = server.address() as AddressInfo
  const connections = new UpstreamConnections({ host: '127.0.0.1', port, tls: undefined, connectMs: 5000 }, 1, 8)
  const told: string[] = []
  const begin = (target: string): (() => void) =>
    connections.ask(
      'a client',
      { method: 'GET', target, lines: '', body: new Uint8Array(), isFollowed: false },
      { answered: () => told.push(target), failed: ({ message }) => told.push(`${target}: ${message}`) },
    )
  begin('/busy')
  while (first === undefined) await new Promise((resolve) => setImmediate(resolve))
  const giveUp = [begin('/a'), begin('/b'), begin('/c')]
  assert.deepEqual(told, ['/c: too many requests wait for the cluster'])
  giveUp[0]?.()
  begin('/d')
  begin('/e')
  assert.deepEqual(told.slice(1), ['/e: too many requests wait for the cluster'])
  first.write(`${ok}Content-Length: 1\r\n\r\na`)
  while (told.length < 5) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(told.slice(2), ['/busy', '/b', '/d'])
  assert.deepEqual(
    requests.map((one) => one.split(' ')[1]),
    ['/busy', '/b', '/d'],
  )
  connections.close()
})
