// Roads to one PostgreSQL server for benches: direct, pgbouncer in session mode, haproxy in TCP mode, and gateways with
// policies of one's choice. What is not installed is left out.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDevIssuer } from '../../proxy/identity/index.ts'
import { freePort } from './free-port.ts'

/** One road to the server. */
export interface Road {
  readonly name: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  /** The process in the middle, where there is one. */
  readonly pid: number | undefined
  /** How many processes share its work; one where it is not said. */
  readonly processes?: number
}

/** Where the roads lead. */
export interface Upstream {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
}

/** What a gateway enforces. */
export interface GatewayChoice {
  readonly name: string
  /** Packages of the shipped library; a package that allows connect, read and write is always there. */
  readonly policies: readonly string[]
  /** More of the policy that allows. */
  readonly rego?: string
  readonly tls?: { readonly certificate: string; readonly key: string }
  /** How long connections to the server wait for the next session. */
  readonly warm?: string
  /** False takes the recorder out, so that what decisions alone cost can be told. */
  readonly recorded?: false
  /** Processes behind its listener; one where it is not said. */
  readonly processes?: number
}

/** A row of a bench. */
export interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

/** The shipped policies that judge SQL. */
export const shippedPolicies: readonly string[] = [
  'complete_only',
  'no_unbounded_write',
  'no_ddl_without_approval',
  'no_host_reaching_sql',
  'pii_masking',
  'agent_depth',
  'budgets',
]

const root = fileURLToPath(new URL('../../', import.meta.url))
const unrecorded = fileURLToPath(new URL('unrecorded.mjs', import.meta.url))
const budgets = {
  config: { budgets: { action: { rows: 1e9, bytes: 1e12 }, session: { rows: 1e12 } } },
}

/** True when a program answers to `argument`. */
export function installed(program: string, argument = '--version'): boolean {
  return spawnSync(program, [argument]).status === 0
}

/** The middle figure. */
export function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number | undefined): number {
  if (pid === undefined) return 0
  const [, kilobytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes ?? 0) * 1024
}

