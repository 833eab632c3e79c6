// The canaries: a whole gateway is used, well and badly, on every protocol, and everything that it put out is searched for
// the credentials that it was given: what clients got, its log, its metrics, its configuration as shown, its recordings
// opened, and its state.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import ssh2, { type ClientChannel } from 'ssh2'
import { type Demo, startDemo } from '../../../cli/demo/gateway.ts'
import { postgresMissing } from '../../support/postgres-server.ts'

const skip = postgresMissing() ?? false
const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'sallyport-canary-'))
const key = (name: string): string => readFileSync(join(folder, 'keys', name), 'utf8')
/** What the gateway put out, by where. */
const outputs: { readonly where: string; readonly bytes: Buffer }[] = []
const keep = (where: string, bytes: string | Buffer): void => void outputs.push({ where, bytes: Buffer.from(bytes) })
const canaries = new Map<string, string>()
let demo: Demo

before(async () => {
  if (skip !== false) return
  demo = await startDemo(folder, { step: (_what, work) => work(), say: (line) => keep('what the demo says', line) })
  const token = await demo.issuer.token({
    subject: 'agent-1',
    kind: 'agent',
    groups: ['analysts'],
    scopes: [],
    lifetimeSeconds: 600,
  })
  canaries.set("the client's token", token.split('.')[2] ?? '')
  canaries.set("the database's password", key('database-password'))
  canaries.set("the API's key", key('api-key'))
  canaries.set('the key that opens recordings', key('recording-wrap.key').trim())
  for (const name of ['host-user.key', 'recording-sign.pem', 'ssh-host.key']) {
    // The secret part stands near the end of a key; a line of it is enough to know it by.
    const lines = key(name)
      .split('\n')
      .filter((line) => line !== '' && !line.includes('-----'))
    canaries.set(name, lines.filter((line) => line.length > 20).at(-1) ?? '')
  }
  await useDatabase(token)
  await useHost(token)
  await useApi(token)
  for (const path of ['/metrics', '/healthz', '/readyz', '/v1/approvals'])
    keep(`admin ${path}`, await textOf(`http://127.0.0.1:${demo.ports.admin}${path}`))
  for (const args of [['config', 'show'], ['doctor'], ['config', 'check']])
    keep(args.join(' '), sallyport([...args, '--config', join(folder, 'sallyport.yaml')]))
  await demo.close()
  const dir = ['--dir', join(folder, 'recordings'), '--open-key', join(folder, 'keys', 'recording-wrap.key')]
  const ids = sallyport(['sessions', 'list', ...dir]).match(/^[\w-]+(?= {2})/gm) ?? []
  for (const id of ids)
    for (const args of [
      ['show', id],
      ['export', id],
      ['export', id, '--format', 'ocsf'],
      ['play', id, '--speed', '1000'],
    ])
      keep(`sessions ${args.join(' ')}`, sallyport(['sessions', ...args, ...dir]))
  keepFiles(folder)
})
after(() => rmSync(folder, { recursive: true, force: true }))

function sallyport(args: readonly string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', cwd: folder })
  return stdout + stderr
}

/** Everything that the gateway wrote, but for what the demo itself gave it. */
function keepFiles(path: string): void {
  for (const name of readdirSync(path)) {
    const file = join(path, name)
    if (['keys', 'approver', 'host', 'token', 'owner-url'].includes(name)) continue
    if (statSync(file).isDirectory()) keepFiles(file)
    else keep(file.slice(folder.length + 1), readFileSync(file))
  }
}

async function textOf(url: string, headers: { readonly [name: string]: string } = {}, method = 'GET'): Promise<string> {
  const response = await fetch(url, { headers, method })
  return `${response.status} ${JSON.stringify([...response.headers])} ${await response.text()}`
}

