// A session that defines without end keeps what is remembered of it bounded, and nothing is claimed of its names any more.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtinCatalog, createSqlAnalyzer, SqlSession } from '../../../../engine/action/sql/index.ts'

test('after a thousand definitions no name is called known, and before it is', async () => {
  const catalog = builtinCatalog().with({ schemas: [['public', true]] })
  const analyzer = await createSqlAnalyzer(18, catalog)
  let session = SqlSession.start('agent')
  const complete = (text: string): boolean => {
    const result = analyzer.analyzeNow(text, session)
    assert.ok(result.kind === 'analysis')
    session = result.after.at(-1) ?? session
    return result.complete
  }
  for (let count = 0; count < 1_000; count++) complete(`create temp table t${count}(id int)`)
  assert.equal(complete('select id from t0'), true)
  complete('create temp table one_more(id int)')
  assert.equal(complete('select id from t0'), false)
  assert.equal(complete('select 1'), false)
})
