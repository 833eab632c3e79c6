// Two databases that differ only in masked values, each behind the gateway, and a client that sees every message.
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import pg from 'pg'
import type { ActionDocument } from '../../engine/action/index.ts'
import {
  type Catalog,
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  type ProtectionMode,
} from '../../engine/action/sql/index.ts'
import type { Filter, Mask } from '../../engine/decision/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenPostgres, type RunningListener } from '../../proxy/postgres/index.ts'
import { encodeFrame, encodeQuery, encodeStartup, type Frame, FrameReader } from '../../proxy/postgres/wire/index.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts, results } from './gate.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

/** What the policy of the suite masks. */
export const masks: readonly Mask[] = [
  { column: 'shop.people.email', with: 'partial' },
  { column: 'shop.people.ssn', with: 'redact' },
  { column: 'shop.people.salary', with: 'bucket:1000' },
  { column: 'shop.people.born', with: 'date:year' },
  { column: 'shop.people.seen', with: 'date:year' },
  { column: 'shop.people.doc', with: 'redact' },
  { column: 'shop.people.tags', with: 'redact' },
  { column: 'shop.people.home', with: 'null' },
  { column: 'shop.people.pan', with: 'last4' },
  { column: 'shop.people.rate', with: 'null' },
  { column: 'shop.events.secret', with: 'fixed:gone' },
  { column: 'app.cards.card', with: 'last4' },
  { column: 'app.cards.cvv', with: 'redact' },
]

/** What one database's client saw of a text, one line a message. */
export type Seen = readonly string[]

/** The two databases. */
export interface Twins {
  /** Sends a text to both, each on its one connection. */
  query(sql: string): Promise<readonly [Seen, Seen]>
  /** Sends messages of the extended protocol to both; they must end with a Sync. */
  send(messages: readonly Buffer[]): Promise<readonly [Seen, Seen]>
  /** Runs a text as the owner, around the gateway; the answer or the error as text. */
  direct(sql: string): Promise<readonly [string, string]>
  /** Has the policy mask and filter this from now on. */
  protect(masks: readonly Mask[], filters?: readonly Filter[], limits?: readonly object[]): void
  /** What was recorded as masked in the first database, as `rule count`. */
  recordedMasks(): readonly string[]
  /** Sessions anew. */
  reconnect(): Promise<void>
  stop(): Promise<void>
}

const variants = [
  { x: 'alpha', n: '100', p: '4444' },
  { x: 'omega', n: '571', p: '9321' },
] as const

/** Starts a server with both databases and a gateway before each. */
export async function startTwins(
  extraSchema: readonly ((variant: number) => string)[] = [],
  mode: ProtectionMode = 'inline',
): Promise<Twins> {
  const server = await startPostgres()
  const sides: Side[] = []
  for (const index of [0, 1]) sides.push(await side(server, index, extraSchema, mode))
  const [first, second] = sides
  if (first === undefined || second === undefined) throw new Error('two sides are needed')
  return {
    query: (sql) => Promise.all([first.exchange([encodeQuery(sql)]), second.exchange([encodeQuery(sql)])]),
    send: (messages) => Promise.all([first.exchange(messages), second.exchange(messages)]),
    direct: (sql) => Promise.all([first.direct(sql), second.direct(sql)]),
    protect: (columns, filters, limits) => {
      for (const each of sides) each.protect(columns, filters, limits)
    },
    recordedMasks: first.recordedMasks,
    reconnect: async () => {
      await Promise.all([first.reconnect(), second.reconnect()])
    },
    stop: async () => {
      for (const each of sides) await each.stop()
      await server.stop()
    },
  }
}

interface Side {
  recordedMasks(): readonly string[]
  protect(masks: readonly Mask[], filters?: readonly Filter[], limits?: readonly object[]): void
  exchange(messages: readonly Buffer[]): Promise<Seen>
  direct(sql: string): Promise<string>
  reconnect(): Promise<void>
  stop(): Promise<void>
}

async function side(
  server: PostgresServer,
  index: number,
  extraSchema: readonly ((variant: number) => string)[],
  mode: ProtectionMode,
): Promise<Side> {
  const database = `twin_${index}`
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  await owner.query(`CREATE DATABASE ${database}`)
  await owner.end()
  const direct = new pg.Client({ connectionString: server.url.replace(/\/[^/]*$/, `/${database}`) })
  direct.on('error', () => undefined)
  await direct.connect()
  const { x, n, p } = variants[index === 0 ? 0 : 1]
  const schema = readFileSync(new URL('../../fixtures/postgres/twins.sql', import.meta.url), 'utf8')
  await direct.query(schema.replaceAll('{{x}}', x).replaceAll('{{n}}', n).replaceAll('{{p}}', p))
  for (const extra of extraSchema) await direct.query(extra(index))
  const readCatalog = async (): Promise<Catalog> => {
    const { rows } = await direct.query<{ [column: string]: string }>(catalogQuery)
    return catalogFromServer(Object.values(rows[0] ?? {}).join(''), '1')
  }
  let catalog = await readCatalog()
  let login = { user: server.user, password: server.password }
  if (mode === 'views') {
    login = { user: `agent_${index}`, password: 'agent' }
    // Only the masks of relations that are there: the corpus may be absent.
    const present = masks.filter((mask) => 'column' in mask && catalog.hasSchema(mask.column.split('.')[0] ?? ''))
    const made = (await createSqlAnalyzer(18, catalog)).provision({ masks: present, filters: [] }, login.user)
    if (!made.ok) throw new Error(made.why)
    await direct.query('BEGIN')
    for (const statement of made.statements) await direct.query(statement)
    await direct.query(`ALTER ROLE ${login.user} PASSWORD '${login.password}'`)
    await direct.query('COMMIT')
    catalog = await readCatalog()
  }
  const { listener, protect, recordedMasks } = await listen({ ...server, ...login }, database, catalog, mode)
  const names = new Map([...catalog.relations()].map(({ oid, schema: at, name }) => [oid ?? 0, `${at}.${name}`]))
  let session = await Session.open(listener.port, names)
  return {
    protect,
    recordedMasks,
    exchange: async (messages) => {
      if (session.closed) session = await Session.open(listener.port, names)
      return session.exchange(messages)
    },
    direct: async (sql) => {
      try {
        await direct.query('BEGIN')
        const result = await direct.query({ text: sql, rowMode: 'array' })
        return JSON.stringify([
          result.rows,
          result.rowCount,
          result.fields.map(({ name, dataTypeID }) => [name, dataTypeID]),
        ])
      } catch (error) {
        return error instanceof pg.DatabaseError
          ? `${error.code} ${error.message} ${error.detail ?? ''}`
          : String(error)
      } finally {
        await direct.query('ROLLBACK')
      }
    },
    reconnect: async () => {
      session.end()
      session = await Session.open(listener.port, names)
    },
    stop: async () => {
      session.end()
      await direct.end()
      await listener.close()
    },
  }
}