async function useDatabase(token: string): Promise<void> {
  const logins: readonly (readonly [string, string])[] = [
    ['shop', token],
    ['shop', `${token}x`],
    ['none', token],
  ]
  for (const [database, password] of logins) {
    const client = new pg.Client({ host: '127.0.0.1', port: demo.ports.postgres, user: 'agent', database, password })
    client.on('error', (error) => keep('PostgreSQL', String(error)))
    try {
      await client.connect()
      for (const statement of [
        'SELECT * FROM customers',
        'SELECT current_user, session_user, inet_server_addr()',
        'SHOW ALL',
        'DELETE FROM orders',
        "SELECT 1 / 0, 'x'::int",
        'SELECT usename, passwd FROM pg_shadow',
        'SELECT rolpassword FROM pg_authid',
      ])
        keep(
          'PostgreSQL',
          JSON.stringify(await client.query(statement).catch((error: unknown) => ({ error: String(error) }))),
        )
    } catch (error) {
      keep('PostgreSQL', `${String(error)} ${JSON.stringify(error)}`)
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

async function useHost(token: string): Promise<void> {
  for (const password of [token, `${token}x`]) {
    const client = new ssh2.Client()
    const debug = (line: string): void => keep('SSH', line)
    const open = await new Promise<boolean>((done) => {
      client
        .once('ready', () => done(true))
        .once('error', (error) => {
          keep('SSH', String(error))
          done(false)
        })
      client.connect({ host: '127.0.0.1', port: demo.ports.ssh, username: 'files', password })
    })
    for (const command of open ? ['ls', 'cat app.log', 'env', 'rm app.log', 'nothing-of-the-kind'] : [])
      await new Promise<void>((done) => {
        client.exec(command, (error: Error | undefined, channel: ClientChannel) => {
          if (error !== undefined) {
            debug(String(error))
            return done()
          }
          channel.on('data', (bytes: Buffer) => keep('SSH', bytes))
          channel.stderr.on('data', (bytes: Buffer) => keep('SSH', bytes))
          channel.on('close', () => done())
        })
      })
    client.end()
  }
}

async function useApi(token: string): Promise<void> {
  const url = `http://127.0.0.1:${demo.ports.http}`
  const bearer = { authorization: `Bearer ${token}` }
  for (const path of ['/customers', '/customers/1', '/nothing', '/%2e%2e/x'])
    keep('HTTP', await textOf(url + path, bearer))
  keep('HTTP', await textOf(`${url}/customers/1`, bearer, 'DELETE'))
  keep('HTTP', await textOf(`${url}/customers`, { authorization: `Bearer ${token}x` }))
  keep('HTTP', await textOf(`${url}/customers`))
}

test('everything was used, and something of it was put out everywhere', { skip }, () => {
  assert.ok(canaries.size >= 7)
  for (const [name, value] of canaries) assert.ok(value.length >= 12, `${name} is too short to be searched for`)
  const text = (where: string): string =>
    outputs
      .filter((one) => one.where.startsWith(where))
      .map(({ bytes }) => bytes.toString('latin1'))
      .join('\n')
  assert.match(text('PostgreSQL'), /customer 1/)
  assert.match(text('SSH'), /order 17 packed/)
  assert.match(text('HTTP'), /customer 1/)
  assert.match(text('gateway.log'), /listening/)
  assert.match(text('admin /metrics'), /^200 /)
  assert.match(text('config show'), /database-password/)
  assert.match(text('sessions show'), /agent-1 on shop/)
  assert.match(text('sessions export'), /SELECT \* FROM customers/)
  assert.ok(outputs.some(({ where }) => where.startsWith('recordings')))
})

test('no credential is in anything that was put out, as it is or in another coat', { skip }, () => {
  let searched = 0
  for (const [name, value] of canaries) {
    const coats = [
      value,
      Buffer.from(value).toString('base64').slice(4, -4),
      Buffer.from(value).toString('base64url').slice(4, -4),
      Buffer.from(value).toString('hex'),
      encodeURIComponent(value),
    ]
    for (const { where, bytes } of outputs)
      for (const coat of coats) {
        searched++
        assert.equal(bytes.indexOf(coat), -1, `${name} is in ${where}`)
      }
  }
  assert.ok(searched > 500)
  for (const { where, bytes } of outputs)
    assert.equal(bytes.indexOf('PRIVATE KEY--'), -1, `a private key is in ${where}`)
})
