// What goes, is locked or is shared with what a statement names: a real server tells which relations are gone, changed or
// locked, and a statement that is called complete has named all of them.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import {
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  type SqlAnalyzer,
  SqlSession,
  type SqlStatement,
} from '../../../../engine/action/sql/index.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../../support/postgres-server.ts'

const skip = postgresMissing() ?? false
let server: PostgresServer
let client: pg.Client
let analyzer: SqlAnalyzer

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`
create schema away;
create table base(id int primary key, name text);
create table alone(id int primary key, name text);
create view away.seen as select name from base;
create view away.again as select * from away.seen;
create table keyed(id int primary key);
create table away.pointing(id int references keyed);
create table typed(id int);
create table away.holding(one typed);
create table ruled(id int);
create table away.guarded(id int);
create policy own on away.guarded using (id in (select id from ruled));
create table body(id int);
create function away.reads() returns bigint language sql begin atomic select count(*) from body; end;
create sequence numbers;
create table away.numbered(id int default nextval('numbers'));
create table parts(id int, region text) partition by list (region);
create table away.parts_a partition of parts for values in ('a');
create table parent(id int);
create table away.child(more int) inherits (parent);
create type kind as enum ('a');
create table away.of_kind(k kind);
create table "Odd ""name"(id int);
create view away.odd as select * from "Odd ""name";`)
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  analyzer = await createSqlAnalyzer(18, catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1'))
})

after(async () => {
  await client?.end()
  await server?.stop()
})

function facts(sql: string): SqlStatement {
  const result = analyzer.analyzeNow(sql, SqlSession.start('postgres'))
  assert.equal(result.kind, 'analysis', sql)
  const statement = result.kind === 'analysis' ? result.statements[0] : undefined
  assert.ok(statement !== undefined)
  return statement
}

function named(statement: SqlStatement, access: string): ReadonlySet<string> {
  return new Set(
    statement.relations.filter((one) => one.access === access).map(({ schema, name }) => `${schema}.${name}`),
  )
}

/** Relations with all that a definition can change of them, by name. */
async function relations(): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; form: string }>(`
    select n.nspname || '.' || c.relname as name, concat_ws(';',
      (select string_agg(attname || atttypid, ',' order by attnum) from pg_attribute where attrelid = c.oid and not attisdropped),
      (select string_agg(conname, ',' order by conname) from pg_constraint where conrelid = c.oid),
      (select string_agg(polname, ',' order by polname) from pg_policy where polrelid = c.oid),
      (select string_agg(adnum::text, ',' order by adnum) from pg_attrdef where adrelid = c.oid)) as form
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('public', 'away') and c.relkind in ('r', 'v', 'm', 'p', 'S')`)
  return new Map(rows.map(({ name, form }) => [name, form]))
}

/** What is changed or gone once a statement has run. */
async function changed(sql: string): Promise<readonly string[]> {
  const before = await relations()
  await client.query(`begin; ${sql}`)
  try {
    const now = await relations()
    return [...before].filter(([name, form]) => now.get(name) !== form).map(([name]) => name)
  } finally {
    await client.query('rollback')
  }
}

for (const [sql, isComplete] of [
  ['drop table alone', true],
  ['drop table alone cascade', true],
  ['drop table if exists nowhere cascade', true],
  ['drop table parts', true],
  ['drop table away.holding cascade', true],
  ['drop table base cascade', false],
  ['drop view away.seen cascade', false],
  ['drop table keyed cascade', false],
  ['drop table typed cascade', false],
  ['drop table ruled cascade', false],
  ['drop table body cascade', false],
  ['drop sequence numbers cascade', false],
  ['drop table parent cascade', false],
  ['drop table "Odd ""name" cascade', false],
  ['drop type kind cascade', false],
  ['drop schema public cascade', false],
] as const)
  test(`${sql} names what is gone or changed, or is not complete`, { skip }, async () => {
    const statement = facts(sql)
    assert.equal(statement.complete, isComplete, statement.reasons.join())
    const names = named(statement, 'define')
    const missed = (await changed(sql)).filter((name) => !names.has(name))
    assert.ok(!statement.complete || missed.length === 0, missed.join())
  })

for (const sql of [
  'lock table parts',
  'lock table only parent',
  'lock table parent',
  'lock table away.again',
  'lock base',
])
  test(`${sql} names what is locked`, { skip }, async () => {
    await client.query(`begin; ${sql}`)
    const { rows } = await client.query<{ name: string }>(
      "select relation::regclass::text as name from pg_locks where pid = pg_backend_pid() and mode = 'AccessExclusiveLock' and locktype = 'relation'",
    )
    await client.query('rollback')
    assert.ok(rows.length > 0)
    const names = rows.map(({ name }) => (name.includes('.') ? name : `public.${name}`)).sort()
    assert.deepEqual([...named(facts(sql), 'lock')].sort(), names)
  })

test('a table that inherits names its parent', { skip }, () => {
  const names = named(facts('create table mine (more int) inherits (parent)'), 'define')
  assert.deepEqual([...names].sort(), ['public.mine', 'public.parent'])
})

for (const [sql, kind] of [
  ['drop table away.pointing', 'forward'],
  ['drop table keyed', 'refuse'],
  ['drop table away.pointing, keyed', 'refuse'],
  ['drop table keyed cascade', 'refuse'],
] as const)
  test(`${sql}: a key off a protected table is no more than its own`, { skip }, () => {
    const session = SqlSession.start('agent')
    const analysis = analyzer.analyzeNow(sql, session)
    assert.ok(analysis.kind === 'analysis')
    assert.ok(analysis.statements[0]?.relations.some(({ name }) => name === 'keyed'))
    const terms = { masks: [{ column: 'public.keyed.id', with: 'null' }], filters: [] }
    const made = analyzer.substitute(analysis, session, terms)
    assert.equal(made.kind, kind, JSON.stringify([made, analysis.statements[0]?.relations]).slice(0, 900))
  })
