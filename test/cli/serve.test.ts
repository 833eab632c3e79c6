// `sallyport serve`: a gateway of a configuration before a real database, and how it follows its file.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../support/postgres-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const skip = postgresMissing() ?? false
const policy = `package policy.readonly
allow if input.action.verb in {"connect", "read"}
deny contains {"rule": "readonly.write", "message": "writes are refused here"} if input.action.verb == "write"
`

let server: PostgresServer
let issuer: DevIssuer
const children = new Set<ChildProcess>()
const collectors = new Set<Server>()
before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  issuer = await startDevIssuer()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query('CREATE TABLE t (id int); INSERT INTO t VALUES (1), (2)')
  await client.end()
})
after(async () => {
  if (skip !== false) return
  for (const child of children) child.kill('SIGKILL')
  for (const collector of collectors) collector.close()
  await issuer.close()
  await server.stop()
})

/** How long a line of the log is waited for. */
const lineMs = 60_000

interface Folder {
  readonly path: string
  readonly config: string
}

function folderOf(change: (text: string) => string = (text) => text): Folder {
  const path = mkdtempSync(join(tmpdir(), 'serve-'))
  mkdirSync(join(path, 'policies'))
  writeFileSync(join(path, 'policies', 'p.rego'), policy)
  const { privateKey } = generateKeyPairSync('ed25519')
  for (const name of ['sign.pem', 'exchange.pem'])
    writeFileSync(join(path, name), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(path, 'password'), server.password, { mode: 0o600 })
  writeFileSync(join(path, 'jwks.json'), JSON.stringify(issuer.jwks))
  const config = join(path, 'sallyport.yaml')
  writeFileSync(config, change(configText()))
  return { path, config }
}

function configText(): string {
  return `version: 1
gateway: { id: gate-1 }
listeners:
  - { protocol: postgres, name: pg, address: "127.0.0.1:0" }
  - { protocol: admin, name: admin, address: "127.0.0.1:0" }
  - { protocol: identity, name: tokens, address: "127.0.0.1:0" }
identity:
  exchange: { issuer: "https://gate.example", key: file:exchange.pem, depth_max: 2 }
  issuers:
    - name: dev
      preset: oidc
      issuer: ${issuer.url}
      jwks: jwks.json
      audiences: [${issuer.audience}]
      algorithms: [ES256]
      kind: agent
resources:
  - name: orders
    protocol: postgres
    upstream:
      host: ${server.host}
      port: ${server.port}
      database: ${server.database}
      user: ${server.user}
      credential: file:password
      tls: { mode: disable }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policies }]
recording:
  signing_key: file:sign.pem
`
}

/** Runs \`serve\`; the log is JSON Lines on standard error or output. */
function serve({ path, config }: Folder): { child: ChildProcess; line: (text: string) => Promise<string> } {
  const child = spawn(process.execPath, [bin, 'serve', '--config', config], {
    cwd: path,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.add(child)
  let out = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      out += chunk.toString()
      for (const look of waiting) look()
    })
  }
  const line = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = () => {
        const found = out.split('\n').find((one) => one.includes(text))
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      setTimeout(() => reject(new Error(`no \`${text}\` in ${out}`)), lineMs).unref()
      child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${out}`)))
      look()
    })
  return { child, line }
}

function portOf(line: string): number {
  const found: { port?: number } = JSON.parse(line)
  return found.port ?? 0
}

function agentToken(groups: readonly string[] = []): Promise<string> {
  return issuer.token({ subject: 'agent-1', kind: 'agent', groups, scopes: [], lifetimeSeconds: 600 })
}

async function connected(port: number, database = 'orders', password?: string): Promise<pg.Client> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'agent',
    database,
    password: password ?? (await agentToken()),
  })
  await client.connect()
  return client
}

async function post(port: number, path: string, form: Record<string, string>): Promise<{ access_token?: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: new URLSearchParams(form) })
  const text = await response.text()
  assert.equal(response.status, 200, text)
  return JSON.parse(text)
}

test('serves a database: allowed, refused, healthy, recorded; follows its file; ends in order', { skip }, async () => {
  const folder = folderOf()
  const { child, line } = serve(folder)
  const port = portOf(await line('"listener":"pg"'))
  const admin = portOf(await line('"listener":"admin"'))
  await line('ready')
  const client = await connected(port)
  assert.equal((await client.query('SELECT count(*)::int AS n FROM t')).rows[0]?.n, 2)
  await assert.rejects(client.query('DELETE FROM t WHERE id = 1'), {
    code: '42501',
    message: /writes are refused here/,
  })
  assert.equal((await client.query('SELECT count(*)::int AS n FROM t')).rows[0]?.n, 2)
  const ready = await fetch(`http://127.0.0.1:${admin}/readyz`)
  assert.equal(ready.status, 200)
  const metrics = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()
  assert.match(metrics, /sallyport_decisions_total\{[^}]*effect="deny"/)

  await assert.rejects(connected(port, 'billing'))
  writeFileSync(folder.config, configText().replace('name: orders', 'name: billing'))
  await line('configuration live')
  const other = await connected(port, 'billing')
  assert.equal((await other.query('SELECT 1 AS one')).rows[0]?.one, 1)
  await assert.rejects(connected(port, 'orders'))
  writeFileSync(folder.config, configText().replace('resources:', 'resorces:'))
  await line('the last good one stays')
  assert.equal((await other.query('SELECT 2 AS two')).rows[0]?.two, 2)

  await Promise.all([client.end(), other.end()])
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})

