// Answers that the policy decides on: by status and head, before any of them is seen, however they come and end.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import {
  connect as connectHttp2,
  createServer as createHttp2,
  type Http2Server,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { gunzipSync, gzipSync } from 'node:zlib'
import { WebSocket, WebSocketServer } from 'ws'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { results } from '../../support/gate.ts'
import { type HttpGateway, sendRaw, startHttpGateway } from '../../support/http-gateway.ts'

let api: Server
let calls: Http2Server
let gateway: HttpGateway
let grpc: HttpGateway
let connections = 0
/** What the API does, and what the policy says of its answer; each test says. */
let serve: RequestListener = () => undefined
let serveCall: (stream: ServerHttp2Stream) => void = () => undefined
let say: (document: ActionDocument) => unknown = () => allowed()

/** A result of `data.sallyport.response`. */
function allowed(more: object = {}): object {
  return {
    effect: 'allow',
    allow: ['p.response_allow'],
    deny: [],
    mask: [],
    limit: [],
    header: [],
    record: [],
    ...more,
  }
}
const denied = { ...allowed(), effect: 'deny', deny: [{ rule: 'p.answers', message: 'not this answer' }] }
const answers: ActionDocument[] = []

before(async () => {
  api = createServer((request, response) => serve(request, response))
  api.on('connection', () => connections++)
  const sockets = new WebSocketServer({ server: api, path: '/ws' })
  sockets.on('connection', (socket) => socket.on('message', (bytes) => socket.send(`{"card":"${String(bytes)}"}`)))
  calls = createHttp2()
  calls.on('stream', (stream) => serveCall(stream))
  for (const server of [api, calls]) await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  gateway = await startHttpGateway({ upstreamPort: (api.address() as AddressInfo).port })
  grpc = await startHttpGateway({ upstreamPort: (calls.address() as AddressInfo).port, target: { http2: true } })
  for (const one of [gateway, grpc]) {
    one.parts.live.judgesAnswers = true
    one.answer = (document) => {
      if (document.action.stage !== 'response') return results.allow
      answers.push(document)
      return say(document)
    }
  }
})
beforeEach(() => {
  say = () => allowed()
  answers.length = 0
})
after(async () => {
  await gateway.close()
  await grpc.close()
  api.close()
  api.closeAllConnections()
  calls.close()
  assert.deepEqual([...gateway.errors, ...grpc.errors], [])
})

const head = (more = '', line = 'GET /x'): string =>
  `${line} HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n${more}Connection: close\r\n\r\n`
const json = { 'content-type': 'application/json' }
const secret = '{"card":"4111111111111111"}'

test('an answer is judged with its request and recorded as a decision of its own', async () => {
  serve = (_request, response) =>
    response
      .writeHead(201, { ...json, server: 'inner/1.0', 'set-cookie': ['sid=secret; Path=/', 'b=2'], 'x-odd': 'secret' })
      .end(secret)
  const out = await sendRaw(gateway.port, head('', 'GET /orders/7?a=1'))
  assert.match(out, /^HTTP\/1\.1 201 [\s\S]*4111111111111111/)
  const [document] = answers
  const { action } = document ?? assert.fail()
  assert.equal(action.stage, 'response')
  assert.equal(action.text, 'GET /orders/7?a=1 -> 201')
  assert.deepEqual(action.http?.path, ['orders', '7'])
  const response = action.http?.response
  assert.equal(response?.status, 201)
  const decided = gateway.parts.recorder
    .entries()
    .flatMap((entry) =>
      entry.kind === 'action' && entry.document.action.stage === 'request' ? [entry.decision.id] : [],
    )
  assert.equal(response?.decision, decided.at(-1))
  assert.equal(response?.type, 'application/json')
  assert.deepEqual(response?.headers['server'], ['inner/1.0'])
  assert.deepEqual(response?.cookies, ['sid', 'b'])
  assert.ok(response?.names.includes('x-odd'))
  assert.doesNotMatch(JSON.stringify(response), /secret/)
  const recorded = gateway.parts.recorder
    .entries()
    .flatMap((entry) => (entry.kind === 'action' ? [entry.document.action.stage] : []))
  assert.deepEqual(recorded.slice(-2), ['request', 'response'])
  assert.notEqual(action.digest, '')
})

