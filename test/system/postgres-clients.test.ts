// Clients that people have, each running the same flow at the server itself and through a gateway: the same output. The
// clients of npm, PyPI, Go, Maven and crates.io are fetched into a folder of their own; where that fails, they are skipped by name.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type DebianPostgres, debianPostgresMissing, startDebianPostgres } from '../support/debian-postgres.ts'
import { allowAll, type PostgresGateway, startPostgresGateway } from '../support/postgres-gateway.ts'

const clients = fileURLToPath(new URL('postgres-clients', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'pg-clients-'))
const missing = debianPostgresMissing() ?? false
let server: DebianPostgres
let gateway: PostgresGateway

before(async () => {
  if (missing !== false) return
  server = await startDebianPostgres()
  gateway = await startPostgresGateway({ upstream: server, policy: allowAll })
})
after(async () => {
  await gateway?.stop()
  await server?.stop()
})

/** The command's output at one of the two. */
function output(command: readonly string[], env: NodeJS.ProcessEnv, cwd = folder, timeout = 120_000): string {
  const [program = '', ...args] = command
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout,
  })
  return `${stdout}${stderr}ended with ${signal ?? status}`
}

/** Runs a flow at both; it has to end well, and to print the same. */
function alike(command: readonly string[], cwd = folder): string {
  const direct = output(command, server.env, cwd)
  assert.match(direct, /ended with 0$/, direct.slice(-2000))
  assert.equal(output(command, gateway.env, cwd), direct)
  return direct
}

/** Why a tool or an installation is not there; undefined when all went well. */
function failing(command: readonly string[], cwd = folder, timeout?: number): string | undefined {
  const ended = output(command, process.env, cwd, timeout)
  return ended.endsWith('ended with 0') ? undefined : `\`${command.slice(0, 3).join(' ')}\` failed`
}

const shop = readFileSync(join(clients, 'shop.sql'), 'utf8')

/** Every family of backslash commands that reads the server. */
const backslash = readFileSync(join(clients, 'backslash.psql'), 'utf8')

test('psql: every family of its backslash commands', { skip: missing }, () => {
  const script = join(folder, 'backslash.sql')
  writeFileSync(join(folder, 'shop.sql'), shop)
  writeFileSync(script, backslash)
  const made = output(['psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', 'shop.sql'], server.env)
  assert.match(made, /ended with 0$/, made)
  const printed = alike(['psql', '-X', '-f', script])
  assert.match(printed, /Table "shop.orders"/)
  assert.ok(printed.split('\n').length > 1000)
})

test('pg_dump and pg_restore, as text and as archive', { skip: missing }, () => {
  // What newer releases of pg_dump print around the dump is random.
  const dumped = alike(['bash', '-c', 'pg_dump --schema=shop | grep -v restrict'])
  assert.match(dumped, /CREATE TABLE shop\.orders/)
  alike(['bash', '-c', 'pg_dump --schema=shop --inserts -t shop.customers | grep -v restrict'])
  const counted = alike([
    'bash',
    '-ec',
    `pg_dump -Fc --schema=shop -f dump.bin; psql -qXc 'set client_min_messages = error' -c 'drop schema shop cascade' 2>/dev/null
     pg_restore -d "dbname=$PGDATABASE" dump.bin; psql -XAtc 'select count(*), sum(total) from shop.orders'`,
  ])
  assert.match(counted, /2000\|/)
})

for (const mode of ['simple', 'extended', 'prepared'])
  test(`pgbench, ${mode}`, { skip: missing }, () => {
    assert.match(output(['pgbench', '-i', '-s', '1', '-q'], server.env), /ended with 0$/)
    for (const script of ['tpcb-like', 'select-only', 'simple-update']) {
      const ran = output(['pgbench', '-n', '-M', mode, '-b', script, '-c', '4', '-t', '50'], gateway.env)
      assert.match(ran, /transactions actually processed: 200\/200/, ran)
      assert.match(ran, /ended with 0$/, ran)
    }
    assert.match(alike(['psql', '-XAtc', 'select count(*) from pgbench_accounts']), /^100000\n/)
  })

