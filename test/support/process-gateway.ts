// A gateway of several processes, as an operator starts it: `sallyport serve` before a database and an API, with the
// embedded store; for tests of what processes share, and of what becomes of one that dies.
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { signAnswer } from '../../proxy/approvals/index.ts'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const readyMs = 60_000
const issuerOfPeople = 'https://people.example'

/** One process as the gateway tells of it. */
export interface ToldProcess {
  readonly process: number
  readonly pid: number
  readonly sessions: number
  readonly digest: string
}

/** Everything is allowed; what changes something over HTTP is held. */
export const processesPolicy = `package policy.processes

allow if true

hold contains {"rule": "processes.write", "reason": "it writes", "reviewers": ["dba"], "quorum": 1, "expires": "1m"} if {
	input.resource.protocol == "http"
	input.action.verb != "connect"
	input.action.verb != "read"
}

may_approve if true
`

/** The gateway and what is behind it. */
export class ProcessGateway {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'sallyport-processes-'))
  readonly ports: Map<string, number> = new Map()
  /** Standard error so far. */
  log = ''
  child: ChildProcess | undefined
  readonly #key: string
  #server: PostgresServer | undefined
  #issuer: DevIssuer | undefined
  #once: DevIssuer | undefined
  #api: Server | undefined
  #clients: pg.Client[] = []

  constructor() {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    this.#key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    writeFileSync(this.at('dba.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
    const recording = generateKeyPairSync('ed25519')
    const pem = recording.privateKey.export({ type: 'pkcs8', format: 'pem' })
    writeFileSync(this.at('sign.pem'), pem, { mode: 0o600 })
    writeFileSync(this.at('verify.pem'), recording.publicKey.export({ type: 'spki', format: 'pem' }))
  }

  /** A path in the gateway's folder. */
  at(name: string): string {
    return join(this.folder, name)
  }

  /** Starts what is behind the gateway, and the gateway. */
  async start(processes: number | 'auto', more = ''): Promise<void> {
    mkdirSync(this.at('policy'), { recursive: true })
    this.writePolicy(processesPolicy)
    this.#server = await startPostgres({})
    this.#issuer = await startDevIssuer()
    this.#once = await startDevIssuer()
    this.#api = createServer((_, response) => void response.end('done'))
    await new Promise<void>((done) => this.#api?.listen(0, '127.0.0.1', done))
    writeFileSync(this.at('jwks.json'), JSON.stringify(this.#issuer.jwks))
    writeFileSync(this.at('once.json'), JSON.stringify(this.#once.jwks))
    writeFileSync(this.at('database-password'), this.#server.password, { mode: 0o600 })
    writeFileSync(this.at('sallyport.yaml'), this.configuration(processes, more))
    await this.serve()
  }

  /** Starts the gateway alone. */
  async serve(): Promise<void> {
    const child = spawn(process.execPath, [bin, 'serve'], { cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    this.ports.clear()
    this.log = ''
    let out = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
    await new Promise<void>((done, failed) => {
      const late = setTimeout(() => failed(new Error(`serve is not up: ${this.log}`)), readyMs)
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        out += text
        if (out.includes('ready\n')) done()
      })
      child.once('exit', (code) => failed(new Error(`serve ended with ${code}: ${this.log}`)))
      child.once('close', () => clearTimeout(late))
    })
    for (const line of this.log.split('\n').filter((one) => one.endsWith('}'))) {
      const { listener, port } = JSON.parse(line) as { listener?: string; port?: number }
      if (listener !== undefined && port !== undefined) this.ports.set(listener, port)
    }
  }

  /** The file that the gateway runs by. */
  configuration(processes: number | 'auto', more: string): string {
    const { host, port, user, database } = this.#server ?? {
      host: '127.0.0.1',
      port: 1,
      user: 'none',
      database: 'none',
    }
    const { port: api } = (this.#api?.address() ?? { port: 1 }) as AddressInfo
    const issuer = (name: string, of: DevIssuer | undefined, file: string, rest: string): string =>
      `    - { name: ${name}, preset: oidc, issuer: "${of?.url}", jwks: ${file}, audiences: [sallyport], algorithms: [ES256], kind: agent${rest} }`
    return `version: 1
gateway: { id: gate, processes: ${processes} }
listeners:
  - { protocol: http, name: web, address: "127.0.0.1:0" }
  - { protocol: postgres, name: db, address: "127.0.0.1:0" }
  - { protocol: admin, name: admin, address: "127.0.0.1:0" }
identity:
  issuers:
${issuer('dev', this.#issuer, 'jwks.json', '')}
${issuer('once', this.#once, 'once.json', ', one_time: true')}
resources:
  - { name: api, protocol: http, upstream: { url: "http://127.0.0.1:${api}" } }
  - name: shop
    protocol: postgres
    upstream: { host: "${host}", port: ${port}, database: ${database}, user: ${user}, credential: "file:database-password", tls: { mode: disable } }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policy }]
  cache: kept
storage: { kind: embedded, path: state.db }
approvals:
  approvers:
    - { subject: dba-1, issuer: "${issuerOfPeople}", groups: [dba], key: dba.pem }
recording:
  store: { kind: folder, path: recordings }
  signing_key: file:sign.pem
${more}`
  }

  /** Replaces the policy. */
  writePolicy(text: string): void {
    writeFileSync(this.at('policy/processes.rego'), text)
  }

  /** A token that counts for any number of sessions, or once. */
  async token(kind: 'many' | 'once' = 'many'): Promise<string> {
    const issuer = kind === 'once' ? this.#once : this.#issuer
    const subject = { subject: 'agent-1', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 3600 } as const
    return (await issuer?.token(subject)) ?? ''
  }

  /** A session before the database. */
  async session(token: string): Promise<pg.Client> {
    const port = this.ports.get('db') ?? 0
    const client = new pg.Client({ host: '127.0.0.1', port, database: 'shop', user: 'agent', password: token })
    client.on('error', () => {
      // ends with its process
    })
    await client.connect()
    this.#clients.push(client)
    return client
  }

  /** A request on a connection of its own, or of the agent's: status and body. */
  ask(
    listener: 'web' | 'admin',
    method: string,
    path: string,
    options: { token?: string; body?: unknown; agent?: Agent } = {},
  ): Promise<{ status: number; body: string }> {
    const text = options.body === undefined ? '' : JSON.stringify(options.body)
    const { token } = options
    return new Promise((done, failed) => {
      request({
        host: '127.0.0.1',
        port: this.ports.get(listener) ?? 0,
        method,
        path,
        agent: options.agent ?? new Agent(),
        headers: {
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(text === '' ? {} : { 'content-type': 'application/json', 'content-length': text.length }),
        },
      })
        .once('error', failed)
        .once('response', (response) => {
          let body = ''
          response.setEncoding('utf8').on('data', (chunk: string) => {
            body += chunk
          })
          response.once('end', () => done({ status: response.statusCode ?? 0, body }))
        })
        .end(text)
    })
  }

  /** What an admin listener says, as JSON. */
  async admin<T>(path: string, agent?: Agent): Promise<T> {
    return JSON.parse((await this.ask('admin', 'GET', path, agent === undefined ? {} : { agent })).body)
  }

  /** How the processes stand. */
  async processes(): Promise<readonly ToldProcess[]> {
    return (await this.admin<{ readonly processes: readonly ToldProcess[] }>('/v1/processes')).processes
  }

  /** A signed answer to a hold. */
  sign(hold: string, digest: string): Promise<string> {
    return signAnswer(
      {
        id: randomUUID(),
        hold,
        statement: digest,
        verdict: 'approve',
        reason: '',
        issuer: issuerOfPeople,
        subject: 'dba-1',
        expiresAtMs: Date.now() + 60_000,
      },
      this.#key,
    )
  }

  /** Ends the gateway by a signal: its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const { child } = this
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null
    const ended = once(child, 'exit')
    child.kill(signal)
    await ended
    return child.exitCode
  }

  /** Ends everything. */
  async close(): Promise<void> {
    for (const client of this.#clients) await client.end().catch(() => undefined)
    await this.stop()
    await this.#issuer?.close()
    await this.#once?.close()
    this.#api?.close()
    this.#api?.closeAllConnections()
    await this.#server?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Whether a process runs: a dead one that nobody has taken leave of does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Looks again until something is so, or the time is over. */
export async function until(what: () => boolean | Promise<boolean>, forMs = 20_000): Promise<boolean> {
  const endMs = performance.now() + forMs
  while (performance.now() < endMs) {
    if (await what()) return true
    await new Promise((done) => setTimeout(done, 50))
  }
  return false
}
