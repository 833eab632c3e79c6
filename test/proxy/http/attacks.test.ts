// Attacks that gateways before APIs have suffered: each is refused, and the gateway serves the next client.
import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { type AddressInfo, connect, createServer as createNetServer, type Server as NetServer } from 'node:net'
import { after, before, test } from 'node:test'
import { guardLookup, isRefusedAddress } from '../../../proxy/http/address-guard.ts'
import { connectUpstream, HttpUpstreamError } from '../../../proxy/http/upstream.ts'
import { results } from '../../support/gate.ts'
import { type HttpGateway, sendRaw, startHttpGateway } from '../../support/http-gateway.ts'

const received: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = []
let api: Server
let hostile: NetServer
/** What the hostile API answers, byte for byte. */
let hostileAnswer = ''
/** Goes on with the answer that does not end. */
let more: (text: string) => void = () => undefined
let gateway: HttpGateway
let beforeHostile: HttpGateway

const portOf = (server: NetServer): number => (server.address() as AddressInfo).port
before(async () => {
  api = createServer((request, response) => {
    received.push({ url: request.url ?? '', headers: request.headers })
    request.resume()
    if (request.url === '/stream') {
      more = (text) => response.write(text)
      more('first ')
      return
    }
    if (request.url === '/challenge') response.writeHead(401, { 'www-authenticate': 'Bearer resource_metadata="x"' })
    request.on('end', () => response.end('alive'))
  })
  hostile = createNetServer((socket) => {
    socket.once('data', () => socket.end(hostileAnswer, 'latin1'))
    socket.on('error', () => undefined)
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  await new Promise<void>((done) => hostile.listen(0, '127.0.0.1', done))
  gateway = await startHttpGateway({ upstreamPort: portOf(api) })
  beforeHostile = await startHttpGateway({ upstreamPort: portOf(hostile) })
})
after(async () => {
  await gateway.close()
  await beforeHostile.close()
  api.close()
  api.closeAllConnections()
  hostile.close()
  assert.deepEqual([...gateway.errors, ...beforeHostile.errors], [])
})

const request = (line: string, more = ''): string =>
  `${line} HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer good\r\n${more}Connection: close\r\n\r\n`

const refused: readonly (readonly [attack: string, bytes: string, code: string])[] = [
  ['CVE-2026-26205: `//admin` read as an authority', request('GET //admin'), 'empty_segment'],
  ['CVE-2026-26205: `//admin` behind an authority', request('GET http://api.example//admin'), 'empty_segment'],
  ['CVE-2021-29492: an encoded slash', request('GET /public%2F..%2Fadmin'), 'encoded_slash'],
  ['CVE-2021-29492: an encoded backslash', request('GET /public%5c..%5cadmin'), 'backslash'],
  ['CVE-2026-32811: an encoded `?`', request('GET /public%3Fadmin'), 'encoded_delimiter'],
  ['CVE-2026-32811: `?` encoded twice', request('GET /public%253Fadmin'), 'double_encoding'],
  ['CVE-2021-32779: a fragment', request('GET /public#/admin'), 'fragment'],
  [
    'CVE-2021-32777: a header twice, of which one is judged',
    request('GET /', 'Cookie: a\r\nCookie: b\r\n'),
    'duplicate_header',
  ],
  ['CVE-2023-33189: one path judged, another routed', request('GET /public/../admin'), 'dot_segment'],
  ['CVE-2023-33189: one host judged, another routed', request('GET http://other.example/'), 'authority_mismatch'],
  ['CVE-2021-22959: a space between name and colon', request('POST /', 'Content-Length : 5\r\n'), 'space_before_colon'],
  [
    'CVE-2024-22019: chunk extensions without an end',
    `${request('POST /', 'Transfer-Encoding: chunked\r\n')}1;${'a'.repeat(65536)}`,
    'chunk_extension',
  ],
  [
    'CVE-2026-1525: Content-Length in two cases',
    request('POST /', 'Content-Length: 0\r\ncontent-length: 30\r\n'),
    'duplicate_header',
  ],
  ['a line end that would split the answer', request('GET /%0d%0aSet-Cookie:%20a=b'), 'encoded_control'],
  ['a head that does not end', request('GET /', `X-A: ${'y'.repeat(40_000)}\r\n`), 'head_too_long'],
  ['more headers than a request has', request('GET /', 'X-A: y\r\n'.repeat(200)), 'too_many_headers'],
  [
    'CVE-2025-49596: a page that asks by the name of its own host',
    request('GET /').replace('api.example', 'evil.example'),
    'no_resource',
  ],
  [
    'CVE-2025-49596: a page that asks without a token',
    'POST /mcp HTTP/1.1\r\nHost: api.example\r\nOrigin: http://evil.example\r\n\r\n',
    'no_token',
  ],
]
for (const [attack, bytes, code] of refused)
  test(`refuses ${attack}`, async () => {
    received.length = 0
    assert.match(await sendRaw(gateway.port, bytes), new RegExp(`"code":"${code}"`))
    assert.equal(received.length, 0)
    assert.match(await sendRaw(gateway.port, request('GET /alive')), /alive/)
  })

test('CVE-2026-49231: who acts is told by the gateway, never by fields of the client', async () => {
  const claims = [
    'X-Remote-User',
    'X-Forwarded-User',
    'X-Auth-Request-Email',
    'Impersonate-User',
    'X-Forwarded-For',
    'Remote-User',
    'X-Real-IP',
    'Forwarded',
    'X-Amzn-Oidc-Identity',
    'X-Goog-Iap-Jwt-Assertion',
    'X-Ms-Client-Principal-Id',
    'X-Webauth-User',
    'X-Sallyport-Subject',
    'X-Client-Cert',
    'SSL-Client-S-DN',
    'X-Userinfo',
  ]
  received.length = 0
  await sendRaw(gateway.port, request('GET /', claims.map((name) => `${name}: root\r\n`).join('')))
  const [one] = received
  assert.ok(one)
  for (const name of claims) assert.equal(one.headers[name.toLowerCase()], undefined, name)
  assert.equal(one.headers.authorization, 'Bearer upstream-secret')
})

test('CVE-2021-32777: the policy sees every value of a header that may be there twice', async () => {
  gateway.judged.length = 0
  await sendRaw(gateway.port, request('GET /', 'Accept: a/b\r\nAccept: c/d\r\n'))
  assert.deepEqual(gateway.judged[0]?.action.http?.headers['accept'], ['a/b', 'c/d'])
})

test('CVE-2025-66416: the origin of a page is a fact, so a policy refuses what a page asks for', async () => {
  gateway.answer = (document) => (document.action.http?.headers['origin'] === undefined ? results.allow : results.deny)
  received.length = 0
  assert.match(await sendRaw(gateway.port, request('GET /mcp', 'Origin: http://evil.example\r\n')), / 403 /)
  assert.equal(received.length, 0)
  assert.match(await sendRaw(gateway.port, request('GET /mcp')), /alive/)
  gateway.answer = () => results.allow
})

test('CVE-2025-6514: a challenge of the API, and what it names, does not reach the client', async () => {
  const out = await sendRaw(gateway.port, request('GET /challenge'))
  assert.match(out, /^HTTP\/1\.1 401 /)
  assert.doesNotMatch(out, /resource_metadata/)
})

const ok = 'HTTP/1.1 200 OK\r\n'
const answers: readonly (readonly [attack: string, answer: string])[] = [
  ['a bare CR in a header', `${ok}X-A: b\rSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n`],
  ['a bare LF in a header', `${ok}X-A: b\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n`],
  ['a NUL in a header', `${ok}X-A: b\0c\r\nContent-Length: 0\r\n\r\n`],
  ['a folded header', `${ok}X-A: b\r\n c\r\nContent-Length: 0\r\n\r\n`],
  ['a control in its reason', 'HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n'],
  ['two lengths', `${ok}Content-Length: 1\r\nContent-Length: 20\r\n\r\nx`],
  ['a length and chunks', `${ok}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['a length that is no number', `${ok}Content-Length: +1\r\n\r\nx`],
  ['an unknown coding', `${ok}Transfer-Encoding: gzip\r\n\r\nx`],
  ['a head that does not end', `${ok}X-A: ${'y'.repeat(40_000)}\r\n\r\n`],
  ['more headers than a message has', `${ok}${'X-A: y\r\n'.repeat(200)}\r\n`],
  ['interim answers without an end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(100)],
  ['a switch of protocols that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
  ['another protocol', 'SSH-2.0-x\r\n\r\n'],
  ['nothing', ''],
]
const judgedAnswer = { effect: 'allow', allow: ['p'], deny: [], mask: [], limit: [], header: [], record: [] }
for (const [attack, answer] of answers)
  test(`an API that answers with ${attack} is a 502, and nothing of it is shown`, async () => {
    for (const judges of [false, true]) {
      beforeHostile.parts.live.judgesAnswers = judges
      beforeHostile.answer = ({ action }) => (action.stage === 'response' ? judgedAnswer : results.allow)
      hostileAnswer = answer
      const out = await sendRaw(beforeHostile.port, request('GET /'))
      assert.match(out, /^HTTP\/1\.1 502 /)
      assert.doesNotMatch(out, /Set-Cookie/)
      hostileAnswer = `${ok}Content-Length: 5\r\n\r\nalive`
      assert.match(await sendRaw(beforeHostile.port, request('GET /')), /alive/)
    }
    beforeHostile.parts.live.judgesAnswers = false
  })

test('a recorder that is lost in the middle of an answer ends the session and the answer with it', async () => {
  const client = connect(gateway.port, '127.0.0.1')
  let out = ''
  const closed = new Promise<void>((done) => client.once('close', () => done()))
  const begun = new Promise<void>((done) =>
    client.on('data', (bytes: Buffer) => {
      out += bytes.toString('latin1')
      if (out.includes('first ')) done()
    }),
  )
  client.on('error', () => undefined)
  client.write(request('GET /stream'))
  await begun
  const session = [...gateway.parts.recorder.sessions.values()].at(-1)
  assert.ok(session)
  session.mode = 'fail'
  more('second')
  await closed
  more('third')
  assert.doesNotMatch(out, /third|\r\n0\r\n/)
  assert.ok(gateway.parts.failures.includes('recorder'))
  assert.match(await sendRaw(gateway.port, request('GET /alive')), /alive/)
})

test('an API that says two answers gives one, and its second is nobody else`s', async () => {
  hostileAnswer = `${ok}Content-Length: 5\r\n\r\nfirst${ok}Content-Length: 6\r\n\r\nsecond`
  const out = await sendRaw(
    beforeHostile.port,
    `${request('GET /').replace('Connection: close\r\n', '')}${request('GET /2')}`,
  )
  assert.doesNotMatch(out, /second/)
})

test('metadata and link-local addresses are refused, in every way to write them', () => {
  const bad = [
    '169.254.169.254',
    '169.254.170.2',
    '169.254.0.1',
    '100.100.100.200',
    '168.63.129.16',
    '0.0.0.0',
    '0.1.2.3',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'fd00:ec2::254',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
    '::169.254.169.254',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    'not an address',
    '',
  ]
  for (const address of bad) assert.equal(isRefusedAddress(address), true, address)
  for (const address of ['127.0.0.1', '10.0.0.1', '192.168.1.1', '93.184.216.34', '::1', '2001:db8::1', 'fd12::1'])
    assert.equal(isRefusedAddress(address), false, address)
})

const where = { port: 1, authority: 'x', basePath: '', tls: undefined, credential: undefined, connectMs: 60_000 }
test('an upstream at a metadata address is not connected to', async () => {
  for (const host of ['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1'])
    await assert.rejects(connectUpstream({ ...where, host, linkLocal: false }), (error) => {
      assert.ok(error instanceof HttpUpstreamError)
      return /not connected to/.test(error.message)
    })
})

test('DNS rebinding: a name is judged by the addresses of the very connection, all of them', async () => {
  const answers = [['10.0.0.1'], ['10.0.0.1', '169.254.169.254'], ['169.254.169.254']]
  let asked = 0
  const lookup = guardLookup(((_host: string, _options: object, done: (...found: unknown[]) => void) =>
    done(
      null,
      (answers[asked++] ?? []).map((address) => ({ address, family: 4 })),
    )) as never)
  const ask = (): Promise<string> =>
    new Promise((resolve) => lookup('api.example', {}, (error, address) => resolve(error?.message ?? String(address))))
  assert.equal(await ask(), '10.0.0.1')
  assert.match(await ask(), /not connected to/)
  assert.match(await ask(), /not connected to/)
  assert.match(await ask(), /not connected to/)
})

test('a client that sends one byte and no more does not keep others from being served', async () => {
  const slow = connect(gateway.port, '127.0.0.1')
  slow.on('error', () => undefined)
  slow.write('G')
  assert.match(await sendRaw(gateway.port, request('GET /alive')), /alive/)
  slow.destroy()
})
