// Function calls by the fast path, through a gateway to a real server: judged as the call of the function that the server
// has by that oid, forwarded as they came when the policy allows, and refused otherwise.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { ActionDocument } from '../../../engine/action/index.ts'
import type { RunningListener } from '../../../proxy/postgres/index.ts'
import { cstring, encodeFrame, encodeQuery, encodeStartup, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { results } from '../../support/gate.ts'
import { listenBefore } from '../../support/judging-gateway.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'
import { RawSession } from '../../support/raw-session.ts'

const skip = postgresMissing() ?? false
let server: PostgresServer
let listener: RunningListener
let direct: pg.Client
let answer: (document: ActionDocument) => unknown = () => results.allow
const documents: ActionDocument[] = []

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  direct = new pg.Client({ connectionString: server.url })
  await direct.connect()
  await direct.query(`
    create table log(what text);
    create function note(what text) returns int language plpgsql as $$ begin insert into log values (what); return 7; end $$;
    create function built(what text) returns int language plpgsql as $$ begin execute 'insert into log values (' || quote_literal(what) || ')'; return 8; end $$;`)
  listener = await listenBefore(server, (document) => {
    documents.push(document)
    return answer(document)
  })
})

after(async () => {
  await listener?.close()
  await direct?.end()
  await server?.stop()
})

async function oidOf(name: string): Promise<number> {
  const { rows } = await direct.query<{ oid: number }>('select $1::regproc::oid as oid', [name])
  return Number(rows[0]?.oid)
}

/** A call with arguments and result as text. */
function call(oid: number, ...values: readonly string[]): Buffer {
  const bytes = values.flatMap((value) => [int32(Buffer.byteLength(value)), Buffer.from(value)])
  return encodeFrame('F', int32(oid), int16(1), int16(0), int16(values.length), ...bytes, int16(0))
}

async function session(use: (one: RawSession) => Promise<void>): Promise<void> {
  documents.length = 0
  const one = await RawSession.open(listener.port, server.database)
  documents.length = 0
  try {
    await use(one)
  } finally {
    one.close()
    answer = () => results.allow
  }
}

test('a call is judged as its function, with its values, and forwarded', { skip }, async () => {
  const oid = await oidOf('note')
  await session(async (one) => {
    assert.deepEqual(await one.say(call(oid, 'first')), ['V 7'.replace('V ', 'V \u0001'), 'Z I'])
    const [{ action } = assert.fail('nothing was judged')] = documents
    assert.equal(action.operation, 'function_call')
    assert.equal(action.complete, true)
    assert.equal(action.verb, 'write')
    assert.equal(action.sql?.protocol, 'function_call')
    assert.deepEqual(action.sql?.parameters, ['first'])
    const [statement] = action.sql?.statements ?? []
    assert.deepEqual(
      statement?.functions.map(({ schema, name }) => `${schema}.${name}`),
      ['public.note'],
    )
    assert.ok(statement?.relations.some(({ name, access }) => name === 'log' && access === 'write'))
  })
  const { rows } = await direct.query("select count(*)::int as n from log where what = 'first'")
  assert.deepEqual(rows, [{ n: 1 }])
})

test('a call that the policy refuses runs nothing, and the session goes on', { skip }, async () => {
  const oid = await oidOf('note')
  await session(async (one) => {
    answer = ({ action }) =>
      action.sql?.statements[0]?.relations.some(({ access }) => access === 'write') === true
        ? results.deny
        : results.allow
    assert.deepEqual(await one.say(call(oid, 'second')), ['E 42501', 'Z I'])
    assert.deepEqual(await one.say(encodeQuery('select 1')).then((said) => said.at(-1)), 'Z I')
  })
  const { rows } = await direct.query("select count(*)::int as n from log where what = 'second'")
  assert.deepEqual(rows, [{ n: 0 }])
})

test("a function of the server's own is known by its oid", { skip }, async () => {
  const oid = await oidOf('pg_catalog.quote_ident')
  await session(async (one) => {
    assert.equal((await one.say(call(oid, 'a b')))[1], 'Z I')
    const called = documents[0]?.action.sql?.statements[0]?.functions
    assert.deepEqual(
      called?.map(({ schema, name }) => `${schema}.${name}`),
      ['pg_catalog.quote_ident'],
    )
  })
})

test('what is not understood of a function makes the call incomplete', { skip }, async () => {
  const oid = await oidOf('built')
  await session(async (one) => {
    answer = ({ action }) => (action.complete ? results.allow : results.deny)
    assert.deepEqual(await one.say(call(oid, 'third')), ['E 42501', 'Z I'])
    assert.equal(documents[0]?.action.complete, false)
  })
})

test('an oid that the catalog does not know is refused, and nobody is asked', { skip }, async () => {
  await session(async (one) => {
    for (const oid of [0, 999_999_999, -1]) assert.deepEqual(await one.say(call(oid, 'x')), ['E 42501', 'Z I'])
    assert.deepEqual(documents, [])
  })
})

test('within a transaction an error of the call fails it, and so does a refusal', { skip }, async () => {
  const oid = await oidOf('pg_catalog.int4in')
  await session(async (one) => {
    await one.say(encodeQuery('begin'))
    assert.deepEqual(await one.say(call(999_999_999, 'x')), ['E 42501', 'Z E'])
    await one.say(encodeQuery('rollback; begin'))
    assert.deepEqual((await one.say(call(oid, 'no number'))).at(-1), 'Z E')
    await one.say(encodeQuery('rollback'))
    assert.deepEqual((await one.say(encodeQuery('select 1'))).at(-1), 'Z I')
  })
})

test('masks and limits on rows that cannot be kept refuse the call', { skip }, async () => {
  const oid = await oidOf('note')
  await session(async (one) => {
    answer = () => ({ ...results.allow, mask: [{ detect: 'credit_card', with: 'last4' }] })
    assert.deepEqual(await one.say(call(oid, 'fourth')), ['E 42501', 'Z I'])
    answer = () => ({ ...results.allow, limit: [{ affected: 1 }] })
    assert.deepEqual(await one.say(call(oid, 'fourth')), ['E 42501', 'Z I'])
  })
  const { rows } = await direct.query("select count(*)::int as n from log where what = 'fourth'")
  assert.deepEqual(rows, [{ n: 0 }])
})

test('a call that breaks the protocol ends the session', { skip }, async () => {
  for (const body of [
    Buffer.concat([int32(1), int16(2), int16(0), int16(0), int16(1), int32(1), Buffer.from('x'), int16(0)]),
    Buffer.concat([int32(1), int16(0), int16(1), int32(-2), int16(0)]),
    Buffer.concat([int32(1), int16(0), int16(9), int16(0)]),
    Buffer.concat([int32(1), int16(0), int16(0), int16(7)]),
    Buffer.concat([int32(1), int16(0), int16(0), int16(0), Buffer.from('more')]),
  ]) {
    const socket = connect(listener.port, '127.0.0.1')
    const one = new Promise<void>((resolve) => socket.once('close', () => resolve()))
    socket.on('error', () => undefined)
    let said = 0
    socket.on('data', (chunk: Buffer) => {
      if (said === 0 && chunk[0] === 82) {
        said = 1
        socket.write(encodeFrame('p', cstring('any')))
      } else if (said === 1 && chunk.subarray(-6, -5).toString() === 'Z') {
        said = 2
        socket.write(encodeFrame('F', body))
      }
    })
    socket.write(
      encodeStartup(
        new Map([
          ['user', 'agent'],
          ['database', server.database],
        ]),
      ),
    )
    await one
    assert.equal(said, 2)
  }
})
