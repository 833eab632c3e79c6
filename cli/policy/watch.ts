// `--watch`: runs a command again whenever a file below its paths changes, until the terminal says stop.
import { watch as watchFiles } from 'chokidar'

/** Saves that come within this time are one run: editors write a file in several steps. */
const settleMs = 20

/** Runs once, then after every change. Resolves with the last run's exit code when the process is told to stop. */
export async function runWatching(paths: readonly string[], once: () => Promise<number>): Promise<number> {
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
  let running: Promise<void> = Promise.resolve()
  const again = (): void => {
    running = running.then(async () => {
      const started = performance.now()
      if (process.stdout.isTTY === true) process.stdout.write('\u001b[2J\u001b[H')
      code = await once()
      say(`ran in ${Math.round(performance.now() - started)} ms; exit code ${code}`)
    })
  }
  watcher.on('all', (_event, path) => {
    if (!/\.(rego|json|ya?ml)$/.test(path)) return
    clearTimeout(timer)
    timer = setTimeout(again, settleMs)
  })
  await new Promise<void>((stop) => {
    process.once('SIGINT', () => stop())
    process.once('SIGTERM', () => stop())
  })
  clearTimeout(timer)
  await running
  await watcher.close()
  return code
}
