// The private PostgreSQL server that the demo starts, for tests. A run of tests makes one data folder, and each server has a
// copy of it.
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import {
  type DataFolder,
  makeDataFolder,
  type PostgresServer,
  type PostgresServerOptions,
  startPostgres as start,
} from '../../cli/demo/embedded-postgres.ts'

export {
  type PostgresServer,
  type PostgresServerOptions,
  postgresMissing,
} from '../../cli/demo/embedded-postgres.ts'

/** Starts a server and waits until it accepts connections. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const run = process.env['TEST_BUILT']
  return start(run === undefined ? options : { ...options, copyOf: await dataFolderOf(run) })
}

/** The data folder of this run, which the first file that needs one makes. */
async function dataFolderOf(run: string): Promise<DataFolder> {
  const place = join(run, 'postgres')
  if (!existsSync(place)) {
    // The server's uid reaches no folder of ours.
    const made = mkdtempSync(join(tmpdir(), 'postgres-made-'))
    const copy = mkdtempSync(join(run, 'postgres-'))
    try {
      await makeDataFolder(made)
      await promisify(execFile)('cp', ['-a', `${made}/.`, copy])
      renameSync(copy, place)
    } catch (error) {
      rmSync(copy, { recursive: true })
      // another file may have made it meanwhile
      if (!existsSync(place)) throw error
    } finally {
      rmSync(made, { recursive: true })
    }
  }
  return { path: join(place, 'data'), password: readFileSync(join(place, 'password'), 'utf8') }
}
