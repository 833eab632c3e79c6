// Random sequences of a client's messages, said to a server and to a gateway before it that allows all: the answers are the
// same, message by message, however the bytes are cut. STEPS_SECONDS and STEPS_SEED for a long run.
import assert from 'node:assert/strict'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import pg from 'pg'
import type { RunningListener } from '../../../proxy/postgres/index.ts'
import {
  cstring,
  encodeFrame,
  encodeParse,
  encodeQuery,
  encodeStartup,
  FrameReader,
  int16,
  int32,
} from '../../../proxy/postgres/wire/index.ts'
import { results } from '../../support/gate.ts'
import { listenBefore } from '../../support/judging-gateway.ts'
import { type PostgresServer, postgresMissing, startPostgres } from '../../support/postgres-server.ts'

const skip = postgresMissing() ?? false
const seconds = Number(process.env['STEPS_SECONDS'] ?? 5)
let seed = Number(process.env['STEPS_SEED'] ?? 1) * 1_000_000 + Number(process.env['STEPS_FROM'] ?? 0)
let server: PostgresServer
let listener: RunningListener

before(async () => {
  if (skip !== false) return
  server = await startPostgres({
    hba: ['host steps_0 all 127.0.0.1/32 trust', 'host all all 127.0.0.1/32 scram-sha-256'],
  })
  await onEach(`create table t (id int primary key, v text);
    create table late (id int primary key deferrable initially deferred);
    create table big as select g as id, 'row ' || g as v from generate_series(1, 50) g;`)
  listener = await listenBefore({ ...server, database: 'steps_1' }, () => results.allow)
})

after(async () => {
  await listener?.close()
  await server?.stop()
})

async function onEach(sql: string): Promise<void> {
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  for (const database of ['steps_0', 'steps_1']) {
    await owner.query(`create database ${database}`)
    const own = new pg.Client({ connectionString: server.url.replace(/\/[^/]*$/, `/${database}`) })
    await own.connect()
    await own.query(sql)
    await own.end()
  }
  await owner.end()
}

/** A small generator of numbers (mulberry32), the same in every run. */
function numbers(from: number): () => number {
  let state = from >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Codes of errors for what is not there, or cannot be said now: which of them comes first is not compared. */
const alike: ReadonlySet<string> = new Set(['08P01', '25P02', '26000', '34000', '55000', 'XX000'])

/** One raw session, and what it was answered, a line a message. */
class Session {
  readonly socket: Socket
  readonly seen: string[] = []
  closed = false
  #wake: () => void = () => undefined

  constructor(port: number, database: string) {
    this.socket = connect(port, '127.0.0.1')
    const reader = new FrameReader(1 << 24)
    const startup = new Map([
      ['user', server.user],
      ['database', database],
    ])
    this.socket.write(encodeStartup(startup))
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.closed = true
      this.#wake()
    })
    this.socket.on('data', (chunk: Buffer) => {
      for (const { type, body } of reader.push(Buffer.from(chunk))) this.#take(String.fromCharCode(type), body)
      this.#wake()
    })
  }

  #take(type: string, body: Buffer): void {
    if (type === 'R' && body.readInt32BE(0) === 3) this.socket.write(encodeFrame('p', cstring('any')))
    // Of descriptions, the number of the table differs.
    if (type === 'T') this.seen.push(`T ${body.readUInt16BE(0)}`)
    else if (type === 'E' || type === 'N') {
      const code = /\0C([^\0]*)/.exec(`\0${body.toString('utf8')}`)?.[1] ?? ''
      this.seen.push(`${type} ${alike.has(code) ? '*' : code}`)
    } else if (!'RSKA'.includes(type)) this.seen.push(`${type} ${body.toString('latin1')}`)
  }

  /** Waits for the answer to a query that selects this text; false when it does not come. */
  async sees(text: string): Promise<boolean> {
    const limit = Date.now() + 10_000
    const isThere = (): boolean =>
      this.seen.at(-1)?.startsWith('Z') === true && this.seen.some((line) => line.includes(text))
    while (!isThere() && !this.closed && Date.now() < limit)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limit - Date.now() + 1)
        this.#wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
    return isThere()
  }
}

const sync = encodeFrame('S')

