// Clients that send much at once, at a gateway before a real server: what fails, fails as it does at the server, what runs
// is what was judged, and nothing waits for ever.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { ActionDocument } from '../../../engine/action/index.ts'
import type { RunningListener } from '../../../proxy/postgres/index.ts'
import { cstring, encodeFrame, encodeParse, encodeQuery, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { results } from '../../support/gate.ts'
import { listenBefore } from '../../support/judging-gateway.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'
import { RawSession } from '../../support/raw-session.ts'

const skip = postgresMissing() ?? false
let server: PostgresServer
let listener: RunningListener
let direct: pg.Client
const judged: ActionDocument['action'][] = []

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  direct = new pg.Client({ connectionString: server.url })
  await direct.connect()
  await direct.query(`
    create table seen(what text);
    create table slow(what text);
    create function rest() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$;
    create constraint trigger rest after insert on slow deferrable initially deferred for each row execute function rest();`)
  listener = await listenBefore(server, ({ action }) => {
    judged.push(action)
    if (action.text.includes('forbidden')) return results.deny
    if (action.text.includes('slow')) return { ...results.allow, limit: [{ affected: 1, seconds: 1 }] }
    if (action.text.includes('limited')) return { ...results.allow, limit: [{ affected: 1 }] }
    if (action.text.includes('copy (')) return { ...results.allow, limit: [{ rows: 10 }] }
    return /pg_sleep|brief/.test(action.text) ? { ...results.allow, limit: [{ seconds: 1 }] } : results.allow
  })
})

after(async () => {
  await listener?.close()
  await direct?.end()
  await server?.stop()
})

const sync = encodeFrame('S')
const parse = (sql: string, name = ''): Buffer => encodeParse({ name, sql, types: [] })
const bind = (statement = '', portal = ''): Buffer =>
  encodeFrame('B', cstring(portal), cstring(statement), int16(0), int16(0), int16(0))
const execute = (portal = ''): Buffer => encodeFrame('E', cstring(portal), int32(0))
const run = (sql: string): readonly Buffer[] => [parse(sql), bind(), execute()]
const insert = (what: string): string => `insert into seen values ('${what}')`

async function session(use: (one: RawSession) => Promise<void>): Promise<void> {
  const one = await RawSession.open(listener.port, server.database)
  judged.length = 0
  try {
    await use(one)
  } finally {
    one.close()
  }
}

async function rows(): Promise<readonly string[]> {
  const found = await direct.query<{ what: string }>('select what from seen order by 1')
  await direct.query('truncate seen')
  return found.rows.map(({ what }) => what)
}

test('a query that comes without a Sync before it is answered, whatever was said last', { skip }, async () => {
  await session(async (one) => {
    for (const last of [parse('select 1'), encodeFrame('C', Buffer.from('S'), cstring('a'))])
      assert.deepEqual((await one.say(last, encodeQuery(insert('query')))).slice(1), ['C INSERT 0 1', 'Z I'])
    assert.deepEqual(await one.say(parse('select 1'), encodeFrame('f', cstring('no')), sync), ['1', 'Z I'])
  })
  assert.deepEqual(await rows(), ['query', 'query'])
})

test('what comes right behind the data of a copy is answered', { skip }, async () => {
  const copy = [
    parse('copy seen from stdin'),
    bind(),
    execute(),
    encodeFrame('d', Buffer.from('data\n')),
    encodeFrame('c'),
  ]
  const copied = ['1', '2', 'G \x01', 'C COPY 1']
  await session(async (one) => {
    assert.deepEqual(await one.say(...copy, execute('none'), sync), [...copied, 'E 34000', 'Z I'])
    assert.deepEqual(await one.say(...copy, parse('selec 1'), sync), [...copied, 'E 42601', 'Z I'])
  })
  assert.deepEqual(await rows(), [])
})

