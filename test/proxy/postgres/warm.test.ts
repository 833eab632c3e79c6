// Connections that serve one session after another: only those of one identity, only what is as it was at first, and with
// no hold of an earlier client on a later one.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import pg from 'pg'
import { connectUpstream } from '../../../proxy/postgres/upstream.ts'
import { Link, WarmUpstreams, warmAgeMsMax, warmSessionsMax } from '../../../proxy/postgres/warm.ts'
import {
  cstring,
  encodeCancel,
  encodeFrame,
  encodeParse,
  encodeQuery,
  int16,
  int32,
} from '../../../proxy/postgres/wire/index.ts'
import { results } from '../../support/gate.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'
import { RawSession } from '../../support/raw-session.ts'
import { listenWarm, type WarmGateway } from '../../support/warm-gateway.ts'

const skip = postgresMissing() ?? false
let server: PostgresServer
let direct: pg.Client
let gateway: WarmGateway

const identities: { readonly [token: string]: object } = {
  other: { subject: 'agent-2' },
  issuer: { issuer: 'https://elsewhere.example' },
  grouped: { groups: ['more'] },
  claims: { claims: { repository: 'other' } },
  chained: { chain: [{ subject: 'somebody', issuer: 'https://elsewhere.example', kind: 'human', scopes: [] }] },
}

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  direct = new pg.Client({ connectionString: server.url })
  direct.on('error', () => undefined)
  await direct.connect()
  await direct.query(`
    create table t(id serial, what text);
    create table touched(id int);
    create role reader;
    grant reader to current_user;
    create function own() returns int language plpgsql as 'begin return 1; end';
    create function touch() returns trigger language plpgsql as
      $$begin perform set_config('my.own', 'x', false); return new; end$$;
    create trigger touch before insert on touched for each row execute function touch()`)
  gateway = await listenWarm(server, {
    warmMs: 60_000,
    who: (token) => identities[token] ?? {},
    answer: ({ action }) => {
      if (action.text.includes('forbidden')) return results.deny
      return action.text.includes('held') ? results.hold : results.allow
    },
  })
})

after(async () => {
  await gateway?.listener.close()
  await direct?.end()
  await server?.stop()
})

async function client(token = 'agent', more: pg.ClientConfig = {}, to: WarmGateway = gateway): Promise<pg.Client> {
  const { port } = to.listener
  const one = new pg.Client({ host: '127.0.0.1', port, user: 'a', password: token, database: server.database, ...more })
  one.on('error', () => undefined)
  await one.connect()
  return one
}

async function pidOf(one: pg.Client): Promise<number> {
  const { rows } = await one.query<{ pid: number }>('select pg_backend_pid() as pid')
  return rows[0]?.pid ?? 0
}

/** Whether a process of the server waits for its next statement, and which was the last: it forgets with a probe. */
async function isAt(pid: number, wanted: 'waiting' | 'gone'): Promise<void> {
  let now = ''
  for (let look = 0; look < 6000 && now !== wanted; look++) {
    if (look > 0) await new Promise((done) => setTimeout(done, 10))
    const { rows } = await direct.query<{ state: string; query: string }>(
      'select state, query from pg_stat_activity where pid = $1',
      [pid],
    )
    const [found] = rows
    now = found === undefined ? 'gone' : found.query === 'SHOW session_authorization' ? 'waiting' : 'elsewhere'
  }
  assert.equal(now, wanted)
}

/** Runs a session to its end, and gives the server's process that it had. */
async function session(
  use: (one: pg.Client) => Promise<unknown>,
  token?: string,
  more?: pg.ClientConfig,
): Promise<number> {
  const one = await client(token, more)
  const pid = await pidOf(one)
  await use(one)
  await one.end()
  return pid
}

const nothing = (): Promise<void> => Promise.resolve()

/** A connection that waits, whoever made it. */
async function waiting(): Promise<number> {
  const pid = await session(nothing)
  await isAt(pid, 'waiting')
  return pid
}

