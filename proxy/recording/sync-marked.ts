// What the syncing thread does. It runs from its text in a thread of its own, so it uses nothing but what it is given.

/** Modules of Node that the thread uses. */
export interface ThreadModules {
  readonly fs: typeof import('node:fs')
  readonly crypto: typeof import('node:crypto')
  readonly threads: typeof import('node:worker_threads')
}

/** What the thread is given. */
export interface ThreadData {
  /** The `words` by name, then for each descriptor a mark, then the number of its file. */
  readonly marks: Int32Array
  readonly words: typeof syncWords
  readonly record: typeof ringRecord
  readonly descriptorsMax: number
  /** What was appended to files and is on its way to the journal: records behind each other, between `tail` and `head`. */
  readonly ring: ArrayBufferLike
  readonly everyMs: number
  readonly journal: string
  readonly journalBytes: number
  /** A block of the journal begins with this. */
  readonly magic: string
  /** Tells of files that were opened: descriptor, number, path. */
  readonly port: import('node:worker_threads').MessagePort
}

/**
 * Places in the memory that both threads share: is it awake, the highest descriptor, is any marked, the ring's ends, and
 * the numbers of the rounds that were begun and ended last.
 */
export const syncWords = { awake: 0, last: 1, marked: 2, head: 3, tail: 4, begun: 5, ended: 6, marksAt: 7 } as const
/**
 * A record of the ring: descriptor (4), number of its file (4), offset (8, double), length (4), and the bytes, up to
 * a whole number of units. `turns` instead of a descriptor says that the next one stands at the ring's beginning.
 */
export const ringRecord = { headBytes: 20, unit: 4, turns: 0xff_ff_ff_ff } as const

/** A file that was opened. */
export interface OpenedFile {
  readonly fd: number
  readonly number: number
  readonly path: string
}

/**
 * Brings to the disk what was written, a round at a time. What came through the ring goes into the journal, which is
 * synced instead of all the files: one sync a round, whatever runs, of a file whose size and place do not change. Marked
 * files are synced themselves, before that: a log's leaf comes to the disk before what is recorded under it. Before the
 * journal is written over, the files themselves are synced.
 */
