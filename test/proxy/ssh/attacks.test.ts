// What is known to have broken SSH servers, tried on ours; each with the honest twin that goes through.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import ssh2, { type ClientChannel } from 'ssh2'
import { createGate, systemClock } from '../../../proxy/gate/index.ts'
import {
  generateSshKey,
  SshCertificateAuthenticator,
  signSshCertificate,
  sshPublicKeyOf,
} from '../../../proxy/identity/index.ts'
import { signSsh } from '../../../proxy/identity/ssh-keys.ts'
import { listenSsh, parseKnownHosts, type RunningSshListener } from '../../../proxy/ssh/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { gateParts, results, type TestParts } from '../../support/gate.ts'
import {
  clearPacket,
  clientKexinit,
  greet,
  inside,
  kexLists,
  message,
  payload,
  sendPayload,
} from '../../support/ssh-raw.ts'
import { type SshHost, startSshHost } from '../../support/ssh-upstream.ts'

const authority = generateKeyPairSync('ed25519')
let host: SshHost
let listener: RunningSshListener
let parts: TestParts
const errors: string[] = []

before(async () => {
  host = await startSshHost()
  parts = gateParts({ clock: systemClock })
  const identity = {
    ...sampleDocument().identity,
    token: { ...sampleDocument().identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
  }
  const certificates = new SshCertificateAuthenticator({
    others: [sshPublicKeyOf(authority.publicKey)],
    clockSkewMs: 0,
    nowMs: Date.now,
  })
  listener = await listenSsh({
    host: '127.0.0.1',
    port: 0,
    hostKeys: [generateSshKey().private],
    hostCertificates: [],
    gate: createGate(parts),
    authenticator: {
      authenticate: async (credential) =>
        credential.kind === 'token' && credential.token === 'good'
          ? { ok: true, identity }
          : certificates.authenticate(credential),
    },
    target: (name) =>
      name === 'web'
        ? {
            resource: { ...sampleDocument().resource, name, protocol: 'ssh' },
            user: 'deploy',
            shells: ['record'],
            place: 'here',
            warmMs: 0,
            knownHosts: () => parseKnownHosts(host.known),
            upstream: () =>
              Promise.resolve({
                host: '127.0.0.1',
                port: host.port,
                user: 'deploy',
                credential: { kind: 'key', secret: host.key },
                knownHosts: parseKnownHosts(host.known),
                connectMs: 5000,
              }),
          }
        : undefined,
    hashKey: new Uint8Array(32),
    connectionsMax: 20,
    handshakeMs: 4000,
    rekey: { bytes: 4 * 1024 * 1024, ms: 3_600_000, stormMax: 12, stormMs: 60_000 },
    onError: (_where, error) => errors.push(error instanceof Error ? error.message : String(error)),
  })
})
beforeEach(() => {
  host.ran.length = 0
  errors.length = 0
  parts.live.answer = () => results.allow
})
after(async () => {
  await listener.close()
  await host.close()
})

function connect(config: ssh2.ConnectConfig = { password: 'good' }): Promise<ssh2.Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.once('ready', () => resolve(client)).once('error', reject)
    client.on('error', () => undefined)
    client.connect({ host: '127.0.0.1', port: listener.port, username: 'web', ...config })
  })
}

/** A client that has keys and has not said who it is. */
function unknownClient(): Promise<ssh2.Client> {
  return new Promise((resolve, reject) => {
    const client = new ssh2.Client()
    client.on('error', reject)
    client.connect({
      host: '127.0.0.1',
      port: listener.port,
      username: 'web',
      authHandler: () => {
        client.removeListener('error', reject)
        client.on('error', () => undefined)
        resolve(client)
      },
    })
  })
}

/** The next answer of one kind that comes to a client. */
function answer(client: ssh2.Client, ...names: readonly string[]): Promise<string> {
  const { _handlers: handlers } = inside(client)._protocol
  return new Promise((resolve) => {
    for (const name of names) {
      handlers[name] = () => resolve(name)
    }
    client.once('close', () => resolve('closed'))
  })
}

function closeOf(client: ssh2.Client): Promise<boolean> {
  return new Promise((resolve) => client.once('close', () => resolve(true)))
}

function exec(client: ssh2.Client, command: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    client.exec(command, (error, channel) => (error ? reject(error) : resolve(channel)))
  })
}

