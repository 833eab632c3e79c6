// Syncs files in a thread of its own. The thread that writes only leaves in shared memory what it wrote, or marks a file
// there: asking for a sync by a call would cost it more than the write did.
import { rmSync } from 'node:fs'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { RecordingError } from './error.ts'
import { journalBytes, journalMagic } from './journal.ts'
import { type OpenedFile, ringRecord, syncMarked, syncWords, type ThreadData } from './sync-marked.ts'

/** Highest file descriptor that can be marked. */
const descriptorsMax = 65_536
const { marksAt } = syncWords
const numbersAt = marksAt + descriptorsMax
const numberMax = 2 ** 31 - 1
/** What may be on its way to the journal; a file whose bytes find no room is synced itself. */
const ringBytesDefault = 1024 * 1024
/** More at once goes to the disk where it stands. */
const recordBytesMax = 32 * 1024
/** Whoever waits longer for a round is told that none came. */
const settlingMsMax = 5000

/** Somebody who waits until a round has ended. */
interface Settling {
  readonly fd: number
  readonly round: number
  readonly untilMs: number
  readonly done: (isSynced: boolean) => void
}

/** Brings marked files to the disk within a time. */
export class SyncThread {
  readonly #marks = new Int32Array(new SharedArrayBuffer((numbersAt + descriptorsMax) * 4))
  readonly #ring: Uint8Array
  readonly #view: DataView
  readonly #everyMs: number
  readonly #journal: string
  readonly #journalBytes: number
  readonly #onFault: (error: RecordingError) => void
  #worker: Worker | undefined
  #port: MessagePort | undefined
  #number = 0
  #isWaking = false
  #settling: Settling[] = []
  #look: NodeJS.Timeout | undefined
  readonly #rouse = (): void => {
    this.#isWaking = false
    this.#worker ??= this.#start()
    if (Atomics.exchange(this.#marks, syncWords.awake, 1) === 0) Atomics.notify(this.#marks, syncWords.awake)
  }

  /** `journal` is the path of a file that is the thread's own. */
  constructor(
    everyMs: number,
    journal: string,
    onFault: (error: RecordingError) => void,
    bytes: number = journalBytes,
    ringBytes: number = ringBytesDefault,
  ) {
    this.#ring = new Uint8Array(new SharedArrayBuffer(ringBytes))
    this.#view = new DataView(this.#ring.buffer)
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

  /**
   * Has bytes synced that were written at an offset of a file that is followed: so many from a place in memory on. False
   * where this thread cannot.
   */
  wrote(fd: number, offset: number, memory: Uint8Array, from: number, bytes: number): boolean {
    const marks = this.#marks
    const view = this.#view
    const number = fd < descriptorsMax ? Atomics.load(marks, numbersAt + fd) : 0
    if (number === 0 || bytes > recordBytesMax) return this.mark(fd)
    const length = Math.ceil((ringRecord.headBytes + bytes) / ringRecord.unit) * ringRecord.unit
    const at = this.#room(length)
    if (at === undefined) return this.mark(fd)
    view.setUint32(at, fd, true)
    view.setUint32(at + 4, number, true)
    view.setFloat64(at + 8, offset, true)
    view.setUint32(at + 16, bytes, true)
    this.#ring.set(memory.subarray(from, from + bytes), at + ringRecord.headBytes)
    Atomics.store(marks, syncWords.head, at + length === this.#ring.length ? 0 : at + length)
    this.#wake()
    return true
  }

  /** Where in the ring a record of that length may stand; undefined where the thread is too far behind. */
  #room(length: number): number | undefined {
    const head = Atomics.load(this.#marks, syncWords.head)
    const tail = Atomics.load(this.#marks, syncWords.tail)
    // INVARIANT: the head never comes up to the tail from behind: ends that are equal mean an empty ring.
    if (head < tail) return head + length < tail ? head : undefined
    const end = this.#ring.length
    if (head + length < end || (head + length === end && tail > 0)) return head
    if (length >= tail) return undefined
    // What is left at the end, one unit at the least, is passed over.
    this.#view.setUint32(head, ringRecord.turns, true)
    return 0
  }

  /** Marks a file to be synced itself. False for one that this thread cannot take. */
  mark(fd: number): boolean {
    if (fd >= descriptorsMax) return false
    const marks = this.#marks
    if (fd > Atomics.load(marks, syncWords.last)) Atomics.store(marks, syncWords.last, fd)
    Atomics.store(marks, marksAt + fd, 1)
    Atomics.store(marks, syncWords.marked, 1)
    this.#wake()
    return true
  }

  /**
   * Calls `done` when all that was written to a file until now is on the disk, or with false where no round came that
   * would have brought it there. False for a file that this thread cannot take.
   */
  settle(fd: number, done: Settling['done']): boolean {
    if (!this.mark(fd)) return false
    // The round that is under way may have passed this file.
    const round = (Atomics.load(this.#marks, syncWords.begun) + 1) | 0
    this.#settling.push({ fd, round, untilMs: performance.now() + settlingMsMax, done })
    this.#lookLater()
    return true
  }

  /** Rounds are looked at from here: a thread that told of each would have this one wake up for it. */
  #lookLater(): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined
      const ended = Atomics.load(this.#marks, syncWords.ended)
      const nowMs = performance.now()
      const settling = this.#settling
      this.#settling = []
      for (const one of settling) {
        // Numbers begin anew after the highest.
        const isSynced = ((ended - one.round) | 0) >= 0
        if (isSynced || nowMs >= one.untilMs) one.done(isSynced)
        else this.#settling.push(one)
      }
      if (this.#settling.length === 0) return
      // A round that began before somebody asked leaves the thread asleep.
      this.#wake()
      this.#lookLater()
    }, this.#everyMs)
  }

  /** Wakes the thread where it sleeps, once what waits for this record has gone on. */
  #wake(): void {
    if (this.#isWaking || Atomics.load(this.#marks, syncWords.awake) !== 0) return
    this.#isWaking = true
    queueMicrotask(this.#rouse)
  }

  /** Forgets a file that is about to be closed. */
  forget(fd: number): void {
    if (fd >= descriptorsMax) return
    Atomics.store(this.#marks, numbersAt + fd, 0)
    Atomics.store(this.#marks, marksAt + fd, 0)
  }

  /** Ends the thread. Its journal is of no use any more where every file was synced before it was closed. */
  async close(): Promise<void> {
    clearTimeout(this.#look)
    for (const { done } of this.#settling.splice(0)) done(false)
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
      words: syncWords,
      record: ringRecord,
      ring: this.#ring.buffer,
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
      Atomics.store(this.#marks, syncWords.awake, 0)
      // What it was about to sync is for the next one.
      for (const { fd } of this.#settling) this.mark(fd)
      fault(error)
    })
    worker.unref()
    return worker
  }
}
