// Puts the demo together: a database with sample data, the development issuer, and the gateway of a configuration that
// the demo writes into its folder, where a newcomer can read it.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import type { StoreEvent } from '../../bundles/store/index.ts'
import { loadConfig } from '../../proxy/config/index.ts'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { createLog } from '../../proxy/telemetry/index.ts'
import { enroll } from '../approvals/enroll.ts'
import { startFollowing } from '../serve/follow.ts'
import { selfSigned } from './certificate.ts'
import { clusterResource, type DemoCluster } from './cluster.ts'
import { type PostgresServer, startPostgres } from './embedded-postgres.ts'
import { type DemoApi, startDemoApi } from './http-api.ts'
import { demoKeys } from './keys.ts'
import { preparePolicies } from './policies.ts'
import { choosePorts, type DemoPorts } from './ports.ts'
import { markRunning } from './running.ts'
import { type DemoHost, startDemoHost } from './ssh-host.ts'

/** A running demo. */
export interface Demo {
  readonly ports: DemoPorts
  readonly issuer: DevIssuer
  close(): Promise<void>
}

/** What a demo tells while it starts and runs. */
export interface DemoEars {
  /** A part that is being started, and what comes of it. */
  readonly step: <T>(what: string, work: () => Promise<T>) => Promise<T>
  readonly say: (line: string) => void
}

/** How often other ports are tried when one was taken in the last moment. */
const portAttemptsMax = 3

const schema = `
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL);
CREATE TABLE cards (id int PRIMARY KEY, customer_id int REFERENCES customers, number text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, amount numeric NOT NULL, placed date NOT NULL);
INSERT INTO customers SELECT i, 'customer ' || i, 'customer' || i || '@example.org' FROM generate_series(1, 50) i;
INSERT INTO cards SELECT i, i, '41111111111' || lpad((10000 + i * 7)::text, 5, '0') FROM generate_series(1, 50) i;
INSERT INTO orders SELECT i, 1 + i % 50, (i * 13) % 500, date '2026-01-01' + i % 300 FROM generate_series(1, 500) i;
`

/** Starts everything. The gateway's own log goes to `gateway.log`. */
export async function startDemo(folder: string, { step, say }: DemoEars, cluster?: DemoCluster): Promise<Demo> {
  const closers: (() => Promise<unknown>)[] = []
  const close = async (): Promise<void> => {
    for (const one of closers.splice(0).reverse()) await one()
  }
  try {
    demoKeys(join(folder, 'keys'))
    preparePolicies(join(folder, 'policy'), cluster !== undefined)
    if (!existsSync(join(folder, 'approver', 'approver.json')))
      enroll(join(folder, 'approver'), { subject: 'person-1', issuer: 'https://people.example' })
    const server = await step('a PostgreSQL server with sample data', async () => {
      const started = await startPostgres()
      closers.push(() => started.stop())
      markRunning(join(folder, 'running.json'), dirname(started.dataFolder))
      await fill(started)
      return started
    })
    const [issuer, host, api] = await step('an issuer of tokens, a host behind SSH, an HTTP API', async () => {
      const made = [await startDevIssuer(), await startDemoHost(join(folder, 'host')), await startDemoApi()] as const
      for (const one of made) closers.push(() => one.close())
      return made
    })
    const [gateway, ports] = await step('the gateway and its policies', () =>
      startOnFreePorts(folder, { server, host, api, issuer, cluster }, say),
    )
    closers.push(() => gateway.close())
    return { ports, issuer, close }
  } catch (error) {
    await close()
    throw error
  }
}

interface Upstreams {
  readonly server: PostgresServer
  readonly host: DemoHost
  readonly api: DemoApi
  readonly issuer: DevIssuer
  /** Where a kubeconfig names one. */
  readonly cluster: DemoCluster | undefined
}

async function startOnFreePorts(
  folder: string,
  upstreams: Upstreams,
  say: (line: string) => void,
): Promise<readonly [{ close(): Promise<void> }, DemoPorts]> {
  for (let attempt = 1; ; attempt++) {
    const ports = await choosePorts(join(folder, 'ports.json'))
    const file = writeConfiguration(folder, ports, upstreams)
    const loaded = loadConfig(file)
    if (!loaded.ok) throw new Error(`the demo's configuration has mistakes: ${JSON.stringify(loaded.problems)}`)
    const log = createLog({ level: 'info', file: join(folder, 'gateway.log') })
    try {
      const gateway = await startFollowing(file, loaded.config, log, {
        onPolicy: (event) => say(wordsOf(event)),
        onConfig: (result) => {
          if (result.on === 'swapped') say('settings live')
          else if (result.on === 'rejected')
            say('settings refused, the last good ones stay; `sallyport config check` says why')
        },
      })
      return [gateway, ports]
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      if (!isTaken || attempt === portAttemptsMax) throw error
    }
  }
}

