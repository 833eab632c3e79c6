// `sallyport serve` before HTTP APIs: tokens, routes by host and prefix, base paths, OpenAPI, credentials, the data API.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, request, type Server } from 'node:http'
import { connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { encodeBytes } from '../../proxy/http/ext-authz/protobuf.ts'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { sendRaw } from '../support/http-gateway.ts'
import { testKey } from '../support/keys.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const policy = `package policy.api

allow if input.action.stage == "connect"

allow if input.action.operation == "getUser"

allow if {
	input.resource.name == "other"
	input.action.verb == "read"
}

allow if {
	input.resource.labels.open == "yes"
	input.action.verb == "read"
}

mask contains {"json": "$.card", "with": "last4"} if input.action.operation == "getUser"
`
const answers = `package policy.answers

response_deny contains {"rule": "answers.teapot", "message": "no coffee"} if input.action.http.response.status == 418

response_header contains {"name": "x-inner", "remove": true}
`
const openapi = `openapi: 3.0.3
info: { title: users, version: "1" }
paths:
  /users/{id}:
    get: { operationId: getUser, responses: {} }
    delete: { operationId: deleteUser, responses: {} }
`
const readyMs = 60_000
const received: { readonly url: string; readonly headers: IncomingHttpHeaders }[] = []
let api: Server
let issuer: DevIssuer
let gateway: ChildProcess
let folder: string
const ports = new Map<string, number>()

before(async () => {
  api = createServer((request, response) => {
    received.push({ url: request.url ?? '', headers: request.headers })
    response.statusCode = request.url === '/teapot' ? 418 : 200
    response
      .setHeader('x-inner', 'node-7')
      .setHeader('content-type', 'application/json')
      .end('{"card":"4111111111111111"}')
  })
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done))
  issuer = await startDevIssuer()
  folder = mkdtempSync(join(tmpdir(), 'serve-http-'))
  mkdirSync(join(folder, 'policies'))
  writeFileSync(join(folder, 'policies', 'p.rego'), policy)
  writeFileSync(join(folder, 'openapi.yaml'), openapi)
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify(issuer.jwks))
  for (const name of ['server.pem', 'server.key']) writeFileSync(join(folder, name), testKey(name), { mode: 0o600 })
  writeFileSync(join(folder, 'credential'), 'upstream-secret', { mode: 0o600 })
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(folder, 'sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const upstream = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  writeFileSync(
    join(folder, 'sallyport.yaml'),
    `version: 1
gateway: { id: gate-1 }
listeners:
  - { protocol: http, name: web, address: "127.0.0.1:0", forward_proxy: { certificate: server.pem, key: "file:server.key" } }
  - { protocol: http, name: authz, address: "127.0.0.1:0", ext_authz: true }
  - { protocol: admin, name: admin, address: "127.0.0.1:0" }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
  - name: users
    protocol: http
    upstream: { url: "${upstream}/base/", hosts: [api.example], path_prefix: /users, openapi: openapi.yaml, credential: file:credential, credential_header: x-key, credential_prefix: "" }
  - name: other
    protocol: http
    upstream: { url: "${upstream}", hosts: [api.example] }
  - name: signed
    protocol: http
    labels: { open: "yes" }
    upstream: { url: "${upstream}", hosts: [aws.example], aws: { region: eu-west-1, service: execute-api, access_key: file:credential, secret_key: file:credential } }
  - name: metadata
    protocol: http
    upstream: { url: "http://169.254.169.254/", hosts: [meta.example] }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policies }]
recording:
  signing_key: file:sign.pem
`,
  )
  gateway = spawn(process.execPath, [bin, 'serve', '--config', 'sallyport.yaml'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let out = ''
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer): void => {
      out += chunk.toString()
      for (const line of out.split('\n')) {
        if (!line.startsWith('{') || !line.endsWith('}')) continue
        const { listener, port } = JSON.parse(line) as { listener?: string; port?: number }
        if (listener !== undefined && port !== undefined) ports.set(listener, port)
      }
      if (ports.size === 3) resolve()
    }
    gateway.stdout?.on('data', look)
    gateway.stderr?.on('data', look)
    gateway.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${out}`)))
    setTimeout(() => reject(new Error(`serve is not up: ${out}`)), readyMs).unref()
  })
})
after(async () => {
  gateway.removeAllListeners('exit')
  const ended = new Promise((resolve) => gateway.once('exit', resolve))
  gateway.kill('SIGKILL')
  await ended
  await issuer.close()
  api.close()
  api.closeAllConnections()
  rmSync(folder, { recursive: true, force: true })
})

const tokenOf = (): Promise<string> =>
  issuer.token({ subject: 'agent-1', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 600 })

async function ask(method: string, path: string, host = 'api.example'): Promise<string> {
  const token = await tokenOf()
  return sendRaw(
    ports.get('web') ?? 0,
    `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n\r\n`,
  )
}

test('an operation of the document is allowed, masked, and sent below the base path with the credential', async () => {
  received.length = 0
  assert.match(await ask('GET', '/users/7?a=b'), /^HTTP\/1\.1 200 [\s\S]*"\*{12}1111"/)
  const [one] = received
  assert.equal(one?.url, '/base/users/7?a=b')
  assert.equal(one?.headers['x-key'], 'upstream-secret')
  assert.equal(one?.headers.authorization, undefined)
})

