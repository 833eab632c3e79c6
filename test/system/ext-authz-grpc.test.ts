// Envoy's ext_authz asked by another make: the gRPC library of Google's and the messages that Envoy publishes, in one channel
// as an Envoy holds it. What is allowed, refused and unanswered must read there as it was meant here.
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import type { ActionDocument } from '../../engine/action/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenExtAuthz } from '../../proxy/http/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { gateParts, results } from '../support/gate.ts'

const run = promisify(execFile)
const needed = 'import grpc; from envoy.service.auth.v3 import external_auth_pb2_grpc'
const skip =
  spawnSync('python3', ['-c', needed]).status === 0 ? false : 'python3 with grpcio and xds-protos is not installed'

/** Asks as often as there are lines of JSON, and prints what came of each. */
const program = `
import json, sys, grpc
from envoy.service.auth.v3 import external_auth_pb2 as auth, external_auth_pb2_grpc as service
channel = grpc.insecure_channel('127.0.0.1:' + sys.argv[1])
stub = service.AuthorizationStub(channel)
for line in json.loads(sys.argv[2]):
    asked = auth.CheckRequest()
    asked.attributes.source.address.socket_address.address = '10.0.0.7'
    asked.attributes.source.address.socket_address.port_value = 4711
    asked.attributes.destination.address.socket_address.address = '10.0.0.8'
    asked.attributes.context_extensions['team'] = 'shop'
    asked.attributes.metadata_context.filter_metadata['envoy.lb'].fields['canary'].bool_value = True
    asked.attributes.request.time.GetCurrentTime()
    http = asked.attributes.request.http
    http.id = '17'
    http.method = line.get('method', 'GET')
    http.path = line.get('path', '/orders')
    http.host = line.get('host', 'api.example')
    http.scheme = 'https'
    http.protocol = 'HTTP/2'
    body = line.get('body', '').encode()
    http.size = len(body)
    if line.get('raw'): http.raw_body = body
    else: http.body = body.decode()
    for name, value in {':method': http.method, ':path': http.path, ':authority': http.host,
                        'authorization': 'Bearer good', 'x-request-id': 'r-1', **line.get('headers', {})}.items():
        http.headers[name] = value
    try:
        got = stub.Check(asked, timeout=20)
        print(json.dumps({
            'code': got.status.code,
            'kind': got.WhichOneof('http_response'),
            'status': got.denied_response.status.code,
            'body': got.denied_response.body,
            'headers': {one.header.key: one.header.value
                        for one in list(got.ok_response.headers) + list(got.denied_response.headers)},
        }))
    except grpc.RpcError as error:
        print(json.dumps({'failed': error.code().name}))
`

interface Told {
  readonly failed?: string
  readonly code?: number
  readonly kind?: string | null
  readonly status?: number
  readonly body?: string
  readonly headers?: { readonly [name: string]: string }
}

const parts = gateParts({ clock: systemClock })
const judged: ActionDocument[] = []
let listener: Awaited<ReturnType<typeof listenExtAuthz>>

before(async () => {
  parts.live.answer = (input) => {
    const document = input as ActionDocument
    if (document.action.stage === 'connect') return results.allow
    judged.push(document)
    return document.action.verb === 'read' && document.action.complete ? results.allow : results.deny
  }
  const sample = sampleDocument()
  const expires = new Date(Date.now() + 3_600_000).toISOString()
  const identity = { ...sample.identity, token: { ...sample.identity.token, expires_at: expires } }
  listener = await listenExtAuthz({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    tokenHeader: 'authorization',
    gate: createGate(parts),
    authenticator: {
      authenticate: async (credential) =>
        credential.kind === 'token' && credential.token === 'good'
          ? { ok: true, identity }
          : { ok: false, refusal: { code: 'bad_token', message: 'the token is not valid' } },
    },
    target: (host) =>
      host === 'api.example'
        ? {
            resource: { ...sample.resource, name: 'api', protocol: 'http' },
            upstream: () => Promise.reject(new Error('nothing is passed on')),
          }
        : undefined,
    connectionsMax: 10,
    onError: () => undefined,
  })
})
after(() => listener.close())

async function ask(asked: readonly object[]): Promise<readonly Told[]> {
  judged.length = 0
  const { stdout } = await run('python3', ['-c', program, String(listener.port), JSON.stringify(asked)])
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Told)
}

const allowed = { code: 0, kind: 'ok_response' }
const refused = { code: 7, kind: 'denied_response', status: 403 }

test('what is allowed and refused reads so in the messages that Envoy publishes', { skip }, async () => {
  const told = await ask([
    {},
    { method: 'POST', body: '{"a":[1,"\u00e9"]}', headers: { 'content-type': 'application/json' } },
    { method: 'POST', raw: true, body: '{"b":1}', headers: { 'content-type': 'application/json' } },
    { path: '/orders?limit=5&limit=6' },
    { path: '/public/%2e%2e/admin' },
    { headers: { authorization: 'Bearer bad' } },
    { host: 'elsewhere.example' },
  ])
  const seen = told.map(({ code, kind, status }) => (kind === 'ok_response' ? { code, kind } : { code, kind, status }))
  assert.deepEqual(seen.slice(0, 5), [
    allowed,
    refused,
    refused,
    allowed,
    { ...refused, code: seen[4]?.code, status: 400 },
  ])
  assert.equal(told[5]?.status, 401)
  assert.equal(told[6]?.status, 404)
  assert.match(told[0]?.headers?.['x-sallyport-decision'] ?? '', /^id-/)
  assert.match(told[1]?.body ?? '', /"rule":"p\.no"/)
  assert.match(told[1]?.headers?.['content-type'] ?? '', /problem\+json/)
  const facts = judged.map(({ action }) => action.http)
  assert.deepEqual(
    facts.map((http) => http?.body.value),
    [null, { a: [1, '\u00e9'] }, { b: 1 }, null],
  )
  assert.deepEqual(facts[3]?.query, { limit: ['5', '6'] })
})

test('under rules on answers nothing is allowed, since answers are not seen', { skip }, async () => {
  parts.live.judgesAnswers = true
  try {
    const [told] = await ask([{}])
    assert.deepEqual([told?.kind, told?.status], ['denied_response', 403])
  } finally {
    parts.live.judgesAnswers = false
  }
})
