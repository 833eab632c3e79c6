// `sallyport serve` as its own process before a real PostgreSQL, for tests with real clients: any policy, one token.
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startDevIssuer } from '../../proxy/identity/index.ts'
import { freePort } from './free-port.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A policy that lets everything pass, also what the analyzer does not wholly understand. */
export const allowAll = 'package policy.own\n\nallow := true\n'

/** The server behind, and what may be done with it. */
export interface PostgresGatewayOptions {
  readonly upstream: {
    readonly host: string
    readonly port: number
    readonly database: string
    readonly user: string
    readonly password: string
  }
  /** Policies of the library, by folder. */
  readonly library?: readonly string[]
  /** What clients call the database; `db` unless given. */
  readonly name?: string
  /** The test's own policy. */
  readonly policy: string
  /** Further fields of the listener, such as `oauth: {...}`. */
  readonly listener?: string
  /** Further lines of the resource, such as `postgres: {...}`. */
  readonly resource?: string
}

/** A running gateway: what a client needs to reach the resource through it. */
export interface PostgresGateway {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly user: string
  readonly password: string
  readonly folder: string
  /** The issuer of its token. */
  readonly issuer: string
  readonly process: ChildProcess
  /** What clients of libpq read from their environment. */
  readonly env: NodeJS.ProcessEnv
  stop(): Promise<void>
}

/** Starts a gateway and waits until it is ready. */
export async function startPostgresGateway(options: PostgresGatewayOptions): Promise<PostgresGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'pg-gateway-'))
  const { upstream, library = [], policy, resource = '', listener = '', name = 'db' } = options
  const issuer = await startDevIssuer()
  const lifetimeSeconds = 3600
  const password = await issuer.token({ subject: 'agent-1', kind: 'agent', groups: [], scopes: [], lifetimeSeconds })
  mkdirSync(join(folder, 'policy'))
  for (const one of library)
    cpSync(join(root, 'bundles/library', one), join(folder, 'policy', one), { recursive: true })
  writeFileSync(join(folder, 'policy', 'own.rego'), policy)
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(join(folder, 'sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  writeFileSync(join(folder, 'password'), upstream.password, { mode: 0o600 })
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify(issuer.jwks))
  const port = await freePort()
  const { host, port: upstreamPort, database, user } = upstream
  writeFileSync(
    join(folder, 'sallyport.yaml'),
    `version: 1
gateway: { id: test }
listeners: [{ protocol: postgres, name: pg, address: "127.0.0.1:${port}"${listener && `, ${listener}`} }]
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
  - name: ${name}
    protocol: postgres
    upstream: { host: ${host}, port: ${upstreamPort}, database: ${database}, user: ${user}, credential: "file:password", tls: { mode: disable } }
${resource}
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policy }] }
recording: { signing_key: "file:sign.pem" }
`,
  )
  await issuer.close()
  const child = spawn(
    process.execPath,
    [join(root, 'bin/sallyport.js'), 'serve', '--config', join(folder, 'sallyport.yaml')],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let out = ''
  for await (const chunk of child.stdout) {
    out += String(chunk)
    if (out.includes('ready\n')) break
  }
  if (!out.includes('ready\n')) throw new Error(`the gateway did not start: ${out}`)
  child.stdout.resume()
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    rmSync(folder, { recursive: true, force: true })
  }
  const env = {
    ...process.env,
    PGHOST: '127.0.0.1',
    PGPORT: String(port),
    PGDATABASE: name,
    PGUSER: 'agent',
    PGPASSWORD: password,
    PGSSLMODE: 'disable',
  }
  return {
    host: '127.0.0.1',
    port,
    database: name,
    user: 'agent',
    password,
    folder,
    issuer: issuer.url,
    process: child,
    env,
    stop,
  }
}
