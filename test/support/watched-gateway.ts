// A real PostgreSQL behind a gateway in this process: what the analyzer says of each round trip, and what the server's own
// log says was written by it.
import { spawnSync } from 'node:child_process'
import pg from 'pg'
import type { SqlStatement } from '../../engine/action/index.ts'
import type { RunningListener } from '../../proxy/postgres/index.ts'
import { type DebianPostgres, startDebianPostgres } from './debian-postgres.ts'
import { results } from './gate.ts'
import { listenBefore } from './judging-gateway.ts'
import { type Conversation, Player } from './postgres-traffic.ts'

/** Statements that ran until a transaction was over, and the end of the server's log then. */
interface Window {
  readonly statements: readonly SqlStatement[]
  readonly end: bigint
}

/** What a set of conversations came to. */
export interface Compared {
  statements: number
  /** Statements that query or change rows. */
  queries: number
  complete: number
  /** The same of those that the server ran without an error. */
  ran: number
  ranComplete: number
  /** Those that ran, but for the ones that reach code which nobody can read: text built at run time, functions in C. */
  readable: number
  /** Transactions, and those that wrote to a table. */
  windows: number
  written: number
  /** Transactions that wrote to tables which their complete statements did not name. */
  readonly misses: string[]
  /** Why statements that ran were not complete, with how many and examples. */
  readonly reasons: Map<string, { count: number; readonly examples: string[] }>
}

/** Nothing compared yet. */
export function nothingCompared(): Compared {
  return {
    statements: 0,
    queries: 0,
    complete: 0,
    ran: 0,
    ranComplete: 0,
    readable: 0,
    windows: 0,
    written: 0,
    misses: [],
    reasons: new Map(),
  }
}

const examplesMax = 400

/** Why statements are rightly not complete, however much is known of the catalog. */
const unreadable: ReadonlySet<string> = new Set([
  'dynamic SQL',
  'function with unknown effects',
  'index with code of its own',
  'type with code of its own',
  'write to the system catalog',
])

const queryKinds: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'merge', 'values', 'table'])

/** How long one round trip may take before its session is given up. */
const tripMsMax = 60_000

/** The server, the gateway and the comparison. */
export class WatchedGateway {
  readonly server: DebianPostgres
  readonly port: number
  readonly #database: string
  readonly #listener: RunningListener
  readonly #log: pg.Client
  readonly #take: () => readonly SqlStatement[]

  private constructor(
    server: DebianPostgres,
    database: string,
    listener: RunningListener,
    log: pg.Client,
    take: () => readonly SqlStatement[],
  ) {
    this.server = server
    this.#database = database
    this.#listener = listener
    this.port = listener.port
    this.#log = log
    this.#take = take
  }

  /** Starts a server with a new database, and the gateway before it. */
  static async start(database: string, settings: { readonly [name: string]: string } = {}): Promise<WatchedGateway> {
    const server = await startDebianPostgres({ wal_level: 'logical', ...settings })
    createDatabase(server, database)
    const { host, port, user, password } = server
    let judged: SqlStatement[] = []
    const listener = await listenBefore({ host, port, user, password, database }, ({ action }) => {
      judged.push(...(action.sql?.statements ?? []))
      return results.allow
    })
    const log = new pg.Client({ host, port, user, password, database })
    log.on('error', () => undefined)
    await log.connect()
    await log.query("select pg_create_logical_replication_slot('watch', 'test_decoding')")
    const take = (): readonly SqlStatement[] => {
      const taken = judged
      judged = []
      return taken
    }
    return new WatchedGateway(server, database, listener, log, take)
  }

