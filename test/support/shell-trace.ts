// Runs a command line with real shells where every program is a stub that writes down its words, and says which ran.
// Wrappers (env, xargs, find, nice ...) are the real ones, so that what they run shows.
import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ShellFacts } from '../../engine/action/shell/index.ts'

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

/** What one shell did for a line. */
export interface Traced {
  readonly shell: string
  /** The words of each program that ran, its name without its folder first. */
  readonly commands: readonly (readonly string[])[]
  /** Files that are there since. */
  readonly written: readonly string[]
}

/** A folder of stubs for the programs that lines name. */
export interface Tracer {
  /** What each of the shells that are here does for a line. */
  trace(line: string): readonly Traced[]
  close(): void
}

const shells: readonly (readonly [name: string, ...args: string[]])[] = [
  ['bash', '-c'],
  ['dash', '-c'],
  ['mksh', '-c'],
  ['busybox', 'ash', '-c'],
]

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
  for (const name of real) {
    const path = pathOf(name)
    if (path !== undefined) symlinkSync(path, join(bin, name))
  }
  // A log for each run: what runs in the background may still write when the next line does.
  const stub = `#!/bin/sh
words=$(printf '%s\\037' "\${0##*/}" "$@")
printf '%s\\036' "$words" >> "$PWD.log"
printf 'x\\n'
`
  for (const name of stubs) {
    writeFileSync(join(bin, name), stub)
    chmodSync(join(bin, name), 0o755)
  }
  const here = shells.filter(([name]) => pathOf(name) !== undefined)
  let runs = 0
  const traced = ([name, ...args]: (typeof shells)[number], line: string): Traced => {
    const work = join(root, `work-${runs++}`)
    mkdirSync(work)
    writeFileSync(join(work, 'f'), 'x\n')
    spawnSync(pathOf(name) ?? name, [...args, line], {
      cwd: work,
      env: { PATH: bin, HOME: work },
      input: 'x\n',
      timeout: 5000,
      killSignal: 'SIGKILL',
    })
    const written = readdirSync(work).filter((file) => file !== 'f')
    const log = existsSync(`${work}.log`) ? readFileSync(`${work}.log`, 'utf8') : ''
    rmSync(work, { recursive: true, force: true, maxRetries: 5 })
    const commands = log
      .split('\x1e')
      .filter((one) => one !== '')
      .map((one) => one.split('\x1f').slice(0, -1))
    return { shell: name, commands, written }
  }
  const trace = (line: string): readonly Traced[] => here.map((shell) => traced(shell, line))
  return {
    trace,
    close: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** Names of the programs that bash and dash ran, sorted. */
export function programsOf(traces: readonly Traced[]): readonly string[] {
  const ran = traces.filter(({ shell }) => shell === 'bash' || shell === 'dash').flatMap(({ commands }) => commands)
  return [...new Set(ran.map(([name = '']) => name))].sort()
}

/** What shells did that an analysis does not say: programs with their words, and files. */
export function unsaid(
  { commands, redirects }: Pick<ShellFacts, 'commands' | 'redirects'>,
  traces: readonly Traced[],
): readonly string[] {
  return traces.flatMap(({ shell, commands: ran, written }) => [
    ...ran
      .filter(([name = '', ...words]) => !commands.some((one) => one.name === name && isSaid(one.argv.slice(1), words)))
      .map((words) => `${shell} ran ${JSON.stringify(words)}`),
    ...written
      .filter((file) => !redirects.some(({ writes, target }) => writes && (target === null || target === file)))
      .map((file) => `${shell} wrote ${file}`),
  ])
}

/** A word that is not in the line may be any number of words. */
function isSaid(argv: readonly (string | null)[], words: readonly string[]): boolean {
  const [first, ...rest] = argv
  if (first === undefined) return words.length === 0
  if (first !== null) return words[0] === first && isSaid(rest, words.slice(1))
  return words.some((_, at) => isSaid(rest, words.slice(at))) || isSaid(rest, [])
}