test('the next session of an identity has the connection, and nothing of the one before it', { skip }, async () => {
  const first = await session(async (one) => {
    await one.query('set statement_timeout to 12345')
    await one.query("set application_name to 'before'")
    await one.query("set timezone to 'Asia/Tokyo'")
    await one.query({ name: 'kept', text: 'select $1::int', values: [1] })
    await one.query('begin')
    await one.query("insert into t(what) values ('x')")
    await one.query('savepoint s')
    await one.query('rollback to s')
    await one.query('commit')
    await one.query('explain select * from t')
    await one.query("select nextval('t_id_seq')")
  })
  await isAt(first, 'waiting')
  const one = await client()
  assert.equal(await pidOf(one), first)
  const settings = await one.query<{ is: string }>(
    `select current_setting('statement_timeout') || '|' || current_setting('application_name') || '|' ||
      current_setting('search_path') || '|' || current_user as is`,
  )
  assert.equal(settings.rows[0]?.is, `0||"$user", public|${server.user}`)
  const zone = await one.query<{ TimeZone: string }>('show timezone')
  assert.notEqual(zone.rows[0]?.TimeZone, 'Asia/Tokyo')
  const left = await one.query<{ n: number }>(
    `select (select count(*) from pg_prepared_statements)::int + (select count(*) from pg_cursors)::int as n`,
  )
  assert.equal(left.rows[0]?.n, 0)
  await assert.rejects(one.query("select currval('t_id_seq')"), /not yet defined in this session/)
  await one.end()
})

test('a statement that the gateway refuses is never at the server, and leaves nothing', { skip }, async () => {
  const pid = await session((one) => assert.rejects(one.query('select forbidden'), /not this/))
  await isAt(pid, 'waiting')
  assert.equal(await session(nothing), pid)
})

test('another identity never has it, however little it differs', { skip }, async () => {
  const pid = await waiting()
  for (const token of Object.keys(identities)) assert.notEqual(await session(nothing, token), pid)
  assert.equal(await session(nothing), pid)
})

test('a session that begins under other settings has another', { skip }, async () => {
  const pid = await waiting()
  assert.notEqual(await session(nothing, 'agent', { application_name: 'other' }), pid)
  assert.notEqual(await session(nothing, 'agent', { options: '-c statement_timeout=7' }), pid)
  assert.equal(await session(nothing), pid)
})

/** What may be left behind, or of which that is not known. */
const traces: readonly string[] = [
  'listen news',
  "notify news, 'x'",
  'create temp table mine(id int)',
  'select 1 as id into temp mine',
  "select set_config('search_path', 'pg_catalog', false)",
  'set search_path to pg_catalog',
  'set role reader',
  "set session authorization 'reader'",
  'set session characteristics as transaction read only',
  "set my.own to 'x'",
  'set seed to 0.5',
  'select setseed(0.5)',
  "load 'plpgsql'",
  'prepare p as select 1',
  'declare c cursor with hold for select 1',
  'select pg_advisory_lock(4711)',
  "do 'begin perform 1; end'",
  'select own()',
  'insert into touched values (1)',
  "select pg_replication_origin_session_setup('x')",
  'discard plans',
  'begin',
  'vacuum t',
  'create table if not exists more(id int)',
  'alter table t add column if not exists extra int',
  "alter role reader set statement_timeout to '5s'",
  "select dblink_connect('x', 'y')",
]

for (const sql of traces)
  test(`after ${JSON.stringify(sql)} nobody has the connection`, { skip }, async () => {
    const pid = await session((one) => one.query(sql).catch(nothing))
    await isAt(pid, 'gone')
    assert.notEqual(await session(nothing), pid)
  })

test('after an error, of a simple or a prepared statement, nobody has the connection', { skip }, async () => {
  for (const query of [{ text: 'select 1/0' }, { text: 'select 1/$1::int', values: [0] }]) {
    const pid = await session((one) => assert.rejects(one.query(query), /division by zero/))
    await isAt(pid, 'gone')
  }
})

test('after a statement that people had to approve nobody has the connection', { skip }, async () => {
  const pid = await session(async (one) => {
    const asked = one.query("select 'held' as word")
    while (!gateway.holds.answer({ on: 'approved', detail: 'by a test' })) await new Promise(setImmediate)
    assert.equal((await asked).rows.length, 1)
  })
  await isAt(pid, 'gone')
})