async function listen(
  server: Pick<PostgresServer, 'host' | 'port' | 'user' | 'password'>,
  database: string,
  catalog: Catalog,
  mode: ProtectionMode,
): Promise<{
  readonly listener: RunningListener
  readonly protect: Side['protect']
  readonly recordedMasks: Side['recordedMasks']
}> {
  const analyzer = await createSqlAnalyzer(18, catalog, mode)
  const parts = gateParts({ clock: systemClock })
  parts.live.answer = () => ({ ...results.allow, mask: masks })
  const identity = {
    ...sampleDocument().identity,
    token: { ...sampleDocument().identity.token, expires_at: new Date(Date.now() + 3_600_000).toISOString() },
  }
  const { host, port, user, password } = server
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
    connectionsMax: 20,
    handshakeMs: 10_000,
    messageBytesMax: 64 * 1024 * 1024,
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  })
  const protect: Side['protect'] = (columns, filters = [], limits = []) => {
    parts.live.answer = (input) => {
      const { action } = input as ActionDocument
      // Limits of a connection would be those of the whole session.
      return { ...results.allow, mask: columns, filter: filters, limit: action.stage === 'connect' ? [] : limits }
    }
  }
  const recordedMasks = (): readonly string[] =>
    parts.recorder.entries().flatMap((entry) => (entry.kind === 'masked' ? [`${entry.rule} ${entry.count}`] : []))
  return { listener, protect, recordedMasks }
}

/** One raw session: sends messages, and collects what comes back until the server is ready. */
class Session {
  readonly #socket: Socket
  readonly #names: ReadonlyMap<number, string>
  readonly #reader = new FrameReader(64 * 1024 * 1024)
  #seen: string[] = []
  #ready: (() => void) | undefined
  closed = false

  private constructor(socket: Socket, names: ReadonlyMap<number, string>) {
    this.#socket = socket
    this.#names = names
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#reader.push(chunk)) this.#take(frame)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.closed = true
      this.#seen.push('closed')
      this.#ready?.()
    })
  }

  static async open(port: number, names: ReadonlyMap<number, string>): Promise<Session> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const session = new Session(socket, names)
    const ready = session.#wait()
    socket.write(
      encodeStartup(
        new Map([
          ['user', 'agent'],
          ['database', 'orders-db'],
        ]),
      ),
    )
    await ready
    session.#seen = []
    return session
  }

  async exchange(messages: readonly Buffer[]): Promise<Seen> {
    this.#seen = []
    const ready = this.#wait()
    this.#socket.write(Buffer.concat(messages))
    await ready
    return this.#seen
  }

  end(): void {
    this.#socket.destroy()
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      this.#ready = resolve
    })
  }

  #take(frame: Frame): void {
    const type = String.fromCharCode(frame.type)
    if (type === 'R') {
      if (frame.body.readInt32BE(0) === 3) this.#socket.write(encodeFrame('p', Buffer.from('token\0')))
      return
    }
    if (type === 'K') return
    // A COPY from the client is ended at once.
    if (type === 'G') this.#socket.write(encodeFrame('c'))
    this.#seen.push(`${type} ${this.#plain(type, frame.body)}`)
    if (type === 'Z') this.#ready?.()
  }

  /** A message without what differs by chance: process ids, and the numbers of relations. */
  #plain(type: string, body: Buffer): string {
    if (type === 'A') return body.subarray(4).toString('latin1')
    if (type !== 'T') return body.toString('latin1')
    const copy = Buffer.from(body)
    const names: string[] = []
    let at = 2
    for (let column = copy.readUInt16BE(0); column > 0; column--) {
      at = copy.indexOf(0, at) + 1
      const table = copy.readUInt32BE(at)
      const type_ = copy.readUInt32BE(at + 6)
      if (table >= 16_384) names.push(this.#names.get(table) ?? 'other')
      if (table >= 16_384) copy.writeUInt32BE(0, at)
      if (type_ >= 16_384) copy.writeUInt32BE(1, at + 6)
      at += 18
    }
    return `${copy.toString('latin1')} ${names.join()}`
  }
}
