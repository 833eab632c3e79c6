// Asks again and again: with jitter while all is well, with growing delays while it is not. One question at a time.
import type { BundleSource, DeliverySink, SourceTime } from './contract.ts'

/** How a poll ended. `again` asks for the next one after a breath, as long polling does. */
export type PollOutcome = 'unchanged' | 'live' | 'failed' | 'again'

/** How often to ask. */
export interface PollTimes {
  readonly minDelayMs: number
  readonly maxDelayMs: number
}

/** OPA's defaults: once every one to two minutes. */
export const defaultPollTimes: PollTimes = { minDelayMs: 60_000, maxDelayMs: 120_000 }

const firstRetryMs = 500
/** A server that answers long polls at once must not make us ask without pause. */
const longPollPauseMs = 100

/** A source made of one question that is asked repeatedly. */
export class Poller implements BundleSource {
  readonly #ask: (sink: DeliverySink, signal: AbortSignal) => Promise<PollOutcome>
  readonly #times: PollTimes
  readonly #time: SourceTime
  readonly #abort = new AbortController()
  #sink: DeliverySink | undefined
  #cancel: (() => void) | undefined
  #asking: Promise<void> | undefined
  #failures = 0

  constructor(
    times: PollTimes,
    time: SourceTime,
    ask: (sink: DeliverySink, signal: AbortSignal) => Promise<PollOutcome>,
  ) {
    this.#times = times
    this.#time = time
    this.#ask = ask
  }

  start(sink: DeliverySink): void {
    this.#sink = sink
    void this.refresh()
  }

  refresh(): Promise<void> {
    this.#asking ??= this.#once().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async close(): Promise<void> {
    this.#cancel?.()
    this.#abort.abort()
    await this.#asking?.catch(() => undefined)
  }

  async #once(): Promise<void> {
    const sink = this.#sink
    if (sink === undefined || this.#abort.signal.aborted) return
    this.#cancel?.()
    let outcome: PollOutcome
    try {
      outcome = await this.#ask(sink, this.#abort.signal)
    } catch (error) {
      outcome = 'failed'
      if (!this.#abort.signal.aborted)
        sink.failed(error instanceof Error ? error : new Error('the source failed', { cause: error }))
    }
    if (this.#abort.signal.aborted) return
    this.#failures = outcome === 'failed' ? this.#failures + 1 : 0
    this.#cancel = this.#time.after(this.#delayMs(outcome), () => void this.refresh())
  }

  #delayMs(outcome: PollOutcome): number {
    const { minDelayMs, maxDelayMs } = this.#times
    if (outcome === 'again') return longPollPauseMs
    if (outcome !== 'failed') return minDelayMs + this.#time.random() * (maxDelayMs - minDelayMs)
    const backoff = Math.min(firstRetryMs * 2 ** Math.min(this.#failures - 1, 20), maxDelayMs)
    return backoff / 2 + (this.#time.random() * backoff) / 2
  }
}
