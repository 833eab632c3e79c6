// WebSockets through the gateway, with a client and a server of another make: each message is judged, answers are masked,
// and what is not WebSocket as RFC 6455 writes it ends the connection.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import { encodeWebSocketFrame, WebSocketError, WebSocketReader } from '../../../proxy/http1/index.ts'
import { results } from '../../support/gate.ts'
import { type HttpGateway, sendRaw, startHttpGateway } from '../../support/http-gateway.ts'

let api: Server
let gateway: HttpGateway
const received: string[] = []
let opened: IncomingMessage | undefined
before(async () => {
  api = createServer((_request, response) => response.writeHead(404).end('no socket here'))
  const sockets = new WebSocketServer({ server: api, path: '/ws', handleProtocols: (all) => [...all][0] ?? false })
  sockets.on('connection', (socket, request) => {
    opened = request
    socket.on('message', (bytes, isBinary) => {
      const text = String(bytes)
      received.push(text)
      if (text === 'bye') socket.close(4000, 'because of a secret')
      else if (text === 'vanish') socket.terminate()
      else if (text === 'card') socket.send('{"card":"4111111111111111","n":1}')
      else if (text === 'pieces') {
        socket.send('{"card":"4111', { fin: false })
        socket.send('111111111111"}', { fin: true })
      } else socket.send(bytes, { binary: isBinary })
    })
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port })
})
beforeEach(() => {
  received.length = 0
  gateway.judged.length = 0
  gateway.answer = (document) =>
    document.action.http?.rpc.some(({ tool }) => tool === 'shell') ||
    document.action.http?.graphql.some(({ type }) => type === 'mutation') ||
    document.action.complete === false
      ? results.deny
      : results.allow
})
after(async () => {
  await gateway.close()
  api.close()
  api.closeAllConnections()
  assert.deepEqual(gateway.errors, [])
})

function open(path = '/ws', protocols: string[] = []): WebSocket {
  return new WebSocket(`ws://127.0.0.1:${gateway.port}${path}`, protocols, {
    headers: { host: 'api.example', authorization: 'Bearer good', 'x-remote-user': 'root' },
  })
}
async function ask(socket: WebSocket, text: string | Buffer): Promise<string> {
  socket.send(text)
  const [bytes] = await once(socket, 'message')
  return String(bytes)
}

test('messages go both ways, each judged, with the credential of the gateway and no extension', async () => {
  const socket = open('/ws', ['chat', 'other'])
  await once(socket, 'open')
  assert.equal(socket.protocol, 'chat')
  assert.equal(socket.extensions, '')
  assert.equal(await ask(socket, 'hello'), 'hello')
  assert.equal(await ask(socket, '{"a":[1]}'), '{"a":[1]}')
  assert.equal((await ask(socket, 'x'.repeat(300_000))).length, 300_000)
  const [connection, hello, json] = gateway.judged.map(({ action }) => action)
  assert.equal(connection?.http?.upgrade, 'websocket')
  assert.equal(hello?.operation, 'message')
  assert.equal(hello?.http?.body.value, 'hello')
  assert.deepEqual(json?.http?.body.value, { a: [1] })
  assert.equal(opened?.headers.authorization, 'Bearer upstream-secret')
  assert.equal(opened?.headers['x-remote-user'], undefined)
  assert.equal(opened?.headers['sec-websocket-extensions'], undefined)
  socket.close()
  await once(socket, 'close')
})

test('a message that is refused ends the connection, names the rule, and does not arrive', async () => {
  for (const text of [
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"shell","arguments":{}}}',
    '{"id":"1","type":"subscribe","payload":{"query":"mutation { remove(id: 1) }"}}',
    '{"a":1,"a":2}',
    '{not json',
  ]) {
    const socket = open()
    await once(socket, 'open')
    socket.send(text)
    const [code, reason] = await once(socket, 'close')
    assert.equal(code, 1008, text)
    assert.match(String(reason), /^p\.no id-/)
  }
  assert.deepEqual(received, [])
})