export function syncMarked({ fs, crypto, threads }: ThreadModules): void {
  const data = threads.workerData as ThreadData
  const { marks, words, descriptorsMax, everyMs, port } = data
  const { marksAt } = words
  const numbersAt = marksAt + descriptorsMax
  const ring = Buffer.from(data.ring)
  const { record } = data
  /** So many journals there has to be room for before one is made. */
  const journalsFree = 8
  /** How long after one could not be made the next is tried. */
  const journalRetryMs = 1000
  /**
   * A journal is filled in pieces of so many bytes. What is written at once the system keeps as one piece of memory, and
   * looks at each of its pages whenever a few of them are written again.
   */
  const fillBytes = 16 * 1024
  const headBytes = data.magic.length + 16 + 8 + 4
  const hashBytes = 32
  const never = new Int32Array(new SharedArrayBuffer(4))
  const followed = new Map<number, OpenedFile>()
  const copied = new Map<number, OpenedFile>()
  const run = crypto.randomBytes(16)
  const block = Buffer.alloc(data.journalBytes)
  let sequence = 0
  let at = 0
  let journal: number | undefined
  let notBeforeMs = 0

  function told(error: unknown): void {
    const code = String(Reflect.get(Object(error), 'code'))
    // A file that was closed meanwhile was synced before it was.
    if (code !== 'EBADF' && code !== 'EINVAL') threads.parentPort?.postMessage(code)
  }

  function syncOne(fd: number): boolean {
    try {
      fs.fdatasyncSync(fd)
      return true
    } catch (error) {
      told(error)
      return false
    }
  }

  function isOpen({ fd, number }: Pick<OpenedFile, 'fd' | 'number'>): boolean {
    return Atomics.load(marks, numbersAt + fd) === number
  }

  /** The journal, as long as it will ever be: syncing it then changes nothing but its bytes. */
  function journalFile(): number {
    if (journal !== undefined && fs.fstatSync(journal).nlink > 0) return journal
    if (journal !== undefined) {
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
      if (bavail * bsize < block.length * journalsFree) throw new Error('too little room for a journal')
      block.fill(0)
      for (let done = 0; done < block.length; )
        done += fs.writeSync(fd, block, done, Math.min(fillBytes, block.length - done), done)
      fs.fdatasyncSync(fd)
    } catch (error) {
      fs.closeSync(fd)
      fs.rmSync(data.journal, { force: true })
      throw error
    }
    at = 0
    journal = fd
    return fd
  }

  function settleCopied(): void {
    for (const file of copied.values()) if (isOpen(file)) syncOne(file.fd)
    copied.clear()
    at = 0
  }

  /** Whether what stands in the ring before `head` is of more than one file. */
  function isOfSeveral(tail: number, head: number): boolean {
    let first: number | undefined
    for (let from = tail; from !== head; ) {
      const fd = ring.readUInt32LE(from)
      if (fd === record.turns) {
        from = 0
        continue
      }
      if (first !== undefined && fd !== first) return true
      first = fd
      from = after(from, ring.readUInt32LE(from + 16))
    }
    return false
  }

  /** Where the record after this one stands. */
  function after(from: number, bytes: number): number {
    const next = from + Math.ceil((record.headBytes + bytes) / record.unit) * record.unit
    return next === ring.length ? 0 : next
  }

  /**
   * Puts what stands in the ring before `head` into the block, as pieces; the length is undefined where it does not fit.
   * Nothing of files that are closed: they were synced before.
   */
  function gather(
    tail: number,
    head: number,
  ): { readonly length: number | undefined; readonly files: Set<OpenedFile> } {
    const files = new Set<OpenedFile>()
    let to = headBytes
    let fits = true
    /** The piece before: where its length stands, and what would go on with it. */
    let piece = { of: -1, lengthAt: 0, bytes: 0, next: 0 }
    for (let from = tail; from !== head; ) {
      const fd = ring.readUInt32LE(from)
      if (fd === record.turns) {
        from = 0
        continue
      }
      const number = ring.readUInt32LE(from + 4)
      const offset = ring.readDoubleLE(from + 8)
      const bytes = ring.readUInt32LE(from + 16)
      const start = from + record.headBytes
      from = after(from, bytes)
      if (!isOpen({ fd, number })) continue
      const file = followed.get(fd)
      if (file?.number !== number) {
        // A thread before this one was told of it.
        syncOne(fd)
        continue
      }
      files.add(file)
      const path = Buffer.byteLength(file.path)
      fits = fits && to + 2 + path + 8 + 4 + bytes + hashBytes <= block.length
      if (!fits) continue
      if (piece.of === number && piece.next === offset) piece.bytes += bytes
      else {
        to = block.writeUInt16BE(path, to)
        to += block.write(file.path, to)
        to = block.writeDoubleBE(offset, to)
        piece = { of: number, lengthAt: to, bytes, next: 0 }
        to += 4
      }
      piece.next = offset + bytes
      block.writeUInt32BE(piece.bytes, piece.lengthAt)
      to += ring.copy(block, to, start, start + bytes)
    }
    return { length: fits ? to - headBytes : undefined, files }
  }

  /** Writes the pieces in the block to the journal, and brings them to the disk. */
  function write(fd: number, length: number): void {
    const total = headBytes + length + hashBytes
    if (at + total > block.length) settleCopied()
    let to = block.write(data.magic, 0, 'latin1')
    to += run.copy(block, to)
    to = block.writeDoubleBE(sequence, to)
    block.writeUInt32BE(length, to)
    const hash = crypto
      .createHash('sha256')
      .update(block.subarray(0, headBytes + length))
      .digest()
    hash.copy(block, headBytes + length)
    for (let done = 0; done < total; ) done += fs.writeSync(fd, block, done, total - done, at + done)
    fs.fdatasyncSync(fd)
    at += total
    sequence++
  }

  /** Brings to the disk what was marked or stands in the ring when it begins. */
  function round(): void {
    // Before the marks are read: what is recorded under a leaf comes after it.
    const head = Atomics.load(marks, words.head)
    for (let message = threads.receiveMessageOnPort(port); message !== undefined; ) {
      const opened = message.message as OpenedFile
      followed.set(opened.fd, opened)
      message = threads.receiveMessageOnPort(port)
    }
    if (Atomics.exchange(marks, words.marked, 0) !== 0) {
      const last = Atomics.load(marks, words.last)
      for (let fd = 0; fd <= last; fd++)
        if (Atomics.load(marks, marksAt + fd) !== 0 && Atomics.exchange(marks, marksAt + fd, 0) !== 0) syncOne(fd)
    }
    const tail = Atomics.load(marks, words.tail)
    if (tail === head) return
    let fd: number | undefined
    try {
      // One is made when several files grow at once; a lone one is as well synced itself.
      if (journal !== undefined || isOfSeveral(tail, head)) fd = journalFile()
    } catch {
      // Without a journal the files themselves are synced, and tell what is wrong with the disk.
    }
    const { length, files } = gather(tail, head)
    Atomics.store(marks, words.tail, head)
    if (files.size === 0) return
    let isWritten = false
    try {
      if (fd !== undefined && length !== undefined) {
        write(fd, length)
        isWritten = true
      }
    } catch {
      // As without one.
    }
    for (const file of files) {
      if (isWritten) copied.set(file.fd, file)
      else if (isOpen(file)) syncOne(file.fd)
    }
  }

  for (;;) {
    Atomics.wait(marks, words.awake, 0)
    // Asleep from here on, unless somebody wakes it: what comes during the round is for the next one.
    Atomics.wait(never, 0, 0, everyMs)
    Atomics.store(marks, words.awake, 0)
    Atomics.add(marks, words.begun, 1)
    round()
    Atomics.store(marks, words.ended, Atomics.load(marks, words.begun))
  }
}
