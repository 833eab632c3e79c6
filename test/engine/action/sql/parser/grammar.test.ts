// The grammar: what was parsed is given again, and is the same as if it had been parsed anew.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadGrammar } from '../../../../../engine/action/sql/parser/grammar.ts'

test('a text that is parsed again gives the tree it gave before, also after many others', async () => {
  const grammar = await loadGrammar(18)
  const first = grammar.parse('select a from b where c = 1')
  assert.ok(first.ok)
  const before = JSON.stringify(first.tree)
  for (let index = 0; index < 200; index++) assert.ok(grammar.parse(`select ${index}`).ok)
  const again = grammar.parse('select a from b where c = 1')
  assert.ok(again.ok)
  assert.equal(JSON.stringify(again.tree), before)
  assert.equal(grammar.parse('select a from b where c = 1'), again)
})

test('a text that cannot be parsed is refused each time, and trees are not mixed up between majors', async () => {
  const [newest, older] = [await loadGrammar(18), await loadGrammar(15)]
  for (let round = 0; round < 3; round++) {
    const refused = newest.parse('select from where')
    assert.ok(!refused.ok && refused.clean)
    // PostgreSQL 16 and later know this word.
    assert.ok(newest.parse("select 'x' is json").ok)
    assert.ok(!older.parse("select 'x' is json").ok)
  }
})
