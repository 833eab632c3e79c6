// Connections to a cluster are shared between clients: who holds many of them leaves some for whoever comes.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { UpstreamConnections } from '../../../proxy/kubernetes/upstream-connections.ts'
import { type Shared, Shares } from '../../../proxy/kubernetes/upstream-shares.ts'

/** Asks for one client until it has to wait; tells what has begun. */
function most(shares: Shares, client: string): { readonly begun: Shared[]; readonly waiting: Shared } {
  const begun: Shared[] = []
  for (;;) {
    let isBegun = false
    const shared = shares.ask(client, (one) => {
      isBegun = true
      begun.push(one)
    })
    assert.ok(shared !== undefined)
    if (!isBegun) return { begun, waiting: shared }
  }
}

test('a client has a part, leaves as much as it has, and somebody who comes late finds something', () => {
  const shares = new Shares(64, 1000)
  const clients = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => most(shares, name))
  assert.deepEqual(
    clients.map(({ begun }) => begun.length),
    [16, 16, 16, 8, 4, 2],
  )
  for (const { waiting } of clients) waiting.giveBack()
  for (const { begun } of clients) for (const one of begun) one.giveBack()
  assert.equal(most(shares, 'a').begun.length, 16)
})

test('what waits begins once there is a part for it, by turns, and not at all where it was given up', () => {
  const shares = new Shares(8, 1000)
  const order: string[] = []
  const given = new Map<string, Shared>()
  const ask = (client: string, name: string): Shared | undefined =>
    shares.ask(client, (shared) => {
      order.push(name)
      given.set(name, shared)
    })
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5', 'a6']) ask('a', name)
  assert.deepEqual(order, ['a1', 'a2'])
  const fourth = ask('a', 'a7')
  for (const name of ['b1', 'b2', 'b3', 'b4']) ask('b', name)
  for (const name of ['c1', 'c2', 'c3']) ask('c', name)
  assert.deepEqual(order.splice(0), ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'])
  fourth?.giveBack()
  given.get('a1')?.giveBack()
  given.get('a1')?.giveBack()
  assert.deepEqual(order.splice(0), ['a3'])
  given.get('b1')?.giveBack()
  given.get('a2')?.giveBack()
  given.get('a3')?.giveBack()
  given.get('b2')?.giveBack()
  assert.deepEqual(order.splice(0), ['b3', 'a4', 'a5', 'b4'])
  for (const name of ['a4', 'a5', 'b3', 'b4', 'c1', 'c2', 'a6', 'c3']) given.get(name)?.giveBack()
  assert.deepEqual(order.sort(), ['a6', 'c3'])
})

test('the queue is shared like the connections', () => {
  const shares = new Shares(1, 16)
  const ask = (client: string): Shared | undefined => shares.ask(client, () => undefined)
  ask('a')
  const waiting = Array.from({ length: 6 }, () => ask('a'))
  assert.equal(waiting.filter((one) => one !== undefined).length, 4)
  assert.notEqual(ask('b'), undefined)
  for (const one of waiting) one?.giveBack()
  assert.notEqual(ask('a'), undefined)
})

test('a client whose answers go on keeps nobody else from the cluster', async () => {
  const held: Socket[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      const isFollowed = bytes.toString().startsWith('GET /logs')
      if (isFollowed) held.push(socket)
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${isFollowed ? 2 : 1}\r\n\r\na`)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const connections = new UpstreamConnections({ host: '127.0.0.1', port, tls: undefined, connectMs: 5000 }, 8, 100)
  const told: string[] = []
  const ask = (client: string, target: string): Promise<void> =>
    new Promise((resolve) => {
      connections.ask(
        client,
        { method: 'GET', target, lines: '', body: new Uint8Array(), isFollowed: target === '/logs' },
        {
          answered: ({ statusCode }) => {
            told.push(`${client} ${target} ${statusCode}`)
            resolve()
          },
          failed: ({ message }) => {
            told.push(`${client} ${target} ${message}`)
            resolve()
          },
        },
      )
    })
  const logs = Array.from({ length: 8 }, () => ask('many', '/logs'))
  await Promise.all([logs[0], logs[1]])
  for (let at = 0; at < 20; at++) await ask('other', '/x')
  assert.deepEqual(told.splice(0), ['many /logs 200', 'many /logs 200', ...Array<string>(20).fill('other /x 200')])
  // Each that ends lets another of the same client begin.
  for (let at = 0; at < 6; at++) {
    held[at]?.write('b')
    await logs[at + 2]
  }
  assert.deepEqual(told, Array<string>(6).fill('many /logs 200'))
  connections.close()
  server.close()
})
