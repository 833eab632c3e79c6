// Places of a statement that hold expressions, or mean something, where they are easily passed over.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  builtinCatalog,
  Catalog,
  createSqlAnalyzer,
  SqlSession,
  type SqlStatement,
} from '../../../../engine/action/sql/index.ts'

const int4 = { schema: 'pg_catalog', name: 'integer', array: false }
const catalog = Catalog.from(builtinCatalog(), {
  version: '1',
  schemas: ['public'],
  relations: [
    { schema: 'public', name: 't', kind: 'table', columns: [{ name: 'a', type: { ...int4, array: true } }] },
    { schema: 'public', name: 'other', kind: 'table', columns: [{ name: 'b', type: int4 }] },
    {
      schema: 'public',
      name: 'filled',
      kind: 'table',
      columns: [
        { name: 'id', type: int4 },
        { name: 'file', type: int4, default: "pg_catalog.length(pg_catalog.pg_read_file('x'::text))" },
      ],
    },
    { schema: 'public', name: 'parted', kind: 'partitioned', columns: [{ name: 'k', type: int4 }] },
  ],
  types: [],
  routines: [
    {
      schema: 'public',
      name: 'reads',
      kind: 'function',
      arguments: [],
      defaults: 0,
      variadic: false,
      returns: int4,
      returnsSet: false,
      volatility: 'stable',
      language: 'sql',
      definer: false,
      body: 'select b from public.other',
    },
    {
      schema: 'public',
      name: 'compares',
      kind: 'function',
      arguments: [int4, int4],
      defaults: 0,
      variadic: false,
      returns: int4,
      returnsSet: false,
      volatility: 'stable',
      language: 'sql',
      definer: false,
      body: 'select b = 1 from public.other',
    },
  ],
  operators: ['=', '<='].map((name) => ({ schema: 'public', name, function: { schema: 'public', name: 'compares' } })),
  casts: [],
  eventTriggers: [],
})
const analyzer = await createSqlAnalyzer(18, catalog)

/** The facts of the last of some statements, each said after the one before it has completed. */
function facts(...texts: readonly string[]): SqlStatement {
  let session = SqlSession.start('anna')
  let last: SqlStatement | undefined
  for (const text of texts) {
    const result = analyzer.analyzeNow(text, session)
    assert.equal(result.kind, 'analysis', text)
    session = result.after.at(-1) ?? session
    last = result.statements.at(-1)
  }
  assert.ok(last !== undefined)
  return last
}

function reads({ relations }: SqlStatement, name: string): boolean {
  return relations.some((one) => one.name === name && one.access === 'read')
}

for (const [where, texts] of Object.entries({
  'a subscript of SET': ['update t set a[(select b from other)] = 1'],
  'a subscript of INSERT': ['insert into t (a[(select b from other)]) values (1)'],
  'a subscript of MERGE': [
    'merge into t using (select 1) s on true when matched then update set a[(select b from other)] = 1',
  ],
  'an argument of EXECUTE': ['prepare q(int) as select $1', 'execute q(reads())'],
  'a bound of a partition': ['create table p partition of parted for values in (reads())'],
  'an operator behind BETWEEN': ['select 1 between 0 and 2'],
  'an operator behind CASE': ['select case 1 when 2 then 3 end'],
  'an operator behind IN': ['select 1 in (select 2)'],
  'an operator behind USING': ['select 1 from (select 1 as x) a join (select 1 as x) b using (x)'],
}))
  test(`${where} is read`, () => {
    assert.ok(reads(facts(...texts), 'other'), JSON.stringify(facts(...texts)))
    assert.ok(!reads(facts('select 1'), 'other'))
  })

for (const text of [
  'copy filled (id) from stdin',
  'update filled set file = default',
  'update filled set (id, file) = row (1, default)',
])
  test(`a default runs in ${text}`, () => {
    assert.ok(facts(text).functions.some(({ name }) => name === 'pg_read_file'))
    assert.deepEqual(facts('update filled set id = 1').functions, [])
  })

