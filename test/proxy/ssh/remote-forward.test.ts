// Ports that a host listens on for a client: judged when they are asked for, and gone when the client is.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, beforeEach, test } from 'node:test'
import type ssh2 from 'ssh2'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { systemClock } from '../../../proxy/gate/index.ts'
import type { RunningSshListener } from '../../../proxy/ssh/index.ts'
import { gateParts, results, type TestParts } from '../../support/gate.ts'
import { byToken, connectTo, hostTarget, listenWith, somebody } from '../../support/ssh-listener.ts'
import { type SshHost, startSshHost } from '../../support/ssh-upstream.ts'

let host: SshHost
let listener: RunningSshListener
let parts: TestParts
const judged: ActionDocument['action'][] = []
before(async () => {
  host = await startSshHost()
  parts = gateParts({ clock: systemClock })
  listener = await listenWith(parts, {
    authenticator: byToken(new Map([['good', somebody()]])),
    target: (name) => hostTarget(host, name, { warmMs: 60_000 }),
  })
})
beforeEach(() => {
  judged.length = 0
  parts.live.answer = (input) => {
    const { action } = input as ActionDocument
    judged.push(action)
    return action.shell?.forward?.host === 'elsewhere' ? results.deny : results.allow
  }
})
after(async () => {
  await listener.close()
  await host.close()
})

function listenOn(client: ssh2.Client, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    client.forwardIn(address, 0, (error, port) => (error ? reject(error) : resolve(port)))
  })
}

async function reach(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  await once(socket, 'connect')
  return socket
}

/** Resolves when the host listens on nothing any more. */
async function hostIsQuiet(): Promise<void> {
  while (host.ports.size > 0) await new Promise(setImmediate)
}

test('what connects to a port that was allowed comes to the client, both ways and to the end', async () => {
  const client = await connectTo(listener.port)
  client.on('tcp connection', (_from, accept) => {
    const channel = accept()
    channel.pipe(channel)
  })
  const port = await listenOn(client, 'localhost')
  const asked = judged.at(-1)
  assert.equal(asked?.operation, 'remote_forward')
  assert.deepEqual(asked?.shell?.forward, { direction: 'remote', host: 'localhost', port: 0 })
  for (const text of ['one', 'two']) {
    const socket = await reach(port)
    socket.end(text)
    let came = ''
    socket.on('data', (bytes: Buffer) => {
      came += bytes.toString()
    })
    await once(socket, 'close')
    assert.equal(came, text)
  }
  assert.equal(judged.length, 2, 'the session and the port')
  client.end()
  await hostIsQuiet()
})

test('a port that policy denies is not listened on, and the next one may be', async () => {
  const client = await connectTo(listener.port)
  await assert.rejects(listenOn(client, 'elsewhere'))
  assert.equal(host.ports.size, 0)
  assert.equal(judged.at(-1)?.text, 'listen on elsewhere:0 of the host')
  assert.ok((await listenOn(client, 'localhost')) > 0)
  client.end()
  await hostIsQuiet()
})

test('a port that is given back is closed at the host, and one that was never had is not', async () => {
  const client = await connectTo(listener.port)
  const port = await listenOn(client, 'localhost')
  await new Promise<void>((done) => client.unforwardIn('localhost', port, (error) => done(assert.ifError(error))))
  await hostIsQuiet()
  await new Promise<void>((done) => client.unforwardIn('localhost', port, (error) => done(assert.ok(error))))
  client.end()
})

test('ports have a bound, and a client that leaves takes them and what came through them along', async () => {
  const client = await connectTo(listener.port)
  client.on('tcp connection', (_from, accept) => accept().resume())
  const ports = await Promise.all(Array.from({ length: 16 }, () => listenOn(client, 'localhost')))
  await assert.rejects(listenOn(client, 'localhost'))
  const socket = await reach(ports[3] ?? 0)
  socket.on('error', () => undefined).resume()
  const accepted = once(client, 'tcp connection')
  socket.write('x')
  await accepted
  const closed = once(socket, 'end')
  client.end()
  await closed
  socket.destroy()
  await hostIsQuiet()
})

test('connections that nobody takes are closed', async () => {
  const client = await connectTo(listener.port)
  client.on('tcp connection', (_from, _accept, reject) => reject())
  const socket = await reach(await listenOn(client, 'localhost'))
  socket.on('error', () => undefined).resume()
  await once(socket, 'end')
  socket.end()
  await once(socket, 'close')
  assert.equal(socket.readyState, 'closed')
  client.end()
  await hostIsQuiet()
})
