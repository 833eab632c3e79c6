// Peers that take or give without end, and what ends them.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import ssh2 from 'ssh2'
import { type AttackedGateway, closeOf, exec, output, startAttacked } from '../../support/ssh-attacked.ts'
import { connectTo } from '../../support/ssh-listener.ts'
import { greet, inside, message, payload, sendPayload } from '../../support/ssh-raw.ts'

/** What may be taken from a host for a client that reads nothing. */
const unreadBytesMax = 32 * 1024 * 1024
/** What a gateway and the system take at the least before they hold the host back. */
const socketBytes = 1024 * 1024
const authority = generateKeyPairSync('ed25519')
let gateway: AttackedGateway

before(async () => {
  gateway = await startAttacked(authority.publicKey)
})
beforeEach(() => gateway.reset())
after(() => gateway.close())

test('lines before the banner have an end (CVE-2026-48108)', async () => {
  for (const chunk of [Buffer.alloc(65_536, 'x'), Buffer.from('hello\r\n'.repeat(5000))]) {
    const socket = connectTcp(gateway.port, '127.0.0.1')
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

test('who says nothing is let go in time, and who tries passwords too', async (t) => {
  const { port, close } = await startAttacked(authority.publicKey, 2000)
  t.after(close)
  const { closed } = await greet(port)
  const client = new ssh2.Client()
  client.on('error', () => undefined)
  let tries = 0
  client.connect({
    host: '127.0.0.1',
    port,
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
    const { socket, closed } = await greet(gateway.port)
    const head = Buffer.alloc(16)
    head.writeUInt32BE(length)
    socket.write(head)
    assert.ok(await closed)
  }
  const client = await connectTo(gateway.port)
  const closed = closeOf(client)
  sendPayload(client, payload(message.globalRequest, 'x'.repeat(300_000), false))
  assert.ok(await closed)
})

test('a peer that sends more than the window of its channel is let go', async () => {
  const client = await connectTo(gateway.port)
  const channel = await exec(client, 'sleep 30')
  const closed = closeOf(client)
  const { id } = (channel as unknown as { outgoing: { id: number } }).outgoing
  for (let sent = 0; sent <= 3 * 1024 * 1024; sent += 32_768)
    sendPayload(client, payload(message.channelData, id, Buffer.alloc(32_768)))
  await closed
  assert.match(gateway.errors.join(), /more data than the window/)
})

test('a window beyond its field, and a piece of data beyond its packet, end the connection', async () => {
  for (const make of [
    (id: number) => payload(message.channelWindowAdjust, id, 0xffffffff),
    (id: number) => payload(message.channelData, id, Buffer.alloc(40_000)),
  ]) {
    const client = await connectTo(gateway.port)
    const channel = await exec(client, 'sleep 30')
    const closed = closeOf(client)
    sendPayload(client, make((channel as unknown as { outgoing: { id: number } }).outgoing.id))
    await closed
  }
  assert.match(gateway.errors.join(), /window beyond its field/)
})

test('a peer with a wide window that does not read is not written to without end', async () => {
  const client = await connectTo(gateway.port)
  // More than may be taken, and no more than a slow machine can make in time.
  const channel = await exec(client, `head -c ${3 * unreadBytesMax} /dev/zero`)
  const { id } = (channel as unknown as { outgoing: { id: number } }).outgoing
  sendPayload(client, payload(message.channelWindowAdjust, id, 0x7fffffff))
  await once(channel, 'data')
  inside(client)._sock.pause()
  const shown = (): number =>
    gateway.parts.recorder
      .entries()
      .reduce(
        (sum, entry) => sum + (entry.kind === 'terminal' && entry.stream === 'output' ? entry.bytes.length : 0),
        0,
      )
  let taken = 0
  // What sockets hold is taken in any case. After that: until nothing more comes for many turns.
  for (let quiet = 0; taken < unreadBytesMax && (taken < socketBytes || quiet < 1000); ) {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    const now = shown()
    quiet = now === taken ? quiet + 20 : 0
    taken = now
  }
  assert.ok(taken < unreadBytesMax, `${taken} bytes were taken from the host`)
  client.destroy()
})

test('channels have a bound, and those that are closed are forgotten', async () => {
  const client = await connectTo(gateway.port)
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

  const churning = await connectTo(gateway.port)
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
  const client = await connectTo(gateway.port)
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
  assert.match(gateway.errors.join(), /key exchanges without end/)
})

test('whoever asks for new keys after each megabyte may have them as often as that passes', async () => {
  const client = await connectTo(gateway.port)
  for (let index = 0; index < 20; index++) {
    const bytes = 1024 * 1024
    assert.equal((await output(client, `head -c ${bytes} /dev/zero | tr '\\0' x`)).length, bytes)
    const made = once(client, 'handshake')
    inside(client)._protocol.rekey()
    await made
  }
  assert.equal(await output(client, 'echo still here'), 'still here\n')
  assert.deepEqual(gateway.errors, [])
  client.end()
})

test('keys are made anew after so many bytes, with data on its way in both directions', async () => {
  const client = await connectTo(gateway.port)
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
