// One process, its listeners and their end: start all or none, drain on SIGTERM, and a fault in one connection ends
// that connection alone.
import type { Socket } from 'node:net'
import type { Gate } from '../gate/index.ts'
import { errorFields, type Log } from '../telemetry/log.ts'

/** Something that listens. `stop` takes no new connections; `close` ends the rest. */
export interface SupervisedListener {
  readonly name: string
  start(): Promise<void>
  stop(): Promise<void>
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
    this.#note(await Promise.allSettled(this.#listeners.map((listener) => listener.stop())))
    this.#note(await Promise.allSettled([this.#gate.drain(this.#drainMs)]))
    this.#note(await Promise.allSettled(this.#listeners.map((listener) => listener.close())))
    this.#phase = 'stopped'
  }

  #note(results: readonly PromiseSettledResult<void>[]): void {
    for (const result of results)
      if (result.status === 'rejected') this.#log.error(errorFields(result.reason), 'ending failed')
  }

  /** Ends on SIGTERM and SIGINT; a second signal ends at once. */
  onSignals(exit: (code: number) => void): void {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.#ending !== undefined) {
          exit(1)
          return
        }
        this.#log.info({ signal }, 'draining')
        this.end().then(
          () => exit(0),
          () => exit(1),
        )
      })
    }
  }
}

/**
 * Runs one connection's handler so that whatever it throws, now or later, ends that connection alone. `refuse` says so
 * in the connection's protocol; a refusal that throws too is dropped, and the socket is destroyed either way.
 */
export function guardConnection(
  socket: Socket,
  log: Log,
  handle: () => void | Promise<void>,
  refuse: () => void,
): void {
  const failed = (error: unknown) => {
    log.error({ peer: socket.remoteAddress, ...errorFields(error) }, 'a connection failed')
    try {
      refuse()
    } catch (second) {
      log.error(errorFields(second), 'a refusal failed')
    }
    if (socket.writableEnded) return
    socket.end(() => socket.destroy())
  }
  socket.on('error', () => socket.destroy())
  try {
    const running = handle()
    if (running instanceof Promise) running.catch(failed)
  } catch (error) {
    failed(error)
  }
}

/** An event callback of one connection that ends it, and not the process, when it throws. */
export function guarded<Args extends readonly unknown[]>(
  call: (...args: Args) => void,
  failed: (error: unknown) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      call(...args)
    } catch (error) {
      failed(error)
    }
  }
}