/** Starts roads, and stops all of them. */
export class Roads {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'data-path-'))
  readonly #children: ChildProcess[] = []
  readonly #upstream: Upstream

  constructor(upstream: Upstream) {
    this.#upstream = upstream
  }

  get direct(): Road {
    return { name: 'direct', pid: undefined, ...this.#upstream }
  }

  /** Ends every process and removes the folder. */
  async stop(): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** pgbouncer in session mode; undefined where it is not installed. */
  async pgbouncer(tls?: { readonly certificate: string; readonly key: string }): Promise<Road | undefined> {
    // As root it refuses to run; then it is run as the user that packages make for PostgreSQL.
    const isRoot = process.getuid?.() === 0
    if (!installed('pgbouncer') || (isRoot && spawnSync('id', ['postgres']).status !== 0)) return undefined
    const { host, port, database, user, password } = this.#upstream
    const listen = await freePort()
    const lines = [
      '[databases]',
      `${database} = host=${host} port=${port} dbname=${database} user=${user} password=${password}`,
      '[pgbouncer]',
      'listen_addr=127.0.0.1',
      `listen_port=${listen}`,
      'auth_type=any',
      'pool_mode=session',
      'max_client_conn=10000',
      'default_pool_size=150',
      'unix_socket_dir=',
      'log_connections=0',
      'log_disconnections=0',
      ...(tls === undefined
        ? []
        : ['client_tls_sslmode=require', `client_tls_cert_file=${tls.certificate}`, `client_tls_key_file=${tls.key}`]),
      '',
    ]
    const file = join(tmpdir(), `data-path-${process.pid}-${listen}.ini`)
    writeFileSync(file, lines.join('\n'), { mode: 0o644 })
    const child = this.#start('pgbouncer', isRoot ? ['-u', 'postgres', file] : [file])
    await listening(listen)
    rmSync(file)
    return { name: 'pgbouncer', port: listen, database, user, password: '', pid: child.pid }
  }

  /** haproxy in TCP mode; undefined where it is not installed. */
  async haproxy(): Promise<Road | undefined> {
    if (!installed('haproxy', '-v')) return undefined
    const { host, port, database, user, password } = this.#upstream
    const listen = await freePort()
    const file = join(this.folder, 'haproxy.cfg')
    const times = ['timeout connect 5s', 'timeout client 1h', 'timeout server 1h']
    const parts = [
      ['global', 'nbthread 1', 'maxconn 1000'],
      ['defaults', 'mode tcp', ...times],
      ['frontend clients', `bind 127.0.0.1:${listen}`, 'default_backend database'],
      ['backend database', `server database ${host}:${port}`],
    ]
    writeFileSync(file, `${parts.map(([title, ...lines]) => [title, ...lines].join('\n  ')).join('\n')}\n`)
    const child = this.#start('haproxy', ['-f', file])
    await listening(listen)
    return { name: 'haproxy', port: listen, database, user, password, pid: child.pid }
  }

  /** A gateway of its own process, or of its own processes. */
  async gateway(choice: GatewayChoice): Promise<Road> {
    const { name, policies, rego = '', tls, warm, recorded, processes = 1 } = choice
    const folder = join(this.folder, name.replaceAll(/[ ,]+/g, '-'))
    const issuer = await startDevIssuer()
    const claims = { subject: 'agent-1', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 3600 } as const
    const token = await issuer.token(claims)
    mkdirSync(join(folder, 'policy'), { recursive: true })
    for (const one of policies)
      cpSync(join(root, 'bundles/library', one), join(folder, 'policy', one), { recursive: true })
    const own = `package policy.own\n\nallow if input.action.verb in {"connect", "read", "write"}\n\n${rego}\n`
    writeFileSync(join(folder, 'policy', 'own.rego'), own)
    writeFileSync(join(folder, 'policy', 'data.json'), JSON.stringify(budgets))
    const { privateKey } = generateKeyPairSync('ed25519')
    const secret = { mode: 0o600 }
    writeFileSync(join(folder, 'sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), secret)
    writeFileSync(join(folder, 'password'), this.#upstream.password, secret)
    writeFileSync(join(folder, 'jwks.json'), JSON.stringify(issuer.jwks))
    const { host, port: upstream, database, user } = this.#upstream
    const port = await freePort()
    const config = {
      version: 1,
      gateway: { id: 'bench', processes },
      listeners: [
        {
          protocol: 'postgres',
          name: 'pg',
          address: `127.0.0.1:${port}`,
          connections_max: 20_000,
          ...(tls === undefined ? {} : { tls: { certificate: tls.certificate, key: `file:${tls.key}` } }),
        },
      ],
      identity: {
        issuers: [
          {
            name: 'dev',
            preset: 'oidc',
            issuer: issuer.url,
            jwks: 'jwks.json',
            audiences: [issuer.audience],
            algorithms: ['ES256'],
            kind: 'agent',
          },
        ],
      },
      resources: [
        {
          name: 'bench',
          protocol: 'postgres',
          upstream: {
            host,
            port: upstream,
            database,
            user,
            credential: 'file:password',
            tls: { mode: 'disable' },
            ...(warm === undefined ? {} : { warm }),
          },
        },
      ],
      bundles: { signed: false, sources: [{ kind: 'folder', name: 'main', path: 'policy' }] },
      recording: { signing_key: 'file:sign.pem' },
      limits: { session: { rows: 1e12 } },
    }
    const file = join(folder, 'sallyport.yaml')
    // JSON is YAML too.
    writeFileSync(file, JSON.stringify(config))
    await issuer.close()
    const preloaded = recorded === false ? ['--import', unrecorded] : []
    const program = [join(root, 'bin/sallyport.js'), 'serve', '--config', file]
    const child = this.#start(process.execPath, [...preloaded, ...program])
    await saysReady(child)
    return { name, port, database: 'bench', user: 'agent', password: token, pid: child.pid, processes }
  }

  #start(program: string, args: readonly string[]): ChildProcess {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.folder })
    child.stdout.resume()
    child.stderr.resume()
    this.#children.push(child)
    return child
  }
}

async function saysReady({ stdout, stderr }: ChildProcess): Promise<void> {
  let out = ''
  stderr?.on('data', (chunk: unknown) => {
    out = (out + String(chunk)).slice(-10_000)
  })
  await new Promise<void>((resolve, reject) => {
    stdout?.on('data', (chunk: unknown) => {
      out = (out + String(chunk)).slice(-10_000)
      if (out.includes('ready\n')) resolve()
    })
    stdout?.on('end', () => reject(new Error(`the gateway did not start: ${out}`)))
  })
}

/** What pgbench says: transactions a second, and the latencies of single transactions where they were asked for. */
export function pgbench({ port, database, user, password }: Road, args: readonly string[]): number {
  const { status, stdout, stderr } = spawnSync(
    'pgbench',
    ['-h', '127.0.0.1', '-p', String(port), '-U', user, ...args, database],
    { env: { ...process.env, PGPASSWORD: password }, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`pgbench: ${stderr.slice(0, 500)}`)
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1] ?? 0)
}

/** Waits until something listens. */
async function listening(port: number): Promise<void> {
  for (let look = 0; look < 1000; look++) {
    // 1: it is there and takes no connection without TLS, which is as good.
    const { status } = spawnSync('pg_isready', ['-h', '127.0.0.1', '-p', String(port)])
    if (status === 0 || status === 1) return
    await new Promise((done) => setTimeout(done, 50))
  }
  throw new Error(`nothing listens on ${port}`)
}
