// Texts with sources in them: what was checked with short queries in their places is what the whole text parses to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadGrammar } from '../../../../../engine/action/sql/parser/grammar.ts'
import { as, isTree, list, number } from '../../../../../engine/action/sql/parser/tree.ts'
import { readEdit, rewrite, sourceOf } from '../../../../../engine/action/sql/substitute/edits.ts'
import { replaced, sameTree } from '../../../../../engine/action/sql/substitute/tree-edit.ts'

const grammar = await loadGrammar(18)

function tree(text: string): unknown {
  const parsed = grammar.parse(text)
  assert.ok(parsed.ok, text)
  return parsed.tree
}

function queryOf(text: string): unknown {
  const parsed = tree(text)
  assert.ok(isTree(parsed))
  const [only] = list(parsed, 'stmts')
  assert.ok(isTree(only))
  return only['stmt']
}

/** A text with every place of `t` read from a source instead. */
function rewritten(text: string, source: string): { readonly text: string | undefined; readonly meant: unknown } {
  const places = [...text.matchAll(/\bt\b(?= as)/g)].map(({ index }) => Buffer.byteLength(text.slice(0, index)))
  const made = sourceOf(source, 1, grammar)
  const site = (location: number) => ({ schema: 's', name: 't', only: false, aliased: true, location })
  const edits = places.map((location) => readEdit(Buffer.from(text), site(location), made))
  const meant = (): unknown =>
    replaced(tree(text), (node) => {
      const range = as(node, 'RangeVar')
      if (range === undefined || !places.includes(number(range, 'location'))) return undefined
      return { RangeSubselect: { subquery: queryOf(source), alias: range['alias'] } }
    })
  const result = rewrite(text, tree(text), edits, grammar)
  return { text: result, meant: result === undefined ? undefined : meant() }
}

const texts = [
  'select * from t as a',
  'select a.x from u join t as a using (x) left join t as b on a.x = b.x',
  'select (select max(x) from t as a), lateral_.y from u, lateral (select * from t as a where a.x = u.x) as lateral_',
  'with q as (select * from t as a) select * from q union all (select * from t as b order by 1 limit 1)',
  "select 'ö t', $$ t $$, /* t */ a.x from t as a where a.x in (select x from t as b)",
  'update u set x = 1 from t as a where a.x = u.x',
  'delete from u using t as a where a.x = u.x',
  'merge into u using t as a on a.x = u.x when matched then delete',
  'select * from ((t as a join u on true) cross join t as b)',
]

test('a text with its sources parses to what was checked with short queries in their places', () => {
  const sources = [
    'SELECT 1 AS x',
    'SELECT x FROM u UNION SELECT 2',
    '(SELECT x FROM u) UNION (SELECT 2 ORDER BY 1)',
    '((SELECT 1 AS x))',
    'VALUES (1), (2)',
    'TABLE u',
    'WITH w AS (SELECT 1 AS x) SELECT * FROM w ORDER BY x LIMIT 3 FOR UPDATE',
    "SELECT 'a)' AS x, $b$)$b$, \"q)\" FROM u WHERE x::text = E'\\')' -- )\n",
  ]
  for (const text of texts)
    for (const source of sources) {
      const { text: result, meant } = rewritten(text, source)
      assert.ok(result !== undefined, `${text} with ${source}`)
      assert.ok(sameTree(meant, tree(result)), result)
    }
})

test('what is no query within brackets is read instead of nothing', () => {
  const sources = [
    '',
    'SELECT 1) AS a, (SELECT 2',
    'SELECT 1 --',
    'SELECT 1 /*',
    "SELECT 'a",
    'SELECT $$a',
    'SELECT 1; SELECT 2',
    'SELECT 1;',
    'u JOIN v ON true',
    '(SELECT 1) AS a JOIN u ON true',
    'DELETE FROM u RETURNING x',
    'EXPLAIN SELECT 1',
  ]
  for (const text of texts)
    for (const source of sources) assert.equal(rewritten(text, source).text, undefined, `${text} with ${source}`)
})
