// Real gateway processes that record, before a PostgreSQL of their own; for tests and benches of recordings.
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { startDevIssuer } from '../../proxy/identity/index.ts'
import {
  checkerFromPem,
  type KeyUnwrapper,
  type SignatureChecker,
  unwrapperFromKey,
} from '../../proxy/recording/index.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const readyMs = 60_000

/** A gateway process. */
export interface GatewayProcess {
  readonly child: ChildProcess
  readonly port: number
  readonly admin: number
  /** What it logged until now. */
  log(): string
}

/**
 * True for the end of a session that can no longer be recorded: the statement that waited for its answer may have run.
 * Any other error says that it did not.
 */
export function isEndOfRecord(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.severity === 'FATAL' &&
    error.message === 'the session can no longer be recorded'
  )
}

/** Where the gateways of one test run. */
export class RecordedGateways {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'recorded-'))
  readonly checker: SignatureChecker
  readonly unwrapper: KeyUnwrapper
  readonly server: PostgresServer
  readonly password: string
  readonly #running = new Set<ChildProcess>()

  private constructor(
    server: PostgresServer,
    issuer: { readonly url: string; readonly jwks: unknown },
    password: string,
  ) {
    this.server = server
    this.password = password
    const pair = generateKeyPairSync('ed25519')
    const secret = randomBytes(32).toString('hex')
    this.checker = checkerFromPem(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString())
    this.unwrapper = unwrapperFromKey(secret)
    const mode = { mode: 0o600 }
    writeFileSync(join(this.folder, 'sign.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), mode)
    writeFileSync(join(this.folder, 'verify.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }))
    writeFileSync(join(this.folder, 'seal.key'), secret, mode)
    writeFileSync(join(this.folder, 'password'), server.password, mode)
    writeFileSync(join(this.folder, 'jwks.json'), JSON.stringify(issuer.jwks))
    writeFileSync(join(this.folder, 'issuer'), issuer.url)
    mkdirSync(join(this.folder, 'policy'))
    this.writePolicy('allow if true\n')
  }

  /** Starts the database, and makes keys and a token. */
  static async make(): Promise<RecordedGateways> {
    const server = await startPostgres({ settings: { max_connections: '200' } })
    const issuer = await startDevIssuer()
    const password = await issuer.token({
      subject: 'agent-1',
      kind: 'agent',
      groups: [],
      scopes: [],
      lifetimeSeconds: 3600,
    })
    await issuer.close()
    return new RecordedGateways(server, issuer, password)
  }

  /** Replaces the policy. */
  writePolicy(rules: string): void {
    writeFileSync(join(this.folder, 'policy', 'own.rego'), `package policy.own\n\n${rules}`)
  }

  /** Starts a gateway with the given keys below `recording`, and whatever else is configured. */
  async start(recording: string, more = '', nodeOptions: readonly string[] = []): Promise<GatewayProcess> {
    const file = join(this.folder, `sallyport-${randomBytes(4).toString('hex')}.yaml`)
    writeFileSync(file, this.configuration(recording, more))
    const child = spawn(process.execPath, [...nodeOptions, bin, 'serve', '--config', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#running.add(child)
    child.once('exit', () => this.#running.delete(child))
    const told = await toldPorts(child)
    rmSync(file)
    return { child, ...told }
  }

  /** The configuration with the given keys below `recording`, and more. */
  configuration(recording: string, more = ''): string {
    const { host, port, database, user } = this.server
    const issuer = readFileSync(join(this.folder, 'issuer'), 'utf8')
    return `version: 1
gateway: { id: recorded }
listeners:
  - { protocol: postgres, name: pg, address: "127.0.0.1:0" }
  - { protocol: admin, name: admin, address: "127.0.0.1:0" }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer}", jwks: jwks.json, audiences: [sallyport], algorithms: [ES256], kind: agent }
resources:
  - name: db
    protocol: postgres
    labels: { tier: gold }
    upstream: { host: ${host}, port: ${port}, database: ${database}, user: ${user}, credential: "file:password", tls: { mode: disable } }
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policy }] }
limits: { session: { rows: 1000000000000 } }
${more}
recording:
  signing_key: "file:sign.pem"
  encryption_key: "file:seal.key"
${recording}`
  }

  /** How to connect through a gateway. */
  client(port: number): pg.Client {
    const client = new pg.Client({ host: '127.0.0.1', port, user: 'agent', password: this.password, database: 'db' })
    // A gateway that is killed ends connections; whoever waits for an answer is told by its query.
    client.on('error', () => undefined)
    return client
  }

  /** A connection to the database itself. */
  async direct(): Promise<pg.Client> {
    const client = new pg.Client(this.server.url)
    // Where a test failed, the server stops under it: that must not be told in the place of why the test failed.
    client.on('error', () => undefined)
    await client.connect()
    return client
  }

  async close(): Promise<void> {
    for (const child of this.#running) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await this.server.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Waits until both listeners have told their ports and the gateway is ready. */
async function toldPorts(child: ChildProcess): Promise<Omit<GatewayProcess, 'child'>> {
  let out = ''
  const isUp = new Promise<void>((up, failed) => {
    const timer = setTimeout(() => failed(new Error(`the gateway is not ready: ${out}`)), readyMs)
    const look = (chunk: unknown): void => {
      out = (out + String(chunk)).slice(-200_000)
      if (!out.includes('ready\n')) return
      clearTimeout(timer)
      up()
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', () => failed(new Error(`the gateway ended: ${out}`)))
  })
  await isUp
  const portOf = (listener: string): number =>
    Number(new RegExp(`"listener":"${listener}","port":(\\d+)`).exec(out)?.[1] ?? 0)
  return { port: portOf('pg'), admin: portOf('admin'), log: () => out }
}
