// The relay against a server played by hand: what goes on when, and what later texts are read under.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { builtinCatalog, Catalog, createSqlAnalyzer, type SqlAnalyzer } from '../../../engine/action/sql/index.ts'
import { createGate } from '../../../proxy/gate/index.ts'
import { Relay } from '../../../proxy/postgres/relay.ts'
import {
  cstring,
  encodeFrame,
  encodeParse,
  encodeQuery,
  Frame,
  FrameReader,
  int16,
  int32,
  type Sendable,
} from '../../../proxy/postgres/wire/index.ts'
import { gateParts, results, sampleOpening } from '../../support/gate.ts'

const analyzer = await createSqlAnalyzer(18, new Catalog(undefined, {}))
const frameMax = 1 << 20

function copied(bytes: Sendable): Buffer {
  return Buffer.from(bytes instanceof Frame ? bytes.frame : bytes)
}

/** The types of messages, and the text of those that have one. */
function told(bytes: readonly Uint8Array[]): string {
  const frames = new FrameReader(frameMax).push(Buffer.concat(bytes))
  return frames
    .map(({ type, body }) => {
      const name = String.fromCharCode(type)
      if (name === 'Q') return `Q ${body.subarray(0, -1)}`
      if (name === 'P') return `P ${body.toString().split('\0')[1]}`
      return name === 'E' ? `E${/\0C([^\0]*)/.exec(`\0${body}`)?.[1] ?? ''}` : name
    })
    .join(', ')
}

interface Played {
  /** Sends messages as the client, or as the server; gives what went up, or down. */
  client(...messages: readonly Buffer[]): string
  server(...messages: readonly Buffer[]): string
  up(): string
  /** The search path of every document that was judged. */
  readonly paths: string[]
  /** What waits for people. */
  readonly holds: { readonly size: number }
  /** Approves what waits first. */
  approve(): void
  readonly ends: string[]
}

async function play(
  shared: SqlAnalyzer = analyzer,
  rowsMax?: number,
  asks: (text: string) => boolean = () => false,
  mask: readonly { readonly column: string; readonly with: string }[] = [],
): Promise<Played> {
  const parts = gateParts()
  const paths: string[] = []
  let opening = true
  const allow = () =>
    opening || rowsMax === undefined ? { ...results.allow, mask } : { ...results.allow, limit: [{ rows: rowsMax }] }
  parts.live.answer = (input) => {
    const { session, action } = input as {
      session: { state: { search_path?: readonly string[] } }
      action: { text: string }
    }
    paths.push((session.state.search_path ?? []).join(','))
    return asks(action.text) ? results.hold : allow()
  }
  const opened = await createGate(parts).open(sampleOpening())
  assert.ok(opened.open)
  paths.length = 0
  opening = false
  const sent: { up: Uint8Array[]; down: Uint8Array[] } = { up: [], down: [] }
  const ends: string[] = []
  const relay = new Relay({
    gate: opened.session,
    analyzer: shared,
    user: 'app',
    hashKey: Buffer.alloc(32),
    port: {
      toClient: (bytes) => sent.down.push(copied(bytes)),
      toServer: (bytes) => sent.up.push(copied(bytes)),
      flushClient: () => undefined,
      cancelServer: () => undefined,
      caughtUp: () => undefined,
      end: (reason) => ends.push(reason),
    },
  })
  const fromClient = new FrameReader(frameMax)
  const fromServer = new FrameReader(frameMax, [0x44, 0x64])
  const up = (): string => told(sent.up.splice(0))
  const down = (): string => told(sent.down.splice(0))
  return {
    client: (...messages) => {
      for (const message of messages) for (const frame of fromClient.push(message)) relay.fromClient(frame)
      return up()
    },
    server: (...messages) => {
      for (const message of messages) for (const frame of fromServer.push(message)) relay.fromServer(frame)
      return down()
    },
    up,
    holds: parts.holds.waiting,
    approve: () => assert.ok(parts.holds.answer({ on: 'approved', detail: 'by a test' })),
    paths,
    ends,
  }
}

const sync = encodeFrame('S')
const parse = (sql: string, name = ''): Buffer => encodeParse({ name, sql, types: [] })
const bind = (statement = '', portal = ''): Buffer =>
  encodeFrame('B', cstring(portal), cstring(statement), int16(0), int16(0), int16(0))
