import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { after, before, beforeEach, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { results } from '../../support/gate.ts'
import { ask, type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { json } from '../../support/kube-upstream.ts'

let gateway: KubeGateway
before(async () => {
  gateway = await startKubeGateway()
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
  gateway.errors.length = 0
  gateway.parts.live.answer = () => results.allow
  gateway.upstream.answer = json({ kind: 'Pod', metadata: { name: 'web' } })
})

test('a request goes on as the gateway, impersonating the identity, without the token of the client', async () => {
  const answer = await ask(gateway, 'GET', '/api/v1/namespaces/shop/pods/web?pretty=true', {
    headers: {
      'user-agent': 'kubectl/v1.30',
      'kubectl-command': 'kubectl get',
      'x-forwarded-for': '1.2.3.4',
      cookie: 'a=b',
    },
  })
  assert.equal(answer.status, 200)
  assert.equal(answer.body, '{"kind":"Pod","metadata":{"name":"web"}}\n')
  const [seen] = gateway.upstream.seen
  assert.equal(seen?.url, '/api/v1/namespaces/shop/pods/web?pretty=true')
  const headers = new Map(seen?.headers.map(([name, value]) => [name.toLowerCase(), value]))
  assert.equal(headers.get('authorization'), 'Bearer gateway-token')
  assert.equal(headers.get('impersonate-user'), 'sallyport:agent-1')
  assert.equal(headers.get('impersonate-group'), 'sallyport:dev')
  assert.equal(headers.get('user-agent'), 'kubectl/v1.30')
  assert.equal(headers.get('kubectl-command'), 'kubectl get')
  for (const gone of ['x-forwarded-for', 'cookie']) assert.equal(headers.has(gone), false, gone)
  assert.ok(!JSON.stringify(seen).includes('good'))
})

test('a token is verified once for all requests of a connection, and again on another', async () => {
  let verified = 0
  const counting = await startKubeGateway({
    change: {
      authenticator: {
        authenticate: async () => {
          verified++
          return { ok: true, identity: gateway.identity }
        },
      },
    },
  })
  counting.upstream.answer = json({ kind: 'Pod', metadata: { name: 'web' } })
  try {
    for (const connection of [1, 2]) {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      for (let at = 0; at < 20; at++) {
        const sent = request({
          agent,
          port: counting.port,
          path: '/api/v1/namespaces/shop/pods/web',
          headers: { host: 'prod.example', authorization: 'Bearer good' },
        })
        sent.end()
        const [answer] = await once(sent, 'response')
        assert.equal(answer.statusCode, 200)
        await once(answer.resume(), 'end')
      }
      assert.equal(verified, connection)
      agent.destroy()
    }
  } finally {
    await counting.close()
  }
})

test('a body goes on as it was judged', async () => {
  const body = '{"kind":"Pod", "metadata": {"name":"x"}}'
  await ask(gateway, 'POST', '/api/v1/namespaces/shop/pods', { headers: { 'content-type': 'application/json' }, body })
  assert.equal(gateway.upstream.seen[0]?.body, body)
  await ask(gateway, 'POST', '/api/v1/namespaces/shop/pods', {
    headers: { 'content-type': 'application/yaml' },
    body: 'kind: Pod\nspec:\n  hostNetwork: yes\n',
  })
  assert.equal(gateway.upstream.seen[1]?.body, '{"kind":"Pod","spec":{"hostNetwork":true}}')
})

test('values of a secret reach the cluster and no record', async () => {
  const body = '{"kind":"Secret","data":{"p":"aHVudGVyMg=="}}'
  const options = { headers: { 'content-type': 'application/json' }, body }
  assert.equal((await ask(gateway, 'POST', '/api/v1/namespaces/shop/secrets', options)).status, 200)
  assert.equal(gateway.upstream.seen[0]?.body, body)
  const entries = [...gateway.parts.recorder.sessions.values()].at(-1)?.accepted ?? []
  const wire = entries.flatMap((one) => (one.kind === 'wire' ? [Buffer.from(one.bytes).toString()] : []))
  assert.ok(wire.some((text) => text.includes('[redacted]')))
  assert.ok(!`${JSON.stringify(entries)}${wire.join()}`.includes('aHVudGVyMg'))
})

test('values of a secret in protobuf reach the cluster and no record either', async () => {
  const body = Buffer.from(
    '6b3873000a0c0a027631120653656372657412280a160a02646212001a0473686f7022002a00320038004200120c0a0170120768756e746572321a001a002200',
    'hex',
  ).toString()
  const options = { headers: { 'content-type': 'application/vnd.kubernetes.protobuf' }, body }
  assert.equal((await ask(gateway, 'POST', '/api/v1/namespaces/shop/secrets', options)).status, 200)
  assert.equal(gateway.upstream.seen[0]?.body, body)
  const entries = [...gateway.parts.recorder.sessions.values()].at(-1)?.accepted ?? []
  const wire = entries.flatMap((one) => (one.kind === 'wire' ? [Buffer.from(one.bytes).toString()] : []))
  assert.ok(wire.some((text) => text.includes('{"p":"[redacted]"}')))
  for (const value of ['hunter2', Buffer.from('hunter2').toString('base64')])
    assert.ok(!`${JSON.stringify(entries)}${wire.join()}`.includes(value))
})

test('a refusal is a Status with rule and decision id, and the connection goes on', async () => {
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.kube?.resource === 'secrets' ? results.deny : results.allow
  const answer = await ask(gateway, 'GET', '/api/v1/namespaces/shop/secrets/db')
  assert.equal(answer.status, 403)
  const status: { kind: string; reason: string; message: string; code: number } = JSON.parse(answer.body)
  assert.deepEqual([status.kind, status.reason, status.code], ['Status', 'Forbidden', 403])
  assert.match(status.message, /not this.*rule p\.no, decision id-\d+/)
  assert.equal(gateway.upstream.seen.length, 0)
  assert.equal((await ask(gateway, 'GET', '/api/v1/pods')).status, 200)
})

test('one connection is one session, and every request of it is recorded with its decision', async () => {
  const before = gateway.parts.recorder.sessions.size
  const socket = await connected()
  for (const path of ['/api/v1/pods', '/api/v1/nodes']) assert.match(await socket.ask(path), /^HTTP\/1\.1 200/)
  socket.end()
  assert.equal(gateway.parts.recorder.sessions.size, before + 1)
  const entries = [...gateway.parts.recorder.sessions.values()].at(-1)?.accepted ?? []
  const actions = entries.flatMap((entry) => (entry.kind === 'action' ? [entry.document.action.operation] : []))
  assert.deepEqual(actions, ['connect', 'list pods', 'list nodes'])
  assert.ok(entries.some((entry) => entry.kind === 'wire' && entry.direction === 'down'))
  assert.ok(!JSON.stringify(entries).includes('gateway-token'))
})

test('a request without a token, with a wrong one or in another scheme is not let in', async () => {
  for (const authorization of ['', 'Bearer wrong', 'Basic Z29vZDo=', 'Bearer good extra', 'Bearer']) {
    const answer = await ask(gateway, 'GET', '/api', { headers: { authorization } })
    assert.equal(answer.status, 401, authorization)
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="sallyport"')
  }
  assert.equal(gateway.upstream.seen.length, 0)
})

test('clusters are found by prefix, by host, and unknown ones are told to nobody without a token', async () => {
  await ask(gateway, 'GET', '/clusters/prod/api/v1/pods?limit=5')
  assert.equal(gateway.upstream.seen[0]?.url, '/api/v1/pods?limit=5')
  await ask(gateway, 'GET', '/api/v1/pods', { headers: { host: 'PROD.example:6443' } })
  assert.equal(gateway.upstream.seen.length, 2)
  assert.equal((await ask(gateway, 'GET', '/clusters/other/api')).status, 404)
  assert.equal(
    (await ask(gateway, 'GET', '/clusters/other/api', { headers: { authorization: 'Bearer x' } })).status,
    401,
  )
})

test('an identity with a name of the cluster itself is not told to the upstream', async () => {
  const own = await startKubeGateway({
    target: { impersonation: { on: true, userPrefix: 'sys', groupPrefix: 'g:', groups: [], extra: false } },
  })
  try {
    own.identity = { ...own.identity, subject: 'tem:admin' }
    assert.equal((await ask(own, 'GET', '/api')).status, 403)
    own.identity = { ...own.identity, subject: 'a\u00e9b' }
    assert.equal((await ask(own, 'GET', '/api')).status, 403)
    own.identity = { ...own.identity, subject: 'agent' }
    assert.equal((await ask(own, 'GET', '/api')).status, 200)
    assert.equal(own.upstream.seen.length, 1)
  } finally {
    await own.close()
  }
})

test('a watch streams as it comes, and ends with the client', async () => {
  let upstreamClosed: Promise<unknown> | undefined
  let write: (text: string) => void = () => undefined
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' })
    response.flushHeaders()
    upstreamClosed = once(response, 'close')
    write = (text) => response.write(text)
  }
  const sent = request({ port: gateway.port, path: '/api/v1/pods?watch=1', headers: { authorization: 'Bearer good' } })
  sent.on('error', () => undefined)
  sent.end()
  const [response] = await once(sent, 'response')
  for (const event of ['{"type":"ADDED"}\n', '{"type":"MODIFIED"}\n']) {
    write(event)
    const [chunk] = await once(response, 'data')
    assert.equal(String(chunk), event)
  }
  sent.destroy()
  await upstreamClosed
})

test('an upstream that cannot be reached, redirects or breaks off is told as such', async () => {
  gateway.upstream.answer = (_request, response) => response.writeHead(302, { Location: 'http://other/' }).end()
  assert.equal((await ask(gateway, 'GET', '/api/v1/pods')).status, 502)
  gateway.upstream.answer = (_request, response) => response.destroy()
  assert.equal((await ask(gateway, 'POST', '/api/v1/pods')).status, 503)
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 })
    response.write('{')
    setImmediate(() => response.destroy())
  }
  await assert.rejects(ask(gateway, 'GET', '/api/v1/pods'))
})

