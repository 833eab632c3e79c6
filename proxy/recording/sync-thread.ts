// Syncs files in a thread of its own. The thread that writes only leaves in shared memory what it wrote, or marks a file
// there: asking for a sync by a call would cost it more than the write did.
import { closeSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { RecordingError } from './error.ts'
import { journalBytes, journalMagic } from './journal.ts'
import type { SpareFolders } from './spare-folders.ts'
import { syncMarked, syncWords, type ThreadData } from './sync-marked.ts'

/** Highest file descriptor that can be marked. */
const descriptorsMax = 65_536
const { marksAt } = syncWords
const followedAt = marksAt + descriptorsMax
const grewAt = followedAt + descriptorsMax
/** What may be on its way to the journal; a file whose bytes find no room is synced itself. */
const ringBytesDefault = 1024 * 1024
/** More at once goes to the disk where it stands. */
const recordBytesMax = 32 * 1024
/** Offset and length of a piece of the journal, which stand before its bytes. */
const numbersBytes = 12
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
  readonly #marks = new Int32Array(new SharedArrayBuffer((grewAt + descriptorsMax) * 4))
  readonly #ring: Uint8Array
  readonly #view: DataView
  readonly #everyMs: number
  readonly #journal: string
  readonly #journalBytes: number
  readonly #onFault: (error: RecordingError) => void
  readonly #spares: SpareFolders | undefined
  /** How the pieces of a file that is followed begin, by its descriptor: the length of its path, and the path. */
  readonly #places: (Uint8Array | undefined)[] = []
  #worker: Worker | undefined
  #isWaking = false
  #settling: Settling[] = []
  #look: NodeJS.Timeout | undefined
  readonly #rouse = (): void => {
    this.#isWaking = false
    this.#worker ??= this.#start()
    if (Atomics.exchange(this.#marks, syncWords.awake, 1) === 0) Atomics.notify(this.#marks, syncWords.awake)
  }

  /** `journal` is the path of a file that is the thread's own, `spares` what it makes between rounds. */
  constructor(
    everyMs: number,
    journal: string,
    onFault: (error: RecordingError) => void,
    bytes: number = journalBytes,
    ringBytes: number = ringBytesDefault,
    spares?: SpareFolders,
  ) {
    this.#spares = spares
    this.#ring = new Uint8Array(new SharedArrayBuffer(ringBytes))
    this.#view = new DataView(this.#ring.buffer)
    this.#everyMs = everyMs
    this.#journal = journal
    this.#journalBytes = bytes
    this.#onFault = onFault
  }

  /**
   * Follows a file whose bytes are only ever appended; `path` says where it stands, for whoever reads the journal. The
   * name of a new folder is synced with what is in it.
   */
  follow(fd: number, path: string, isNewFolder = false): void {
    if (fd >= descriptorsMax) return
    this.#worker ??= this.#start()
    if (isNewFolder) Atomics.store(this.#marks, syncWords.named, 1)
    const text = Buffer.from(path)
    const place = new Uint8Array(2 + text.length)
    new DataView(place.buffer).setUint16(0, text.length)
    place.set(text, 2)
    this.#places[fd] = place
    this.#reaches(fd)
    Atomics.store(this.#marks, followedAt + fd, 1)
  }

  /**
   * Has bytes synced that were written at an offset of a file that is followed: so many from a place in memory on. False
   * where this thread cannot. They are left as a piece of the journal, so that nobody has to look at each again.
   */
  wrote(fd: number, offset: number, memory: Uint8Array, from: number, bytes: number): boolean {
    const place = this.#places[fd]
    if (place === undefined || bytes > recordBytesMax) return this.mark(fd)
    const length = place.length + numbersBytes + bytes
    const at = this.#room(length)
    if (at === undefined) return this.mark(fd)
    const ring = this.#ring
    ring.set(place, at)
    const numbersAt = at + place.length
    this.#view.setFloat64(numbersAt, offset)
    this.#view.setUint32(numbersAt + 8, bytes)
    ring.set(memory.subarray(from, from + bytes), numbersAt + numbersBytes)
    // INVARIANT: the file is known to have grown before there is a piece of it.
    Atomics.store(this.#marks, grewAt + fd, 1)
    Atomics.store(this.#marks, syncWords.head, at + length)
    this.#wake()
    return true
  }

  /** Where in the ring a piece of that length may stand; undefined where the thread is too far behind. */
  #room(length: number): number | undefined {
    const head = Atomics.load(this.#marks, syncWords.head)
    const tail = Atomics.load(this.#marks, syncWords.tail)
    // INVARIANT: the head never comes up to the tail from behind: ends that are equal mean an empty ring.
    if (head < tail) return head + length < tail ? head : undefined
    if (head + length <= this.#ring.length) return head
    if (length >= tail) return undefined
    Atomics.store(this.#marks, syncWords.turn, head)
    return 0
  }

  /** Marks a file to be synced itself. False for one that this thread cannot take. */
  mark(fd: number): boolean {
    if (fd >= descriptorsMax) return false
    this.#reaches(fd)
    Atomics.store(this.#marks, marksAt + fd, 1)
    Atomics.store(this.#marks, syncWords.marked, 1)
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

  /** Tells whoever waits for a round that has ended. */
  look(): void {
    if (this.#settling.length === 0) return
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
  }

  /** Rounds are looked at from here: a thread that told of each would have this one wake up for it. */
  #lookLater(): void {
    this.#look ??= setTimeout(() => {
      this.#look = undefined
      this.look()
      if (this.#settling.length === 0) return
      // A round that began before somebody asked leaves the thread asleep.
      this.#wake()
      this.#lookLater()
    }, this.#everyMs)
  }

  /** The thread looks at descriptors up to the highest that it was told of. */
  #reaches(fd: number): void {
    if (fd > Atomics.load(this.#marks, syncWords.last)) Atomics.store(this.#marks, syncWords.last, fd)
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
    this.#places[fd] = undefined
    for (const at of [followedAt, grewAt, marksAt]) Atomics.store(this.#marks, at + fd, 0)
  }

  /** Ends the thread. Its journal is of no use any more where every file was synced before it was closed. */
  async close(): Promise<void> {
    clearTimeout(this.#look)
    for (const { done } of this.#settling.splice(0)) done(false)
    await this.#worker?.terminate()
    this.#worker = undefined
    this.#closeJournal()
    this.#spares?.close()
    rmSync(this.#journal, { force: true })
  }

  #closeJournal(): void {
    const fd = Atomics.exchange(this.#marks, syncWords.journal, 0) - 1
    if (fd >= 0) closeSync(fd)
  }

  #start(): Worker {
    const fault = (cause: Error): void =>
      this.#onFault(new RecordingError('unwritable', 'the recording cannot be synced', { cause }))
    const workerData: ThreadData = {
      marks: this.#marks,
      words: syncWords,
      ring: this.#ring,
      descriptorsMax,
      everyMs: this.#everyMs,
      journal: this.#journal,
      root: dirname(this.#journal),
      sessions: join(dirname(this.#journal), 'sessions'),
      journalBytes: this.#journalBytes,
      magic: journalMagic,
      spares:
        this.#spares === undefined
          ? undefined
          : { places: this.#spares.places, base: this.#spares.base, file: this.#spares.file },
    }
    // Loaders that keep the names of functions wrap them in a call.
    const text = `const __name = (named) => named;
(${syncMarked.toString()})({ fs: require('node:fs'), crypto: require('node:crypto'), threads: require('node:worker_threads') })`
    // Preloads of the process are none of this thread's business.
    const worker = new Worker(text, {
      eval: true,
      execArgv: [],
      workerData,
      // INVARIANT: files that it opened for sessions do not end with it.
      trackUnmanagedFds: false,
    })
    worker.on('message', (code: unknown) => fault(new Error(String(code))))
    worker.on('error', (error) => {
      this.#worker = undefined
      this.#closeJournal()
      Atomics.store(this.#marks, syncWords.awake, 0)
      // What is in the journal alone is not known to the next one, which begins the journal anew.
      this.#places.forEach((place, fd) => {
        if (place !== undefined) this.mark(fd)
      })
      // What it was about to sync is for the next one.
      for (const { fd } of this.#settling) this.mark(fd)
      fault(error)
    })
    worker.unref()
    return worker
  }
}