test('a gateway whose output nobody reads any more serves on', { skip }, async () => {
  const folder = folderOf((text) => `${text}telemetry: { decision_log: { console: true } }\n`)
  const { child, line } = serve(folder)
  const port = portOf(await line('"listener":"pg"'))
  const admin = portOf(await line('"listener":"admin"'))
  await line('ready')
  child.stdout?.destroy()
  child.stderr?.destroy()
  for (let round = 0; round < 3; round++) {
    const client = await connected(port)
    assert.equal((await client.query('SELECT 1 AS one')).rows[0]?.one, 1)
    await client.end()
  }
  assert.equal(child.exitCode, null)
  const metrics = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()
  assert.match(metrics, /sallyport_decision_log_dropped_total\{[^}]*reason="console_failed"\} [1-9]/)
  child.kill('SIGTERM')
  const [code] = await once(child, 'exit')
  assert.equal(code, 0)
})

/** Takes a process's last file descriptors, and gives them back. */
function descriptors(pid: number | undefined, limit: number): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${limit}:`], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
}

test('a second gateway does not record into the folder of one that runs', { skip }, async () => {
  const folder = folderOf()
  const { child, line } = serve(folder)
  const port = portOf(await line('"listener":"pg"'))
  await line('ready')
  const client = await connected(port)
  const second = spawnSync(process.execPath, [bin, 'serve', '--config', folder.config], {
    cwd: folder.path,
    encoding: 'utf8',
    timeout: lineMs,
  })
  assert.equal(second.status, 1)
  assert.match(second.stderr, /^sallyport serve: another gateway records into .*: each has a folder of its own$/m)
  // The session of the first is nobody's who died.
  assert.equal((await client.query('SELECT 1 AS one')).rows[0]?.one, 1)
  assert.ok(!readFileSync(join(folder.path, '.sallyport', 'recordings', 'log', 'leaves'), 'utf8').includes('abandoned'))
  await client.end()
  child.kill('SIGKILL')
  await once(child, 'exit')
  const third = serve(folder)
  await third.line('ready')
  third.child.kill('SIGTERM')
  assert.deepEqual(await once(third.child, 'exit'), [0, null])
})

test('what was saved while no file could be opened is live when one can', { skip }, async () => {
  const folder = folderOf()
  const { child, line } = serve(folder)
  const port = portOf(await line('"listener":"pg"'))
  await line('ready')
  const client = await connected(port)
  await client.query('SELECT 1')
  const ended = once(client, 'error')
  // A second error tells that the connection is gone.
  client.on('error', () => undefined)
  descriptors(child.pid, 8)
  writeFileSync(join(folder.path, 'policies', 'p.rego'), 'package policy.none\n')
  await line('"on":"source_failed"')
  writeFileSync(folder.config, configText().replace('name: orders', 'name: billing'))
  await line('the last good one stays')
  await client.query('SELECT 1')
  descriptors(child.pid, 4096)
  await line('configuration live')
  // The new policy allows nothing: the session that it does not allow ends.
  const [error]: readonly Error[] = await ended
  assert.match(error?.message ?? '', /the policy no longer allows this session/)
  child.kill('SIGHUP')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('a session loses the groups that a newer token of its party does not have', { skip }, async () => {
  const folder = folderOf((text) => text.replace('kind: agent', 'kind: agent\n      claims: { groups: groups }'))
  const inGroup =
    'package policy.own\nallow if input.action.verb == "connect"\nallow if "readers" in input.identity.groups\n'
  writeFileSync(join(folder.path, 'policies', 'p.rego'), inGroup)
  const { child, line } = serve(folder)
  const port = portOf(await line('"listener":"pg"'))
  await line('ready')
  const older = await agentToken(['readers'])
  const client = await connected(port, 'orders', older)
  assert.equal((await client.query('SELECT 1 AS one')).rows[0]?.one, 1)
  const seconds = Math.floor(Date.now() / 1000)
  let newer = await agentToken(['others'])
  // Tokens say the second in which they were issued: the newer one is of a later second.
  while (Math.floor(Date.now() / 1000) === seconds) newer = await agentToken(['others'])
  newer = await agentToken(['others'])
  const other = await connected(port, 'orders', newer)
  await assert.rejects(other.query('SELECT 1'), { code: '42501' })
  await assert.rejects(client.query('SELECT 1'), { code: '42501' })
  const again = await connected(port, 'orders', older)
  await assert.rejects(again.query('SELECT 1'), { code: '42501' })
  await Promise.all([client.end(), other.end(), again.end()])
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('a nested agent works under a narrowed token until its parent is revoked', { skip }, async () => {
  const { child, line } = serve(folderOf())
  const port = portOf(await line('"listener":"pg"'))
  const tokens = portOf(await line('"listener":"tokens"'))
  await line('ready')
  const parent = await agentToken()
  const exchange = (more: Record<string, string>) =>
    post(tokens, '/oauth/token', {
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: parent,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      ...more,
    })
  const here = await exchange({ child: 'helper', resource: 'orders' })
  const elsewhere = await exchange({ child: 'other', resource: 'stock' })
  const client = await connected(port, 'orders', here.access_token)
  assert.equal((await client.query('SELECT 1 AS one')).rows[0]?.one, 1)
  await assert.rejects(connected(port, 'orders', elsewhere.access_token), /narrowed to other resources/)
  let ended: Error | undefined
  client.on('error', (error) => {
    ended = error
  })
  await post(tokens, '/oauth/revoke', { token: parent })
  // At once, and not with the next look at what is revoked, seconds later: before a few other sessions have come and gone.
  for (let others = 0; ended === undefined && others < 5; others++) await (await connected(port)).end()
  assert.match(ended?.message ?? 'the session goes on', /revoked/)
  await assert.rejects(connected(port, 'orders', here.access_token), /revoked/)
  await assert.rejects(connected(port, 'orders', parent), /revoked/)
  await (await connected(port)).end()
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('told to stop, it takes nothing new, lets what runs finish, and sends what it has to tell', { skip }, async () => {
  const told = await startCollector()
  const { child, line } = serve(
    folderOf(
      (text) => `${text}telemetry:
  traces: { endpoint: "${told.url}" }
  decision_log: { http: { url: "${told.url}/logs", interval: 10m } }
