// A process of its own for a run over the twins: `tsx twin-run-child.ts MODE SEED COUNT` says each state as a line of JSON.
import { runTwins } from './twin-run.ts'

const [mode = 'inline', seed = '11', count = '1000'] = process.argv.slice(2)
let said = 0
const last = await runTwins(
  { mode: mode === 'views' ? 'views' : 'inline', seed: Number(seed), count: Number(count) },
  (run) => {
    if (run.queries - said < 1000) return
    said = run.queries
    process.stdout.write(`${JSON.stringify(run)}\n`)
  },
)
process.stdout.write(`${JSON.stringify(last)}\n`)