test('after a copy, in or out, nobody has the connection', { skip }, async () => {
  for (const say of [
    [encodeQuery('copy t to stdout')],
    [encodeQuery('copy t(what) from stdin'), encodeFrame('d', Buffer.from('x\n')), encodeFrame('c')],
  ]) {
    const one = await RawSession.open(gateway.listener.port, server.database)
    const [, pid] = (await one.say(encodeQuery('select pg_backend_pid()::text'))).slice(0, 2)
    await one.say(...say)
    one.socket.write(encodeFrame('X'))
    await isAt(pidIn(pid), 'gone')
  }
})

/** The number in a row as RawSession shows it, behind the count of fields and the length of the value. */
function pidIn(row: string | undefined): number {
  return Number(/\d+$/.exec(row ?? '')?.[0])
}

test('after a function call by oid nobody has the connection', { skip }, async () => {
  const one = await RawSession.open(gateway.listener.port, server.database)
  const [, pid] = await one.say(encodeQuery('select pg_backend_pid()::text'))
  const { rows } = await direct.query<{ oid: number }>("select 'pg_catalog.pi'::regproc::oid::int as oid")
  await one.say(encodeFrame('F', int32(rows[0]?.oid ?? 0), int16(0), int16(0), int16(0)))
  one.socket.write(encodeFrame('X'))
  await isAt(pidIn(pid), 'gone')
})

test('a client that leaves in the middle of something leaves its connection to nobody', { skip }, async () => {
  const parse = encodeParse({ name: '', sql: 'select 1', types: [] })
  const bind = encodeFrame('B', cstring(''), cstring(''), int16(0), int16(0), int16(0))
  for (const last of [
    [parse, encodeFrame('H')],
    [parse, bind, encodeFrame('H')],
    [encodeQuery('select pg_sleep(0.1)')],
  ]) {
    const one = await RawSession.open(gateway.listener.port, server.database)
    const [, pid] = await one.say(encodeQuery('select pg_backend_pid()::text'))
    one.socket.write(Buffer.concat([...last, encodeFrame('X')]))
    await isAt(pidIn(pid), 'gone')
  }
})

test('a client that is lost without a word leaves its connection to nobody', { skip }, async () => {
  const one = await RawSession.open(gateway.listener.port, server.database)
  const [, pid] = await one.say(encodeQuery('select pg_backend_pid()::text'))
  one.close()
  await isAt(pidIn(pid), 'gone')
})

test('a session that the gate ends leaves its connection to nobody', { skip }, async () => {
  const one = await client()
  const pid = await pidOf(one)
  const newest = gateway.gate.sessions().at(-1)?.id
  const ended = new Promise<void>((resolve) => one.once('end', () => resolve()))
  assert.equal(
    gateway.gate.end(({ id }) => id === newest, 'revoked', 'a test'),
    1,
  )
  await ended
  await isAt(pid, 'gone')
})

/** Asks to cancel, and waits until the gateway has heard it. */
async function cancel(key: Buffer): Promise<void> {
  const socket = connect(gateway.listener.port, '127.0.0.1')
  socket.end(encodeCancel(key.readInt32BE(0), key.subarray(4)))
  await new Promise<void>((done) => socket.on('close', () => done()).resume())
}

test('the key of an earlier client cancels nothing of the next one', { skip }, async () => {
  const first = await RawSession.open(gateway.listener.port, server.database)
  const [, pid] = await first.say(encodeQuery('select pg_backend_pid()::text'))
  first.socket.write(encodeFrame('X'))
  await isAt(pidIn(pid), 'waiting')
  const next = await RawSession.open(gateway.listener.port, server.database)
  assert.equal((await next.say(encodeQuery('select pg_backend_pid()::text')))[1], pid)
  assert.notDeepEqual(next.key, first.key)
  const answered = next.say(encodeQuery('select pg_sleep(0.4)'))
  await cancel(first.key)
  assert.deepEqual((await answered).slice(-2), ['C SELECT 1', 'Z I'])
  // And its own one does.
  const stopped = next.say(encodeQuery('select pg_sleep(120)'))
  // It may come before the statement does: then it is asked again.
  const asking = setInterval(() => void cancel(next.key).catch(() => undefined), 100)
  assert.deepEqual((await stopped).slice(-2), ['E 57014', 'Z I'])
  clearInterval(asking)
  next.socket.write(encodeFrame('X'))
  await isAt(pidIn(pid), 'gone')
})

