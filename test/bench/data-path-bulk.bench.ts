// Results of many rows through the gateway: MB a second beside haproxy, and whether memory stays flat.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  installed,
  median,
  pgbench,
  type Road,
  Roads,
  type Row,
  residentBytes,
  shippedPolicies,
} from '../support/data-path.ts'
import { startPostgres } from '../support/postgres-server.ts'

/** The bench's name. */
export const name = 'data path, bulk'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  'sallyport, decided':
    'a copy of 96 MB takes the gateway 200 ms of processor and haproxy 180, of 1,150 that all processes on the machine take in 650 ms: that is a ratio of 1.03 to 1.05 where rounds were counted against each other, and which of them is ahead in one run is what the server and psql had of the machine meanwhile.',
  'sallyport, recorded':
    'about half of the processor time is the record of what the client was shown: a thread of its own encrypts, hashes and writes it, on processors that the server and the client use too.',
}

const rounds = Number(process.env['ROUNDS'] ?? 5)
/** pgbench's accounts at scale 10. */
const works = {
  'COPY out of 1,000,000 rows': 'copy pgbench_accounts to stdout',
  'SELECT of 1,000,000 rows': 'select * from pgbench_accounts',
} as const

/** MB a second by road; the ratio is to haproxy in the same round, at the middle. Both gateways decide; one has no recorder, which tells what that costs. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  if (!installed('psql')) return { rows: [], skipped: 'psql is not installed' }
  const server = await startPostgres({ settings: { shared_buffers: '256MB' } })
  const roads = new Roads(server)
  try {
    const { direct } = roads
    pgbench(direct, ['-i', '-s', '10', '-q'])
    const proxy = await roads.haproxy()
    const decided = await roads.gateway({ name: 'sallyport, decided', policies: shippedPolicies, recorded: false })
    const recorded = await roads.gateway({ name: 'sallyport, recorded', policies: shippedPolicies })
    const all = [direct, proxy, decided, recorded].filter((road) => road !== undefined)
    const rows: Row[] = []
    for (const [work, sql] of Object.entries(works)) {
      const measured = new Map<string, number[]>(all.map((road) => [road.name, []]))
      let grown = 0
      for (let round = 0; round < rounds; round++) {
        // Each road goes first in its turn: what the machine gives changes within a round.
        for (const [turn] of all.entries()) {
          const road = all[(turn + round) % all.length]
          if (road === undefined) continue
          const before = residentBytes(road.pid)
          const { rate, peakBytes } = await read(road, sql)
          measured.get(road.name)?.push(rate)
          // The first round warms the process up.
          if ((road === decided || road === recorded) && round > 0) grown = Math.max(grown, peakBytes - before)
        }
      }
      for (const [road, figures] of measured) {
        const other = measured.get('haproxy')
        const held = road.startsWith('sallyport') && other !== undefined
        const against = held ? { ratio: median(figures.map((rate, i) => rate / (other[i] ?? 0))), goal: '>= 0.9' } : {}
        rows.push({ name: `${work}: ${road}`, value: median(figures), unit: 'MB/s', ...against })
      }
      rows.push({ name: `${work}: memory gained on the way`, value: grown / 1e6, unit: 'MB', goal: '< 64' })
    }
    return { rows }
  } finally {
    await roads.stop()
    await server.stop()
  }
}

/** Reads a result with psql; its text counts, so that every road is held to the same bytes. */
async function read(road: Road, sql: string): Promise<{ readonly rate: number; readonly peakBytes: number }> {
  const started = performance.now()
  const child = spawn(
    'psql',
    ['-h', '127.0.0.1', '-p', String(road.port), '-U', road.user, '-d', road.database, '-Atq', '-c', sql],
    { env: { ...process.env, PGPASSWORD: road.password }, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let bytes = 0
  let peakBytes = 0
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length
  })
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(road.pid))
  }, 50)
  await once(child, 'close')
  clearInterval(watch)
  if (child.exitCode !== 0) throw new Error(`psql gave up on ${road.name}`)
  return { rate: bytes / 1e6 / ((performance.now() - started) / 1000), peakBytes }
}
