// `--watch`: runs a command again whenever a file below its paths changes, until the terminal says stop.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { watch as watchFiles } from 'chokidar'
import { MistakeError } from './mistake.ts'
import { UsageError } from './options.ts'
import { SourceError } from './sources.ts'

/** Saves that come within this time are one run: editors write a file in several steps. */
const settleMs = 20
/** The watcher tells only of the first of two changes within 50 ms: what came later is looked for after this time. */
const lookAgainMs = 80

/** Runs once, then after every change. Resolves with the last run's exit code when the process is told to stop. */
export async function runWatching(paths: readonly string[], once: () => Promise<number>): Promise<number> {
  let seen = stateOf(paths)
  let code = await once()
  const say = (line: string): void => {
    process.stdout.write(`${line}\n`)
  }
  const watcher = watchFiles([...paths], { ignoreInitial: true, ignored: (path) => path.includes('node_modules') })
  await new Promise<void>((ready) => {
    watcher.once('ready', ready)
  })
  say('watching; stop with Ctrl+C')
  let timer: NodeJS.Timeout | undefined
  let later: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  const again = (): void => {
    running = running.then(async () => {
      const now = stateOf(paths)
      if (now === seen) return
      seen = now
      const started = performance.now()
      if (process.stdout.isTTY === true) process.stdout.write('\u001b[2J\u001b[H')
      code = await told(once)
      say(`ran in ${Math.round(performance.now() - started)} ms; exit code ${code}`)
      clearTimeout(later)
      later = setTimeout(again, lookAgainMs)
    })
  }
  watcher.on('all', (_event, path) => {
    if (!isWatched(path)) return
    clearTimeout(timer)
    timer = setTimeout(again, settleMs)
  })
  await new Promise<void>((stop) => {
    process.once('SIGINT', () => stop())
    process.once('SIGTERM', () => stop())
  })
  clearTimeout(timer)
  clearTimeout(later)
  await running
  await watcher.close()
  return code
}

/** A run whose mistakes are shown and waited over: the file is being edited. */
async function told(once: () => Promise<number>): Promise<number> {
  try {
    return await once()
  } catch (error) {
    const known = error instanceof UsageError || error instanceof SourceError || error instanceof MistakeError
    if (!known) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

function isWatched(path: string): boolean {
  return ['.rego', '.json', '.yaml', '.yml'].some((end) => path.endsWith(end))
}

/** The times and sizes of all files that count, as one text. */
function stateOf(paths: readonly string[]): string {
  const found: string[] = []
  const visit = (path: string): void => {
    const status = statSync(path, { throwIfNoEntry: false })
    if (status === undefined) return
    if (!status.isDirectory()) {
      if (isWatched(path)) found.push(`${path} ${status.mtimeMs} ${status.size} ${status.ino}`)
      return
    }
    for (const name of readdirSync(path)) if (name !== 'node_modules' && name !== '.git') visit(join(path, name))
  }
  for (const path of paths) visit(path)
  return found.join('\n')
}
