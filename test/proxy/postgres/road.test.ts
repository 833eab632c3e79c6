import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { ActionDocument, SqlStatement } from '../../../engine/action/index.ts'
import { createGate, systemClock } from '../../../proxy/gate/index.ts'
import { listenPostgres, type RunningListener } from '../../../proxy/postgres/index.ts'
import { encodeStartup, FrameReader } from '../../../proxy/postgres/wire/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { gateParts, results, type TestParts } from '../../support/gate.ts'
import { plainAnalyzer } from '../../support/plain-analyzer.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'

const missing = postgresMissing()
let server: PostgresServer
let listener: RunningListener
let parts: TestParts
/** Statements that select from `cards` read its number, which policies mask. */
function cards(statement: SqlStatement): SqlStatement {
  if (!statement.text.includes('cards')) return statement
  const column = { schema: 'public', relation: 'cards', column: 'number' }
  const relation = {
    schema: 'public',
    name: 'cards',
    access: 'read',
    columns: ['number'],
    resolved: true,
    kind: 'table',
    via: [],
  } as const
  const direct = !statement.text.includes('||')
  return {
    ...statement,
    relations: [relation],
    outputs: [{ name: 'number', sources: [column], direct, known: true }],
    predicates: statement.text.includes('WHERE') ? [{ ...column, uses: ['where'] }] : [],
  }
}

before(async () => {
  if (missing !== undefined) return
  server = await startPostgres()
  parts = gateParts({ clock: systemClock })
  const gate = createGate(parts)
  const identity = {
    ...sampleDocument().identity,
    token: { ...sampleDocument().identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
  }
  listener = await listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    cleartext: true,
    gate,
    authenticator: {
      authenticate: (credential) =>
        Promise.resolve(
          credential.kind === 'token' && credential.token === 'good'
            ? { ok: true, identity }
            : { ok: false, refusal: { code: 'bad_token', message: 'the token is not valid' } },
        ),
    },
    target: (name) =>
      name === 'orders-db'
        ? {
            resource: sampleDocument().resource,
            recordWire: true,
            analyzer: () => Promise.resolve(plainAnalyzer(cards)),
            upstream: () =>
              Promise.resolve({
                host: server.host,
                port: server.port,
                database: server.database,
                user: server.user,
                password: server.password,
                tls: undefined,
                connectMs: 60_000,
              }),
          }
        : undefined,
    hashKey: Buffer.from('key'),
    connectionsMax: 100,
    handshakeMs: 60_000,
    messageBytesMax: 64 * 1024 * 1024,
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  })
  parts.live.answer = (input) => {
    const { action } = input as ActionDocument
    if (action.text.includes('forbidden')) return results.deny
    return action.text.includes('cards')
      ? { ...results.allow, mask: [{ column: 'public.cards.number', with: 'last4' }] }
      : results.allow
  }
})

after(async () => {
  await listener?.close()
  await server?.stop()
})

const skip = missing ?? false
async function client(password = 'good', database = 'orders-db'): Promise<pg.Client> {
  const one = new pg.Client({ host: '127.0.0.1', port: listener.port, user: 'agent', password, database })
  one.on('error', () => undefined)
  await one.connect()
  return one
}

test('a client with a token queries, prepares, copies errors and goes on after a refusal', { skip }, async () => {
  const one = await client()
  assert.deepEqual((await one.query('SELECT 1 AS a')).rows, [{ a: 1 }])
  assert.deepEqual((await one.query('SELECT $1::int + $2::int AS sum', [2, 3])).rows, [{ sum: 5 }])
  assert.deepEqual((await one.query({ name: 'p', text: 'SELECT $1::text AS t', values: ['x'] })).rows, [{ t: 'x' }])
  assert.deepEqual((await one.query({ name: 'p', text: 'SELECT $1::text AS t', values: [null] })).rows, [{ t: null }])
  const refused = (error: unknown) =>
    error instanceof pg.DatabaseError &&
    error.code === '42501' &&
    /not this/.test(error.message) &&
    /rule p\.no, decision id-\d+/.test(error.detail ?? '')
  await assert.rejects(one.query('SELECT forbidden'), refused)
  await assert.rejects(one.query('SELECT forbidden, $1::int', [1]), refused)
  await assert.rejects(one.query('SELECT 1/0'), (error) => error instanceof pg.DatabaseError && error.code === '22012')
  assert.deepEqual((await one.query('SELECT 2 AS b')).rows, [{ b: 2 }])
  await one.end()
})

test('a refusal inside a transaction leaves client and server in step', { skip }, async () => {
  const one = await client()
  await one.query('CREATE TABLE IF NOT EXISTS t (id int)')
  await one.query('BEGIN')
  await one.query('INSERT INTO t VALUES (1)')
  await one.query('SAVEPOINT s')
  await assert.rejects(one.query('DELETE FROM t WHERE forbidden'))
  await one.query('ROLLBACK TO s')
  await one.query('INSERT INTO t VALUES ($1)', [2])
  await one.query('COMMIT')
  assert.deepEqual((await one.query('SELECT count(*)::int AS n FROM t')).rows, [{ n: 2 }])
  await one.end()
})

