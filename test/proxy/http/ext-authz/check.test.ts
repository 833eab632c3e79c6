// Envoy's ext_authz: what it asks is read and decided as a request that passes here, and everything else is refused.
import assert from 'node:assert/strict'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { after, before, beforeEach, test } from 'node:test'
import { createGate, systemClock } from '../../../../proxy/gate/index.ts'
import {
  decodeFields,
  encodeBytes,
  encodeNumber,
  mapOf,
  messageOf,
  ProtobufError,
  textOf,
} from '../../../../proxy/http/ext-authz/protobuf.ts'
import { listenExtAuthz } from '../../../../proxy/http/index.ts'
import { sampleDocument } from '../../../support/action-document.ts'
import { gateParts, results } from '../../../support/gate.ts'

type Listener = Awaited<ReturnType<typeof listenExtAuthz>>
interface Judged {
  readonly action: {
    readonly stage: string
    readonly text: string
    readonly http?: { readonly body: { readonly kind: string; readonly value: unknown } }
  }
}

const parts = gateParts({ clock: systemClock })
const judged: Judged[] = []
const errors: unknown[] = []
let policy: (document: Judged) => unknown = () => results.allow
let listener: Listener
let session: ClientHttp2Session
before(async () => {
  parts.live.answer = (input) => {
    const document = input as Judged
    if (document.action.stage === 'connect') return results.allow
    judged.push(document)
    return policy(document)
  }
  const sample = sampleDocument()
  const identity = {
    ...sample.identity,
    token: { ...sample.identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
  }
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
    onError: (_where, error) => errors.push(error),
  })
  session = connect(`http://127.0.0.1:${listener.port}`)
})
after(async () => {
  session.destroy()
  await listener.close()
  assert.deepEqual(errors, [])
})
beforeEach(() => {
  judged.length = 0
  policy = () => results.allow
})

interface Asked {
  readonly method?: string
  readonly path?: string
  readonly host?: string
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
  readonly size?: number
}

function checkOf({ method = 'GET', path = '/orders', host = 'api.example', headers, body = '', size }: Asked): Buffer {
  const all = {
    ':method': method,
    ':path': path,
    authorization: 'Bearer good',
    'x-forwarded-proto': 'https',
    ...headers,
  }
  const http = Buffer.concat([
    encodeBytes(2, method),
    ...Object.entries(all).map(([name, value]) =>
      encodeBytes(3, Buffer.concat([encodeBytes(1, name), encodeBytes(2, value)])),
    ),
    encodeBytes(4, path),
    encodeBytes(5, host),
    encodeBytes(6, 'https'),
    // A length that is not known is minus one: ten bytes.
    size === -1 ? Buffer.from([72, ...Array.from({ length: 9 }, () => 255), 1]) : encodeNumber(9, size ?? body.length),
    encodeBytes(10, 'HTTP/1.1'),
    encodeBytes(11, body),
  ])
  const source = encodeBytes(1, encodeBytes(1, encodeBytes(1, encodeBytes(2, '10.0.0.7'))))
  return Buffer.from(encodeBytes(1, Buffer.concat([source, encodeBytes(4, encodeBytes(2, http))])))
}

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5)
  prefix.writeUInt32BE(message.length, 1)
  return Buffer.concat([prefix, message])
}

const service = '/envoy.service.auth.v3.Authorization/Check'

async function call(bytes: Uint8Array, path = service): Promise<{ readonly code: string; readonly message: Buffer }> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
  })
  let code = ''
  stream.on('response', (headers) => {
    code = String(headers['grpc-status'] ?? code)
  })
  stream.on('trailers', (headers) => {
    code = String(headers['grpc-status'])
  })
  stream.end(bytes)
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(Buffer.from(chunk))
  return { code, message: Buffer.concat(chunks).subarray(5) }
}

interface Told {
  readonly status: number
  readonly http: number
  readonly headers: ReadonlyMap<string, string>
  readonly body: string
}

async function told(asked: Asked): Promise<Told> {
  const { code, message } = await call(framed(checkOf(asked)))
  assert.equal(code, '0')
  const response = decodeFields(message)
  const denied = messageOf(response, 2)
  const options = decodeFields(message).some(({ number }) => number === 2) ? denied : messageOf(response, 3)
  const headers = options.flatMap(({ number, value }) => {
    if (number !== 2 || typeof value === 'bigint') return []
    const header = messageOf(decodeFields(value), 1)
    return [[textOf(header, 1), textOf(header, 2)] as const]
  })
  return {
    status: Number(messageOf(response, 1).find(({ number }) => number === 1)?.value ?? 0),
    http: Number(messageOf(denied, 1).find(({ number }) => number === 1)?.value ?? 200),
    headers: new Map(headers),
    body: textOf(denied, 3),
  }
}

