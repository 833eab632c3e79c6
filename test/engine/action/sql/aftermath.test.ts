// A search path that changed out of sight: what the server reads afterwards is what the analyzer names, or it says that it
// does not know. Each session is run on a real server too, which tells the relation that was read.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import {
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  type SqlAnalyzer,
  SqlSession,
} from '../../../../engine/action/sql/index.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../../support/postgres-server.ts'

const skip = postgresMissing() ?? false
let server: PostgresServer
let analyzer: SqlAnalyzer

const schema = `
create schema evil;
create table orders(id int, at text default 'public');
insert into orders values (1);
create table evil.orders(id int, at text default 'evil');
insert into evil.orders values (1);
create function plain() returns int language plpgsql as $$ begin return 1; end $$;
create function hidden() returns int language plpgsql as $$ begin perform set_config('search_path', 'evil', false); return 1; end $$;
create function in_sql() returns int language sql as $$ select set_config('search_path', 'evil', false); select 1 $$;
create function computed() returns int language plpgsql as $$ begin execute 'set search' || '_path = evil'; return 1; end $$;
create function utility() returns int language plpgsql as $$ begin set search_path = evil; return 1; end $$;
create function sql_utility() returns int language sql as $$ set search_path = evil; select 1 $$;
create procedure called() language plpgsql as $$ begin perform set_config('search_path', 'evil', false); end $$;
create function fired() returns trigger language plpgsql as $$ begin perform set_config('search_path', 'evil', false); return new; end $$;
create table watched(id int);
create trigger fired before insert on watched for each row execute function fired();
create view looking as select hidden() as one;
`

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(schema)
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  await client.end()
  analyzer = await createSqlAnalyzer(18, catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1'))
})
after(() => server?.stop())

interface Seen {
  /** What the server read: the schema of the table. */
  readonly read: string
  /** What the analyzer names, or undefined where it says that it does not know. */
  readonly named: string | undefined
}

/** Runs texts and then reads `orders`, on the server and in the analyzer. */
async function seen(texts: readonly string[]): Promise<Seen> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  try {
    let session = SqlSession.start('postgres')
    for (const text of texts) {
      const result = analyzer.analyzeNow(text, session)
      assert.equal(result.kind, 'analysis', text)
      for (const next of result.kind === 'analysis' ? result.after : []) session = next ?? session
      await client.query(text)
    }
    const { rows } = await client.query<{ at: string }>('select at from orders')
    const last = analyzer.analyzeNow('select at from orders', session)
    assert.ok(last.kind === 'analysis')
    const [relation] = last.statements[0]?.relations ?? []
    return { read: rows[0]?.at ?? '', named: last.complete ? relation?.schema : undefined }
  } finally {
    await client.end()
  }
}

const known: readonly (readonly [string, readonly string[]])[] = [
  ['nothing before', []],
  ['a function that does nothing to it', ['select plain()']],
  ['SET', ['set search_path = evil']],
  ['set_config alone', ["select set_config('search_path', 'evil', false)"]],
  ['set_config for the transaction alone', ['begin', "select set_config('search_path', 'evil', true)"]],
  ['the end of that transaction', ['begin', "select set_config('search_path', 'evil', true)", 'commit']],
  ['a hidden change that was rolled back', ['begin', 'select hidden()', 'rollback']],
  ['SET after RESET ALL', ['reset all', 'set search_path = public']],
  ['vacuum', ['vacuum orders']],
]
for (const [what, texts] of known)
  test(`names what is read after ${what}`, { skip }, async () => {
    const { read, named } = await seen(texts)
    assert.equal(named, read)
  })

const unknown: readonly (readonly [string, readonly string[]])[] = [
  ['a function of plpgsql', ['select hidden()']],
  ['a function of SQL', ['select in_sql()']],
  ['a function with computed SQL', ['select computed()']],
  ['a function with SET', ['select utility()']],
  ['a function of SQL with SET', ['select sql_utility()']],
  ['a procedure', ['call called()']],
  ['a block', ["do $$ begin perform set_config('search_path', 'evil', false); end $$"]],
  ['a trigger', ['insert into watched values (1)']],
  ['a view', ['select * from looking']],
  ['a prepared statement', ['prepare p as select public.hidden()', 'execute p']],
  ['a cursor', ['begin', 'declare c cursor for select hidden()', 'fetch c', 'commit']],
  ['a name that is computed', ["select set_config('search' || '_path', 'evil', false)"]],
  ['a call within a condition', ["select 1 where set_config('search_path', 'evil', false) <> ''"]],
  ['a local path over a hidden change', ['begin', 'select hidden()', 'set local search_path = public', 'commit']],
  ['explain analyze', ['explain analyze select hidden()']],
  ['a copy', ["copy (select hidden()) to '/dev/null'"]],
  ['the view of settings', ["update pg_settings set setting = 'evil' where name = 'search_path'"]],
]
for (const [what, texts] of unknown)
  test(`does not claim to know after ${what}`, { skip }, async () => {
    const { read, named } = await seen(texts)
    assert.equal(read, 'evil', 'the path did change on the server')
    assert.equal(named, undefined)
  })