test('a denied answer is a problem in its place, nothing of it is seen, and the connection serves on', async () => {
  serve = (_request, response) => response.writeHead(500, { 'x-trace': 'inner stack' }).end('stack trace of the inside')
  say = (document) => (document.action.http?.response?.status === 500 ? denied : allowed())
  const before = connections
  const two = `GET /x HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n\r\n${head().replace('/x', '/y')}`
  const out = await sendRaw(gateway.port, two)
  assert.equal(out.match(/HTTP\/1\.1 403 /g)?.length, 2)
  assert.match(out, /application\/problem\+json[\s\S]*"rule":"p\.answers","decision":"id-/)
  assert.doesNotMatch(out, /inside|inner stack/)
  // What was still coming on the first connection is nobody's answer.
  assert.equal(connections - before, 2)
  serve = (_request, response) => response.end('fine')
  assert.match(await sendRaw(gateway.port, head()), /200 [\s\S]*fine/)
})

test('an endless answer that is denied is not read on', async () => {
  let isClosed: () => void = () => undefined
  const closed = new Promise<void>((done) => {
    isClosed = done
  })
  serve = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/plain' })
    const more = (): void => {
      while (response.write('x'.repeat(65_536)));
    }
    response.on('drain', more)
    response.on('close', isClosed)
    more()
  }
  say = () => denied
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 403 /)
  await closed
})

test('what the policy says of answers that is no decision on answers refuses them', async () => {
  serve = (_request, response) => response.end('the secret')
  const wrong: readonly unknown[] = [
    undefined,
    results.hold,
    allowed({ hold: [{ rule: 'p.ask', reason: 'x' }] }),
    allowed({ filter: [{ relation: 'a', where: 'b' }] }),
    allowed({ allow: [] }),
    allowed({ header: [{ name: 'content-length', value: '0' }] }),
    allowed({ header: [{ name: 'Transfer-Encoding', remove: true }] }),
    allowed({ header: [{ name: 'x', value: 'a\r\nset-cookie: a=b' }] }),
    allowed({ header: [{ name: 'x y', value: 'a' }] }),
    allowed({ header: [{ name: 'x' }] }),
    allowed({ header: [{ name: 'x', value: 'a', remove: true }] }),
    allowed({
      header: [
        { name: 'x', value: 'a' },
        { name: 'X', value: 'b' },
      ],
    }),
    allowed({ mask: [{ column: 'a.b', with: 'redact' }] }),
  ]
  for (const one of wrong) {
    say = () => one
    const out = await sendRaw(gateway.port, head())
    assert.match(out, /^HTTP\/1\.1 403 /, JSON.stringify(one))
    assert.doesNotMatch(out, /the secret/)
  }
  say = () => {
    throw new Error('the policy breaks')
  }
  assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 403 /)
})

test('masks and limits by status come on top of those of the request', async () => {
  say = (document) =>
    document.action.http?.response?.status === 200 ? allowed({ mask: [{ json: '$.card', with: 'last4' }] }) : allowed()
  serve = (request, response) => response.writeHead(request.url === '/open' ? 202 : 200, json).end(secret)
  assert.match(await sendRaw(gateway.port, head()), /"\*{12}1111"/)
  assert.match(await sendRaw(gateway.port, head('', 'GET /open')), /4111111111111111/)
  serve = (_request, response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(secret))
  assert.match(await sendRaw(gateway.port, head('Accept-Encoding: gzip\r\n')), /"\*{12}1111"/)
  say = () => allowed({ limit: [{ bytes: 10 }] })
  serve = (_request, response) => response.writeHead(200, json).end(secret)
  assert.doesNotMatch(await sendRaw(gateway.port, head()), /4111111/)
  say = () => allowed({ limit: [{ bytes: 1000 }] })
  assert.match(await sendRaw(gateway.port, head()), /4111111/)
})

