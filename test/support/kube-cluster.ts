// A real cluster for tests: etcd, kube-apiserver, and a kubelet of the test's own that runs commands on this machine.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as requestHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { type FakeKubelet, startFakeKubelet } from './fake-kubelet.ts'
import { freePort } from './free-port.ts'
import { testKey } from './keys.ts'

const folders = [process.env['SALLYPORT_KUBE_BIN'] ?? '', ...(process.env['PATH'] ?? '').split(delimiter)].filter(
  (one) => one !== '',
)

/** The path of a program; undefined when it is nowhere. */
export function program(name: string): string | undefined {
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** Why no cluster can be started here; undefined when it can. */
export function clusterMissing(): string | undefined {
  const missing = ['etcd', 'kube-apiserver', 'kubectl'].filter((name) => program(name) === undefined)
  return missing.length === 0 ? undefined : `there is no ${missing.join(', ')} here (PATH, SALLYPORT_KUBE_BIN)`
}

/** A cluster that runs. */
export interface KubeCluster {
  readonly url: string
  /** Token of an account that may do and impersonate everything. */
  readonly gatewayToken: string
  /** Token that makes a client the user that the gateway impersonates for `agent-1`. */
  readonly directToken: string
  readonly kubelet: FakeKubelet
  /** Calls the API as the gateway's account. */
  call(method: string, path: string, body?: unknown): Promise<{ readonly status: number; readonly body: string }>
  stop(): Promise<void>
}

/** Starts one. */
export async function startKubeCluster(): Promise<KubeCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'kube-'))
  const children: ChildProcess[] = []
  const run = (name: string, args: readonly string[]): ChildProcess => {
    const child = spawn(program(name) ?? name, args, { stdio: 'ignore' })
    children.push(child)
    return child
  }
  const [etcdPort, peerPort, apiPort] = [await freePort(), await freePort(), await freePort()]
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text, { mode: 0o600 })
    return path
  }
  run('etcd', [
    ...['--data-dir', join(folder, 'etcd')],
    ...[
      '--listen-client-urls',
      `http://127.0.0.1:${etcdPort}`,
      '--advertise-client-urls',
      `http://127.0.0.1:${etcdPort}`,
    ],
    ...[
      '--listen-peer-urls',
      `http://127.0.0.1:${peerPort}`,
      '--initial-advertise-peer-urls',
      `http://127.0.0.1:${peerPort}`,
    ],
    ...['--initial-cluster', `default=http://127.0.0.1:${peerPort}`, '--unsafe-no-fsync'],
  ])
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const tokens = 'gateway-token,gateway,1,"system:masters"\ndirect-token,sallyport:agent-1,2,"sallyport:dev"\n'
  run('kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${apiPort}`,
    `--tls-cert-file=${file('tls.pem', testKey('server.pem'))}`,
    `--tls-private-key-file=${file('tls.key', testKey('server.key'))}`,
    `--cert-dir=${folder}`,
    '--service-account-issuer=https://kubernetes.example',
    `--service-account-key-file=${file('sa.pub', publicKey.export({ type: 'spki', format: 'pem' }).toString())}`,
    `--service-account-signing-key-file=${file('sa.key', privateKey.export({ type: 'pkcs1', format: 'pem' }).toString())}`,
    `--token-auth-file=${file('tokens.csv', tokens)}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
    '--kubelet-preferred-address-types=InternalIP',
    '--allow-privileged=true',
    '--feature-gates=PortForwardWebsockets=true',
  ])
  const kubelet = await startFakeKubelet()
  const url = `https://127.0.0.1:${apiPort}`
  const call: KubeCluster['call'] = (method, path, body) => callApi(url, method, path, body)
  const stop = async (): Promise<void> => {
    await kubelet.close()
    for (const child of children.reverse()) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL')
        await once(child, 'exit')
      }
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await ready(call, children)
    await furnish(call, kubelet)
  } catch (error) {
    await stop()
    throw error
  }
  return { url, gatewayToken: 'gateway-token', directToken: 'direct-token', kubelet, call, stop }
}

const readyMs = 90_000

async function ready(call: KubeCluster['call'], children: readonly ChildProcess[]): Promise<void> {
  const untilMs = Date.now() + readyMs
  while (Date.now() < untilMs) {
    if (children.some((child) => child.exitCode !== null)) throw new Error('a server of the cluster ended')
    const answer = await call('GET', '/readyz').catch(() => undefined)
    const defaults = answer?.status === 200 ? await call('GET', '/api/v1/namespaces/default') : undefined
    if (defaults?.status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error('the cluster is not ready in time')
}

/** The node of the fake kubelet, and the rights of the agent. */
async function furnish(call: KubeCluster['call'], kubelet: FakeKubelet): Promise<void> {
  const must = async (method: string, path: string, body: unknown): Promise<void> => {
    const { status, body: text } = await call(method, path, body)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`)
  }
  await must('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node-1' } })
  await must('PUT', '/api/v1/nodes/node-1/status', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1' },
    status: {
      addresses: [{ type: 'InternalIP', address: '127.0.0.1' }],
      daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  })
  await must('POST', '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: 'agent' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ kind: 'User', name: 'sallyport:agent-1', apiGroup: 'rbac.authorization.k8s.io' }],
  })
}

function callApi(
  url: string,
  method: string,
  path: string,
  body: unknown,
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const sent = requestHttps(
      `${url}${path}`,
      {
        method,
        ca: testKey('ca.pem'),
        agent: false,
        headers: {
          authorization: 'Bearer gateway-token',
          ...(text === undefined
            ? {}
            : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
        },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }))
      },
    )
    sent.on('error', reject)
    sent.end(text)
  })
}

/** The version of a kubectl, for the run to say. */
export function kubectlVersion(path: string): string {
  const { stdout } = spawnSync(path, ['version', '--client'], { encoding: 'utf8' })
  return stdout.split('\n')[0] ?? ''
}