limits: { drain: 10m }
`,
    ),
  )
  const port = portOf(await line('"listener":"pg"'))
  const admin = portOf(await line('"listener":"admin"'))
  await line('ready')
  const client = await connected(port)
  client.on('error', () => undefined)
  const running = client.query('SELECT count(*)::int AS n FROM t, generate_series(1, 5000000)')
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()
  assert.match(await metrics(), /sallyport_bundle_info\{name="main",revision="[^"]*"\} 1/)
  await forwarded(metrics)
  child.kill('SIGTERM')
  await line('draining')
  const ready = await fetch(`http://127.0.0.1:${admin}/readyz`)
  assert.equal(ready.status, 503)
  assert.match(await ready.text(), /shutting down/)
  await assert.rejects(connected(port))
  assert.equal((await running).rows[0]?.n, 10_000_000)
  assert.deepEqual(await once(child, 'exit'), [0, null])
  assert.ok(told.paths.has('/v1/traces') && told.paths.has('/logs'), [...told.paths].join(' '))
})

/** Waits until the statement beside the connection is decided, and so on its way to the server. */
async function forwarded(metrics: () => Promise<string>): Promise<void> {
  while (!/sallyport_answers_total\{[^}]*\} 2/.test(await metrics()));
}

/** Takes whatever is sent to it, and remembers where to. */
async function startCollector(): Promise<{ url: string; paths: Set<string> }> {
  const paths = new Set<string>()
  const collector = createServer((request, response) => {
    paths.add(request.url ?? '')
    request.resume()
    response.end('{}')
  })
  collector.listen(0, '127.0.0.1')
  await once(collector, 'listening')
  const address = collector.address()
  assert.ok(address !== null && typeof address === 'object')
  collectors.add(collector)
  return { url: `http://127.0.0.1:${address.port}`, paths }
}

