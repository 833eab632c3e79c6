// `sallyport demo --kubeconfig`: the demo before a real cluster, its lines run by a real kubectl.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { testKey } from '../support/keys.ts'
import { clusterMissing, type KubeCluster, program, startKubeCluster } from '../support/kube-cluster.ts'

const skip = clusterMissing() ?? false
const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'demo-kubernetes-'))
let cluster: KubeCluster
let demo: ChildProcess
let guide = ''

before(async () => {
  if (skip !== false) return
  cluster = await startKubeCluster()
  const kubeconfig = join(folder, 'kubeconfig')
  const config = {
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [
      {
        name: 'c',
        cluster: {
          server: cluster.url,
          'tls-server-name': 'localhost',
          'certificate-authority-data': Buffer.from(testKey('ca.pem')).toString('base64'),
        },
      },
    ],
    users: [{ name: 'u', user: { token: cluster.gatewayToken } }],
  }
  writeFileSync(kubeconfig, JSON.stringify(config))
  demo = spawn(process.execPath, [bin, 'demo', '--kubeconfig', kubeconfig], {
    env: { ...process.env, SALLYPORT_DEMO: join(folder, 'demo') },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const chunk of demo.stdout ?? []) {
    guide += String(chunk)
    if (guide.includes('Ctrl-C ends it.')) break
  }
})
after(async () => {
  if (skip === false) {
    demo.kill('SIGINT')
    await once(demo, 'exit')
    await cluster.stop()
  }
  rmSync(folder, { recursive: true, force: true })
})

function kubectl(line: string): { readonly status: number | null; readonly said: string } {
  const path = [dirname(program('kubectl') ?? ''), process.env['PATH']].join(delimiter)
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', `. "$0"; ${line}`, join(folder, 'demo', 'env')], {
    encoding: 'utf8',
    env: { ...process.env, PATH: path, HOME: folder },
  })
  return { status, said: `${stdout}${stderr}` }
}

test('every line of the guide does what it says', { skip }, () => {
  const lines = [...guide.matchAll(/^ {2}(kubectl .+?) {2,}(\w+)/gm)].map(([, line = '', what = '']) => ({
    line,
    what,
  }))
  assert.equal(lines.length, 3, guide)
  for (const { line, what } of lines) {
    const { status, said } = kubectl(line)
    assert.equal(status === 0, what === 'allowed', `${line}: ${said}`)
    if (what !== 'allowed') assert.match(said, /Forbidden.*(secrets|read-only)/s, line)
  }
  assert.match(kubectl('kubectl get namespaces').said, /^default +Active/m)
})
