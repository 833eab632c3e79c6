// The admin listener and the supervision of listeners.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request } from 'node:https'
import { after, test } from 'node:test'
import { catchStrays, type SupervisedListener, Supervisor, startAdmin } from '../../../proxy/admin/index.ts'
import { createLog, Metrics } from '../../../proxy/telemetry/index.ts'
import { testKey } from '../../support/keys.ts'

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

test('without a token, pages that browsers on the machine have open ask in vain', async () => {
  const open = await startAdmin({
    host: '127.0.0.1',
    port: 0,
    metrics: new Metrics(),
    notReady: () => [],
    routes: [
      (_request, response, path) => {
        if (path === '/mine') response.end('mine')
        return path === '/mine'
      },
    ],
    openRoutes: [
      (_request, response, path) => {
        if (path === '/open') response.end('open')
        return path === '/open'
      },
    ],
  })
  const status = async (path: string, headers: { readonly [name: string]: string }): Promise<number> => {
    const asked = plainRequest({ host: '127.0.0.1', port: open.port, path, headers, method: 'GET' })
    asked.end()
    const [response]: IncomingMessage[] = await once(asked, 'response')
    response?.resume()
    return response?.statusCode ?? 0
  }
  const here = `127.0.0.1:${open.port}`
  for (const host of [here, `localhost:${open.port}`, 'LOCALHOST', '127.0.0.2:1', '[::1]:9', '127.0.0.1'])
    for (const path of ['/mine', '/metrics']) assert.equal(await status(path, { host }), 200, host)
  assert.equal(await status('/mine', { host: here, origin: `http://${here}` }), 200)
  const elsewhere = [
    'evil.example',
    `evil.example:${open.port}`,
    'localhost.evil.example',
    'localhost:9.evil.example',
    '127.0.0.1.evil.example:80',
    '127.0.0.1:80.evil.example',
    '127.evil.example',
    '[::1].evil.example',
  ]
  for (const host of elsewhere)
    for (const path of ['/mine', '/metrics']) assert.equal(await status(path, { host }), 421, host)
  for (const origin of ['https://evil.example', 'null', `http://${here}.evil.example`])
    assert.equal(await status('/mine', { host: here, origin }), 421, origin)
  // What proves itself, and probes, ask under any name.
  for (const path of ['/open', '/healthz']) assert.equal(await status(path, { host: 'gate.example' }), 200)
  await open.close()
})

test('where client certificates are asked for, all but health needs one beside the token', async () => {
  const mutual = await startAdmin({
    host: '127.0.0.1',
    port: 0,
    tls: { cert: testKey('server.pem'), key: testKey('server.key'), ca: testKey('ca.pem') },
    clientCertificates: true,
    token: 'letmein',
    metrics: new Metrics(),
    notReady: () => [],
    openRoutes: [
      (_request, response, path) => {
        if (path === '/open') response.end('open')
        return path === '/open'
      },
    ],
  })
  const status = async (path: string, certificate: string | undefined, token = 'letmein'): Promise<number> => {
    const asked = request({
      host: '127.0.0.1',
      port: mutual.port,
      path,
      ca: testKey('ca.pem'),
      headers: { authorization: `Bearer ${token}` },
      ...(certificate === undefined ? {} : { cert: testKey(`${certificate}.pem`), key: testKey(`${certificate}.key`) }),
    })
    asked.end()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    answer.resume()
    return answer.statusCode ?? 0
  }
  for (const certificate of [undefined, 'agent-other']) {
    assert.equal(await status('/healthz', certificate), 200)
    assert.equal(await status('/readyz', certificate), 200)
    assert.equal(await status('/metrics', certificate), 401)
    assert.equal(await status('/open', certificate), 401)
  }
  assert.equal(await status('/metrics', 'agent'), 200)
  assert.equal(await status('/open', 'agent', 'none'), 200)
  assert.equal(await status('/metrics', 'agent', 'none'), 401)
  await mutual.close()
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

test('what nobody caught is told, and the process lives on', async () => {
  let count = 0
  const off = catchStrays(log, () => count++)
  const strays = process.listeners('uncaughtException').slice(-1)
  for (const stray of strays) stray(new Error('bug'), 'uncaughtException')
  assert.equal(count, 1)
  off()
  assert.ok(!process.listeners('uncaughtException').includes(strays[0] ?? (() => undefined)))
})
