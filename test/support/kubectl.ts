// kubectl before a real API server, through `sallyport serve` and direct, each with a namespace of its own: the same output,
// byte by byte, but for what differs between two runs of anything (ages, ids, versions).
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { testKey } from './keys.ts'
import { type KubeCluster, kubectlVersion, program, startKubeCluster } from './kube-cluster.ts'

/** The command of this checkout. */
export const sallyport: string = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
/** The kubectls of this machine. */
export const kubectls: readonly string[] = ['kubectl', 'kubectl-1.27', 'kubectl-1.31', 'kubectl-1.33'].filter(
  (name) => program(name) !== undefined,
)

const policy = `package policy.test
allow if input.action.verb == "connect"
allow if input.action.kube
deny contains {"rule": "test.no_secrets_delete", "message": "secrets stay"} if {
	input.action.kube.verb == "delete"
	input.action.kube.resource == "secrets"
}
deny contains {"rule": "test.no_rm", "message": "rm is refused"} if {
	some command in input.action.kube.exec.shell.commands
	command.name == "rm"
}
deny contains {"rule": "test.no_privileged", "message": "privileged pods are refused"} if input.action.kube.pod.privileged
deny contains {"rule": "test.no_port_22", "message": "port 22 is refused"} if 22 in input.action.kube.ports
mask contains {"json": "$.data.*", "with": "redact"} if input.action.kube.resource == "secrets"
mask contains {"detect": "credit_card", "with": "last4"} if input.action.kube.subresource in {"log", "exec"}
filter contains {"relation": "configmaps", "where": "$.metadata.labels.team = 'a'"} if input.action.kube.namespace == "teams"
`

/** Which way a command goes: to the API server itself, or to the gateway, by the ways of its shells. */
export type Side = 'direct' | 'through' | 'lined' | 'wrapped' | 'connected'

/** What came of a command. */
export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** How a command runs. */
export interface Run {
  readonly kubectl?: string
  readonly input?: string
  readonly env?: { readonly [name: string]: string }
  /** Called with the whole lines on standard output so far; true ends the command. */
  readonly enough?: (out: string) => boolean
}

const resources = ['prod', 'lined', 'wrapped']

/** A cluster, the gateway before it, and kubectl on all sides. */
export class Kubectl {
  readonly cluster: KubeCluster
  readonly issuer: DevIssuer
  /** A folder with the kubeconfigs. */
  readonly home: string
  readonly #children = new Set<ChildProcess>()
  #gateway: ChildProcess | undefined

  constructor(cluster: KubeCluster, issuer: DevIssuer) {
    this.cluster = cluster
    this.issuer = issuer
    this.home = mkdtempSync(join(tmpdir(), 'kubectl-'))
  }

  /** Starts all of it. */
  static async start(): Promise<Kubectl> {
    process.stdout.write(
      `cluster: kube-apiserver and etcd of this machine; ${kubectls.map((name) => kubectlVersion(program(name) ?? name)).join(', ')}\n`,
    )
    const made = new Kubectl(...(await Promise.all([startKubeCluster(), startDevIssuer()])))
    try {
      await made.#furnish()
    } catch (error) {
      await made.stop()
      throw error
    }
    return made
  }

  /** Ends all of it. */
  async stop(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL')
    this.#gateway?.kill('SIGKILL')
    await Promise.all([this.cluster.stop(), this.issuer.close()])
    rmSync(this.home, { recursive: true, force: true })
  }

  /** A token of the agent. */
  token(groups: readonly string[] = ['dev']): Promise<string> {
    return this.issuer.token({ subject: 'agent-1', kind: 'agent', groups, scopes: [], lifetimeSeconds: 1800 })
  }

  /** What a command is run with on one side. */
  environment(side: Side): NodeJS.ProcessEnv {
    const { home } = this
    return {
      ...process.env,
      HOME: home,
      KUBECONFIG: join(home, `${side}.json`),
      KUBECACHEDIR: join(home, `cache-${side}`),
    }
  }

  /** Runs kubectl. */
  run(side: Side, args: readonly string[], run: Run = {}): Promise<Ran> {
    return this.command(program(run.kubectl ?? 'kubectl') ?? '', side, args, run)
  }