test('a coding that could not be taken off is not asked for where answers are judged', async () => {
  let asked: string | undefined
  serve = (request, response) => {
    asked = request.headers['accept-encoding']
    response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(secret))
  }
  const out = await sendRaw(gateway.port, head('Accept-Encoding: zstd, gzip;q=0.5, dcb\r\n'))
  assert.equal(asked, 'gzip;q=0.5')
  assert.match(out, /content-encoding: gzip/i)
  const body = Buffer.from(out.slice(out.indexOf('\r\n\r\n') + 4), 'latin1')
  assert.equal(gunzipSync(body.subarray(body.indexOf(0x1f), body.lastIndexOf('\r\n0\r\n'))).toString(), secret)
})

test('header fields are left out and written, in trailers too', async () => {
  say = () =>
    allowed({
      header: [
        { name: 'Server', remove: true },
        { name: 'x-sum', remove: true },
        { name: 'cache-control', value: 'no-store' },
        { name: 'x-frame-options', value: 'DENY' },
      ],
    })
  serve = (_request, response) => {
    response.writeHead(200, {
      server: 'inner/1.0',
      'cache-control': 'public',
      trailer: 'x-sum, x-other',
      'x-keep': '1',
    })
    response.write('body')
    response.addTrailers({ 'x-sum': 'secret sum', 'x-other': 'shown' })
    response.end()
  }
  const out = await sendRaw(gateway.port, head('TE: trailers\r\n'))
  assert.doesNotMatch(out, /inner|public|secret sum/)
  assert.match(out, /cache-control: no-store\r\n/i)
  assert.match(out, /x-frame-options: DENY\r\n/i)
  assert.match(out, /x-keep: 1[\s\S]*x-other: shown/i)
})

test('where an answer leads is a fact, and with two readings the action is incomplete', async () => {
  const redirects: readonly (readonly [location: string, authority: string, same: boolean, readable: boolean])[] = [
    ['/login', 'api.example', true, true],
    ['?page=2', 'api.example', true, true],
    ['http://api.example/x', 'api.example', true, true],
    ['http://api.example:80/x', 'api.example', true, true],
    ['https://api.example/x', 'api.example', false, true],
    ['//evil.example/x', 'evil.example', false, true],
    ['HTTP://evil.example:8080', 'evil.example:8080', false, true],
    ['javascript:alert(1)', '', false, true],
    ['/\\evil.example', '', false, false],
    ['http:evil.example', '', false, false],
    ['http:///evil.example', '', false, false],
    ['///evil.example', '', false, false],
    ['http://api.example@evil.example/', '', false, false],
    ['http://api.example\\@evil.example/', '', false, false],
    ['http://evil.example./', '', false, false],
    ['a b', '', false, false],
  ]
  for (const [location, authority, same, readable] of redirects) {
    serve = (_request, response) => response.writeHead(302, { location }).end()
    say = () => denied
    assert.match(await sendRaw(gateway.port, head()), /^HTTP\/1\.1 403 /)
    const { action } = answers.at(-1) ?? assert.fail()
    const [redirect] = action.http?.response?.redirects ?? []
    assert.deepEqual(
      [redirect?.target, redirect?.authority, redirect?.same_authority, redirect?.readable, action.complete],
      [location, authority, same, readable, readable],
    )
  }
  serve = (_request, response) => response.writeHead(200, { refresh: `0; URL='https://evil.example/a'` }).end('x')
  await sendRaw(gateway.port, head())
  const [refresh] = answers.at(-1)?.action.http?.response?.redirects ?? []
  assert.deepEqual([refresh?.by, refresh?.authority, refresh?.same_authority], ['refresh', 'evil.example', false])
})

