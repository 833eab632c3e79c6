// The gateway as its clients' proxy: tunnels end here and what comes through them is judged like anything else; nothing is
// reached but what the configuration names.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect as connectHttp2 } from 'node:http2'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import { connect as connectTls } from 'node:tls'
import { canonicalConnect, HttpRefusal } from '../../../engine/action/http/index.ts'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'

let api: Server
let gateway: HttpGateway
let other: HttpGateway
const seen: { readonly line: string; readonly headers: NodeJS.Dict<string | string[]> }[] = []
before(async () => {
  api = createServer((request, response) => {
    seen.push({ line: `${request.method} ${request.url}`, headers: request.headers })
    response.end(`answer to ${request.url}`)
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const upstreamPort = (api.address() as AddressInfo).port
  gateway = await startHttpGateway({
    upstreamPort,
    listener: {
      proxying: {
        secure: { cert: testKey('server.pem'), key: testKey('server.key') },
        reaches: ({ host, port }) => host === 'api.example' && (port === 443 || port === 80),
        handshakeMs: 60_000,
      },
    },
  })
  other = await startHttpGateway({ upstreamPort })
})
after(async () => {
  await gateway.close()
  await other.close()
  api.close()
  assert.deepEqual(gateway.errors, [])
})
beforeEach(() => {
  seen.length = 0
  gateway.judged.length = 0
  gateway.answer = ({ action }) => (action.operation === 'DELETE' ? results.deny : results.allow)
})

const basic = `Proxy-Authorization: Basic ${Buffer.from('agent:good').toString('base64')}`
const opening = (place = 'api.example:443', ...more: readonly string[]): string =>
  [`CONNECT ${place} HTTP/1.1`, `Host: ${place}`, ...more, '', ''].join('\r\n')

/** The answer to some bytes, up to the end of the connection or of the answer's head where it stays open. */
async function told(text: string, port = gateway.port): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(text)
  let got = ''
  for await (const chunk of socket) {
    got += String(chunk)
    if (got.startsWith('HTTP/1.1 200 Conn')) break
  }
  socket.destroy()
  return got
}

/** A tunnel that was agreed to. */
async function tunnel(place?: string): Promise<Socket> {
  const socket = connect(gateway.port, '127.0.0.1')
  socket.write(opening(place, basic))
  const [first] = await once(socket, 'data')
  assert.equal(String(first), 'HTTP/1.1 200 Connection Established\r\n\r\n')
  return socket
}

async function secured(socket: Socket, protocols: readonly string[] = ['http/1.1']): Promise<Socket> {
  const inside = connectTls({
    socket,
    ca: testKey('ca.pem'),
    servername: 'api.example',
    checkServerIdentity: () => undefined,
    ALPNProtocols: [...protocols],
  })
  await once(inside, 'secureConnect')
  return inside
}

/** What comes back over a connection until it ends. */
async function asked(socket: Socket, ...lines: readonly string[]): Promise<string> {
  socket.write([...lines, '', ''].join('\r\n'))
  let got = ''
  for await (const chunk of socket) got += String(chunk)
  return got
}

test('what comes through a tunnel over TLS is judged, and goes on with the credential of the gateway', async () => {
  const answer = await asked(
    await secured(await tunnel()),
    'GET /a?b=c HTTP/1.1',
    'Host: api.example',
    'Authorization: Bearer of-the-client',
    'Connection: close',
  )
  assert.match(answer, /^HTTP\/1\.1 200 [\s\S]*answer to \/a\?b=c$/)
  assert.deepEqual(
    gateway.judged.map(({ action }) => [action.operation, action.http?.scheme]),
    [['GET', 'https']],
  )
  const [{ line, headers } = { line: '', headers: {} }] = seen
  assert.equal(line, 'GET /a?b=c')
  assert.equal(headers['authorization'], 'Bearer upstream-secret')
  assert.equal(headers['proxy-authorization'], undefined)
})

test('a tunnel is opened to clients of HTTP/1.0 too, and nothing else is', async () => {
  const old = `CONNECT api.example:443 HTTP/1.0\r\n${basic}\r\n\r\n`
  assert.match(await told(old), /^HTTP\/1\.1 200 Connection Established/)
  assert.match(await told(old.replace('CONNECT api.example:443', 'GET /')), /"code":"version"/)
  assert.match(await told(old.replace('1.0', '1.2')), /"code":"version"/)
})

test('a refusal comes through the tunnel, and the tunnel goes on', async () => {
  const inside = await secured(await tunnel())
  inside.write('DELETE /a HTTP/1.1\r\nHost: api.example\r\n\r\n')
  const [first] = await once(inside, 'data')
  assert.match(String(first), /^HTTP\/1\.1 403 [\s\S]*"rule":"p\.no"/)
  const next = await asked(inside, 'GET /b HTTP/1.1', 'Host: api.example', 'Connection: close')
  assert.match(next, /answer to \/b$/)
})

test('HTTP/2 through a tunnel', async () => {
  const inside = await secured(await tunnel(), ['h2'])
  const session = connectHttp2('https://api.example', { createConnection: () => inside })
  const stream = session.request({ ':path': '/two' })
  let got = ''
  for await (const chunk of stream) got += String(chunk)
  assert.equal(got, 'answer to /two')
  session.destroy()
})

test('a tunnel to a port in clear carries HTTP in clear', async () => {
  const answer = await asked(
    await tunnel('api.example:80'),
    'GET /clear HTTP/1.1',
    'Host: api.example',
    'Connection: close',
  )
  assert.match(answer, /answer to \/clear$/)
  assert.equal(gateway.judged[0]?.action.http?.scheme, 'http')
})

test('a request in a tunnel to another host, or to another proxy, is refused', async () => {
  for (const [lines, code] of [
    [['GET / HTTP/1.1', 'Host: elsewhere.example'], 'misdirected'],
    [['GET / HTTP/1.1', 'Host: api.example:8443'], 'misdirected'],
    [['CONNECT api.example:443 HTTP/1.1', 'Host: api.example:443', basic], 'connect'],
  ] as const)
    assert.match(await asked(await secured(await tunnel()), ...lines), new RegExp(`"code":"${code}"`))
  assert.equal(gateway.judged.length, 0)
})

test('what is neither TLS nor HTTP ends the tunnel', async () => {
  const socket = await tunnel()
  assert.match(await asked(socket, 'SSH-2.0-OpenSSH_9'), /^HTTP\/1\.1 400 /)
  const broken = await tunnel()
  broken.write(Buffer.from([0x16, 0xff, 0xff, 0, 1, 0]))
  broken.on('error', () => undefined)
  if (!broken.destroyed) await once(broken.resume(), 'close')
  assert.equal(gateway.judged.length, 0)
})

test('tunnels are opened for nobody else, to nowhere else, and not in other words', async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    [opening(), /^HTTP\/1\.1 407 [\s\S]*proxy-authenticate: Basic realm="sallyport"/],
    [opening('api.example:443', 'Proxy-Authorization: Basic YTpi'), /^HTTP\/1\.1 407 /],
    [opening('api.example:443', 'Proxy-Authorization: Negotiate x'), /^HTTP\/1\.1 407 /],
    [opening('api.example:443', 'Authorization: Bearer good'), /^HTTP\/1\.1 407 /],
    [opening('elsewhere.example:443', basic), /^HTTP\/1\.1 404 /],
    [opening('api.example:22', basic), /^HTTP\/1\.1 404 /],
    [opening('169.254.169.254:80', basic), /^HTTP\/1\.1 404 /],
    [opening('api.example', basic), /"code":"authority_form"/],
    [opening('user@api.example:443', basic), /"code":"userinfo"/],
    [opening('api.example:443', basic, 'Content-Length: 0'), /"code":"connect"/],
    [`${opening('api.example:443', basic)}GET / HTTP/1.1\r\n`, /"code":"connect"/],
    [
      ['CONNECT api.example:443 HTTP/1.1', 'Host: elsewhere.example:443', basic, '', ''].join('\r\n'),
      /"code":"authority_mismatch"/,
    ],
  ]
  for (const [text, wanted] of cases) assert.match(await told(text), wanted, text)
  assert.match(await told(opening('api.example:443', basic), other.port), /"code":"connect"/)
  assert.equal(seen.length, 0)
})

