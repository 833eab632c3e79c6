// Non-interference: two databases that differ only in masked values look the same to a client, whatever it sends.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { cstring, encodeFrame, encodeParse, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { postgresMissing } from '../../support/postgres-server.ts'
import { filterStatements, twinStatements } from '../../support/twin-statements.ts'
import { masks, startTwins, type Twins } from '../../support/twins.ts'

const corpus = new URL('../../../../shared/corpus/', import.meta.url)
const missing = postgresMissing()
const noCorpus = existsSync(corpus) ? false : 'the shared corpus is not here'
let twins: Twins

/** The corpus schema, with other cards in the second database. */
function corpusSchema(variant: number): string {
  if (noCorpus !== false) return ''
  const schema = readFileSync(new URL('sql-bypass-schema.sql', corpus), 'utf8')
  return variant === 0
    ? schema
    : schema.replace('4111111111111111::bigint', '5222222222221111::bigint').replace('lpad((100+g)', 'lpad((500+g)')
}

before(async () => {
  if (missing === undefined) twins = await startTwins([corpusSchema])
})
after(() => twins?.stop())

/** What the client of one database saw and the other did not. */
async function leaks(
  texts: readonly string[],
): Promise<{ readonly leaks: readonly string[]; readonly answered: number }> {
  const found: string[] = []
  let answered = 0
  for (const text of texts) {
    const [one, other] = await twins.query(text)
    if (!one.some((line) => line.includes('refused by policy'))) answered++
    if (JSON.stringify(one) !== JSON.stringify(other)) {
      const at = one.findIndex((line, index) => line !== other[index])
      found.push(`${text}\n  ${JSON.stringify(one[at]).slice(0, 200)}\n  ${JSON.stringify(other[at]).slice(0, 200)}`)
    }
    // Nothing that a text left open goes on into the next.
    const last = one.at(-1) ?? ''
    if (last !== 'Z I') await (last.startsWith('Z') ? twins.query('rollback') : twins.reconnect())
  }
  return { leaks: found, answered }
}

test('no statement tells the databases apart', { skip: missing ?? false, timeout: 400_000 }, async (context) => {
  const texts = twinStatements()
  assert.ok(texts.length >= 400, `${texts.length} statements`)
  const seen = await leaks(texts)
  context.diagnostic(`${texts.length} statements, ${seen.answered} answered, ${seen.leaks.length} leaks`)
  assert.deepEqual(seen.leaks, [])
})

