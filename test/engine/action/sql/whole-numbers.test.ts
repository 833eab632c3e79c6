// Texts that differ in whole numbers: what is found for them is what reading them gives.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  Catalog,
  createSqlAnalyzer,
  type SqlAnalysis,
  type SqlAnalyzer,
  SqlSession,
} from '../../../../engine/action/sql/index.ts'
import { substitutedAlike } from '../../../../engine/action/sql/substitute/substitute.ts'
import { WholeNumbers } from '../../../../engine/action/sql/whole-numbers.ts'

const at = { schema: 'public', name: 't' }
const column = (name: string) => ({ name, type: { schema: 'pg_catalog', name: 'int4', array: false } })
const catalog = new Catalog(undefined, {
  schemas: [['public', true]],
  relations: [[at, { ...at, kind: 'table', columns: ['a', 'b', 'c'].map(column) }]],
})
const make = (): Promise<SqlAnalyzer> => createSqlAnalyzer(18, catalog)
const session = SqlSession.start('app')

/** Texts with places for numbers; each is read in several ways by the grammar and by what asks for a number's value. */
const shapes: readonly string[] = [
  'select a from t where b = #',
  'select a, b from t where a = # and b < # order by # limit #',
  'select a, count(b) from t group by # order by # offset #',
  'select a from t where a = -# or b = - # or c = - - #',
  'select # = #, #::float, cast(a as float(#)), a::varchar(#), a[#], array[#, #][#] from t',
  'insert into t (a, b, c) values (#, #, #), (-#, #, # + #)',
  'update t set a = a + -#, b = # where c in (#, #) returning a',
  'update t set a = # where #',
  'delete from t where a between # and #',
  'select * from t where a = #.5 or b = .# or c = #e# or a = #_# or b = 0#',
  'select a from t tablesample bernoulli (#) where a @-# or b <# or a%#=#',
  'select generate_series(#, #), pg_sleep(#), set_config(null, null, # = #)',
  'select a as c# from t as t# where t#.a = #',
  'set statement_timeout to #',
  'set local work_mem = -#',
  'select a from t fetch first # rows only; ',
  'select a from t where a = #; select b from t limit #',
  'with x as (select a from t limit #) select * from x where a > # union select # order by #',
  'select case when a = # then # else -# end from t window w as (order by # rows # preceding)',
  'explain (analyze #) select #',
  "select 'it is #', a from t where a = #",
  'select "#" from t where a = # -- # and',
  'select $# + #',
  'selec # from',
]
const digits = fc.oneof(
  fc.integer({ min: 0, max: 12 }),
  fc.integer({ min: 0, max: 999 }),
  fc.constantFrom(24, 25, 53, 54, 2147483647, 2147483648, 999999999, 1000000000),
)

test('an analysis that is found for other numbers is the one that reading gives', async () => {
  const warm = await make()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...shapes),
      fc.array(digits, { minLength: 12, maxLength: 12 }),
      async (shape, values) => {
        const fill = (from: number): string => {
          let index = from
          return shape.replaceAll('#', () => String(values[index++ % values.length]))
        }
        for (const text of [fill(0), fill(5)]) {
          const fresh = await make()
          const { like: _like, ...found } = { like: undefined, ...warm.analyzeNow(text, session) }
          assert.deepEqual(found, fresh.analyzeNow(text, session), text)
        }
      },
    ),
    { numRuns: 1500 },
  )
})

/** Texts in which what is read and written is replaced under masks and filters. */
const protectedShapes: readonly string[] = [
  ...shapes,
  'select a, b from t where c = # and a in (select a from only t where b < #)',
  'select x.a, # from t x, (table t) y where x.a = y.b + #',
  'update t set a = # where b = # and c < # returning a',
  'update t set a = # ',
  'delete from t where b = # or c = # / #',
  'with w as (delete from t where b = # returning a) select a + # from w',
  'select a as a#, b from t as t1 where t1.b=#and a=#',
  'copy (select a from t where b = #) to stdout',
]
const protection = fc.record({
  masks: fc.constantFrom([], [{ column: 'public.t.a', with: 'null' }], [{ column: 'public.t.c', with: 'redact' }]),
  filters: fc.constantFrom([], [{ relation: 'public.t', where: 'b > 5' }], [{ relation: 'public.t', where: 'a = 15' }]),
})

test('a substitution that is found for other numbers is the one that reading gives', async () => {
  const warm = await make()
  let alike = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...protectedShapes),
      protection,
      fc.array(digits, { minLength: 12, maxLength: 12 }),
      async (shape, terms, values) => {
        for (const from of [0, 5, 7]) {
          let index = from
          const text = shape.replaceAll('#', () => String(values[index++ % values.length]))
          const found = warm.analyzeNow(text, session)
          const fresh = await make()
          const read = fresh.analyzeNow(text, session)
          if (found.kind === 'refusal' || read.kind === 'refusal') continue
          const substituted = warm.substitute(found, session, terms)
          assert.deepEqual(substituted, fresh.substitute(read, session, terms), text)
          if (found.like !== undefined && substituted.kind === 'forward' && substituted.text !== text) alike++
        }
      },
    ),
    { numRuns: 1000 },
  )
  assert.ok(alike > 20, `only ${alike} were found`)
})