test('a whole URL as target: the credential is that for the proxy', async () => {
  const get = (url: string, ...more: readonly string[]): string =>
    [`GET ${url} HTTP/1.1`, `Host: ${new URL(url).host}`, 'Connection: close', ...more, '', ''].join('\r\n')
  assert.match(await told(get('http://api.example/x', basic, 'Authorization: Bearer theirs')), /answer to \/x$/)
  assert.equal(seen[0]?.headers['authorization'], 'Bearer upstream-secret')
  assert.match(await told(get('http://api.example/x', 'Authorization: Bearer good')), /answer to \/x$/)
  assert.match(await told(get('http://api.example/x')), /^HTTP\/1\.1 407 /)
  assert.match(await told(get('http://elsewhere.example/x', basic)), /^HTTP\/1\.1 404 /)
  assert.match(await told(get('http://api.example:8080/x', basic)), /^HTTP\/1\.1 404 /)
  // Where it is no proxy, what is meant for one proves nothing.
  assert.match(await told(get('http://api.example/x', basic), other.port), /^HTTP\/1\.1 401 /)
})

test('a request for a tunnel has one meaning', () => {
  const host = (value: string): readonly (readonly [string, string])[] => [['host', value]]
  const read = (target: string, fields = host(target)): string =>
    canonicalConnect({ method: 'CONNECT', target, fields }).written
  assert.equal(read('api.example:443'), 'api.example')
  assert.equal(read('API.example:8443', host('api.example')), 'api.example:8443')
  assert.equal(read('[::1]:443'), '[::1]')
  for (const target of ['api.example', '[::1]', 'api.example:0', 'a b:443', '/x', 'http://api.example:443/'])
    assert.throws(() => read(target), HttpRefusal, target)
  assert.equal(read('api.example:443', []), 'api.example')
  assert.throws(() => read('api.example:443', host('other.example')), { code: 'authority_mismatch' })
  assert.throws(() => read('api.example:443', [...host('api.example:443'), ['upgrade', 'x']]), HttpRefusal)
})