async function fill(server: PostgresServer): Promise<void> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(schema)
  await client.end()
}

/** Writes `sallyport.yaml`, which says all that the gateway is. */
function writeConfiguration(folder: string, ports: DemoPorts, upstreams: Upstreams): string {
  const { server, host, api, issuer, cluster } = upstreams
  mkdirSync(join(folder, 'keys'), { recursive: true })
  writeFileSync(join(folder, 'keys', 'database-password'), server.password, { mode: 0o600 })
  writeFileSync(join(folder, 'owner-url'), server.url, { mode: 0o600 })
  writeFileSync(join(folder, 'keys', 'issuer.json'), JSON.stringify(issuer.jwks))
  writeFileSync(join(folder, 'keys', 'host-user.key'), host.key, { mode: 0o600 })
  writeFileSync(join(folder, 'keys', 'host-known'), `${host.known}\n`)
  writeFileSync(join(folder, 'keys', 'api-key'), api.key, { mode: 0o600 })
  const file = join(folder, 'sallyport.yaml')
  writeFileSync(
    file,
    `# Written anew by every start of the demo. Resources, identity and approvals are live with a save.
version: 1
gateway: { id: demo }
listeners:
  - { protocol: postgres, name: postgres, address: "127.0.0.1:${ports.postgres}" }
  - { protocol: ssh, name: ssh, address: "127.0.0.1:${ports.ssh}", host_keys: ["file:keys/ssh-host.key"] }
  - { protocol: http, name: http, address: "127.0.0.1:${ports.http}" }
  - { protocol: admin, name: admin, address: "127.0.0.1:${ports.admin}" }
  - { protocol: identity, name: identity, address: "127.0.0.1:${ports.identity}" }
${cluster === undefined ? '' : kubernetesListener(folder, ports.kubernetes)}identity:
  issuers:
    - name: dev
      preset: oidc
      issuer: ${issuer.url}
      jwks: keys/issuer.json
      audiences: [${issuer.audience}]
      algorithms: [ES256]
      kind: agent
      claims: { subject: sub, groups: groups, scopes: scope, kind: kind }
  exchange: { issuer: "http://127.0.0.1:${ports.identity}", key: "file:keys/exchange.pem" }
resources:
  - name: shop
    protocol: postgres
    labels: { env: demo }
    upstream:
      host: ${server.host}
      port: ${server.port}
      database: ${server.database}
      user: ${server.user}
      credential: file:keys/database-password
      tls: { mode: disable }
      catalog_refresh: 1s
  - name: files
    protocol: ssh
    labels: { env: demo }
    upstream:
      host: 127.0.0.1
      port: ${host.port}
      user: demo
      credential: file:keys/host-user.key
      known_hosts: keys/host-known
  - name: crm
    protocol: http
    labels: { env: demo }
    upstream:
      url: http://127.0.0.1:${api.port}
      credential: file:keys/api-key
${cluster === undefined ? '' : clusterResource(cluster, folder)}bundles:
  signed: false
  sources: [{ kind: folder, name: demo, path: policy }]
  cache: kept
storage: { kind: embedded, path: state.db }
approvals:
  approvers:
    - { subject: person-1, issuer: "https://people.example", groups: [dba], key: approver/approver.pub.pem }
recording:
  store: { kind: folder, path: recordings }
  signing_key: file:keys/recording-sign.pem
  encryption_key: file:keys/recording-wrap.key
telemetry:
  decision_log: { file: decisions.log }
`,
    { mode: 0o600 },
  )
  return file
}

const certificateDays = 30

/** kubectl sends its token over TLS only: a certificate of the demo's own, made anew by every start. */
function kubernetesListener(folder: string, port: number): string {
  const { certificate, key } = selfSigned('sallyport demo', certificateDays, Date.now())
  writeFileSync(join(folder, 'keys', 'kubernetes.pem'), certificate)
  writeFileSync(join(folder, 'keys', 'kubernetes.key'), key, { mode: 0o600 })
  return `  - protocol: kubernetes
    name: kubernetes
    address: "127.0.0.1:${port}"
    tls: { certificate: keys/kubernetes.pem, key: "file:keys/kubernetes.key" }
`
}

function wordsOf(event: StoreEvent): string {
  switch (event.on) {
    case 'swapped':
      return `policy live (${event.digest.slice(0, 12)}, ${event.tookMs} ms)`
    case 'refused':
      return `policy refused, the last good one stays: ${event.message}`
    case 'source_failed':
      return `the policy folder cannot be read: ${event.message}`
    case 'expiry':
      return `bundle ${event.bundle} is ${event.state}`
  }
}
