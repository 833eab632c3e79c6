// Requests that a client sends one behind the other without waiting: each gets its own answer, in order, however many come
// at once, and what an upstream sends beyond one answer is nobody's.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { results } from '../../support/gate.ts'
import { type HttpGateway, sendRaw, startHttpGateway } from '../../support/http-gateway.ts'

/** An API that answers with what it was asked for, and to `/more` with a second answer right behind. */
const api: Server = createServer((socket) => {
  sockets.push(socket)
  socket.on('error', () => undefined)
  socket.on('data', (bytes: Buffer) => {
    for (const [, path = ''] of bytes.toString('latin1').matchAll(/GET ([^ ]+) HTTP/g))
      if (path === '/large') socket.write(answer('x'.repeat(32_000)))
      else socket.write(path === '/more' ? answer('/more') + answer('/stray') : answer(path))
  })
})
const sockets: Socket[] = []
let gateway: HttpGateway

const answer = (text: string): string => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`
const head = (path: string): string => `GET ${path} HTTP/1.1\r\nhost: api.example\r\nauthorization: Bearer good\r\n\r\n`

before(async () => {
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  const address = api.address()
  gateway = await startHttpGateway({ upstreamPort: typeof address === 'object' && address !== null ? address.port : 0 })
})
after(async () => {
  await gateway.close()
  for (const socket of sockets) socket.destroy()
  api.close()
})

const bodies = (text: string): readonly string[] =>
  text
    .split(/HTTP\/1\.1 \d+ [^\r]*\r\n/)
    .slice(1)
    .map((one) => one.slice(one.indexOf('\r\n\r\n') + 4))

test('requests that come at once are answered one after another, in their order', async () => {
  const paths = Array.from({ length: 50 }, (_, index) => `/item/${index}`)
  assert.deepEqual(bodies(await sendRaw(gateway.port, paths.map(head).join(''))), paths)
})

test('thousands of requests in one piece that are all refused are all answered', async () => {
  gateway.answer = () => results.deny
  try {
    const text = await sendRaw(gateway.port, head('/no').repeat(2500))
    assert.equal(text.split('HTTP/1.1 403 ').length - 1, 2500)
  } finally {
    gateway.answer = () => results.allow
  }
})

test('an answer that nobody asked for does not answer the request behind', async () => {
  const text = await sendRaw(gateway.port, head('/more') + head('/next'))
  assert.deepEqual(bodies(text), ['/more', '/next'])
})

test('a client that takes no answers is asked for no more requests, and gets all of them once it does', async () => {
  const count = 3000
  const judged = gateway.judged.length
  const socket = connect(gateway.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write(head('/large').repeat(count))
  const served = (): number => gateway.judged.length - judged
  for (let quiet = 0, last = -1; quiet < 1000; quiet++) {
    await new Promise(setImmediate)
    if (last !== served()) quiet = 0
    last = served()
  }
  // What the system takes for both ends, and a little more.
  assert.ok(served() < count / 2, `${served()} were served`)
  let bytes = 0
  const all = new Promise<void>((resolve) => {
    socket.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes >= count * answer('x'.repeat(32_000)).length) resolve()
    })
  })
  socket.resume()
  await all
  assert.equal(served(), count)
  socket.destroy()
})
