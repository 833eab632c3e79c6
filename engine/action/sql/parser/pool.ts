// Threads that parse what is too long or too involved for this one. A thread that takes too long, or answers with
// anything but a tree or a clean syntax error, is ended and another one takes its place.
import { Worker } from 'node:worker_threads'
import type { RefusalCode, ServerMajor } from '../contract.ts'
import { parseDeadlineMs, parseQueueMax, parserWorkers } from '../limits.ts'
import type { Parsed } from './grammar.ts'
import { isTree } from './tree.ts'

/** What the pool answers: what the parser did, or why it was not heard out. */
export type PoolAnswer = Parsed | { readonly ok: false; readonly refused: RefusalCode }

/** A thread is given this long to load its library. */
const startMs = 10_000
/** Beyond the deadline every text has, for each KiB of it: ten times what a long text needs on a processor of its own. */
const deadlineMsPerKilobyte = 5
/** Deep expressions need stack in the library's host frames; larger stacks were measured to make things worse. */
const stackMegabytes = 4

interface Job {
  readonly text: string
  readonly done: (answer: PoolAnswer) => void
}

interface Slot {
  readonly worker: Worker
  ready: boolean
  job: Job | undefined
  timer: NodeJS.Timeout | undefined
}

/** The threads of one major. They start when first needed and do not keep the process alive when idle. */
export class ParserPool {
  readonly #major: ServerMajor
  readonly #queue: Job[] = []
  readonly #slots = new Set<Slot>()

  constructor(major: ServerMajor) {
    this.#major = major
  }

  /** Calls `done` once, later. */
  parse(text: string, done: (answer: PoolAnswer) => void): void {
    if (this.#queue.length >= parseQueueMax) {
      setImmediate(done, { ok: false, refused: 'parser_busy' })
      return
    }
    this.#queue.push({ text, done })
    this.#next()
  }

  #next(): void {
    while (this.#queue.length > 0) {
      const idle = [...this.#slots].find((slot) => slot.ready && slot.job === undefined)
      if (idle === undefined) {
        const starting = [...this.#slots].filter((slot) => !slot.ready).length
        if (this.#slots.size < parserWorkers && starting < this.#queue.length) this.#start()
        return
      }
      const job = this.#queue.shift()
      if (job === undefined) return
      idle.job = job
      idle.worker.ref()
      const deadline = parseDeadlineMs + (job.text.length / 1024) * deadlineMsPerKilobyte
      // An answer that is here already counts, should this thread have been too busy to take it.
      idle.timer = setTimeout(
        () => setImmediate(() => idle.job === job && this.#retire(idle, 'parser_timeout')),
        deadline,
      )
      idle.worker.postMessage(job.text)
    }
  }

  #start(): void {
    const worker = parserThread(this.#major)
    const slot: Slot = { worker, ready: false, job: undefined, timer: undefined }
    slot.timer = setTimeout(() => this.#retire(slot, 'parser_failed'), startMs)
    this.#slots.add(slot)
    worker.on('message', (message: unknown) => this.#heard(slot, message))
    worker.on('error', () => this.#retire(slot, 'parser_failed'))
    worker.on('exit', () => this.#retire(slot, 'parser_failed'))
  }

  #heard(slot: Slot, message: unknown): void {
    clearTimeout(slot.timer)
    if (!slot.ready) {
      slot.ready = true
      slot.worker.unref()
      this.#next()
      return
    }
    const { job } = slot
    slot.job = undefined
    slot.worker.unref()
    const answer = answerOf(message)
    if (!answer.ok && !('refused' in answer) && !answer.clean) this.#retire(slot, 'parser_failed')
    job?.done(answer)
    this.#next()
  }

  #retire(slot: Slot, code: RefusalCode): void {
    if (!this.#slots.delete(slot)) return
    clearTimeout(slot.timer)
    void slot.worker.terminate()
    slot.job?.done({ ok: false, refused: code })
    slot.job = undefined
    // A thread that never started would be started for ever: what waits for it is refused.
    if (!slot.ready) for (const job of this.#queue.splice(0)) job.done({ ok: false, refused: code })
    this.#next()
  }
}

/** There is a build and there are sources; a thread does not inherit what runs the sources. */
function parserThread(major: ServerMajor): Worker {
  const options = { workerData: major, resourceLimits: { stackSizeMb: stackMegabytes } }
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./parser-worker.js', import.meta.url), options)
  const source = JSON.stringify(new URL('./parser-worker.ts', import.meta.url).href)
  const start = `import('tsx/esm/api').then(({ register }) => { register(); return import(${source}) })`
  return new Worker(start, { ...options, eval: true })
}

function answerOf(message: unknown): PoolAnswer {
  const failed: PoolAnswer = { ok: false, refused: 'parser_failed' }
  if (!isTree(message)) return failed
  const { ok, tree, clean, message: why, position } = message
  if (ok === true && isTree(tree)) return { ok, tree }
  return ok === false && typeof clean === 'boolean' && typeof why === 'string' && typeof position === 'number'
    ? { ok, clean, message: why, position }
    : failed
}

const pools = new Map<ServerMajor, ParserPool>()

/** The pool of a major, shared by all analyzers of the process. */
export function parserPool(major: ServerMajor): ParserPool {
  const known = pools.get(major)
  if (known !== undefined) return known
  const made = new ParserPool(major)
  pools.set(major, made)
  return made
}
