// Limits on changed rows hold before anything is committed, in every way a statement can commit.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import { cstring, encodeFrame, encodeParse, encodeQuery, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { postgresMissing } from '../../support/postgres-server.ts'
import { startTwins, type Twins } from '../../support/twins.ts'

const missing = postgresMissing()
const skip = missing ?? false
let twins: Twins

before(async () => {
  if (missing !== undefined) return
  twins = await startTwins([
    () =>
      'create table shop.parent (id int primary key); create table shop.child (id int references shop.parent deferrable initially deferred)',
  ])
  twins.protect([], [], [{ affected: 5 }])
})
after(() => twins?.stop())
beforeEach(async () => {
  if (missing === undefined) await twins.reconnect()
})

async function seen(...messages: readonly Buffer[]): Promise<string> {
  const [one, other] = await twins.send(messages)
  assert.deepEqual(one, other)
  return one
    .map((line) => line.replaceAll('\0', '|'))
    .map((line) => (line.startsWith('E') ? `E ${/\|C([^|]*)/.exec(line)?.[1]}` : line))
    .join(' # ')
}
const query = (sql: string): Promise<string> => seen(encodeQuery(sql))
const extended = (sql: string): readonly Buffer[] => [
  encodeParse({ name: '', sql, types: [] }),
  encodeFrame('B', cstring(''), cstring(''), int16(0), int16(0), int16(0)),
  encodeFrame('E', cstring(''), int32(0)),
]
const sync = encodeFrame('S')
async function count(where: string): Promise<number> {
  const [direct] = await twins.direct(`select count(*)::int from shop.orders where ${where}`)
  const [rows] = JSON.parse(direct) as [[[number]]]
  return rows[0][0]
}

test('a change within the limit is committed', { skip }, async () => {
  assert.equal(await query("update shop.orders set state = 'few' where id <= 5"), 'C UPDATE 5| # Z I')
  assert.equal(await count("state = 'few'"), 5)
  assert.equal(
    await seen(...extended("update shop.orders set state = 'less' where id <= 4"), sync),
    '1  # 2  # C UPDATE 4| # Z I',
  )
  assert.equal(await count("state = 'less'"), 4)
})

