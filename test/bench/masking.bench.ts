// What masking adds on PostgreSQL: a result of ten rows, and one of a million, with one masked column against none.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import pg from 'pg'
import { catalogFromServer, catalogQuery, createSqlAnalyzer } from '../../engine/action/sql/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenPostgres } from '../../proxy/postgres/index.ts'
import { encodeFrame, encodeQuery, encodeStartup } from '../../proxy/postgres/wire/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { gateParts, results } from '../support/gate.ts'
import { startPostgres } from '../support/postgres-server.ts'

/** The bench's name. */
export const name = 'masking'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  last4:
    'the server computes the mask of a text in UTF-8 for every row, about 130 ns, which beside a row of three columns is much.',
  'added by': 'the server reads and plans the text of the mask with every simple query.',
}

const rounds = 2_000
const many = 1_000_000
const manyRounds = 15
const kinds = ['plain', 'redact', 'last4'] as const
const tables = [
  { name: 'three columns', sql: 'select id, owner, number from cards' },
  { name: 'eight columns', sql: 'select * from payments' },
] as const

/** Medians, masked and unmasked in turn over one gateway. */
export async function run(): Promise<{
  rows: { name: string; value: number; unit: string; ratio?: number; goal?: string }[]
}> {
  const server = await startPostgres()
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  await owner.query(
    "create table cards as select g as id, 'owner ' || g as owner, lpad(g::text, 16, '4') as number from generate_series(1, 1000000) g",
  )
  await owner.query('alter table cards add primary key (id)')
  // As tables with cards are more often: the three columns of above are little work for the server, beside any mask.
  await owner.query(
    "create table payments as select id, owner, number, '12/' || 26 + id % 9 as expires, (id % 900)::numeric / 7 as amount, 'EUR' as currency, now() - id * interval '1 minute' as placed, id % 3 = 0 as settled from cards",
  )
  await owner.query('vacuum analyze cards, payments')
  const { rows: read } = await owner.query<{ [column: string]: string }>(catalogQuery)
  await owner.end()
  const analyzer = await createSqlAnalyzer(18, catalogFromServer(Object.values(read[0] ?? {}).join(''), '1'))
  const parts = gateParts({ clock: systemClock })
  const identity = {
    ...sampleDocument().identity,
    token: { ...sampleDocument().identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
  }
  const { host, port, user, password, database } = server
  const listener = await listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    cleartext: true,
    gate: createGate(parts),
    authenticator: { authenticate: () => Promise.resolve({ ok: true, identity }) },
    target: () => ({
      resource: sampleDocument().resource,
      recordWire: false,
      analyzer: () => Promise.resolve(analyzer),
      upstream: () => Promise.resolve({ host, port, database, user, password, tls: undefined, connectMs: 5000 }),
    }),
    hashKey: Buffer.from('key'),
    connectionsMax: 10,
    handshakeMs: 10_000,
    messageBytesMax: 64 * 1024 * 1024,
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  })
  const socket = await session(listener.port)
  const mask = (strategy: string | undefined): void => {
    const columns = strategy === undefined ? [] : ['public.cards.number', 'public.payments.number']
    const masks = columns.map((column) => ({ column, with: strategy }))
    parts.live.answer = () => ({ ...results.allow, mask: masks })
  }
  const ten = 'select id, owner, number from cards where id between 500 and 509'
  const times = { plain: [] as number[], masked: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    for (const which of ['plain', 'masked'] as const) {
      mask(which === 'masked' ? 'last4' : undefined)
      times[which].push(await asked(socket, ten))
    }
  }
  const large = tables.map((table) => ({
    ...table,
    times: { plain: [] as number[], redact: [] as number[], last4: [] as number[] },
  }))
  for (let round = 0; round < manyRounds; round++) {
    for (const { sql, times: took } of large) {
      // Each comes first, second and last as often as the others.
      for (const turn of kinds.keys()) {
        const which = kinds[(turn + round) % kinds.length] ?? 'plain'
        mask(which === 'plain' ? undefined : which)
        took[which].push(await asked(socket, sql))
      }
    }
  }
  socket.destroy()
  await listener.close()
  await server.stop()
  const added = median(times.masked) - median(times.plain)
  return {
    rows: [
      { name: '10 rows, nothing masked, p50', value: median(times.plain), unit: 'ms' },
      { name: '10 rows, one column masked, p50', value: median(times.masked), unit: 'ms' },
      { name: 'added by the mask', value: added, unit: 'ms', goal: '<= 0.2' },
      ...large.flatMap(({ name: of, times: took }) => [
        { name: `1,000,000 rows of ${of}, nothing masked`, value: many / median(took.plain), unit: 'rows/ms' },
        ...(['redact', 'last4'] as const).map((strategy) => ({
          name: `1,000,000 rows of ${of}, one masked by ${strategy}`,
          value: many / median(took[strategy]),
          unit: 'rows/ms',
          // Of one round, so that both had the same of the machine.
          ratio: median(took[strategy].map((each, round) => (took.plain[round] ?? Number.NaN) / each)),
          goal: 'ratio >= 0.7',
        })),
      ]),
    ],
  }
}

async function session(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.setNoDelay(true)
  socket.write(
    encodeStartup(
      new Map([
        ['user', 'agent'],
        ['database', 'orders-db'],
      ]),
    ),
  )
  await once(socket, 'data')
  socket.write(encodeFrame('p', Buffer.from('token\0')))
  await ready(socket)
  return socket
}

/** Milliseconds until the answer to a query is whole. */
async function asked(socket: Socket, sql: string): Promise<number> {
  const started = performance.now()
  socket.write(encodeQuery(sql))
  await ready(socket)
  return performance.now() - started
}

/** The last bytes of an answer are ReadyForQuery. */
function ready(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const heard = (chunk: Buffer): void => {
      if (chunk.at(-6) !== 0x5a || chunk.at(-2) !== 5) return
      socket.off('data', heard)
      resolve()
    }
    socket.on('data', heard)
  })
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
