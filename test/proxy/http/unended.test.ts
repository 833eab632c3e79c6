// Bodies that are not ended: one connection has room for so many bytes of them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2'
import { after, before, test } from 'node:test'
import type { Authenticator } from '../../../proxy/identity/contract.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'

let gateway: HttpGateway
let session: ClientHttp2Session
const api: Server = createServer((request, response) => request.resume().on('end', () => response.end('ok')))
before(async () => {
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  const address = api.address()
  const upstreamPort = typeof address === 'object' && address !== null ? address.port : 0
  const sample = sampleDocument().identity
  const token = { ...sample.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() }
  // Whoever has a token is of the name that it is.
  const authenticate: Authenticator['authenticate'] = async (credential) => ({
    ok: true,
    identity: { ...sample, chain: [], subject: credential.kind === 'token' ? credential.token : '', token },
  })
  gateway = await startHttpGateway({ upstreamPort, listener: { authenticator: { authenticate } } })
  // What this end has sent and nobody has read counts as its own memory.
  session = connect(`http://127.0.0.1:${gateway.port}`, { maxSessionMemory: 100 })
  session.setMaxListeners(100)
})
after(async () => {
  session.destroy()
  await gateway.close()
  api.close()
})

function post(bytes: number, name = 'good', over = session): ClientHttp2Stream {
  const head = { ':method': 'POST', ':path': '/', ':authority': 'api.example', authorization: `Bearer ${name}` }
  const stream = over.request({ ...head, 'content-type': 'text/plain' })
  stream.on('error', () => undefined)
  stream.write(Buffer.alloc(bytes, 'a'))
  return stream
}

test('past the room of a connection a body is refused, short ones are read, and who ends gives room back', async () => {
  const bytes = 1_000_000
  const open = Array.from({ length: 34 }, () => post(bytes))
  const [headers] = await Promise.race(open.map((one) => once(one, 'response')))
  assert.equal(headers[':status'], 503)
  const short = post(1000)
  short.end()
  const [shortHead] = await once(short, 'response')
  assert.equal(shortHead[':status'], 200)
  for (const one of open.slice(1)) one.close()
  await Promise.all(open.slice(1).map((one) => (one.closed ? undefined : once(one, 'close'))))
  // The other end has read of that when it answers.
  await new Promise((resolve) => session.ping(resolve))
  const next = Array.from({ length: 20 }, () => post(bytes))
  for (const one of next) one.end()
  const heads = await Promise.all(next.map((one) => once(one, 'response')))
  assert.deepEqual(new Set(heads.map(([head]) => head[':status'])), new Set([200]))
})

test('an identity with bodies on many connections leaves room for those of others', async () => {
  const sessions = Array.from({ length: 5 }, () => {
    const one = connect(`http://127.0.0.1:${gateway.port}`, { maxSessionMemory: 100 })
    one.setMaxListeners(100)
    return one
  })
  const open = sessions.flatMap((one) => Array.from({ length: 30 }, () => post(1_000_000, 'many', one)))
  const [headers] = await Promise.race(open.map((one) => once(one, 'response')))
  assert.equal(headers[':status'], 503)
  await Promise.all(sessions.map((one) => new Promise((resolve) => one.ping(resolve))))
  const other = Array.from({ length: 20 }, () => post(1_000_000, 'other'))
  for (const one of other) one.end()
  const heads = await Promise.all(other.map((one) => once(one, 'response')))
  assert.deepEqual(new Set(heads.map(([head]) => head[':status'])), new Set([200]))
  for (const one of sessions) one.destroy()
})