/** What a client of the proxy gets through a tunnel, or the status of what is no tunnel. */
async function tunnelled(place: string, text: string): Promise<string | number> {
  const authorization = `Basic ${Buffer.from(`agent:${await tokenOf()}`).toString('base64')}`
  const asked = request({
    port: ports.get('web'),
    host: '127.0.0.1',
    method: 'CONNECT',
    path: place,
    headers: { host: place, 'proxy-authorization': authorization },
  })
  asked.end()
  const [answer, socket] = await once(asked, 'connect')
  if (answer.statusCode !== 200) return answer.statusCode
  socket.write(text)
  let got = ''
  for await (const chunk of socket) got += String(chunk)
  return got
}

test('a client may take the gateway for its proxy, towards hosts of the configuration', async () => {
  const get = 'GET /users/7 HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n'
  assert.match(String(await tunnelled('api.example:80', get)), /^HTTP\/1\.1 200 [\s\S]*"\*{12}1111"/)
  assert.equal(await tunnelled('elsewhere.example:80', get), 404)
  assert.equal(await tunnelled('api.example:22', get), 404)
})

test('requests are signed for AWS', async () => {
  received.length = 0
  assert.match(await ask('GET', '/orders?b=2&a=1', 'aws.example'), /^HTTP\/1\.1 200 /)
  const [one] = received
  assert.match(
    one?.headers.authorization ?? '',
    /^AWS4-HMAC-SHA256 Credential=upstream-secret\/\d{8}\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
  )
})

/** What Envoy is told of a request. */
async function check(host: string, method: string): Promise<string> {
  const authorization = Buffer.concat([encodeBytes(1, 'authorization'), encodeBytes(2, `Bearer ${await tokenOf()}`)])
  const http = Buffer.concat([
    encodeBytes(2, method),
    encodeBytes(3, authorization),
    encodeBytes(4, '/orders'),
    encodeBytes(5, host),
  ])
  const message = encodeBytes(1, encodeBytes(4, encodeBytes(2, http)))
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  const session = connect(`http://127.0.0.1:${ports.get('authz')}`)
  const stream = session.request({ ':method': 'POST', ':path': '/envoy.service.auth.v3.Authorization/Check' })
  stream.end(Buffer.concat([prefix, message]))
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  session.close()
  return Buffer.concat(chunks).toString('latin1')
}

test('Envoy asks, and passes what is allowed itself', async () => {
  received.length = 0
  assert.match(await check('aws.example', 'GET'), /x-sallyport-decision/)
  assert.match(await check('aws.example', 'DELETE'), /"status":403/)
  assert.match(await check('elsewhere.example', 'GET'), /"status":404/)
  assert.equal(received.length, 0)
})

test('another operation, a path that is no route and a token of nobody are refused', async () => {
  received.length = 0
  assert.match(await ask('DELETE', '/users/7'), /^HTTP\/1\.1 403 /)
  assert.match(await ask('GET', '/users'), /^HTTP\/1\.1 403 /)
  const out = await sendRaw(
    ports.get('web') ?? 0,
    'GET /users/7 HTTP/1.1\r\nHost: api.example\r\nAuthorization: Bearer a.b.c\r\n\r\n',
  )
  assert.match(out, /^HTTP\/1\.1 401 /)
  assert.deepEqual(received, [])
})

test('the longest prefix of whole segments wins; an unknown host is nobody', async () => {
  received.length = 0
  assert.match(await ask('GET', '/usersish'), /^HTTP\/1\.1 200 /)
  assert.equal(received[0]?.url, '/usersish')
  assert.match(await ask('GET', '/', 'nobody.example'), /"code":"no_resource"/)
})

test('an API at a metadata address is not reached', async () => {
  assert.doesNotMatch(await ask('GET', '/latest/meta-data/', 'meta.example'), /^HTTP\/1\.1 200 /)
})

test('others ask for decisions on the admin listener as they ask OPA', async () => {
  const response = await fetch(`http://127.0.0.1:${ports.get('admin')}/v1/data/sallyport/decision/effect`, {
    method: 'POST',
    body: JSON.stringify({ input: { action: { operation: 'getUser' } } }),
    headers: { 'content-type': 'application/json' },
  })
  assert.equal(((await response.json()) as { result: string }).result, 'allow')
})

test('rules on answers hold once they are there; Envoy, which would not keep them, is told no', async () => {
  assert.match(await ask('GET', '/teapot'), /^HTTP\/1\.1 418 [\s\S]*node-7/)
  writeFileSync(join(folder, 'policies', 'answers.rego'), answers)
  const untilMs = Date.now() + readyMs
  let refused = ''
  while (!refused.startsWith('HTTP/1.1 403') && Date.now() < untilMs) refused = await ask('GET', '/teapot')
  assert.match(refused, /^HTTP\/1\.1 403 [\s\S]*"rule":"answers\.teapot"/)
  // A decision's id is random, and can hold these digits.
  assert.doesNotMatch(refused.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id'), /4111|node-7/)
  const fine = await ask('GET', '/fine')
  assert.match(fine, /^HTTP\/1\.1 200 /)
  assert.doesNotMatch(fine, /x-inner/i)
  assert.match(await check('aws.example', 'GET'), /"status":403[\s\S]*answers/)
})