test('a change beyond the limit is undone, and the session goes on', { skip }, async () => {
  assert.equal(await query("update shop.orders set state = 'many'"), 'E 42501 # Z I')
  assert.equal(await count("state = 'many'"), 0)
  assert.equal(await seen(...extended('delete from shop.orders'), sync), '1  # 2  # E 42501 # Z I')
  assert.equal(await count('true'), 60)
  assert.match(await query('select 1 as one'), /C SELECT 1\| # Z I$/)
})

test('every statement of a script or a pipeline is undone with the one that went over', { skip }, async () => {
  assert.match(
    await query("update shop.orders set state = 'x' where id = 1; delete from shop.orders"),
    /E 42501 # Z I$/,
  )
  assert.equal(await count("state = 'x'"), 0)
  const pipeline = [
    ...extended("update shop.orders set state = 'y' where id = 1"),
    ...extended('delete from shop.orders'),
    sync,
  ]
  assert.match(await seen(...pipeline), /E 42501 # Z I$/)
  assert.equal(await count("state = 'y'"), 0)
  assert.equal(await count('true'), 60)
})

test("in the client's own transaction the change cannot be committed", { skip }, async () => {
  assert.equal(await query('begin'), 'C BEGIN| # Z T')
  assert.equal(await query('delete from shop.orders'), 'E 42501 # Z E')
  assert.equal(await query('commit'), 'C ROLLBACK| # Z I')
  assert.equal(await count('true'), 60)
  assert.equal(await query('begin'), 'C BEGIN| # Z T')
  assert.equal(await query('delete from shop.orders where id = 60'), 'C DELETE 1| # Z T')
  assert.equal(await query('rollback'), 'C ROLLBACK| # Z I')
})

test('a script that commits itself is refused where rows are limited', { skip }, async () => {
  assert.equal(await query('begin; delete from shop.orders; commit'), 'E 42501 # Z I')
  assert.equal(await count('true'), 60)
})

test('an error at the commit reaches the client in place of the result', { skip }, async () => {
  assert.equal(await query('insert into shop.child values (1)'), 'E 23503 # Z I')
  assert.equal(
    await query('insert into shop.parent values (1); insert into shop.child values (1)'),
    'C INSERT 0 1| # C INSERT 0 1| # Z I',
  )
})

test('a statement that changes rows is not run in parts, of which none says how many', { skip }, async () => {
  const parts = (sql: string, rowsMax: number): readonly Buffer[] => [
    encodeParse({ name: '', sql, types: [] }),
    encodeFrame('B', cstring('p'), cstring(''), int16(0), int16(0), int16(0)),
    encodeFrame('E', cstring('p'), int32(rowsMax)),
  ]
  const change = "update shop.orders set state = 'part' returning 1"
  assert.equal(await seen(...parts(change, 1), sync), '1  # 2  # E 42501 # Z I')
  assert.equal(await count("state = 'part'"), 0)
  assert.equal(await query('begin'), 'C BEGIN| # Z T')
  assert.equal(await seen(...parts(change, 1), sync), '1  # 2  # E 42501 # Z E')
  assert.equal(await query('commit'), 'C ROLLBACK| # Z I')
  assert.equal(await count("state = 'part'"), 0)
  assert.match(
    await seen(...parts("update shop.orders set state = 'part' where id = 1 returning 1", 0), sync),
    /# C UPDATE 1\| # Z I$/,
  )
  assert.match(await seen(...parts('select 1 from shop.orders', 1), sync), /# s {2}# Z I$/)
  assert.equal(await query(`prepare part as ${change}`), 'C PREPARE| # Z I')
  assert.equal(await seen(...parts('execute part', 1), sync), '1  # 2  # E 42501 # Z I')
  assert.equal(await count("state = 'part'"), 1)
})

test('rows that are changed in a WITH clause or by EXPLAIN are not counted, and are refused', { skip }, async () => {
  const beside = "with x as (update shop.orders set state = 'beside' returning id) select 1 as one"
  assert.equal(await query(beside), 'E 42501 # Z I')
  assert.equal(await seen(...extended(beside), sync), 'E 42501 # Z I')
  assert.equal(
    await query(`${beside.replace('select 1 as one', 'delete')} from shop.orders where id = 60`),
    'E 42501 # Z I',
  )
  assert.equal(await query(`prepare beside as ${beside}`), 'E 42501 # Z I')
  assert.equal(await query("explain analyze update shop.orders set state = 'beside'"), 'E 42501 # Z I')
  assert.match(await query("explain update shop.orders set state = 'beside'"), /C EXPLAIN\| # Z I$/)
  assert.equal(await count("state = 'beside'"), 0)
  assert.match(await query('with x as (select id from shop.orders) select count(*) from x'), /C SELECT 1\| # Z I$/)
})

test('rows that only come out are not rows changed', { skip }, async () => {
  assert.match(await query('copy shop.orders (id) to stdout'), /C COPY 60\| # Z I$/)
  assert.match(
    await query('begin; declare c cursor for select id from shop.orders; fetch all from c; commit'),
    /E 42501/,
  )
  assert.equal(await query('begin'), 'C BEGIN| # Z T')
  assert.match(await query('declare c cursor for select id from shop.orders'), /Z T$/)
  assert.match(await query('fetch all from c'), /C FETCH 60\| # Z T$/)
  assert.equal(await query('commit'), 'C COMMIT| # Z I')
})

test('a failing statement and a copy keep client and server in step', { skip }, async () => {
  assert.equal(await query('update shop.orders set id = 1 / (id - 3) where id = 3'), 'E 22012 # Z I')
  assert.match(await query('copy shop.audit from stdin'), /C COPY 0\| # Z I$/)
  assert.equal(await seen(...extended('update shop.orders set nosuch = 1'), sync), 'E 42703 # Z I')
  assert.equal(await query("update shop.orders set state = 'end' where id = 2"), 'C UPDATE 1| # Z I')
})
