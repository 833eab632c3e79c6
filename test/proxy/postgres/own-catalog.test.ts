// What a session defined itself, seen or unseen, is read on its own connection before later names are called known: through
// a gateway to a real server, whose tables tell what was written.
import assert from 'node:assert/strict'
import { after, before, beforeEach, test } from 'node:test'
import pg from 'pg'
import type { ActionDocument, SqlStatement } from '../../../engine/action/index.ts'
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
const documents: ActionDocument[] = []

/** Gives `orders` a trigger that writes to `log`. */
const watching = "execute 'create trigger watching before insert on orders for each row execute function writes()'"

before(async () => {
  if (skip !== false) return
  server = await startPostgres()
  direct = new pg.Client({ connectionString: server.url })
  await direct.connect()
})

after(async () => {
  await direct?.end()
  await server?.stop()
})

beforeEach(async () => {
  if (skip !== false) return
  await direct.query(`
    drop event trigger if exists defined;
    drop schema public cascade;
    create schema public;
    create table log(what text);
    create table orders(id int);
    create table others(id int);
    create function writes() returns trigger language plpgsql as $$ begin insert into log values ('made'); return new; end $$;
    create function defines() returns int language plpgsql as $$ begin ${watching}; return 7; end $$;
    create procedure commits() language plpgsql as $$ begin ${watching}; commit; end $$;`)
})

async function session(use: (one: RawSession) => Promise<void>): Promise<void> {
  listener = await listenBefore(server, (document) => {
    documents.push(document)
    return results.allow
  })
  const one = await RawSession.open(listener.port, server.database)
  documents.length = 0
  try {
    await use(one)
  } finally {
    one.close()
    await listener.close()
  }
}

/** Runs a text; gives what the analyzer says of its statement. */
async function judged(one: RawSession, text: string): Promise<SqlStatement> {
  documents.length = 0
  await one.say(encodeQuery(text))
  return documents[0]?.action.sql?.statements[0] ?? assert.fail('nothing was judged')
}

function writesOf({ relations }: SqlStatement): readonly string[] {
  return relations
    .filter(({ access }) => access === 'write')
    .map(({ schema, name }) => `${schema}.${name}`)
    .sort()
}

test("a session's own definitions are read on its own connection, and its transaction stays as it is", {
  skip,
}, async () => {
  await session(async (one) => {
    await one.say(encodeQuery('begin'))
    await one.say(encodeQuery('create table made (id int)'))
    await one.say(encodeQuery('alter table made add constraint c check (id > 0)'))
    await one.say(
      encodeQuery(
        "create function writes_made() returns trigger language plpgsql as $$ begin insert into log values ('made'); return new; end $$",
      ),
    )
    await one.say(encodeQuery('create trigger t before insert on made for each row execute function writes_made()'))
    documents.length = 0
    assert.deepEqual(await one.say(encodeQuery('insert into made values (1)')), ['C INSERT 0 1', 'Z T'])
    const [{ action } = assert.fail('nothing was judged')] = documents
    assert.deepEqual(action.sql?.statements[0]?.reasons, [])
    assert.ok(action.sql?.statements[0]?.relations.some(({ name, access }) => name === 'log' && access === 'write'))
    // Its own savepoint and path are gone.
    assert.deepEqual(await one.say(encodeQuery('rollback to savepoint sallyport_catalog')), ['E 3B001', 'Z E'])
    await one.say(encodeQuery('rollback'))
    assert.match((await one.say(encodeQuery('show search_path'))).join(' '), /"\$user", public/)
    documents.length = 0
    assert.deepEqual(await one.say(encodeQuery('insert into made values (1)')), ['E 42P01', 'Z I'])
    assert.equal(documents[0]?.action.complete, false)
  })
})

const insert = 'insert into orders values (1)'
const both = ['public.log', 'public.orders']

for (const [what, text] of [
  ['a block', `do $$ begin ${watching}; end $$`],
  ['a function', 'select defines()'],
  ['a function in a script', 'select 1; select defines()'],
] as const)
  test(`what ${what} defined is known to the next statement of the transaction, and forgotten with it`, {
    skip,
  }, async () => {
    await session(async (one) => {
      assert.deepEqual(writesOf(await judged(one, insert)), ['public.orders'])
      await one.say(encodeQuery('begin'))
      assert.equal((await judged(one, text)).kind, text.startsWith('do') ? 'do' : 'select')
      const after = await judged(one, insert)
      assert.deepEqual([after.reasons, writesOf(after)], [[], both])
      await one.say(encodeQuery('rollback'))
      const undone = await judged(one, insert)
      assert.deepEqual([undone.reasons, writesOf(undone)], [[], ['public.orders']])
      const { rows } = await direct.query('select what from log')
      assert.deepEqual(rows, [], 'what the trigger wrote was rolled back')
    })
  })

for (const text of [`do $$ begin ${watching}; end $$`, 'select defines()', 'call commits()'])
  test(`out of a transaction too: ${text.slice(0, 16)}`, { skip }, async () => {
    await session(async (one) => {
      await judged(one, text)
      const after = await judged(one, insert)
      assert.deepEqual([after.reasons, writesOf(after)], [[], both])
      const { rows } = await direct.query('select what from log')
      assert.deepEqual(rows, [{ what: 'made' }])
    })
  })