test('a request that the policy allows passes, with the id of the decision', async () => {
  const { status, http, headers } = await told({ path: '/orders?state=open' })
  assert.deepEqual([status, http], [0, 200])
  assert.notEqual(headers.get('x-sallyport-decision') ?? '', '')
  assert.equal(judged[0]?.action.text, 'GET /orders?state=open')
})

test('a refusal names its rule, and is what the client of Envoy reads', async () => {
  policy = () => results.deny
  const { status, http, headers, body } = await told({ method: 'DELETE' })
  assert.deepEqual([status, http], [7, 403])
  assert.equal(headers.get('content-type'), 'application/problem+json')
  assert.equal(JSON.parse(body).rule, 'p.no')
})

test('bodies that come whole are judged, others are incomplete', async () => {
  const headers = { 'content-type': 'application/json' }
  await told({ method: 'POST', headers, body: '{"a":1}' })
  await told({ method: 'POST', headers: { ...headers, 'x-envoy-auth-partial-body': 'true' }, body: '{"a"', size: 7 })
  await told({ method: 'POST', headers, body: '', size: 70 })
  await told({ method: 'POST', headers, body: '', size: -1 })
  await told({ method: 'GET' })
  assert.deepEqual(
    judged.map(({ action }) => action.http?.body.kind),
    ['json', 'stream', 'stream', 'stream', 'none'],
  )
  assert.deepEqual(judged[0]?.action.http?.body.value, { a: 1 })
})

test('who proves nothing, names no API, or says two things, does not pass', async () => {
  const cases: readonly (readonly [Asked, number, string])[] = [
    [{ headers: { authorization: '' } }, 401, 'no_token'],
    [{ headers: { authorization: 'Bearer bad' } }, 401, 'bad_token'],
    [{ host: 'other.example' }, 404, 'no_resource'],
    [{ path: '/a/../b' }, 400, 'dot_segment'],
    [{ path: '/a%2fb' }, 400, 'encoded_slash'],
    [{ method: 'TRACE' }, 400, 'trace'],
    [{ headers: { 'x-http-method-override': 'DELETE' } }, 400, 'method_override'],
    [{ host: 'user@api.example' }, 400, 'userinfo'],
  ]
  for (const [asked, http, code] of cases) {
    const answer = await told(asked)
    assert.equal(answer.http, http, code)
    assert.notEqual(answer.status, 0)
    assert.equal(JSON.parse(answer.body).code, code)
  }
  assert.equal(judged.length, 0)
})

test('what could only be kept where the response passes is refused', async () => {
  for (const more of [{ mask: [{ json: '$.card', with: 'last4' }] }, { limit: [{ bytes: 10 }] }]) {
    policy = () => ({ ...results.allow, ...more })
    assert.equal((await told({})).http, 403)
  }
})

test('a hold waits as long as Envoy does, and ends with it', async () => {
  policy = () => results.hold
  const stream = session.request({ ':method': 'POST', ':path': service, 'content-type': 'application/grpc' })
  stream.end(framed(checkOf({})))
  await until(() => parts.holds.waiting.size === 1)
  stream.close(constants.NGHTTP2_CANCEL)
  await until(() => parts.holds.cancelled.length === 1)
  assert.deepEqual(parts.holds.cancelled, ['client_gone'])
  policy = () => results.allow
  assert.equal((await told({})).http, 200)
})

/** Waits until something is so, by turns of the event loop. */
async function until(is: () => boolean): Promise<void> {
  while (!is()) await new Promise((resolve) => setImmediate(resolve))
}

test('what is no call of this service is told so', async () => {
  assert.equal((await call(framed(checkOf({})), '/envoy.service.auth.v2.Authorization/Check')).code, '12')
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from([1, 0, 0, 0, 0]),
    Buffer.concat([framed(checkOf({})), Buffer.from('x')]),
    framed(Buffer.from([0x0a, 0xff])),
    framed(Buffer.from([0x0b])),
    framed(Buffer.alloc(12, 0xff)),
  ])
    assert.equal((await call(bytes)).code, '3')
  // What is too long is not read to its end.
  assert.equal((await call(Buffer.alloc(3 * 1024 * 1024))).code, '')
  assert.equal(judged.length, 0)
})

test('messages are read to their last byte', () => {
  const message = Buffer.concat([encodeNumber(1, 300), encodeBytes(2, 'text'), encodeBytes(2, 'last')])
  assert.deepEqual(decodeFields(message)[0], { number: 1, value: 300n })
  assert.equal(textOf(decodeFields(message), 2), 'last')
  const entry = encodeBytes(3, Buffer.concat([encodeBytes(1, 'a'), encodeBytes(2, 'b')]))
  assert.deepEqual(mapOf(decodeFields(entry), 3), [['a', 'b']])
  for (let cut = 1; cut < entry.length; cut++)
    assert.throws(() => mapOf(decodeFields(entry.subarray(0, cut)), 3), ProtobufError)
  assert.throws(() => textOf(decodeFields(encodeBytes(1, Buffer.from([0xff]))), 1), ProtobufError)
})
