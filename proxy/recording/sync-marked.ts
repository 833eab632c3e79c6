// What the syncing thread does. It runs from its text in a thread of its own, so it uses nothing but what it is given.

import type { SparePlaces } from './spare-folders.ts'

/** Modules of Node that the thread uses. */
export interface ThreadModules {
  readonly fs: typeof import('node:fs')
  readonly crypto: typeof import('node:crypto')
  readonly threads: typeof import('node:worker_threads')
}

/** What the thread is given. */
export interface ThreadData {
  /** The `words` by name, then for each descriptor whether its file is to be synced, is followed, and grew. */
  readonly marks: Int32Array
  readonly words: typeof syncWords
  readonly descriptorsMax: number
  /** What was appended to files, as pieces of the journal, between `tail` and `head`; past `turn` it goes on in front. */
  readonly ring: Uint8Array
  readonly everyMs: number
  readonly journal: string
  /** The folder the journal is in, and the one that names the sessions. */
  readonly root: string
  readonly sessions: string
  readonly journalBytes: number
  /** A block of the journal begins with this. */
  readonly magic: string
  /** Folders that wait for sessions, where this thread makes them. */
  readonly spares: SparePlaces | undefined
}

/**
 * Places in the memory that both threads share: is it awake, the highest descriptor, is any marked, the ring's ends, the
 * numbers of the rounds that were begun and ended last, the journal's descriptor and one more, or 0, and was a session
 * given its folder.
 */
export const syncWords = {
  awake: 0,
  last: 1,
  marked: 2,
  head: 3,
  tail: 4,
  turn: 5,
  begun: 6,
  ended: 7,
  journal: 8,
  named: 9,
  marksAt: 10,
} as const

/**
 * Brings to the disk what was written, a round at a time. What came through the ring goes into the journal, which is
 * synced instead of all the files: one sync a round, whatever runs, of a file whose size and place do not change. Marked
 * files are synced themselves, before that: a log's leaf comes to the disk before what is recorded under it. Before the
 * journal is written over, the files themselves are synced.
 */
