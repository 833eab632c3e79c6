// Syncs files in a thread of its own. The thread that writes only marks a file in shared memory: asking for a sync by a
// call would cost it more than the write did.
import { rmSync } from 'node:fs'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { RecordingError } from './error.ts'
import { journalBytes, journalMagic } from './journal.ts'
import { type OpenedFile, syncMarked, type ThreadData } from './sync-marked.ts'

/** Highest file descriptor that can be marked. */
const descriptorsMax = 65_536
/** Before the marks: whether the thread is awake, and the highest descriptor in use so far. */
const marksAt = 2
const numbersAt = marksAt + descriptorsMax
const numberMax = 2 ** 31 - 1

/** Brings marked files to the disk within a time. */
export class SyncThread {
  readonly #marks = new Int32Array(new SharedArrayBuffer((numbersAt + descriptorsMax) * 4))
  readonly #ends = new Float64Array(new SharedArrayBuffer(descriptorsMax * 8))
  readonly #everyMs: number
  readonly #journal: string
  readonly #journalBytes: number
  readonly #onFault: (error: RecordingError) => void
  #worker: Worker | undefined
  #port: MessagePort | undefined
  #number = 0

  /** `journal` is the path of a file that is the thread's own. */
  constructor(
    everyMs: number,
    journal: string,
    onFault: (error: RecordingError) => void,
    bytes: number = journalBytes,
  ) {
    this.#everyMs = everyMs
    this.#journal = journal
    this.#journalBytes = bytes
    this.#onFault = onFault
  }

  /** Follows a file whose bytes are only ever appended; `path` says where it stands, for whoever reads the journal. */
  follow(fd: number, path: string): void {
    if (fd >= descriptorsMax) return
    this.#worker ??= this.#start()
    this.#number = this.#number === numberMax ? 1 : this.#number + 1
    const opened: OpenedFile = { fd, number: this.#number, path }
    this.#port?.postMessage(opened)
    Atomics.store(this.#marks, numbersAt + fd, this.#number)
  }

  /** Marks a file to be synced up to `end`. False for one that this thread cannot take. */
  mark(fd: number, end: number): boolean {
    if (fd >= descriptorsMax) return false
    const marks = this.#marks
    this.#worker ??= this.#start()
    this.#ends[fd] = end
    if (fd > Atomics.load(marks, 1)) Atomics.store(marks, 1, fd)
    Atomics.store(marks, marksAt + fd, 1)
    if (Atomics.exchange(marks, 0, 1) === 0) Atomics.notify(marks, 0)
    return true
  }

  /** Forgets a file that is about to be closed. */
  forget(fd: number): void {
    if (fd >= descriptorsMax) return
    Atomics.store(this.#marks, numbersAt + fd, 0)
    Atomics.store(this.#marks, marksAt + fd, 0)
  }

  /** Ends the thread. Its journal is of no use any more where every file was synced before it was closed. */
  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
    this.#port?.close()
    rmSync(this.#journal, { force: true })
  }

  #start(): Worker {
    const fault = (cause: Error): void =>
      this.#onFault(new RecordingError('unwritable', 'the recording cannot be synced', { cause }))
    const { port1, port2 } = new MessageChannel()
    this.#port = port1
    port1.unref()
    const workerData: ThreadData = {
      marks: this.#marks,
      ends: this.#ends,
      descriptorsMax,
      everyMs: this.#everyMs,
      journal: this.#journal,
      journalBytes: this.#journalBytes,
      magic: journalMagic,
      port: port2,
    }
    // Loaders that keep the names of functions wrap them in a call.
    const text = `const __name = (named) => named;
(${syncMarked.toString()})({ fs: require('node:fs'), crypto: require('node:crypto'), threads: require('node:worker_threads') })`
    // Preloads of the process are none of this thread's business.
    const worker = new Worker(text, { eval: true, execArgv: [], workerData, transferList: [port2] })
    worker.on('message', (code: unknown) => fault(new Error(String(code))))
    worker.on('error', (error) => {
      this.#worker = undefined
      this.#port?.close()
      Atomics.store(this.#marks, 0, 0)
      fault(error)
    })
    worker.unref()
    return worker
  }
}
