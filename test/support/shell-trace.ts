// Runs a command line with real shells where every program is a stub that writes down its name, and says which ran.
// Wrappers (env, xargs, find, nice ...) are the real ones, so that what they run shows.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const real = [
  'bash',
  'dash',
  'sh',
  'env',
  'nice',
  'nohup',
  'timeout',
  'stdbuf',
  'setsid',
  'xargs',
  'find',
  'flock',
  'ionice',
]
const folders = ['/usr/bin', '/bin', '/usr/local/bin']

/** A folder of stubs for the programs that lines name. */
export interface Tracer {
  /** Names of the programs that a line ran, sorted, over the shells that are here. */
  run(line: string): readonly string[]
  close(): void
}

/** Why nothing can be traced here; undefined when it can. */
export function tracingMissing(): string | undefined {
  const missing = ['bash', 'dash', 'xargs', 'find'].filter((name) => pathOf(name) === undefined)
  return missing.length === 0 ? undefined : `${missing.join(', ')} is not installed`
}

function pathOf(name: string): string | undefined {
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Makes the stubs. */
export function createTracer(stubs: readonly string[]): Tracer {
  const root = mkdtempSync(join(tmpdir(), 'shell-trace-'))
  const bin = join(root, 'bin')
  mkdirSync(bin)
  const log = join(root, 'log')
  for (const name of real) {
    const path = pathOf(name)
    if (path !== undefined) symlinkSync(path, join(bin, name))
  }
  for (const name of stubs) {
    writeFileSync(join(bin, name), `#!/bin/sh\nprintf '%s\\n' "\${0##*/}" >> ${log}\nprintf 'x\\n'\n`)
    chmodSync(join(bin, name), 0o755)
  }
  return {
    run: (line) => {
      const ran = new Set<string>()
      for (const shell of ['bash', 'dash']) {
        const work = mkdtempSync(join(root, 'work-'))
        writeFileSync(join(work, 'f'), 'x\n')
        writeFileSync(log, '')
        spawnSync(pathOf(shell) ?? shell, ['-c', line], {
          cwd: work,
          env: { PATH: bin, HOME: work },
          input: 'x\n',
          timeout: 5000,
        })
        for (const name of readFileSync(log, 'utf8').split('\n')) if (name !== '') ran.add(name)
        rmSync(work, { recursive: true, force: true })
      }
      return [...ran].sort()
    },
    close: () => rmSync(root, { recursive: true, force: true }),
  }
}
