// Where bundles come from. A source delivers files; the store judges them and answers whether they went live.
import type { BundleFile } from '../format/index.ts'

/** What a source brought. */
export interface Delivery {
  readonly files: readonly BundleFile[]
  /** The server's name for this version, if it has one. */
  readonly etag: string | undefined
  /**
   * Where the files may be half of a change that goes on: whether they turned out whole. They are judged meanwhile, but
   * neither go live nor are refused before this says so; absent, they are whole.
   */
  readonly whole?: () => Promise<boolean>
}

/** What became of a delivery. A source repeats what failed and remembers only what went live. */
export type Activation = { readonly live: true } | { readonly live: false; readonly error: Error }

/** Takes deliveries and failures of one source, in order. */
export interface DeliverySink {
  deliver(delivery: Delivery): Promise<Activation>
  /** The source asked and there is nothing new. */
  unchanged(): void
  /** The source could not be read; it will try again by itself. */
  failed(error: Error): void
}

/** One place that a bundle comes from. */
export interface BundleSource {
  /** Begins to deliver, and goes on until `close`. */
  start(sink: DeliverySink): void
  /** Asks at once, without waiting for the next poll. Resolves when the answer was handled. */
  refresh(): Promise<void>
  close(): Promise<void>
}

/** Time and chance, given from outside so that tests hold them. */
export interface SourceTime {
  nowMs(): number
  /** From 0 up to, not including, 1. */
  random(): number
  /** Calls back after a while; answers how to cancel. */
  after(delayMs: number, callback: () => void): () => void
}

/** The real clock. Timers do not keep the process alive. */
export const systemTime: SourceTime = {
  nowMs: () => Date.now(),
  random: () => Math.random(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs)
    timer.unref()
    return () => clearTimeout(timer)
  },
}