test('a policy in the shadow decides nothing, and tells where it would decide otherwise', { skip }, async () => {
  const folder = folderOf((text) =>
    text
      .replace('  signed: false', '  signed: false\n  shadow: next')
      .replace('path: policies }]', 'path: policies }, { kind: folder, name: next, path: next }]'),
  )
  mkdirSync(join(folder.path, 'next'))
  writeFileSync(
    join(folder.path, 'next', 'p.rego'),
    `${policy}\ndeny contains {"rule": "next.t", "message": "not t"} if {\n\tsome one in input.action.sql.statements\n\tsome relation in one.relations\n\trelation.name == "t"\n}\n`,
  )
  const { child, line } = serve(folder)
  const port = portOf(await line('"listener":"pg"'))
  const admin = portOf(await line('"listener":"admin"'))
  await line('ready')
  const client = await connected(port)
  assert.equal((await client.query('SELECT count(*)::int AS n FROM t')).rows[0]?.n, 2)
  const told: { live: { effect: string }; shadow: { effect: string; rules: string[] } } = JSON.parse(
    await line('the shadow policy decides otherwise'),
  )
  assert.equal(told.live.effect, 'allow')
  assert.equal(told.shadow.effect, 'deny')
  assert.ok(told.shadow.rules.includes('next.t'))
  const metrics = await (await fetch(`http://127.0.0.1:${admin}/metrics`)).text()
  assert.match(metrics, /sallyport_shadow_decisions_total\{outcome="different"\} 1/)
  assert.match(metrics, /sallyport_shadow_decisions_total\{outcome="same"\} 1/)
  await client.end()
  child.kill('SIGTERM')
  assert.deepEqual(await once(child, 'exit'), [0, null])
})

test('refuses to start with a store of recordings that does not answer, naming it', { skip }, () => {
  const { config } = folderOf((text) =>
    text.replace(
      'recording:',
      'recording:\n  store: { kind: s3, spool: spool, endpoint: "http://127.0.0.1:1", region: eu, bucket: b, access_key: "env:PATH", secret_key: "env:PATH" }',
    ),
  )
  const { status, stderr } = spawnSync(process.execPath, [bin, 'serve', '--config', config], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /the object store/)
})

test('refuses a missing secret and a missing file without a stack', { skip }, () => {
  const { config } = folderOf((text) => text.replace('file:sign.pem', 'env:NO_SUCH_KEY'))
  const one = spawnSync(process.execPath, [bin, 'serve', '--config', config], { encoding: 'utf8' })
  assert.equal(one.status, 1)
  assert.match(one.stderr, /the environment has no NO_SUCH_KEY/)
  assert.doesNotMatch(one.stderr, /\n\s+at /)
  const two = spawnSync(process.execPath, [bin, 'serve', '--config', '/nowhere.yaml'], { encoding: 'utf8' })
  assert.equal(two.status, 1)
  assert.doesNotMatch(two.stderr, /\n\s+at /)
})
