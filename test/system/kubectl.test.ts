// A real kubectl against a real API server, through `sallyport serve` and direct: the same output, byte by byte, but for
// what differs between two runs of anything (ages, ids, versions).
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type DevIssuer, startDevIssuer } from '../../proxy/identity/index.ts'
import { testKey } from '../support/keys.ts'
import { clusterMissing, type KubeCluster, kubectlVersion, program, startKubeCluster } from '../support/kube-cluster.ts'

const missing = clusterMissing()
const skip = missing ?? false
const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))
const kubectls = ['kubectl', 'kubectl-1.27', 'kubectl-1.31', 'kubectl-1.33'].filter(
  (name) => program(name) !== undefined,
)

const noPython = spawnSync('python3', ['--version']).status === 0 ? false : 'python3 does not run here'

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
`

let cluster: KubeCluster
let issuer: DevIssuer
let gateway: ChildProcess
let home: string
before(async () => {
  if (skip !== false) return
  process.stdout.write(
    `cluster: kube-apiserver and etcd of this machine; ${kubectls.map((name) => kubectlVersion(program(name) ?? name)).join(', ')}\n`,
  )
  ;[cluster, issuer] = await Promise.all([startKubeCluster(), startDevIssuer()])
  home = mkdtempSync(join(tmpdir(), 'kubectl-'))
  const { kube: port, lined } = await startGateway()
  const token = await issuer.token({
    subject: 'agent-1',
    kind: 'agent',
    groups: ['dev'],
    scopes: [],
    lifetimeSeconds: 1800,
  })
  kubeconfig('direct', cluster.url, cluster.directToken)
  kubeconfig('through', `https://127.0.0.1:${port}/clusters/prod`, token)
  kubeconfig('lined', `https://127.0.0.1:${lined}/clusters/lined`, token)
  for (const space of ['one', 'two']) {
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: space } }
    await cluster.call('POST', '/api/v1/namespaces', object)
    await cluster.call('POST', `/api/v1/namespaces/${space}/pods`, pod('web'))
    await running(space, 'web')
  }
})
after(async () => {
  if (skip !== false) return
  gateway.kill('SIGKILL')
  await Promise.all([cluster.stop(), issuer.close()])
})

function pod(name: string): object {
  const container = { name: 'app', image: 'example.org/app:1', stdin: true, ports: [{ containerPort: 8080 }] }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web' } },
    spec: { nodeName: 'node-1', containers: [container], automountServiceAccountToken: false },
  }
}

/** Says what a kubelet would: the pod runs. */
async function running(space: string, name: string): Promise<void> {
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
  const answer = await cluster.call('PATCH', `/api/v1/namespaces/${space}/pods/${name}/status`, { status })
  assert.equal(answer.status, 200, answer.body)
}

/** What the gateway says of a listener that is up. */
interface Told {
  readonly listener: string
  readonly port: number
}

/** Starts it; answers the ports of its listeners. */
async function startGateway(): Promise<{ readonly kube: number; readonly lined: number }> {
  const write = (name: string, text: string): void => writeFileSync(join(home, name), text, { mode: 0o600 })
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
  - { protocol: kubernetes, name: kube, resources: [prod], address: "127.0.0.1:0", tls: { certificate: server.pem, key: "file:server.key" } }
  - { protocol: kubernetes, name: lined, resources: [lined], address: "127.0.0.1:0", tls: { certificate: server.pem, key: "file:server.key" } }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "${issuer.url}", jwks: jwks.json, audiences: [${issuer.audience}], algorithms: [ES256], kind: agent }
resources:
  - name: prod
    protocol: kubernetes
    upstream: { server: "${cluster.url}", cluster: prod, credential: "file:token", tls: { ca: ca.pem } }
  - name: lined
    protocol: kubernetes
    shells: [lines]
    upstream: { server: "${cluster.url}", cluster: prod, credential: "file:token", tls: { ca: ca.pem } }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policies }]
recording: { signing_key: "file:sign.pem", sync: os }
`,
  )
  gateway = spawn(process.execPath, [bin, 'serve', '--config', join(home, 'sallyport.yaml')], {
    cwd: home,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return new Promise((resolve, reject) => {
    let out = ''
    const look = (chunk: Buffer): void => {
      out += chunk.toString()
      const lines = out.split('\n').slice(0, -1)
      const told = lines.filter((one) => one.includes('"listening"')).map((one): Told => JSON.parse(one))
      const [kube, lined] = ['kube', 'lined'].map((name) => told.find(({ listener }) => listener === name)?.port)
      if (kube !== undefined && lined !== undefined) resolve({ kube, lined })
    }
    gateway.stdout?.on('data', look)
    gateway.stderr?.on('data', look)
    gateway.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${out}`)))
  })
}

