// Masks as SQL: they keep the type, never raise whatever the value, and say the same as the gateway's own masks.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import pg from 'pg'
import { type Catalog, catalogFromServer, catalogQuery } from '../../../../../engine/action/sql/index.ts'
import { maskExpression } from '../../../../../engine/action/sql/substitute/mask-expression.ts'
import { maskText } from '../../../../../engine/masking/index.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../../../support/postgres-server.ts'

const missing = postgresMissing()
const skip = missing ?? false
let server: PostgresServer
let client: pg.Client
let catalog: Catalog

/** A column of every kind of type, with the values that are hardest to convert. */
const columns: readonly (readonly [string, readonly string[]])[] = [
  ['text', ['', 'a', 'ab', '@', '@@', 'a@b', 'é@ü', '4111111111111111', '2020-02-30', '\\', "'", '🙂🙂🙂🙂🙂🙂']],
  ['varchar(5)', ['', 'abc', 'abcde']],
  ['char(7)', ['', 'abc', 'abcdefg']],
  ['name', ['', 'x', 'long_identifier']],
  ['"char"', ['', 'x']],
  ['smallint', ['-32768', '0', '32767']],
  ['integer', ['-2147483648', '-1', '0', '2147483647']],
  ['bigint', ['-9223372036854775808', '9223372036854775807', '7']],
  [
    'numeric',
    ['NaN', 'Infinity', '-Infinity', '1e130', '-1e-130', '0', `-${'9'.repeat(131_072)}`, '9'.repeat(131_072)],
  ],
  ['real', ['NaN', 'Infinity', '-Infinity', '3.4e38', '-3.4e38', '1e-45']],
  ['double precision', ['NaN', 'Infinity', '-Infinity', '1.7976931348623157e308', '-1.7976931348623157e308', '0']],
  ['money', ['-92233720368547758.08', '0']],
  ['boolean', ['t', 'f']],
  ['date', ['infinity', '-infinity', '4713-01-01 BC', '5874897-12-31', '2020-02-29', '0001-01-01']],
  ['time', ['00:00', '24:00']],
  ['timestamp', ['infinity', '-infinity', '4713-01-01 BC', '294276-12-31', '2020-02-29']],
  ['timestamptz', ['infinity', '-infinity', '4713-02-01 BC', '294276-12-01', '2020-02-29']],
  ['interval', ['-178000000 years', '1 day']],
  ['json', ['{}', '[1]', '"x"']],
  ['jsonb', ['{}', '[1]', 'null']],
  ['xml', ['<a/>']],
  ['uuid', ['00000000-0000-0000-0000-000000000000']],
  ['inet', ['10.0.0.1']],
  ['bytea', ['\\x00ff']],
  ['text[]', ['{}', '{a,NULL}']],
  ['integer[]', ['{{1,2},{3,4}}']],
  ['int4range', ['empty', '[1,5)']],
  ['point', ['(1,2)']],
  ['m.mood', ['sad', 'ok']],
  ['m.pan', ['4111', '4111111111111111']],
  ['m.positive', ['1', '2147483647']],
  ['m.pair', ['(1,x)']],
]
const strategies = [
  ...['redact', 'null', 'fixed:***', "fixed:it's \\ so", 'fixed:', 'first4', 'last4', 'last16', 'partial'],
  ...['last1', 'last8', 'last5', 'first8'],
  ...['date:year', 'date:month', 'date:day', 'bucket:1', 'bucket:1000', 'bucket:999999999999', 'nonsense'],
]

before(async () => {
  if (missing !== undefined) return
  server = await startPostgres()
  client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(`create schema m; create type m.mood as enum ('sad', 'ok');
    create domain m.pan as text not null check (length(value) >= 4 and value like '4%');
    create domain m.positive as int check (value > 0); create type m.pair as (a int, b text)`)
  await client.query(
    `create table m.all (${columns.map(([type], index) => `c${index} ${type === 'm.pan' ? "m.pan default '4111'" : type}`).join(', ')})`,
  )
  for (const [index, [, values]] of columns.entries())
    for (const value of values) await client.query(`insert into m.all (c${index}) values ($1)`, [value])
  await client.query('insert into m.all default values')
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  catalog = catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1')
})
after(async () => {
  await client?.end()
  await server?.stop()
})

