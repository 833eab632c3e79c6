// The embedded store: one SQLite file of one gateway. Changes are told in process, and to the gateway's other processes
// where it has any.
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { type Change, type ChangeBus, type Storage, StorageError } from './contract.ts'
import type { Driver, SqlRow, SqlValue } from './driver.ts'
import { migrations, newerSchema } from './migrations.ts'
import { SqlStorage } from './sql-storage.ts'

const busyMs = 5000

/** Opens or makes the store in a file (`:memory:` keeps nothing). With a bus other processes of the gateway are in it. */
export function openEmbeddedStorage(path: string, bus?: ChangeBus): Storage {
  try {
    if (path !== ':memory:') makeFolder(dirname(path), 0o700)
    const database = new Database(path)
    if (path !== ':memory:') chmodSync(path, 0o600)
    // Before all else: a process beside this one may be in the file.
    database.exec(`PRAGMA busy_timeout = ${busyMs}`)
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    migrate(database)
    return new SqlStorage(new EmbeddedDriver(database, bus))
  } catch (error) {
    if (error instanceof StorageError) throw error
    throw new StorageError('unavailable', 'the embedded store cannot be opened', { cause: error })
  }
}

function migrate(database: Database.Database): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE IF NOT EXISTS sallyport_schema (version BIGINT NOT NULL)')
    const row: unknown = database.prepare('SELECT max(version) AS version FROM sallyport_schema').get()
    const found = typeof row === 'object' && row !== null && 'version' in row ? Number(row.version) : 0
    if (found > migrations.length) throw newerSchema(found)
    for (const [index, step] of migrations.entries()) {
      if (index < found) continue
      for (const sql of step) database.exec(sql)
      database.prepare('INSERT INTO sallyport_schema (version) VALUES (?)').run(index + 1)
    }
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}

class EmbeddedDriver implements Driver {
  readonly isShared: boolean
  readonly largest = 'max'
  readonly #database: Database.Database
  readonly #bus: ChangeBus | undefined
  readonly #deaf: (() => void) | undefined
  readonly #subscribers = new Set<(change: Change) => void>()
  constructor(database: Database.Database, bus: ChangeBus | undefined) {
    this.#database = database
    this.#bus = bus
    this.isShared = bus !== undefined
    this.#deaf = bus?.heard((change) => this.#emit(change))
  }

  query(sql: string, parameters: readonly SqlValue[], late?: 'late'): Promise<readonly SqlRow[]> {
    if (late === undefined) return this.#query(sql, parameters)
    // Whatever is written with care afterwards brings this to the disk with it.
    this.#database.exec('PRAGMA synchronous = NORMAL')
    const answer = this.#query(sql, parameters)
    this.#database.exec('PRAGMA synchronous = FULL')
    return answer
  }

  #query(sql: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
    try {
      const statement = this.#database.prepare(sql)
      if (!statement.reader) {
        statement.run(...parameters)
        return Promise.resolve([])
      }
      return Promise.resolve(statement.all(...parameters).filter(isRow))
    } catch (error) {
      return Promise.reject(new StorageError('unavailable', 'the embedded store failed', { cause: error }))
    }
  }

  notify(change: Change): Promise<void> {
    this.#emit(change)
    this.#bus?.tell(change)
    return Promise.resolve()
  }

  #emit(change: Change): void {
    for (const subscriber of this.#subscribers) queueMicrotask(() => subscriber(change))
  }

  subscribe(callback: (change: Change) => void): () => void {
    this.#subscribers.add(callback)
    return () => this.#subscribers.delete(callback)
  }

  close(): Promise<void> {
    this.#deaf?.()
    this.#subscribers.clear()
    this.#database.close()
    return Promise.resolve()
  }
}

function isRow(value: unknown): value is SqlRow {
  return typeof value === 'object' && value !== null
}
