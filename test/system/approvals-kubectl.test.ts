// Holds with a real kubectl before a real API server: it waits, gets the real result after an approval, its own kind of
// error after a denial, and ends its hold when it goes away. Over plain requests and over streams.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { testKey } from '../support/keys.ts'
import { clusterMissing, type KubeCluster, kubectlVersion, program, startKubeCluster } from '../support/kube-cluster.ts'

const skip = clusterMissing() ?? false
const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const kubectls = ['kubectl', 'kubectl-1.27', 'kubectl-1.31', 'kubectl-1.33'].filter(
  (name) => program(name) !== undefined,
)
const home = mkdtempSync(join(tmpdir(), 'kubectl-holds-'))
const env: NodeJS.ProcessEnv = { ...process.env, HOME: home, KUBECONFIG: join(home, 'config'), NO_COLOR: '1' }
const lookMs = 100
const looksMax = 600

const policy = `package policy.test

allow if input.action.verb == "connect"

allow if input.action.kube

hold contains {"rule": "test.delete", "reason": "it deletes", "reviewers": ["ops"], "quorum": 1, "expires": "5m"} if {
	input.action.kube.verb == "delete"
}

hold contains {"rule": "test.exec", "reason": "it runs a command", "reviewers": ["ops"], "quorum": 1, "expires": "5m"} if {
	input.action.kube.subresource == "exec"
}
`

let cluster: KubeCluster
let issuer: DevIssuer
let gateway: ChildProcess
before(async () => {
  if (skip !== false) return
  ;[cluster, issuer] = await Promise.all([startKubeCluster(), startDevIssuer()])
  const ports = await startGateway()
  env['SALLYPORT_ADMIN_URL'] = `http://127.0.0.1:${ports.get('admin')}`
  env['SALLYPORT_APPROVER'] = join(home, 'approver', 'approver.json')
  const token = await issuer.token({
    subject: 'agent-1',
    kind: 'agent',
    groups: ['dev'],
    scopes: [],
    lifetimeSeconds: 1800,
  })
  const ca = Buffer.from(testKey('ca.pem')).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [
      {
        name: 'c',
        cluster: {
          server: `https://127.0.0.1:${ports.get('kube')}/clusters/prod`,
          'certificate-authority-data': ca,
        },
      },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }
  writeFileSync(join(home, 'config'), JSON.stringify(config), { mode: 0o600 })
  await cluster.call('POST', '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'shop' },
  })
  await runningPod()
})
after(async () => {
  if (skip !== false) return
  const ended = once(gateway, 'exit')
  gateway.kill('SIGKILL')
  await ended
  await Promise.all([cluster.stop(), issuer.close()])
  rmSync(home, { recursive: true, force: true })
})

/** A pod that its (test's own) kubelet says runs. */
async function runningPod(): Promise<void> {
  const container = { name: 'app', image: 'example.org/app:1' }
  await cluster.call('POST', '/api/v1/namespaces/shop/pods', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { nodeName: 'node-1', containers: [container], automountServiceAccountToken: false },
  })
  const state = { running: { startedAt: '2026-01-01T00:00:00Z' } }
  const containerStatuses = [{ ...container, imageID: 'x', ready: true, restartCount: 0, started: true, state }]
  const status = { phase: 'Running', podIP: '10.1.1.1', hostIP: '127.0.0.1', containerStatuses }
  const answer = await cluster.call('PATCH', '/api/v1/namespaces/shop/pods/web/status', { status })
  assert.equal(answer.status, 200, answer.body)
}

