// The shared store in PostgreSQL, for several gateways; changes are told by LISTEN and NOTIFY.
import type { ConnectionOptions } from 'node:tls'
import pg from 'pg'
import { type Change, type Storage, StorageError } from './contract.ts'
import type { Driver, SqlRow, SqlValue } from './driver.ts'
import { migrations, newerSchema } from './migrations.ts'
import { SqlStorage } from './sql-storage.ts'

/** Where the store is. `password` is asked for at every connection, so that a rotated one is used. */
export interface PostgresStorageOptions {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: () => Promise<string>
  readonly ssl: ConnectionOptions | false
  readonly connectionsMax: number
}

const channel = 'sallyport'
const connectMs = 10_000
const statementMs = 10_000
const reconnectMs = 1000
/** Key of the advisory lock under which one gateway at a time migrates. */
const migrationLock = 7255914
/** NOTIFY takes 8000 bytes; a longer id is told as a resync. */
const payloadBytesMax = 7000

/** Connects, brings the schema up to date and listens. */
export async function openPostgresStorage(options: PostgresStorageOptions): Promise<Storage> {
  const pool = new pg.Pool({ ...clientOptions(options), max: options.connectionsMax })
  pool.on('error', () => {
    // an idle connection was lost; the next query opens another
  })
  try {
    await migrate(pool)
    const driver = new PostgresDriver(pool, options)
    await driver.listen()
    return new SqlStorage(driver)
  } catch (error) {
    await pool.end()
    if (error instanceof StorageError) throw error
    throw new StorageError('unavailable', 'the PostgreSQL store cannot be reached', { cause: error })
  }
}

function clientOptions(options: PostgresStorageOptions): pg.ClientConfig {
  const { host, port, database, user, password, ssl } = options
  return {
    host,
    port,
    database,
    user,
    password,
    ssl,
    connectionTimeoutMillis: connectMs,
    statement_timeout: statementMs,
    query_timeout: statementMs,
    keepAlive: true,
    application_name: 'sallyport',
  }
}

async function migrate(pool: pg.Pool): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
    await client.query('CREATE TABLE IF NOT EXISTS sallyport_schema (version BIGINT NOT NULL)')
    const { rows } = await client.query<{ version: string | null }>(
      'SELECT max(version) AS version FROM sallyport_schema',
    )
    const found = Number(rows[0]?.version ?? 0)
    if (found > migrations.length) throw newerSchema(found)
    for (const [index, step] of migrations.entries()) {
      if (index < found) continue
      for (const sql of step) await client.query(sql)
      await client.query('INSERT INTO sallyport_schema (version) VALUES ($1)', [index + 1])
    }
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined)
    throw error
  } finally {
    client.release()
  }
}

class PostgresDriver implements Driver {
  readonly isShared = true
  readonly largest = 'greatest'
  readonly #pool: pg.Pool
  readonly #options: PostgresStorageOptions
  readonly #subscribers = new Set<(change: Change) => void>()
  readonly #texts = new Map<string, string>()
  #listener: pg.Client | undefined
  #retry: NodeJS.Timeout | undefined
  #closed = false
  constructor(pool: pg.Pool, options: PostgresStorageOptions) {
    this.#pool = pool
    this.#options = options
  }

  async query(sql: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    try {
      const { rows } = await this.#pool.query<SqlRow>(this.#numbered(sql), [...parameters])
      return rows
    } catch (error) {
      throw new StorageError('unavailable', 'the PostgreSQL store failed', { cause: error })
    }
  }

  /** `?` to `$1`, `$2` ...; the statements are few and fixed, and none has a `?` in a text. */
  #numbered(sql: string): string {
    let numbered = this.#texts.get(sql)
    if (numbered === undefined) {
      let index = 0
      numbered = sql.replace(/\?/g, () => `$${++index}`)
      this.#texts.set(sql, numbered)
    }
    return numbered
  }

  async notify(change: Change): Promise<void> {
    const payload = JSON.stringify([change.topic, change.id])
    const fits = Buffer.byteLength(payload) <= payloadBytesMax
    await this.query('SELECT pg_notify(?, ?)', [channel, fits ? payload : JSON.stringify(['resync', ''])])
  }

  /** Opens the connection that listens. */
  async listen(): Promise<void> {
    const client = new pg.Client({ ...clientOptions(this.#options), statement_timeout: 0, query_timeout: connectMs })
    client.on('error', () => this.#lost(client))
    client.on('end', () => this.#lost(client))
    client.on('notification', (message) => this.#told(message.payload ?? ''))
    this.#listener = client
    await client.connect()
    await client.query(`LISTEN ${channel}`)
  }

  #lost(client: pg.Client): void {
    if (this.#closed || this.#listener !== client) return
    this.#listener = undefined
    client.end().catch(() => undefined)
    this.#retry = setTimeout(() => {
      this.listen().then(
        () => this.#emit({ topic: 'resync', id: '' }),
        () => {
          const failed = this.#listener
          if (failed !== undefined) this.#lost(failed)
        },
      )
    }, reconnectMs)
    this.#retry.unref()
  }

  #told(payload: string): void {
    let parsed: unknown
    try {
      parsed = JSON.parse(payload)
    } catch {
      parsed = undefined
    }
    const [topic, id]: readonly unknown[] = Array.isArray(parsed) ? parsed : []
    const known = (['sessions', 'holds', 'grants', 'revocations', 'resync'] as const).find((one) => one === topic)
    // Whoever may NOTIFY may say anything; what cannot be read only makes us read again.
    this.#emit(known === undefined || typeof id !== 'string' ? { topic: 'resync', id: '' } : { topic: known, id })
  }

  #emit(change: Change): void {
    for (const subscriber of this.#subscribers) subscriber(change)
  }

  subscribe(callback: (change: Change) => void): () => void {
    this.#subscribers.add(callback)
    return () => this.#subscribers.delete(callback)
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#retry)
    this.#subscribers.clear()
    await this.#listener?.end().catch(() => undefined)
    await this.#pool.end()
  }
}
