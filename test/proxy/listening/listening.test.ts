import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { listenOn } from '../../../proxy/listening/index.ts'

test('an error of a server that listens is told and ends nothing', async () => {
  const connections = new Set<Socket>()
  const server = createServer((socket) => {
    connections.add(socket)
    socket.end('served')
  })
  const told: unknown[] = []
  const listening = await listenOn(server, {
    host: '127.0.0.1',
    port: 0,
    connections,
    onError: (error) => told.push(error),
  })
  server.emit('error', new Error('no more memory for a socket'))
  server.emit('error', new Error('again'))
  const client = connect(listening.port, '127.0.0.1')
  const [served] = await once(client, 'data')
  assert.equal(String(served), 'served')
  assert.deepEqual(told.map(String), ['Error: no more memory for a socket', 'Error: again'])
  await listening.close()
})

test('a port that is taken is a failure to begin', async () => {
  const parts = { host: '127.0.0.1', connections: new Set<Socket>(), onError: () => assert.fail('told twice') }
  const first = await listenOn(createServer(), { ...parts, port: 0 })
  await assert.rejects(listenOn(createServer(), { ...parts, port: first.port }), /EADDRINUSE/)
  await first.close()
})

test('stopping leaves what is open, closing ends it', async () => {
  const connections = new Set<Socket>()
  const order: string[] = []
  const server = createServer((socket) => {
    connections.add(socket)
    socket.write('hello')
  })
  const listening = await listenOn(server, {
    host: '127.0.0.1',
    port: 0,
    connections,
    onError: (error) => assert.fail(String(error)),
    onStop: () => order.push('stopped'),
    onClose: () => order.push('closed'),
  })
  const client = connect(listening.port, '127.0.0.1')
  await once(client, 'data')
  listening.stop()
  assert.equal(client.destroyed, false)
  const refused = connect(listening.port, '127.0.0.1')
  const [error] = await once(refused, 'error')
  assert.match(String(error), /ECONNREFUSED/)
  const ended = once(client, 'close')
  await listening.close()
  await ended
  assert.deepEqual(order, ['stopped', 'stopped', 'closed'])
})
