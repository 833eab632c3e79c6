// What recording costs: the same gateway with it and without, on small statements; and how fast terminal output goes to
// the disk. Rounds are interleaved, medians are told; a gateway has run what is measured for a while, since it compiles what
// it runs most while it runs.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { RecordedGateways } from '../support/recorded-gateway.ts'
import { recorderForTest } from '../support/recordings.ts'

/** The bench's name. */
export const name = 'recording'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  group:
    "a statement is four entries, which are put into bytes, encrypted, hashed and written to their file, the action before it is forwarded: 9 us of processor on the gateway's own thread for a prepared statement and 13 for a simple one, and 4 to 7 in the threads beside it, the one that brings it to the disk above all, counted with eight clients; gateway, server and client take about 74 without it on two processors. Writing to the file takes 3 us of that, and nothing is forwarded without it.",
}

interface Row {
  readonly name: string
  readonly value: number
  readonly unit: string
  readonly ratio?: number
  readonly goal?: string
}

const rounds = Number(process.env['ROUNDS'] ?? 7)
const seconds = Number(process.env['SECONDS_EACH'] ?? 3)
/** Transactions of a kind that each of eight clients makes before they are measured. */
const warmEach = 3000
const unrecorded = fileURLToPath(new URL('../support/unrecorded.mjs', import.meta.url))
const MiB = 1024 * 1024

/** Throughput and median latency with and without recording, and the rate of terminal output. */
export async function run(): Promise<{ rows: Row[]; skipped?: string }> {
  const rows = await terminal()
  if (spawnSync('pgbench', ['--version']).status !== 0) return { rows, skipped: 'pgbench is not installed' }
  return { rows: [...(await statements()), ...rows] }
}

async function statements(): Promise<Row[]> {
  const made = await RecordedGateways.make()
  try {
    pgbench(['-i', '-s', '10', '-q'], made.server.port, made.server.database, made.server.user, made.server.password)
    const store = (folder: string): string => `  store: { kind: folder, path: ${folder} }`
    const roads = new Map([
      ['without', await made.start(store('without'), '', ['--import', unrecorded])],
      ['group', await made.start(`  sync: group\n${store('group')}`)],
    ])
    const rows: Row[] = []
    for (const mode of ['simple', 'prepared']) {
      for (const { port } of roads.values())
        pgbench(['-S', '-n', '-M', mode, '-c', '8', '-t', String(warmEach)], port, 'db', 'agent', made.password)
      for (const clients of [1, 8]) {
        const measured = new Map([...roads.keys()].map((road) => [road, { tps: [] as number[], p50: [] as number[] }]))
        for (let round = 0; round < rounds; round++) {
          // Who comes first in a round changes, so that neither always meets the busier machine.
          const order = [...roads]
          for (const [road, { port }] of round % 2 === 0 ? order : order.toReversed()) {
            const folder = mkdtempSync(join(tmpdir(), 'pgbench-'))
            const args = ['-S', '-n', '-M', mode, '-c', String(clients), '-T', String(seconds), '-l']
            const tps = pgbench([...args, '--log-prefix', join(folder, 'log')], port, 'db', 'agent', made.password)
            measured.get(road)?.tps.push(tps)
            measured.get(road)?.p50.push(latencyMs(folder))
            rmSync(folder, { recursive: true })
          }
        }
        const without = measured.get('without')
        const group = measured.get('group')
        if (without === undefined || group === undefined) continue
        const tps = { without: median(without.tps), group: median(group.tps) }
        const p50 = { without: median(without.p50), group: median(group.p50) }
        const what = `select-only, ${mode}, ${clients} clients`
        rows.push(
          { name: `${what}: without recording`, value: tps.without, unit: 'tps' },
          { name: `${what}: group`, value: tps.group, unit: 'tps', ratio: tps.group / tps.without, goal: '>= 0.9' },
          { name: `${what}: p50 without recording`, value: p50.without, unit: 'ms' },
          {
            name: `${what}: p50 added by group`,
            value: p50.group - p50.without,
            unit: 'ms',
            ...(clients === 1 ? { goal: '<= 0.1' } : {}),
          },
        )
      }
    }
    return rows
  } finally {
    await made.close()
  }
}

/** Transactions a second; 0 for a run that fills the tables. */
function pgbench(args: readonly string[], port: number, database: string, user: string, password: string): number {
  const { status, stdout, stderr } = spawnSync(
    'pgbench',
    ['-h', '127.0.0.1', '-p', String(port), '-U', user, ...args, database],
    { env: { ...process.env, PGPASSWORD: password }, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`pgbench: ${stderr.slice(0, 500)}`)
  return Number(/tps = ([\d.]+)/.exec(stdout)?.[1] ?? 0)
}

/** The median over the transactions that pgbench logged. */
function latencyMs(folder: string): number {
  const micros: number[] = []
  for (const file of readdirSync(folder))
    for (const line of readFileSync(join(folder, file), 'utf8').split('\n'))
      if (line !== '') micros.push(Number(line.split(' ')[2]))
  return median(micros) / 1000
}

const terminalBytes = 1024 * MiB
const chunkBytes = 64 * 1024

/** One session's terminal output, sealed and synced in groups, as fast as the recorder takes it. */
async function terminal(): Promise<Row[]> {
  const { recorder, folder } = recorderForTest({ sync: 'group', segmentBytes: 64 * MiB })
  const session = recorder.open('s-1')
  const chunk = Buffer.alloc(chunkBytes, 'the quick brown fox jumps over the lazy dog\r\n')
  let resident = 0
  let failed: Error | undefined
  const beganMs = performance.now()
  for (let sent = 0; sent < terminalBytes; sent += chunkBytes) {
    // As a gateway does: output waits for nothing but a recorder that is behind, and every turn brings some.
    session.append({ kind: 'terminal', stream: 'output', bytes: chunk }, (error) => {
      failed ??= error
    })
    if (failed !== undefined) throw failed
    await new Promise<void>((turn) => setImmediate(turn))
    if (session.congested) await new Promise<void>((drained) => session.onDrain(drained))
    // The first quarter fills what the process keeps anyway.
    if (sent === terminalBytes / 4) resident = process.memoryUsage.rss()
  }
  await session.close('done')
  const tookSeconds = (performance.now() - beganMs) / 1000
  const grown = process.memoryUsage.rss() - resident
  await recorder.close()
  rmSync(folder, { recursive: true })
  return [
    { name: '1 GiB of terminal output, group', value: terminalBytes / 1e6 / tookSeconds, unit: 'MB/s', goal: '>= 100' },
    { name: 'memory grown over the last 768 MiB of it', value: grown / MiB, unit: 'MiB', goal: '<= 64' },
  ]
}

function median(figures: readonly number[]): number {
  return [...figures].sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0
}
