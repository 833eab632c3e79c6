// A real Helm before a real API server: install, list, upgrade, roll back and uninstall, direct and through the gateway,
// with the same output but for what differs between two runs of anything.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { ActionDocument } from '../../engine/action/index.ts'
import { KubernetesUpstream } from '../../proxy/kubernetes/index.ts'
import { results } from '../support/gate.ts'
import { testKey } from '../support/keys.ts'
import { clusterMissing, type KubeCluster, program, startKubeCluster } from '../support/kube-cluster.ts'
import { type KubeGateway, startKubeGateway } from '../support/kube-gateway.ts'

const helm = program('helm')
const skip = clusterMissing() ?? (helm === undefined ? 'there is no helm here (PATH, SALLYPORT_KUBE_BIN)' : false)
const home = mkdtempSync(join(tmpdir(), 'helm-'))
const chart = join(home, 'shop')
let cluster: KubeCluster
let gateway: KubeGateway

before(async () => {
  if (skip !== false) return
  cluster = await startKubeCluster()
  const upstream = new KubernetesUpstream({
    server: cluster.url,
    tls: { verify: true, ca: testKey('ca.pem') },
    token: async () => cluster.gatewayToken,
    connectMs: 60_000,
  })
  gateway = await startKubeGateway({
    change: { tls: { cert: testKey('server.pem'), key: testKey('server.key') } },
    target: { upstream },
  })
  gateway.parts.live.answer = (input) => {
    const { kube } = (input as ActionDocument).action
    return kube?.pod?.privileged === true ? results.deny : results.allow
  }
  kubeconfig('direct', cluster.url, cluster.directToken)
  kubeconfig('through', `https://127.0.0.1:${gateway.port}/clusters/prod`, 'good')
  for (const name of ['one', 'two'])
    await cluster.call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  mkdirSync(join(chart, 'templates'), { recursive: true })
  const write = (name: string, text: string): void => writeFileSync(join(chart, name), text)
  write('Chart.yaml', 'apiVersion: v2\nname: shop\nversion: 1.0.0\nappVersion: "7"\n')
  write('values.yaml', 'replicas: 1\nprivileged: false\npadding: ""\n')
  write('templates/NOTES.txt', 'the shop has {{ .Values.replicas }} replicas\n')
  write(
    'templates/config.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Release.Name }}-config }\ndata: { padding: "{{ .Values.padding }}" }\n',
  )
  write(
    'templates/deployment.yaml',
    `apiVersion: apps/v1
kind: Deployment
metadata: { name: {{ .Release.Name }} }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec:
      containers:
        - { name: app, image: "example.org/shop:{{ .Chart.AppVersion }}", securityContext: { privileged: {{ .Values.privileged }} } }
`,
  )
})
after(async () => {
  if (skip !== false) return
  await gateway.close()
  await cluster.stop()
  rmSync(home, { recursive: true, force: true })
})

function kubeconfig(name: string, server: string, token: string): void {
  const ca = Buffer.from(testKey('ca.pem')).toString('base64')
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': ca } }],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }
  writeFileSync(join(home, `${name}.json`), JSON.stringify(config), { mode: 0o600 })
}

interface Ran {
  readonly code: number
  readonly out: string
}

function run(side: 'direct' | 'through', args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, HOME: home, KUBECONFIG: join(home, `${side}.json`) }
  const all = [...args, '--namespace', side === 'direct' ? 'one' : 'two']
  return new Promise((resolve) => {
    execFile(helm ?? 'helm', all, { env, timeout: 60_000 }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out: settled(`${out}${err}`) }),
    )
  })
}

function settled(text: string): string {
  return text
    .replace(/\b(one|two)\b/g, 'SPACE')
    .replace(/^(LAST DEPLOYED: ).*/gm, '$1TIME')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \+0000 UTC/g, 'TIME')
    .replace(/[A-Z][a-z]{2} [A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4}/g, 'TIME')
    .replace(/[ \t]+/g, ' ')
}

async function same(...args: readonly string[]): Promise<string> {
  const [direct, through] = [await run('direct', args), await run('through', args)]
  assert.deepEqual(through, direct, args.join(' '))
  assert.equal(through.code, 0, through.out)
  return through.out
}

test('install, list, status, upgrade, history, rollback, get and uninstall are as they are direct', {
  skip,
}, async () => {
  assert.match(await same('install', 'shop', chart), /STATUS: deployed[\s\S]*the shop has 1 replicas/)
  assert.match(await same('list'), /shop SPACE 1 TIME deployed shop-1\.0\.0 7/)
  assert.match(await same('status', 'shop'), /REVISION: 1/)
  // A release is a Secret, compressed; this one is too large for one chunk of anything.
  const padding = Array.from({ length: 4000 }, (_, at) => `${at * 7919}`).join('-')
  assert.match(await same('upgrade', 'shop', chart, '--set', `replicas=3,padding=${padding}`), /has 3 replicas/)
  assert.match(await same('history', 'shop'), /2 TIME deployed/)
  assert.match(await same('get', 'manifest', 'shop'), /replicas: 3/)
  await same('rollback', 'shop', '1')
  assert.match(await same('get', 'manifest', 'shop'), /replicas: 1/)
  const { body } = await cluster.call('GET', '/apis/apps/v1/namespaces/two/deployments/shop')
  assert.equal(JSON.parse(body).spec.replicas, 1)
  assert.match(await same('uninstall', 'shop'), /uninstalled/)
})

test('what the policy refuses fails the release, and names the rule', { skip }, async () => {
  const { code, out } = await run('through', ['install', 'root', chart, '--set', 'privileged=true'])
  assert.notEqual(code, 0)
  assert.match(out, /refused by policy: .*rule p\.no, decision /)
  const { status } = await cluster.call('GET', '/apis/apps/v1/namespaces/two/deployments/root')
  assert.equal(status, 404)
})
