// The gateway's own client certificate towards a database and towards the shared store, with a real server that takes no
// login without one (`clientcert=verify-full`).
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { clientOptions, databaseTarget } from '../../cli/serve/databases.ts'
import { storageOf } from '../../cli/serve/parts.ts'
import type { PostgresResource } from '../../proxy/config/index.ts'
import { connectUpstream } from '../../proxy/postgres/upstream.ts'
import { type DebianPostgres, debianPostgresMissing, startDebianPostgres } from '../support/debian-postgres.ts'
import { testKey } from '../support/keys.ts'

const skip = debianPostgresMissing() ?? false
const folder = mkdtempSync(join(tmpdir(), 'client-certificate-'))
let server: DebianPostgres | undefined

const file = (name: string): string => join(folder, name)

before(async () => {
  if (skip !== false) return
  for (const name of [
    'ca.pem',
    'server.pem',
    'server.key',
    'agent.pem',
    'agent.key',
    'agent-other.pem',
    'agent-other.key',
  ])
    writeFileSync(file(name), testKey(name), { mode: 0o600 })
  writeFileSync(file('password'), 'of the role', { mode: 0o600 })
  writeFileSync(
    file('hba.conf'),
    `host all postgres 127.0.0.1/32 scram-sha-256
hostssl all agent 127.0.0.1/32 scram-sha-256 clientcert=verify-full
hostssl all bare 127.0.0.1/32 cert map=bare
`,
  )
  writeFileSync(file('ident.conf'), 'bare agent bare\n')
  const owner = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  if (process.getuid?.() === 0)
    for (const name of ['', 'ca.pem', 'server.pem', 'server.key', 'hba.conf', 'ident.conf'])
      chownSync(file(name), owner('-u'), owner('-g'))
  const started = await startDebianPostgres({
    ssl: 'on',
    ssl_ca_file: file('ca.pem'),
    ssl_cert_file: file('server.pem'),
    ssl_key_file: file('server.key'),
    hba_file: file('hba.conf'),
    ident_file: file('ident.conf'),
  })
  server = started
  const roles =
    "create role agent login password 'of the role'; create role bare login; create database store owner agent"
  for (const statement of roles.split(';')) {
    const made = spawnSync('psql', ['-Xqc', statement], { env: started.env, encoding: 'utf8' })
    assert.equal(made.status, 0, made.stderr)
  }
})

after(async () => {
  await server?.stop()
  rmSync(folder, { recursive: true, force: true })
})

type Upstream = PostgresResource['upstream']

function upstream(user: string, certificate: string | undefined, more: Partial<Upstream['tls']> = {}): Upstream {
  assert.ok(server !== undefined)
  return {
    host: '127.0.0.1',
    port: server.port,
    database: 'postgres',
    user,
    ...(user === 'agent' ? { credential: `file:${file('password')}` } : {}),
    protection: 'inline',
    connectMs: 60_000,
    catalogRefreshMs: 60_000,
    warmMs: 0,
    rowEstimates: false,
    tls: {
      mode: 'verify-full',
      ca: file('ca.pem'),
      ...(certificate === undefined
        ? {}
        : { certificate: file(`${certificate}.pem`), key: `file:${file(`${certificate}.key`)}` }),
      ...more,
    },
  }
}

function target(user: string, certificate: string | undefined): ReturnType<typeof databaseTarget> {
  const resource: PostgresResource = {
    name: 'db',
    protocol: 'postgres',
    labels: {},
    upstream: upstream(user, certificate),
    masking: {},
    recording: { wire: false },
  } as never
  return databaseTarget(resource, (error) => assert.fail(String(error)))
}

async function login(user: string, certificate: string | undefined): Promise<string> {
  const { socket, cancel } = await connectUpstream(await target(user, certificate).upstream(), new Map())
  assert.equal(typeof cancel, 'function')
  socket.destroy()
  return 'in'
}

test('a session logs in with the certificate, with a password and without', { skip }, async () => {
  assert.equal(await login('agent', 'agent'), 'in')
  assert.equal(await login('bare', 'agent'), 'in')
})

test('no certificate, and that of another authority, are refused', { skip }, async () => {
  for (const certificate of [undefined, 'agent-other'])
    for (const user of ['agent', 'bare']) await assert.rejects(login(user, certificate), { name: 'Error' })
})

test('a certificate without its key is no login, and no crash', { skip }, async () => {
  const { tls, ...rest } = upstream('bare', 'agent')
  const { key: _key, ...broken } = tls
  const resource = {
    name: 'db',
    protocol: 'postgres',
    labels: {},
    masking: {},
    recording: {},
    upstream: { ...rest, tls: broken },
  }
  const made = await databaseTarget(resource as never, () => undefined).upstream()
  await assert.rejects(connectUpstream(made, new Map()))
})

test('the catalog is read with the certificate', { skip }, async () => {
  const analyzer = await target('bare', 'agent').analyzer()
  assert.ok(analyzer.catalog.hasSchema('public'))
  await assert.rejects(target('bare', undefined).analyzer())
  const { ssl } = await clientOptions(upstream('bare', 'agent'))
  assert.ok(typeof ssl === 'object' && String(ssl.cert).includes('BEGIN CERTIFICATE'))
})

test('the name in the certificate is the configured one', { skip }, async () => {
  for (const [serverName, fits] of [
    ['localhost', true],
    ['127.0.0.1', true],
    ['other.example', false],
  ] as const) {
    const client = new pg.Client(await clientOptions(upstream('bare', 'agent', { serverName })))
    const connected = client.connect().then(
      () => true,
      () => false,
    )
    assert.equal(await connected, fits, serverName)
    await client.end().catch(() => undefined)
  }
})

test('the shared store is opened with the certificate', { skip }, async () => {
  const storage = (certificate: string | undefined): Promise<Awaited<ReturnType<typeof storageOf>>> =>
    storageOf({
      storage: { ...upstream('agent', certificate), kind: 'postgres', database: 'store', connectionsMax: 2 },
    } as never)
  const opened = await storage('agent')
  await opened.close()
  await assert.rejects(storage(undefined))
  await assert.rejects(storage('agent-other'))
})