test('the clients of npm', { skip: missing }, async (t) => {
  const place = join(folder, 'npm')
  mkdirSync(place)
  writeFileSync(join(place, 'package.json'), '{"private": true}')
  copyFileSync(join(clients, 'node.mjs'), join(place, 'node.mjs'))
  const packages = [
    'pg@8.16.3',
    'postgres@3.4.7',
    'knex@3.1.0',
    'drizzle-orm@0.44.5',
    'sequelize@6.37.7',
    'typeorm@0.3.26',
    'reflect-metadata@0.2.2',
  ]
  const why = failing(['npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts', ...packages], place)
  for (const client of ['pg', 'postgres', 'knex', 'drizzle', 'sequelize', 'typeorm'])
    await t.test(client, { skip: why ?? false }, () => {
      const printed = alike([process.execPath, 'node.mjs', client], place)
      assert.ok(printed.split('\n').length >= 4, printed)
    })
})

test('the clients of Python', { skip: missing }, async (t) => {
  const place = join(folder, 'python')
  const why =
    failing(['python3', '-m', 'venv', place]) ??
    failing([
      join(place, 'bin/pip'),
      'install',
      '-q',
      'psycopg[binary]==3.2.3',
      'psycopg2-binary==2.9.10',
      'asyncpg==0.30.0',
    ])
  for (const client of ['psycopg3', 'psycopg2', 'asyncpg'])
    await t.test(client, { skip: why ?? false }, () => {
      const printed = alike([join(place, 'bin/python'), join(clients, 'flows.py'), client])
      assert.ok(printed.split('\n').length >= 4, printed)
    })
})

test('pgx of Go', { skip: missing }, async (t) => {
  const place = join(folder, 'go')
  mkdirSync(place)
  for (const file of ['go.mod', 'flow.go']) copyFileSync(join(clients, file), join(place, file))
  const why = failing(['go', 'mod', 'tidy'], place) ?? failing(['go', 'build', '-o', 'flow', '.'], place)
  await t.test('pgx', { skip: why ?? false }, () =>
    assert.match(alike([join(place, 'flow')], place), /timed out: true/),
  )
})

test('tokio-postgres of Rust', { skip: missing }, async (t) => {
  const place = join(folder, 'rust')
  mkdirSync(join(place, 'src'), { recursive: true })
  copyFileSync(join(clients, 'Cargo.toml'), join(place, 'Cargo.toml'))
  copyFileSync(join(clients, 'flow.rs'), join(place, 'src/main.rs'))
  const why = failing(['cargo', 'build', '-q'], place, 600_000)
  await t.test('tokio-postgres', { skip: why ?? false }, () =>
    assert.match(alike([join(place, 'target/debug/flow')], place), /cancelled: 57014/),
  )
})

test('large objects, by the fast path of libpq', { skip: missing }, () => {
  const commands = [String.raw`\lo_import ${join(folder, 'shop.sql')}`, String.raw`\lo_export :LASTOID exported`]
  writeFileSync(join(folder, 'shop.sql'), shop)
  for (const env of [server.env, gateway.env]) {
    const printed = output(['psql', '-X', ...commands.flatMap((one) => ['-c', one])], env)
    assert.match(printed, /lo_export\nended with 0$/, printed)
    assert.equal(readFileSync(join(folder, 'exported'), 'utf8'), shop)
  }
})

test('JDBC', { skip: missing }, async (t) => {
  const place = join(folder, 'java')
  mkdirSync(place)
  copyFileSync(join(clients, 'Flow.java'), join(place, 'Flow.java'))
  const fetched = [
    'mvn',
    '-q',
    'dependency:copy',
    '-Dartifact=org.postgresql:postgresql:42.7.4',
    `-DoutputDirectory=${place}`,
  ]
  const why = failing(fetched, place) ?? failing(['javac', 'Flow.java'], place)
  await t.test('pgjdbc', { skip: why ?? false }, () => {
    const jar = join(place, 'postgresql-42.7.4.jar')
    assert.ok(readFileSync(jar).length > 0)
    assert.match(alike(['java', '-cp', `${jar}:${place}`, 'Flow'], place), /timed out: 57014/)
  })
})
