// Names that the catalog does not have are told as the statement has them, and those of other texts are not.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { Catalog, createSqlAnalyzer, type SqlAnalyzer, SqlSession } from '../../../../engine/action/sql/index.ts'

const at = { schema: 'public', name: 't' }
const column = (name: string) => ({ name, type: { schema: 'pg_catalog', name: 'int4', array: false } })
const catalog = new Catalog(undefined, {
  schemas: [['public', true]],
  relations: [[at, { ...at, kind: 'table', columns: ['a', 'b'].map(column) }]],
})
let analyzer: SqlAnalyzer

before(async () => {
  analyzer = await createSqlAnalyzer(18, catalog)
})

const cases: readonly (readonly [string, readonly string[] | undefined])[] = [
  ['select a from t where b = 1', undefined],
  ['select missing from t', ['missing']],
  ['select t.missing, x.a from t', ['missing', 'x.a']],
  ['select * from gone join other.gone g on true', ['gone', 'other.gone']],
  ['insert into gone values (1)', ['gone']],
  ['select nothing(a) from t', ['nothing']],
  ["select 'a'::of_nobody", ['of_nobody']],
  ['select "Missing" from t where a = 7', ['Missing']],
  // A number of another value is another text of the same analysis.
  ['select "Missing" from t where a = 8', ['Missing']],
  [
    `select ${Array.from({ length: 12 }, (_, index) => `m${index}`).join()} from t`,
    [0, 1, 2, 3, 4, 5, 6, 7].map((n) => `m${n}`),
  ],
  // Cut where the server cuts it.
  [`select "${'é'.repeat(80)}" from t`, ['é'.repeat(31)]],
]
for (const [text, names] of cases) {
  test(`${text.slice(0, 60)}: ${names?.length ?? 0} unknown names`, () => {
    const analysis = analyzer.analyzeNow(text, SqlSession.start('app'))
    if (analysis.kind !== 'analysis') throw new Error(analysis.message)
    const [statement] = analysis.statements
    assert.deepEqual(statement?.unresolved, names)
    assert.equal(statement?.complete, names === undefined)
  })
}
