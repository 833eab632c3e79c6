// Runs `sallyport policy` as a person does, in a folder of its own.
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'

const bin = fileURLToPath(new URL('../../../bin/sallyport.js', import.meta.url))

/** A new folder that holds these files. */
export function folderWith(files: { readonly [path: string]: string }): string {
  const folder = mkdtempSync(join(tmpdir(), 'policy-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  return folder
}

/** What a command did. */
export interface Ran {
  readonly status: number | null
  readonly out: string
  readonly err: string
}

/**
 * Runs one command line in a folder, without colours: in one process that has the program loaded, for most of what a start
 * takes is loading.
 */
export function policy(cwd: string, ...args: string[]): Ran {
  resident ??= startResident()
  return resident({ cwd: resolve(cwd), args })
}

/** Runs any command of the product in a folder, without colours. */
export function sallyport(cwd: string, ...args: string[]): Ran {
  return sallyportWith('', cwd, ...args)
}

/** The same with something on standard input. */
export function sallyportWith(input: string, cwd: string, ...args: string[]): Ran {
  const env = { ...process.env, NO_COLOR: '1' }
  const run = spawnSync(process.execPath, [bin, ...args], { cwd, encoding: 'utf8', env, input })
  return { status: run.status, out: run.stdout, err: run.stderr }
}

type Resident = (run: { readonly cwd: string; readonly args: readonly string[] }) => Ran
let resident: Resident | undefined

/** Starts the process and the thread that speaks with it, so that the test can wait without turning its loop. */
function startResident(): Resident {
  // The program itself brings what is built up to date.
  sallyport('.', '--version')
  const done = new Int32Array(new SharedArrayBuffer(4))
  const { port1, port2 } = new MessageChannel()
  const thread = new Worker(new URL('./resident-thread.mjs', import.meta.url), {
    execArgv: [],
    workerData: { done, port: port2 },
    transferList: [port2],
  })
  thread.unref()
  port1.unref()
  return (run) => {
    Atomics.store(done, 0, 0)
    port1.postMessage(run)
    if (Atomics.wait(done, 0, 0, 240_000) === 'timed-out') throw new Error(`no end of ${run.args.join(' ')}`)
    const answer: { readonly message: Ran } | undefined = receiveMessageOnPort(port1)
    if (answer === undefined) throw new Error('the process that runs policies ended')
    return answer.message
  }
}

/** Many command lines one after another. */
export function policies(runs: readonly { readonly cwd: string; readonly args: readonly string[] }[]): readonly Ran[] {
  return runs.map(({ cwd, args }) => policy(cwd, ...args))
}
