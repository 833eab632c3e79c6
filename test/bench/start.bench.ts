// Process start to ready, of the compiled program: configuration read, shared state open, gate built, admin listening.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The bench's name. */
export const name = 'start'

const rounds = 5
const root = fileURLToPath(new URL('../../', import.meta.url))

const program = `
const load = (path) => import('file://${root}dist/' + path)
const [config, storage, gate, telemetry, admin] = await Promise.all(
  ['config', 'storage', 'gate', 'telemetry', 'admin'].map((part) => load('proxy/' + part + '/index.js')))
const loaded = config.loadConfig('${root}fixtures/config/good.yaml', {})
if (!loaded.ok) throw new Error('the configuration is broken')
const state = storage.openEmbeddedStorage(process.argv[1])
await state.ping()
const metrics = new telemetry.Metrics()
const log = telemetry.createLog({ level: 'error' })
const observer = telemetry.telemetryObserver({ metrics, log, decisionLog: new telemetry.DecisionLog({ labels: {}, erase: [], dropped() {} }) })
gate.createGate({ policy() { throw new Error('none') }, recorder: {}, holds: {}, clock: gate.systemClock, newId: String, gateway: { id: 'g', version: '0' }, observer, limits: gate.defaultGateLimits })
const server = await admin.startAdmin({ host: '127.0.0.1', port: 0, metrics, notReady: () => [] })
const answer = await fetch('http://127.0.0.1:' + server.port + '/readyz')
process.stdout.write(answer.status === 200 ? 'ready' : 'not ready')
process.exit(0)
`

/** Milliseconds from spawn to a 200 of /readyz, median. */
export async function run(): Promise<{ rows: { name: string; value: number; unit: string; goal?: string }[] }> {
  // Brings dist/ up to date first, outside what is measured.
  const built = spawn(process.execPath, ['bin/sallyport.js', 'version'], { cwd: root, stdio: 'ignore' })
  await once(built, 'exit')
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-start-'))
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, join(folder, `${round}.db`)], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said]: unknown[] = await once(child.stdout, 'data')
    times.push(performance.now() - started)
    if (String(said) !== 'ready') throw new Error(`said ${String(said)}`)
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true })
  times.sort((a, b) => a - b)
  const median = times[rounds >> 1] ?? Number.NaN
  return { rows: [{ name: 'process start to ready, without a bundle', value: median, unit: 'ms', goal: '< 1000' }] }
}