/** A text of so many bytes: the beginning of one, and digits before it. */
function sized(text: string, size: number): string {
  let kept = ''
  for (const character of text) if (Buffer.byteLength(kept + character) <= size) kept += character
  const digits = '1'.repeat(size - Buffer.byteLength(kept))
  return kept.length % 2 === 0 ? digits + kept : kept + digits
}

function inArrays(text: string, values: string[] = []): Promise<pg.QueryArrayResult<(string | null)[]>> {
  const config: pg.QueryArrayConfig = { text, values, rowMode: 'array' }
  return client.query<(string | null)[]>(config)
}

test('no mask raises or changes the type, for any type, strategy and extreme value', { skip }, async () => {
  const relation = catalog.relation('m', 'all')
  assert.ok(relation)
  for (const strategy of strategies) {
    const expressions: readonly string[] = relation.columns.map(
      ({ name, type }) => `${maskExpression(strategy, `s."${name}"`, type, catalog)} as "${name}"`,
    )
    // Nothing of the search path or of a client's settings may matter.
    for (const settings of [
      "search_path = ''",
      "datestyle = 'german'",
      "timezone = 'Pacific/Apia'",
      "intervalstyle = 'sql_standard'",
    ]) {
      await client.query(`set ${settings}`)
      const masked = await inArrays(`select ${expressions.join(', ')} from m."all" s`)
      const plain = await inArrays('select * from m."all" where false')
      assert.deepEqual(
        masked.fields.map((field) => field.dataTypeID),
        plain.fields.map((field) => field.dataTypeID),
        strategy,
      )
    }
    await client.query('reset all')
  }
})

test('what must hide everything tells nothing of the value, not even whether there is one', { skip }, async () => {
  const relation = catalog.relation('m', 'all')
  assert.ok(relation)
  for (const strategy of ['redact', 'null', 'fixed:***'])
    for (const { name, type } of relation.columns) {
      const { rows } = await client.query(
        `select count(distinct x::text) + count(distinct x is null) as n from (select ${maskExpression(strategy, `s."${name}"`, type, catalog)} as x from m."all" s) t`,
      )
      assert.ok(Number((rows[0] as { n: string }).n) <= 2, `${strategy} ${name}`)
    }
})

test('masks of text are the same in the server and in the gateway', { skip }, async () => {
  const type = { schema: 'pg_catalog', name: 'text', array: false }
  const shown = strategies.filter((one) => !one.startsWith('bucket') && one !== 'nonsense')
  const list = shown.map((strategy) => maskExpression(strategy, 's.v', type, catalog)).join(', ')
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.string({ unit: 'binary-ascii' }),
        fc.string({ unit: fc.constantFrom('a', '@', '4', 'é', '-', '1') }),
        fc.constant('2021-05-06T07'),
        fc.string({ unit: fc.constantFrom('a', 'b', '@', 'ü', '.', '🙂'), minLength: 3, maxLength: 80 }),
        // As many bytes as a number of a usual length has, and often not as many characters.
        fc.string({ unit: fc.constantFrom('1', '5', '%', '_', '\\', ' '), minLength: 7, maxLength: 24 }),
        fc
          .tuple(fc.constantFrom(11, 15, 16, 19), fc.string({ unit: fc.constantFrom('4', 'é', '€', '🙂', '-') }))
          .map(([size, text]) => sized(text, size)),
      ),
      async (value) => {
        if (value.includes('\0')) return
        const { rows } = await inArrays(`select ${list} from (select $1::text as v) s`, [value])
        const [row] = rows
        assert.deepEqual(
          row,
          shown.map((strategy) => maskText(strategy, value, new Uint8Array())),
        )
      },
    ),
    { numRuns: 600 },
  )
})

