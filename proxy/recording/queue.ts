// What waits for the disk, over all sessions of a gateway: past its bound clients are read no further, and past twice
// that nothing more is taken.
import type { RecordingError } from './error.ts'

/** Bytes that may wait, where nothing else is said. */
export const queueBytesDefault: number = 32 * 1024 * 1024

/** Counts the bytes that wait. */
export class RecordQueue {
  readonly #bytesMax: number
  readonly #blocked: () => RecordingError | undefined
  #bytes = 0
  #drains: (() => void)[] = []

  /** `blocked` says why nothing can be taken whatever waits. */
  constructor(bytesMax: number, blocked: () => RecordingError | undefined = () => undefined) {
    this.#bytesMax = bytesMax
    this.#blocked = blocked
  }

  get congested(): boolean {
    return this.#bytes > this.#bytesMax
  }

  /** True when even those who did not pause must be turned away. */
  get full(): boolean {
    return this.#bytes > 2 * this.#bytesMax
  }

  /** Why nothing can be taken now. */
  get blocked(): RecordingError | undefined {
    return this.#blocked()
  }

  onDrain(callback: () => void): void {
    if (this.congested) this.#drains.push(callback)
    else queueMicrotask(callback)
  }

  add(bytes: number): void {
    this.#bytes += bytes
  }

  remove(bytes: number): void {
    this.#bytes -= bytes
    if (this.#drains.length === 0 || this.congested) return
    const drains = this.#drains
    this.#drains = []
    for (const drain of drains) drain()
  }
}
