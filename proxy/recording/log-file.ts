// A file of lines that is only appended to: a line is there whole or not at all, as far as the disk allows, and a file
// that went away is noticed.
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs'

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
    this.#fd = openSync(path, 'a', 0o600)
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
const newline = 10

/** The whole lines of a file, and whether bytes follow the last of them. A file that is not there has none. */
export function readLines(path: string): { readonly lines: readonly string[]; readonly torn: boolean } {
  const lines: string[] = []
  if (!existsSync(path)) return { lines, torn: false }
  const fd = openSync(path, 'r')
  let rest: Buffer = Buffer.alloc(0)
  try {
    for (let at = 0; ; ) {
      const chunk = Buffer.allocUnsafe(chunkBytes)
      const read = readSync(fd, chunk, 0, chunkBytes, at)
      if (read === 0) break
      at += read
      rest = Buffer.concat([rest, chunk.subarray(0, read)])
      const end = rest.lastIndexOf(newline) + 1
      if (end === 0) continue
      lines.push(
        ...rest
          .subarray(0, end - 1)
          .toString('utf8')
          .split('\n'),
      )
      rest = rest.subarray(end)
    }
  } finally {
    closeSync(fd)
  }
  return { lines, torn: rest.length > 0 }
}

/** Drops half a line that a crash left: nobody was told that it was written. */
export function dropTornLine(path: string): void {
  if (!existsSync(path)) return
  const fd = openSync(path, 'r')
  let end = fstatSync(fd).size
  try {
    const byte = Buffer.alloc(1)
    while (end > 0 && readSync(fd, byte, 0, 1, end - 1) === 1 && byte[0] !== newline) end--
  } finally {
    closeSync(fd)
  }
  if (end < statSync(path).size) truncateSync(path, end)
}
