// `sallyport serve` before real hosts, and the OpenSSH clients that go through it: the set-up of the SSH system tests.
import { type SpawnOptions, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateSshKey, startDevIssuer } from '../../proxy/identity/index.ts'

/** A host behind the gateway. */
export interface HostBehind {
  readonly name: string
  readonly port: number
  readonly user: string
  readonly key: string
  readonly known: string
}

/** What a program did. */
export interface Ran {
  readonly out: Buffer
  readonly err: string
  readonly code: number | null
}

/** A running gateway and its clients. */
export interface SshGateway {
  readonly folder: string
  readonly port: number
  readonly token: string
  /** A configuration of OpenSSH clients in which every resource is a host of its own name. */
  readonly clientConfig: string
  /** Runs a program to its end; `input` is its standard input. */
  run(program: string, args: readonly string[], input?: Uint8Array | string, options?: SpawnOptions): Promise<Ran>
  /** `ssh -F clientConfig ...`. */
  ssh(args: readonly string[], input?: Uint8Array | string): Promise<Ran>
  /** The environment in which `ssh` finds its token. */
  readonly env: NodeJS.ProcessEnv
  /** The gateway's process. */
  readonly pid: number
  /** What the gateway wrote to its log. */
  log(): string
  close(): Promise<void>
}

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
/** A program that takes longer is ended. */
const runMs = 60_000

/** Starts a gateway with one policy module over the hosts. */
export async function startSshGateway(
  hosts: readonly HostBehind[],
  policy: string,
  listenerFields = '',
  resourceFields = '',
  certify?: (publicLine: string) => string,
): Promise<SshGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-gateway-'))
  const at = (name: string): string => join(folder, name)
  const issuer = await startDevIssuer()
  const { privateKey } = generateKeyPairSync('ed25519')
  writeFileSync(at('sign.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  const hostKey = generateSshKey()
  writeFileSync(at('host.key'), hostKey.private, { mode: 0o600 })
  if (certify !== undefined) writeFileSync(at('host-cert.pub'), certify(hostKey.public))
  writeFileSync(at('known'), hosts.map(({ known }) => `${known}\n`).join(''))
  for (const { name, key } of hosts) writeFileSync(at(`${name}.key`), key, { mode: 0o600 })
  writeFileSync(at('jwks.json'), JSON.stringify(issuer.jwks))
  mkdirSync(at('policies'))
  writeFileSync(join(at('policies'), 'p.rego'), policy)
  const resources = hosts.map(
    ({ name, port, user }) => `  - name: ${name}
    protocol: ssh
    upstream: { host: 127.0.0.1, port: ${port}, user: ${user}, credential: "file:${name}.key", known_hosts: known${resourceFields} }
`,
  )
  writeFileSync(
    at('sallyport.yaml'),
    `version: 1
gateway: { id: gate-1 }
listeners:
  - { protocol: ssh, name: ssh, address: "127.0.0.1:0", host_keys: ["file:host.key"]${listenerFields} }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
${resources.join('')}bundles: { signed: false, sources: [{ kind: folder, name: main, path: policies }] }
recording: { signing_key: "file:sign.pem" }
`,
  )
  const token = await issuer.token({ subject: 'agent-1', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 3600 })
  writeFileSync(at('askpass'), `#!/bin/sh\necho ${token}\n`)
  chmodSync(at('askpass'), 0o700)
  const gateway = spawn(process.execPath, [bin, 'serve', '--config', at('sallyport.yaml')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  for (const stream of [gateway.stdout, gateway.stderr])
    stream.on('data', (bytes: Buffer) => {
      log += bytes.toString()
    })
  while (!/"listener":"ssh","port":\d+/.test(log)) {
    if (gateway.exitCode !== null) throw new Error(log)
    await once(gateway.stderr, 'data')
  }
  const port = Number(/"listener":"ssh","port":(\d+)/.exec(log)?.[1])
  const [kind = '', encoded = ''] = hostKey.public.split(' ')
  writeFileSync(at('gateway-known'), `[127.0.0.1]:${port} ${kind} ${encoded}\n`)
  const clientConfig = at('ssh_config')
  writeFileSync(
    clientConfig,
    hosts
      .map(
        ({ name }) => `Host ${name}
  HostName 127.0.0.1
  Port ${port}
  User ${name}
`,
      )
      .join('') +
      `Host *
  UserKnownHostsFile ${at('gateway-known')}
  StrictHostKeyChecking yes
  PreferredAuthentications password,keyboard-interactive
  NumberOfPasswordPrompts 1
  LogLevel ERROR
`,
  )
  const env = { ...process.env, SSH_ASKPASS: at('askpass'), SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' }
  const run: SshGateway['run'] = async (program, args, input = '', options = {}) => {
    const child = spawn(program, args, { env, ...options, timeout: undefined, stdio: ['pipe', 'pipe', 'pipe'] })
    const out: Buffer[] = []
    let err = ''
    child.stdout?.on('data', (bytes: Buffer) => out.push(bytes))
    child.stderr?.on('data', (bytes: Buffer) => {
      err += bytes.toString()
    })
    child.stdin?.on('error', () => undefined)
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? runMs)
    child.stdin?.end(input)
    const [code] = await once(child, 'close')
    clearTimeout(timer)
    return { out: Buffer.concat(out), err, code }
  }
  return {
    folder,
    port,
    token,
    clientConfig,
    env,
    run,
    ssh: (args, input) => run('ssh', ['-F', clientConfig, ...args], input),
    pid: gateway.pid ?? 0,
    log: () => log,
    close: async () => {
      gateway.kill('SIGTERM')
      if (gateway.exitCode === null && gateway.signalCode === null) await once(gateway, 'exit')
      await issuer.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
