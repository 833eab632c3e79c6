// What a write reaches through views, rules, triggers, domains, casts, partitions and indexes: a real server tells which
// tables got rows, and a statement that is called complete has named all of them.
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

const schema = `
create table log(what text);
create function note(what text) returns boolean language plpgsql as $$ begin insert into log values (what); return true; end $$;
create table base(id int primary key, name text default 'x');
create view plain as select id, name as called from base;
create view over_view as select called, id from plain where id < 1000;
create view joined as select b.id, l.what from base b join log l on l.what = b.name;
create view instead_trigger as select 1 as id;
create function redirected() returns trigger language plpgsql as $$ begin insert into log values ('instead'); return new; end $$;
create trigger redirected instead of insert on instead_trigger for each row execute function redirected();
create view instead_rule as select id from base;
create rule redirect as on insert to instead_rule do instead insert into log values ('rule ' || new.id);
create view quiet as select id from base;
create rule quietly as on delete to quiet do instead nothing;
create table also(id int);
create rule beside as on insert to also do also insert into log values ('also');
create domain checked as int check (note('domain'));
create table with_domain(id checked);
create function same(anyelement) returns anyelement language plpgsql as 'begin return $1; end';
create function takes(v checked) returns int language plpgsql as 'begin return 1; end';
create function declares() returns int language plpgsql as $$ declare v checked := 1; begin return v; end $$;
create type wrapped as (v int);
create function wrap(int) returns wrapped language plpgsql as $$ begin perform note('cast'); return row($1)::wrapped; end $$;
create cast (int as wrapped) with function wrap(int) as assignment;
create table with_cast(w wrapped);
create function unwrap(wrapped) returns text language plpgsql as $$ begin perform note('cast'); return ($1).v; end $$;
create cast (wrapped as text) with function unwrap(wrapped) as assignment;
create domain held as wrapped;
create type uncast as (v text);
create domain watched_row as uncast check (note('row'));
create table with_row(r watched_row);
insert into with_row values (row('a'));
create type ranked as (v int);
create function before(ranked, ranked) returns boolean language plpgsql as $$ begin perform note('order'); return ($1).v < ($2).v; end $$;
create function compares(ranked, ranked) returns int language plpgsql as $$ begin perform note('order'); return ($1).v - ($2).v; end $$;
do $$ declare one text; begin foreach one in array array['<#', '<=#', '=#', '>=#', '>#'] loop
  execute format('create operator %s (leftarg = ranked, rightarg = ranked, function = before)', one);
end loop; end $$;
create operator class ranks default for type ranked using btree as
  operator 1 <#, operator 2 <=#, operator 3 =#, operator 4 >=#, operator 5 >#, function 1 compares(ranked, ranked);
create table with_rank(r ranked);
insert into with_rank values (row(2)), (row(1));
create table with_held(h held);
insert into with_held values (row(1));
create type double as (w wrapped, n int);
create table with_double(d double);
insert into with_double values (row(row(1), 1));
create table conditional(id int);
create function nothing() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger conditional before insert on conditional for each row when (note('when')) execute function nothing();
create function looks(int) returns int language plpgsql immutable as $$ begin perform note('index'); return $1; end $$;
create table indexed(id int);
create index on indexed (looks(id));
create table parts(id int, region text) partition by list (region);
create table parts_a partition of parts for values in ('a');
create table parts_b partition of parts for values in ('b');
create function moved() returns trigger language plpgsql as $$ begin insert into log values (tg_op); return null; end $$;
create trigger moved after insert on parts_b for each row execute function moved();
insert into parts values (1, 'a');
create table divided(id int) partition by range (looks(id));
create table divided_all partition of divided default;
create table divided_far partition of divided for values from (100) to (200);
insert into divided values (1);
create table watched(id int);
create function seen() returns trigger language plpgsql as $$ begin insert into log select 'row ' || id from fresh; return null; end $$;
create trigger seen after insert on watched referencing new table as fresh for each statement execute function seen();
create table ping(id int);
create table pong(id int);
create function ping() returns trigger language plpgsql as $$ begin if new.id > 0 then insert into pong values (new.id - 1); end if; return new; end $$;
create function pong() returns trigger language plpgsql as $$ begin if new.id > 0 then insert into ping values (new.id - 1); end if; insert into log values ('pong'); return new; end $$;
create trigger ping before insert on ping for each row execute function ping();
create trigger pong before insert on pong for each row execute function pong();
create procedure proceed(what text) language plpgsql as $$ begin insert into log values (what); end $$;
create function computed() returns trigger language plpgsql as $$ begin execute 'insert into ' || tg_argv[0] || ' values (1)'; return new; end $$;
create function pair(out text, out text) returns setof record language plpgsql as $$ begin insert into log values ('pair'); $1 := 'a'; $2 := 'b'; return next; end $$;
create table hidden(id int);
create trigger computed before insert on hidden for each row execute function computed('log');
`

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(schema)
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  analyzer = await createSqlAnalyzer(18, catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1'))
})
after(async () => {
  await client?.end()
  await server?.stop()
})

function analyzed(text: string): SqlStatement {
  const result = analyzer.analyzeNow(text, SqlSession.start('postgres'))
  assert.ok(result.kind === 'analysis', text)
  const [statement] = result.statements
  assert.ok(statement !== undefined)
  return statement
}

/** Rows that each table has got or lost in this session, by its own count. */
async function counts(): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ name: string; rows: string }>(
    `select schemaname || '.' || relname as name, n_tup_ins + n_tup_upd + n_tup_del as rows
     from pg_stat_xact_user_tables order by 1`,
  )
  return new Map(rows.map((row) => [row.name, row.rows]))
}