async function output(client: ssh2.Client, command: string): Promise<string> {
  const channel = await exec(client, command)
  let out = ''
  channel.on('data', (bytes: Buffer) => {
    out += bytes.toString()
  })
  await once(channel, 'close')
  return out
}

test('Terrapin: strict key exchange is offered, and a packet slipped in before the keys ends it', async () => {
  const honest = await greet(listener.port)
  const lists = kexLists(honest.kexinit)
  assert.ok(lists[0]?.includes('kex-strict-s-v00@openssh.com'))
  for (const list of lists.slice(0, 8))
    assert.ok(!list.some((name) => /sha1|cbc|md5|arcfour|3des|ssh-dss|ssh-rsa$/.test(name)), list.join())
  honest.socket.destroy()
  const ignore = clearPacket(payload(message.ignore, 'x'))
  for (const packets of [
    [ignore, clearPacket(clientKexinit(lists))],
    [clearPacket(clientKexinit(lists)), ignore],
  ]) {
    const { socket, closed } = await greet(listener.port)
    for (const one of packets) socket.write(one)
    assert.ok(await closed)
  }
  assert.equal(await connect().then((client) => output(client, 'echo in').finally(() => client.end())), 'in\n')
})

test('channel messages before authentication open nothing (CVE-2025-32433)', async () => {
  const client = await unknownClient()
  const refused = answer(client, 'CHANNEL_OPEN_FAILURE', 'CHANNEL_OPEN_CONFIRMATION')
  sendPayload(client, payload(message.channelOpen, 'session', 0, 1 << 20, 1 << 15))
  sendPayload(client, payload(message.channelRequest, 0, 'exec', true, 'touch /tmp/owned'))
  sendPayload(client, payload(message.channelData, 0, 'id\n'))
  assert.equal(await refused, 'CHANNEL_OPEN_FAILURE')
  const tunnel = answer(client, 'CHANNEL_OPEN_FAILURE', 'CHANNEL_OPEN_CONFIRMATION')
  sendPayload(
    client,
    payload(message.channelOpen, 'direct-tcpip', 1, 1 << 20, 1 << 15, '127.0.0.1', 22, '127.0.0.1', 1),
  )
  assert.equal(await tunnel, 'CHANNEL_OPEN_FAILURE')
  const forward = answer(client, 'REQUEST_FAILURE', 'REQUEST_SUCCESS')
  sendPayload(client, payload(message.globalRequest, 'tcpip-forward', true, '127.0.0.1', 0))
  assert.equal(await forward, 'REQUEST_FAILURE')
  client.destroy()
  assert.deepEqual(host.ran, [])
})

test('a client that says "success" itself is not believed (CVE-2018-10933)', async () => {
  const client = await unknownClient()
  sendPayload(client, payload(message.authSuccess))
  const refused = answer(client, 'CHANNEL_OPEN_FAILURE', 'CHANNEL_OPEN_CONFIRMATION')
  sendPayload(client, payload(message.channelOpen, 'session', 0, 1 << 20, 1 << 15))
  assert.equal(await refused, 'CHANNEL_OPEN_FAILURE')
  client.destroy()
})

/** A key with a certificate for `web` and the name that it carries. */
function certified(by = authority) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const now = BigInt(Math.floor(Date.now() / 1000))
  const certificate = signSshCertificate(
    {
      key: sshPublicKeyOf(publicKey),
      serial: 1n,
      type: 'user',
      keyId: 'robot',
      principals: ['web'],
      validAfter: now - 60n,
      validBefore: now + 60n,
      criticalOptions: [],
      extensions: [],
    },
    by.privateKey,
  )
  return { certificate: Buffer.from(certificate), privateKey }
}

const algorithm = 'ssh-ed25519-cert-v01@openssh.com'

/** A request by public key, signed when there is a key to sign with. */
function keyRequest(
  client: ssh2.Client,
  certificate: Buffer,
  signer?: ReturnType<typeof certified>['privateKey'],
): Buffer {
  const unsigned = payload(
    message.authRequest,
    'web',
    'ssh-connection',
    'publickey',
    signer !== undefined,
    algorithm,
    certificate,
  )
  if (signer === undefined) return unsigned
  const { sessionID } = inside(client)._protocol._kex
  const length = Buffer.alloc(4)
  length.writeUInt32BE(sessionID.length)
  const signature = Buffer.from(signSsh(Buffer.concat([length, sessionID, unsigned]), signer))
  const after = Buffer.alloc(4)
  after.writeUInt32BE(signature.length)
  return Buffer.concat([unsigned, after, signature])
}