const execute = (portal = ''): Buffer => encodeFrame('E', cstring(portal), int32(0))
const complete = (tag: string): Buffer => encodeFrame('C', cstring(tag))
const ready = (status = 'I'): Buffer => encodeFrame('Z', Buffer.from(status))
const failure = encodeFrame('E', Buffer.from('SERROR\0C42P05\0Mno\0\0'))
const parsed = encodeFrame('1')
const bound = encodeFrame('2')
const row = encodeFrame('D', int16(1), int32(1), Buffer.from('1'))

test('a query that comes before the one before it was answered waits for the answer', async () => {
  const { client, server, up } = await play()
  assert.equal(client(encodeQuery('select 1'), encodeQuery('select 2'), parse('select 3')), 'Q select 1')
  assert.equal(server(row, complete('SELECT 1')), 'D, C')
  assert.equal(up(), '')
  server(ready())
  assert.equal(up(), 'Q select 2')
  server(complete('SELECT 1'), ready())
  assert.equal(up(), 'P select 3')
})

test('a query after a pipeline waits for the whole pipeline', async () => {
  const { client, server, up } = await play()
  assert.equal(client(parse('select 1'), bind(), execute(), sync, encodeQuery('select 2')), 'P select 1, B, E, S, H')
  server(parsed, bound, complete('SELECT 1'))
  assert.equal(up(), '')
  server(ready())
  assert.equal(up(), 'Q select 2')
})

test('what waits for people is withdrawn when what came before it in its batch fails', async () => {
  const { client, server, up, holds } = await play(analyzer, undefined, (text) => text.includes('asked'))
  assert.equal(client(parse('select 1'), bind(), execute(), parse("select 'asked'"), bind(), sync), 'P select 1, B, E')
  assert.equal(holds.size, 1)
  // The server passes over all of it: nothing is approved that does not run, and nothing is said to it until the Sync.
  assert.equal(server(parsed, bound, failure), 'N, 1, 2, E42P05')
  assert.equal(holds.size, 0)
  assert.equal(up(), 'S')
  assert.equal(server(ready()), 'Z')
})

/** A database in which a view stands for one of two tables. */
function standingFor(table: string): Catalog {
  const columns = [{ name: 'id', type: { schema: 'pg_catalog', name: 'int4', array: false } }]
  const relation = (name: string): object => ({ schema: 'public', name, kind: 'table', columns, path: [] })
  return Catalog.from(builtinCatalog(), {
    version: table,
    schemas: ['public'],
    relations: [
      relation('a'),
      relation('b'),
      { ...relation('v'), kind: 'view', query: `SELECT id FROM public.${table}` },
    ] as never,
    types: [],
    routines: [],
    operators: [],
    casts: [],
    eventTriggers: [],
  })
}

for (const [name, next, sent] of [
  ['the same', 'a', true],
  ['something else', 'b', false],
] as const) {
  test(`a query that means ${name} when it is approved ${sent ? 'goes on' : 'does not'}`, async () => {
    const moving = await createSqlAnalyzer(18, standingFor('a'))
    const { client, up, holds, approve } = await play(moving, undefined, (text) => text.includes('from v'))
    assert.equal(client(encodeQuery('select id from v')), '')
    assert.equal(holds.size, 1)
    moving.useCatalog(standingFor(next))
    approve()
    assert.equal(up(), sent ? 'Q select id from v' : '')
    assert.equal(client(encodeQuery('select id from a')), sent ? '' : 'Q select id from a')
  })

  test(`a portal that means ${name} when it is approved ${sent ? 'goes on' : 'does not'}`, async () => {
    const moving = await createSqlAnalyzer(18, standingFor('a'))
    let asked = 0
    const { client, server, up, holds, approve } = await play(moving, undefined, () => ++asked === 3)
    assert.equal(client(parse('select id from v'), bind(), execute(), sync), 'P select id from v')
    assert.equal(holds.size, 1)
    moving.useCatalog(standingFor(next))
    approve()
    assert.equal(up(), sent ? 'B, E, S' : 'H')
    server(parsed)
    assert.equal(up(), sent ? '' : 'E')
  })
}

/** What the server says of the columns of a result: table, and number in it. */
const describedAs = (...columns: readonly (readonly [number, number])[]): Buffer =>
  encodeFrame(
    'T',
    int16(columns.length),
    ...columns.flatMap(([table, attribute]) => [
      cstring('x'),
      int32(table),
      int16(attribute),
      int32(25),
      int16(-1),
      int32(-1),
      int16(0),
    ]),
  )

