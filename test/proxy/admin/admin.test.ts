// The admin listener and the supervision of listeners.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { guardConnection, type SupervisedListener, Supervisor, startAdmin } from '../../../proxy/admin/index.ts'
import { createLog, Metrics } from '../../../proxy/telemetry/index.ts'

const log = createLog({ level: 'error' }, { write: () => undefined })
const reasons: string[] = []
const admin = await startAdmin({
  host: '127.0.0.1',
  port: 0,
  token: 'letmein',
  metrics: new Metrics(),
  notReady: () => reasons,
  routes: [
    (_request, response, path) => {
      if (path === '/throws') throw new Error('bug')
      if (path !== '/mine') return false
      response.end('mine')
      return true
    },
  ],
})
after(() => admin.close())

function get(path: string, token?: string, method = 'GET'): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return fetch(`http://127.0.0.1:${admin.port}${path}`, { method, headers })
}

test('health needs no token; readiness says why not', async () => {
  assert.equal((await get('/healthz')).status, 200)
  assert.equal((await get('/readyz')).status, 200)
  reasons.push('no bundle is live')
  const answer = await get('/readyz')
  assert.deepEqual([answer.status, await answer.text()], [503, 'no bundle is live\n'])
  reasons.pop()
  assert.equal((await get('/healthz', undefined, 'POST')).status, 405)
})

test('everything else needs the token', async () => {
  for (const token of [undefined, '', 'letmeinn', 'letmei']) assert.equal((await get('/metrics', token)).status, 401)
  const answer = await get('/metrics', 'letmein')
  assert.equal(answer.status, 200)
  assert.match(await answer.text(), /sallyport_sessions/)
  assert.equal(await (await get('/mine', 'letmein')).text(), 'mine')
  assert.equal((await get('/nothing', 'letmein')).status, 404)
  assert.equal((await get('/mine')).status, 401)
})

test('a route that throws answers 500 and the listener lives on', async () => {
  assert.equal((await get('/throws', 'letmein')).status, 500)
  assert.equal((await get('/healthz')).status, 200)
})

function listener(name: string, said: string[], fails = false): SupervisedListener {
  return {
    name,
    start: () => {
      said.push(`start ${name}`)
      return fails ? Promise.reject(new Error('port taken')) : Promise.resolve()
    },
    stop: () => Promise.resolve(void said.push(`stop ${name}`)),
    close: () => Promise.resolve(void said.push(`close ${name}`)),
  }
}

test('listeners stop, actions drain, connections close, in that order and once', async () => {
  const said: string[] = []
  const gate = { drain: (ms: number) => Promise.resolve(void said.push(`drain ${ms}`)) }
  const supervisor = new Supervisor({ listeners: [listener('a', said), listener('b', said)], gate, log, drainMs: 9 })
  await supervisor.start()
  assert.equal(supervisor.phase, 'ready')
  await Promise.all([supervisor.end(), supervisor.end()])
  assert.equal(supervisor.phase, 'stopped')
  assert.deepEqual(said.slice(2), ['stop a', 'stop b', 'drain 9', 'close a', 'close b'])
})

test('a listener that cannot start closes those that did', async () => {
  const said: string[] = []
  const gate = { drain: () => Promise.resolve() }
  const supervisor = new Supervisor({
    listeners: [listener('a', said), listener('b', said, true)],
    gate,
    log,
    drainMs: 9,
  })
  await assert.rejects(supervisor.start(), /port taken/)
  assert.deepEqual(said, ['start a', 'start b', 'close a'])
  assert.equal(supervisor.phase, 'stopped')
})

test('a connection that throws, now or later, is refused and ended, and its neighbour goes on', async () => {
  const server = createServer((socket) => {
    guardConnection(
      socket,
      log,
      async () => {
        const [first]: unknown[] = await once(socket, 'data')
        const wish = String(first)
        if (wish === 'throw') throw new Error('bug')
        socket.write('fine')
      },
      () => {
        socket.write('refused')
        throw new Error('and the refusal fails')
      },
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const open = () => connect(address.port, '127.0.0.1')
  const [good, bad] = [open(), open()]
  bad.write('throw')
  assert.equal(await ended(bad), 'refused')
  good.write('hello')
  const [answer]: unknown[] = await once(good, 'data')
  assert.equal(String(answer), 'fine')
  good.destroy()
  server.close()
})

async function ended(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += String(chunk)
  })
  await once(socket, 'end')
  return text
}