test('answers without a body, and interim ones, are judged once each', async () => {
  const cases: readonly (readonly [line: string, status: number, headers: Record<string, string>, bytes: number])[] = [
    ['GET /none', 204, {}, 0],
    ['GET /same', 304, { etag: '"a"' }, 0],
    ['HEAD /x', 200, { 'content-length': '12' }, 0],
    ['GET /empty', 200, { 'content-length': '0' }, 0],
    ['GET /seven', 200, { 'content-length': '7' }, 7],
  ]
  for (const [line, status, headers, bytes] of cases) {
    answers.length = 0
    serve = (request, response) => {
      response.writeProcessing()
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.writeHead(status, headers).end(request.url === '/seven' ? '1234567' : undefined)
    }
    say = () => allowed()
    assert.match(await sendRaw(gateway.port, head('', line)), new RegExp(`^HTTP/1\\.1 ${status} `))
    assert.deepEqual(
      answers.map(({ action }) => [action.http?.response?.status, action.http?.response?.bytes]),
      [[status, bytes]],
    )
    say = () => denied
    assert.match(await sendRaw(gateway.port, head('', line)), /^HTTP\/1\.1 403 /)
  }
})

test('an answer that may turn out to be masked is asked for without a guess of its entity tag', async () => {
  serve = ({ headers }, response) => {
    const { 'if-none-match': none, 'if-range': part, range } = headers
    const isGuessed = none === '"a"' || (part === '"a"' && range !== undefined)
    response.writeHead(isGuessed ? 304 : 200, { 'content-type': 'application/json', etag: '"a"' })
    response.end(isGuessed ? undefined : '{"card":"4111111111111111"}')
  }
  say = () => allowed({ mask: [{ json: '$.card', with: 'last4' }] })
  for (const more of ['If-None-Match: "a"\r\n', 'If-Range: "a"\r\nRange: bytes=0-1\r\n']) {
    const out = await sendRaw(gateway.port, head(more))
    assert.match(out, /^HTTP\/1\.1 200 [\s\S]*"\*{12}1111"/)
    assert.doesNotMatch(out, /etag/i)
  }
})

test('an answer waits for its record, in order and whole; without one it is refused', async () => {
  const large = 'x'.repeat(500_000)
  serve = (_request, response) => response.writeHead(200, { 'content-length': '500000' }).end(large)
  let judged: () => void = () => undefined
  say = (_document) => {
    const recorder = [...gateway.parts.recorder.sessions.values()].at(-1) ?? assert.fail()
    recorder.mode = 'later'
    setImmediate(judged)
    return allowed()
  }
  for (const error of [undefined, new Error('disk full')]) {
    const asked = new Promise<void>((done) => {
      judged = done
    })
    const out = sendRaw(gateway.port, head())
    await asked
    const recorder = [...gateway.parts.recorder.sessions.values()].at(-1) ?? assert.fail()
    recorder.mode = 'accept'
    while (recorder.settle(error));
    const text = await out
    if (error === undefined) assert.equal(text.match(/x{1000}/g)?.length, 500)
    else assert.match(text, /^HTTP\/1\.1 403 [\s\S]*not_recorded/)
  }
})