test('what is no data ends the session in the middle of a copy, and nothing of it runs', { skip }, async () => {
  for (const message of [encodeQuery(insert('during')), parse(insert('during')), execute(), encodeFrame('F')])
    await session(async (one) => {
      assert.deepEqual(await one.sayUntil('G', 1, encodeQuery('copy seen from stdin')), ['G \x01'])
      const end = await one.sayUntil('Z', 1, encodeFrame('d', Buffer.from('data\n')), message)
      assert.deepEqual(end, ['E 08P01'])
      assert.equal(judged.length, 1)
    })
  assert.deepEqual(await rows(), [])
})

for (const [name, bad, code] of [
  ['a statement that policy refuses', insert('forbidden'), '42501'],
  ['a syntax error', 'selec 1', '42601'],
] as const) {
  test(`${name} fails the transaction that it is in`, { skip }, async () => {
    await session(async (one) => {
      const failing: readonly (readonly Buffer[])[] = [[encodeQuery(bad)], [...run(bad), sync]]
      for (const messages of failing) {
        await one.say(encodeQuery(`begin; ${insert('before')}`))
        assert.deepEqual(await one.say(...messages), [`E ${code}`, 'Z E'])
        assert.deepEqual(await one.say(encodeQuery(insert('after'))), ['E 25P02', 'Z E'])
        assert.deepEqual(await one.say(encodeQuery('commit')), ['C ROLLBACK', 'Z I'])
        await one.say(encodeQuery(`begin; ${insert('kept')}; savepoint s`))
        assert.deepEqual(await one.say(...messages), [`E ${code}`, 'Z E'])
        assert.deepEqual(await one.say(encodeQuery('rollback to s')), ['C ROLLBACK', 'Z T'])
        assert.deepEqual(await one.say(encodeQuery('commit')), ['C COMMIT', 'Z I'])
      }
    })
    assert.deepEqual(await rows(), ['kept', 'kept'])
  })

  test(`${name} takes back what came before it since the last Sync`, { skip }, async () => {
    await session(async (one) => {
      const pipeline = [...run(insert('before')), ...run(bad), ...run(insert('after')), sync]
      assert.deepEqual(await one.say(...pipeline), ['1', '2', 'C INSERT 0 1', `E ${code}`, 'Z I'])
      assert.deepEqual(await one.say(...run(insert('before')), encodeQuery(bad)), [
        ...['1', '2', 'C INSERT 0 1', `E ${code}`, 'Z I'],
      ])
      assert.deepEqual(await one.say(...run(insert('kept')), sync), ['1', '2', 'C INSERT 0 1', 'Z I'])
      assert.deepEqual(await one.say(...run('begin'), ...run(insert('before')), ...run(bad), sync), [
        ...['1', '2', 'C BEGIN', '1', '2', 'C INSERT 0 1', `E ${code}`, 'Z E'],
      ])
      assert.deepEqual(await one.say(encodeQuery('commit')), ['C ROLLBACK', 'Z I'])
    })
    assert.deepEqual(await rows(), ['kept'])
  })

  test(`${name} is answered where what came before the Sync before it failed`, { skip }, async () => {
    await session(async (one) => {
      await one.say(parse(insert('older')), sync)
      const answered = await one.sayUntil('Z', 2, bind('missing'), sync, ...run(bad), sync)
      assert.deepEqual(answered, ['E 26000', 'Z I', `E ${code}`, 'Z I'])
      await one.say(parse('select 1 / count(*) from seen', 'fails'), sync)
      const failed = await one.sayUntil('Z', 2, bind('fails'), execute(), sync, ...run(bad), sync)
      assert.deepEqual(failed, ['2', 'E 22012', 'Z I', `E ${code}`, 'Z I'])
    })
    assert.deepEqual(await rows(), [])
  })
}

test('a name stands for what the server has, where one that failed is followed by one that did not', {
  skip,
}, async () => {
  await session(async (one) => {
    for (const name of ['', 'named']) {
      await one.say(encodeFrame('C', Buffer.from('S'), cstring(name)), parse('select 1', name), sync)
      const named = name === '' ? [] : [encodeFrame('C', Buffer.from('S'), cstring(name))]
      // The first of them is passed over: what it would have replaced is there when the second one comes.
      const two = [parse('select x from nowhere', 'bad'), parse('select 2', name), sync, ...named]
      const answers = await one.sayUntil('Z', 2, ...two, parse(insert('second'), name), sync)
      assert.deepEqual(
        answers.filter((line) => line !== '3'),
        ['E 42P01', 'Z I', '1', 'Z I'],
      )
      judged.length = 0
      assert.deepEqual(await one.say(bind(name), execute(), sync), ['2', 'C INSERT 0 1', 'Z I'])
      assert.deepEqual(
        judged.map(({ text }) => text),
        [insert('second')],
      )
    }
  })
  assert.deepEqual(await rows(), ['second', 'second'])
})