for (const [name, columns, ends] of [
  [
    'as they were planned',
    [
      [9, 1],
      [9, 2],
    ],
    [],
  ],
  [
    'with the masked one in two places',
    [
      [9, 1],
      [9, 1],
    ],
    ['masking_mismatch'],
  ],
  [
    'with one more',
    [
      [9, 1],
      [9, 2],
      [9, 3],
    ],
    ['masking_mismatch'],
  ],
] as const) {
  test(`columns that the server describes ${name} ${ends.length === 0 ? 'are shown' : 'end the session'}`, async () => {
    const masked = [{ column: 'public.a.id', with: 'hash' }]
    const standing = await createSqlAnalyzer(18, standingFor('a'))
    const simple = await play(standing, undefined, undefined, masked)
    assert.equal(simple.client(encodeQuery('select id, 1 from a')), 'Q select id, 1 from a')
    assert.equal(simple.server(describedAs(...columns)), ends.length === 0 ? 'T' : '')
    assert.deepEqual(simple.ends, ends)
    for (const what of ['S', 'P']) {
      const { client, server, ends: ended } = await play(standing, undefined, undefined, masked)
      client(parse('select id, 1 from a'), bind(), encodeFrame('D', Buffer.from(`${what}\0`)), sync)
      assert.equal(server(parsed, bound, describedAs(...columns)), ends.length === 0 ? '1, 2, T' : '1, 2')
      assert.deepEqual(ended, ends)
    }
  })
}

test('a search path that was set in the extended protocol is what later texts are read under', async () => {
  const { client, server, up, paths } = await play()
  assert.equal(
    client(parse('set search_path to other'), bind(), execute(), parse('select 1'), bind(), execute(), sync),
    'P set search_path to other, B, E, H',
  )
  server(parsed, bound)
  assert.equal(up(), '')
  server(complete('SET'))
  assert.equal(up(), 'P select 1, B, E, S')
  assert.deepEqual(paths, ['$user,public', '$user,public', 'other', 'other'])
})

test('a search path whose SET failed is not followed', async () => {
  const { client, server, up, paths } = await play()
  client(parse('set search_path to other'), bind(), execute(), sync)
  server(parsed, bound, failure, ready())
  client(encodeQuery('select 1'))
  assert.equal(paths.at(-1), '$user,public')
  assert.equal(up(), '')
})

test('a COMMIT that rolled back takes the search path back', async () => {
  for (const ends of [
    [complete('ROLLBACK'), ready()],
    [failure, ready()],
  ]) {
    const { client, server, paths } = await play()
    client(encodeQuery('begin'))
    server(complete('BEGIN'), ready('T'))
    client(encodeQuery('set search_path to other'))
    server(complete('SET'), ready('T'))
    client(encodeQuery('commit'))
    server(...ends)
    client(encodeQuery('select 1'))
    assert.deepEqual(paths, ['$user,public', '$user,public', 'other', '$user,public'])
  }
})

test('what one session has read and set does not move another session that says the same', async () => {
  const shared = await createSqlAnalyzer(18, new Catalog(undefined, {}))
  const one = await play(shared)
  const other = await play(shared)
  const run = ({ client, server }: Played, sql: string): void => {
    client(encodeQuery(sql))
    server(complete('X'), ready())
  }
  run(one, 'prepare p as select 1')
  run(one, 'select 77')
  run(other, 'select 77')
  // The other session has prepared nothing: a statement of its own by this name is there.
  other.client(parse('select 5', 'p'), sync)
  other.server(parsed, ready())
  assert.equal(other.client(bind('p'), sync), 'B, S')
  one.client(bind('p'))
  assert.equal(one.server(), 'E26000')
})

test('a name that the server did not give again keeps its first text', async () => {
  const { client, server, up } = await play()
  client(parse('set search_path to other', 's'), sync)
  server(parsed, ready())
  client(parse('select 1', 's'), sync)
  server(failure, ready())
  assert.equal(client(bind('s'), execute(), parse('select 2'), sync), 'B, E, H')
  server(bound, complete('SET'))
  assert.equal(up(), 'P select 2, S')
})

