// A file that one process has at a time. The system takes it back when the process ends, however it ends, so nothing stale
// is left; and it holds between containers that share a volume, where process ids mean nothing.
import Database from 'libsql'
import { StorageError } from './contract.ts'

/** A file that this process has. */
export interface TakenFile {
  release(): void
}

/** Takes a file, which is made where there is none; undefined where another process has it. Throws StorageError. */
export function takeFile(path: string): TakenFile | undefined {
  let database: Database.Database | undefined
  try {
    database = new Database(path)
    database.exec('PRAGMA busy_timeout = 0')
    // Nothing is ever written: the lock is all that is wanted.
    database.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    database?.close()
    if (cause instanceof Error && 'code' in cause && cause.code === 'SQLITE_BUSY') return undefined
    throw new StorageError('unavailable', 'the file cannot be taken', { cause })
  }
  const taken = database
  return { release: () => taken.close() }
}
