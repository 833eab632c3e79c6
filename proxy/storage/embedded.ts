// The embedded store: one SQLite file of one gateway, changes told in process.
import { chmodSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { type Change, type Storage, StorageError } from './contract.ts'
import type { Driver, SqlRow, SqlValue } from './driver.ts'
import { migrations } from './migrations.ts'
import { SqlStorage } from './sql-storage.ts'

const busyMs = 5000

/** Opens or makes the store in a file (`:memory:` keeps nothing). */
export function openEmbeddedStorage(path: string): Storage {
  try {
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const database = new Database(path)
    if (path !== ':memory:') chmodSync(path, 0o600)
    database.exec('PRAGMA journal_mode = WAL')
    database.exec('PRAGMA synchronous = FULL')
    database.exec(`PRAGMA busy_timeout = ${busyMs}`)
    migrate(database)
    return new SqlStorage(new EmbeddedDriver(database))
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
    if (found > migrations.length)
      throw new StorageError('newer_schema', `the store has schema ${found}, this gateway knows ${migrations.length}`)
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
  readonly isShared = false
  readonly #database: Database.Database
  readonly #subscribers = new Set<(change: Change) => void>()
  constructor(database: Database.Database) {
    this.#database = database
  }

  query(sql: string, parameters: readonly SqlValue[]): Promise<readonly SqlRow[]> {
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
    for (const subscriber of this.#subscribers) queueMicrotask(() => subscriber(change))
    return Promise.resolve()
  }

  subscribe(callback: (change: Change) => void): () => void {
    this.#subscribers.add(callback)
    return () => this.#subscribers.delete(callback)
  }

  close(): Promise<void> {
    this.#subscribers.clear()
    this.#database.close()
    return Promise.resolve()
  }
}

function isRow(value: unknown): value is SqlRow {
  return typeof value === 'object' && value !== null
}
