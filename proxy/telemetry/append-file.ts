// Files that lines are appended to. A file that was renamed or removed, as log rotation does, is made anew under its name; a
// disk that is full, or a folder that went, costs the lines of that time and nothing else.
import { closeSync, fstatSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/** How often it is looked whether the file is still the one of its name. */
const lookMs = 1000
/** A reader of a pipe that is slow for a moment is waited for, one that stands still is not. */
const busyMs = 10
const busyTriesMax = 20
/** What waits for a slow disk at most. */
const waitingBytesMax = 16 * 2 ** 20
/** Written at once at most. */
const writeBytesMax = 256 * 1024
/** How long the end waits for what was not written yet. */
const closeMs = 5000

/** Appends at once, for logs of the process: a path, or a descriptor that is open. */
export class LineFile {
  readonly #path: string | undefined
  readonly #told: (lost: number) => string
  readonly #each: () => void
  #descriptor: number | undefined
  #lookedMs = 0
  #lost = 0
  #isBroken = false

  /** Throws where the file cannot be opened now. `told` is the line that says how many were lost; `each` hears of each. */
  constructor(target: string | number, told: (lost: number) => string, each: () => void = () => undefined) {
    this.#told = told
    this.#each = each
    if (typeof target === 'number') this.#descriptor = target
    else {
      this.#path = target
      this.#open(target)
    }
  }

  /** Never throws: what cannot be written is lost, and told of when there is room again. */
  write(line: string): void {
    try {
      const descriptor = this.#current()
      const before = this.#lost > 0 ? this.#told(this.#lost) : ''
      // What was cut off stays a line of its own.
      this.#writeAll(descriptor, Buffer.from(`${this.#isBroken ? '\n' : ''}${before}${line}`))
      this.#lost = 0
      this.#isBroken = false
    } catch {
      this.#lost++
      this.#each()
    }
  }

  #current(): number {
    const path = this.#path
    const nowMs = performance.now()
    if (path !== undefined && this.#descriptor !== undefined && nowMs - this.#lookedMs >= lookMs) {
      this.#lookedMs = nowMs
      const own = fstatSync(this.#descriptor)
      const named = statSync(path, { throwIfNoEntry: false })
      if (named?.ino !== own.ino || named.dev !== own.dev) this.#open(path)
    }
    if (this.#descriptor === undefined) throw new Error('the file is not open')
    return this.#descriptor
  }

  #open(path: string): void {
    mkdirSync(dirname(path), { recursive: true })
    const descriptor = openSync(path, 'a', 0o600)
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = descriptor
    this.#isBroken = false
  }

  #writeAll(descriptor: number, bytes: Uint8Array): void {
    let tries = 0
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(descriptor, bytes, at)
        this.#isBroken = at < bytes.length
      } catch (error) {
        // Who stood still for one line is not waited for with the next.
        if (!isBusy(error) || this.#lost > 0 || ++tries > busyTriesMax) throw error
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, busyMs)
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN'
}

/** Appends behind whoever writes, for what there is much of: nothing here waits for the disk. */
export class AppendFile {
  readonly #path: string
  readonly #lost: () => void
  readonly #lines: Buffer[] = []
  #waitingBytes = 0
  #file: FileHandle | undefined
  #lookedMs = 0
  #failedMs = Number.NEGATIVE_INFINITY
  #isBroken = false
  #writing: Promise<void> | undefined
  #later: NodeJS.Timeout | undefined

  /** `lost` is called for each line that is not written. */
  constructor(path: string, lost: () => void) {
    this.#path = path
    this.#lost = lost
  }

  /** Takes a line, without its end. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`)
    if (this.#waitingBytes + bytes.length > waitingBytesMax) {
      this.#lost()
      return
    }
    this.#lines.push(bytes)
    this.#waitingBytes += bytes.length
    this.#begin()
  }

  /** Writes what waits, or gives it up where that takes too long. */
  async close(): Promise<void> {
    this.#failedMs = Number.NEGATIVE_INFINITY
    this.#begin()
    let late: NodeJS.Timeout | undefined
    await Promise.race([
      this.#writing,
      new Promise<void>((done) => {
        late = setTimeout(done, closeMs)
      }),
    ])
    clearTimeout(late)
    clearTimeout(this.#later)
    for (const _ of this.#lines.splice(0)) this.#lost()
    await this.#file?.close().catch(() => undefined)
    this.#file = undefined
  }

  #begin(): void {
    if (this.#writing !== undefined || this.#later !== undefined || this.#lines.length === 0) return
    const inMs = this.#failedMs + lookMs - performance.now()
    if (inMs > 0) {
      this.#later = setTimeout(() => {
        this.#later = undefined
        this.#begin()
      }, inMs).unref()
      return
    }
    this.#writing = this.#writeWaiting().finally(() => {
      this.#writing = undefined
      this.#begin()
    })
  }

  /** Writes until nothing waits, or something fails: then what was tried last is lost, and the rest is tried again later. */
  async #writeWaiting(): Promise<void> {
    while (this.#lines.length > 0) {
      const lines = this.#next()
      try {
        const file = await this.#current()
        if (this.#isBroken) await file.write('\n')
        this.#isBroken = true
        await file.appendFile(Buffer.concat(lines))
        this.#isBroken = false
      } catch {
        this.#failedMs = performance.now()
        for (const _ of lines) this.#lost()
        return
      }
    }
  }

  #next(): readonly Buffer[] {
    let bytes = 0
    let count = 0
    for (const line of this.#lines) {
      if (count > 0 && bytes + line.length > writeBytesMax) break
      bytes += line.length
      count++
    }
    this.#waitingBytes -= bytes
    return this.#lines.splice(0, count)
  }

  async #current(): Promise<FileHandle> {
    const nowMs = performance.now()
    if (this.#file !== undefined && nowMs - this.#lookedMs < lookMs) return this.#file
    this.#lookedMs = nowMs
    const named = await stat(this.#path).catch(() => undefined)
    const own = await this.#file?.stat()
    if (this.#file !== undefined && named?.ino === own?.ino && named?.dev === own?.dev) return this.#file
    await mkdir(dirname(this.#path), { recursive: true })
    const file = await open(this.#path, 'a', 0o600)
    await this.#file?.close().catch(() => undefined)
    this.#file = file
    this.#isBroken = false
    return file
  }
}