  /** Plays conversations, one after the other, and adds what they came to. */
  async compare(name: string, conversations: readonly Conversation[], into: Compared): Promise<void> {
    await this.#writtenUntilNow()
    const windows: Window[] = []
    for (const conversation of conversations) {
      const player = await Player.start(this.port, [
        ['user', 'agent'],
        ['database', this.#database],
      ])
      if (player === undefined) continue
      this.#take()
      let open: SqlStatement[] = []
      const over = setTimeout(() => player.close(), tripMsMax + conversation.length * 100)
      await player.play(conversation, async ({ status, failed }) => {
        const statements = this.#take()
        for (const one of statements) count(one, failed, into)
        open.push(...statements)
        if (status === 'T' || status === 'E') return
        windows.push({ statements: open, end: await this.#end() })
        open = []
      })
      clearTimeout(over)
      player.close()
    }
    const written = await this.#writtenUntilNow()
    let at = 0
    for (const { statements, end } of windows) {
      into.windows++
      const relations = new Set<string>()
      for (let next = written[at]; next !== undefined && next.at <= end; next = written[++at])
        for (const relation of next.relations) relations.add(relation)
      if (relations.size > 0) into.written++
      const missing = unnamed(relations, statements)
      if (missing.length > 0) into.misses.push(`${name}: ${missing.join(', ')} by ${textOf(statements)}`)
    }
  }

  async #end(): Promise<bigint> {
    const { rows } = await this.#log.query<{ lsn: string }>('select pg_current_wal_insert_lsn() as lsn')
    return lsnOf(rows[0]?.lsn ?? '0/0')
  }

  /** The relations that each transaction wrote since the last look, with the place of its end in the log. */
  async #writtenUntilNow(): Promise<readonly { readonly at: bigint; readonly relations: readonly string[] }[]> {
    const { rows } = await this.#log.query<{ lsn: string; data: string }>(
      "select lsn, data from pg_logical_slot_get_changes('watch', null, null, 'skip-empty-xacts', '1', 'include-timestamp', '0')",
    )
    const found: { readonly at: bigint; readonly relations: readonly string[] }[] = []
    let relations: string[] = []
    for (const { lsn, data } of rows) {
      const match = /^table (.+?): (?:INSERT|UPDATE|DELETE|TRUNCATE):/.exec(data)
      for (const name of match?.[1]?.split(', ') ?? []) relations.push(name.replaceAll('"', ''))
      if (!data.startsWith('COMMIT')) continue
      found.push({ at: lsnOf(lsn), relations })
      relations = []
    }
    return found
  }

  async stop(): Promise<void> {
    await this.#log.end()
    await this.#listener.close()
    await this.server.stop()
  }
}

/** Makes a database as the server's own tests want it. */
export function createDatabase(server: DebianPostgres, name: string): void {
  const made = spawnSync('psql', ['-Xqc', `CREATE DATABASE ${name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'`], {
    env: server.env,
    encoding: 'utf8',
  })
  if (made.status !== 0) throw new Error(made.stderr)
}

function count(one: SqlStatement, failed: boolean, into: Compared): void {
  into.statements++
  if (!queryKinds.has(one.kind)) return
  into.queries++
  if (one.complete) into.complete++
  // What the server itself does not understand is rightly not understood.
  if (failed) return
  into.ran++
  if (one.complete) into.ranComplete++
  if (!one.reasons.some((reason) => unreadable.has(reason))) into.readable++
  for (const reason of one.reasons) {
    let known = into.reasons.get(reason)
    if (known === undefined) {
      known = { count: 0, examples: [] }
      into.reasons.set(reason, known)
    }
    known.count++
    if (known.examples.length < examplesMax) known.examples.push(one.text)
  }
}

/** What was written and not named, where every statement was called complete. */
function unnamed(written: ReadonlySet<string>, statements: readonly SqlStatement[]): readonly string[] {
  if (!statements.every((one) => one.complete)) return []
  const named = new Set(
    statements.flatMap((one) =>
      one.relations
        .filter(({ access }) => access !== 'read')
        .map(({ schema, name }) => (schema === 'pg_temp' ? `pg_temp.${name}` : `${schema}.${name}`)),
    ),
  )
  return [...written].filter((relation) => !named.has(relation.replace(/^pg_temp_\d+\./, 'pg_temp.')))
}

function textOf(statements: readonly SqlStatement[]): string {
  return statements
    .map(({ text }) => text)
    .join('; ')
    .slice(0, 300)
}

function lsnOf(text: string): bigint {
  const [high = '0', low = '0'] = text.split('/')
  return (BigInt(`0x${high}`) << 32n) | BigInt(`0x${low}`)
}