export function syncMarked({ fs, crypto, threads }: ThreadModules): void {
  const { marks, words, ring, descriptorsMax, everyMs, ...data } = threads.workerData as ThreadData
  const { marksAt } = words
  const followedAt = marksAt + descriptorsMax
  const grewAt = followedAt + descriptorsMax
  /** So many journals there has to be room for before one is made. */
  const journalsFree = 8
  /** How long after one could not be made the next is tried. */
  const journalRetryMs = 1000
  /** Names of sessions come to the disk this often: renaming waits for that, and so does who waits for the renaming. */
  const namesMs = 1000
  /**
   * A journal is filled in pieces of so many bytes. What is written at once the system keeps as one piece of memory, and
   * looks at each of its pages whenever a few of them are written again.
   */
  const fillBytes = 16 * 1024
  const headBytes = data.magic.length + 16 + 8 + 4
  const hashBytes = 32
  const never = new Int32Array(new SharedArrayBuffer(4))
  /** Files whose bytes since they were synced are in the journal. */
  const copied = new Set<number>()
  const run = crypto.randomBytes(16)
  const blockHead = Buffer.alloc(headBytes)
  let sequence = 0
  let at = 0
  let journal: number | undefined
  let notBeforeMs = 0
  let namesDueMs = 0

  function syncOne(fd: number): void {
    try {
      fs.fdatasyncSync(fd)
    } catch (error) {
      const code = String(Reflect.get(Object(error), 'code'))
      // A file that was closed meanwhile was synced before it was.
      if (code !== 'EBADF' && code !== 'EINVAL') threads.parentPort?.postMessage(code)
    }
  }

  function syncNames(folder: string): void {
    try {
      const fd = fs.openSync(folder, 'r')
      try {
        fs.fsyncSync(fd)
      } finally {
        fs.closeSync(fd)
      }
    } catch (error) {
      threads.parentPort?.postMessage(String(Reflect.get(Object(error), 'code')))
    }
  }

  /** Sessions' folders got their names by being renamed: no sync of what is in them brings that to the disk everywhere. */
  function syncSessions(): void {
    if (performance.now() < namesDueMs || Atomics.exchange(marks, words.named, 0) === 0) return
    namesDueMs = performance.now() + namesMs
    syncNames(data.sessions)
  }

  function syncAll(fds: Iterable<number>): void {
    for (const fd of fds) if (Atomics.load(marks, followedAt + fd) !== 0) syncOne(fd)
  }

  /** The descriptors that are marked, which they are no more then. */
  function taken(from: number): number[] {
    const last = Atomics.load(marks, words.last)
    const fds: number[] = []
    for (let fd = 0; fd <= last; fd++)
      if (Atomics.load(marks, from + fd) !== 0 && Atomics.exchange(marks, from + fd, 0) !== 0) fds.push(fd)
    return fds
  }

  /** The journal, as long as it will ever be: syncing it then changes nothing but its bytes. */
  function journalFile(): number {
    if (journal !== undefined && fs.fstatSync(journal).nlink > 0) return journal
    if (journal !== undefined) {
      Atomics.store(marks, words.journal, 0)
      fs.closeSync(journal)
      journal = undefined
      settleCopied()
    }
    if (performance.now() < notBeforeMs) throw new Error('no journal for now')
    notBeforeMs = performance.now() + journalRetryMs
    const fd = fs.openSync(data.journal, 'w+', 0o600)
    try {
      // The room is for the records: a journal is made where it is a small part of what is left.
      const { bavail, bsize } = fs.statfsSync(data.journal)
      if (bavail * bsize < data.journalBytes * journalsFree) throw new Error('too little room for a journal')
      const zeros = Buffer.alloc(Math.min(fillBytes, data.journalBytes))
      for (let done = 0; done < data.journalBytes; )
        done += fs.writeSync(fd, zeros, 0, Math.min(zeros.length, data.journalBytes - done), done)
      fs.fdatasyncSync(fd)
      syncNames(data.root)
    } catch (error) {
      fs.closeSync(fd)
      fs.rmSync(data.journal, { force: true })
      throw error
    }
    at = 0
    journal = fd
    Atomics.store(marks, words.journal, fd + 1)
    return fd
  }

  function settleCopied(): void {
    syncAll(copied)
    copied.clear()
    at = 0
  }

  /** What stands in the ring: pieces of the journal, one behind the other. */
  function piecesOf(tail: number, head: number): readonly Uint8Array[] {
    if (tail < head) return [ring.subarray(tail, head)]
    return [ring.subarray(tail, Atomics.load(marks, words.turn)), ring.subarray(0, head)]
  }

  /** Writes pieces to the journal as a block. Throws where they do not fit. */
  function write(fd: number, pieces: readonly Uint8Array[]): void {
    const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
    const total = headBytes + length + hashBytes
    if (total > data.journalBytes) throw new Error('more than a journal')
    if (at + total > data.journalBytes) settleCopied()
    let to = blockHead.write(data.magic, 0, 'latin1')
    to += run.copy(blockHead, to)
    to = blockHead.writeDoubleBE(sequence, to)
    blockHead.writeUInt32BE(length, to)
    const hash = crypto.createHash('sha256').update(blockHead)
    for (const piece of pieces) hash.update(piece)
    if (fs.writevSync(fd, [blockHead, ...pieces, hash.digest()], at) !== total) throw new Error('not written whole')
    at += total
    sequence++
  }

  /** Brings to the disk what was marked or stands in the ring when it begins. False where there is nothing. */
  function round(): boolean {
    // Before the marks are read: what is recorded under a leaf comes after it.
    const head = Atomics.load(marks, words.head)
    const isMarked = Atomics.exchange(marks, words.marked, 0) !== 0
    syncSessions()
    if (isMarked) for (const fd of taken(marksAt)) syncOne(fd)
    const tail = Atomics.load(marks, words.tail)
    if (tail === head) return isMarked
    const grown = taken(grewAt)
    let fd: number | undefined
    try {
      // One is made when several files grow at once; a lone one is as well synced itself.
      if (journal !== undefined || grown.length > 1) fd = journalFile()
      if (fd !== undefined) write(fd, piecesOf(tail, head))
    } catch {
      // Without a journal the files themselves are synced, and tell what is wrong with the disk.
      fd = undefined
    }
    Atomics.store(marks, words.tail, head)
    try {
      if (fd !== undefined) fs.fdatasyncSync(fd)
    } catch {
      fd = undefined
    }
    if (fd === undefined) syncAll(grown)
    else for (const one of grown) copied.add(one)
    return true
  }

  /** Makes folders for sessions to come. What goes wrong is told by the session that then makes its own. */
  function makeSpares({ places, base, file }: SparePlaces): void {
    const last = places.length - 1
    if (Atomics.exchange(places, last, 0) === 0) return
    for (let place = 0; place < last; place++) {
      if (Atomics.load(places, place) !== 0) continue
      const folder = base + place
      try {
        fs.mkdirSync(folder, { mode: 0o700 })
        Atomics.store(places, place, fs.openSync(`${folder}/${file}`, 'wx+', 0o600) + 1)
      } catch {
        try {
          fs.rmSync(folder, { recursive: true, force: true })
        } catch {
          // It is in nobody's way, but at this place.
        }
        return
      }
    }
  }

  for (;;) {
    // INVARIANT: whoever writes looks whether this thread is awake after writing, and this thread for what was written
    // after telling that it is not.
    Atomics.store(marks, words.awake, 0)
    const isNothing =
      Atomics.load(marks, words.head) === Atomics.load(marks, words.tail) && Atomics.load(marks, words.marked) === 0
    if (isNothing) Atomics.wait(marks, words.awake, 0)
    Atomics.store(marks, words.awake, 1)
    // Where something came in one round something will in the next: nobody has to wake this thread for it.
    for (let goesOn = true; goesOn; ) {
      Atomics.wait(never, 0, 0, everyMs)
      Atomics.add(marks, words.begun, 1)
      goesOn = round()
      Atomics.store(marks, words.ended, Atomics.load(marks, words.begun))
      if (data.spares !== undefined) makeSpares(data.spares)
    }
  }
}
