// Kubernetes through the gateway against direct, TLS everywhere, each in its own process: a list of 10,000 pods, the time
// that a GET takes longer, and what a watch holds.
import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { testKey } from '../support/keys.ts'
import { clusterMissing, type KubeCluster, startKubeCluster } from '../support/kube-cluster.ts'
import { benchPod, benchPods } from '../support/kube-pods.ts'

/** The bench's name. */
export const name = 'kubernetes'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  'GET of a pod, added by':
    'it goes with how long the server itself takes, which shares two processors with etcd, the gateway and the client, and leaves them to code that is no longer near.',
  watches: 'a stream of HTTP/2 to the client and another to the cluster for each, with what Node keeps of both.',
  'list of 10,000 pods':
    'the test server only copies bytes, which no API server does; every byte is copied once more here, and read under masks.',
  'memory over idle': 'pieces of the list that wait to be masked, until the collector comes.',
}

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

/** As the product runs: compiled. */
const child = fileURLToPath(new URL('../../dist/test/support/kube-bench-child.js', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const rounds = 9
/**
 * GETs of each side before those that count: a gateway that has just begun runs code that is not compiled yet. Between 1,500
 * and 3,000 of them what it adds still fell by up to 0.25 ms, by how soon the compiler got a processor. The first have a
 * row of their own.
 */
const warming = 4000
const first = 1500
const gets = 3000
const watches = 1000
const MiB = 1024 * 1024

interface Process {
  readonly process: ChildProcess
  readonly port: number
}

async function start(...args: readonly string[]): Promise<Process> {
  const process = fork(child, args, { execArgv: ['--expose-gc'] })
  const [{ port }] = await once(process, 'message')
  return { process, port: Number(port) }
}

async function rss({ process }: Process, how: 'settled' | 'rested' = 'settled'): Promise<number> {
  process.send(how)
  const [told] = await once(process, 'message')
  return Number(told.rss)
}

/** Runs the bench. */
export async function run(): Promise<{ rows: Row[] }> {
  execFileSync(process.execPath, [join(root, 'build.mjs')], { cwd: root })
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-b'], { cwd: root })
  const upstream = await start('upstream')
  const plain = await start('gateway', `https://127.0.0.1:${upstream.port}`, 'plain')
  const masked = await start('gateway', `https://127.0.0.1:${upstream.port}`, 'mask')
  try {
    const rows = [
      ...(await lists('test server', clusterMissing() !== undefined, upstream, plain, masked)),
      ...(await latency('test server', upstream, plain, '/api/v1/namespaces/space-1/pods/web-1')),
      ...(await held(`https://127.0.0.1:${upstream.port}`)),
    ]
    return { rows: [...rows, ...(await real())] }
  } finally {
    for (const one of [upstream, plain, masked]) one.process.kill()
  }
}

/** The same lists of a real API server, where one can be had. */
async function real(): Promise<Row[]> {
  const missing = clusterMissing()
  if (missing !== undefined) {
    process.stdout.write(`  no real API server: ${missing}\n`)
    return []
  }
  const cluster = await startKubeCluster()
  const gateways: Process[] = []
  try {
    await fill(cluster)
    for (const masking of ['plain', 'mask'])
      gateways.push(await start('gateway', cluster.url, masking, cluster.gatewayToken))
    const [plain, masked] = gateways
    if (plain === undefined || masked === undefined) return []
    const direct = { port: Number(new URL(cluster.url).port) }
    const path = '/api/v1/namespaces/bench/pods/web-1'
    return [
      ...(await lists('kube-apiserver', true, direct, plain, masked)),
      ...(await latency('kube-apiserver', direct, plain, path)),
    ]
  } finally {
    for (const one of gateways) one.process.kill()
    await cluster.stop()
  }
}

/** Makes the pods, some at a time. */
async function fill(cluster: KubeCluster): Promise<void> {
  await cluster.call('POST', '/api/v1/namespaces', { metadata: { name: 'bench' } })
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < benchPods) {
      const { metadata, spec } = benchPod(next++)
      const { name, labels, annotations } = metadata
      const body = {
        metadata: { name, labels, annotations },
        spec: { ...spec, volumes: [{ name: 'data', emptyDir: {} }] },
      }
      const { status, body: text } = await cluster.call('POST', '/api/v1/namespaces/bench/pods', body)
      if (status !== 201) throw new Error(`a pod cannot be made: ${text}`)
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
}

/** What is listed: the test's own server, or one that only has a port. */
type Listed = Process | { readonly port: number }

/** `goals`: a server that only copies bytes is no measure of what listing costs, so goals are held against a real one. */
async function lists(what: string, goals: boolean, upstream: Listed, plain: Process, masked: Process): Promise<Row[]> {
  const speeds = new Map<Listed, number[]>([upstream, plain, masked].map((one) => [one, []]))
  const peaks = new Map<Process, number>()
  // Idle is before the first list, with one object fetched.
  const idle = new Map<Process, number>()
  for (const one of [plain, masked]) {
    await get(one.port, '/api/v1/namespaces/space-1/pods/web-1', new Agent({ ca: testKey('ca.pem') })).catch(
      () => undefined,
    )
    idle.set(one, await rss(one))
  }
  for (let round = 0; round < rounds; round++) {
    for (const [one, all] of speeds) {
      // The first list warms the process up.
      const measured = round > 0 && 'process' in one && one !== upstream ? one : undefined
      let peak = 0
      const started = performance.now()
      const reading = list(one.port)
      const looking = measured === undefined ? undefined : setInterval(() => measured.process.send('memory'), 50)
      const onMemory = (told: { readonly rss?: number }): void => {
        peak = Math.max(peak, told.rss ?? 0)
      }
      measured?.process.on('message', onMemory)
      const bytes = await reading
      const seconds = (performance.now() - started) / 1000
      clearInterval(looking)
      measured?.process.off('message', onMemory)
      if (round > 0) all.push(bytes / seconds / MiB)
      if (measured !== undefined)
        peaks.set(measured, Math.max(peaks.get(measured) ?? 0, peak - (idle.get(measured) ?? 0)))
    }
  }
  const direct = median(speeds.get(upstream) ?? [])
  const goal = (text: string): { goal?: string } => (goals ? { goal: text } : {})
  const speed = (one: Listed): number => median(speeds.get(one) ?? [])
  return [
    { name: `${what}: list of 10,000 pods, direct`, value: direct, unit: 'MiB/s' },
    {
      name: `${what}: list of 10,000 pods, gateway`,
      value: speed(plain),
      unit: 'MiB/s',
      ratio: speed(plain) / direct,
      ...goal('>= 0.6'),
    },
    {
      name: `${what}: list of 10,000 pods, masked`,
      value: speed(masked),
      unit: 'MiB/s',
      ratio: speed(masked) / direct,
      ...goal('>= 0.4'),
    },
    {
      name: `${what}: memory over idle while listing`,
      value: (peaks.get(plain) ?? 0) / MiB,
      unit: 'MiB',
      ...goal('< 30'),
    },
    {
      name: `${what}: memory over idle while listing, masked`,
      value: (peaks.get(masked) ?? 0) / MiB,
      unit: 'MiB',
      ...goal('< 30'),
    },
  ]
}

async function latency(what: string, upstream: Listed, gateway: Process, path: string): Promise<Row[]> {
  const agents = new Map([upstream, gateway].map((one) => [one, new Agent({ keepAlive: true, ca: testKey('ca.pem') })]))
  const times = new Map<Listed, number[]>([upstream, gateway].map((one) => [one, []]))
  for (let round = 0; round < warming + gets; round++) {
    for (const [one, all] of times) {
      const started = performance.now()
      await get(one.port, path, agents.get(one))
      all.push(performance.now() - started)
    }
  }
  for (const agent of agents.values()) agent.destroy()
  const of = (one: Listed, from: number, to: number): number => median((times.get(one) ?? []).slice(from, to))
  const direct = of(upstream, warming, warming + gets)
  const added = of(gateway, warming, warming + gets) - direct
  const addedFirst = of(gateway, 0, first) - of(upstream, 0, first)
  return [
    { name: `${what}: GET of a pod, direct, p50`, value: direct, unit: 'ms' },
    { name: `${what}: GET of a pod, added by the gateway, p50`, value: added, unit: 'ms', goal: '<= 1' },
    { name: `${what}: GET of a pod, added to the first ${first}, p50`, value: addedFirst, unit: 'ms' },
  ]
}

/**
 * What each of many watches of one connection holds in the gateway. Watches are quiet nearly always, so the gateway is at
 * rest before and after: V8 gives back the room that a burst took only when little was allocated for a while. The row
 * without a goal has that room in it, and what compiling the code of the first requests took.
 */
async function held(upstream: string): Promise<Row[]> {
  // One of its own: what lists and GETs left behind would come and go meanwhile.
  const gateway = await start('gateway', upstream, 'plain')
  const session = connect(`https://127.0.0.1:${gateway.port}`, { ca: testKey('ca.pem') })
  const open = async (): Promise<void> => {
    const stream = session.request({ ':path': '/api/v1/pods?watch=1', authorization: 'Bearer t' })
    await once(stream, 'data')
  }
  await open()
  const before = await rss(gateway)
  const restedBefore = await rss(gateway, 'rested')
  for (let at = 0; at < watches; at += 50) await Promise.all(Array.from({ length: 50 }, open))
  const after = await rss(gateway)
  const restedAfter = await rss(gateway, 'rested')
  session.destroy()
  gateway.process.kill()
  const each = (bytes: number): number => bytes / watches / 1024
  return [
    { name: `one of ${watches} watches`, value: each(restedAfter - restedBefore), unit: 'KiB', goal: '< 40' },
    { name: `one of ${watches} watches, just opened by a new process`, value: each(after - before), unit: 'KiB' },
  ]
}

async function list(port: number): Promise<number> {
  const agent = new Agent({ ca: testKey('ca.pem') })
  return get(port, '/api/v1/pods', agent)
}

function get(port: number, path: string, agent: Agent | undefined): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        ...(agent === undefined ? {} : { agent }),
        headers: { authorization: 'Bearer direct-token' },
      },
      (response) => {
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
        })
        response.on('error', reject)
        response.on('end', () =>
          response.statusCode === 200 ? resolve(bytes) : reject(new Error(`status ${response.statusCode}`)),
        )
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