test('what a message that is passed over would have taken away is there behind the Sync', { skip }, async () => {
  const close = encodeFrame('C', Buffer.from('S'), cstring('kept'))
  await session(async (one) => {
    await one.sayUntil('Z', 1, parse(insert('kept'), 'kept'), parse('select 1 / count(*) from seen', 'fails'), sync)
    const answers = await one.sayUntil('Z', 2, bind('fails'), execute(), close, sync, bind('kept'), execute(), sync)
    assert.deepEqual(answers, ['2', 'E 22012', 'Z I', '2', 'C INSERT 0 1', 'Z I'])
  })
  assert.deepEqual(await rows(), ['kept'])
})

test('a refused text that is passed over ends nothing of what was prepared before', { skip }, async () => {
  await session(async (one) => {
    await one.sayUntil('Z', 1, parse(insert('kept')), parse('select 1 / count(*) from seen', 'fails'), sync)
    const wrong = parse('selec')
    const answers = await one.sayUntil('Z', 2, bind('fails'), execute(), wrong, sync, bind(''), execute(), sync)
    assert.deepEqual(answers, ['2', 'E 22012', 'Z I', '2', 'C INSERT 0 1', 'Z I'])
  })
  assert.deepEqual(await rows(), ['kept'])
})

test('a portal that was bound behind a Sync is there when the Sync was answered', { skip }, async () => {
  await session(async (one) => {
    await one.say(parse(insert('first'), 'a'), parse(insert('second'), 'b'), sync)
    assert.deepEqual(await one.say(bind('a'), execute(), sync, bind('b')), ['2', 'C INSERT 0 1', 'Z I'])
    assert.deepEqual(await one.say(execute(), sync), ['2', 'C INSERT 0 1', 'Z I'])
    assert.deepEqual(await one.say(execute(), sync), ['E 34000', 'Z I'])
  })
  assert.deepEqual(await rows(), ['first', 'second'])
})

test('a limit on time holds for what runs while more is said of its portal', { skip }, async () => {
  const close = encodeFrame('C', Buffer.from('P'), cstring(''))
  for (const next of [[close], [bind('b')], run('select 2')])
    await session(async (one) => {
      await one.say(parse('select pg_sleep(20)', 'a'), parse('select 1', 'b'), sync)
      const beganMs = Date.now()
      const answers = await one.say(bind('a'), execute(), ...next, sync)
      assert.ok(Date.now() - beganMs < 10_000, 'it was stopped')
      assert.ok(answers.includes('E 42501'), answers.join())
    })
})

const many = "insert into seen select 'limited' from generate_series(1, 3)"

test('a limit on changed rows holds wherever in a pipeline the statement stands', { skip }, async () => {
  await session(async (one) => {
    const begun = ['1', '2', 'C BEGIN', 'Z T']
    const over = ['1', '2', 'E 42501', 'Z I']
    // Behind another Sync; before a COMMIT in the same batch, and behind its Sync.
    assert.deepEqual(await one.sayUntil('Z', 2, ...run(insert('a')), sync, ...run(many), sync), [
      ...['1', '2', 'C INSERT 0 1', 'Z I'],
      ...over,
    ])
    assert.deepEqual(await one.say(...run(many), ...run('commit'), sync), over)
    assert.deepEqual(await one.say(...run('begin'), sync), begun)
    assert.deepEqual(await one.say(...run(many), ...run('commit'), sync), ['1', '2', 'E 42501', 'Z E'])
    assert.deepEqual(await one.say(encodeQuery('commit')), ['C ROLLBACK', 'Z I'])
    assert.deepEqual(await one.sayUntil('Z', 3, ...run('begin'), sync, ...run(many), sync, ...run('commit'), sync), [
      ...begun,
      ...['1', '2', 'E 42501', 'Z E'],
      ...['1', '2', 'C ROLLBACK', 'Z I'],
    ])
    await one.sayUntil('Z', 2, encodeQuery('begin'), parse('commit', 'end'), bind('end', 'end'), sync)
    assert.deepEqual(await one.say(...run(many), execute('end'), sync), ['1', '2', 'E 42501', 'Z E'])
    assert.deepEqual(await one.say(encodeQuery('rollback')), ['C ROLLBACK', 'Z I'])
  })
  assert.deepEqual(await rows(), ['a'])
})

