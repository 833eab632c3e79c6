// What the syncing thread does. It runs from its text in a thread of its own, so it uses nothing but what it is given.

/** Modules of Node that the thread uses. */
export interface ThreadModules {
  readonly fs: typeof import('node:fs')
  readonly crypto: typeof import('node:crypto')
  readonly threads: typeof import('node:worker_threads')
}

/** What the thread is given. */
export interface ThreadData {
  /** Whether it is awake, the highest descriptor in use, then for each descriptor a mark, then the number of its file. */
  readonly marks: Int32Array
  /** For each descriptor, how many bytes of its file were written. */
  readonly ends: Float64Array
  readonly descriptorsMax: number
  readonly everyMs: number
  readonly journal: string
  readonly journalBytes: number
  /** A block of the journal begins with this. */
  readonly magic: string
  /** Tells of files that were opened: descriptor, number, path. */
  readonly port: import('node:worker_threads').MessagePort
}

/** A file that was opened. */
export interface OpenedFile {
  readonly fd: number
  readonly number: number
  readonly path: string
}

interface Following extends OpenedFile {
  /** How many of its bytes the disk has, here or in the journal. */
  from: number
}

/**
 * Brings what was marked to the disk, a round at a time. The file of one session is synced itself. What several have
 * written since goes together into the journal, which is synced instead of all of them: one sync a round, whatever runs.
 * Before the journal is written over, the files themselves are synced.
 */
export function syncMarked({ fs, crypto, threads }: ThreadModules): void {
  const data = threads.workerData as ThreadData
  const { marks, ends, descriptorsMax, everyMs, port } = data
  const marksAt = 2
  const numbersAt = marksAt + descriptorsMax
  /** More than this of one file goes to the disk where it stands. */
  const copiedMax = 256 * 1024
  /** So many journals there has to be room for before one is made. */
  const journalsFree = 8
  /** How long after one could not be made the next is tried. */
  const journalRetryMs = 1000
  const headBytes = data.magic.length + 16 + 8 + 4
  const hashBytes = 32
  const never = new Int32Array(new SharedArrayBuffer(4))
  const followed = new Map<number, Following>()
  const copied = new Map<number, Following>()
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

  function isOpen({ fd, number }: Following): boolean {
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
      for (let done = 0; done < block.length; ) done += fs.writeSync(fd, block, done, block.length - done, done)
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

  /** Puts what a file grew by into the block. False where it has to be synced itself. */
  function copy(file: Following, length: number): number {
    const end = ends[file.fd] ?? 0
    const bytes = end - file.from
    const path = Buffer.from(file.path)
    const needed = 2 + path.length + 8 + 4 + bytes
    if (bytes < 0 || bytes > copiedMax || headBytes + length + needed + hashBytes > block.length) return -1
    let to = headBytes + length
    to = block.writeUInt16BE(path.length, to)
    to += path.copy(block, to)
    to = block.writeDoubleBE(file.from, to)
    to = block.writeUInt32BE(bytes, to)
    try {
      for (let done = 0; done < bytes; ) {
        const read = fs.readSync(file.fd, block, to + done, bytes - done, file.from + done)
        if (read === 0) return -1
        done += read
      }
    } catch {
      return -1
    }
    // INVARIANT: a descriptor's number is taken away before it is closed, so what was read is this file's.
    return isOpen(file) ? needed : 0
  }

  function settleCopied(): void {
    for (const file of copied.values()) if (isOpen(file)) syncOne(file.fd)
    copied.clear()
    at = 0
  }

  /** Brings the growth of several files to the disk in one block. Those that it cannot take are left in `files`. */
  function write(files: Map<number, Following>): void {
    const fd = journalFile()
    let length = 0
    const taken: (readonly [Following, number])[] = []
    for (const file of files.values()) {
      const end = ends[file.fd] ?? 0
      const needed = copy(file, length)
      if (needed < 0) continue
      if (needed > 0) taken.push([file, end])
      else files.delete(file.fd)
      length += needed
    }
    const total = headBytes + length + hashBytes
    if (taken.length < 2) return
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
    for (const [file, end] of taken) {
      file.from = end
      copied.set(file.fd, file)
      files.delete(file.fd)
    }
  }

  for (;;) {
    Atomics.wait(marks, 0, 0)
    // Asleep from here on, unless somebody marks: a mark that comes during the round wakes for the next one.
    Atomics.wait(never, 0, 0, everyMs)
    Atomics.store(marks, 0, 0)
    for (let message = threads.receiveMessageOnPort(port); message !== undefined; ) {
      const opened = message.message as OpenedFile
      followed.set(opened.fd, { ...opened, from: 0 })
      message = threads.receiveMessageOnPort(port)
    }
    const due = new Map<number, Following>()
    const last = Atomics.load(marks, 1)
    for (let fd = 0; fd <= last; fd++) {
      if (Atomics.load(marks, marksAt + fd) === 0 || Atomics.exchange(marks, marksAt + fd, 0) === 0) continue
      const file = followed.get(fd)
      if (file !== undefined && isOpen(file)) due.set(fd, file)
      else syncOne(fd)
    }
    if (due.size > 1) {
      try {
        write(due)
      } catch {
        // The files themselves are still to be synced, and tell what is wrong with the disk.
      }
    }
    for (const file of due.values()) {
      const end = ends[file.fd] ?? 0
      if (isOpen(file) && syncOne(file.fd)) {
        file.from = end
        copied.delete(file.fd)
      }
    }
  }
}