test('buckets begin at the number that is not greater, below zero too, and never below the type', {
  skip,
}, async () => {
  const cases: readonly (readonly [type: string, size: bigint, least: bigint, values: readonly bigint[]])[] = [
    ['smallint', 1000n, -32768n, [-32768n, -32001n, -32000n, -1n, 0n, 999n, 1000n, 32767n]],
    ['integer', 1000n, -(2n ** 31n), [-(2n ** 31n), -1000n, -999n, 0n, 1n, 123_456n, 2n ** 31n - 1n]],
    ['integer', 999_999_999_999n, -(2n ** 31n), [-1n, 0n, 2n ** 31n - 1n]],
    ['bigint', 7n, -(2n ** 63n), [-(2n ** 63n), -8n, -7n, -1n, 0n, 6n, 7n, 2n ** 63n - 1n]],
    ['bigint', 10n, -(2n ** 63n), [-(2n ** 63n), -(2n ** 63n) + 8n, -(2n ** 63n) + 9n, 2n ** 63n - 1n]],
    ['numeric', 1000n, -(10n ** 60n), [-(10n ** 40n) - 1n, -1n, 0n, 999n, 10n ** 40n - 1n, 10n ** 40n]],
  ]
  for (const [name, size, least, values] of cases) {
    const mask = maskExpression(`bucket:${size}`, 's.v', { schema: 'pg_catalog', name, array: false }, catalog)
    for (const value of values) {
      const { rows } = await inArrays(`select (${mask})::text from (select $1::${name} as v) s`, [String(value)])
      let floor = (value / size) * size
      if (floor > value) floor -= size
      if (floor < least) floor = least
      assert.deepEqual(rows, [[String(floor)]], `${name} ${value} by ${size}`)
    }
    const { rows } = await inArrays(`select ${mask} from (select null::${name} as v) s`)
    assert.deepEqual(rows, [[null]])
  }
  const numeric = maskExpression('bucket:10', 's.v', { schema: 'pg_catalog', name: 'numeric', array: false }, catalog)
  for (const [value, shown] of [
    ['19.99', '10'],
    ['-0.01', '-10'],
    ['0.00', '0'],
    ['NaN', 'NaN'],
    ['Infinity', 'Infinity'],
    ['-Infinity', '-Infinity'],
    ['-1e131071', '-Infinity'],
  ])
    assert.deepEqual(
      (await inArrays(`select (${numeric})::text from (select $1::numeric as v) s`, [value ?? ''])).rows,
      [[shown]],
    )
})

test('masks of text need nothing of a collation that allows no search', { skip }, async (t) => {
  const made = await client
    .query("create collation m.loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    .then(() => true)
    .catch(() => false)
  if (!made) {
    t.skip('this server has no ICU')
    return
  }
  const type = { schema: 'pg_catalog', name: 'text', array: false }
  for (const strategy of ['partial', 'last4', 'first4', 'date:year'])
    for (const value of ['person@example.org', 'a@b@c', '4111111111111111', '2020-02-30']) {
      const mask = maskExpression(strategy, 's.v', type, catalog)
      const { rows } = await inArrays(
        `select ${mask}, pg_collation_for(${mask}) from (select $1::text collate m.loose as v) s`,
        [value],
      )
      const [shown, collation] = rows[0] ?? []
      assert.equal(shown, maskText(strategy, value, new Uint8Array()))
      // It sorts and compares as the column does.
      assert.equal(collation, 'm.loose')
    }
})

test('a text of a usual length shows its last four characters, whatever the search path says', { skip }, async () => {
  const type = { schema: 'pg_catalog', name: 'text', array: false }
  const mask = maskExpression('last4', 's.v', type, catalog)
  await client.query(`create schema evil;
    create function evil.yes(int, int) returns bool language sql as 'select true';
    create function evil.yes(text, text) returns bool language sql as 'select true';
    create operator evil.= (leftarg = int, rightarg = int, function = evil.yes);
    create operator evil.~~ (leftarg = text, rightarg = text, function = evil.yes);
    set search_path = evil, pg_catalog`)
  try {
    for (const value of [
      '4111111111111111',
      '4111-1111-1111-1111',
      '378282246310005',
      '123-45-6789',
      '€€€€€1',
      '12345678901234567',
    ]) {
      const { rows } = await inArrays(`select ${mask} from (select $1::text as v) s`, [value])
      assert.deepEqual(rows, [[maskText('last4', value, new Uint8Array())]])
    }
    const { rows } = await client.query<{ n: boolean }>('select 1 = 2 as n')
    assert.equal(rows[0]?.n, true)
  } finally {
    await client.query('reset search_path; drop schema evil cascade')
  }
})
