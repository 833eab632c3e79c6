// Clients that play with the protocol, at a gateway before a real server: what is refused never runs, both sides stay in
// step, and one session has no hold on another.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { RunningListener } from '../../../proxy/postgres/index.ts'
import { connectUpstream, UpstreamError } from '../../../proxy/postgres/upstream.ts'
import { cstring, encodeFrame, encodeParse, encodeQuery, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { results } from '../../support/gate.ts'
import { listenBefore } from '../../support/judging-gateway.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'
import { RawSession } from '../../support/raw-session.ts'

const skip = postgresMissing() ?? false
let server: PostgresServer
let listener: RunningListener
let direct: pg.Client

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  direct = new pg.Client({ connectionString: server.url })
  await direct.connect()
  await direct.query('create table seen(what text)')
  listener = await listenBefore(server, ({ action }) =>
    action.text.includes('forbidden') ? results.deny : results.allow,
  )
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
const closePortal = (portal: string): Buffer => encodeFrame('C', Buffer.from('P'), cstring(portal))

async function session(use: (one: RawSession) => Promise<void>): Promise<void> {
  const one = await RawSession.open(listener.port, server.database)
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

const insert = (what: string): string => `insert into seen values ('${what}')`

test('after a Parse that failed or was refused, nothing of its pipeline runs', { skip }, async () => {
  await session(async (one) => {
    for (const bad of ['select (', insert('forbidden')]) {
      assert.deepEqual(await one.say(parse(insert('kept')), sync), ['1', 'Z I'])
      const code = bad === 'select (' ? '42601' : '42501'
      // The unnamed statement of before is still there, and must not run in its place.
      assert.deepEqual(await one.say(parse(bad), bind(), execute(), sync), [`E ${code}`, 'Z I'])
      assert.deepEqual(await one.say(parse(bad), parse(insert('after')), bind(), execute(), sync), [`E ${code}`, 'Z I'])
    }
    assert.deepEqual(await one.say(parse(insert('good')), bind(), execute(), sync), ['1', '2', 'C INSERT 0 1', 'Z I'])
  })
  assert.deepEqual(await rows(), ['good'])
})

test('a portal is what it was bound to, and cannot be bound again under another statement', { skip }, async () => {
  await session(async (one) => {
    await one.say(encodeQuery('begin'))
    assert.deepEqual(await one.say(parse(insert('first'), 'a'), parse(insert('second'), 'b'), sync), ['1', '1', 'Z T'])
    assert.deepEqual(await one.say(bind('a', 'p'), sync), ['2', 'Z T'])
    assert.deepEqual(await one.say(encodeFrame('C', Buffer.from('S'), cstring('a')), execute('p'), sync), [
      '3',
      'C INSERT 0 1',
      'Z T',
    ])
    assert.deepEqual(await one.say(bind('b', 'p'), execute('p'), sync), ['E 42P03', 'Z E'])
    assert.deepEqual(await one.say(encodeQuery('commit')), ['C ROLLBACK', 'Z I'])
  })
  assert.deepEqual(await rows(), [])
})

test('a portal that was closed, or never bound, is not executed', { skip }, async () => {
  await session(async (one) => {
    await one.say(parse(insert('closed'), 'a'), sync)
    assert.deepEqual(await one.say(bind('a', 'p'), closePortal('p'), execute('p'), sync), ['2', '3', 'E 34000', 'Z I'])
    assert.deepEqual(await one.say(execute('p'), sync), ['E 34000', 'Z I'])
    // With its transaction a portal is gone.
    assert.deepEqual(await one.say(bind('a', 'p'), sync), ['2', 'Z I'])
    assert.deepEqual(await one.say(execute('p'), sync), ['E 34000', 'Z I'])
  })
  assert.deepEqual(await rows(), [])
})

test('a storm of Syncs is answered one by one', { skip }, async () => {
  await session(async (one) => {
    const storm = Array.from({ length: 3000 }, () => sync)
    const answers = await one.sayUntil('Z', 3000, ...storm)
    assert.equal(answers.filter((answer) => answer === 'Z I').length, 3000)
    assert.deepEqual(await one.say(parse(insert('calm')), bind(), execute(), sync), ['1', '2', 'C INSERT 0 1', 'Z I'])
  })
  assert.deepEqual(await rows(), ['calm'])
})

async function cancel(key: Buffer): Promise<void> {
  const socket = connect(listener.port, '127.0.0.1')
  socket.end(Buffer.concat([int32(16), int32(80877102), key]))
  socket.on('error', () => undefined)
  socket.resume()
  await once(socket, 'close')
}

test('only who has the secret of a session cancels it', { skip }, async () => {
  await session(async (one) => {
    await session(async (other) => {
      assert.notDeepEqual(one.key, other.key)
      const wrong = Buffer.concat([one.key.subarray(0, 4), other.key.subarray(4)])
      const finished = one.say(encodeQuery('select pg_sleep(0.3)'))
      await cancel(wrong)
      await cancel(other.key)
      assert.deepEqual((await finished).slice(-2), ['C SELECT 1', 'Z I'])
      const stopped = one.say(encodeQuery('select pg_sleep(120)'))
      // It may come before the statement does: then it is asked again.
      const asking = setInterval(() => void cancel(one.key).catch(() => undefined), 100)
      assert.deepEqual((await stopped).slice(-2), ['E 57014', 'Z I'])
      clearInterval(asking)
    })
  })
})

test('a copy that the client breaks off leaves nothing', { skip }, async () => {
  await session(async (one) => {
    const begin = encodeQuery('copy seen from stdin')
    const data = encodeFrame('d', Buffer.from('copied\n'))
    await one.sayUntil('G', 1, begin)
    assert.deepEqual(await one.say(data, encodeFrame('f', cstring('no more'))), ['E 57014', 'Z I'])
    // What comes late belongs to no copy.
    assert.deepEqual((await one.say(data, encodeFrame('c'), encodeQuery('select 1'))).at(-1), 'Z I')
    await one.sayUntil('G', 1, begin)
    one.socket.write(data)
  })
  assert.deepEqual(await rows(), [])
})

test('a message of a gibibyte ends the session before any of it is kept', { skip }, async () => {
  await session(async (one) => {
    const head = Buffer.alloc(5)
    head.write('d')
    head.writeInt32BE(0x40000000, 1)
    one.socket.write(head)
    await once(one.socket, 'close')
    assert.ok(one.socket.destroyed)
  })
})

test('a server whose error has no SQLSTATE is refused in our own words', async (t) => {
  const hostile = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', () => socket.end(encodeFrame('E', Buffer.from('SFATAL\0Mthe secret of the server\0\0'))))
  })
  hostile.listen(0, '127.0.0.1')
  await once(hostile, 'listening')
  t.after(() => hostile.close())
  const address = hostile.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const target = {
    host: '127.0.0.1',
    port,
    database: 'd',
    user: 'u',
    password: 'p',
    tls: undefined,
    connectMs: 60_000,
  }
  await assert.rejects(
    connectUpstream(target, new Map()),
    (error: unknown) => error instanceof UpstreamError && !error.message.includes('secret'),
  )
})