test('no statement of the shared corpus tells the databases apart', {
  skip: missing ?? noCorpus,
  timeout: 400_000,
}, async (context) => {
  const lines = readFileSync(new URL('sql-bypass.jsonl', corpus), 'utf8').trim().split('\n')
  const texts = lines.flatMap((line): string[] => {
    const entry: unknown = JSON.parse(line)
    if (typeof entry !== 'object' || entry === null) return []
    if ('sql' in entry && typeof entry.sql === 'string') return [`begin; ${entry.sql}`, 'rollback', entry.sql]
    return 'session' in entry && Array.isArray(entry.session) ? entry.session.map(String) : []
  })
  const seen = await leaks(
    texts.filter((text) => !text.includes('\0') && !/drop (?:table|schema|database)|pg_sleep\([1-9]/i.test(text)),
  )
  context.diagnostic(`${texts.length} texts, ${seen.answered} answered, ${seen.leaks.length} leaks`)
  assert.deepEqual(seen.leaks, [])
})

test('a masked column is masked where it is computed with, and what does not use one is answered as it is', {
  skip: missing ?? false,
}, async () => {
  const [seen] = await twins.query('select left(pan, 13) || right(pan, 4) as x, name from shop.people where id = 7')
  assert.ok(seen.some((line) => line.startsWith('D') && line.includes('************00007')))
  for (const sql of [
    'select o.state, count(*), sum(o.amount) from shop.orders o join shop.people p on p.id = o.person where p.tenant = 2 group by 1 order by 1',
    'select tenant, sum(visits), count(*) from shop.people group by tenant order by 1',
    'select name, note from shop.people where visits > 1 order by id',
    'select p.name, sum(o.amount) over (partition by p.tenant order by o.id) from shop.orders o join shop.people p on p.id = o.person order by o.id',
  ]) {
    const [through] = await twins.query(sql)
    const [direct] = await twins.direct(sql)
    const rows = through.filter((line) => line.startsWith('D')).length
    assert.equal(rows, (JSON.parse(direct) as [unknown[]])[0].length, sql)
    assert.ok(rows > 0, sql)
  }
})

test('masked relations are replaced wherever in a text they stand', { skip: missing ?? false }, async () => {
  const texts = Array.from(
    { length: 700 },
    (_, spaces) =>
      `select p.pan, e.secret from shop.people p,${' '.repeat(spaces)} shop.events e where p.id = 7 and e.id = 1`,
  )
  const [seen, others] = await twins.queryAll(texts)
  assert.deepEqual(seen, others)
  const shown = seen.filter((lines) => lines.some((line) => line.startsWith('D ') && line.includes('************0007')))
  assert.equal(shown.length, texts.length)
  assert.ok(shown.every((lines) => lines.some((line) => line.startsWith('D ') && line.endsWith('gone'))))
})

test('a foreign key over columns that are not masked does not stand in the way of writes', {
  skip: missing ?? false,
}, async () => {
  const [kept] = await twins.query('begin; insert into shop.visits values (1, 3); rollback')
  assert.ok(
    kept.some((line) => line.startsWith('C INSERT')),
    kept.join('\n'),
  )
  const [claimed] = await twins.query("insert into shop.claims values (1, '4444000001010001')")
  assert.ok(
    claimed.some((line) => line.includes('refused by policy')),
    claimed.join('\n'),
  )
})

test('a search path of the database does not change what names mean', { skip: missing ?? false }, async () => {
  for (const reset of ['select 1', 'reset search_path', 'reset all']) {
    await twins.query(reset)
    const [seen] = await twins.query('select pan from people')
    assert.ok(!seen.some((line) => line.includes('0001')), seen.join('\n'))
  }
  await twins.reconnect()
  const [path] = await twins.query('show search_path')
  assert.ok(
    path.some((line) => line.includes('"$user", public')),
    path.join('\n'),
  )
  const [people] = await twins.query('select pan from people')
  assert.ok(
    people.some((line) => line.startsWith('D') && line.endsWith('public')),
    people.join('\n'),
  )
})

test('the record says how many values of which column were masked', { skip: missing ?? false }, async () => {
  await twins.query('select id, pan, upper(pan), ssn from shop.people where id < 4')
  await twins.query('copy (select pan from shop.people where id = 1) to stdout')
  await twins.query('select count(*) from shop.people')
  assert.deepEqual(twins.recordedMasks().slice(-3), ['shop.people.pan 6', 'shop.people.ssn 3', 'shop.people.pan 1'])
})

test('no statement tells what a row filter hides', { skip: missing ?? false, timeout: 400_000 }, async (context) => {
  twins.protect(
    [{ column: 'shop.docs.kind', with: 'null' }],
    [{ relation: 'shop.docs', where: "tenant = 1 and body <> 'x'" }],
  )
  await twins.reconnect()
  const seen = await leaks(filterStatements)
  twins.protect(masks)
  await twins.reconnect()
  context.diagnostic(`${filterStatements.length} statements, ${seen.answered} answered, ${seen.leaks.length} leaks`)
  assert.deepEqual(seen.leaks, [])
  assert.ok(seen.answered >= 25, `${seen.answered} answered`)
})

test('a row filter leaves the rows that it does not hide, in reads and writes', {
  skip: missing ?? false,
}, async () => {
  twins.protect([], [{ relation: 'shop.docs', where: 'tenant = 1' }])
  await twins.reconnect()
  const tags = async (sql: string): Promise<readonly string[]> =>
    (await twins.query(sql))[0]
      .filter((line) => line.startsWith('C ') || line.startsWith('E '))
      .map((line) => line.slice(2).replaceAll('\0', ''))
  assert.deepEqual(await tags('select * from shop.docs'), ['SELECT 14'])
  assert.deepEqual(await tags('select * from only shop.docs where id = 101'), ['SELECT 0'])
  assert.deepEqual(await tags('begin; update shop.docs set size = size + 1; rollback'), [
    'BEGIN',
    'UPDATE 14',
    'ROLLBACK',
  ])
  assert.deepEqual(await tags('begin; delete from shop.docs d where d.id > 100; rollback'), [
    'BEGIN',
    'DELETE 2',
    'ROLLBACK',
  ])
  assert.deepEqual(await tags('begin; update shop.docs set size = 0 where 1 / (id - 101) > 5 or true; rollback'), [
    'BEGIN',
    'UPDATE 14',
    'ROLLBACK',
  ])
  const [moved = ''] = await tags('update shop.docs set tenant = 2')
  assert.match(moved, /42501/)
  const [added = ''] = await tags('insert into shop.docs (id, tenant) values (999, 2)')
  assert.match(added, /42501/)
  twins.protect([], [{ relation: 'shop.docs', where: 'tenant = (select 1)' }])
  const [refused = ''] = await tags('select * from shop.docs')
  assert.match(refused, /a row filter of the policy uses what filters may not/)
  twins.protect(masks)
  await twins.reconnect()
})

test('prepared statements and portals are bound to the masks they were made under', {
  skip: missing ?? false,
}, async () => {
  const parse = (name: string, sql: string): Buffer => encodeParse({ name, sql, types: [] })
  const bind = (statement: string, formats: readonly number[]): Buffer =>
    encodeFrame('B', cstring(''), cstring(statement), int16(0), int16(0), int16(formats.length), ...formats.map(int16))
  const execute = encodeFrame('E', cstring(''), int32(0))
  const sync = encodeFrame('S')
  for (const format of [0, 1]) {
    const [one, other] = await twins.send([
      parse(`s${format}`, 'select pan, salary, born, doc, tags, rate from shop.people order by id limit 3'),
      bind(`s${format}`, [format]),
      encodeFrame('D', Buffer.from('P'), cstring('')),
      execute,
      sync,
    ])
    assert.deepEqual(one, other)
    assert.equal(one.filter((line) => line.startsWith('D ')).length, 3)
    assert.ok(
      one.some((line) => line.includes('************0001')),
      JSON.stringify(one),
    )
  }
  twins.protect([...masks, { column: 'shop.people.name', with: 'null' }])
  const [again] = await twins.send([bind('s0', [0]), execute, sync])
  assert.ok(
    again.some((line) => line.includes('what is masked has changed')),
    again.join('\n'),
  )
  assert.ok(!again.some((line) => line.startsWith('D ')))
  await twins.query('prepare kept as select name from shop.people')
  twins.protect(masks)
  const [stale] = await twins.query('execute kept')
  assert.ok(
    stale.some((line) => line.includes('what is masked has changed')),
    stale.join('\n'),
  )
  await twins.reconnect()
})

test('no statement tells the databases apart in the mode of provisioned views', {
  skip: missing ?? false,
  timeout: 400_000,
}, async (context) => {
  const inline = twins
  twins = await startTwins([corpusSchema], 'views')
  try {
    const texts = twinStatements()
    const seen = await leaks(texts)
    context.diagnostic(`${texts.length} statements, ${seen.answered} answered, ${seen.leaks.length} leaks`)
    assert.deepEqual(seen.leaks, [])
    const [people] = await twins.query('select pan, email, salary from shop.people order by id limit 1')
    assert.ok(
      people.some((line) => line.includes('************0001')),
      people.join('\n'),
    )
    const [view] = await twins.query('select loud from shop.v_deep order by id limit 1')
    assert.ok(
      view.some((line) => line.includes('************0001!')),
      view.join('\n'),
    )
    const [written] = await twins.query("begin; insert into shop.orders values (500, 1, 2, 'x'); rollback")
    assert.ok(
      written.some((line) => line.startsWith('C INSERT')),
      written.join('\n'),
    )
    twins.protect([{ column: 'shop.people.pan', with: 'first4' }])
    const [other] = await twins.query('select pan from shop.people')
    assert.ok(
      other.some((line) => line.includes('was provisioned with other masks')),
      other.join('\n'),
    )
    // Around the gateway's rewriting, the server itself refuses.
    twins.protect([])
    await twins.reconnect()
    for (const sql of ['select pan from shop.people', 'select * from shop.v_people', 'select shop.pan_of(1)']) {
      const [refused] = await twins.query(sql)
      assert.ok(
        refused.some((line) => line.includes('C42501')),
        `${sql}: ${refused.join(' ')}`,
      )
    }
  } finally {
    await twins.stop()
    twins = inline
  }
})

// Last: without masks some of the statements change the databases for good.
test('the same statements tell them apart where nothing is masked', {
  skip: missing ?? false,
  timeout: 400_000,
}, async () => {
  twins.protect([])
  await twins.reconnect()
  const seen = await leaks(twinStatements())
  twins.protect(masks)
  await twins.reconnect()
  assert.ok(seen.leaks.length > 250, `${seen.leaks.length} statements tell`)
})
