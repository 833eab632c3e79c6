// Views that were provisioned before masks were written shorter stand as they are, and show the same.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import pg from 'pg'
import {
  type Catalog,
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  type ProtectionMode,
  SqlSession,
} from '../../../../../engine/action/sql/index.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../../../support/postgres-server.ts'

const missing = postgresMissing()
const earlier = readFileSync('fixtures/postgres/views-0.1.0.sql', 'utf8')
const earlierName = 'held_19c2d1a9982dddfb94612ca2273ce751'
const masks = [
  { column: 'public.held.pan', with: 'last4' },
  { column: 'public.held.tag', with: 'first6' },
  { column: 'public.held.code', with: 'last2' },
  { column: 'public.held.mail', with: 'partial' },
  { column: 'public.held.born', with: 'date:month' },
  { column: 'public.held.pay', with: 'bucket:100' },
  { column: 'public.held.note', with: 'redact' },
]
const terms = { masks, filters: [] }
const texts = [
  ...[null, '', '@', 'a@b', 'anna.müller@example.org', 'a@b@c', 'x'.repeat(40), 'é'.repeat(16), '🙂'.repeat(8)],
  ...['1234567', '12345678', '4111111111111111', '4111-1111-1111-1111', '123-45-6789', '2024-05-06', '\\_%\n________'],
]
let server: PostgresServer
let client: pg.Client

before(async () => {
  if (missing !== undefined) return
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`create schema sallyport; create table held
    (id int primary key, pan text, tag varchar(40), code char(7), mail text, born text, pay int, note text)`)
  for (const [index, text] of texts.entries())
    await client.query(
      'insert into held values ($1, $2::text, $2::text, left($2::text, 7), $2, $2, $1::int * 77, $2)',
      [index - 3, text],
    )
})
after(async () => {
  await client?.end()
  await server?.stop()
})

async function read(): Promise<Catalog> {
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  return catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1')
}

/** What is sent for a query of everything, and what comes. */
async function answered(mode: ProtectionMode): Promise<{ readonly text: string; readonly rows: unknown }> {
  const analyzer = await createSqlAnalyzer(18, await read(), mode)
  const session = SqlSession.start('postgres')
  const analysis = analyzer.analyzeNow('select * from held order by id', session)
  assert.equal(analysis.kind, 'analysis')
  if (analysis.kind !== 'analysis') throw new Error('not analyzed')
  const made = analyzer.substitute(analysis, session, terms)
  if (made.kind === 'refuse') throw new Error(made.why)
  const config: pg.QueryArrayConfig = { text: made.text, rowMode: 'array' }
  return { text: made.text, rows: (await client.query<unknown[]>(config)).rows }
}

test('views of an earlier release are read until others are provisioned, and show the same', {
  skip: missing ?? false,
}, async () => {
  await assert.rejects(answered('views'), /provisioned with other masks/)
  await client.query(earlier)
  const before = await answered('views')
  assert.ok(before.text.includes(earlierName), before.text)
  assert.deepEqual((await answered('inline')).rows, before.rows)
  assert.ok(JSON.stringify(before.rows).includes('"************1111"'))
  const provisioned = (await createSqlAnalyzer(18, await read())).provision(terms, 'gateway')
  if (!provisioned.ok) throw new Error(provisioned.why)
  for (const statement of provisioned.statements) await client.query(statement)
  const after = await answered('views')
  assert.ok(!after.text.includes(earlierName), after.text)
  assert.deepEqual(after.rows, before.rows)
})

test('a view of an earlier release for other masks is not read', { skip: missing ?? false }, async () => {
  const analyzer = await createSqlAnalyzer(18, await read(), 'views')
  const session = SqlSession.start('postgres')
  const analysis = analyzer.analyzeNow('select pan from held', session)
  if (analysis.kind !== 'analysis') throw new Error('not analyzed')
  const others = { masks: [{ column: 'public.held.pan', with: 'last2' }], filters: [] }
  assert.deepEqual(analyzer.substitute(analysis, session, others), {
    kind: 'refuse',
    why: 'public.held was provisioned with other masks, or not at all',
  })
})
