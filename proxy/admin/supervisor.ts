// One process, its listeners and their end: start all or none, drain before the end, and no fault ends the process.
import type { Gate } from '../gate/index.ts'
import { errorFields, type Log } from '../telemetry/log.ts'

/** Something that listens. `stop` takes no new connections; `close` ends the rest. */
export interface SupervisedListener {
  readonly name: string
  start(): Promise<void>
  stop(): void | Promise<void>
  close(): Promise<void>
}

/** Where the process stands, for /readyz. */
export type Phase = 'starting' | 'ready' | 'draining' | 'stopped'

/** Starts, watches and ends the listeners of one process. */
export class Supervisor {
  readonly #listeners: readonly SupervisedListener[]
  readonly #gate: Pick<Gate, 'drain'>
  readonly #log: Log
  readonly #drainMs: number
  #phase: Phase = 'starting'
  #ending: Promise<void> | undefined

  constructor(parts: {
    readonly listeners: readonly SupervisedListener[]
    readonly gate: Pick<Gate, 'drain'>
    readonly log: Log
    readonly drainMs: number
  }) {
    this.#listeners = parts.listeners
    this.#gate = parts.gate
    this.#log = parts.log
    this.#drainMs = parts.drainMs
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Starts every listener; when one cannot start, those that did are closed and the error is thrown. */
  async start(): Promise<void> {
    const started: SupervisedListener[] = []
    try {
      for (const listener of this.#listeners) {
        await listener.start()
        started.push(listener)
      }
    } catch (error) {
      await Promise.allSettled(started.map((listener) => listener.close()))
      this.#phase = 'stopped'
      throw error
    }
    this.#phase = 'ready'
  }

  /** Takes nothing new, lets what runs finish within the drain time, closes the rest. Called twice it waits once. */
  end(): Promise<void> {
    this.#ending ??= this.#end()
    return this.#ending
  }

  async #end(): Promise<void> {
    this.#phase = 'draining'
    this.#note(await Promise.allSettled(this.#listeners.map(async (listener) => listener.stop())))
    this.#note(await Promise.allSettled([this.#gate.drain(this.#drainMs)]))
    this.#note(await Promise.allSettled(this.#listeners.map((listener) => listener.close())))
    this.#phase = 'stopped'
  }

  #note(results: readonly PromiseSettledResult<void>[]): void {
    for (const result of results)
      if (result.status === 'rejected') this.#log.error(errorFields(result.reason), 'ending failed')
  }
}

/**
 * The last net. Each connection ends itself when its handler throws; what is thrown where nobody catches is told here,
 * and the process lives on: an action that was not answered stays unforwarded, and its deadline refuses it. Answers how
 * to take the net down.
 */
export function catchStrays(log: Log, count: () => void): () => void {
  const stray = (error: unknown): void => {
    count()
    log.error(errorFields(error), 'an error that nobody caught')
  }
  process.on('uncaughtException', stray)
  process.on('unhandledRejection', stray)
  return () => {
    process.off('uncaughtException', stray)
    process.off('unhandledRejection', stray)
  }
}
