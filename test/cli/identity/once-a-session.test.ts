// A token is verified once a session and not once an action: counted in a whole gateway, on three protocols.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, mock, test } from 'node:test'
import pg from 'pg'
import ssh2, { type ClientChannel } from 'ssh2'
import { type Demo, startDemo } from '../../../cli/demo/gateway.ts'
import { TokenAuthenticator } from '../../../proxy/identity/index.ts'
import { postgresMissing } from '../../support/postgres-server.ts'

const skip = postgresMissing() ?? false
const folder = mkdtempSync(join(tmpdir(), 'sallyport-once-'))
const verifying = mock.method(TokenAuthenticator.prototype, 'authenticate')
let demo: Demo
let token = ''
before(async () => {
  if (skip !== false) return
  demo = await startDemo(folder, { step: (_what, work) => work(), say: () => undefined })
  token = await demo.issuer.token({
    subject: 'agent-1',
    kind: 'agent',
    groups: ['analysts'],
    scopes: [],
    lifetimeSeconds: 600,
  })
})
after(async () => {
  if (skip === false) await demo.close()
  rmSync(folder, { recursive: true, force: true })
})
const actions = 20

test('PostgreSQL: twenty statements', { skip }, async () => {
  verifying.mock.resetCalls()
  const client = new pg.Client({
    host: '127.0.0.1',
    port: demo.ports.postgres,
    user: 'agent',
    database: 'shop',
    password: token,
  })
  await client.connect()
  for (let at = 0; at < actions; at++)
    assert.equal((await client.query('SELECT id FROM customers WHERE id = $1', [at + 1])).rowCount, 1)
  await client.end()
  assert.equal(verifying.mock.callCount(), 1)
})

test('SSH: twenty commands on one connection', { skip }, async () => {
  verifying.mock.resetCalls()
  const client = new ssh2.Client()
  client.connect({ host: '127.0.0.1', port: demo.ports.ssh, username: 'files', password: token })
  await once(client, 'ready')
  for (let at = 0; at < actions; at++) {
    const code = await new Promise<number>((done, failed) => {
      client.exec('ls', (error: Error | undefined, channel: ClientChannel) => {
        if (error !== undefined) return failed(error)
        channel.on('exit', (status: number) => done(status))
        channel.resume()
      })
    })
    assert.equal(code, 0)
  }
  client.end()
  assert.equal(verifying.mock.callCount(), 1)
})

test('HTTP: twenty requests on one connection, and another token is another session', { skip }, async () => {
  verifying.mock.resetCalls()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (bearer: string): Promise<number> =>
    new Promise((done, failed) => {
      const headers = { authorization: `Bearer ${bearer}` }
      const port = demo.ports.http
      const sent = request({ agent, host: '127.0.0.1', port, path: '/customers', headers }, (response) => {
        response.resume().on('end', () => done(response.statusCode ?? 0))
      })
      sent.on('error', failed)
      sent.end()
    })
  for (let at = 0; at < actions; at++) assert.equal(await ask(token), 200)
  assert.equal(verifying.mock.callCount(), 1)
  assert.equal(await ask(`${token.slice(0, -20)}${'A'.repeat(20)}`), 401)
  assert.equal(verifying.mock.callCount(), 2)
  agent.destroy()
})