test('the key that is judged is the key that signed, not the one that was offered last (CVE-2024-45337)', async () => {
  const [good, stranger] = [certified(), certified(generateKeyPairSync('ed25519'))]
  const answers = ['USERAUTH_SUCCESS', 'USERAUTH_FAILURE', 'USERAUTH_PK_OK']
  const attempt = async (client: ssh2.Client, request: Buffer): Promise<string> => {
    const answered = answer(client, ...answers)
    inside(client)._protocol._authsQueue.push('publickey')
    sendPayload(client, request)
    return answered
  }
  const client = await unknownClient()
  assert.equal(await attempt(client, keyRequest(client, good.certificate)), 'USERAUTH_PK_OK')
  for (const [certificate, signer] of [
    [stranger.certificate, stranger.privateKey],
    [good.certificate, stranger.privateKey],
    [stranger.certificate, good.privateKey],
  ] as const)
    assert.equal(await attempt(client, keyRequest(client, certificate, signer)), 'USERAUTH_FAILURE')
  assert.equal(await attempt(client, keyRequest(client, good.certificate)), 'USERAUTH_PK_OK')
  const opened = answer(client, 'CHANNEL_OPEN_FAILURE', 'CHANNEL_OPEN_CONFIRMATION')
  sendPayload(client, payload(message.channelOpen, 'session', 0, 1 << 20, 1 << 15))
  assert.equal(await opened, 'CHANNEL_OPEN_FAILURE')
  assert.equal(await attempt(client, keyRequest(client, good.certificate, good.privateKey)), 'USERAUTH_SUCCESS')
  client.destroy()
})

test('a signature of one session is of no use in another', async () => {
  const good = certified()
  const [first, second] = [await unknownClient(), await unknownClient()]
  const answered = answer(second, 'USERAUTH_SUCCESS', 'USERAUTH_FAILURE')
  inside(second)._protocol._authsQueue.push('publickey')
  sendPayload(second, keyRequest(first, good.certificate, good.privateKey))
  assert.equal(await answered, 'USERAUTH_FAILURE')
  first.destroy()
  second.destroy()
})

test('lines before the banner have an end (CVE-2026-48108)', async () => {
  for (const chunk of [Buffer.alloc(65_536, 'x'), Buffer.from('hello\r\n'.repeat(5000))]) {
    const socket = connectTcp(listener.port, '127.0.0.1')
    socket.on('error', () => undefined)
    const closed = new Promise<void>((done) => socket.once('close', () => done()))
    socket.resume()
    let sent = 0
    socket.on('drain', () => more())
    const more = (): void => {
      while (!socket.destroyed && socket.write(chunk)) sent += chunk.length
    }
    more()
    await closed
    assert.ok(sent < 64 * 1024 * 1024, `${sent} bytes were taken`)
  }
})

test('who says nothing is let go in time, and who tries passwords too', async () => {
  const { closed } = await greet(listener.port)
  const client = new ssh2.Client()
  client.on('error', () => undefined)
  let tries = 0
  client.connect({
    host: '127.0.0.1',
    port: listener.port,
    username: 'web',
    authHandler: (_left, _partial, next) => {
      tries++
      next({ type: 'password', username: 'web', password: `guess ${tries}` })
    },
  })
  await closeOf(client)
  assert.ok(tries <= 14, `${tries} tries`)
  await closed
})

test('a packet longer than any is not waited for', async () => {
  for (const length of [0xffffffff, 0x00100000, 0, 1]) {
    const { socket, closed } = await greet(listener.port)
    const head = Buffer.alloc(16)
    head.writeUInt32BE(length)
    socket.write(head)
    assert.ok(await closed)
  }
  const client = await connect()
  const closed = closeOf(client)
  sendPayload(client, payload(message.globalRequest, 'x'.repeat(300_000), false))
  assert.ok(await closed)
})

test('a peer that sends more than the window of its channel is let go', async () => {
  const client = await connect()
  const channel = await exec(client, 'sleep 30')
  const closed = closeOf(client)
  const { id } = (channel as unknown as { outgoing: { id: number } }).outgoing
  for (let sent = 0; sent <= 3 * 1024 * 1024; sent += 32_768)
    sendPayload(client, payload(message.channelData, id, Buffer.alloc(32_768)))
  await closed
  assert.match(errors.join(), /more data than the window/)
})