test('the upstream is believed only with a certificate of its authority', async () => {
  const own = await startKubeGateway({ upstreamTls: true })
  try {
    assert.equal((await ask(own, 'GET', '/api')).status, 200)
  } finally {
    await own.close()
  }
})

test('headers of the upstream that are not of the API stay there', async () => {
  gateway.upstream.answer = (_request, response) => {
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Set-Cookie': 'a=b',
      'Audit-Id': 'x',
      Warning: ['299 - "a"', '299 - "b"'],
    })
    response.end('{}')
  }
  const { headers } = await ask(gateway, 'GET', '/api')
  assert.equal(headers['set-cookie'], undefined)
  assert.equal(headers['audit-id'], 'x')
  assert.equal(headers['warning'], '299 - "a", 299 - "b"')
})

test('a hold keeps the request waiting, and its answer is what comes back', async () => {
  gateway.parts.live.answer = (input) =>
    (input as ActionDocument).action.verb === 'write' ? results.hold : results.allow
  const asked = ask(gateway, 'DELETE', '/api/v1/namespaces/shop/pods/web')
  while (gateway.parts.holds.waiting.size === 0) await new Promise((resolve) => setImmediate(resolve))
  gateway.parts.holds.answer({ on: 'denied', detail: 'd', message: 'no' })
  const answer = await asked
  assert.equal(answer.status, 403)
  assert.match(answer.body, /Forbidden/)
})

interface Connected {
  ask(path: string): Promise<string>
  end(): void
}

/** One kept connection. */
async function connected(): Promise<Connected> {
  const { connect } = await import('node:net')
  const socket = connect(gateway.port, '127.0.0.1')
  await once(socket, 'connect')
  return {
    ask: async (path) => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer good\r\n\r\n`)
      const [chunk] = await once(socket, 'data')
      return String(chunk)
    },
    end: () => socket.end(),
  }
}
