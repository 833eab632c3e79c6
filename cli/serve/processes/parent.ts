// The parent of a gateway with several processes: takes connections and hands them round, passes on what the processes
// say to each other, and starts one again that died or stands still. It reads no byte of a client and holds no key.
import cluster, { type Worker } from 'node:cluster'
import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Log } from '../../../proxy/telemetry/index.ts'
import { unreachable } from '../../../rego/unreachable.ts'
import { closeUntaken } from './handed.ts'
import { isMessage, type Message, processVariable } from './message.ts'
import { Watchdog } from './watchdog.ts'

/** The first pause before a process that died is started again; it doubles up to the longest. */
const pauseMs = 100
const pauseMsMax = 10_000
/** A process that lived so long starts again after the first pause. */
const steadyMs = 60_000
/** How long one process waits for the answers of the others. */
const answerMs = 5000
/** Questions under way at once. */
const askedMax = 1024
/** What processes get to end beyond the time in which running actions end. */
const endMs = 30_000

/** A process as its parent sees it. */
interface Child {
  readonly process: number
  worker: Worker | undefined
  isReady: boolean
  startedAtMs: number
  failures: number
}

interface Question {
  readonly asker: Worker
  readonly id: number
  readonly answers: { readonly process: number; readonly body: unknown }[]
  readonly waitsFor: Set<number>
  readonly timer: NodeJS.Timeout
}

/** Why the processes did not start. */
export class ProcessesError extends Error {}

/** The processes of a gateway. */
export class Processes {
  readonly #children: readonly Child[]
  readonly #seed = randomBytes(32).toString('base64')
  readonly #log: Log
  readonly #drainMs: number
  readonly #questions = new Map<number, Question>()
  readonly #watchdog: Watchdog
  #asked = 0
  #isUp = false
  #isEnding = false