test('a statement whose names mean something else by now has to be prepared again', async () => {
  const at = (schema: string) => ({ schema, name: 't' })
  const catalog = new Catalog(undefined, {
    schemas: [
      ['public', true],
      ['b', true],
    ],
    relations: ['public', 'b'].map((schema) => [at(schema), { ...at(schema), kind: 'table', columns: [] }]),
  })
  const { client, server } = await play(await createSqlAnalyzer(18, catalog))
  client(parse('select 1 from t', 's'), parse('select 1 from public.t', 'q'), sync)
  server(parsed, parsed, ready())
  assert.equal(client(bind('s'), execute(), sync), 'B, E, S')
  server(bound, complete('SELECT 1'), ready())
  client(encodeQuery('set search_path to b'))
  server(complete('SET'), ready())
  assert.equal(client(bind('s'), execute(), sync), 'S')
  assert.equal(server(ready()), 'E0A000, Z')
  assert.equal(client(bind('q'), execute(), sync), 'B, E, S')
})

test('the Sync that was sent before the data of a copy is not waited for', async () => {
  const { client, server, up } = await play()
  const data = encodeFrame('d', Buffer.from('1\n'))
  client(parse('copy t from stdin'), bind(), execute(), sync)
  server(parsed, bound, encodeFrame('G', Buffer.of(0), int16(0)))
  assert.equal(client(data, encodeFrame('c'), sync), 'd, c, S')
  server(complete('COPY 1'), ready())
  assert.equal(up(), question)
  server(...answers('public'), ready())
  assert.match(client(encodeQuery('select 1')), /^C, C, P BEGIN /, 'the catalog is asked for, and nothing waited for')
  assert.equal(up(), '')
})

/** Nothing in it takes away what the client has prepared or bound without a name. */
const question = [
  'C, C',
  ...['search_path', 'role', 'session_authorization'].map((of) => `P SHOW ${of}, B, E, C, C`),
  'S',
].join(', ')
const shown = (value: string): readonly Buffer[] => {
  const text = Buffer.from(value)
  const gone = [encodeFrame('3'), encodeFrame('3')]
  return [parsed, bound, encodeFrame('D', int16(1), int32(text.length), text), complete('SHOW'), ...gone]
}
const answers = (path: string, role = 'none', login = 'app'): readonly Buffer[] =>
  [path, role, login].flatMap((value) => shown(value))

test('what may have changed the search path has the server asked before the client is told to go on', async () => {
  const { client, server, up, paths } = await play()
  assert.equal(client(encodeQuery('reset all')), 'Q reset all')
  assert.equal(server(complete('RESET'), ready()), 'C', 'the client is not ready')
  assert.equal(up(), question)
  assert.equal(client(encodeQuery('select 2')), '', 'what the client sends early waits')
  assert.equal(server(...answers('evil, "A b"')), '', 'the answer is not for the client')
  assert.equal(server(ready()), 'Z')
  assert.equal(up(), 'Q select 2')
  assert.equal(paths.at(-1), 'evil,A b')
  server(complete('SELECT 1'), ready())
  assert.equal(up(), '', 'what is known is not asked again')
})

test('within a transaction the path is asked again when it ends', async () => {
  const { client, server, up, paths } = await play()
  client(encodeQuery('begin'))
  server(complete('BEGIN'), ready('T'))
  client(encodeQuery('reset all'))
  server(complete('RESET'), ready('T'))
  assert.equal(up(), question)
  assert.equal(server(...answers('inside'), ready('T')), 'Z')
  client(encodeQuery('commit'))
  assert.equal(paths.at(-1), 'inside')
  server(complete('COMMIT'), ready())
  assert.equal(up(), question)
  server(...answers('outside'), ready())
  client(encodeQuery('select 1'))
  assert.equal(paths.at(-1), 'outside')
})

test('what was set in a transaction that is prepared stays, and is asked for', async () => {
  const { client, server, up, paths } = await play()
  client(encodeQuery('begin; set search_path = other'))
  server(complete('BEGIN'), complete('SET'), ready('T'))
  client(encodeQuery("prepare transaction 'p'"))
  assert.equal(server(complete('PREPARE TRANSACTION'), ready()), 'C', 'the client is not ready')
  assert.equal(up(), question)
  assert.equal(server(...answers('other'), ready()), 'Z')
  client(encodeQuery('select 1'))
  assert.equal(paths.at(-1), 'other')
})