test('an argument of EXECUTE is a call like any other', () => {
  const { verb, functions } = facts('prepare q(text) as select $1', "execute q(pg_read_file('/etc/passwd'))")
  assert.equal(verb, 'execute')
  assert.deepEqual(
    functions.map(({ name, effects }) => [name, effects]),
    [['pg_read_file', 'external']],
  )
})

test('a table that a set operation makes is made', () => {
  for (const text of ['select 1 as x into made', 'select 1 as x into made union select 2 union select 3']) {
    const { kind, verb, relations } = facts(text)
    assert.deepEqual([kind, verb], ['select_into', 'define'])
    assert.deepEqual(
      relations.map(({ name, access }) => [name, access]),
      [['made', 'define']],
    )
  }
})

test('MERGE says which columns it fills', () => {
  const { assignments } = facts(
    'merge into filled f using (select 1) s on false when not matched then insert (file) values (1)',
  )
  assert.deepEqual(
    assignments.map(({ column }) => column),
    ['file'],
  )
})

test('a new table has the name of no other', () => {
  const { relations } = facts('create temp table other (x int)')
  assert.deepEqual(
    relations.map(({ schema, name }) => [schema, name]),
    [['pg_temp', 'other']],
  )
})

test('a prepared statement that would read another table now is not understood', () => {
  const steps = ['create temp table other (b int)', 'prepare q as select b from other', 'drop table pg_temp.other']
  assert.equal(facts('prepare q as select b from other', 'execute q').complete, true)
  assert.equal(facts(...steps.slice(0, 2), 'execute q').complete, true)
  assert.equal(facts(...steps, 'execute q').complete, false)
})

test('a cursor reads what it was declared over', () => {
  const { relations } = facts(
    'begin',
    'declare c cursor for select b from other',
    'set local search_path = nowhere',
    'fetch c',
  )
  assert.deepEqual(
    relations.map(({ schema, name }) => [schema, name]),
    [['public', 'other']],
  )
})

test('a condition that looks at no column leaves no row out', () => {
  for (const always of ['1 = 1', 'true or b = 1', 'b = b', 'not false', '$1', "now() > '2000-01-01'", "'a' like 'a'"]) {
    assert.equal(facts(`delete from other where ${always}`).where, false, always)
    assert.equal(facts(`update other set b = 2 where ${always}`).where, false, always)
    assert.equal(facts(`delete from other where b > 1 and ${always}`).where, true, always)
  }
  assert.equal(facts('merge into other using (select 1) s on true when matched then delete').where, false)
  assert.equal(facts('merge into other o using (select 1 as x) s on o.b = s.x when matched then delete').where, true)
  assert.equal(facts('delete from other where exists (select from filled f where f.id = other.b)').where, true)
})

test('what is dropped is named', () => {
  for (const [text, kind, schema, name] of [
    ['drop function s.f(int)', 'function', 's', 'f'],
    ['drop schema s', 'schema', '', 's'],
    ['drop type s.t', 'type', 's', 't'],
    ['drop extension e', 'extension', '', 'e'],
    ['drop trigger tr on other', 'trigger', '', 'tr'],
    ['drop operator family s.f using btree', 'opfamily', 's', 'f'],
  ] as const)
    assert.deepEqual(facts(text).objects, [{ kind, schema, name, action: 'drop' }], text)
  const defined = ({ relations }: SqlStatement): readonly string[] =>
    relations.filter(({ access }) => access === 'define').map((one) => `${one.schema}.${one.name}`)
  assert.deepEqual(defined(facts('drop policy p on other')), ['public.other'])
  assert.ok(defined(facts('drop schema public cascade')).includes('public.filled'))
  assert.equal(facts('drop cast (int as text)').complete, false)
})

test('a function that sets the role does what SET ROLE does', () => {
  assert.equal(facts("select set_config('role', 'root', true)").verb, 'admin')
  assert.equal(facts("select set_config('application_name', 'x', true)").verb, 'write')
})

test('a value of a type that is known by its number only is not understood', () => {
  assert.equal(facts("select domain_in('1', 16500, -1)").complete, false)
  assert.equal(facts("select pg_input_is_valid('1', 'int4')").complete, true)
  assert.equal(facts("select pg_input_is_valid('1', $1)").complete, false)
})
