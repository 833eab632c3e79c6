// `npm run check`: types, lint with the import arrow, dead code. All parts run, so that one reading shows all mistakes.
import { spawnSync } from 'node:child_process'

const parts = ['check:types', 'check:lint', 'check:dead']
const failed = parts.filter((part) => spawnSync('npm', ['run', '-s', part], { stdio: 'inherit' }).status !== 0)
for (const part of failed) process.stderr.write(`${part} failed\n`)
process.stdout.write(`${parts.length - failed.length} passed, ${failed.length} failed, 0 skipped\n`)
process.exitCode = failed.length === 0 ? 0 : 1