test('a window beyond its field, and a piece of data beyond its packet, end the connection', async () => {
  for (const make of [
    (id: number) => payload(message.channelWindowAdjust, id, 0xffffffff),
    (id: number) => payload(message.channelData, id, Buffer.alloc(40_000)),
  ]) {
    const client = await connect()
    const channel = await exec(client, 'sleep 30')
    const closed = closeOf(client)
    sendPayload(client, make((channel as unknown as { outgoing: { id: number } }).outgoing.id))
    await closed
  }
  assert.match(errors.join(), /window beyond its field/)
})

test('a peer with a wide window that does not read is not written to without end', async () => {
  const client = await connect()
  const channel = await exec(client, 'cat /dev/zero')
  const { id } = (channel as unknown as { outgoing: { id: number } }).outgoing
  sendPayload(client, payload(message.channelWindowAdjust, id, 0x7fffffff))
  inside(client)._sock.pause()
  const shown = (): number =>
    parts.recorder
      .entries()
      .reduce(
        (sum, entry) => sum + (entry.kind === 'terminal' && entry.stream === 'output' ? entry.bytes.length : 0),
        0,
      )
  const before = shown()
  // Far more turns than a gateway without back-pressure needs to take up this much.
  for (let turn = 0; turn < 3000; turn++) await new Promise(setImmediate)
  const taken = shown() - before
  assert.ok(taken < 32 * 1024 * 1024, `${taken} bytes were taken from the host`)
  client.destroy()
})

test('channels have a bound, and those that are closed are forgotten', async () => {
  const client = await connect()
  const confirmed: string[] = []
  const { _handlers: handlers } = inside(client)._protocol
  let wanted = 70
  const all = new Promise<void>((done) => {
    for (const name of ['CHANNEL_OPEN_CONFIRMATION', 'CHANNEL_OPEN_FAILURE'])
      handlers[name] = () => {
        confirmed.push(name)
        if (confirmed.length === wanted) done()
      }
  })
  for (let index = 0; index < wanted; index++)
    sendPayload(client, payload(message.channelOpen, 'session', index, 1 << 20, 1 << 15))
  await all
  assert.equal(confirmed.filter((name) => name === 'CHANNEL_OPEN_CONFIRMATION').length, 64)
  client.destroy()

  const churning = await connect()
  churning.setNoDelay(true)
  const inner = inside(churning)._protocol._handlers
  let [closes, opens] = [0, 0]
  wanted = 1000
  const churned = new Promise<void>((done) => {
    inner['CHANNEL_OPEN_CONFIRMATION'] = (_protocol, info) => {
      opens++
      sendPayload(churning, payload(message.channelClose, (info as { sender: number }).sender))
    }
    inner['CHANNEL_CLOSE'] = () => {
      if (++closes === wanted) return done()
      sendPayload(churning, payload(message.channelOpen, 'session', closes, 1 << 20, 1 << 15))
    }
  })
  sendPayload(churning, payload(message.channelOpen, 'session', 0, 1 << 20, 1 << 15))
  await churned
  assert.equal(opens, wanted)
  churning.destroy()
})

test('key exchanges without end are ended, and some are not', async () => {
  const client = await connect()
  let exchanges = 0
  client.on('handshake', () => {
    exchanges++
    if (exchanges < 5) inside(client)._protocol.rekey()
  })
  inside(client)._protocol.rekey()
  while (exchanges < 5) await once(client, 'handshake')
  assert.equal(await output(client, 'echo still here'), 'still here\n')
  client.on('handshake', () => inside(client)._protocol.rekey())
  client.setNoDelay(true)
  const closed = closeOf(client)
  inside(client)._protocol.rekey()
  await closed
  assert.match(errors.join(), /key exchanges without end/)
})

test('keys are made anew after so many bytes, with data on its way in both directions', async () => {
  const client = await connect()
  let isNew = false
  client.on('handshake', () => {
    isNew = true
  })
  const data = Buffer.alloc(3 * 1024 * 1024, 'abcdefghijk').toString('latin1')
  for (let round = 0; round < 100 && !isNew; round++) {
    const channel = await exec(client, 'cat')
    channel.end(data)
    let out = ''
    channel.on('data', (bytes: Buffer) => {
      out += bytes.toString('latin1')
    })
    await once(channel, 'close')
    assert.ok(out === data, `round ${round}: ${out.length} bytes came back`)
  }
  assert.ok(isNew)
  assert.equal(await output(client, 'echo on'), 'on\n')
  client.end()
})
