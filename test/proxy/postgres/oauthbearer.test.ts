// Tokens by OAUTHBEARER: what a client of PostgreSQL 18 sends, what it is told when it has no token, and everything that is
// not exactly that. The gate refuses whoever was identified, so no upstream is needed.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { listenPostgres, type RunningListener } from '../../../proxy/postgres/index.ts'
import { encodeStartup, FrameReader } from '../../../proxy/postgres/wire/index.ts'
import { sampleDocument } from '../../support/action-document.ts'

const tokens: string[] = []
let listener: RunningListener
before(async () => {
  listener = await listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    oauth: { issuer: 'https://login.example/', scope: 'openid database' },
    cleartext: true,
    gate: {
      open: async ({ identity }) => ({
        open: false,
        refusal: { code: 'denied', decisionId: 'd-1', rule: 'r', message: `hello ${identity.subject}`, hint: '' },
      }),
      sessions: () => [],
      end: () => 0,
      recordLagMs: () => 0,
      rejudge: () => Promise.resolve(0),
      drain: () => Promise.resolve(),
    },
    authenticator: {
      authenticate: async (credential) => {
        if (credential.kind === 'token') tokens.push(credential.token)
        return credential.kind === 'token' && credential.token === 'good'
          ? { ok: true, identity: sampleDocument().identity }
          : { ok: false, refusal: { code: 'x', message: 'the token is not valid' } }
      },
    },
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
    // What hostile bytes do is told to the log; what is tested here is what the client is told.
    onError: () => undefined,
  })
})
after(() => listener.close())

const startup = encodeStartup(
  new Map([
    ['user', 'agent'],
    ['database', 'orders'],
  ]),
)
function message(...parts: readonly (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)))
  const head = Buffer.from([0x70, 0, 0, 0, 0])
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
function initial(data: string | undefined, mechanism = 'OAUTHBEARER'): Buffer {
  const length = Buffer.alloc(4)
  length.writeInt32BE(data === undefined ? -1 : Buffer.byteLength(data))
  return message(`${mechanism}\0`, length, data ?? '')
}
const bearer = (auth: string): Buffer => initial(`n,,\x01auth=${auth}\x01\x01`)

/** All that the server says; each request for more is answered by the next of the client's messages. */
async function talk(...answers: readonly Buffer[]): Promise<string> {
  const socket = connect(listener.port, '127.0.0.1')
  const frames = new FrameReader(1024 * 1024)
  const said: string[] = []
  const left = [...answers]
  socket.write(startup)
  for await (const chunk of socket) {
    const bytes: Buffer = chunk
    for (const { type, body } of frames.push(bytes)) {
      said.push(`${String.fromCharCode(type)}${body.toString('latin1')}`)
      const next = type === 0x52 ? left.shift() : undefined
      if (next !== undefined) socket.write(next)
    }
  }
  return said.join('\n')
}

test('a client is asked for OAUTHBEARER, and its token is its identity', async () => {
  const said = await talk(bearer('Bearer good'))
  assert.ok(said.startsWith('R\0\0\0\nOAUTHBEARER\0\0\n'))
  assert.match(said, /hello agent-1/)
  assert.doesNotMatch(said, /R\0\0\0\x0b/)
  assert.match(await talk(initial('y,,\x01host=db.example\x01port=5432\x01auth=bearer  good\x01\x01')), /hello agent-1/)
})

test('a client without a token is told where tokens are issued, and refused', async () => {
  const before = tokens.length
  const said = await talk(initial('n,,\x01auth=\x01\x01'), message('\x01'))
  const told = /R\0\0\0\x0b(\{.*\})/.exec(said)?.[1] ?? ''
  assert.deepEqual(JSON.parse(told), {
    status: 'invalid_token',
    'openid-configuration': 'https://login.example/.well-known/openid-configuration',
    scope: 'openid database',
  })
  assert.match(said, /C28000.*a token is needed/s)
  assert.equal(tokens.length, before)
})

test('a token that does not count is refused in the same way, after its answer', async () => {
  assert.match(await talk(bearer('Bearer bad'), message('\x01')), /invalid_token.*C28000.*the token is not valid/s)
  assert.match(await talk(bearer('Bearer bad'), message('\x01\x01')), /C08P01.*something else/s)
  assert.match(await talk(bearer('Bearer bad'), bearer('Bearer good')), /C08P01/)
})

test('whatever is not exactly the exchange is refused, and no token is looked at', async () => {
  const before = tokens.length
  const wrong = {
    'another mechanism': initial('n,,\x01auth=Bearer good\x01\x01', 'SCRAM-SHA-256'),
    'no first message': initial(undefined),
    'a password': message('good\0'),
    'channel binding': initial('p=tls-exporter,,\x01auth=Bearer good\x01\x01'),
    'somebody to act as': initial('n,a=admin,\x01auth=Bearer good\x01\x01'),
    'no end': initial('n,,\x01auth=Bearer good\x01'),
    'two tokens': initial('n,,\x01auth=Bearer good\x01auth=Bearer good\x01\x01'),
    'no token': initial('n,,\x01host=x\x01\x01'),
    'a part that is no pair': initial('n,,\x01auth=Bearer good\x01zzz\x01\x01'),
    'another scheme': bearer('Basic good'),
    'two words': bearer('Bearer good good'),
    'something behind it': Buffer.concat([bearer('Bearer good'), bearer('Bearer good')]),
    'a length that lies': message('OAUTHBEARER\0', Buffer.from([0, 0, 0, 99]), 'n,,'),
    'a negative length': message('OAUTHBEARER\0', Buffer.from([255, 255, 255, 254])),
  }
  for (const [what, bytes] of Object.entries(wrong)) {
    const said = await talk(bytes)
    assert.match(said, /C08P01/, what)
    assert.doesNotMatch(said, /hello/, what)
  }
  assert.equal(tokens.length, before)
})

test('a message of any size that does not end is cut off', async () => {
  const head = Buffer.from([0x70, 0x7f, 0xff, 0xff, 0xff])
  assert.match(await talk(head), /C08P01/)
})
