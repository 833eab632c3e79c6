// What a routine runs as, and with which settings, decides what its names and texts mean; a real server tells which tables
// got rows.
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
let client: pg.Client
let analyzer: SqlAnalyzer

const body = "language plpgsql as $$ begin insert into notes values ('x'); end $$"
const schema = `
create role keeper;
create schema keeper;
create schema "a,b";
create table public.notes(what text);
create table keeper.notes(what text);
create table "a,b".notes(what text);
grant all on schema public, keeper, "a,b" to keeper;
grant all on public.notes, keeper.notes, "a,b".notes to keeper;
create function as_caller() returns void ${body};
create function as_owner() returns void security definer ${body};
create function as_owner_by_path() returns void security definer set search_path = "$user", public ${body};
create function by_path_of_caller() returns void set search_path = "$user", public ${body};
create function around() returns void security definer set search_path = public language plpgsql
  as $$ begin perform by_path_of_caller(); end $$;
create function odd_path() returns void set search_path = "a,b", public ${body};
create function as_role() returns void set role = keeper ${body};
create function other_texts() returns void set standard_conforming_strings = off language plpgsql
  as $$ begin execute 'select ''\\\\''; insert into notes values (1); --'''; end $$;
alter function as_owner() owner to keeper;
alter function as_owner_by_path() owner to keeper;
alter function around() owner to keeper;
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

async function changed(text: string): Promise<readonly string[]> {
  await client.query('begin')
  try {
    await client.query(text)
    const { rows } = await client.query<{ schema: string }>(
      `select 'public' as schema from public.notes union select 'keeper' from keeper.notes union select 'a,b' from "a,b".notes`,
    )
    return rows.map((row) => row.schema)
  } finally {
    await client.query('rollback')
  }
}

for (const [name, wanted] of [
  ['as_caller', 'public'],
  ['as_owner', 'keeper'],
  ['as_owner_by_path', 'keeper'],
  ['by_path_of_caller', 'public'],
  ['around', 'keeper'],
  ['odd_path', 'a,b'],
])
  test(`a routine's names are read as whom it runs: ${name}`, { skip }, async () => {
    const text = `select public.${name}()`
    const result = analyzer.analyzeNow(text, SqlSession.start('postgres'))
    assert.ok(result.kind === 'analysis')
    const [statement] = result.statements
    assert.deepEqual(statement?.reasons, [])
    const written = statement.relations.filter(({ access }) => access === 'write').map((relation) => relation.schema)
    assert.deepEqual(written, [wanted])
    assert.deepEqual(await changed(text), [wanted])
  })

for (const name of ['as_role', 'other_texts'])
  test(`a routine whose settings change what it says is not complete: ${name}`, { skip }, () => {
    const result = analyzer.analyzeNow(`select public.${name}()`, SqlSession.start('postgres'))
    assert.ok(result.kind === 'analysis')
    assert.deepEqual(
      result.statements.map(({ complete }) => complete),
      [false],
    )
  })