function kubeconfig(name: string, server: string, token: string): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    clusters: [
      {
        name: 'c',
        cluster: { server, 'certificate-authority-data': Buffer.from(testKey('ca.pem')).toString('base64') },
      },
    ],
    users: [{ name: 'u', user: { token } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  }
  writeFileSync(join(home, `${name}.json`), JSON.stringify(config), { mode: 0o600 })
}

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

interface Run {
  readonly kubectl?: string
  readonly input?: string
  readonly env?: { readonly [name: string]: string }
  /** Called with everything on standard output so far; true ends the command. */
  readonly enough?: (out: string) => boolean
}

function kubectl(side: 'direct' | 'through' | 'connected', args: readonly string[], run: Run = {}): Promise<Ran> {
  const env = {
    ...process.env,
    HOME: home,
    KUBECONFIG: join(home, `${side}.json`),
    KUBECACHEDIR: join(home, `cache-${side}`),
    ...run.env,
  }
  const child = spawn(program(run.kubectl ?? 'kubectl') ?? '', [...args], {
    env,
    stdio: 'pipe',
  })
  children.add(child)
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString('latin1')
    if (run.enough?.(out) === true) child.kill('SIGTERM')
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString('latin1')
  })
  child.stdin.on('error', () => undefined)
  child.stdin.end(run.input ?? '')
  return new Promise((resolve) => {
    child.on('close', (code) => {
      clearTimeout(timer)
      children.delete(child)
      resolve({ code, out, err })
    })
  })
}

/** What may differ between two runs of the same. */
function settled(text: string): string {
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
  )
}

async function same(args: readonly string[], run: Run = {}): Promise<Ran> {
  const at = (space: string): string[] => args.map((arg) => arg.replaceAll('SPACE', space))
  const [direct, through] = [await kubectl('direct', at('one'), run), await kubectl('through', at('two'), run)]
  assert.deepEqual(
    { code: through.code, out: settled(through.out), err: settled(through.err) },
    { code: direct.code, out: settled(direct.out), err: settled(direct.err) },
    args.join(' '),
  )
  return through
}

const deployment = (image: string): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop, namespace: SPACE }
spec:
  replicas: 2
  selector: { matchLabels: { app: shop } }
  template:
    metadata: { labels: { app: shop } }
    spec: { containers: [{ name: app, image: "${image}" }] }