/** The tables that a text changes on the server, which then forgets it. */
async function changed(text: string): Promise<readonly string[]> {
  await client.query('begin')
  try {
    const earlier = await counts()
    await client.query(text)
    return [...(await counts())].filter(([name, rows]) => earlier.get(name) !== rows).map(([name]) => name)
  } finally {
    await client.query('rollback')
  }
}

const followed: readonly (readonly [string, readonly string[]])[] = [
  ["insert into plain values (1, 'a')", ['public.base']],
  ["insert into over_view values ('a', 2)", ['public.base']],
  ['insert into instead_trigger values (1)', ['public.log']],
  ['insert into instead_rule values (1)', ['public.log']],
  ['delete from quiet', []],
  ['insert into also values (1)', ['public.also', 'public.log']],
  ['insert into with_domain values (1)', ['public.log', 'public.with_domain']],
  ['select takes(1)', ['public.log']],
  ['select declares()', ['public.log']],
  ['insert into with_cast values (1)', ['public.log', 'public.with_cast']],
  ['select h::text from with_held', ['public.log']],
  ['select 1 from with_rank order by r', ['public.log']],
  ['select 1 from (values (row(2)::ranked), (row(1)::ranked)) as t(v) order by v', ['public.log']],
  ['select same(r) from with_row', ['public.log']],
  ['select (d).w::text from with_double', ['public.log']],
  ['insert into conditional values (1)', ['public.conditional', 'public.log']],
  ['insert into indexed values (1)', ['public.indexed', 'public.log']],
  ["update parts set region = 'b'", ['public.log', 'public.parts_a', 'public.parts_b']],
  ['insert into divided values (1)', ['public.divided_all', 'public.log']],
  ['insert into divided_all values (1)', ['public.divided_all', 'public.log']],
  ['update divided_all set id = 2', ['public.divided_all', 'public.log']],
  ['insert into watched values (1)', ['public.log', 'public.watched']],
  ['insert into ping values (2)', ['public.log', 'public.ping', 'public.pong']],
  ['insert into pong values (2)', ['public.log', 'public.ping', 'public.pong']],
  ["call proceed('x')", ['public.log']],
  ['select * from pair()', ['public.log']],
  ['select column2 from pair()', ['public.log']],
]

for (const [text, wanted] of followed) {
  test(`names all that is written by: ${text}`, { skip }, async () => {
    const { complete, reasons, relations } = analyzed(text)
    assert.ok(complete, reasons.join())
    const named = new Set(
      relations.filter(({ access }) => access === 'write').map((one) => `${one.schema}.${one.name}`),
    )
    const found = await changed(text)
    assert.deepEqual(found, wanted)
    for (const name of found) assert.ok(named.has(name), `${name} was written and not named`)
  })
}

test('what writes nothing elsewhere names nothing elsewhere', { skip }, async () => {
  const { relations, complete } = analyzed("update base set name = 'b' where id = 1")
  assert.ok(complete)
  assert.deepEqual(new Set(relations.map(({ name }) => name)), new Set(['base']))
  assert.deepEqual(await changed("update base set name = 'b' where id = 1"), [])
})

for (const text of [
  'insert into hidden values (1)',
  'insert into joined values (1)',
  'insert into nowhere values (1)',
]) {
  test(`does not call complete: ${text}`, { skip }, () => {
    const { complete, reasons } = analyzed(text)
    assert.equal(complete, false)
    assert.ok(reasons.length > 0)
  })
}

test('triggers that call one another in a ring are read in time that grows with their number only', {
  skip,
}, async () => {
  const count = 14
  const tables = Array.from({ length: count }, (_, index) => `ring_${index}`)
  const inserts = tables.map((name) => `insert into ${name} values (new.id - 1);`).join(' ')
  const made = tables.map(
    (name) => `create table ${name}(id int);
    create function ${name}() returns trigger language plpgsql as $$ begin if new.id > 0 then ${inserts} end if; return new; end $$;
    create trigger t before insert on ${name} for each row execute function ${name}();`,
  )
  const other = new pg.Client({ connectionString: server.url })
  await other.connect()
  await other.query(made.join('\n'))
  const { rows } = await other.query<{ [column: string]: string }>(catalogQuery)
  await other.end()
  const ring = await createSqlAnalyzer(18, catalogFromServer(Object.values(rows[0] ?? {}).join(''), '2'))
  const result = ring.analyzeNow('insert into ring_0 values (3)', SqlSession.start('postgres'))
  assert.ok(result.kind === 'analysis' && result.complete)
  const named = new Set(result.statements[0]?.relations.map(({ name }) => name))
  assert.deepEqual(named, new Set(tables))
})

const conflicting: readonly (readonly [string, readonly string[]])[] = [
  ['do nothing', []],
  ['do update set name = excluded.name', []],
  ['do update set name = excluded.name || base.name', ['name']],
  ["do update set name = 'x' where base.name = 'y'", ['name']],
  ["do update set name = 'x' where id > 1", ['id']],
  ['do update set name = base::text', ['*', 'id', 'name']],
]
for (const [action, wanted] of conflicting) {
  test(`what is used of the row that is there was read: on conflict (id) ${action}`, { skip }, () => {
    const { complete, relations } = analyzed(`insert into base values (1, 'a') on conflict (id) ${action}`)
    assert.equal(complete, true)
    assert.deepEqual(
      relations.filter(({ access }) => access === 'read').map(({ name, columns, via }) => [name, columns, via]),
      wanted.length === 0 ? [] : [['base', wanted, []]],
    )
  })
}