test('a WebSocket opens only when the agreement is allowed, and its masks hold for messages', async () => {
  const open = (): WebSocket =>
    new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`, {
      headers: { host: 'api.example', authorization: 'Bearer good' },
    })
  say = (document) => {
    assert.equal(document.action.http?.response?.status, 101)
    return allowed({ mask: [{ json: '$.card', with: 'last4' }] })
  }
  const socket = open()
  await once(socket, 'open')
  socket.send('4111111111111111')
  const [bytes] = await once(socket, 'message')
  assert.equal(String(bytes), '{"card":"************1111"}')
  socket.close()
  await once(socket, 'close')
  say = () => denied
  const refused = open()
  const [error] = await once(refused, 'error')
  assert.match(String(error), /403/)
})

test('an answer in events, one in HTTP/2 and a call of gRPC are judged by their heads', async () => {
  const session = connectHttp2(`http://127.0.0.1:${grpc.port}`)
  const ask = async (fields: object, body: string): Promise<{ head: Record<string, unknown>; body: string }> => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/shop.Orders/Get',
      ':authority': 'api.example',
      authorization: 'Bearer good',
      te: 'trailers',
      ...fields,
    })
    stream.end(body)
    const [found] = await once(stream, 'response')
    let text = ''
    stream.on('data', (bytes: Buffer) => {
      text += bytes.toString()
    })
    const trailers: Record<string, unknown> = {}
    stream.on('trailers', (some: object) => Object.assign(trailers, some))
    stream.resume()
    await once(stream, 'close')
    return { head: { ...(found as object), ...trailers }, body: text }
  }
  serveCall = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0', 'grpc-message': 'inner' }))
    stream.end('message')
  }
  say = () => allowed({ header: [{ name: 'grpc-message', remove: true }] })
  const call = { 'content-type': 'application/grpc' }
  const fine = await ask(call, 'x')
  assert.equal(fine.body, 'message')
  assert.equal(fine.head['grpc-status'], '0')
  assert.equal(fine.head['grpc-message'], undefined)
  // What has failed at once says so in its head.
  serveCall = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '13' }, { endStream: true })
  }
  say = (document) => (document.action.http?.response?.grpc_status === 13 ? denied : allowed())
  const failed = await ask(call, 'x')
  assert.equal(failed.head['grpc-status'], '7')
  assert.match(decodeURIComponent(String(failed.head['grpc-message'])), /p\.answers/)
  serveCall = (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' })
    stream.end('data: {"card":"4111111111111111"}\n\n')
  }
  say = () => allowed({ mask: [{ json: '$.card', with: 'redact' }] })
  const events = await ask({}, '')
  assert.doesNotMatch(events.body, /4111/)
  session.close()
})

test('an answer that comes before the request is all sent is refused at once', async () => {
  serve = (_request, response) => response.writeHead(413).end('too much, says the inside')
  say = () => denied
  const body = 'x'.repeat(3_000_000)
  const out = await sendRaw(gateway.port, `${head(`Content-Length: ${body.length}\r\n`, 'POST /upload')}${body}`)
  assert.match(out, /^HTTP\/1\.1 403 /)
  assert.doesNotMatch(out, /inside/)
  say = () => allowed()
  serve = (_request, response) => response.end('fine')
  assert.match(await sendRaw(gateway.port, head()), /fine/)
})

test('an API that goes away while its answer waits is not taken to have answered', async () => {
  serve = (_request, response) => {
    response.writeHead(200, { 'content-length': '100' })
    response.write('half')
    setImmediate(() => response.destroy())
  }
  let judged: () => void = () => undefined
  say = () => {
    const recorder = [...gateway.parts.recorder.sessions.values()].at(-1) ?? assert.fail()
    recorder.mode = 'later'
    setImmediate(judged)
    return allowed()
  }
  const asked = new Promise<void>((done) => {
    judged = done
  })
  const out = sendRaw(gateway.port, head())
  await asked
  const recorder = [...gateway.parts.recorder.sessions.values()].at(-1) ?? assert.fail()
  recorder.mode = 'accept'
  while (recorder.settle());
  const text = await out
  // Whether it is noticed before or after the head went out, the client sees that there is no whole answer.
  assert.match(text, /^HTTP\/1\.1 (502 |200 [\s\S]*content-length: 100\r\n\r\n(half)?$)/i)
  say = () => allowed()
  serve = (_request, response) => response.end('fine')
  assert.match(await sendRaw(gateway.port, head()), /fine/)
})