/** One of the messages of a script, and how it reads. */
function message(random: () => number): readonly [string, Buffer] {
  const below = (n: number): number => Math.floor(random() * n)
  const pick = <T>(items: readonly [T, ...T[]]): T => items[below(items.length)] ?? items[0]
  const name = (): string => pick(['', '', '', 'a', 'b', 'c'])
  const statement = (): string =>
    pick([
      ...(['begin', 'begin', 'commit', 'rollback', 'savepoint s', 'rollback to s', 'release s'] as const),
      ...['select 1', 'select $1::int', 'select id, v from big order by id', 'select count(*) from t', 'table t'],
      ...[`insert into t values (${below(6)}, 'x')`, `insert into t values (${below(6)}, 'y') returning *`],
      ...[`insert into late values (${below(3)})`, 'delete from t', 'delete from late', 'select 1/0', 'select nothing'],
      ...[
        'copy t from stdin',
        'copy big to stdout',
        'copy (select 1) to stdout',
        'selec 1',
        '',
        ';',
        'commit and chain',
      ],
      ...['declare d cursor for select id from big order by id', 'fetch 2 from d', 'fetch all from d', 'close d'],
      ...[
        'set search_path = public',
        'set local search_path = pg_catalog',
        'show search_path',
        'set constraints all immediate',
      ],
      ...[
        'prepare sa as select 2',
        'execute sa',
        'deallocate sa',
        'deallocate all',
        'discard plans',
        'do $$ begin end $$',
      ],
    ])
  const text = (): string => Array.from({ length: random() < 0.7 ? 1 : 1 + below(4) }, statement).join('; ')
  const kind = random()
  if (kind < 0.2) {
    const sql = text()
    return [`Q ${sql}`, encodeQuery(sql)]
  }
  const one = name()
  if (kind < 0.38) {
    const sql = statement()
    return [`P ${one}: ${sql}`, encodeParse({ name: one, sql, types: random() < 0.2 ? [23] : [] })]
  }
  if (kind < 0.55) {
    const from = name()
    const values = random() < 0.7 ? [] : [int32(1), Buffer.from('7')]
    const bound = [cstring(one), cstring(from), int16(0), int16(values.length / 2), ...values, int16(0)]
    return [`B ${one} from ${from} ${values.length / 2}`, encodeFrame('B', ...bound)]
  }
  const what = pick(['S', 'P'])
  if (kind < 0.6) return [`D ${what} ${one}`, encodeFrame('D', Buffer.from(what), cstring(one))]
  const rows = pick([0, 0, 1, 2, 100])
  if (kind < 0.76) return [`E ${one} ${rows}`, encodeFrame('E', cstring(one), int32(rows))]
  if (kind < 0.81) return [`C ${what} ${one}`, encodeFrame('C', Buffer.from(what), cstring(one))]
  if (kind < 0.83) return ['H', encodeFrame('H')]
  if (kind < 0.94) return ['S', sync]
  if (kind < 0.96) return ['d', encodeFrame('d', Buffer.from('1\tx\n'))]
  return kind < 0.98 ? ['c', encodeFrame('c')] : ['f', encodeFrame('f', cstring('no'))]
}

/** Whatever came before: a copy is ended, what is passed over is, and the transaction is taken back. */
const ending = [
  ...[encodeFrame('f', cstring('end')), encodeFrame('f', cstring('end')), sync],
  ...[encodeQuery('rollback'), encodeQuery('deallocate all')],
]

test('random messages are answered as by the server itself', {
  skip,
  timeout: (seconds + 60) * 1000,
}, async (context) => {
  const untilMs = Date.now() + seconds * 1000
  let pair: readonly Session[] = []
  let steps = 0
  while (Date.now() < untilMs) {
    const random = numbers(seed++)
    const script = Array.from({ length: 1 + Math.floor(random() * 25) }, () => message(random))
    const end = `end ${seed}`
    const bytes = Buffer.concat([...script.map(([, frame]) => frame), ...ending, encodeQuery(`select '${end}'`)])
    if (pair.length === 0 || pair.some(({ closed }) => closed) || random() < 0.1) {
      for (const { socket } of pair) socket.destroy()
      pair = [new Session(server.port, 'steps_0'), new Session(listener.port, 'steps_1')]
      await Promise.all(pair.map((one) => one.sees('I')))
    }
    const cut = Math.floor(random() * bytes.length)
    for (const one of pair) {
      one.seen.length = 0
      one.socket.write(bytes.subarray(0, cut))
      setImmediate(() => one.socket.write(bytes.subarray(cut)))
    }
    const answered = await Promise.all(pair.map((one) => one.sees(end)))
    steps += script.length
    const [direct, through] = pair.map(({ seen }) => seen)
    // A message that is no data ends the session in the middle of a copy, whose last words can be lost.
    if (answered[0] === false && pair[0]?.closed === true) {
      assert.ok(pair[1]?.closed === true, `${seed}: only the server ended the session\n${said(script)}`)
      continue
    }
    // The gateway has statements prepared again more often than the server has.
    if (through?.includes('E 0A000') === true && answered[1] === true) {
      for (const { socket } of pair) socket.destroy()
      pair = []
      continue
    }
    assert.deepEqual(through, direct, `${seed}\n${said(script)}`)
    assert.deepEqual(answered, [true, true], `${seed}\n${said(script)}`)
  }
  for (const { socket } of pair) socket.destroy()
  context.diagnostic(`${steps} steps`)
  assert.ok(steps > 100)
})

function said(script: readonly (readonly [string, Buffer])[]): string {
  return script.map(([text]) => text).join('\n')
}