  constructor(count: number, parts: { readonly log: Log; readonly drainMs: number }) {
    this.#log = parts.log
    this.#drainMs = parts.drainMs
    this.#children = Array.from({ length: count }, (_, index) => ({
      process: index + 1,
      worker: undefined,
      isReady: false,
      startedAtMs: 0,
      failures: 0,
    }))
    // One connection each in turn; what the system would do instead gives most of them to few processes.
    cluster.schedulingPolicy = cluster.SCHED_RR
    this.#watchdog = this.#watch()
  }

  /** Starts all: the first alone, since what it makes the others find. Rejects when one does not start; then none runs. */
  async start(): Promise<void> {
    try {
      const [first, ...others] = this.#children
      if (first !== undefined) await this.#begin(first)
      await Promise.all(others.map((child) => this.#begin(child)))
      this.#isUp = true
    } catch (error) {
      await this.end()
      throw error
    }
  }

  /** Ends all of them in order, and those that do not end in time without. */
  async end(): Promise<void> {
    this.#isEnding = true
    const workers = this.#children.flatMap(({ worker }) => (worker === undefined ? [] : [worker]))
    const ended = workers.map((worker) => new Promise<void>((done) => worker.once('exit', () => done())))
    for (const worker of workers) say(worker, { kind: 'end' })
    const late = setTimeout(() => {
      for (const { worker } of this.#children) worker?.process.kill('SIGKILL')
    }, this.#drainMs + endMs)
    await Promise.all(ended)
    clearTimeout(late)
    this.#watchdog.close()
  }

  /** One that stands still holds connections that it does not serve: it ends, and its exit has it started again. */
  #watch(): Watchdog {
    return new Watchdog({
      watched: () =>
        this.#children.flatMap(({ process, worker, isReady }) => {
          const pid = worker?.process.pid
          return pid === undefined ? [] : [{ process, pid, isReady, ask: () => say(worker, { kind: 'runs?' }) }]
        }),
      traced: ({ process, pid }) =>
        this.#log.warn({ of: process, pid }, 'a process stands still under a debugger; it is left as it is'),
      silent: ({ process, pid }, seconds) => {
        this.#log.error({ of: process, pid, seconds }, 'a process stands still; it is ended')
        this.#children[process - 1]?.worker?.process.kill('SIGKILL')
      },
    })
  }

  /** Starts one. Resolves when it is ready, rejects when it ended before. */
  #begin(child: Child): Promise<void> {
    const worker = cluster.fork({ [processVariable]: String(child.process) })
    closeUntaken(worker.process)
    child.worker = worker
    child.startedAtMs = performance.now()
    return new Promise((done, failed) => {
      let why = 'it ended before it was ready'
      worker.on('message', (message: unknown) => {
        if (!isMessage(message)) return
        if (message.kind === 'failed') why = message.message
        this.#take(child, worker, message)
        if (message.kind === 'ready') done()
      })
      worker.on('error', (error) => this.#log.error({ of: child.process, error: error.message }, 'a process failed'))
      worker.once('exit', (code, signal) => {
        child.worker = undefined
        child.isReady = false
        this.#unanswered(child.process)
        failed(new ProcessesError(why))
        if (this.#isUp && !this.#isEnding) this.#restart(child, { code, signal })
      })
    })
  }

  /** Its connections ended with it; those of the others go on, and new ones go to the others meanwhile. */
  #restart(child: Child, how: { readonly code: number | null; readonly signal: string | null }): void {
    child.failures = performance.now() - child.startedAtMs >= steadyMs ? 0 : child.failures + 1
    const inMs = Math.min(pauseMs * 2 ** Math.min(child.failures, 16), pauseMsMax)
    this.#log.error({ of: child.process, ...how, inMs }, 'a process ended; it is started again')
    delay(inMs)
      .then(() => (this.#isEnding ? undefined : this.#begin(child)))
      // That it ended again is told by its exit.
      .catch((error: unknown) => {
        if (error instanceof Error) this.#log.error({ of: child.process, error: error.message }, 'it did not start')
      })
  }

  #take(child: Child, worker: Worker, message: Message): void {
    switch (message.kind) {
      case 'joined':
        say(worker, { kind: 'begin', process: child.process, processes: this.#children.length, seed: this.#seed })
        return
      case 'tell':
        for (const other of this.#others(child)) say(other.worker, message)
        return
      case 'ask':
        this.#ask(child, worker, message)
        return
      case 'answer': {
        const question = this.#questions.get(message.id)
        if (question === undefined || !question.waitsFor.delete(child.process)) return
        if (message.body !== undefined) question.answers.push({ process: child.process, body: message.body })
        if (question.waitsFor.size === 0) this.#answered(message.id)
        return
      }
      case 'ready':
        child.isReady = true
        return
      case 'runs':
        if (worker.process.pid !== undefined) this.#watchdog.answered(worker.process.pid, message.isDebugged)
        return
      // Heard where it is started, or said by the parent alone.
      case 'failed':
      case 'begin':
      case 'answers':
      case 'end':
      case 'runs?':
        return
      default:
        unreachable(message)
    }
  }

  #ask(child: Child, asker: Worker, message: Extract<Message, { kind: 'ask' }>): void {
    const others = this.#others(child).filter(({ isReady }) => isReady)
    if (others.length === 0 || this.#questions.size >= askedMax) {
      say(asker, { kind: 'answers', id: message.id, answers: [] })
      return
    }
    const id = ++this.#asked
    const timer = setTimeout(() => this.#answered(id), answerMs)
    const waitsFor = new Set(others.map((other) => other.process))
    this.#questions.set(id, { asker, id: message.id, answers: [], waitsFor, timer })
    for (const other of others) say(other.worker, { ...message, id })
  }

  #answered(id: number): void {
    const question = this.#questions.get(id)
    if (question === undefined) return
    this.#questions.delete(id)
    clearTimeout(question.timer)
    const answers = question.answers.toSorted((a, b) => a.process - b.process)
    say(question.asker, { kind: 'answers', id: question.id, answers })
  }

  /** Nobody waits for a process that is gone. */
  #unanswered(process: number): void {
    for (const [id, question] of this.#questions)
      if (question.waitsFor.delete(process) && question.waitsFor.size === 0) this.#answered(id)
  }

  #others(child: Child): readonly Child[] {
    return this.#children.filter((other) => other !== child && other.worker !== undefined)
  }
}

/** A process that is just ending hears nothing more. */
function say(worker: Worker | undefined, message: Message): void {
  if (worker?.isConnected() === true) worker.send(message, () => undefined)
}