test('a text whose changes touch its numbers is substituted by itself', () => {
  const analysis = { forward: 'select 15 from t' } as SqlAnalysis
  const substitution = { kind: 'forward', text: '', reaches: true, gateway: [], masked: [] } as const
  const numbers = [{ start: 7, end: 9 }]
  const at = (start: number, end: number): string | undefined => {
    const made = { substitution, pieces: [{ start, end, by: 'x', check: 'x' }] }
    const found = substitutedAlike(analysis, { ...analysis, numbers }, made)
    return found?.kind === 'forward' ? found.text : undefined
  }
  assert.equal(at(15, 16), 'select 15 from  x')
  assert.equal(at(9, 9), 'select 15 x from t')
  for (const [start, end] of [
    [8, 8],
    [7, 8],
    [6, 16],
  ] as const)
    assert.equal(at(start, end), undefined)
  const made = { substitution, pieces: [{ start: 15, end: 16, by: 'x', check: 'x' }] }
  assert.equal(substitutedAlike(analysis, analysis, made), undefined)
})

test('a number that nothing looks at is not read again, and one that something looks at is', async () => {
  const analyzer = await make()
  const first = analyzer.analyzeNow('select a from t where b = 17 limit 10', session)
  const other = analyzer.analyzeNow('select a from t where b = 42 limit 10', session)
  const limited = analyzer.analyzeNow('select a from t where b = 17 limit 20', session)
  assert.ok(first.kind === 'analysis' && other.kind === 'analysis' && limited.kind === 'analysis')
  assert.equal(other.statements[0]?.relations, first.statements[0]?.relations)
  assert.equal(other.statements[0]?.text, 'select a from t where b = 42 limit 10')
  assert.equal(other.forward, 'select a from t where b = 42 limit 10')
  assert.notEqual(limited.statements[0]?.relations, first.statements[0]?.relations)
  assert.deepEqual([first.statements[0]?.limit, limited.statements[0]?.limit], [10, 20])
})

test('nothing is found after the catalog has changed, nor for another search path', async () => {
  const analyzer = await make()
  const relations = (text: string, under: SqlSession) => {
    const result = analyzer.analyzeNow(text, under)
    assert.ok(result.kind === 'analysis')
    return result.statements[0]?.relations
  }
  const first = relations('select a from t where b = 17', session)
  assert.equal(relations('select a from t where b = 18', session), first)
  assert.notEqual(relations('select a from t where b = 18', session.withSearchPath(['other'])), first)
  analyzer.useCatalog(new Catalog(undefined, {}))
  assert.notDeepEqual(relations('select a from t where b = 19', session), first)
})

test('a text with anything that could hide a number is not taken', async () => {
  const known = new WholeNumbers()
  const real = (await make()).analyzeNow('select 15', session)
  assert.ok(real.kind === 'analysis')
  const [statement] = real.statements
  assert.ok(statement)
  const isTaken = (text: string): boolean => {
    const tree = { A_Const: { ival: { ival: 15 }, location: 4 } }
    known.learn('', text, tree, { ...real, forward: text, statements: [{ ...statement, text }] }, new Set())
    return known.find('', text.replace('15', '16')) !== undefined
  }
  assert.ok(isTaken('a = 15 '))
  for (const rest of ["'x'", '"x"', '-- x', '/* x', '$1', '\\', 'ä', '\u0001']) {
    assert.ok(!isTaken(`a = 15 ${rest}`), rest)
  }
  for (const text of ['a = 15.', 'a = 15e', 'aaaa15', 'aaa.15', 'a = 1_5', 'a = 0']) assert.ok(!isTaken(text), text)
})

test('what was found a moment ago is found by the text as it is, and only for other numbers of the same length', async () => {
  const analyzer = await make()
  const first = 'select a from t where b = 1789 and c = 42'
  const real = analyzer.analyzeNow(first, session)
  assert.ok(real.kind === 'analysis')
  const known = new WholeNumbers()
  const constant = (value: number): object => ({
    A_Const: { ival: { ival: value }, location: first.indexOf(String(value)) },
  })
  known.learn('k', first, [constant(1789), constant(42)], real, new Set([first.indexOf('42')]))
  const other = 'select a from t where b = 2345 and c = 42'
  assert.equal(known.findRecent('k', other), undefined)
  assert.ok(known.find('k', other))
  assert.deepEqual(known.findRecent('k', other), known.find('k', other))
  assert.equal(known.findRecent('k', other)?.statements[0]?.text, other)
  for (const text of [
    'select a from t where b = 2345 and c = 43',
    'select a from t where b = 0345 and c = 42',
    'select a from t where b = 23.5 and c = 42',
    'select a from t where b = 23 5 and c = 42',
    'select a from t where b = 234x and c = 42',
    'select b from t where b = 2345 and c = 42',
    'select a from t where b = 2345 and c = 42 ',
    'select a from t where b = 23456 and c = 4',
  ])
    assert.equal(known.findRecent('k', text), undefined, text)
  assert.equal(known.findRecent('other', other), undefined)
  known.clear()
  assert.equal(known.findRecent('k', other), undefined)
})