test('a masked column is masked where it is shown, and refused where it is computed with or searched by', {
  skip,
}, async () => {
  const one = await client()
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  await owner.query("CREATE TABLE cards_raw AS SELECT '4111111111111111'::text AS number")
  await owner.end()
  assert.deepEqual((await one.query('SELECT number FROM cards_raw')).rows, [{ number: '************1111' }])
  assert.deepEqual((await one.query('SELECT number FROM cards_raw LIMIT $1', [1])).rows, [
    { number: '************1111' },
  ])
  const refused = (error: unknown) => error instanceof pg.DatabaseError && error.code === '42501'
  await assert.rejects(one.query("SELECT number || 'x' FROM cards_raw"), refused)
  await assert.rejects(one.query("SELECT number FROM cards_raw WHERE number LIKE '4%'"), refused)
  await assert.rejects(
    one.query({ text: 'SELECT number FROM cards_raw LIMIT $1', binary: true, values: [1] } as pg.QueryConfig),
    refused,
  )
  const recorded = Buffer.concat(
    parts.recorder.entries().flatMap((entry) => (entry.kind === 'wire' ? [entry.bytes] : [])),
  )
  assert.equal(recorded.includes('************1111'), true)
  const answers = Buffer.concat(
    parts.recorder
      .entries()
      .flatMap((entry) => (entry.kind === 'wire' && entry.direction === 'down' ? [entry.bytes] : [])),
  )
  assert.equal(answers.includes('4111111111111111'), false, 'recorded after masking')
  await one.end()
})

test('settings that change what text means are refused by SET and at start-up', { skip }, async () => {
  const one = await client()
  await assert.rejects(
    one.query('SET standard_conforming_strings = off'),
    (error) => error instanceof pg.DatabaseError && error.code === '42501',
  )
  await one.end()
  const options = new pg.Client({
    host: '127.0.0.1',
    port: listener.port,
    user: 'agent',
    password: 'good',
    database: 'orders-db',
    options: '-c standard_conforming_strings=off',
  })
  await assert.rejects(options.connect(), /start-up parameter standard_conforming_strings would change/)
})

test('a wrong token and an unknown resource are refused in words', { skip }, async () => {
  await assert.rejects(client('bad'), (error) => error instanceof pg.DatabaseError && error.code === '28P01')
  await assert.rejects(client('good', 'nope'), (error) => error instanceof pg.DatabaseError && error.code === '3D000')
})

/** Speaks raw bytes and collects what comes until the connection closes or `done` says so. */
function raw(bytes: readonly Buffer[], done: (received: Buffer) => boolean): Promise<Buffer> {
  return new Promise((resolve) => {
    const socket = connect(listener.port, '127.0.0.1', () => {
      for (const chunk of bytes) socket.write(chunk)
    })
    let received: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      if (done(received)) socket.destroy()
    })
    socket.on('close', () => resolve(received))
    socket.on('error', () => undefined)
  })
}

test('start-up attacks: garbage lengths, GSS, bytes after SSLRequest, replication, a second password', {
  skip,
}, async () => {
  const startup = (extra: [string, string][]) =>
    encodeStartup(new Map([['user', 'agent'], ['database', 'orders-db'], ...extra]))
  const closes = () => false
  assert.match((await raw([Buffer.from([0, 0, 0, 3, 1, 2, 3, 4])], closes)).toString('latin1'), /08P01/)
  assert.match((await raw([Buffer.from([127, 255, 255, 255, 0, 3, 0, 0])], closes)).toString('latin1'), /08P01/)
  const ssl = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
  const gss = Buffer.from([0, 0, 0, 8, 4, 210, 22, 48])
  assert.equal((await raw([ssl], (got) => got.length > 0)).toString(), 'N')
  assert.equal((await raw([gss], (got) => got.length > 0)).toString(), 'N')
  assert.match((await raw([ssl, ssl, ssl, ssl], closes)).toString('latin1'), /too many requests/)
  assert.match((await raw([startup([['replication', 'true']])], closes)).toString('latin1'), /"replication" is refused/)
  const password = Buffer.from('p\0\0\0\tgood\0', 'latin1')
  assert.match(
    (await raw([startup([]), Buffer.concat([password, password])], closes)).toString('latin1'),
    /the client said more than it was asked for/,
  )
})