`

/** A manifest of each side's own namespace. */
async function sameManifest(args: readonly string[], manifest: string): Promise<Ran> {
  const results: Ran[] = []
  for (const [side, space] of [
    ['direct', 'one'],
    ['through', 'two'],
  ] as const)
    results.push(
      await kubectl(
        side,
        args.map((arg) => arg.replaceAll('SPACE', space)),
        { input: manifest.replaceAll('SPACE', space) },
      ),
    )
  const [direct, through] = results
  assert.ok(direct !== undefined && through !== undefined)
  assert.deepEqual(
    [through.code, settled(through.out), settled(through.err)],
    [direct.code, settled(direct.out), settled(direct.err)],
    args.join(' '),
  )
  return through
}

test('reads: discovery, tables, YAML, describe, explain, raw', { skip }, async () => {
  for (const args of [
    ['version'],
    ['api-resources'],
    ['api-versions'],
    ['cluster-info'],
    ['get', 'nodes', '-o', 'wide'],
    ['get', 'namespaces', '-o', 'name'],
    ['get', 'pods', '-n', 'SPACE'],
    ['get', 'pods', '-n', 'SPACE', '-o', 'wide', '--show-labels'],
    ['get', 'pod', 'web', '-n', 'SPACE', '-o', 'yaml'],
    ['get', 'pod', 'web', '-n', 'SPACE', '-o', 'json'],
    ['get', 'pod', 'web', '-n', 'SPACE', '-o', 'jsonpath={.spec.nodeName}'],
    ['get', 'pods', '-n', 'SPACE', '-l', 'app=web,app!=db', '--field-selector', 'metadata.name=web'],
    ['get', 'pod', 'nothing', '-n', 'SPACE'],
    ['get', 'nonsense', '-n', 'SPACE'],
    ['describe', 'pod', 'web', '-n', 'SPACE'],
    ['describe', 'node', 'node-1'],
    ['explain', 'pod.spec.containers'],
    ['get', '--raw', '/version'],
    ['get', '--raw', '/healthz'],
    ['auth', 'can-i', 'delete', 'pods', '-n', 'SPACE'],
    ['auth', 'can-i', '--list', '-n', 'SPACE'],
    ['top', 'nodes'],
    ['events', '-n', 'SPACE'],
  ])
    await same(args)
})

test('writes: apply, server-side apply, patch, scale, rollout, label, dry run, delete', { skip }, async () => {
  await sameManifest(['apply', '-f', '-'], deployment('example.org/app:1'))
  await sameManifest(['apply', '-f', '-'], deployment('example.org/app:2'))
  await sameManifest(['apply', '--server-side', '--force-conflicts', '-f', '-'], deployment('example.org/app:3'))
  await sameManifest(['apply', '--dry-run=server', '-f', '-'], deployment('example.org/app:4'))
  await sameManifest(['diff', '-f', '-'], deployment('example.org/app:3'))
  for (const args of [
    ['get', 'deployment', 'shop', '-n', 'SPACE', '-o', 'yaml', '--show-managed-fields'],
    ['scale', 'deployment', 'shop', '--replicas=3', '-n', 'SPACE'],
    ['patch', 'deployment', 'shop', '-n', 'SPACE', '-p', '{"spec":{"paused":true}}'],
    [
      'patch',
      'deployment',
      'shop',
      '-n',
      'SPACE',
      '--type=json',
      '-p',
      '[{"op":"replace","path":"/spec/replicas","value":1}]',
    ],
    ['patch', 'deployment', 'shop', '-n', 'SPACE', '--type=merge', '-p', '{"spec":{"paused":null}}'],
    ['set', 'image', 'deployment/shop', 'app=example.org/app:5', '-n', 'SPACE'],
    ['rollout', 'history', 'deployment/shop', '-n', 'SPACE'],
    ['rollout', 'restart', 'deployment/shop', '-n', 'SPACE'],
    ['label', 'deployment', 'shop', 'team=a', '-n', 'SPACE'],
    ['annotate', 'deployment', 'shop', 'note=b', '-n', 'SPACE'],
    ['create', 'configmap', 'settings', '--from-literal=a=b', '-n', 'SPACE'],
    ['create', 'configmap', 'settings', '--from-literal=a=b', '-n', 'SPACE'],
    ['expose', 'pod', 'web', '--port=80', '-n', 'SPACE'],
    ['delete', 'configmap', 'settings', '-n', 'SPACE'],
    ['delete', 'deployment', 'shop', '-n', 'SPACE', '--cascade=orphan', '--wait=false'],
    ['delete', 'service', '-l', 'app=web', '-n', 'SPACE'],
  ])
    await same(args)
})

test('a watch prints what happens while it happens', { skip }, async () => {
  for (const space of ['one', 'two'])
    await cluster.call('POST', `/api/v1/namespaces/${space}/configmaps`, { metadata: { name: 'early' } })
  const results = await Promise.all(
    (
      [
        ['direct', 'one'],
        ['through', 'two'],
      ] as const
    ).map(async ([side, space]) => {
      let made = false
      return kubectl(side, ['get', 'configmaps', '-n', space, '--watch', '-o', 'name'], {
        enough: (out) => {
          if (!made && out.includes('configmap/')) {
            made = true
            void cluster.call('POST', `/api/v1/namespaces/${space}/configmaps`, { metadata: { name: 'late' } })
          }
          return out.includes('late\n')
        },
      })
    }),
  )
  assert.equal(settled(results[1]?.out ?? ''), settled(results[0]?.out ?? ''))
  assert.match(results[1]?.out ?? '', /configmap\/late/)
})

test('logs, followed and not, and what is found in them masked', { skip }, async () => {
  await same(['logs', 'web', '-n', 'SPACE'])
  await same(['logs', '-f', 'web', '-n', 'SPACE', '--tail=5'])
  cluster.kubelet.logs = 'paid with 4111111111111111\nbye\n'
  const { out } = await kubectl('through', ['logs', '-f', 'web', '-n', 'two'])
  assert.equal(out, 'paid with ************1111\nbye\n')
  cluster.kubelet.logs = 'line 1\nline 2\n'
})

for (const name of kubectls) {
  for (const webSockets of ['true', 'false']) {
    const env = { KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets, KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets }
    const run = { kubectl: name, env }
    const title = `${name}, ${webSockets === 'true' ? 'WebSockets where it can' : 'SPDY'}`
    test(`${title}: exec, attach and cp`, { skip }, async () => {
      await same(['exec', 'web', '-n', 'SPACE', '--', 'echo', 'a b', 'c'], run)
      await same(['exec', 'web', '-n', 'SPACE', '--', 'ls', '/nothing'], run)
      await same(['exec', '-i', 'web', '-n', 'SPACE', '--', 'cat'], { ...run, input: `${'hello\n'.repeat(20_000)}` })
      await same(['exec', '-i', 'web', '-n', 'SPACE', '--', 'sh', '-c', 'cat >&2; exit 3'], {
        ...run,
        input: 'to stderr',
      })
      const attached = await same(['attach', '-i', 'web', '-n', 'SPACE'], { ...run, input: 'exit\n' })
      assert.match(attached.out, /attached/)
      const from = join(home, `from-${name}-${webSockets}`)
      writeFileSync(from, 'copied '.repeat(50_000))
      await same(['cp', '-n', 'SPACE', from, `web:${join(home, 'SPACE-to')}`], run)
      await same(['cp', '-n', 'SPACE', `web:${from}`, join(home, 'SPACE-back')], run)
    })

    test(`${title}: exec with a terminal, its sizes and its end`, {
      skip: skip !== false ? skip : noPython,
    }, async () => {
      const [direct, through] = [await terminal('direct', 'one', run), await terminal('through', 'two', run)]
      assert.equal(through, direct)
      assert.match(direct, /size 100x30[\s\S]*olleh[\s\S]*size 80x24[\s\S]*bye[\s\S]*exit 3/)
    })

    test(`${title}: what is typed into a shell is judged by line where the cluster says so`, {
      skip: skip !== false ? skip : noPython,
    }, async () => {
      const seen = await terminal('lined', 'two', run)
      assert.match(seen, /size 100x30[\s\S]*olleh[\s\S]*size 80x24[\s\S]*rm is refused[\s\S]*bye[\s\S]*exit 3/)
      assert.doesNotMatch(seen, /x- mr/)
    })

    test(`${title}: port-forward, by port`, { skip }, async () => {
      for (const side of ['direct', 'through'] as const) {
        assert.equal(await forwarded(side, 8080, run), 'port 8080\n')
      }
      assert.equal(await forwarded('through', 22, run), '')
    })

    test(`${title}: a refused command is told in kubectl's own words`, { skip }, async () => {
      const { code, err } = await kubectl('through', ['exec', 'web', '-n', 'two', '--', 'rm', '-rf', '/nothing'], run)
      assert.notEqual(code, 0)
      assert.match(err, /rm is refused .*rule test\.no_rm, decision /)
    })
  }
}

