// Columns whose masks need the gateway's key: read as they are where lineage says that they come out, NULL where not.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  builtinCatalog,
  Catalog,
  createSqlAnalyzer,
  type SqlAnalysis,
  type SqlAnalyzer,
  SqlSession,
} from '../../../../../engine/action/sql/index.ts'

const text = { schema: 'pg_catalog', name: 'text', array: false }
const session = SqlSession.start('agent', ['public'])
let analyzer: SqlAnalyzer

before(async () => {
  analyzer = await createSqlAnalyzer(
    18,
    Catalog.from(builtinCatalog(), {
      version: '1',
      schemas: ['public'],
      relations: [
        {
          schema: 'public',
          name: 'cards',
          kind: 'table',
          columns: ['id', 'card', 'code'].map((name) => ({ name, type: text })),
          path: [],
        },
      ],
      types: [],
      routines: [],
      operators: [],
      casts: [],
      eventTriggers: [],
    }),
  )
})

function analyzed(sql: string): SqlAnalysis {
  const analysis = analyzer.analyzeNow(sql, session)
  assert.ok(analysis.kind === 'analysis' && analysis.complete, sql)
  return analysis
}

function forwarded(analysis: SqlAnalysis, ...strategies: readonly [string, string][]): string {
  const masks = strategies.map(([column, strategy]) => ({ column: `public.cards.${column}`, with: strategy }))
  const substituted = analyzer.substitute(analysis, session, { masks, filters: [] })
  assert.ok(substituted.kind === 'forward')
  return substituted.text.replaceAll(/ +/g, ' ').trim()
}

const hidden = '(SELECT s."id", NULL::"pg_catalog"."text" AS "card", s."code" FROM "public"."cards" AS s)'

for (const strategy of ['hash', 'tokenize']) {
  test(`${strategy}: a column that does not come out is NULL`, () => {
    assert.equal(forwarded(analyzed('SELECT id FROM cards'), ['card', strategy]), `SELECT id FROM ${hidden} AS "cards"`)
    assert.equal(
      forwarded(analyzed('SELECT count(*) FROM (SELECT card FROM cards c) s'), ['card', strategy]),
      `SELECT count(*) FROM (SELECT card FROM ${hidden} c) s`,
    )
  })
}

test('a column that comes out is read as it is, and another one is not', () => {
  assert.equal(forwarded(analyzed('SELECT card, id FROM cards'), ['card', 'hash']), 'SELECT card, id FROM cards')
  assert.equal(
    forwarded(analyzed('SELECT code FROM cards'), ['card', 'hash'], ['code', 'tokenize']),
    `SELECT code FROM ${hidden} AS "cards"`,
  )
})

test('lineage that calls the column made of nothing shows nothing', () => {
  const analysis = analyzed('SELECT card FROM cards')
  const [statement] = analysis.statements
  assert.ok(statement)
  const outputs = statement.outputs.map((output) => ({ ...output, sources: [] }))
  assert.equal(
    forwarded({ ...analysis, statements: [{ ...statement, outputs }] }, ['card', 'hash']),
    `SELECT card FROM ${hidden} AS "cards"`,
  )
})
