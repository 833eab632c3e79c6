// Clients that people have, each running the same flow at the server itself and through a gateway: the same output. The
// clients of npm, PyPI, Go and Maven are fetched into a folder of their own; where that fails, they are skipped by name.
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
function output(command: readonly string[], env: NodeJS.ProcessEnv, cwd = folder): string {
  const [program = '', ...args] = command
  const { status, signal, stdout, stderr } = spawnSync(program, args, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    timeout: 120_000,
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
function failing(command: readonly string[], cwd = folder): string | undefined {
  const ended = output(command, process.env, cwd)
  return ended.endsWith('ended with 0') ? undefined : `\`${command.slice(0, 3).join(' ')}\` failed`
}

const shop = `
drop schema if exists shop cascade; create schema shop; set search_path = shop;
create table customers(id int primary key generated always as identity, name text not null, tags text[], meta jsonb);
create table orders(id serial primary key, customer int references customers, total numeric(10,2), at timestamptz default '2026-01-01');
create index on orders(customer); create view names as select name from customers;
create function plus(a int) returns int language sql as $$ select a + 1 $$;
create function kept() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger kept before insert on orders for each row execute function kept();
create type level as enum('a','b'); create domain positive as int check (value > 0); create sequence numbers;
create materialized view one as select 1 as one; comment on table orders is 'all orders';
insert into customers(name, tags, meta) select 'c' || i, array['t' || i, 'x'], jsonb_build_object('i', i) from generate_series(1, 500) i;
insert into orders(customer, total) select 1 + (i % 500), i * 1.5 from generate_series(1, 2000) i;
analyze;
`

/** Every family of backslash commands that reads the server. */
const backslash = String.raw`
\d shop.*
\d+ shop.orders
\dt+ shop.*
\di shop.*
\dv shop.*
\dm shop.*
\ds shop.*
\df+ shop.*
\dT+ shop.*
\dD shop.*
\dn+
\du
\dp shop.*
\ddp
\l
\db
\dx
\dy
\dF
\dFd
\dFp
\dFt
\dL
\dc shop.*
\dC
\dO shop.*
\do =
\da sum
\dA+
\dAc
\dAf
\dAo
\dAp
\des
\deu
\det
\dew
\dP
\dRp
\dRs
\drds
\dX
\dconfig work_mem
\sf shop.plus
\sv shop.names
\z shop.orders
\dd
\encoding
select * from shop.customers limit 3 \gx
select 1 as a, 2 as b \gset
select :a + :b;
select 'select 5' \gexec
select id, name, 1 as n from shop.customers where id < 3 \crosstabview
select 1 \gdesc
\set AUTOCOMMIT off
insert into shop.customers(name) values ('rolled back');
select count(*) from shop.customers;
rollback;
select count(*) from shop.customers;
rollback;
\set AUTOCOMMIT on
\copy shop.orders to 'orders.txt'
\lo_list
select 1/0;
\errverbose
select 1 fro;
-- nothing but a comment

`

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
