// Row filters that a policy wrote: what may be in one, and how it is printed.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Relation } from '../../../../../engine/action/sql/index.ts'
import { type Grammar, loadGrammar } from '../../../../../engine/action/sql/parser/grammar.ts'
import { printFilter } from '../../../../../engine/action/sql/substitute/filter.ts'

let grammar: Grammar
before(async () => {
  grammar = await loadGrammar(18)
})

const type = { schema: 'pg_catalog', name: 'text', array: false }
const relation: Relation = {
  schema: 'public',
  name: 'orders',
  kind: 'table',
  columns: ['id', 'tenant', 'state', 'Odd'].map((name) => ({ name, type })),
}
const printed = (where: string) => printFilter(where, relation, 's', grammar)

test('prints conditions with qualified operators, functions and columns', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['tenant = 42', '(s."tenant" OPERATOR(pg_catalog.=) 42)'],
    ['orders.tenant <> -1', '(s."tenant" OPERATOR(pg_catalog.<>) -1)'],
    ["state IN ('a', 'b')", `((s."state" OPERATOR(pg_catalog.=) 'a') OR (s."state" OPERATOR(pg_catalog.=) 'b'))`],
    ["state NOT IN ('a')", `((s."state" OPERATOR(pg_catalog.<>) 'a'))`],
    ['id BETWEEN 1 AND 2', '((s."id" OPERATOR(pg_catalog.>=) 1) AND (s."id" OPERATOR(pg_catalog.<=) 2))'],
    ['NOT (state IS NULL) AND true', '((NOT (s."state" IS NULL)) AND true)'],
    ["lower(state) LIKE 'a%'", `(pg_catalog.lower(s."state") OPERATOR(pg_catalog.~~) 'a%')`],
    [`"Odd" = 'it''s'`, `(s."Odd" OPERATOR(pg_catalog.=) 'it''s')`],
  ]
  for (const [where, wanted] of cases) {
    const result = printed(where)
    assert.equal(result.ok && result.text, wanted, where)
    assert.ok(grammar.parse(`SELECT 1 FROM t s WHERE ${wanted}`).ok)
  }
  const both = printed("tenant = 1 AND state = 'x'")
  assert.deepEqual(both.ok && [...both.columns], ['tenant', 'state'])
})

test('refuses what is more than a condition on the relation', () => {
  for (const where of [
    '',
    'true; DROP TABLE orders',
    'true) OR (true',
    'tenant = 1 ORDER BY 1',
    'tenant = 1 GROUP BY id',
    'tenant = 1 UNION SELECT 1',
    'tenant = (SELECT 1)',
    'EXISTS (SELECT 1)',
    'other = 1',
    'x.tenant = 1',
    'pg_sleep(1) IS NULL',
    'evil.lower(state) = 1',
    'tenant OPERATOR(evil.=) 1',
    'tenant = $1',
    "state::evil = 'x'",
    'tenant @@ 1',
    'count(*) > 1',
    'row_number() OVER () = 1',
    'tenant = ANY (ARRAY[1])',
    'CASE WHEN true THEN true END',
    `tenant = ${'('.repeat(200)}1${')'.repeat(200)} AND ${'NOT '.repeat(100)}true`,
    'x'.repeat(20_000),
  ])
    assert.equal(printed(where).ok, false, where.slice(0, 60))
})
