// The data path of PostgreSQL: pgbench against the server itself, pgbouncer in session mode where it is installed, and a
// gateway that decides every statement by shipped policies and records it. Rounds are interleaved, medians are told.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDevIssuer } from '../../proxy/identity/index.ts'
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts'

/** The bench's name. */
export const name = 'data path'

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

const rounds = Number(process.env['ROUNDS'] ?? 5)
const seconds = Number(process.env['SECONDS_EACH'] ?? 2)
const modes = ['simple', 'prepared'] as const
const clientCounts = [1, 8, 32]
const root = fileURLToPath(new URL('../../', import.meta.url))
const policies = [
  'complete_only',
  'no_unbounded_write',
  'no_ddl_without_approval',
  'no_host_reaching_sql',
  'pii_masking',
  'agent_depth',
  'budgets',
]

/** One road to the same server. */
interface Road {
  readonly name: 'direct' | 'pgbouncer' | 'sallyport'
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

/** Transactions a second by road, mode and number of clients; the ratio is to pgbouncer, or to the server without it. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  if (spawnSync('pgbench', ['--version']).status !== 0) return { rows: [], skipped: 'pgbench is not installed' }
  const folder = mkdtempSync(join(tmpdir(), 'data-path-'))
  const server = await startPostgres({ settings: { max_connections: '200', shared_buffers: '256MB' } })
  const children: ChildProcess[] = []
  try {
    const direct: Road = {
      name: 'direct',
      port: server.port,
      database: server.database,
      user: server.user,
      password: server.password,
    }
    pgbench(direct, ['-i', '-s', '10', '-q'])
    const roads = [direct]
    const bouncer = await startBouncer(folder, server, children)
    if (bouncer !== undefined) roads.push(bouncer)
    roads.push(await startGateway(folder, server, children))
    return { rows: compare(roads) }
  } finally {
    for (const child of children) child.kill('SIGTERM')
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function compare(roads: readonly Road[]): Row[] {
  const rows: Row[] = []
  for (const mode of modes) {
    for (const clients of clientCounts) {
      const measured = new Map<Road['name'], number[]>(roads.map(({ name: road }) => [road, []]))
      for (let round = 0; round < rounds; round++) {
        for (const road of roads)
          measured
            .get(road.name)
            ?.push(pgbench(road, ['-S', '-n', '-M', mode, '-c', String(clients), '-T', String(seconds)]))
      }
      const told = new Map([...measured].map(([road, figures]) => [road, median(figures)]))
      const against = told.get('pgbouncer') ?? told.get('direct') ?? 1
      for (const [road, value] of told)
        rows.push({
          name: `select-only, ${mode}, ${clients} clients: ${road}`,
          value,
          unit: 'tps',
          ...(road === 'sallyport' ? { ratio: value / against, goal: '>= 0.9' } : {}),
        })
    }
  }
  return rows
}

/** Transactions a second; 0 for a run that fills the tables. */
function pgbench({ port, database, user, password }: Road, args: readonly string[]): number {
  const { status, stdout, stderr } = spawnSync(
    'pgbench',
    ['-h', '127.0.0.1', '-p', String(port), '-U', user, ...args, database],
    { env: { ...process.env, PGPASSWORD: password }, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`pgbench: ${stderr.slice(0, 500)}`)
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1] ?? 0)
}

async function startBouncer(
  folder: string,
  server: PostgresServer,
  children: ChildProcess[],
): Promise<Road | undefined> {
  if (process.getuid?.() === 0 || spawnSync('pgbouncer', ['--version']).status !== 0) {
    // As root it refuses to run; then it is run as the user that packages make for PostgreSQL.
    if (spawnSync('pgbouncer', ['--version']).status !== 0 || spawnSync('id', ['postgres']).status !== 0)
      return undefined
  }
  const port = await freePort()
  const { host, port: upstream, database, user, password } = server
  const lines = [
    '[databases]',
    `${database} = host=${host} port=${upstream} dbname=${database} user=${user} password=${password}`,
    '[pgbouncer]',
    'listen_addr=127.0.0.1',
    `listen_port=${port}`,
    'auth_type=any',
    'pool_mode=session',
    'max_client_conn=500',
    'default_pool_size=150',
    'unix_socket_dir=',
    'log_connections=0',
    'log_disconnections=0',
    '',
  ]
  const file = join(tmpdir(), `data-path-${process.pid}.ini`)
  writeFileSync(file, lines.join('\n'), { mode: 0o644 })
  const options = process.getuid?.() === 0 ? ['-u', 'postgres', file] : [file]
  const child = spawn('pgbouncer', options, { stdio: 'ignore', cwd: folder })
  children.push(child)
  await listening(port)
  rmSync(file)
  return { name: 'pgbouncer', port, database, user, password: '' }
}

async function startGateway(folder: string, server: PostgresServer, children: ChildProcess[]): Promise<Road> {
  const issuer = await startDevIssuer()
  const password = await issuer.token({
    subject: 'agent-1',
    kind: 'agent',
    groups: [],
    scopes: [],
    lifetimeSeconds: 3600,
  })
  mkdirSync(join(folder, 'policy'))
  for (const one of policies)
    cpSync(join(root, 'bundles/library', one), join(folder, 'policy', one), { recursive: true })
  writeFileSync(
    join(folder, 'policy', 'own.rego'),
    'package policy.own\n\nallow if input.action.verb in {"connect", "read", "write"}\n',
  )
  const { privateKey } = generateKeyPairSync('ed25519')
  const secret = { mode: 0o600 }
  writeFileSync(join(folder, 'sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), secret)
  writeFileSync(join(folder, 'password'), server.password, secret)
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify(issuer.jwks))
  const port = await freePort()
  writeFileSync(
    join(folder, 'sallyport.yaml'),
    `version: 1
gateway: { id: bench }
listeners: [{ protocol: postgres, name: pg, address: "127.0.0.1:${port}" }]
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
  - name: bench
    protocol: postgres
    upstream: { host: ${server.host}, port: ${server.port}, database: ${server.database}, user: ${server.user}, credential: "file:password", tls: { mode: disable } }
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policy }] }
recording: { signing_key: "file:sign.pem" }
limits: { session: { rows: 1000000000000 } }
`,
  )
  writeFileSync(join(folder, 'policy', 'data.json'), '{"config": {"budgets": {"session": {"rows": 1000000000}}}}')
  await issuer.close()
  const child = spawn(
    process.execPath,
    [join(root, 'bin/sallyport.js'), 'serve', '--config', join(folder, 'sallyport.yaml')],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  )
  children.push(child)
  let out = ''
  for await (const chunk of child.stdout ?? []) {
    out += String(chunk)
    if (out.includes('ready\n')) break
  }
  return { name: 'sallyport', port, database: 'bench', user: 'agent', password }
}

async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Waits until something listens. */
async function listening(port: number): Promise<void> {
  for (let look = 0; look < 100; look++) {
    const { status } = spawnSync('pg_isready', ['-h', '127.0.0.1', '-p', String(port)])
    if (status === 0) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`nothing listens on ${port}`)
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
}
