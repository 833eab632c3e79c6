// Which ciphers are agreed on with clients of several orders, and that what is agreed on carries data.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, test } from 'node:test'
import ssh2, { type CipherAlgorithm, type Connection } from 'ssh2'
import { generateSshKey } from '../../../../proxy/identity/index.ts'
import { preferQuick, quickenPackets } from '../../../../proxy/ssh/packets/install.ts'
import { algorithms } from '../../../../proxy/ssh/upstream.ts'

const server = new ssh2.Server({ hostKeys: [generateSshKey().private], algorithms }, () => undefined)
let port = 0
let served: Connection | undefined
before(async () => {
  server.on('connection', (client, info) => {
    served = client
    quickenPackets(client)
    preferQuick(client, info.header.versions.software)
    client.on('error', () => undefined)
    client.on('authentication', (context) => context.accept())
    client.on('session', (accept) => {
      accept().on('exec', (agree) => {
        const channel = agree()
        channel.pipe(channel)
        channel.on('end', () => channel.exit(0))
      })
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address: unknown = server.address()
  port = Number(Reflect.get(Object(address), 'port'))
})
after(() => {
  server.close()
})

/** The ciphers to the server and from it, once bytes have gone both ways, and again after new keys. */
async function agreed(ident: string, cipher: CipherAlgorithm[]): Promise<readonly [string, string]> {
  const client = new ssh2.Client()
  const names: string[] = []
  client.on('handshake', ({ cs, sc }) => names.push(cs.cipher, sc.cipher))
  const ready = once(client, 'ready')
  client.connect({ host: '127.0.0.1', port, username: 'one', ident, algorithms: { cipher } })
  quickenPackets(client)
  await ready
  const sent = Buffer.alloc(300_000, 'some bytes that come back ')
  for (const _ of [1, 2]) {
    const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
      client.exec('echo', (error, opened) => (error ? reject(error) : resolve(opened)))
    })
    const back: Buffer[] = []
    channel.on('data', (bytes: Buffer) => back.push(bytes))
    channel.end(sent)
    await once(channel, 'close')
    assert.ok(Buffer.concat(back).equals(sent))
    const changed = once(client, 'handshake')
    served?.rekey()
    await changed
  }
  client.end()
  await once(client, 'close')
  assert.deepEqual(new Set(names), new Set(names.slice(0, 2)))
  return [names[0] ?? '', names[1] ?? '']
}

const chacha = 'chacha20-poly1305@openssh.com'
const gcm = 'aes128-gcm@openssh.com'

test('an OpenSSH client that knows a quick cipher uses it, wherever its order has it', async () => {
  assert.deepEqual(await agreed('OpenSSH_9.2p1 Debian', [chacha, 'aes128-ctr', gcm]), [gcm, gcm])
  assert.deepEqual(await agreed('OpenSSH_9.2', [chacha, 'aes256-gcm@openssh.com']), [
    'aes256-gcm@openssh.com',
    'aes256-gcm@openssh.com',
  ])
})

test('an OpenSSH client that is told to use no quick cipher has its own', async () => {
  assert.deepEqual(await agreed('OpenSSH_9.2', [chacha, 'aes128-ctr']), [chacha, chacha])
  assert.deepEqual(await agreed('OpenSSH_9.2', ['aes256-ctr']), ['aes256-ctr', 'aes256-ctr'])
})

test('the order of other clients is theirs', async () => {
  assert.deepEqual(await agreed('Other_1.0', [chacha, gcm]), [chacha, chacha])
  assert.deepEqual(await agreed('Other_1.0', [gcm, chacha]), [gcm, gcm])
})

test('a client that agrees on nothing is refused', async () => {
  await assert.rejects(agreed('OpenSSH_9.2', ['aes192-ctr']), /no matching/)
})
