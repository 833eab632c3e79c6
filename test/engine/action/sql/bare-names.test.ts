// A name without a dot beside a FROM item whose columns are not all known: what it may be is what it is made of.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtinCatalog, createSqlAnalyzer, SqlSession } from '../../../../engine/action/sql/index.ts'

const analyzer = await createSqlAnalyzer(18, builtinCatalog())

const cases: readonly (readonly [string, string])[] = [
  ['a whole row', 'select a from pg_authid a, unnest(array[1]) as u(x)'],
  ['a whole row in front of it', 'select to_jsonb(a) from unnest(array[1]) as u(x), pg_authid a'],
  ['a column of the query around', 'select (select rolpassword from unnest(array[1]) as u(x)) from pg_authid'],
  ['a whole row of the query around', 'select (select a from unnest(array[1]) as u(x)) from pg_authid a'],
  ['a column beside it', 'select rolpassword from pg_authid, unnest(array[1]) as u(x)'],
  [
    'what it gives itself',
    'select y from (select rolpassword from pg_authid) p, unnest(array[p.rolpassword]) as u(x), unnest(array[1]) as v(z)',
  ],
]

for (const [name, text] of cases) {
  test(`${name} is found`, () => {
    const result = analyzer.analyzeNow(text, SqlSession.start('postgres'))
    assert.ok(result.kind === 'analysis', text)
    const [statement] = result.statements
    const sources = (statement?.outputs[0]?.sources ?? []).map(({ relation, column }) => `${relation}.${column}`)
    assert.ok(sources.includes('pg_authid.rolpassword'), sources.join())
    const read = statement?.relations.find((one) => one.name === 'pg_authid')?.columns ?? []
    assert.ok(read.includes('rolpassword'), read.join())
  })
}

test('a column beside it is still the column itself', () => {
  const result = analyzer.analyzeNow(
    'select rolname from unnest(array[1]) as u(x), pg_authid',
    SqlSession.start('postgres'),
  )
  assert.ok(result.kind === 'analysis')
  assert.deepEqual(
    result.statements[0]?.outputs.map(({ direct, known, sources }) => [direct, known, sources.length]),
    [[true, true, 1]],
  )
})