test('all that a client said before it closes arrives', async () => {
  const socket = open()
  await once(socket, 'open')
  const said = Array.from({ length: 40 }, (_, at) => `m${at}`)
  for (const text of said) socket.send(text)
  socket.close(4001)
  const [code] = await once(socket, 'close')
  assert.equal(code, 4001)
  assert.deepEqual(received, said)
})

test('a message that waits for people goes nowhere once its client has closed', async () => {
  gateway.answer = ({ action }) => (action.http?.body.value === 'ask' ? results.hold : results.allow)
  for (const texts of [['ask'], ['first', 'ask', 'behind']]) {
    received.length = 0
    const socket = open()
    await once(socket, 'open')
    for (const text of texts) socket.send(text)
    socket.close(1000)
    assert.equal((await once(socket, 'close'))[0], 1000)
    assert.deepEqual(received, texts.slice(0, -2))
  }
})

test('messages behind one that is refused do not arrive', async () => {
  const socket = open()
  await once(socket, 'open')
  for (const text of ['first', '{"a":1,"a":2}', 'second']) socket.send(text)
  await once(socket, 'close')
  assert.deepEqual(received, ['first'])
})

test('answers are masked, in whatever pieces they come; a binary one is not shown', async () => {
  gateway.answer = () => ({ ...results.allow, mask: [{ json: '$.card', with: 'last4' }] })
  const socket = open()
  await once(socket, 'open')
  assert.equal(await ask(socket, 'card'), '{"card":"************1111","n":1}')
  assert.equal(await ask(socket, 'pieces'), '{"card":"************1111"}')
  socket.send(Buffer.from('{"card":"4111111111111111"}'), { binary: true })
  const [code] = await once(socket, 'close')
  assert.equal(code, 1008)
})

test('an upgrade that is refused, or that the API declines, leaves no pipe', async () => {
  gateway.answer = () => results.deny
  const refused = open()
  const [error] = await once(refused, 'error')
  assert.match(String(error), /403/)
  gateway.answer = () => results.allow
  const declined = open('/none')
  const [other] = await once(declined, 'error')
  assert.match(String(other), /400/)
  assert.equal(gateway.judged.at(-1)?.action.http?.path[0], 'none')
})

test('an end of either side is an end of both; a reason of the API is not shown', async () => {
  const socket = open()
  await once(socket, 'open')
  socket.send('bye')
  const [code, reason] = await once(socket, 'close')
  assert.equal(code, 4000)
  assert.equal(String(reason), '')
  const vanished = open()
  await once(vanished, 'open')
  vanished.send('vanish')
  await once(vanished, 'close')
})

test('a message does not carry a value past the masks of its socket', async () => {
  const masked = { ...results.allow, mask: [{ json: '$.card', with: 'last4' }] }
  gateway.answer = () => masked
  const list = open()
  await once(list, 'open')
  assert.equal(await ask(list, '[{"card":"4111111111111111"}]'), '[{"card":"************1111"}]')
  list.send('{"payload":{"query":"subscription{x:card}"}}')
  assert.deepEqual((await once(list, 'close'))[0], 1008)
  // What a message alone is allowed under could not be told from what others are.
  gateway.answer = ({ action }) => (action.operation === 'message' ? masked : results.allow)
  const asking = open()
  await once(asking, 'open')
  asking.send('card')
  assert.deepEqual((await once(asking, 'close'))[0], 1008)
  assert.deepEqual(received, ['[{"card":"4111111111111111"}]'])
})

test('pings are answered here', async () => {
  const socket = open()
  await once(socket, 'open')
  socket.ping('12')
  const [bytes] = await once(socket, 'pong')
  assert.equal(String(bytes), '12')
  socket.terminate()
})

const opening = `GET /ws HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`
test('bytes before the agreement are refused; frames that are none end the connection', async () => {
  assert.match(await sendRaw(gateway.port, `${opening}GET / HTTP/1.1\r\n`), /"code":"upgrade"/)
  const hostile = connect(gateway.port, '127.0.0.1')
  hostile.write(opening)
  const [first] = await once(hostile, 'data')
  assert.match(String(first), /^HTTP\/1\.1 101 [\s\S]*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/)
  hostile.write('GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n')
  const [close] = await once(hostile, 'data')
  assert.deepEqual([...(close as Buffer).subarray(0, 4)], [0x88, (close as Buffer)[1], 0x03, 0xea])
  await once(hostile, 'close')
  assert.deepEqual(received, [])
})

