// What errors say while something masked is in reach, and that they speak again when it is not.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { RunningListener } from '../../../proxy/postgres/index.ts'
import { cstring, encodeFrame, encodeParse, encodeQuery, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { results } from '../../support/gate.ts'
import { listenBefore } from '../../support/judging-gateway.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'
import { RawSession } from '../../support/raw-session.ts'

const skip = postgresMissing() ?? false
const value = 'hidden-value-7'
const plain = 'division by zero'
const withheld = 'the text is withheld: it could tell a masked value'
let server: PostgresServer
let listener: RunningListener

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  await owner.query(`
    create table secrets(id int, v text);
    insert into secrets values (1, '${value}');
    create table parents(id int primary key);
    create table children(parent int references parents deferrable initially deferred);
  `)
  await owner.end()
  listener = await listenBefore(server, () => ({
    ...results.allow,
    mask: [{ column: 'public.secrets.v', with: 'redact' }],
  }))
})

after(async () => {
  await listener?.close()
  await server?.stop()
})

const sync = encodeFrame('S')
const query = (sql: string): Buffer => encodeQuery(sql)
const bind = (statement: string): Buffer =>
  encodeFrame('B', cstring(''), cstring(statement), int16(0), int16(0), int16(0))
const execute = encodeFrame('E', cstring(''), int32(0))

async function session(use: (one: RawSession) => Promise<void>): Promise<void> {
  const one = await RawSession.open(listener.port, server.database)
  try {
    await use(one)
    assert.ok(!one.errors.some((text) => text.includes(value)), one.errors.join())
  } finally {
    one.close()
  }
}

test('an error beside what is masked keeps its text, before and after', { skip }, async () => {
  await session(async (one) => {
    for (const sql of ['select 1/0', 'select 1/0 from secrets', 'select 1/0', 'select * from secrets', 'select 1/0'])
      await one.say(query(sql))
    assert.deepEqual(one.errors, [plain, withheld, plain, plain])
  })
})

test('what a transaction reached is in reach until it is over, at its COMMIT too', { skip }, async () => {
  await session(async (one) => {
    const orphan = ['begin', 'insert into children values (1)', 'savepoint a', 'select 1/0', 'rollback to a', 'commit']
    for (const sql of ['begin', 'select * from secrets', ...orphan.slice(1), 'select 1/0']) await one.say(query(sql))
    assert.deepEqual(one.errors.splice(0), [withheld, withheld, plain])
    for (const sql of [...orphan, 'select 1/0']) await one.say(query(sql))
    const [first, second = '', third] = one.errors
    assert.deepEqual([first, third], [plain, plain])
    assert.ok(second.includes('foreign key constraint'), second)
  })
})

test('a prepared statement brings what it reads into reach each time it runs', { skip }, async () => {
  await session(async (one) => {
    await one.say(encodeParse({ name: 'reads', sql: 'select 1/0 from secrets', types: [] }), sync)
    await one.say(encodeParse({ name: 'plain', sql: 'select 1/0 where random() < 2', types: [] }), sync)
    for (const name of ['reads', 'plain', 'reads', 'plain']) await one.say(bind(name), execute, sync)
    assert.deepEqual(one.errors.splice(0), [withheld, plain, withheld, plain])
    await one.say(query('prepare named as select 1/0 from secrets'))
    for (const sql of ['select 1/0', 'execute named', 'select 1/0']) await one.say(query(sql))
    assert.deepEqual(one.errors, [plain, withheld, plain])
  })
})

test('of requests that are sent at once none speaks for another', { skip }, async () => {
  await session(async (one) => {
    for (let round = 0; round < 20; round++) {
      await one.sayUntil('Z', 3, query('select 1/0'), query('select 1/0 from secrets'), query('select 1/0'))
      const [, second] = one.errors.splice(0)
      assert.equal(second, withheld)
      const run = [bind('s'), execute, sync]
      await one.say(encodeParse({ name: 's', sql: 'select 1/0 from secrets', types: [] }), sync)
      await one.sayUntil('Z', 3, query('select 1/0'), ...run, query('select 1/0'))
      assert.equal(one.errors.splice(0)[1], withheld)
      await one.say(query('deallocate s'))
    }
    await one.say(query('select 1/0'))
    assert.deepEqual(one.errors, [plain])
  })
})