  /** Runs a program that reads KUBECONFIG. */
  command(path: string, side: Side, args: readonly string[], run: Run = {}): Promise<Ran> {
    const env = { ...this.environment(side), ...run.env }
    const child = spawn(path, [...args], { env, stdio: 'pipe' })
    this.#children.add(child)
    const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString('latin1')
      // Tables are written cell by cell: what would end the command may be the beginning of a line.
      if (run.enough?.(out.slice(0, out.lastIndexOf('\n') + 1)) === true) child.kill('SIGTERM')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString('latin1')
    })
    child.stdin.on('error', () => undefined)
    child.stdin.end(run.input ?? '')
    return new Promise((resolve) => {
      child.on('close', (code) => {
        clearTimeout(timer)
        this.#children.delete(child)
        resolve({ code, out, err })
      })
    })
  }

  /** Ends the commands that run. */
  interrupt(): void {
    for (const child of this.#children) child.kill('SIGTERM')
  }

  /** Runs the same on both sides, `SPACE` being the namespace of each; answers what came through the gateway. */
  async same(args: readonly string[], run: Run = {}): Promise<Ran> {
    const of = async (side: Side, space: string): Promise<Ran> =>
      this.run(
        side,
        args.map((arg) => arg.replaceAll('SPACE', space)),
        { ...run, ...(run.input === undefined ? {} : { input: run.input.replaceAll('SPACE', space) }) },
      )
    const [direct, through] = [await of('direct', 'one'), await of('through', 'two')]
    assert.deepEqual(
      { code: through.code, out: settled(through.out), err: settled(through.err) },
      { code: direct.code, out: settled(direct.out), err: settled(direct.err) },
      args.join(' '),
    )
    return through
  }

  async #furnish(): Promise<void> {
    const { cluster } = this
    const ports = await this.#startGateway()
    const token = await this.token()
    this.#kubeconfig('direct', cluster.url, cluster.directToken)
    this.#kubeconfig('through', `https://127.0.0.1:${ports.get('prod')}/clusters/prod`, token)
    for (const name of ['lined', 'wrapped'])
      this.#kubeconfig(name, `https://127.0.0.1:${ports.get(name)}/clusters/${name}`, token)
    for (const space of ['one', 'two']) {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: space } }
      await cluster.call('POST', '/api/v1/namespaces', object)
      await cluster.call('POST', `/api/v1/namespaces/${space}/pods`, pod('web'))
      await this.#running(space, 'web')
    }
  }

  /** Says what a kubelet would: the pod runs. */
  async #running(space: string, name: string): Promise<void> {
    const containerStatuses = [
      {
        name: 'app',
        image: 'example.org/app:1',
        imageID: 'x',
        ready: true,
        restartCount: 0,
        started: true,
        state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
      },
    ]
    const conditions = [{ type: 'Ready', status: 'True' }]
    const status = { phase: 'Running', podIP: '10.1.1.1', hostIP: '127.0.0.1', containerStatuses, conditions }
    const answer = await this.cluster.call('PATCH', `/api/v1/namespaces/${space}/pods/${name}/status`, { status })
    assert.equal(answer.status, 200, answer.body)
  }

  /** Starts the gateway; answers the ports of its listeners. */
  async #startGateway(): Promise<ReadonlyMap<string, number>> {
    const { home, cluster, issuer } = this
    const write = (name: string, text: string): void => writeFileSync(join(home, name), text, { mode: 0o600 })
    mkdirSync(join(home, 'policies'))
    write('policies/p.rego', policy)
    const { privateKey } = generateKeyPairSync('ed25519')
    write('sign.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
    write('jwks.json', JSON.stringify(issuer.jwks))
    write('token', cluster.gatewayToken)
    for (const name of ['server.pem', 'server.key', 'ca.pem']) write(name, testKey(name))
    const listener = (name: string): string =>
      `  - { protocol: kubernetes, name: ${name}, resources: [${name}], address: "127.0.0.1:0", tls: { certificate: server.pem, key: "file:server.key" } }`
    const shells: { readonly [name: string]: string } = {
      lined: '    shells: [lines]\n',
      wrapped: '    shells: [wrapper]\n',
    }
    const resource = (name: string): string =>
      `  - name: ${name}
    protocol: kubernetes
${shells[name] ?? ''}    upstream: { server: "${cluster.url}", cluster: prod, credential: "file:token", tls: { ca: ca.pem } }`
    write(
      'sallyport.yaml',
      `version: 1
gateway: { id: gate-1 }
listeners:
${resources.map(listener).join('\n')}
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
${resources.map(resource).join('\n')}
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policies }]
recording: { signing_key: "file:sign.pem", sync: os }
`,
    )
    const gateway = spawn(process.execPath, [sallyport, 'serve', '--config', join(home, 'sallyport.yaml')], {
      cwd: home,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#gateway = gateway
    return new Promise((resolve, reject) => {
      let out = ''
      const look = (chunk: Buffer): void => {
        out += chunk.toString()
        const lines = out.split('\n').slice(0, -1)
        const told = lines.filter((one) => one.includes('"listening"')).map((one): Told => JSON.parse(one))
        const ports = new Map(told.map(({ listener: name, port }) => [name, port]))
        if (resources.every((name) => ports.has(name))) resolve(ports)
      }
      gateway.stdout.on('data', look)
      gateway.stderr.on('data', look)
      gateway.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${out}`)))
    })
  }

  #kubeconfig(name: string, server: string, token: string): void {
    const cluster = { server, 'certificate-authority-data': Buffer.from(testKey('ca.pem')).toString('base64') }
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c',
      clusters: [{ name: 'c', cluster }],
      users: [{ name: 'u', user: { token } }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    }
    writeFileSync(join(this.home, `${name}.json`), JSON.stringify(config), { mode: 0o600 })
  }
}

/** What the gateway says of a listener that is up. */
interface Told {
  readonly listener: string
  readonly port: number
}

function pod(name: string): object {
  const container = { name: 'app', image: 'example.org/app:1', stdin: true, ports: [{ containerPort: 8080 }] }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [container], automountServiceAccountToken: false },
  }
}

/** A text without what may differ between two runs of the same. */
export function settled(text: string): string {
  return (
    text
      .replace(/\b(one|two)\b/g, 'SPACE')
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UID')
      .replace(/(resourceVersion"?: ?"?)\d+/g, '$1N')
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
      .replace(/(Creation|Start) ?Time(stamp)?: .*/gi, 'TIME')
      .replace(/\b(\d+[dhms])+\b/g, 'AGE')
      .replace(/ +/g, ' ')
      .replace(/https:\/\/127\.0\.0\.1:\d+(\/clusters\/prod)?/g, 'SERVER')
      // kubectl cp prints what tar says only when it comes before the end.
      .replace(/^tar: Removing leading .*\n/gm, '')
      .replace(/^[EWI]\d{4} [\d:.]+ +\d+ /gm, 'LOG ')
      // Some kubectls say so of the first, empty message when it is there before they look for it.
      .replace(/^LOG websocket\.go:\d+\] Unknown stream id \d, discarding message\n/gm, '')
  )
}
