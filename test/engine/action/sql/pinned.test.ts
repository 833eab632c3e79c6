// A name without a schema that several schemas of the path have a relation for is forwarded with the schema it was judged to
// have: another session may drop that relation before the server reads the name.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  builtinCatalog,
  Catalog,
  createSqlAnalyzer,
  type Relation,
  type SqlAnalysis,
  type SqlAnalyzer,
  SqlSession,
} from '../../../../engine/action/sql/index.ts'

let analyzer: SqlAnalyzer
const session = SqlSession.start('app', ['$user', 'public'])

function table(schema: string, name: string): Relation {
  const integer = { schema: 'pg_catalog', name: 'int4', array: false }
  return { schema, name, kind: 'table', columns: [{ name: 'id', type: integer }], path: [] }
}

before(async () => {
  analyzer = await createSqlAnalyzer(
    18,
    Catalog.from(builtinCatalog(), {
      version: '1',
      schemas: ['app', 'public', 'other'],
      relations: [table('app', 'cards'), table('public', 'cards'), table('public', 'alone'), table('other', 'alone')],
      types: [],
      routines: [
        {
          schema: 'public',
          name: 'counted',
          kind: 'function',
          arguments: [],
          defaults: 0,
          variadic: false,
          returns: { schema: 'pg_catalog', name: 'int8', array: false },
          returnsSet: false,
          volatility: 'stable',
          language: 'sql',
          definer: false,
          body: 'select count(*) from cards',
        },
      ],
      operators: [],
      casts: [],
      eventTriggers: [],
    }),
  )
})

function analysis(sql: string, under: SqlSession = session): SqlAnalysis {
  const result = analyzer.analyzeNow(sql, under)
  assert.ok(result.kind === 'analysis', sql)
  return result
}

for (const [sql, forward] of [
  ['select cards.id from cards', 'select cards.id from "app".cards'],
  ['select * from only cards c, alone', 'select * from only "app".cards c, alone'],
  [
    "select 'ü', id from alone where id in (select id from cards)",
    `select 'ü', id from alone where id in (select id from "app".cards)`,
  ],
  [
    'with alone as (select 1), cards as (select * from cards) select * from cards',
    'with alone as (select 1), cards as (select * from "app".cards) select * from cards',
  ],
  [
    'insert into cards select id from cards on conflict do nothing',
    'insert into "app".cards select id from "app".cards on conflict do nothing',
  ],
  ['update cards set id = 1 where cards.id = 2', 'update "app".cards set id = 1 where cards.id = 2'],
  [
    'delete from "cards" using cards o where o.id = cards.id',
    'delete from "app"."cards" using "app".cards o where o.id = cards.id',
  ],
  [
    'merge into cards using alone on cards.id = alone.id when matched then delete',
    'merge into "app".cards using alone on cards.id = alone.id when matched then delete',
  ],
  ['copy cards from stdin', 'copy "app".cards from stdin'],
  ['truncate alone, cards', 'truncate alone, "app".cards'],
  ['lock table cards', 'lock table "app".cards'],
  ['prepare p as select * from cards', 'prepare p as select * from "app".cards'],
  ['select 1; select id from cards', 'select 1; select id from "app".cards'],
  ['create table made (like cards)', 'create table made (like "app".cards)'],
  ['alter table cards rename to made', 'alter table "app".cards rename to made'],
] as const)
  test(`${sql} is forwarded with the schema`, () => {
    const seen = analysis(sql)
    assert.equal(seen.forward, forward)
    assert.ok(seen.complete, seen.statements.flatMap(({ reasons }) => reasons).join())
    const relations = seen.statements.flatMap((one) => one.relations)
    assert.ok(relations.some(({ schema, name }) => schema === 'app' && name === 'cards'))
    assert.ok(!relations.some(({ schema, name }) => schema === 'public' && name === 'cards'))
    assert.equal(analysis(sql).forward, forward)
  })

test('names in the body of a routine are left as they are', () => {
  const seen = analysis('select counted()')
  assert.equal(seen.forward, 'select counted()')
  assert.ok(seen.complete)
})

for (const sql of [
  'drop table pg_temp_3.cards',
  'alter table pg_temp_3.cards rename to other',
  'select * from pg_temp_3.cards',
  'delete from "pg_temp_3".cards',
  'truncate pg_temp_3.cards',
])
  test(`${sql} may be about the objects of another session`, () => {
    const seen = analysis(sql)
    assert.equal(seen.complete, false)
    assert.ok(seen.statements[0]?.reasons.includes('temporary objects of some session'))
  })

for (const sql of ['drop table cards', "select ts_stat('select id::text::tsvector from cards')"])
  test(`${sql} is not complete`, () => {
    const seen = analysis(sql)
    assert.equal(seen.complete, false)
    assert.equal(seen.forward, sql)
  })

test('names that stand for one relation alone are left as they are', () => {
  for (const sql of ['select * from alone', 'select * from app.cards', 'select * from public.cards']) {
    assert.equal(analysis(sql).forward, sql)
    assert.ok(analysis(sql).complete)
  }
  const alone = SqlSession.start('app', ['app'])
  assert.equal(analysis('select * from cards', alone).forward, 'select * from cards')
})

test('a statement that was prepared before there were two runs no more', () => {
  const named = analysis('prepare p as select * from alone').after[0]
  assert.ok(named !== undefined)
  const later = named.withSearchPath(['other', 'public'])
  assert.equal(analysis('execute p', named).complete, true)
  assert.equal(analysis('execute p', later).complete, false)
})
