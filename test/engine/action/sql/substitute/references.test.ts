// References with a schema to what is replaced: they keep their meaning without it, or are left to the server's refusal.
import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import {
  builtinCatalog,
  Catalog,
  createSqlAnalyzer,
  type Relation,
  type SqlAnalyzer,
  SqlSession,
} from '../../../../../engine/action/sql/index.ts'

let analyzer: SqlAnalyzer

function table(schema: string, name: string): Relation {
  const text = { schema: 'pg_catalog', name: 'text', array: false }
  const columns = ['id', 'card'].map((column) => ({ name: column, type: text }))
  return { schema, name, kind: 'table', columns, path: [] }
}

before(async () => {
  analyzer = await createSqlAnalyzer(
    18,
    Catalog.from(builtinCatalog(), {
      version: '1',
      schemas: ['public', 'app'],
      relations: [table('public', 'cards'), table('app', 'cards'), table('public', 'orders'), table('public', 'users')],
      types: [],
      routines: [],
      operators: [],
      casts: [],
      eventTriggers: [],
    }),
  )
})

/** What is forwarded where a column is masked and rows of another table are filtered. */
function made(sql: string): string {
  const session = SqlSession.start('agent', ['public'])
  const analysis = analyzer.analyzeNow(sql, session)
  assert.ok(analysis.kind === 'analysis' && analysis.complete, sql)
  const substituted = analyzer.substitute(analysis, session, {
    masks: [{ column: 'public.cards.card', with: 'null' }],
    filters: [{ relation: 'public.users', where: 'id = 1' }],
  })
  assert.ok(substituted.kind === 'forward', substituted.kind === 'refuse' ? substituted.why : sql)
  return substituted.text.replaceAll(/ +/g, ' ').trim()
}

/** The same, with `(...)` for what stands in the place of the masked relation. */
function forwarded(sql: string): string {
  return made(sql).replaceAll(/\(SELECT [^()]*(?:\([^()]*\)[^()]*)*\) (?:AS "cards" ?)?/g, '(...) ')
}

for (const [sql, text] of [
  ['select public.cards.id from public.cards', 'select cards.id from (...) '],
  ['select "public"."cards"."id", public . cards.* from "public"."cards"', 'select "cards"."id", cards.* from (...) '],
  [
    'select public.cards.id, public.orders.id from public.orders join public.cards on public.cards.id = public.orders.card where public.cards.id > $1 order by public.cards.id',
    'select cards.id, public.orders.id from public.orders join (...) on cards.id = public.orders.card where cards.id > $1 order by cards.id',
  ],
  ['select public.cards.id from cards', 'select cards.id from (...) '],
  ["select 'ü', public.cards.id from cards", "select 'ü', cards.id from (...) "],
  ['select c.id from public.cards c', 'select c.id from (...) c'],
  [
    'select (select max(public.orders.id) from public.orders where public.orders.card = public.cards.id) from public.cards',
    'select (select max(public.orders.id) from public.orders where public.orders.card = cards.id) from (...) ',
  ],
  // Without its schema the reference could mean the other.
  [
    'select (select public.cards.id from app.cards limit 1) from public.cards',
    'select (select public.cards.id from app.cards limit 1) from (...) ',
  ],
  [
    'with cards as (select 1 as id) select public.cards.id from public.cards',
    'with cards as (select 1 as id) select public.cards.id from (...) ',
  ],
  // Comments may stand within names and lists.
  ['select public/* . */.cards -- .\n. id from public . /* " */ cards', 'select cards \n. id from (...) '],
] as const)
  test(sql, () => {
    assert.equal(forwarded(sql).trim(), text.trim())
  })

test('COPY of a list of columns reads them from what stands for the relation', () => {
  const text = made('copy public.cards ("card" /* ) */, ID -- (\n) to stdout (format csv)')
  assert.match(text, /^copy \(SELECT "card", "id" FROM \(SELECT .*\) AS "cards"\) to stdout \(format csv\)$/)
})

test('a row filter is added to a write, whatever its quotes and comments say', () => {
  const filter = made('delete from users').replace('delete from users WHERE ', '')
  assert.match(filter, /^\(.*"id".* 1\)$/)
  assert.equal(made('delete from users -- where'), `delete from users WHERE ${filter}`)
  assert.equal(
    made("delete from users where card = e'\\' where' -- returning\n returning id, '' as \"where\""),
    `delete from users where (${filter}) AND ( card = e'\\' where' \n ) returning id, '' as "where"`,
  )
})