test("a limit on changed rows leaves the client's own transactions what they are", { skip }, async () => {
  const within = insert('limited')
  await session(async (one) => {
    const inserted = ['1', '2', 'C INSERT 0 1']
    assert.deepEqual(
      await one.sayUntil('Z', 2, ...run('select 1 where false'), sync, ...run('begin'), ...run(within), sync),
      [...['1', '2', 'C SELECT 0', 'Z I'], ...['1', '2', 'C BEGIN', ...inserted, 'Z T']],
    )
    assert.deepEqual(await one.say(encodeQuery('rollback')), ['C ROLLBACK', 'Z I'])
    assert.deepEqual(await rows(), [])
    assert.deepEqual(await one.sayUntil('Z', 2, ...run(within), ...run(within), sync, ...run(within), sync), [
      ...[...inserted, ...inserted, 'Z I'],
      ...[...inserted, 'Z I'],
    ])
    const all = [...run('begin'), ...run(within), ...run('commit'), ...run(within), sync]
    assert.deepEqual(await one.say(...all), [
      ...['1', '2', 'C BEGIN', ...inserted, '1', '2', 'C COMMIT', ...inserted, 'Z I'],
    ])
  })
  assert.equal((await rows()).length, 5)
})

test('a copy whose data nobody sends is ended where a text was stopped before it', { skip }, async () => {
  await session(async (one) => {
    const text = 'copy (select g from generate_series(1, 1000) g) to stdout; copy seen from stdin'
    const answers = await one.say(encodeQuery(text))
    assert.deepEqual(answers.slice(-2), ['E 42501', 'Z I'])
    assert.deepEqual(await one.say(encodeQuery(insert('after'))), ['C INSERT 0 1', 'Z I'])
  })
  assert.deepEqual(await rows(), ['after'])
})

test('a limit on time holds while a change within its limit is committed', { skip }, async () => {
  const insertSlow = "insert into slow values ('x')"
  await session(async (one) => {
    const beganMs = Date.now()
    assert.deepEqual(await one.say(encodeQuery(insertSlow)), ['E 42501', 'Z I'])
    assert.deepEqual(await one.say(encodeQuery(insert('after'))), ['C INSERT 0 1', 'Z I'])
    assert.deepEqual(await one.say(...run(insertSlow), sync), ['1', '2', 'C INSERT 0 1', 'E 42501', 'Z I'])
    assert.deepEqual(await one.say(...run(insert('after')), sync), ['1', '2', 'C INSERT 0 1', 'Z I'])
    assert.ok(Date.now() - beganMs < 15_000, 'it was stopped')
  })
  assert.deepEqual(await rows(), ['after', 'after'])
  assert.equal((await direct.query('table slow')).rowCount, 0)
})

test('a limit on time is one of what runs, and not of a transaction that goes on after it', { skip }, async () => {
  await session(async (one) => {
    await one.say(encodeQuery('begin'))
    assert.deepEqual(await one.say(...run(insert('brief')), sync), ['1', '2', 'C INSERT 0 1', 'Z T'])
    await direct.query('select pg_sleep(2)')
    assert.deepEqual(await one.say(...run(insert('after')), sync), ['1', '2', 'C INSERT 0 1', 'Z T'])
    assert.deepEqual(await one.say(encodeQuery('commit')), ['C COMMIT', 'Z I'])
  })
  assert.deepEqual(await rows(), ['after', 'brief'])
})