async function startGateway(): Promise<ReadonlyMap<string, number>> {
  const write = (name: string, text: string): void => writeFileSync(join(home, name), text, { mode: 0o600 })
  const enrolled = spawnSync(
    process.execPath,
    [
      bin,
      'approver',
      'enroll',
      '--subject',
      'ops-1',
      '--issuer',
      'https://people.example',
      '--out',
      join(home, 'approver'),
    ],
    { encoding: 'utf8' },
  )
  assert.equal(enrolled.status, 0, enrolled.stderr)
  mkdirSync(join(home, 'policies'))
  write('policies/p.rego', policy)
  const { privateKey } = generateKeyPairSync('ed25519')
  write('sign.pem', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  write('jwks.json', JSON.stringify(issuer.jwks))
  write('token', cluster.gatewayToken)
  for (const name of ['server.pem', 'server.key', 'ca.pem']) write(name, testKey(name))
  write(
    'sallyport.yaml',
    `version: 1
gateway: { id: gate-1 }
listeners:
  - { protocol: kubernetes, name: kube, address: "127.0.0.1:0", tls: { certificate: server.pem, key: "file:server.key" } }
  - { protocol: admin, name: admin, address: "127.0.0.1:0" }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
  - name: prod
    protocol: kubernetes
    upstream: { server: "${cluster.url}", cluster: prod, credential: "file:token", tls: { ca: ca.pem } }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policies }]
approvals:
  approvers:
    - { subject: ops-1, issuer: "https://people.example", groups: [ops], key: approver/approver.pub.pem }
recording: { signing_key: "file:sign.pem", sync: os }
`,
  )
  gateway = spawn(process.execPath, [bin, 'serve', '--config', join(home, 'sallyport.yaml')], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ports = new Map<string, number>()
  return new Promise((resolve, reject) => {
    let out = ''
    const look = (chunk: Buffer): void => {
      out += chunk.toString()
      for (const line of out.split('\n')) {
        if (!line.startsWith('{') || !line.endsWith('}')) continue
        const { listener, port } = JSON.parse(line) as { listener?: string; port?: number }
        if (listener !== undefined && port !== undefined) ports.set(listener, port)
      }
      if (ports.size === 2) resolve(ports)
    }
    gateway.stdout?.on('data', look)
    gateway.stderr?.on('data', look)
    gateway.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${out}`)))
  })
}

interface Ended {
  readonly code: number | null
  readonly out: string
}

function start(
  kubectl: string,
  args: readonly string[],
): { readonly child: ChildProcess; readonly over: Promise<Ended> } {
  const child = spawn(program(kubectl) ?? '', [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
  return { child, over: once(child, 'close').then(([code]) => ({ code, out })) }
}

function approvals(...args: string[]): string {
  const { stdout, stderr } = spawnSync(process.execPath, [bin, 'approvals', ...args], { env, encoding: 'utf8' })
  return stdout + stderr
}

const holds = (): readonly string[] => [...approvals('list').matchAll(/^([0-9a-f-]{36}) /gm)].map(([, id = '']) => id)

async function nextHold(): Promise<string> {
  for (let look = 0; look < looksMax; look++) {
    const [id] = holds()
    if (id !== undefined) return id
    await wait(lookMs)
  }
  return assert.fail('nothing is held')
}

async function exists(name: string): Promise<boolean> {
  return (await cluster.call('GET', `/api/v1/namespaces/shop/configmaps/${name}`)).status === 200
}

/** Makes a config map, and answers its name. */
async function thing(name: string): Promise<string> {
  const made = await cluster.call('POST', '/api/v1/namespaces/shop/configmaps', {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name },
  })
  assert.ok(made.status === 201 || made.status === 409, made.body)
  return name
}

for (const kubectl of kubectls.length > 0 ? kubectls : ['kubectl']) {
  const version = skip === false ? kubectlVersion(program(kubectl) ?? '') : kubectl

  test(`${version} deletes after an approval, and is told no after a denial`, { skip }, async () => {
    const name = await thing(`thing-${kubectl.replaceAll('.', '-')}`)
    const args = ['-n', 'shop', 'delete', 'configmap', name]
    const refused = start(kubectl, args)
    const first = await nextHold()
    assert.match(approvals('show', first), /delete configmaps thing-\S* in shop/)
    assert.match(approvals('deny', first, '--reason', 'not today'), /denied/)
    const { code, out } = await refused.over
    assert.notEqual(code, 0)
    assert.match(out, /Error from server \(Forbidden\).*not today/)
    assert.ok(await exists(name))
    const allowed = start(kubectl, args)
    assert.match(approvals('approve', await nextHold()), /approved/)
    const done = await allowed.over
    assert.equal(done.code, 0, done.out)
    assert.ok(done.out.startsWith(`configmap "${name}" deleted`), done.out)
    assert.ok(!(await exists(name)))
  })

  test(`${version} runs a command in a pod after an approval, and not after a denial`, { skip }, async () => {
    const args = ['-n', 'shop', 'exec', 'web', '--', 'sh', '-c', 'echo made']
    const refused = start(kubectl, args)
    // Refused over WebSocket, newer ones ask again over SPDY: the same request, which is not held again.
    let isOver = false
    const over = refused.over.finally(() => {
      isOver = true
    })
    let denied = 0
    for (let look = 0; !isOver && look < looksMax; look++) {
      for (const id of holds()) if (approvals('deny', id, '--reason', 'not today').includes('denied')) denied++
      await wait(lookMs)
    }
    const { code, out } = await over
    assert.equal(denied, 1)
    assert.notEqual(code, 0)
    assert.match(out, /not today/)
    assert.doesNotMatch(out, /made/)
    const allowed = start(kubectl, args)
    assert.match(approvals('approve', await nextHold()), /approved/)
    const done = await allowed.over
    assert.match(done.out, /^made$/m)
    assert.equal(done.code, 0)
  })
}

test('kubectl goes away, and nothing is held any more', { skip }, async () => {
  const name = await thing('left')
  for (const args of [
    ['-n', 'shop', 'delete', 'configmap', name],
    ['-n', 'shop', 'exec', 'web', '--', 'sh', '-c', 'echo made'],
  ]) {
    const { child, over } = start('kubectl', args)
    const id = await nextHold()
    child.kill('SIGKILL')
    await over
    for (let look = 0; holds().includes(id); look++) {
      assert.ok(look < looksMax, `the hold of ${args.join(' ')} outlives its client`)
      await wait(lookMs)
    }
    assert.match(approvals('approve', id), /not open any more/)
  }
  assert.ok(await exists(name))
})