test('a connection on which anything was cancelled serves nobody else', { skip }, async () => {
  const one = await RawSession.open(gateway.listener.port, server.database)
  const [, pid] = await one.say(encodeQuery('select pg_backend_pid()::text'))
  // Nothing runs: the server may hear of it when the next client's statement does.
  await cancel(one.key)
  one.socket.write(encodeFrame('X'))
  await isAt(pidIn(pid), 'gone')
})

test('a connection that the server closed is not given out', { skip }, async () => {
  const pid = await waiting()
  await direct.query('select pg_terminate_backend($1)', [pid])
  await isAt(pid, 'gone')
  assert.notEqual(await session(nothing), pid)
})

test('what the server has changed for all meanwhile is not passed over', { skip }, async () => {
  const pid = await waiting()
  await direct.query("alter system set timezone to 'Asia/Tokyo'")
  await direct.query('select pg_reload_conf()')
  // The server tells of it with the next statement, whosever it is; it is not as it was then.
  assert.equal(await session(nothing), pid)
  await isAt(pid, 'gone')
  await direct.query('alter system reset timezone')
  await direct.query('select pg_reload_conf()')
})

test('another password of the role is another way to the server', { skip }, async () => {
  const pid = await waiting()
  await direct.query(`alter role ${server.user} password 'newer'`)
  gateway.password('newer')
  assert.notEqual(await session(nothing), pid)
  await direct.query(`alter role ${server.user} password '${server.password}'`)
  gateway.password(server.password)
})

test('without time to wait nothing is kept, and with little it is kept no longer', { skip }, async () => {
  for (const warmMs of [0, 1]) {
    const other = await listenWarm(server, { warmMs, answer: () => results.allow })
    const one = await client('agent', {}, other)
    const pid = await pidOf(one)
    await one.end()
    await isAt(pid, 'gone')
    await other.listener.close()
  }
})

test('a listener that is closed keeps no connection', { skip }, async () => {
  const other = await listenWarm(server, { warmMs: 60_000, answer: () => results.allow })
  const one = await client('agent', {}, other)
  const pid = await pidOf(one)
  await one.end()
  await isAt(pid, 'waiting')
  await other.listener.close()
  await isAt(pid, 'gone')
})

test('where the database has event triggers, which may be of log-ins, each session logs in', { skip }, async () => {
  await direct.query(`create function noted() returns event_trigger language plpgsql as 'begin end';
    create event trigger noted on ddl_command_end execute function noted()`)
  const other = await listenWarm(server, { warmMs: 60_000, answer: () => results.allow })
  const one = await client('agent', {}, other)
  const pid = await pidOf(one)
  await one.end()
  await isAt(pid, 'gone')
  await other.listener.close()
  await direct.query('drop event trigger noted')
})

test('a connection that has served its sessions, or has grown old, serves no more', { skip }, async () => {
  const { host, port, user, password, database } = server
  const target = { host, port, user, password, database, tls: undefined, connectMs: 60_000 }
  const cases: readonly (readonly ['waiting' | 'gone', number, number])[] = [
    ['waiting', warmSessionsMax - 1, 0],
    ['gone', warmSessionsMax, 0],
    ['gone', 1, warmAgeMsMax],
  ]
  for (const [wanted, sessions, ageMs] of cases) {
    const warm = new WarmUpstreams()
    const made = await connectUpstream(target, new Map([['search_path', '"$user", public']]))
    const link = new Link({ ...made, sinceMs: performance.now() - ageMs })
    link.sessions = sessions
    warm.give('key', link, new Map(), user, 60_000)
    const taken = await new Promise<Link | undefined>((resolve) => {
      const look = (): void => {
        const found = warm.take('key')
        if (found !== undefined || link.tap.socket.destroyed || link.tap.socket.writableEnded) resolve(found)
        else setImmediate(look)
      }
      look()
    })
    assert.equal(taken === link ? 'waiting' : 'gone', wanted)
    assert.equal(warm.take('other'), undefined)
    taken?.close()
    warm.close()
  }
})
