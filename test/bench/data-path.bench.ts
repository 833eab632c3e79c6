// The data path of PostgreSQL by pgbench: the server itself, pgbouncer in session mode and haproxy where they are
// installed, and gateways of one process that decide every statement; with their recorder taken out, and with it. Every
// road has made many transactions of a kind before rounds of it are measured; what its first ones cost is told beside.
// Rounds are interleaved, medians are told. ROUNDS, SECONDS_EACH and CLIENTS (such as `8,32`) make it shorter or longer.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { installed, median, pgbench, type Road, Roads, type Row, shippedPolicies } from '../support/data-path.ts'
import { startPostgres } from '../support/postgres-server.ts'

/** The bench's name. */
export const name = 'data path'

/** What a reader of the page has to know. */
export const how =
  'Each road has made 24,000 transactions of a kind (a gateway of two processes twice as many) of work before rounds of it are measured, since a gateway compiles what it runs most while it runs; what the first 1,000 transactions of one client are like is told for itself. Nothing is kept of what roads without `recorded` in their name would have recorded.'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  'sallyport, two processes':
    'the processors of the machine, which the database and pgbench share: at 32 clients they take about 62 and 16 us of processor for a statement, and the gateway 48, all taken while the machine had other work. With two processors it is they that are full, not the one process, which a second one relieves of nothing.',
  'sallyport, decided':
    "one process of Node: a statement takes it 37 to 38 us of processor at 8 clients where pgbouncer takes 18 to 19 and haproxy 21, and 19 to 20 of each are the system's, for two reads and two writes. At 32 clients the server's processes have pushed what belongs to a session out of the caches when its next statement comes: counted by a profiler, the code of the process took 19 us at 8 clients and 47 at 32, most of the difference where a session's memory is touched first. A relay in Node on raw handles that only copies reached 0.92 (simple) and 0.69 (prepared) of pgbouncer.",
  'sallyport, allow-all': 'as before; the policy itself is the small part of it.',
  'recorded and masked':
    'a write to the recording before every statement goes on, about 20 us of processor for each; the value itself is masked by the server.',
  '1 client': 'the way through the process, and with the record a write of it to a file before the statement goes on.',
}

const rounds = Number(process.env['ROUNDS'] ?? 5)
const seconds = Number(process.env['SECONDS_EACH'] ?? 2)
const counts = (process.env['CLIENTS'] ?? '1,8,32,100').split(',').map(Number)
const masked = `mask contains {"column": "public.pgbench_accounts.filler", "with": "redact"} if input.action.stage == "request"`

/** What one road is held to: the other road and the goal. */
type Goals = Readonly<Record<string, readonly [against: string, goal: string]>>

/** Transactions a second by road, kind of work and number of clients. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  if (!installed('pgbench')) return { rows: [], skipped: 'pgbench is not installed' }
  const server = await startPostgres({ settings: { max_connections: '300', shared_buffers: '256MB' } })
  const roads = new Roads(server)
  try {
    const { direct } = roads
    pgbench(direct, ['-i', '-s', '10', '-q'])
    const bouncer = await roads.pgbouncer()
    const proxy = await roads.haproxy()
    const plain = { policies: shippedPolicies, recorded: false } as const
    const shipped = await roads.gateway({ ...plain, name: 'sallyport, decided' })
    const open = await roads.gateway({ ...plain, name: 'sallyport, allow-all', policies: [] })
    const two = await roads.gateway({ ...plain, name: 'sallyport, two processes, decided', processes: 2 })
    const kept = await roads.gateway({ name: 'sallyport, recorded', policies: shippedPolicies })
    const hiding = await roads.gateway({
      name: 'sallyport, recorded and masked',
      policies: shippedPolicies,
      rego: masked,
    })
    const all = [direct, bouncer, proxy, shipped, two, open, kept, hiding].filter((road) => road !== undefined)
    const writers = all.filter(({ name: road }) => ['direct', 'pgbouncer', shipped.name, kept.name].includes(road))
    const rows: Row[] = []
    const goals: Goals = {
      [shipped.name]: ['pgbouncer', '>= 0.9'],
      [two.name]: ['pgbouncer', '>= 1.0'],
      [open.name]: ['haproxy', '>= 1.0'],
      [hiding.name]: ['pgbouncer', '>= 0.75'],
    }
    for (const mode of ['simple', 'prepared']) {
      const work = ['-S', '-M', mode]
      rows.push(...warm(`select-only, ${mode}`, work, all))
      for (const clients of counts)
        rows.push(...compare(`select-only, ${mode}, ${clients} clients`, work, clients, all, goals))
    }
    const writing = ['-M', 'prepared']
    rows.push(...warm('TPC-B, prepared', writing, writers))
    for (const clients of counts.filter((count) => count === 8 || count === 32))
      rows.push(...compare(`TPC-B, prepared, ${clients} clients`, writing, clients, writers, goals))
    rows.push(...latencies(writers))
    return { rows }
  } finally {
    await roads.stop()
    await server.stop()
  }
}

/** Transactions of each client in a round at the least. */
const transactionsMin = 50
/** Clients and transactions before anything is measured of a kind of work. */
const warmClients = 8
const warmTransactions = 24_000
/** Transactions of a round that only tells how many make a round of the time that was asked for. */
const triedTransactions = 4_000
/** Transactions of one client that are told as the first ones. */
const firstTransactions = 1_000

