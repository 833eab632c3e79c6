// What a statement touches, against the locks that a real server takes for it: a relation that is locked is named, and one
// that is locked for more than reading is named as written, defined or locked.
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
create table base(id int primary key, name text);
create table other(id int, base_id int, v text);
create view seen as select id, name from base;
create view again as select * from seen where id > 0;
create view joined as select b.id, o.v from base b join other o on o.base_id = b.id;
create table keyed(id int primary key);
create table pointing(id int, k int references keyed);
create table parts(id int, region text) partition by list (region);
create table parts_a partition of parts for values in ('a');
create table parts_rest partition of parts default;
create table parent(id int);
create table child(more int) inherits (parent);
create table numbered(id serial, name text);
create table counted(id int generated always as identity, name text);
create function reads(int) returns int language plpgsql immutable as $$begin perform count(*) from other; return $1; end$$;
create table coded(a int, b int generated always as (a + reads(1)) stored);
create function wiping() returns void language plpgsql as $$begin delete from other; end$$;
create function removing() returns void language sql as 'delete from other where id = 1';
create table guarded(id int);
alter table guarded enable row level security;
create policy shown on guarded for select using (id in (select id from parent));
create policy changed on guarded for update using (id in (select id from other));`)
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

/** The relations of somebody that a statement locks, with true where others could not read and write them as before. */
async function locked(sql: string): Promise<readonly (readonly [string, boolean])[]> {
  await client.query('begin')
  try {
    await client.query(sql)
    const { rows } = await client.query<{ name: string; strong: boolean }>(`
      select n.nspname || '.' || c.relname as name, bool_or(l.mode <> 'AccessShareLock') as strong
      from pg_locks l join pg_class c on c.oid = l.relation join pg_namespace n on n.oid = c.relnamespace
      where l.pid = pg_backend_pid() and n.nspname = 'public' and c.relkind in ('r', 'p', 'v', 'm', 'S') group by 1`)
    return rows.map(({ name, strong }) => [name, strong])
  } finally {
    await client.query('rollback')
  }
}

for (const sql of [
  'select * from seen for update',
  'select * from again for share',
  'select * from joined for key share',
  'select * from (select * from base) b for update',
  'select * from (select * from seen) b for update',
  'select * from base b, (select * from other) o for update of o',
  'select * from (select * from base join other using (id)) b for no key update',
  'select * from (with base as (select 1) select * from other) b for update',
  'select * from parent for update',
  'select * from base tablesample system (100) for update',
  'drop table pointing',
  'drop table parts_a',
  'truncate numbered restart identity',
  `insert into counted(name) values ('x')`,
  'create table made(id int references keyed)',
  'create table made(id int, foreign key (id) references keyed(id) on delete cascade)',
  'create table made(like base)',
  'create table made(like base including all)',
  'create table made(like coded including all)',
  'create table made(like seen)',
  `create table parts_b partition of parts for values in ('b')`,
  'create table made(a int generated always as (reads(1)) stored)',
  'create table made(a int) partition by range ((a + reads(1)))',
  'alter table base rename to made',
  'alter view seen rename to made',
])
  test(`${sql} names what it locks`, { skip }, async () => {
    const statement = facts(sql)
    assert.ok(statement.complete, statement.reasons.join())
    const named = (name: string, isStrong: boolean): boolean =>
      statement.relations.some((one) => `${one.schema}.${one.name}` === name && (!isStrong || one.access !== 'read'))
    const locks = await locked(sql)
    assert.notEqual(locks.length, 0)
    assert.deepEqual(
      locks.filter(([name, isStrong]) => !named(name, isStrong)),
      [],
    )
  })

test('names under FOR UPDATE are those of the entries that are meant', { skip }, () => {
  const locks = (sql: string): readonly string[] =>
    facts(sql)
      .relations.filter(({ access }) => access === 'lock')
      .map(({ name }) => name)
  assert.deepEqual(locks('select * from base b, other o for update of o'), ['other'])
  assert.deepEqual(locks('select * from seen s, (select * from other) o for update of o'), ['other'])
  assert.deepEqual(locks('with base as (select * from other) select * from base, keyed for update'), ['keyed'])
  assert.deepEqual(locks('select * from keyed where id in (select id from other) for update'), ['keyed'])
})

test('rows are locked under the policies for their update, and conflict with rows that may be seen', { skip }, () => {
  const read = (sql: string): readonly string[] => facts(sql).relations.map(({ name }) => name)
  assert.ok(read('select * from guarded for update').includes('other'))
  assert.ok(!read('select * from guarded').includes('other'))
  assert.ok(read('insert into guarded values (1) on conflict do nothing').includes('parent'))
})

test('the drop of what is part of a relation that is not known is not complete', { skip }, () => {
  assert.equal(facts('drop index base_pkey').complete, false)
  assert.equal(facts('drop statistics any_name').complete, false)
})

test('a table that is dropped takes its sequences with it', { skip }, () => {
  const names = facts('drop table numbered').relations.map(({ access, name }) => `${access} ${name}`)
  assert.deepEqual(names, ['define numbered', 'define numbered_id_seq'])
})

test('a table that EXPLAIN ANALYZE makes is known afterwards', { skip }, () => {
  const session = SqlSession.start('postgres', ['pg_temp', 'public'])
  const made = analyzer.analyzeNow('explain analyze create temp table base as select 1 as x', session)
  assert.ok(made.kind === 'analysis')
  const [after = session] = made.after
  const read = analyzer.analyzeNow('select * from base', after)
  assert.ok(read.kind === 'analysis')
  assert.deepEqual(
    read.statements[0]?.relations.map(({ schema }) => schema),
    ['pg_temp'],
  )
  const planned = analyzer.analyzeNow('explain create temp table base as select 1 as x', session)
  assert.ok(planned.kind === 'analysis')
  assert.equal(planned.after[0], undefined)
})

for (const [sql, where] of [
  ['delete from base using other o where o.id = 1', false],
  ['delete from base using other o where o.base_id = base.id', true],
  ['delete from base b where b.id = id', false],
  ['delete from base b where (b).id = 5', true],
  ['update base set name = o.v from other o where o.id > 3', false],
  ['update base b set name = o.v from other o where o.id = b.id', true],
  ['update base set name = $1 where public.base.id = $2', true],
  ['delete from seen where ctid is not null or id = 1', true],
  ['merge into base b using other o on o.id = 1 when matched then delete', false],
  ['merge into base b using other o on b.id = o.base_id when matched then delete', true],
  [`merge into base b using other o on o.id = 1 when matched and b.name = 'x' then delete`, true],
  ['merge into base b using (select 1 as x) o on b.id = -1 when not matched by source then delete', false],
  [
    `merge into base b using other o on b.id = o.base_id when not matched by source and b.name = 'x' then update set name = 'y'`,
    true,
  ],
  ['select wiping()', false],
  ['select removing()', true],
  ['delete from base where id = 1 and wiping() is null', false],
  ['merge into base b using other o on false when not matched then insert values (o.id)', true],
] as const)
  test(`${sql} is ${where ? '' : 'not '}restricted`, { skip }, () => {
    assert.equal(facts(sql).where, where)
  })

for (const [sql, options] of [
  ['begin read write', ['read write']],
  ['set session characteristics as transaction read only', ['read only']],
  ['commit and chain', ['and chain']],
  ['drop table if exists other cascade', ['cascade', 'if exists']],
  ['create or replace view seen as select 1', ['or replace']],
  ['create table if not exists base(id int)', ['if not exists']],
  ['truncate numbered restart identity cascade', ['cascade', 'restart identity']],
  ['alter table base rename column name to label', ['rename']],
  [
    `create or replace function f() returns int language sql security definer as 'select 1'`,
    ['or replace', 'security definer'],
  ],
  [`create function f() returns int language sql security invoker as 'select 1'`, []],
] as const)
  test(`${sql} has its options`, { skip }, () => {
    assert.deepEqual(facts(sql).options, options)
  })

test('LISTEN and NOTIFY name their channel', { skip }, () => {
  const channels = (sql: string): readonly string[] => facts(sql).objects.map(({ kind, name }) => `${kind} ${name}`)
  assert.deepEqual(channels('listen orders'), ['channel orders'])
  assert.deepEqual(channels(`notify "Orders", 'text'`), ['channel Orders'])
  assert.deepEqual(channels('unlisten *'), ['channel *'])
})

test('a limit with ties is none', { skip }, () => {
  assert.equal(facts('select id from base order by name fetch first 3 rows only').limit, 3)
  assert.equal(facts('select id from base order by name fetch first 3 rows with ties').limit, null)
})

test('what BEGIN and SET TRANSACTION set is told by the names of the settings', { skip }, () => {
  assert.deepEqual(facts('begin isolation level serializable, read write').settings, [
    { name: 'transaction_isolation', value: 'serializable' },
    { name: 'transaction_read_only', value: 'off' },
  ])
  const session = facts('set session characteristics as transaction read write').settings
  assert.ok(session.some(({ name, value }) => name === 'default_transaction_read_only' && value === 'off'))
})

test('rows before and after are known by the names that RETURNING gives them', { skip }, () => {
  const statement = facts('update base set name = $1 where id = 1 returning with (old as o, new as n) o.name, n.id')
  assert.ok(statement.complete, statement.reasons.join())
  assert.deepEqual(
    statement.outputs.map(({ sources }) => sources.map(({ column }) => column)),
    [['name'], ['id']],
  )
})