test('a client of a newer protocol is told the whole version that is spoken here', { skip }, async () => {
  const minor2 = encodeStartup(
    new Map([
      ['user', 'agent'],
      ['database', 'orders-db'],
      ['_pq_.other', 'x'],
    ]),
  )
  minor2.writeInt32BE((3 << 16) + 2, 4)
  const answered = await raw([minor2, Buffer.from('p\0\0\0\tgood\0', 'latin1')], (got) => got.includes('Z\0\0\0\x05I'))
  const told = new FrameReader(1 << 20).push(answered).find(({ type }) => type === 0x76)
  // 3.0, and the option that nobody knows. libpq 18 takes 0 for a version before 3.
  assert.equal(told?.body.toString('latin1'), '\0\x03\0\0\0\0\0\x01_pq_.other\0')
})

test('messages split at every byte give the same answers', { skip }, async () => {
  const query = Buffer.concat([Buffer.from('Q\0\0\0\x0fSELECT 42;\0', 'latin1')])
  const conversation = Buffer.concat([
    encodeStartup(
      new Map([
        ['user', 'agent'],
        ['database', 'orders-db'],
      ]),
    ),
    Buffer.from('p\0\0\0\tgood\0', 'latin1'),
    query,
  ])
  const readyTwice = (got: Buffer) => got.toString('latin1').split('Z\0\0\0\x05').length > 2
  const speak = (step: number) =>
    new Promise<string>((resolve) => {
      const socket = connect(listener.port, '127.0.0.1')
      socket.setNoDelay(true)
      let at = 0
      let received: Buffer = Buffer.alloc(0)
      const more = (): void => {
        // The password may only follow the request for it.
        const startupBytes = conversation.readInt32BE(0)
        const limit =
          received.length === 0
            ? startupBytes
            : received.includes('R\0\0\0\b\0\0\0\0', 0, 'latin1')
              ? conversation.length
              : startupBytes + 10
        while (at < limit) {
          const next = Math.min(at + step, limit)
          socket.write(conversation.subarray(at, next))
          at = next
        }
      }
      socket.on('connect', more)
      socket.on('data', (chunk) => {
        received = Buffer.concat([received, chunk])
        if (readyTwice(received)) socket.destroy()
        else more()
      })
      socket.on('close', () => {
        const rows = new FrameReader(1 << 20)
          .push(received)
          .filter((frame) => 'TDCZ'.includes(String.fromCharCode(frame.type)))
        resolve(rows.map((frame) => frame.frame.toString('latin1')).join(''))
      })
    })
  const whole = await speak(1000)
  assert.match(whole, /42/)
  for (const step of [1, 2, 3, 5, 7]) assert.equal(await speak(step), whole)
})

test('protocol violations end the connection with its code: unknown types, negative and huge lengths', {
  skip,
}, async () => {
  const hello = [
    encodeStartup(
      new Map([
        ['user', 'agent'],
        ['database', 'orders-db'],
      ]),
    ),
    Buffer.from('p\0\0\0\tgood\0', 'latin1'),
  ]
  for (const bad of [
    '!\0\0\0\x04',
    'Q\0\0\0\x03',
    'Q\xff\xff\xff\xff',
    'Q\x7f\xff\xff\xff',
    'Q\0\0\0\x08abcd',
    'D\0\0\0\x06Zx',
    'E\0\0\0\x05\0',
  ]) {
    const got = await new Promise<string>((resolve) => {
      const socket = connect(listener.port, '127.0.0.1', () => socket.write(hello[0] ?? ''))
      let received = ''
      let sent = 0
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1')
        if (sent === 0) socket.write(hello[1] ?? '')
        if (sent === 1 || received.includes('Z\0\0\0\x05')) {
          if (sent < 2 && received.includes('Z\0\0\0\x05')) {
            sent = 2
            socket.write(Buffer.from(bad, 'latin1'))
            return
          }
        }
        sent = Math.max(sent, 1)
      })
      socket.on('close', () => resolve(received))
      setTimeout(() => {
        received += ' STUCK'
        socket.destroy()
      }, 60_000).unref()
    })
    assert.match(got, /08P01/, JSON.stringify(bad))
  }
})

test('psql itself works through the gateway', {
  skip: skip || (spawnSync('psql', ['--version']).status === 0 ? false : 'there is no psql here'),
}, async () => {
  const run = spawn('psql', ['-X', '-A', '-t', '-c', 'SELECT 40 + 2', '-c', 'SELECT forbidden', '-c', 'SELECT 7'], {
    env: {
      ...process.env,
      PGHOST: '127.0.0.1',
      PGPORT: String(listener.port),
      PGUSER: 'agent',
      PGPASSWORD: 'good',
      PGDATABASE: 'orders-db',
    },
  })
  let out = ''
  let err = ''
  run.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString()
  })
  run.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString()
  })
  await once(run, 'close')
  assert.equal(out, '42\n7\n')
  assert.match(err, /ERROR: {2}.*not this\nDETAIL: {2}rule p\.no, decision id-\d+/)
})