/** So many transactions of some work, by so many clients; transactions a second. */
function transactions(road: Road, work: readonly string[], clients: number, each: number): number {
  return pgbench(road, ['-n', ...work, '-c', String(clients), '-t', String(each)])
}

/**
 * Whatever has been up for a few seconds has compiled what it runs most: that is no part of what rounds measure. What
 * the first transactions cost is told by itself.
 */
function warm(title: string, work: readonly string[], all: readonly Road[]): Row[] {
  return all.map((road): Row => {
    const value = transactions(road, work, 1, firstTransactions)
    // Of several processes each compiles for itself.
    transactions(road, work, warmClients, (warmTransactions * (road.processes ?? 1)) / warmClients)
    return { name: `${title}, the first ${firstTransactions}: ${road.name}`, value, unit: 'tps' }
  })
}

function compare(title: string, work: readonly string[], clients: number, all: readonly Road[], goals: Goals): Row[] {
  const measured = new Map<string, number[]>(all.map((road) => [road.name, []]))
  // Rounds are so many transactions, not so many seconds: a hundred clients take seconds to log in, and pgbench counts
  // that into its time, so that little or nothing of it is left.
  const each = (count: number): number => Math.max(transactionsMin, Math.round(count / clients))
  const rates = new Map(all.map((road) => [road, transactions(road, work, clients, each(triedTransactions))]))
  for (let round = 0; round < rounds; round++) {
    for (const road of all) {
      const count = (rates.get(road) ?? 0) * seconds
      measured.get(road.name)?.push(transactions(road, work, clients, each(count)))
    }
  }
  const told = new Map([...measured].map(([road, figures]) => [road, median(figures)]))
  return [...told].map(([road, value]): Row => {
    const [against, goal] = goals[road] ?? []
    const other = against === undefined ? undefined : told.get(against)
    const ratio = other === undefined || goal === undefined ? {} : { ratio: value / other, goal }
    return { name: `${title}: ${road}`, value, unit: 'tps', ...ratio }
  })
}

/** How long single transactions of one client take, at the middle and at the end. */
function latencies(all: readonly Road[]): Row[] {
  const found = new Map<string, { readonly p50: number[]; readonly p99: number[] }>()
  // What ran before was other work.
  for (const road of all) transactions(road, ['-S', '-M', 'prepared'], 1, triedTransactions)
  for (let round = 0; round < rounds; round++) {
    for (const road of all) {
      const micros = singleMicros(road)
      const kept = found.get(road.name) ?? { p50: [], p99: [] }
      found.set(road.name, kept)
      kept.p50.push(micros[Math.floor(micros.length * 0.5)] ?? 0)
      kept.p99.push(micros[Math.floor(micros.length * 0.99)] ?? 0)
    }
  }
  return (['p50', 'p99'] as const).flatMap((point) =>
    [...found].map(([road, figures]): Row => {
      const value = median(figures[point])
      const other = found.get('pgbouncer')
      const held = road.startsWith('sallyport') && other !== undefined
      const against = held ? { ratio: value / median(other[point]), goal: point === 'p50' ? '<= 1.1' : '<= 1.3' } : {}
      return { name: `select-only, prepared, 1 client, ${point}: ${road}`, value, unit: 'us', ...against }
    }),
  )
}

function singleMicros(road: Road): readonly number[] {
  const folder = mkdtempSync('/tmp/data-path-log-')
  try {
    const prefix = join(folder, 'log')
    const args = ['-n', '-S', '-M', 'prepared', '-c', '1', '-T', String(seconds), '-l', `--log-prefix=${prefix}`]
    const { status, stderr } = spawnSync(
      'pgbench',
      ['-h', '127.0.0.1', '-p', String(road.port), '-U', road.user, ...args, road.database],
      { env: { ...process.env, PGPASSWORD: road.password }, encoding: 'utf8' },
    )
    if (status !== 0) throw new Error(`pgbench: ${stderr.slice(0, 500)}`)
    return readdirSync(folder)
      .flatMap((file) => readFileSync(join(folder, file), 'utf8').trim().split('\n'))
      .map((line) => Number(line.split(' ')[2]))
      .sort((a, b) => a - b)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
