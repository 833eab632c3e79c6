// HTTP through the gateway against nginx as reverse proxy, in one run: the same origin, 32 clients of wrk, 10 KB of JSON,
// a decision of a Rego policy for every request. Then masking, latency at one client, and a large array as it flows.
import { type ChildProcess, execFileSync, fork, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../support/free-port.ts'
import { accepting } from '../support/http-reference.ts'

/** The bench's name. */
export const name = 'http'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  'a decision for every request':
    'one process of Node beside one worker of nginx; the request is read into facts, decided, recorded and written anew.',
  'a decision and masking': 'as before, and every byte of the answer is read.',
}

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

/** As the product runs: compiled. */
const child = fileURLToPath(new URL('../../dist/test/support/http-bench-child.js', import.meta.url))
const root = fileURLToPath(new URL('../..', import.meta.url))
const rounds = 5
const seconds = 2
const largeElements = 540_000

const user = (index: number): object => ({
  id: index,
  name: `user number ${index}`,
  card: '4111111111111111',
  email: `u${index}@example.org`,
  tags: ['alpha', 'beta'],
  address: { street: 'Main street 12', city: 'Nowhere', zip: '12345' },
})
const users = (count: number): Buffer =>
  Buffer.from(JSON.stringify({ users: Array.from({ length: count }, (_, index) => user(index)) }))

/** Runs the bench. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  for (const program of ['nginx', 'wrk'])
    if (spawnSync('which', [program]).status !== 0) return { rows: [], skipped: `${program} is not installed` }
  execFileSync(process.execPath, [join(root, 'build.mjs')], { cwd: root })
  execFileSync(join(root, 'node_modules/.bin/tsc'), ['-b'], { cwd: root })
  if (!existsSync(child)) throw new Error('the gateway of the bench is not compiled')
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-http-bench-'))
  const stops: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })]
  try {
    const files = join(folder, 'files')
    mkdirSync(join(files, 'large'), { recursive: true })
    writeFileSync(join(files, 'users'), users(55))
    writeFileSync(join(files, 'large', 'users'), users(largeElements))
    const origin = await nginx(folder, 'origin', `root ${files}; default_type application/json;`, stops)
    const proxy = await nginx(
      folder,
      'proxy',
      'location / { proxy_pass http://origin; proxy_http_version 1.1; proxy_set_header Connection ""; }',
      stops,
      `upstream origin { server 127.0.0.1:${origin}; keepalive 64; }`,
    )
    const plain = await gateway(origin, 'plain', stops)
    const mask = await gateway(origin, 'mask', stops)
    return { rows: [...throughput(origin, proxy, plain.port, mask.port), ...maskerSpeed(), await flat(mask)] }
  } finally {
    for (const stop of stops.reverse()) stop()
  }
}

function throughput(origin: number, proxy: number, plain: number, mask: number): Row[] {
  const rates = { nginx: [] as number[], plain: [] as number[], mask: [] as number[] }
  const latencies = { direct: [] as number[], plain: [] as number[] }
  for (const port of [proxy, plain, mask]) wrk(port, 32, 1)
  for (let round = 0; round < rounds; round++) {
    rates.nginx.push(wrk(proxy, 32, seconds).rate)
    rates.plain.push(wrk(plain, 32, seconds).rate)
    rates.mask.push(wrk(mask, 32, seconds).rate)
    latencies.direct.push(wrk(origin, 1, 1).p50Ms)
    latencies.plain.push(wrk(plain, 1, 1).p50Ms)
  }
  const reference = median(rates.nginx)
  const added = median(latencies.plain) - median(latencies.direct)
  return [
    { name: 'nginx, 32 clients, 10 KB', value: reference, unit: 'req/s' },
    against('a decision for every request', median(rates.plain), reference, '>= 0.5'),
    against('a decision and masking for every request', median(rates.mask), reference, '>= 0.3'),
    { name: 'added p50 at one client', value: added, unit: 'ms', goal: '<= 0.3' },
  ]
}

function against(what: string, rate: number, reference: number, goal: string): Row {
  return { name: what, value: rate, unit: 'req/s', ratio: rate / reference, goal }
}

/** One masked member of each of the elements, as the product runs it; by processor time, whatever else runs. */
function maskerSpeed(): Row[] {
  return [
    { what: '10 KB', body: users(55), goal: '>= 180' },
    { what: '1 MB', body: users(5500), goal: '>= 400' },
  ].map(({ what, body, goal }) => {
    const script = `import { compilePaths, JsonMasker } from ${JSON.stringify(new URL('../../dist/engine/masking/index.js', import.meta.url).href)}
      const paths = compilePaths([{ path: '$.users[*].card', strategy: 'last4' }]), hashKey = new Uint8Array(32)
      const body = Buffer.from(process.env.BODY_FILE ? (await import('node:fs')).readFileSync(process.env.BODY_FILE) : '')
      let best = 0
      for (let round = 0; round < 18; round++) {
        const started = process.cpuUsage(), times = Math.ceil(1e7 / body.length)
        for (let each = 0; each < times; each++) { const masker = new JsonMasker(paths, { hashKey }); masker.push(body); masker.end() }
        const { user, system } = process.cpuUsage(started)
        best = Math.max(best, (body.length * times) / (user + system))
      }
      console.log(best)`
    const folder = mkdtempSync(join(tmpdir(), 'sallyport-masker-'))
    try {
      const file = join(folder, 'body.json')
      writeFileSync(file, body)
      const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, BODY_FILE: file },
      })
      return { name: `masking ${what} bodies`, value: Number(out), unit: 'MB/s', goal }
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

/** Memory that the gateway takes on for a large array, while a client reads it as fast as it comes. */
async function flat(gateway: { readonly process: ChildProcess; readonly port: number }): Promise<Row> {
  const before = await rss(gateway.process)
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
    get(
      { port: gateway.port, path: '/large/users', headers: { host: 'api.example', authorization: 'Bearer good' } },
      resolve,
    ).on('error', reject),
  )
  let bytes = 0
  let most = before
  for await (const chunk of response) {
    const seen = bytes >> 24
    bytes += (chunk as Buffer).length
    if (bytes >> 24 !== seen) most = Math.max(most, await rss(gateway.process))
  }
  const MiB = 1024 * 1024
  return {
    name: `memory for an array of ${Math.round(bytes / 1e6)} MB`,
    value: (most - before) / MiB,
    unit: 'MiB',
    goal: '< 64',
  }
}

