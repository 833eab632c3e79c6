// Row estimates of held statements by a real server: what the planner expects, nothing run, nothing left waiting.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { estimateRows } from '../../cli/serve/estimates.ts'
import type { ActionDocument } from '../../engine/action/index.ts'
import {
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  decodeStatement,
  type SqlAnalyzer,
  SqlSession,
} from '../../engine/action/sql/index.ts'
import type { PostgresResource } from '../../proxy/config/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../support/postgres-server.ts'

const missing = postgresMissing()
const skip = missing ?? false
const folder = mkdtempSync(join(tmpdir(), 'estimates-'))
let server: PostgresServer
let client: pg.Client
let analyzer: SqlAnalyzer
let upstream: PostgresResource['upstream']
before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  client = new pg.Client(server.url)
  await client.connect()
  await client.query(`
    CREATE TABLE orders (id int PRIMARY KEY, amount int NOT NULL);
    INSERT INTO orders SELECT i, i % 100 FROM generate_series(1, 10000) i;
    CREATE SCHEMA small;
    CREATE TABLE small.orders (id int PRIMARY KEY, amount int NOT NULL);
    INSERT INTO small.orders SELECT i, i FROM generate_series(1, 10) i;
    CREATE TABLE calls (n int);
    CREATE FUNCTION noisy(n int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN INSERT INTO calls VALUES (n); RETURN n; END';
    CREATE SEQUENCE numbers;
    ANALYZE;
  `)
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  analyzer = await createSqlAnalyzer(18, catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1'))
  writeFileSync(join(folder, 'password'), server.password, { mode: 0o600 })
  upstream = {
    host: server.host,
    port: server.port,
    database: server.database,
    user: server.user,
    credential: `file:${join(folder, 'password')}`,
    tls: { mode: 'disable' },
    connectMs: 60_000,
    protection: 'inline',
    catalogRefreshMs: 1000,
    warmMs: 0,
    rowEstimates: true,
  }
})
after(async () => {
  rmSync(folder, { recursive: true })
  if (skip !== false) return
  await client.end()
  await server.stop()
})

/** The document of a text, as the gateway judges it. */
function document(
  sql: string,
  parameters: readonly string[] = [],
  path: readonly string[] = ['public'],
): ActionDocument {
  const text = decodeStatement(Buffer.from(sql))
  assert.ok(typeof text === 'string')
  const result = analyzer.analyzeNow(text, SqlSession.start('postgres', path))
  assert.ok(result.kind === 'analysis')
  const { statements, complete, verb, operation } = result
  const protocol = parameters.length > 0 ? 'extended' : 'simple'
  const made = sampleDocument({ verb, operation, text: sql, complete, sql: { statements, parameters, protocol } })
  return { ...made, session: { ...made.session, state: { role: 'postgres', search_path: [...path] } } }
}

async function count(table: string): Promise<number> {
  const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)
  return Number(rows[0]?.n)
}

test('what changes rows is planned and not run, and the sizes of its relations are told', { skip }, async () => {
  const lines = await estimateRows(document('DELETE FROM orders'), upstream)
  assert.deepEqual(lines[0], 'delete: about 10,000 rows, as the planner expects')
  assert.match(lines[1] ?? '', /^public\.orders has about 10,000 rows in \d+ KiB$/)
  assert.equal(await count('orders'), 10_000)
  const [updated = ''] = await estimateRows(document('UPDATE orders SET amount = 0 WHERE id = 7'), upstream)
  assert.equal(updated, 'update: about 1 rows, as the planner expects')
})

test('bound values count, and a value that makes no sense is an error and no estimate', { skip }, async () => {
  const of = (value: string) => estimateRows(document('DELETE FROM orders WHERE id < $1', [value]), upstream)
  const rows = async (value: string) =>
    Number(/about ([\d,]+) rows/.exec((await of(value))[0] ?? '')?.[1]?.replace(',', ''))
  assert.ok((await rows('100')) < 500)
  assert.ok((await rows('9000')) > 8000)
  await assert.rejects(of('not a number'))
})

test('names mean what they mean in the session', { skip }, async () => {
  const [, size = ''] = await estimateRows(document('DELETE FROM orders', [], ['small']), upstream)
  assert.match(size, /^small\.orders has about 10 rows/)
})

test('several statements are planned one by one', { skip }, async () => {
  const lines = await estimateRows(document('DELETE FROM small.orders; SELECT * FROM orders'), upstream)
  assert.deepEqual(
    lines.map((line) => line.replace(/ in .*/, '')),
    [
      'delete: about 10 rows, as the planner expects',
      'select: about 10,000 rows, as the planner expects',
      'small.orders has about 10 rows',
      'public.orders has about 10,000 rows',
    ],
  )
  assert.equal(await count('small.orders'), 10)
})

for (const [name, sql] of [
  ['a function of the user that would run while it is planned', 'SELECT noisy(1)'],
  ['one in a condition', 'DELETE FROM orders WHERE amount = noisy(2)'],
  ['a definition', 'DROP TABLE orders'],
  ['a call', "SELECT nextval('numbers')"],
  ['an anonymous block', "DO 'BEGIN DELETE FROM orders; END'"],
  ['EXPLAIN that runs', 'EXPLAIN ANALYZE DELETE FROM orders'],
  ['a relation that is not there', 'DELETE FROM nowhere'],
  ['one statement of another kind among others', 'SELECT 1; DROP TABLE orders'],
] as const) {
  test(`does not plan ${name}`, { skip }, async () => {
    assert.deepEqual(await estimateRows(document(sql), upstream), [])
    assert.equal(await count('calls'), 0)
    assert.equal(await count('orders'), 10_000)
  })
}

test('a relation that is locked makes no hold wait', { skip }, async () => {
  const locker = new pg.Client(server.url)
  await locker.connect()
  await locker.query('BEGIN; LOCK TABLE orders IN ACCESS EXCLUSIVE MODE')
  await assert.rejects(estimateRows(document('DELETE FROM orders'), upstream))
  await locker.query('ROLLBACK')
  await locker.end()
  assert.equal((await estimateRows(document('DELETE FROM orders'), upstream)).length, 2)
})

test('a database that is not there gives no estimate', { skip }, async () => {
  await assert.rejects(estimateRows(document('DELETE FROM orders'), { ...upstream, port: 1 }))
})
