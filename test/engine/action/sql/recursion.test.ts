// WITH RECURSIVE: what flows round is found however many columns further it moves, what comes later is found, and no text
// keeps the analyzer busy.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  builtinCatalog,
  createSqlAnalyzer,
  SqlSession,
  type SqlStatement,
} from '../../../../engine/action/sql/index.ts'

const analyzer = await createSqlAnalyzer(18, builtinCatalog())

function analyzed(text: string): SqlStatement {
  const result = analyzer.analyzeNow(text, SqlSession.start('postgres'))
  assert.ok(result.kind === 'analysis', JSON.stringify(result))
  const [statement] = result.statements
  assert.ok(statement !== undefined)
  return statement
}

/** Columns that the first output is made of. */
function sources(text: string): readonly string[] {
  const { complete, reasons, outputs } = analyzed(text)
  assert.deepEqual([complete, reasons], [true, []], text)
  return (outputs[0]?.sources ?? []).map(({ relation, column }) => `${relation}.${column}`)
}

for (const width of [2, 3, 4, 5, 9]) {
  test(`finds what comes ${width} columns further`, () => {
    const columns = Array.from({ length: width }, (_, index) => `c${index}`)
    const seed = [...columns.slice(1).map(() => "''::name"), 'rolname']
    const next = [...columns.slice(1), columns.at(-1)]
    const text = `with recursive r(${columns.join()}) as (select ${seed.join()} from pg_authid union all select ${next.join()} from r) select c0 from r`
    assert.deepEqual(sources(text), ['pg_authid.rolname'])
  })
}

test('an expression may stand on one that comes later', () => {
  assert.deepEqual(
    sources(
      "with recursive a as (select x from b), b(x) as (select ''::name union all select rolname from pg_authid) select x from a",
    ),
    ['pg_authid.rolname'],
  )
  assert.deepEqual(
    sources(
      'with recursive a as (select x from b), b as (select * from pg_class), pg_class(x) as (select rolname from pg_authid) select x from a',
    ),
    ['pg_authid.rolname'],
  )
})

test('expressions that stand on one another are not called complete', () => {
  const text = 'with recursive a(x) as (select x from b), b(x) as (select x from a) select x from a'
  assert.equal(analyzed(text).complete, false)
})

test('columns of SEARCH and CYCLE are made of all', () => {
  const text = (clause: string): string =>
    `with recursive r(a, b) as (select 1, rolname from pg_authid union all select a + 1, b from r) ${clause} select s from r`
  assert.deepEqual(sources(text('search depth first by a set s')), ['pg_authid.rolname'])
  assert.deepEqual(sources(text('cycle a set s using p')), ['pg_authid.rolname'])
})

const nestings: readonly (readonly [string, (inside: string, at: number) => string])[] = [
  ['within themselves', (inside, at) => `with recursive r${at}(a,b,c,d) as (${inside}) select a,b,c,d from r${at}`],
  [
    'in the part that begins',
    (inside, at) =>
      `with recursive r${at}(a,b,c,d) as (select * from (${inside}) x union all select b,c,d,d from r${at}) select a,b,c,d from r${at}`,
  ],
  [
    'in the part that comes again',
    (inside, at) =>
      `with recursive r${at}(a,b,c,d) as (select '','','','' union all select x.b,r${at}.c,x.d,x.d from r${at}, (${inside}) x) select a,b,c,d from r${at}`,
  ],
]
for (const [where, around] of nestings) {
  test(`recursion nested ${where} takes no long time`, () => {
    let text = "select '' as a, '' as b, '' as c, rolname as d from pg_authid"
    for (let at = 0; at < 30; at++) text = around(text, at)
    const begun = process.cpuUsage()
    analyzed(text)
    const { user } = process.cpuUsage(begun)
    assert.ok(user < 5_000_000, `${user} us`)
  })
}
