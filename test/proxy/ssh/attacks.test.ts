// What is known to have let people into SSH servers, tried on ours; each with the honest twin that goes through.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { after, before, beforeEach, test } from 'node:test'
import type ssh2 from 'ssh2'
import { signSshCertificate, sshPublicKeyOf } from '../../../proxy/identity/index.ts'
import { signSsh } from '../../../proxy/identity/ssh-keys.ts'
import { type AttackedGateway, answer, output, startAttacked, unknownClient } from '../../support/ssh-attacked.ts'
import { connectTo } from '../../support/ssh-listener.ts'
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

const authority = generateKeyPairSync('ed25519')
let gateway: AttackedGateway

before(async () => {
  gateway = await startAttacked(authority.publicKey)
})
beforeEach(() => gateway.reset())
after(() => gateway.close())

test('Terrapin: strict key exchange is offered, and a packet slipped in before the keys ends it', async () => {
  const honest = await greet(gateway.port)
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
    const { socket, closed } = await greet(gateway.port)
    for (const one of packets) socket.write(one)
    assert.ok(await closed)
  }
  assert.equal(
    await connectTo(gateway.port).then((client) => output(client, 'echo in').finally(() => client.end())),
    'in\n',
  )
})

test('channel messages before authentication open nothing (CVE-2025-32433)', async () => {
  const client = await unknownClient(gateway.port)
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
  assert.deepEqual(gateway.host.ran, [])
})

test('a client that says "success" itself is not believed (CVE-2018-10933)', async () => {
  const client = await unknownClient(gateway.port)
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
  const client = await unknownClient(gateway.port)
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
  const [first, second] = [await unknownClient(gateway.port), await unknownClient(gateway.port)]
  const answered = answer(second, 'USERAUTH_SUCCESS', 'USERAUTH_FAILURE')
  inside(second)._protocol._authsQueue.push('publickey')
  sendPayload(second, keyRequest(first, good.certificate, good.privateKey))
  assert.equal(await answered, 'USERAUTH_FAILURE')
  first.destroy()
  second.destroy()
})

test('a key that is not there is refused, and is nobody`s error', async () => {
  const client = await unknownClient(gateway.port)
  for (const isSigned of [false, true]) {
    const refused = answer(client, 'USERAUTH_FAILURE', 'USERAUTH_SUCCESS', 'USERAUTH_PK_OK')
    sendPayload(
      client,
      payload(message.authRequest, 'web', 'ssh-connection', 'publickey', isSigned, 'ssh-ed25519-cert-v01@openssh.com'),
    )
    assert.match(await refused, /USERAUTH_FAILURE|closed/)
  }
  assert.deepEqual(gateway.errors, [])
  client.destroy()
})
