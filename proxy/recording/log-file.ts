// A file of lines that is only appended to: a line is there whole or not at all, as far as the disk allows, and a file
// that went away is noticed.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { basename } from 'node:path'
import { RecordingError } from './error.ts'
import { openForAppending, openPlainFile } from './plain-file.ts'

/** One file of lines, open for appending. */
export class LogFile {
  readonly #path: string
  readonly #fd: number
  readonly #device: number
  readonly #inode: number
  #offset: number
  /** True while bytes of a failed append may stand behind the offset. */
  #dirty = false

  constructor(path: string) {
    this.#path = path
    this.#fd = openForAppending(path)
    const { dev, ino, size } = fstatSync(this.#fd)
    this.#device = dev
    this.#inode = ino
    this.#offset = size
  }

  /** The file to sync. */
  get fd(): number {
    return this.#fd
  }

  /** Bytes of whole lines. */
  get offset(): number {
    return this.#offset
  }

  /** Appends a line. Throws what the disk says, and then nothing of the line counts. */
  append(line: string): void {
    if (this.#dirty) this.cut(this.#offset)
    const bytes = Buffer.from(`${line}\n`)
    this.#dirty = true
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at)
    } catch (error) {
      this.cut(this.#offset)
      throw error
    }
    this.#dirty = false
    this.#offset += bytes.length
  }

  /** Takes back everything behind an offset. Throws where the disk refuses even that; it is tried again then. */
  cut(offset: number): void {
    this.#offset = offset
    this.#dirty = true
    ftruncateSync(this.#fd, offset)
    this.#dirty = false
  }

  sync(): void {
    fdatasyncSync(this.#fd)
  }

  /** True while the file stands under its name, and nobody else has written to it. */
  isOurs(): boolean {
    const named = statSync(this.#path, { throwIfNoEntry: false })
    return (
      named !== undefined &&
      named.ino === this.#inode &&
      named.dev === this.#device &&
      (this.#dirty || named.size === this.#offset)
    )
  }

  close(): void {
    closeSync(this.#fd)
  }
}

const chunkBytes = 1024 * 1024
/** Bytes of one line at the most: a leaf and its head are far shorter, and a file with longer lines is none of ours. */
export const lineBytesMax: number = 1024 * 1024
const newline = 10

/**
 * The whole lines of a file, and whether bytes follow the last of them. A file that is not there has none. Throws
 * RecordingError where it cannot be read, or is no file of lines.
 */
export function readLines(path: string): { readonly lines: readonly string[]; readonly torn: boolean } {
  const lines: string[] = []
  const reading = linesIn(path)
  for (;;) {
    const { value, done } = reading.next()
    if (done === true) return { lines, torn: value }
    lines.push(value)
  }
}

/** The same, a line at a time: a log may be larger than what a gateway has of memory. Returns whether bytes follow. */
export function* linesIn(path: string): Generator<string, boolean, undefined> {
  if (!existsSync(path)) return false
  const { fd } = openPlainFile(path)
  let rest: Buffer = Buffer.alloc(0)
  try {
    for (let at = 0; ; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes)
      const read = readSync(fd, chunk, 0, chunkBytes, at)
      if (read === 0) break
      at += read
      rest = Buffer.concat([rest, chunk.subarray(0, read)])
      const end = rest.lastIndexOf(newline) + 1
      if (end > 0) {
        yield* rest.toString('utf8', 0, end - 1).split('\n')
        rest = rest.subarray(end)
      }
      if (rest.length > lineBytesMax) throw notLines(path)
    }
  } finally {
    closeSync(fd)
  }
  return rest.length > 0
}

/**
 * Drops half a line that a crash left: nobody was told that it was written. Throws RecordingError where more follows the
 * last whole line than half a line can be: that is no crash's doing, and stays for whoever looks into it.
 */
export function dropTornLine(path: string): void {
  if (!existsSync(path)) return
  const { fd, bytes } = openPlainFile(path)
  let end = 0
  try {
    const start = Math.max(0, bytes - lineBytesMax - 1)
    const tail = Buffer.alloc(bytes - start)
    readSync(fd, tail, 0, tail.length, start)
    end = start + tail.lastIndexOf(newline) + 1
    if (start > 0 && end === start) throw notLines(path)
  } finally {
    closeSync(fd)
  }
  if (end < bytes) truncateSync(path, end)
}

function notLines(path: string): RecordingError {
  return new RecordingError('damaged', `${basename(path)} holds a line of more than ${lineBytesMax} bytes`)
}
