// Syncs files in a thread of its own. The thread that writes only marks a file in shared memory: asking for a sync by a
// call would cost it more than the write did.
import { Worker } from 'node:worker_threads'
import { RecordingError } from './error.ts'

/** Highest file descriptor that can be marked. */
const descriptorsMax = 65_536
/** Before the marks: whether the thread is awake, and the highest descriptor marked so far. */
const marksAt = 2

/** Brings marked files to the disk within a time. */
export class SyncThread {
  readonly #shared = new Int32Array(new SharedArrayBuffer((marksAt + descriptorsMax) * 4))
  readonly #everyMs: number
  readonly #onFault: (error: RecordingError) => void
  #worker: Worker | undefined

  constructor(everyMs: number, onFault: (error: RecordingError) => void) {
    this.#everyMs = everyMs
    this.#onFault = onFault
  }

  /** Marks a file to be synced. False for one that this thread cannot take. */
  mark(fd: number): boolean {
    if (fd >= descriptorsMax) return false
    const shared = this.#shared
    this.#worker ??= this.#start()
    if (fd > Atomics.load(shared, 1)) Atomics.store(shared, 1, fd)
    Atomics.store(shared, marksAt + fd, 1)
    if (Atomics.exchange(shared, 0, 1) === 0) Atomics.notify(shared, 0)
    return true
  }

  /** Forgets a file that is about to be closed. */
  forget(fd: number): void {
    if (fd < descriptorsMax) Atomics.store(this.#shared, marksAt + fd, 0)
  }

  async close(): Promise<void> {
    await this.#worker?.terminate()
    this.#worker = undefined
  }

  #start(): Worker {
    const fault = (cause: Error): void =>
      this.#onFault(new RecordingError('unwritable', 'the recording cannot be synced', { cause }))
    const worker = new Worker(`(${syncMarked.toString()})(require('node:fs'), require('node:worker_threads'))`, {
      eval: true,
      // Preloads of the process are none of this thread's business.
      execArgv: [],
      workerData: { shared: this.#shared, everyMs: this.#everyMs, marksAt },
    })
    worker.on('message', (code: unknown) => fault(new Error(String(code))))
    worker.on('error', (error) => {
      this.#worker = undefined
      Atomics.store(this.#shared, 0, 0)
      fault(error)
    })
    worker.unref()
    return worker
  }
}

/** What the thread does; it runs from its text, so it uses nothing but what it is given. */
function syncMarked(fs: typeof import('node:fs'), threads: typeof import('node:worker_threads')): void {
  const {
    shared,
    everyMs,
    marksAt: start,
  } = threads.workerData as {
    readonly shared: Int32Array
    readonly everyMs: number
    readonly marksAt: number
  }
  const never = new Int32Array(new SharedArrayBuffer(4))
  for (;;) {
    Atomics.wait(shared, 0, 0)
    // Asleep from here on, unless somebody marks: a mark that comes during the round wakes for the next one.
    Atomics.wait(never, 0, 0, everyMs)
    Atomics.store(shared, 0, 0)
    const last = start + Atomics.load(shared, 1)
    for (let at = start; at <= last; at++) {
      if (Atomics.load(shared, at) === 0 || Atomics.exchange(shared, at, 0) === 0) continue
      try {
        fs.fdatasyncSync(at - start)
      } catch (error) {
        const code = String(Reflect.get(Object(error), 'code'))
        // A file that was closed meanwhile was synced before it was.
        if (code !== 'EBADF' && code !== 'EINVAL') threads.parentPort?.postMessage(code)
      }
    }
  }
}