for (const [what, definition] of [
  ['was added', 'alter table child add foreign key (id) references parent on update cascade'],
  ['came with a table', 'create table grandchild(id int references parent on update cascade)'],
] as const)
  test(`a key that ${what} is known to the table that it points at`, { skip }, async () => {
    await direct.query('create table parent(id int primary key); create table child(id int)')
    await session(async (one) => {
      await one.say(encodeQuery('begin'))
      await judged(one, 'insert into parent values (1)')
      await judged(one, definition)
      const after = await judged(one, 'update parent set id = 2')
      const other = definition.startsWith('alter') ? 'public.child' : 'public.grandchild'
      assert.deepEqual([after.reasons, writesOf(after)], [[], [other, 'public.parent']])
      await one.say(encodeQuery('rollback'))
    })
  })

test('a temporary table that a block made is what its name means, until temporary objects are discarded', {
  skip,
}, async () => {
  await session(async (one) => {
    await judged(one, 'do $$ begin create temp table orders(id int); end $$')
    const hidden = await judged(one, insert)
    assert.deepEqual([hidden.reasons, writesOf(hidden)], [[], ['pg_temp.orders']])
    await judged(one, 'discard temp')
    const shown = await judged(one, insert)
    assert.deepEqual([shown.reasons, writesOf(shown)], [[], ['public.orders']])
    const { rows } = await direct.query('select count(*)::int as count from orders')
    assert.deepEqual(rows, [{ count: 1 }])
  })
})

test('discarding plans or sequences forgets nothing of the transaction', { skip }, async () => {
  await session(async (one) => {
    await one.say(encodeQuery('begin'))
    await judged(one, 'create temp table orders(id int)')
    await judged(one, 'discard plans')
    await judged(one, 'discard sequences')
    assert.deepEqual(writesOf(await judged(one, insert)), ['pg_temp.orders'])
    await one.say(encodeQuery('rollback'))
    assert.deepEqual(writesOf(await judged(one, insert)), ['public.orders'])
  })
})

test('what an event trigger did is known to the next statement, and a definition that fires one is not complete', {
  skip,
}, async () => {
  await direct.query(`
    create function on_table() returns event_trigger language plpgsql as $$ begin
      if tg_tag = 'CREATE TABLE' then ${watching}; end if;
    end $$;
    create event trigger defined on ddl_command_end execute function on_table();`)
  await session(async (one) => {
    assert.deepEqual(writesOf(await judged(one, insert)), ['public.orders'])
    const made = await judged(one, 'create table innocent(id int)')
    assert.ok(made.reasons.includes('event triggers run on DDL'))
    const after = await judged(one, insert)
    assert.deepEqual([after.reasons, writesOf(after)], [[], both])
    const { rows } = await direct.query('select what from log')
    assert.deepEqual(rows, [{ what: 'made' }])
  })
})

test('the catalog is read however the client would have its own queries planned', { skip }, async () => {
  await session(async (one) => {
    const ways = ['bitmapscan', 'hashjoin', 'indexscan', 'mergejoin', 'nestloop', 'seqscan', 'sort']
    for (const way of ways) await one.say(encodeQuery(`set enable_${way} to off`))
    await one.say(encodeQuery('set jit_above_cost to 0; set jit_optimize_above_cost to 0'))
    await judged(one, 'select defines()')
    const after = await judged(one, insert)
    assert.deepEqual([after.reasons, writesOf(after)], [[], both])
    assert.match((await one.say(encodeQuery('show enable_seqscan'))).join(), /off/)
  })
})

test('where the catalog cannot be read, nothing is known until it can', { skip }, async () => {
  await session(async (one) => {
    await one.say(encodeQuery('begin isolation level repeatable read'))
    await judged(one, 'select defines()')
    for (let count = 0; count < 5; count++) assert.equal((await judged(one, 'select id from others')).complete, false)
    await one.say(encodeQuery('rollback'))
    assert.deepEqual(writesOf(await judged(one, insert)), ['public.orders'])
  })
})

test('asking takes nothing away that the client prepared without a name', { skip }, async () => {
  const sync = encodeFrame('S')
  const bind = (statement: string): Buffer =>
    encodeFrame('B', cstring(''), cstring(statement), int16(0), int16(0), int16(0))
  const execute = encodeFrame('E', cstring(''), int32(0))
  const parse = (sql: string, name: string): Buffer => encodeParse({ name, sql, types: [] })
  await session(async (one) => {
    await one.say(parse('select defines()', 'defining'), parse('select count(*) from others', ''), sync)
    assert.match((await one.say(bind('defining'), execute, sync)).join(), /C SELECT 1/)
    // The search path was asked for by now; this asks for the catalog.
    documents.length = 0
    await one.say(parse(insert, 'writing'), sync)
    const statement = documents[0]?.action.sql?.statements[0]
    assert.deepEqual(statement?.reasons, [])
    assert.deepEqual(statement === undefined ? [] : writesOf(statement), both)
    assert.match((await one.say(bind(''), execute, sync)).join(), /C SELECT 1/)
  })
})