async function rss(process: ChildProcess): Promise<number> {
  process.send('memory')
  const [told] = await once(process, 'message')
  return Number(told.rss)
}

async function gateway(
  upstream: number,
  mode: string,
  stops: (() => void)[],
): Promise<{ process: ChildProcess; port: number }> {
  const process = fork(child, [String(upstream), mode], { execArgv: ['--expose-gc'] })
  stops.push(() => process.kill())
  const ended = once(process, 'exit').then(() => {
    throw new Error('the gateway of the bench ended')
  })
  ended.catch(() => undefined)
  const [{ port }] = await Promise.race([once(process, 'message'), ended])
  return { process, port: Number(port) }
}

async function nginx(
  folder: string,
  what: string,
  server: string,
  stops: (() => void)[],
  before = '',
): Promise<number> {
  const port = await freePort()
  const own = join(folder, what)
  mkdirSync(own)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((one) => `${one}_temp_path ${own}/${one};`)
  writeFileSync(
    join(own, 'server.conf'),
    `daemon off; master_process off; pid ${own}/pid; error_log stderr crit; events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000; ${temporary.join(' ')} ${before}
  server { listen 127.0.0.1:${port}; ${server} } }
`,
  )
  const process = spawn('nginx', ['-p', own, '-c', join(own, 'server.conf')], { stdio: 'inherit' })
  stops.push(() => process.kill())
  await accepting(port, process, () => '')
  return port
}

function wrk(port: number, connections: number, duration: number): { rate: number; p50Ms: number } {
  const out = execFileSync(
    'wrk',
    [
      '-t1',
      `-c${connections}`,
      `-d${duration}s`,
      '--latency',
      '-H',
      'Host: api.example',
      '-H',
      'Authorization: Bearer good',
      `http://127.0.0.1:${port}/users`,
    ],
    { encoding: 'utf8' },
  )
  if (/Non-2xx|Socket errors/.test(out)) throw new Error(out)
  const p50 = /50%\s+([\d.]+)(us|ms|s)/.exec(out)
  const unit = { us: 0.001, ms: 1, s: 1000 }[p50?.[2] ?? ''] ?? Number.NaN
  return { rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(out)?.[1]), p50Ms: Number(p50?.[1]) * unit }
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