/** A person at a terminal: says hello, makes the window smaller, and leaves. Prints all that was seen, and the exit code. */
const person = `
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 30, 100, 0, 0))
    os.execv(sys.argv[1], sys.argv[1:])
seen = b''
def until(mark):
    global seen
    while mark not in seen:
        try: more = os.read(fd, 65536)
        except OSError: more = b''
        if not more: sys.exit('ended before %r: %r' % (mark, seen))
        seen += more
until(b'size 100x30')
until(b'$ ')
os.write(fd, b'hello\\r')
until(b'olleh')
fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack('HHHH', 24, 80, 0, 0))
until(b'size 80x24')
os.write(fd, b'exit 3\\r')
until(b'bye')
while True:
    try: more = os.read(fd, 65536)
    except OSError: break
    if not more: break
    seen += more
print(seen.decode() + '\\nexit %d' % os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

/** The same person where lines are judged, who also tries what is refused. */
const linedPerson = person.replace(
  "os.write(fd, b'exit 3\\r')",
  "os.write(fd, b'rm -x\\r')\nuntil(b'rm is refused')\nos.write(fd, b'exit 3\\r')",
)

async function terminal(
  side: 'direct' | 'through' | 'lined',
  space: string,
  { kubectl: name, env = {} }: Run,
): Promise<string> {
  const args = ['exec', '-it', 'web', '-n', space, '--', 'sh']
  const script = side === 'lined' ? linedPerson : person
  const child = spawn('python3', ['-c', script, program(name ?? 'kubectl') ?? '', ...args], {
    env: { ...process.env, HOME: home, KUBECONFIG: join(home, `${side}.json`), TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), 60_000)
  let out = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      out += chunk.toString()
    })
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  return settled(out)
}

/** The body that comes through a forwarded port. */
async function forwarded(side: 'direct' | 'through', port: number, run: Run): Promise<string> {
  let answer: Promise<string> | undefined
  await kubectl(side, ['port-forward', '-n', side === 'direct' ? 'one' : 'two', 'pod/web', `:${port}`], {
    ...run,
    enough: (out) => {
      const local = /127\.0\.0\.1:(\d+)/.exec(out)?.[1]
      if (local === undefined || answer !== undefined) return false
      answer = get(Number(local))
      void answer.then(() => {
        for (const child of children) child.kill('SIGTERM')
      })
      return false
    },
  })
  return (await answer) ?? ''
}

const children = new Set<ChildProcess>()

function get(port: number): Promise<string> {
  return new Promise((resolve) => {
    const sent = request({ host: '127.0.0.1', port, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString()
      })
      response.on('close', () => resolve(body))
    })
    sent.on('error', () => resolve(''))
    sent.end()
  })
}

test('debug adds an ephemeral container', { skip }, async () => {
  await same(['debug', 'web', '-n', 'SPACE', '--image=example.org/debug:1', '--container=probe', '--', 'ls'])
  await same(['get', 'pod', 'web', '-n', 'SPACE', '-o', 'jsonpath={.spec.ephemeralContainers[*].name}'])
})

test('values of secrets are masked in every form, and the rest is as it is direct', { skip }, async () => {
  for (const space of ['one', 'two'])
    await cluster.call('POST', `/api/v1/namespaces/${space}/secrets`, {
      metadata: { name: 'db' },
      stringData: { password: 'hunter2' },
    })
  const hidden = Buffer.from('hunter2').toString('base64')
  const redacted = Buffer.from('[redacted]').toString('base64')
  for (const args of [
    ['get', 'secret', 'db', '-o', 'yaml'],
    ['get', 'secrets', '-o', 'json'],
    ['get', 'secret', 'db', '-o', 'jsonpath={.data.password}'],
    ['get', '--raw', '/api/v1/namespaces/SPACE/secrets'],
  ]) {
    const at = (space: string): string[] => [...args.map((arg) => arg.replace('SPACE', space)), '-n', space]
    const [direct, through] = [await kubectl('direct', at('one')), await kubectl('through', at('two'))]
    assert.ok(direct.out.includes(hidden))
    assert.ok(!through.out.includes(hidden))
    assert.equal(settled(through.out), settled(direct.out.replaceAll(hidden, redacted)), args.join(' '))
  }
  await same(['get', 'secrets', '-n', 'SPACE'])
  const { out } = await kubectl('through', ['describe', 'secret', 'db', '-n', 'two'])
  assert.match(out, /password: +10 bytes/)
})

test('refusals are printed as the server would print them, and the next command works', { skip }, async () => {
  const refused = await kubectl('through', ['delete', 'secret', 'db', '-n', 'two'])
  assert.equal(refused.code, 1)
  assert.match(
    refused.err,
    /^Error from server \(Forbidden\): refused by policy: secrets stay .*\(rule test\.no_secrets_delete, decision [0-9a-f-]+\)\n$/,
  )
  const privileged = await kubectl('through', ['run', 'p', '-n', 'two', '--image=x', '--privileged'])
  assert.match(privileged.err, /privileged pods are refused/)
  const as = await kubectl('through', ['get', 'pods', '-n', 'two', '--as=system:admin'])
  assert.match(as.err, /impersonation is refused/)
  await same(['get', 'pods', '-n', 'SPACE'])
})

test('a kubeconfig of `sallyport connect` is all that kubectl needs', { skip }, async () => {
  const command = join(home, 'sallyport')
  writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${bin} "$@"\n`, { mode: 0o755 })
  const through: { clusters: [{ cluster: { server: string } }] } = JSON.parse(
    readFileSync(join(home, 'through.json'), 'utf8'),
  )
  const server = through.clusters[0].cluster.server.replace('/clusters/prod', '')
  const made = spawnSync(
    command,
    [
      'connect',
      'kubernetes',
      '--server',
      server,
      '--cluster',
      'prod',
      '--ca',
      join(home, 'ca.pem'),
      '--namespace',
      'two',
    ],
    { encoding: 'utf8' },
  )
  assert.equal(made.status, 0)
  writeFileSync(join(home, 'connected.json'), made.stdout)
  const token = await issuer.token({ subject: 'agent-1', kind: 'agent', groups: [], scopes: [], lifetimeSeconds: 600 })
  const env = { SALLYPORT_TOKEN: token, PATH: `${home}:${process.env['PATH']}` }
  const { code, out, err } = await kubectl('connected', ['get', 'pods', '-o', 'name'], { env })
  assert.deepEqual([code, out, err], [0, 'pod/web\n', ''])
})
