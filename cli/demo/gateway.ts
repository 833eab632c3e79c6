// Puts a gateway together for the demo: issuer, bundle store, recorder, gate, and a PostgreSQL listener before the
// embedded server.
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import pg from 'pg'
import { diskSource } from '../../bundles/source/index.ts'
import {
  Keeper,
  loadPolicy,
  noFreshness,
  PolicyStore,
  packageOfModule,
  type StoreEvent,
} from '../../bundles/store/index.ts'
import { catalogFromServer, catalogQuery, createSqlAnalyzer, type SqlAnalyzer } from '../../engine/action/sql/index.ts'
import { createGate, defaultGateLimits, systemClock } from '../../proxy/gate/index.ts'
import { type DevIssuer, startDevIssuer, TokenAuthenticator } from '../../proxy/identity/index.ts'
import { listenPostgres } from '../../proxy/postgres/index.ts'
import { LocalRecorder, signerFromPem, wrapperFromKey } from '../../proxy/recording/index.ts'
import { type PostgresServer, startPostgres } from './embedded-postgres.ts'
import { demoKeys } from './keys.ts'
import { preparePolicies } from './policies.ts'

/** A running demo. */
export interface Demo {
  readonly port: number
  readonly issuer: DevIssuer
  readonly policyFolder: string
  readonly recordingsFolder: string
  close(): Promise<void>
}

const schema = `
CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, email text NOT NULL);
CREATE TABLE cards (id int PRIMARY KEY, customer_id int REFERENCES customers, number text NOT NULL);
CREATE TABLE orders (id int PRIMARY KEY, customer_id int REFERENCES customers, amount numeric NOT NULL, placed date NOT NULL);
INSERT INTO customers SELECT i, 'customer ' || i, 'customer' || i || '@example.org' FROM generate_series(1, 50) i;
INSERT INTO cards SELECT i, i, '41111111111' || lpad((10000 + i * 7)::text, 5, '0') FROM generate_series(1, 50) i;
INSERT INTO orders SELECT i, 1 + i % 50, (i * 13) % 500, date '2026-01-01' + i % 300 FROM generate_series(1, 500) i;
`

/** Starts everything. `say` is told what happens. */
export async function startDemo(folder: string, say: (line: string) => void): Promise<Demo> {
  const keys = demoKeys(join(folder, 'keys'))
  const policyFolder = join(folder, 'policy')
  const recordingsFolder = join(folder, 'recordings')
  preparePolicies(policyFolder)
  say('starting PostgreSQL with sample data')
  const server = await startPostgres()
  await fill(server)
  const issuer = await startDevIssuer()
  const store = new PolicyStore({
    bundles: [
      {
        name: 'demo',
        source: diskSource({ path: policyFolder, kind: 'folder' }),
        verification: undefined,
        freshness: noFreshness,
      },
    ],
    load: (composition) =>
      Promise.resolve(
        loadPolicy(composition, {
          nowNs: () => BigInt(Date.now()) * 1_000_000n,
          random: (length) => randomBytes(length),
        }),
      ),
    packageOf: packageOfModule,
    keeper: new Keeper(join(folder, 'kept')),
    nowMs: Date.now,
    onEvent: (event) => say(wordsOf(event)),
  })
  await store.start()
  const recorder = new LocalRecorder({
    folder: recordingsFolder,
    gateway: 'demo',
    sync: 'group',
    signer: signerFromPem(keys.signing),
    wrapper: wrapperFromKey(keys.wrapping),
    anchors: [],
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    onFault: (error) => say(`recorder: ${error.message}`),
  })
  const gate = createGate({
    policy: () => {
      const host = store.current()
      if (host === undefined) throw new Error('no policy is live')
      return host
    },
    recorder,
    // Nobody can approve in the demo yet, so whatever is held is refused and says so.
    holds: {
      open: (_request, answer) => {
        queueMicrotask(() => answer({ on: 'failed', detail: 'no approval service is configured' }))
        return { cancel: () => undefined }
      },
    },
    clock: systemClock,
    newId: () => randomUUID(),
    gateway: { id: 'demo', version: '0.1.0' },
    observer: {
      decided: () => undefined,
      answered: () => undefined,
      held: () => undefined,
      session: () => undefined,
      failed: (where, error) => say(`${where}: ${error instanceof Error ? error.message : 'failed'}`),
    },
    limits: defaultGateLimits,
  })
  const analyzer = await createSqlAnalyzer(18, await catalogOf(server))
  const listener = await listenPostgres({
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    cleartext: true,
    gate,
    authenticator: new TokenAuthenticator(
      [
        {
          name: 'dev',
          issuer: issuer.url,
          audiences: [issuer.audience],
          algorithms: ['ES256'],
          jwks: issuer.jwks,
          kind: 'agent',
          claims: { subject: 'sub', groups: 'groups', scopes: 'scope', kind: 'kind' },
          lifetimeMaxMs: 3_600_000,
          required: {},
        },
      ],
      { clockSkewMs: 5000, nowMs: Date.now },
    ),
    target: (name) =>
      name === 'shop'
        ? {
            resource: {
              name: 'shop',
              protocol: 'postgres',
              labels: { env: 'demo' },
              target: { host: server.host, port: server.port, database: server.database, user: server.user },
            },
            recordWire: true,
            upstream: () =>
              Promise.resolve({
                host: server.host,
                port: server.port,
                database: server.database,
                user: server.user,
                password: server.password,
                tls: undefined,
                connectMs: 5000,
              }),
            analyzer: () => refreshed(analyzer, server),
          }
        : undefined,
    hashKey: randomBytes(32),
    connectionsMax: 100,
    handshakeMs: 10_000,
    messageBytesMax: 64 * 1024 * 1024,
    onError: (where, error) => say(`${where}: ${error instanceof Error ? error.message : 'failed'}`),
  })
  return {
    port: listener.port,
    issuer,
    policyFolder,
    recordingsFolder,
    close: async () => {
      await listener.close()
      await gate.drain(1000)
      await Promise.all([store.close(), issuer.close()])
      await recorder.close()
      await server.stop()
    },
  }
}

async function fill(server: PostgresServer): Promise<void> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(schema)
  await client.end()
}

async function refreshed(analyzer: SqlAnalyzer, server: PostgresServer): Promise<SqlAnalyzer> {
  analyzer.useCatalog(await catalogOf(server))
  return analyzer
}

async function catalogOf(server: PostgresServer): Promise<ReturnType<typeof catalogFromServer>> {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query<{ [column: string]: string }>(catalogQuery)
  await client.end()
  return catalogFromServer(Object.values(rows[0] ?? {}).join(''), String(Date.now()))
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
