// How long a connection of HTTP/2 may be quiet: not for long by itself, and for as long as people take to answer.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, before, mock, test } from 'node:test'
import { results } from '../../support/gate.ts'
import { type HttpGateway, startHttpGateway } from '../../support/http-gateway.ts'
import { shortSilence } from '../../support/http2-silence.ts'
import { testKey } from '../../support/keys.ts'

/** What stands for the time that a connection may be quiet. */
const quietMs = 400
let api: Server
let gateway: HttpGateway
before(async () => {
  await shortSilence(quietMs)
  api = createServer((_request, response) => response.end('done'))
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  gateway = await startHttpGateway({
    upstreamPort: (api.address() as AddressInfo).port,
    listener: { tls: { cert: testKey('server.pem'), key: testKey('server.key') } },
  })
  gateway.answer = (document) => (document.action.operation === 'DELETE' ? results.hold : results.allow)
})
after(async () => {
  mock.restoreAll()
  await gateway.close()
  api.close()
  api.closeAllConnections()
})

async function session(): Promise<ClientHttp2Session> {
  const made = connect(`https://127.0.0.1:${gateway.port}`, { rejectUnauthorized: false })
  made.on('error', () => undefined)
  await once(made, 'connect')
  return made
}

async function ask(on: ClientHttp2Session, method: string): Promise<number> {
  const stream = on.request({
    ':method': method,
    ':path': '/a',
    ':authority': 'api.example',
    authorization: 'Bearer good',
  })
  let status = 0
  stream.on('response', (headers) => {
    status = Number(headers[':status'])
  })
  stream.on('error', () => undefined)
  stream.resume()
  await new Promise<void>((resolve) => stream.once('close', resolve))
  return status
}

test('a quiet connection ends, also after requests that people answered', async () => {
  const quiet = await session()
  await new Promise<void>((resolve) => quiet.once('close', resolve))

  const held = await session()
  const asked = ask(held, 'DELETE')
  while (gateway.parts.holds.waiting.size === 0) await new Promise(setImmediate)
  gateway.parts.holds.answer({ on: 'approved', detail: '' })
  assert.equal(await asked, 200)
  await new Promise<void>((resolve) => held.once('close', resolve))
  assert.ok(held.destroyed)
})

test('a connection on which a request waits for people stays, however quiet it is', async () => {
  const held = await session()
  const asked = ask(held, 'DELETE')
  while (gateway.parts.holds.waiting.size === 0) await new Promise(setImmediate)
  // A connection that is made later ends of its silence, and this one does not.
  for (let at = 0; at < 3; at++) {
    const quiet = await session()
    await new Promise<void>((resolve) => quiet.once('close', resolve))
  }
  assert.equal(held.destroyed, false)
  gateway.parts.holds.answer({ on: 'approved', detail: '' })
  assert.equal(await asked, 200)
})
