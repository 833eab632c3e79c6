// Gateways as real processes on one shared PostgreSQL, before an API that counts what reaches it; for tests of approvals
// that race. Holds are told by signed webhooks, as they are to people.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Agent, type ClientRequest, createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { ApprovalStatement, Deed } from '../../engine/approval/index.ts'
import { signAnswer, signGrant, signWebhook } from '../../proxy/approvals/index.ts'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { type PostgresServer, startPostgres } from './postgres-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const readyMs = 60_000
const requestMs = 60_000
const issuerOfPeople = 'https://people.example'
const secret = 'webhook-secret'

/** Somebody who answers. */
export interface FleetPerson {
  readonly subject: string
  readonly key: string
}

/** A hold as its webhook told it. */
export interface ToldHold {
  readonly hold: string
  readonly digest: string
}

/** A hold as the API shows it. */
export interface ShownHold {
  readonly statement: ApprovalStatement
  readonly deeds: readonly Deed[]
}

/** One gateway process. */
export interface FleetGateway {
  readonly child: ChildProcess
  readonly web: number
  readonly admin: number
}

/** What a client saw of its request. */
export interface Seen {
  /** 0 when the connection ended without an answer. */
  readonly status: number
  readonly body: string
}

/** The policy before any swap: everything is allowed, what writes is held. */
export const racesPolicy = `package policy.races

allow if true

hold contains {"rule": "races.write", "reason": "it writes", "reviewers": ["dba"], "quorum": quorum, "expires": expires} if {
	input.action.verb != "connect"
	input.resource.protocol == "http"
}

default quorum := 1

quorum := 2 if input.action.http.path[0] == "quorum"

may_approve if not input.grant

may_approve if input.grant.actionsMax <= 50

deny contains {"rule": "races.asks", "message": "this is asked each time"} if {
	count(input.context.grants) > 0
	input.action.http.path[0] == "each"
}

default expires := "1m"

expires := "1s" if input.action.http.path[0] == "short"
`