const key = Buffer.from([1, 2, 3, 4])
test('messages are read the same for every cut of their bytes', () => {
  const frames = Buffer.concat([
    encodeWebSocketFrame('text', Buffer.from('é€😀'), key),
    encodeWebSocketFrame('ping', Buffer.from('p'), key),
    encodeWebSocketFrame('binary', Buffer.alloc(70_000, 7), key),
    encodeWebSocketFrame('text', Buffer.alloc(200, 'a'), key),
    encodeWebSocketFrame('close', Buffer.from([0x03, 0xe8]), key),
  ])
  for (const step of [1, 2, 3, 1000, 100_000]) {
    const reader = new WebSocketReader(true)
    const events = []
    for (let at = 0; at < frames.length; at += step) events.push(...reader.push(frames.subarray(at, at + step)))
    assert.deepEqual(
      events.map((one) => [one.kind, one.kind === 'close' ? one.code : one.bytes.length]),
      [
        ['text', 9],
        ['ping', 1],
        ['binary', 70_000],
        ['text', 200],
        ['close', 1000],
      ],
    )
  }
})

const bad: readonly (readonly [what: string, hex: string, status: number])[] = [
  ['a reserved bit', 'c18101020304' + '00', 1002],
  ['no mask', '810161', 1002],
  ['an unknown kind', '838001020304', 1002],
  ['a continuation of nothing', '808001020304', 1002],
  ['a ping in pieces', '098001020304', 1002],
  ['a long ping', '89fe007e01020304', 1002],
  ['a length of two bytes that fits in one', '81fe000101020304', 1002],
  ['a length of eight bytes that fits in two', '81ff000000000000000101020304', 1002],
  ['a length beyond any message', '81ff7fffffffffffffff01020304', 1009],
  ['a message within a message', '018100000000' + '61' + '818100000000' + '61', 1002],
  ['half a close code', '888100000000' + '03', 1002],
  ['a close code that nobody sends', '888200000000' + '03ed', 1002],
  ['a text that is not UTF-8', '818200000000' + 'c0af', 1007],
]
for (const [what, hex, status] of bad)
  test(`refuses a frame with ${what}`, () => {
    assert.throws(
      () => new WebSocketReader(true).push(Buffer.from(hex, 'hex')),
      (error) => error instanceof WebSocketError && error.status === status,
    )
  })

test('a client that pings and takes no answer is not read without end, and is read again once it takes them', async () => {
  const socket = connect(gateway.port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const head = ['GET /ws HTTP/1.1', 'Host: api.example', 'Authorization: Bearer good', 'Connection: upgrade']
  const more = ['Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']
  socket.write([...head, ...more, '', ''].join('\r\n'))
  await once(socket, 'data')
  socket.pause()
  const ping = encodeWebSocketFrame('ping', Buffer.alloc(125, 'p'), Buffer.from([1, 2, 3, 4]))
  const pings = Buffer.concat(Array.from({ length: 8192 }, () => ping))
  const count = 64
  for (let index = 0; index < count; index++) socket.write(pings)
  const left = (): number => socket.writableLength
  for (let quiet = 0, last = -1; quiet < 3000; quiet++) {
    await new Promise(setImmediate)
    if (left() === 0) break
    if (last !== left()) quiet = 0
    last = left()
  }
  assert.ok(left() > pings.length * 16, `all but ${left()} of ${pings.length * count} bytes were read`)
  let taken = 0
  const all = new Promise<void>((resolve) => {
    socket.on('data', (bytes: Buffer) => {
      taken += bytes.length
      // A pong of the gateway has no mask, and so is four bytes shorter.
      if (taken >= count * 8192 * (ping.length - 4)) resolve()
    })
  })
  socket.resume()
  await all
  socket.destroy()
})
