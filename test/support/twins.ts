// Two databases that differ only in masked values, each behind the gateway, and a client that sees every message.
import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { ActionDocument } from '../../engine/action/index.ts'
import {
  catalogFromServer,
  catalogQuery,
  createSqlAnalyzer,
  type ProtectionMode,
  type SqlAnalyzer,
} from '../../engine/action/sql/index.ts'
import type { Filter, Mask } from '../../engine/decision/index.ts'
import { createGate, systemClock } from '../../proxy/gate/index.ts'
import { listenPostgres, type RunningListener } from '../../proxy/postgres/index.ts'
import { encodeQuery } from '../../proxy/postgres/wire/index.ts'
import { sampleDocument } from './action-document.ts'
import { gateParts, results } from './gate.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'
import { type Seen, type TwinPlace, TwinSession } from './twin-session.ts'

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

/** The two databases. */
export interface Twins {
  /** Sends a text to both, each on its one connection. */
  query(sql: string): Promise<readonly [Seen, Seen]>
  /** Sends messages of the extended protocol to both; they must end with a Sync. */
  send(messages: readonly Buffer[]): Promise<readonly [Seen, Seen]>
  /** Sends many texts to both at once; what was seen of each, by database. */
  queryAll(texts: readonly string[]): Promise<readonly [readonly Seen[], readonly Seen[]]>
  /** Sends many texts to both around the gateway, where nothing may be changed. */
  directAll(texts: readonly string[]): Promise<readonly [readonly Seen[], readonly Seen[]]>
  /** Runs a text as the owner, around the gateway; the answer or the error as text. */
  direct(sql: string): Promise<readonly [string, string]>
  /** Has the policy mask and filter this from now on. */
  protect(masks: readonly Mask[], filters?: readonly Filter[], limits?: readonly object[]): void
  /** What was recorded as masked in the first database, as `rule count`. */
  recordedMasks(): readonly string[]
  /** Gives up what was recorded until now. */
  forget(): void
  /** Clears away the rows of writes that were taken back: how many pages a table has decides about plans. */
  vacuum(): Promise<void>
  /** Sessions anew. */
  reconnect(): Promise<void>
  stop(): Promise<void>
}

/** Who asks around the gateway, where nothing may be changed. */
const watcher = 'watcher'

const variants = [
  { x: 'alpha', n: '100', p: '4444' },
  { x: 'omega', n: '571', p: '9321' },
] as const

