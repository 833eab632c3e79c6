// Queries over as many columns as the server takes are understood; stars of stars, which double each time, end.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  builtinCatalog,
  createSqlAnalyzer,
  SqlSession,
  type SqlStatement,
  targetsMax,
} from '../../../../engine/action/sql/index.ts'

const analyzer = await createSqlAnalyzer(18, builtinCatalog())

function analyzed(text: string): SqlStatement {
  const result = analyzer.analyzeNow(text, SqlSession.start('postgres'))
  assert.ok(result.kind === 'analysis', JSON.stringify(result))
  const [statement] = result.statements
  assert.ok(statement !== undefined)
  return statement
}

test('as many columns as the server takes are followed', () => {
  const names = Array.from({ length: 1_664 }, () => 'oid').join()
  const { complete, outputs } = analyzed(`select ${names} from pg_class`)
  assert.equal(complete, true)
  assert.equal(outputs.length, 1_664)
})

const levels = Array.from({ length: 20 }, (_, index) => index)
const doubled: readonly (readonly [string, string])[] = [
  ['in subqueries', levels.reduce((inside, at) => `select *, * from (${inside}) x${at}`, 'select * from pg_class')],
  [
    'of joins',
    `with c0 as (select * from pg_class)${levels.map((at) => `, c${at + 1} as (select a.*, b.* from c${at} a, c${at} b)`).join('')} select 1 from c20`,
  ],
  [
    'of rows',
    `with c0 as (select relname from pg_class)${levels.map((at) => `, c${at + 1} as (select (c${at}).*, (c${at}).* from c${at})`).join('')} select 1 from c20`,
  ],
  [
    'that are returned',
    `with c0 as (select * from pg_class)${levels.map((at) => `, c${at + 1} as (update pg_class set oid = 1 from c${at} a, c${at} b returning a.*, b.*)`).join('')} select 1 from c20`,
  ],
]
for (const [where, text] of doubled) {
  test(`stars of stars ${where} end`, () => {
    const { complete, reasons, outputs } = analyzed(text)
    assert.equal(complete, false)
    assert.ok(reasons.includes('too many columns'), reasons.join())
    assert.ok(outputs.length <= targetsMax)
  })
}
