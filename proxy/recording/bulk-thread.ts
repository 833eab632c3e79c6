// Frames of much output, sealed, hashed and written by a thread of their own: that is most of what recording them costs,
// and nobody waits for it. The thread that reads sockets only copies what is to be recorded, a frame at a time.
import { Worker } from 'node:worker_threads'
import { type BulkAnswer, type BulkJob, type BulkMessage, sealBulk } from './bulk-sealing.ts'

/** Bytes of entries in one frame that the thread takes. */
export const bulkFrameBytesMax: number = 256 * 1024
/** Frames that may be on their way; what comes beyond that is written where it is. */
const slotsMax = 4

/** Told once: the hash that ends the frame, which is in the file then, or why it is not. */
export type BulkDone = (hash: Uint8Array | undefined, cause: Error | undefined) => void

/** Makes frames elsewhere. */
export class BulkThread {
  #memory: Uint8Array | undefined
  readonly #free: number[] = Array.from({ length: slotsMax }, (_, slot) => slot)
  readonly #waiting = new Map<number, BulkDone>()
  #worker: Worker | undefined
  #isClosed = false

  /** Has a frame of these entries made and written. False where that is to be done here. */
  take(job: BulkJob, entries: Uint8Array, done: BulkDone): boolean {
    if (this.#isClosed || entries.length > bulkFrameBytesMax) return false
    const slot = this.#free.pop()
    if (slot === undefined) return false
    this.#memory ??= new Uint8Array(new SharedArrayBuffer(slotsMax * bulkFrameBytesMax))
    this.#worker ??= this.#start(this.#memory)
    this.#memory.set(entries, slot * bulkFrameBytesMax)
    this.#waiting.set(slot, done)
    // The process lives until what it was told to record is written.
    if (this.#waiting.size === 1) this.#worker.ref()
    const message: BulkMessage = { ...job, slot, at: slot * bulkFrameBytesMax, bytes: entries.length }
    this.#worker.postMessage(message)
    return true
  }

  /** Ends the thread; frames that are on their way are told that they are not written. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#worker?.terminate()
    this.#worker = undefined
    this.#failAll(new Error('closed'))
  }

  #start(memory: Uint8Array): Worker {
    // Loaders that keep the names of functions wrap them in a call.
    const text = `const __name = (named) => named;
(${sealBulk.toString()})({ fs: require('node:fs'), crypto: require('node:crypto'), threads: require('node:worker_threads') })`
    const workerData = { memory, frameBytesMax: bulkFrameBytesMax }
    // Preloads of the process are none of this thread's business.
    const worker = new Worker(text, { eval: true, execArgv: [], workerData })
    worker.on('message', ({ slot, hash, code }: BulkAnswer) => {
      this.#settle(slot, hash, code === undefined ? undefined : new Error(code))
    })
    worker.on('error', (error) => {
      this.#worker = undefined
      this.#failAll(error)
    })
    worker.unref()
    return worker
  }

  #settle(slot: number, hash: Uint8Array | undefined, cause: Error | undefined): void {
    const done = this.#waiting.get(slot)
    if (done === undefined) return
    this.#waiting.delete(slot)
    this.#free.push(slot)
    if (this.#waiting.size === 0) this.#worker?.unref()
    done(hash, cause)
  }

  #failAll(cause: Error): void {
    for (const slot of [...this.#waiting.keys()]) this.#settle(slot, undefined, cause)
  }
}