test('a path that the server says of itself, as from 18 on, is asked for where it is another than the one known', async () => {
  const { client, server, up, paths } = await play()
  const status = (path: string): Buffer => encodeFrame('S', cstring('search_path'), cstring(path))
  client(encodeQuery('select 1'))
  assert.equal(server(complete('SELECT 1'), status('"$user", public'), ready()), 'C, S, Z', 'it is the one known')
  assert.equal(up(), '')
  client(encodeQuery('select 2'))
  assert.equal(server(complete('SELECT 1'), status('evil'), ready()), 'C, S', 'the client is not ready')
  assert.equal(up(), question)
  assert.equal(server(...answers('evil'), ready()), 'Z')
  client(encodeQuery('select 3'))
  assert.equal(paths.at(-1), 'evil')
})

test('an answer that is none leaves the path in doubt, and the next answer is asked for', async () => {
  const { client, server, up } = await play()
  client(encodeQuery('reset all'))
  server(complete('RESET'), ready())
  assert.equal(up(), question)
  const none = [...answers('a'.repeat(20_000)), ready()]
  assert.equal(server(...none), 'Z', 'a path that is too long to be read')
  client(encodeQuery('select 0'))
  server(complete('SELECT 1'), ready())
  assert.equal(up(), question)
  assert.equal(server(...answers('public'), ...shown('more'), ready()), 'Z', 'more answers than questions')
  client(encodeQuery('select 1'))
  server(complete('SELECT 1'), ready())
  assert.equal(up(), question)
  assert.equal(server(failure, ready()), 'Z', 'the error is not for the client')
  client(encodeQuery('select 1'))
  server(complete('SELECT 1'), ready())
  assert.equal(up(), question)
})

test('a limit on rows is kept to the row, in however many reads the rows come', async () => {
  for (const together of [true, false]) {
    const { client, server } = await play(analyzer, 3)
    client(encodeQuery('select 1'))
    const rows = together ? [Buffer.concat([row, row, row, row, row])] : [row, row, row, row, row]
    assert.equal(server(...rows), 'D, D, D, E42501')
    assert.equal(server(failure, ready()), 'Z')
    client(encodeQuery('select 1'))
    assert.equal(server(Buffer.concat([row, row, row]), complete('SELECT 3'), ready()), 'D, D, D, C, Z')
  }
})

test('what a stopped text may still have set is asked for', async () => {
  const { client, server, up } = await play(analyzer, 3)
  client(encodeQuery('select 1; set search_path = private'))
  assert.equal(server(row, row, row, row), 'D, D, D, E42501')
  // The cancel came too late.
  assert.equal(server(complete('SELECT 4'), complete('SET'), ready()), '')
  assert.equal(up(), question)
})

test('what a failure takes back does not hold for what comes next', async () => {
  for (const [said, answers] of [
    [[encodeQuery('set search_path = private; select 1')], [complete('SET'), failure, ready()]],
    [
      [parse('set search_path = private'), bind(), execute(), sync],
      [parsed, bound, complete('SET'), failure, ready()],
    ],
  ] as const) {
    const { client, server, paths } = await play()
    client(...said)
    server(...answers)
    client(encodeQuery('select 1'))
    assert.equal(paths.at(-1), '$user,public')
  }
})

test('rows that nothing asked for end the session and are not shown', async () => {
  const { server, ends } = await play()
  assert.equal(server(row), '')
  assert.deepEqual(ends, ['out_of_step'])
})

test('cutting what both sides say at any byte changes nothing', async () => {
  const said = Buffer.concat([parse('select 1', 'a'), bind('a'), execute(), sync, encodeQuery('select 2; select 3')])
  const answered = [
    Buffer.concat([parsed, bound, row, row, complete('SELECT 2'), ready()]),
    Buffer.concat([row, complete('SELECT 1'), row, complete('SELECT 1'), ready()]),
  ]
  const pieces = (bytes: Buffer, at: number): readonly Buffer[] => [bytes.subarray(0, at), bytes.subarray(at)]
  const whole = async (cut: (bytes: Buffer) => readonly Buffer[]): Promise<string> => {
    const { client, server, up } = await play()
    const seen = [client(...cut(said))]
    for (const answer of answered) seen.push(server(...cut(answer)), up())
    return seen.join(' | ')
  }
  const expected = await whole((bytes) => [bytes])
  assert.equal(expected, 'P select 1, B, E, S, H | 1, 2, D, D, C, Z | Q select 2; select 3 | D, C, D, C, Z | ')
  await fc.assert(
    fc.asyncProperty(fc.nat(said.length), async (at) => {
      assert.equal(await whole((bytes) => pieces(bytes, at % (bytes.length + 1))), expected)
    }),
    { numRuns: 60 },
  )
})