/** Starts a server with both databases and a gateway before each. */
export async function startTwins(
  extraSchema: readonly ((variant: number) => string)[] = [],
  mode: ProtectionMode = 'inline',
  provisioned: readonly Mask[] = masks,
): Promise<Twins> {
  const server = await startPostgres({
    // What the server does by itself it does at another time in each database; which of two workers has the next row ready
    // is chance.
    settings: { jit: 'off', autovacuum: 'off', max_parallel_workers_per_gather: '0', statement_timeout: '20s' },
    hba: [`host all ${watcher} 127.0.0.1/32 trust`, 'host all all 127.0.0.1/32 scram-sha-256'],
  })
  // Without more than the fixture, both are copies of one schema: what holds for one catalog holds for the other.
  const oneLogin = extraSchema.length === 0 ? { user: 'agent', password: 'agent' } : undefined
  await makeSchema(server, mode === 'views' ? oneLogin : undefined, provisioned)
  const sides: Side[] = []
  const analyzers = new Map<string, SqlAnalyzer>()
  for (const index of [0, 1])
    sides.push(await side({ server, index, extraSchema, mode, provisioned, oneLogin, analyzers }))
  const [first, second] = sides
  if (first === undefined || second === undefined) throw new Error('two sides are needed')
  return {
    query: (sql) => Promise.all([first.exchange([encodeQuery(sql)]), second.exchange([encodeQuery(sql)])]),
    send: (messages) => Promise.all([first.exchange(messages), second.exchange(messages)]),
    queryAll: (texts) => Promise.all([first.exchangeAll(texts), second.exchangeAll(texts)]),
    directAll: (texts) => Promise.all([first.directAll(texts), second.directAll(texts)]),
    forget: () => {
      for (const each of sides) each.forget()
    },
    direct: (sql) => Promise.all([first.direct(sql), second.direct(sql)]),
    vacuum: async () => {
      await Promise.all([first.vacuum(), second.vacuum()])
    },
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
  exchangeAll(texts: readonly string[]): Promise<readonly Seen[]>
  directAll(texts: readonly string[]): Promise<readonly Seen[]>
  forget(): void
  vacuum(): Promise<void>
  direct(sql: string): Promise<string>
  reconnect(): Promise<void>
  stop(): Promise<void>
}

interface Login {
  readonly user: string
  readonly password: string
}

/** The fixture without its rows, for both databases to be copies of. */
async function makeSchema(
  server: PostgresServer,
  login: Login | undefined,
  provisioned: readonly Mask[],
): Promise<void> {
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  await owner.query('CREATE DATABASE twin_schema')
  await owner.query(`CREATE ROLE ${watcher} SUPERUSER LOGIN`)
  await owner.query(`ALTER ROLE ${watcher} SET default_transaction_read_only = on`)
  await owner.end()
  const maker = new pg.Client({ connectionString: databaseUrl(server, 'twin_schema') })
  await maker.connect()
  await maker.query(fixture()[0])
  if (login !== undefined) await provisionViews(maker, login, provisioned)
  await maker.end()
}

/** The fixture's schema, and its rows. */
function fixture(): readonly [string, string] {
  const text = readFileSync(new URL('../../fixtures/postgres/twins.sql', import.meta.url), 'utf8')
  const [schema, rows] = text.split('-- rows\n')
  if (schema === undefined || rows === undefined) throw new Error('the fixture has no rows')
  return [schema, rows]
}

function databaseUrl(server: PostgresServer, database: string): string {
  return server.url.replace(/\/[^/]*$/, `/${database}`)
}

async function readCatalog(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  return Object.values(rows[0] ?? {}).join('')
}

async function provisionViews(
  client: pg.Client,
  { user, password }: Login,
  provisioned: readonly Mask[],
): Promise<void> {
  const catalog = catalogFromServer(await readCatalog(client), '1')
  // Only the masks of relations that are there: the corpus may be absent.
  const present = provisioned.filter((mask) => 'column' in mask && catalog.hasSchema(mask.column.split('.')[0] ?? ''))
  const made = (await createSqlAnalyzer(18, catalog)).provision({ masks: present, filters: [] }, user)
  if (!made.ok) throw new Error(made.why)
  await client.query('BEGIN')
  for (const statement of made.statements) await client.query(statement)
  await client.query(`ALTER ROLE ${user} PASSWORD '${password}'`)
  await client.query('COMMIT')
}

interface SideOptions {
  readonly server: PostgresServer
  readonly index: number
  readonly extraSchema: readonly ((variant: number) => string)[]
  readonly mode: ProtectionMode
  /** What the views mask in the mode of views. */
  readonly provisioned: readonly Mask[]
  /** The login of both sides, where the schema that they are copies of is provisioned. */
  readonly oneLogin: Login | undefined
  /** Analyzers by the whole text of a catalog. */
  readonly analyzers: Map<string, SqlAnalyzer>
}

async function side({
  server,
  index,
  extraSchema,
  mode,
  provisioned,
  oneLogin,
  analyzers,
}: SideOptions): Promise<Side> {
  const database = `twin_${index}`
  const owner = new pg.Client({ connectionString: server.url })
  await owner.connect()
  await owner.query(`CREATE DATABASE ${database} TEMPLATE twin_schema`)
  await owner.end()
  const direct = new pg.Client({ connectionString: databaseUrl(server, database) })
  direct.on('error', () => undefined)
  await direct.connect()
  const { x, n, p } = variants[index === 0 ? 0 : 1]
  await direct.query(fixture()[1].replaceAll('{{x}}', x).replaceAll('{{n}}', n).replaceAll('{{p}}', p))
  for (const extra of extraSchema) await direct.query(extra(index))
  let login: Login = server
  if (mode === 'views') {
    login = oneLogin ?? { user: `agent_${index}`, password: 'agent' }
    if (oneLogin === undefined) await provisionViews(direct, login, provisioned)
  }
  const text = await readCatalog(direct)
  const analyzer = analyzers.get(text) ?? (await createSqlAnalyzer(18, catalogFromServer(text, '1'), mode))
  analyzers.set(text, analyzer)
  const { catalog } = analyzer
  const { user, password } = login
  const upstream = { ...server, user, password }
  const { listener, protect, recordedMasks, forget } = await listen(upstream, database, analyzer)
  const names = new Map([...catalog.relations()].map(({ oid, schema: at, name }) => [oid ?? 0, `${at}.${name}`]))
  const through: TwinPlace = { port: listener.port, user: 'agent', database: 'orders-db', names }
  const around: TwinPlace = { port: server.port, user: watcher, database, names }
  let session = await TwinSession.open(through)
  let watching: TwinSession | undefined
  return {
    protect,
    recordedMasks,
    forget,
    exchange: async (messages) => {
      if (session.closed) session = await TwinSession.open(through)
      return session.exchange(messages)
    },
    exchangeAll: async (texts) => {
      const seen: Seen[] = []
      while (seen.length < texts.length) {
        if (session.closed) session = await TwinSession.open(through)
        seen.push(...(await session.pipelined(texts.slice(seen.length))))
      }
      return seen
    },
    directAll: async (texts) => {
      const seen: Seen[] = []
      while (seen.length < texts.length) {
        if (watching === undefined || watching.closed) watching = await TwinSession.open(around)
        seen.push(...(await watching.pipelined(texts.slice(seen.length))))
      }
      return seen
    },
    vacuum: async () => {
      await direct.query('VACUUM shop.people, shop.vips, shop.orders, shop.claims, shop.audit')
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
      watching?.end()
      watching = undefined
      session.end()
      session = await TwinSession.open(through)
    },
    stop: async () => {
      session.end()
      watching?.end()
      await direct.end()
      await listener.close()
    },
  }
}

async function listen(
  server: Pick<PostgresServer, 'host' | 'port' | 'user' | 'password'>,
  database: string,
  analyzer: SqlAnalyzer,
): Promise<{
  readonly listener: RunningListener
  readonly protect: Side['protect']
  readonly recordedMasks: Side['recordedMasks']
  readonly forget: Side['forget']
}> {
  const parts = gateParts({ clock: systemClock })
  parts.live.answer = () => ({ ...results.allow, mask: masks })
  const identity = {
    ...sampleDocument().identity,
    token: { ...sampleDocument().identity.token, expires_at: new Date(Date.now() + 86_400_000).toISOString() },
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
      upstream: () => Promise.resolve({ host, port, database, user, password, tls: undefined, connectMs: 60_000 }),
    }),
    hashKey: Buffer.from('key'),
    connectionsMax: 20,
    handshakeMs: 60_000,
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
  const forget = (): void => {
    for (const session of parts.recorder.sessions.values()) session.forget()
  }
  return { listener, protect, recordedMasks, forget }
}