/** A running fleet. */
export class Fleet {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'sallyport-fleet-'))
  readonly people: readonly FleetPerson[]
  /** How often each path reached the API. */
  readonly reached: Map<string, number> = new Map()
  readonly #told = new Map<string, (hold: ToldHold) => void>()
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1024 })
  readonly #gateways: FleetGateway[] = []
  #server: PostgresServer | undefined
  #database: pg.Client | undefined
  #issuer: DevIssuer | undefined
  #api: Server | undefined
  #receiver: Server | undefined
  #token = ''

  constructor() {
    this.people = ['dba-1', 'dba-2', 'dba-3'].map((subject) => {
      const { privateKey, publicKey } = generateKeyPairSync('ed25519')
      writeFileSync(join(this.folder, `${subject}.pem`), publicKey.export({ type: 'spki', format: 'pem' }))
      return { subject, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
    })
  }

  /** Starts everything but gateways. */
  async start(): Promise<void> {
    mkdirSync(join(this.folder, 'policy'))
    this.writePolicy(racesPolicy)
    this.#server = await startPostgres({ settings: { max_connections: '100' } })
    this.#database = new pg.Client(this.#server.url)
    this.#database.on('error', () => {
      // the server ends with the test
    })
    await this.#database.connect()
    this.#issuer = await startDevIssuer()
    this.#token = await this.#issuer.token({
      subject: 'agent-1',
      kind: 'agent',
      groups: [],
      scopes: [],
      lifetimeSeconds: 3600,
    })
    this.#api = await listening((path) => this.reached.set(path, (this.reached.get(path) ?? 0) + 1))
    this.#receiver = await listening((_, body, headers) => this.#hold(body, String(headers['x-sallyport-signature'])))
    const { privateKey } = generateKeyPairSync('ed25519')
    writeFileSync(join(this.folder, 'sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    writeFileSync(join(this.folder, 'jwks.json'), JSON.stringify(this.#issuer.jwks))
    writeFileSync(join(this.folder, 'database-password'), this.#server.password, { mode: 0o600 })
    writeFileSync(join(this.folder, 'webhook-secret'), secret, { mode: 0o600 })
  }

  /** Replaces the policy of every gateway. */
  writePolicy(text: string): void {
    writeFileSync(join(this.folder, 'policy', 'races.rego'), text)
  }

  /** Starts one gateway. They differ in nothing, not even in name, as replicas of one deployment do. */
  async gateway(): Promise<FleetGateway> {
    const index = this.#gateways.length
    const file = `sallyport-${index}.yaml`
    writeFileSync(join(this.folder, file), this.#configuration(index))
    const child = spawn(process.execPath, [bin, 'serve', '--config', file], {
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ports = await portsOf(child, 2)
    const gateway = { child, web: ports.get('web') ?? 0, admin: ports.get('admin') ?? 0 }
    this.#gateways.push(gateway)
    return gateway
  }

  #configuration(index: number): string {
    const { host, port, user, database } = this.#server ?? { host: '', port: 0, user: '', database: '' }
    const approver = ({ subject }: FleetPerson): string =>
      `    - { subject: ${subject}, issuer: "${issuerOfPeople}", groups: [dba], key: ${subject}.pem }`
    return `version: 1
listeners:
  - { protocol: http, name: web, address: "127.0.0.1:0", connections_max: 2048 }
  - { protocol: admin, name: admin, address: "127.0.0.1:0" }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${this.#issuer?.url}", jwks: jwks.json, audiences: [sallyport], algorithms: [ES256], kind: agent }
resources:
  - { name: api, protocol: http, upstream: { url: "http://127.0.0.1:${portOf(this.#api)}" } }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policy }]
  cache: kept-${index}
storage:
  kind: postgres
  host: ${host}
  port: ${port}
  database: ${database}
  user: ${user}
  credential: file:database-password
  tls: { mode: disable }
approvals:
  approvers:
${this.people.map(approver).join('\n')}
  webhooks:
    - { name: test, url: "http://127.0.0.1:${portOf(this.#receiver)}/", secret: "file:webhook-secret", groups: [] }
recording:
  store: { kind: folder, path: recordings-${index} }
  signing_key: file:sign.pem
`
  }

  /** A request through a gateway, and the hold that it opens. */
  ask(gateway: FleetGateway, kind: string, path: string = `/${kind}/${randomUUID()}`): Asked {
    const held = new Promise<ToldHold>((done) => this.#told.set(path, done))
    const asking = request({
      host: '127.0.0.1',
      port: gateway.web,
      path,
      method: 'POST',
      agent: this.#agent,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        'content-length': 2,
      },
      timeout: requestMs,
    })
    const seen = new Promise<Seen>((done) => {
      const gone = (): void => done({ status: 0, body: '' })
      asking.once('error', gone).once('close', gone)
      asking.once('timeout', () => asking.destroy())
      asking.once('response', (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text
        })
        response.once('end', () => done({ status: response.statusCode ?? 0, body }))
      })
    })
    asking.end('{}')
    return { path, held, seen, asking }
  }

  /** A request that changes nothing, on a connection of the agent: milliseconds until all of its answer is there. */
  read({ web }: FleetGateway, agent: Agent): Promise<number> {
    const startedMs = performance.now()
    return new Promise((done, failed) => {
      const headers = { authorization: `Bearer ${this.#token}` }
      request({ host: '127.0.0.1', port: web, path: '/read', agent, headers }, (response) => {
        if (response.statusCode !== 200) failed(new Error(`an answer of ${response.statusCode}`))
        response.resume().once('end', () => done(performance.now() - startedMs))
      })
        .once('error', failed)
        .end()
    })
  }

  #hold(body: string, signature: string): void {
    const [, stamp = '', sum = ''] = /^t=(\d+),v1=([0-9a-f]+)$/.exec(signature) ?? []
    if (signWebhook(secret, Number(stamp), body) !== sum) throw new Error('a webhook that is not signed')
    const message = JSON.parse(body) as { event: string; hold: string; digest: string; command: string }
    if (message.event !== 'hold.opened') return
    const path = /\/\w+\/[\w-]+/.exec(message.command)?.[0] ?? ''
    this.#told.get(path)?.({ hold: message.hold, digest: message.digest })
    this.#told.delete(path)
  }

  /** A signed answer. */
  sign(
    { hold, digest }: ToldHold,
    { subject, key }: FleetPerson,
    verdict: 'approve' | 'deny' = 'approve',
  ): Promise<string> {
    return signAnswer(
      {
        id: randomUUID(),
        hold,
        statement: digest,
        verdict,
        reason: verdict === 'deny' ? 'not today' : '',
        issuer: issuerOfPeople,
        subject,
        expiresAtMs: Date.now() + 60_000,
      },
      key,
    )
  }

  /** A hold as a gateway shows it. */
  async show({ admin }: FleetGateway, hold: string): Promise<ShownHold> {
    const response = await fetch(`http://127.0.0.1:${admin}/v1/approvals/${hold}`)
    return JSON.parse(await response.text())
  }

  /** A signed grant of what a hold does. */
  signGrant(shown: ShownHold, { subject, key }: FleetPerson, actionsMax: number): Promise<string> {
    const { statement, deeds } = shown
    const terms = {
      version: 1,
      id: randomUUID(),
      hold: statement.hold,
      issuer: issuerOfPeople,
      subject,
      identity: statement.identity,
      chain: statement.chain,
      resource: statement.resource.name,
      rules: statement.requirements.map(({ rule }) => rule),
      deeds,
      actionsMax,
      expiresAtMs: Date.now() + 600_000,
      reason: '',
    } as const
    return signGrant(terms, key)
  }

  /** Hands an answer or a grant in at a gateway: the HTTP status and what it says. */
  async answer(
    { admin }: FleetGateway,
    hold: string,
    jws: string,
    what: 'answers' | 'grants' = 'answers',
  ): Promise<Seen> {
    const body = JSON.stringify({ jws })
    const asking = request({
      host: '127.0.0.1',
      port: admin,
      path: `/v1/approvals/${hold}/${what}`,
      method: 'POST',
      agent: this.#agent,
      headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    })
    return new Promise((done) => {
      asking.once('error', () => done({ status: 0, body: '' }))
      asking.once('response', (response) => {
        let said = ''
        response.setEncoding('utf8').on('data', (text: string) => {
          said += text
        })
        response.once('end', () => done({ status: response.statusCode ?? 0, body: said }))
      })
      asking.end(body)
    })
  }

  /** How the holds stand, by status. */
  async standing(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#database?.query<{ id: string; status: string }>('SELECT id, status FROM sallyport_hold')
    return new Map((rows?.rows ?? []).map(({ id, status }) => [id, status]))
  }

  /** Stops or continues every process of the database server. */
  pauseDatabase(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const postmaster = readFileSync(join(this.#server?.dataFolder ?? '', 'postmaster.pid'), 'utf8').split('\n')[0] ?? ''
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', postmaster], { encoding: 'utf8' }).stdout.split(/\s+/)
    for (const pid of [postmaster, ...children].map(Number)) {
      if (!Number.isSafeInteger(pid) || pid <= 1) continue
      try {
        process.kill(pid, signal)
      } catch {
        // a connection that ended in the meantime
      }
    }
  }

  /** Ends everything. */
  async close(): Promise<void> {
    this.#agent.destroy()
    for (const { child } of this.#gateways) {
      if (child.exitCode !== null || child.signalCode !== null) continue
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await this.#database?.end()
    await this.#issuer?.close()
    for (const server of [this.#api, this.#receiver]) {
      server?.close()
      server?.closeAllConnections()
    }
    await this.#server?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A request under way. */
export interface Asked {
  readonly path: string
  readonly held: Promise<ToldHold>
  readonly seen: Promise<Seen>
  readonly asking: ClientRequest
}

function portOf(server: Server | undefined): number {
  return ((server?.address() ?? { port: 0 }) as AddressInfo).port
}

type Told = (path: string, body: string, headers: { readonly [name: string]: unknown }) => void

async function listening(told: Told): Promise<Server> {
  const server = createServer((incoming, response) => {
    let body = ''
    incoming.setEncoding('utf8').on('data', (text: string) => {
      body += text
    })
    incoming.once('end', () => {
      told(incoming.url ?? '', body, incoming.headers)
      response.end('done')
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return server
}

/** The ports that a gateway's log tells, once there are that many. */
function portsOf(child: ChildProcess, count: number): Promise<ReadonlyMap<string, number>> {
  const ports = new Map<string, number>()
  let out = ''
  return new Promise((done, failed) => {
    const look = (chunk: Buffer): void => {
      if (ports.size === count) return
      out += chunk.toString()
      for (const line of out.split('\n')) {
        if (!line.startsWith('{') || !line.endsWith('}')) continue
        const { listener, port } = JSON.parse(line) as { listener?: string; port?: number }
        if (listener !== undefined && port !== undefined) ports.set(listener, port)
      }
      if (ports.size === count) done(ports)
    }
    child.stdout?.on('data', look)
    child.stderr?.on('data', look)
    child.once('exit', (code) => failed(new Error(`serve ended with ${code}: ${out}`)))
    setTimeout(() => failed(new Error(`serve is not up: ${out}`)), readyMs).unref()
  })
}
