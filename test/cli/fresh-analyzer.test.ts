// The catalog follows the database: unknown names have it read again before they are judged, definitions and age do later.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { FreshAnalyzer } from '../../cli/serve/fresh-analyzer.ts'
import {
  builtinCatalog,
  createSqlAnalyzer,
  type SqlAnalyzer,
  type SqlResult,
  SqlSession,
} from '../../engine/action/sql/index.ts'

const session = SqlSession.start('agent')
type Catalog = SqlAnalyzer['catalog']

const orders = { schema: 'public', name: 'orders' }
const id = { name: 'id', type: { schema: 'pg_catalog', name: 'int4', array: false } }
/** The catalog once somebody has made a table. */
const younger: Catalog = builtinCatalog().with({
  schemas: [['public', true]],
  relations: [[orders, { ...orders, kind: 'table', columns: [id] }]],
})

/** An analyzer over a database whose catalog the test changes, and how often it was read. */
async function setUp(maxAgeMs = 300_000) {
  const world = { catalog: builtinCatalog(), reads: 0, nowMs: 0, fails: false, errors: 0 }
  const analyzer = new FreshAnalyzer({
    inner: await createSqlAnalyzer(18, builtinCatalog()),
    read: () => {
      world.reads++
      return world.fails ? Promise.reject(new Error('the server is away')) : Promise.resolve(world.catalog)
    },
    maxAgeMs,
    nowMs: () => world.nowMs,
    onError: () => world.errors++,
  })
  const judge = (text: string): Promise<SqlResult> =>
    new Promise((resolve) => {
      const now = analyzer.analyze(text, session, resolve)
      if (now !== undefined) resolve(now)
    })
  const complete = async (text: string): Promise<boolean> => {
    const result = await judge(text)
    return result.kind === 'analysis' && result.complete
  }
  return { world, complete }
}

test('a name that is younger than the snapshot is judged by a new one', async () => {
  const { world, complete } = await setUp()
  world.nowMs = 1500
  world.catalog = younger
  assert.equal(await complete('select id from orders'), true)
  assert.equal(world.reads, 1)
  assert.equal(await complete('select id from orders'), true)
  assert.equal(world.reads, 1, 'what is known asks for nothing')
})

test('names that nobody has are looked for once a second at most', async () => {
  const { world, complete } = await setUp()
  world.nowMs = 1500
  for (let count = 0; count < 5; count++) assert.equal(await complete('select * from nowhere'), false)
  assert.equal(world.reads, 1)
  world.nowMs = 2600
  assert.equal(await complete('select * from nowhere'), false)
  assert.equal(world.reads, 2)
})

test('after a definition an unknown name is looked for at once', async () => {
  const { world, complete } = await setUp()
  world.nowMs = 1500
  assert.equal(await complete('select * from orders'), false)
  world.nowMs = 1600
  await complete('create table orders(id int)')
  world.catalog = younger
  assert.equal(await complete('select * from orders'), true)
  assert.equal(world.reads, 2)
})

test('what was defined is read again later, though every name is known', async () => {
  const { world, complete } = await setUp()
  await complete('create view v as select 1')
  for (const [nowMs, reads] of [
    [50, 0],
    [150, 1],
    [500, 1],
    [1100, 2],
    [5000, 2],
    [10_100, 3],
    [60_000, 3],
  ] as const) {
    world.nowMs = nowMs
    assert.equal(await complete('select 1'), true)
    await turn()
    assert.equal(world.reads, reads, `after ${nowMs} ms`)
  }
})

test('a catalog that has grown old is read again, in the background', async () => {
  const { world, complete } = await setUp(1000)
  world.nowMs = 900
  await complete('select 1')
  assert.equal(world.reads, 0)
  world.nowMs = 1001
  await complete('select 1')
  await turn()
  assert.equal(world.reads, 1)
})

test('what was defined is read again though nobody asks', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const { world, complete } = await setUp()
  await complete('create view v as select 1')
  for (const [nowMs, reads] of [
    [106, 1],
    [1006, 2],
    [10_006, 3],
    [60_000, 3],
  ] as const) {
    const passed = nowMs - world.nowMs
    world.nowMs = nowMs
    context.mock.timers.tick(passed)
    await turn()
    assert.equal(world.reads, reads, `after ${nowMs} ms`)
  }
})

test('a text that comes after a long silence is judged by a new catalog', async () => {
  const { world, complete } = await setUp()
  world.nowMs = 10_000
  world.catalog = younger
  assert.equal(await complete('select id from orders'), true)
  world.catalog = builtinCatalog()
  world.nowMs = 700_000
  assert.equal(await complete('select id from orders'), false)
  world.fails = true
  world.nowMs = 1_400_000
  assert.equal(await complete('select 1'), true)
  assert.equal(world.errors, 1)
})

test('where the server cannot be asked, the catalog at hand judges', async () => {
  const { world, complete } = await setUp()
  world.fails = true
  world.nowMs = 1500
  assert.equal(await complete('select * from orders'), false)
  assert.equal(world.errors, 1)
  assert.equal(await complete('select 1'), true)
})
