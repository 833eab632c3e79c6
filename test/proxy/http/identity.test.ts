// Who a client of HTTP is: by token, by a configured header, by a WebSocket's protocols, by certificate; and what proves it
// reaches neither the policy nor the API.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { connect } from 'node:http2'
import { request as requestTls } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { WebSocket, WebSocketServer } from 'ws'
import type { Credential } from '../../../proxy/identity/contract.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { type HttpGateway, type HttpGatewayOptions, sendRaw, startHttpGateway } from '../../support/http-gateway.ts'
import { testKey } from '../../support/keys.ts'

let api: Server
const seen: IncomingHttpHeaders[] = []
const credentials: Credential[] = []
before(async () => {
  api = createServer((request, response) => {
    seen.push(request.headers)
    response.end('alive')
  })
  new WebSocketServer({ server: api }).on('connection', (_socket, request) => seen.push(request.headers))
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
})
after(() => {
  api.close()
  api.closeAllConnections()
})

async function gateway(listener: NonNullable<HttpGatewayOptions['listener']>): Promise<HttpGateway> {
  seen.length = 0
  credentials.length = 0
  const sample = sampleDocument().identity
  const identity = { ...sample, token: { ...sample.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() } }
  const authenticator = {
    authenticate: async (credential: Credential) => {
      credentials.push(credential)
      return { ok: true, identity } as const
    },
  }
  return startHttpGateway({
    upstreamPort: (api.address() as AddressInfo).port,
    listener: { authenticator, ...listener },
  })
}
const raw = (more: string): string => `GET /a HTTP/1.1\r\nHost: api.example\r\n${more}Connection: close\r\n\r\n`
const tls = { cert: testKey('server.pem'), key: testKey('server.key'), ca: testKey('ca.pem') }

test('a configured header carries the token, and neither the policy nor the API sees it', async () => {
  const one = await gateway({ tokenHeader: 'x-agent-token' })
  assert.match(
    await sendRaw(one.port, raw('X-Agent-Token: the-agents-token\r\nAuthorization: Bearer other\r\n')),
    /alive/,
  )
  assert.deepEqual(credentials, [{ kind: 'token', token: 'the-agents-token' }])
  assert.equal(seen[0]?.['x-agent-token'], undefined)
  assert.equal(seen[0]?.authorization, 'Bearer upstream-secret')
  assert.doesNotMatch(JSON.stringify(one.judged), /the-agents-token/)
  assert.match(await sendRaw(one.port, raw('Authorization: Bearer the-agents-token\r\n')), /"code":"no_token"/)
  await one.close()
})

test('a browser puts the token of a WebSocket into its protocols', async () => {
  const one = await gateway({})
  const socket = new WebSocket(`ws://127.0.0.1:${one.port}/ws`, ['sallyport.bearer.part-one_.two', 'chat'], {
    headers: { host: 'api.example' },
  })
  await once(socket, 'open')
  assert.equal(socket.protocol, 'chat')
  assert.deepEqual(credentials, [{ kind: 'token', token: 'part-one_.two' }])
  assert.equal(seen[0]?.['sec-websocket-protocol'], 'chat')
  assert.doesNotMatch(JSON.stringify(one.judged), /part-one_/)
  socket.terminate()
  assert.match(
    await sendRaw(one.port, raw('Authorization: Bearer x\r\nSec-WebSocket-Protocol: sallyport.bearer.y\r\n')),
    /"code":"two_tokens"/,
  )
  await one.close()
})

test('a certificate is an identity, and binds a token to it, in both versions of HTTP', async () => {
  const one = await gateway({ tls, clientCertificates: true })
  const options = { port: one.port, rejectUnauthorized: false, cert: testKey('agent.pem'), key: testKey('agent.key') }
  for (const headers of [{}, { authorization: 'Bearer abc' }, { authorization: 'Basic eDp5' }]) {
    const request = requestTls({ ...options, headers: { host: 'api.example', ...headers } })
    request.end()
    const [response] = await once(request, 'response')
    assert.equal(
      response.statusCode,
      'authorization' in headers && headers.authorization.startsWith('Basic') ? 401 : 200,
    )
    response.resume()
    await once(response, 'end')
    request.destroy()
  }
  const session = connect(`https://127.0.0.1:${one.port}`, options)
  const stream = session.request({ ':path': '/a', ':authority': 'api.example' })
  const [headers] = await once(stream, 'response')
  assert.equal(headers[':status'], 200)
  session.destroy()
  const kinds = credentials.map((credential) => [
    credential.kind,
    'certificateSha256' in credential ? credential.certificateSha256?.length : 0,
  ])
  assert.deepEqual(kinds, [
    ['certificate', 0],
    ['token', 43],
    ['certificate', 0],
  ])
  await one.close()
})

test('a certificate that nobody asked for is no identity', async () => {
  const one = await gateway({ tls })
  const request = requestTls({
    port: one.port,
    rejectUnauthorized: false,
    cert: testKey('agent.pem'),
    key: testKey('agent.key'),
    headers: { host: 'api.example' },
  })
  request.end()
  const [response] = await once(request, 'response')
  assert.equal(response.statusCode, 401)
  request.destroy()
  assert.deepEqual(credentials, [])
  await one.close()
})

test('a token in clear is not taken where that was not said', async () => {
  const one = await gateway({ cleartext: false })
  assert.match(await sendRaw(one.port, raw('Authorization: Bearer the-agents-token\r\n')), /"code":"cleartext"/)
  assert.deepEqual(credentials, [])
  await one.close()
})
