// TLS towards PostgreSQL clients: encrypted on request and at once, with a token or a client certificate; and the
// attacks on the way in. The upstream is never reached: the gate's refusal comes after the client was identified.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect as connectNet } from 'node:net'
import { after, before, test } from 'node:test'
import { type ConnectionOptions, connect, createSecureContext, type TLSSocket } from 'node:tls'
import type { Identity } from '../../../engine/action/index.ts'
import { authenticators, CertificateAuthenticator } from '../../../proxy/identity/index.ts'
import { listenPostgres, type RunningListener } from '../../../proxy/postgres/index.ts'
import { encodeStartup, FrameReader } from '../../../proxy/postgres/wire/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { testKey } from '../../support/keys.ts'

const ca = testKey('ca.pem')
const bound: (string | undefined)[] = []
let listener: RunningListener
const seen: Identity[] = []
before(async () => {
  listener = await listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: createSecureContext({ cert: testKey('server.pem'), key: testKey('server.key'), ca }),
    clientCertificates: true,
    cleartext: false,
    gate: {
      open: async (opening) => {
        seen.push(opening.identity)
        const refusal = {
          code: 'denied',
          decisionId: 'd-1',
          rule: 'r',
          message: `hello ${opening.identity.subject}`,
          hint: '',
        } as const
        return { open: false, refusal }
      },
      sessions: () => [],
      end: () => 0,
      recordLagMs: () => 0,
      rejudge: () => Promise.resolve(0),
      drain: () => Promise.resolve(),
    },
    authenticator: authenticators(
      {
        authenticate: async (credential) => {
          if (credential.kind === 'token') bound.push(credential.certificateSha256)
          return credential.kind === 'token' && credential.token === 'good'
            ? { ok: true, identity: sampleDocument().identity }
            : { ok: false, refusal: { code: 'x', message: 'the token is not valid' } }
        },
      },
      new CertificateAuthenticator([{ name: 'mesh', ca, subject: 'san_uri', kind: 'service', groups: [] }], {
        clockSkewMs: 0,
        nowMs: Date.now,
      }),
    ),
    target: () => ({
      resource: sampleDocument().resource,
      recordWire: false,
      analyzer: () => Promise.reject(new Error('not reached')),
      upstream: () => Promise.reject(new Error('not reached')),
    }),
    hashKey: new Uint8Array(32),
    connectionsMax: 10,
    handshakeMs: 60_000,
    messageBytesMax: 1024 * 1024,
    onError: (where, error) => assert.fail(`${where}: ${String(error)}`),
  })
})
after(() => listener.close())

const startup = encodeStartup(
  new Map([
    ['user', 'agent'],
    ['database', 'orders'],
  ]),
)
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
const password = (token: string): Buffer => {
  const body = Buffer.from(`${token}\0`)
  const head = Buffer.from([0x70, 0, 0, 0, 0])
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** What the server says until it closes, tag and text of each message; answers a request for a password. */
async function talk(socket: TLSSocket, token: string | undefined): Promise<string> {
  const frames = new FrameReader(1024 * 1024)
  const said: string[] = []
  socket.write(startup)
  for await (const chunk of socket) {
    const bytes: Buffer = chunk
    for (const { type, body } of frames.push(bytes)) {
      said.push(`${String.fromCharCode(type)}${body.toString('latin1')}`)
      if (type === 0x52 && token !== undefined) socket.write(password(token))
    }
  }
  return said.join('\n')
}

async function onRequest(options: ConnectionOptions, token?: string): Promise<string> {
  const raw = connectNet(listener.port, '127.0.0.1')
  raw.write(sslRequest)
  const [answer] = await once(raw, 'data')
  assert.equal(String(answer), 'S')
  const socket = connect({ socket: raw, ca, servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  return talk(socket, token)
}
async function atOnce(options: ConnectionOptions, token?: string): Promise<string> {
  const socket = connect({ port: listener.port, host: '127.0.0.1', ca, servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  return talk(socket, token)
}
const agent = { cert: testKey('agent.pem'), key: testKey('agent.key') }

test('a token over TLS, on request and at once', async () => {
  assert.match(await onRequest({}, 'good'), /hello agent-1/)
  assert.match(await atOnce({ ALPNProtocols: ['postgresql'] }, 'good'), /hello agent-1/)
  assert.match(await onRequest({}, 'bad'), /28P01.*the token is not valid/s)
})

test('a certificate of the authority is the identity, without a password', async () => {
  const said = await onRequest(agent)
  assert.match(said, /hello spiffe:\/\/example\.org\/agent-1/)
  assert.doesNotMatch(said, /^R/m)
  assert.equal(seen.at(-1)?.token.binding, 'mtls')
})

test('a certificate of another authority is no identity; a token is asked for and told of it', async () => {
  const other = { cert: testKey('agent-other.pem'), key: testKey('agent-other.key') }
  assert.match(await onRequest(other, 'good'), /hello agent-1/)
  assert.match(bound.at(-1) ?? '', /^[A-Za-z0-9_-]{43}$/)
  await onRequest({}, 'good')
  assert.equal(bound.at(-1), undefined)
})

test('refuses TLS at once without its protocol name', async () => {
  assert.match(await atOnce({}, 'good'), /08P01.*names its protocol/s)
})

test('refuses a token in clear, and bytes that follow the request for TLS', async () => {
  const clear = connectNet(listener.port, '127.0.0.1')
  clear.write(startup)
  const [answer] = await once(clear, 'data')
  assert.match(String(answer), /only taken over TLS/)
  const stuffed = connectNet(listener.port, '127.0.0.1')
  stuffed.write(Buffer.concat([sslRequest, startup]))
  const [refused] = await once(stuffed, 'data')
  assert.match(String(refused), /sent in clear after the request for TLS/)
})
