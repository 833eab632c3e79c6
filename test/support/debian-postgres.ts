// A private PostgreSQL server of the machine's own packages, whose version its psql and pg_dump have: for system tests.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free-port.ts'

const packages = '/usr/lib/postgresql'
const password = 'the password of the test server'

/** A running server. */
export interface DebianPostgres {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly major: number
  /** What clients of libpq read from their environment. */
  readonly env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

/** Why there is none, or undefined. */
export function debianPostgresMissing(): string | undefined {
  return binaries() === undefined ? 'PostgreSQL of the system packages is not installed' : undefined
}

/** Starts a server with further settings. As root it runs as the packages' own user. */
export async function startDebianPostgres(settings: { readonly [name: string]: string } = {}): Promise<DebianPostgres> {
  const found = binaries()
  if (found === undefined) throw new Error(debianPostgresMissing())
  const folder = mkdtempSync(join(tmpdir(), 'debian-pg-'))
  const owner = process.getuid?.() === 0 ? ownerOf() : undefined
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid)
  const data = join(folder, 'data')
  writeFileSync(join(folder, 'password'), password, { mode: 0o644 })
  const made = spawnSync(
    join(found.folder, 'initdb'),
    ['-D', data, '-U', 'postgres', '-A', 'scram-sha-256', '--pwfile', join(folder, 'password'), '-N', '-E', 'UTF8'],
    { ...owner, cwd: folder, encoding: 'utf8' },
  )
  if (made.status !== 0) throw new Error(`initdb: ${made.stderr}`)
  const port = await freePort()
  const all = {
    fsync: 'off',
    unix_socket_directories: '',
    listen_addresses: '127.0.0.1',
    max_connections: '100',
    ...settings,
  }
  const options = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(found.folder, 'postgres'), ['-D', data, '-p', String(port), ...options], {
    ...owner,
    cwd: folder,
    stdio: 'ignore',
  })
  const env = {
    ...process.env,
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGDATABASE: 'postgres',
    PGUSER: 'postgres',
    PGPASSWORD: password,
    PGSSLMODE: 'disable',
  }
  for (let look = 0; spawnSync('pg_isready', [], { env }).status !== 0; look++) {
    if (look > 1000 || child.exitCode !== null) throw new Error('the server did not start')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const stop = async (): Promise<void> => {
    child.kill('SIGQUIT')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    rmSync(folder, { recursive: true, force: true })
  }
  return { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres', major: found.major, env, stop }
}

function binaries(): { readonly folder: string; readonly major: number } | undefined {
  if (!existsSync(packages)) return undefined
  const majors = readdirSync(packages)
    .map(Number)
    .filter((major) => existsSync(join(packages, String(major), 'bin', 'postgres')))
  const major = Math.max(...majors)
  return majors.length === 0 ? undefined : { folder: join(packages, String(major), 'bin'), major }
}

function ownerOf(): { readonly uid: number; readonly gid: number } {
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}
