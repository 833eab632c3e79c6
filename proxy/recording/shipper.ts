// Takes recordings from the local spool to the store that keeps them: segments that are closed, and the log as it
// grows. What the store does not take waits in the spool, across restarts; when too much waits, nothing is recorded
// any more, and so nothing is forwarded.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { RecordingError } from './error.ts'
import type { RecordingStore } from './store.ts'

/** Bytes of one piece of the log in the store. */
const pieceBytes = 1024 * 1024
const pauseMs = 500
const pauseMsMax = 30_000
/** How long a gateway that stops waits for the store. */
const closeMs = 10_000

/** What a shipper is made of. */
export interface ShipperParts {
  readonly folder: string
  readonly store: RecordingStore
  /** Bytes of closed segments that may wait. */
  readonly backlogBytesMax: number
  readonly delay: (ms: number) => Promise<void>
  readonly onFault: (error: RecordingError) => void
}

/** Ships from one spool. */
export class Shipper {
  readonly #parts: ShipperParts
  readonly #due = new Map<string, number>()
  /** What a gateway before this one left: the store may have it already. */
  readonly #left = new Set<string>()
  #backlogBytes = 0
  #running: Promise<void> | undefined
  #isLogDue = false
  #isClosed = false
  #wake: () => void = () => undefined

  constructor(parts: ShipperParts) {
    this.#parts = parts
    // What a gateway before this one left; none of it is open any more.
    for (const name of spooledSegments(parts.folder)) {
      this.#left.add(name)
      this.#add(name)
    }
    this.#isLogDue = true
  }

  /** Why nothing more can be recorded; undefined while the store keeps up. */
  get blocked(): RecordingError | undefined {
    return this.#backlogBytes > this.#parts.backlogBytesMax
      ? new RecordingError('behind', 'the store of recordings is too far behind')
      : undefined
  }

  /** Bytes that wait for the store. */
  get backlogBytes(): number {
    return this.#backlogBytes
  }

  /** A segment that does not change any more. */
  segmentClosed(session: string, segment: string): void {
    this.#add(`sessions/${session}/${segment}`)
    this.start()
  }

  /** The log has grown. */
  logGrew(): void {
    this.#isLogDue = true
    this.start()
  }

  /** Ships what is due until all of it is there. */
  start(): void {
    this.#wake()
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Ships what there is for a last time; what the store does not take now waits for the next start. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.start()
    await Promise.race([this.settled(), this.#parts.delay(closeMs)])
  }

  #add(name: string): void {
    if (this.#due.has(name)) return
    const bytes = statSync(join(this.#parts.folder, name), { throwIfNoEntry: false })?.size ?? 0
    this.#due.set(name, bytes)
    this.#backlogBytes += bytes
  }

  async #run(): Promise<void> {
    let failures = 0
    while (this.#due.size > 0 || this.#isLogDue) {
      try {
        // The log goes first: a session must not be in the store before its opening is.
        if (this.#isLogDue) await this.#shipLog()
        else await this.#shipNext()
        failures = 0
      } catch (cause) {
        if (failures === 0)
          this.#parts.onFault(new RecordingError('behind', 'the store did not take a recording', { cause }))
        if (this.#isClosed && failures > 0) return
        const pause = Math.min(pauseMs * 2 ** Math.min(failures++, 10), pauseMsMax)
        // Something new is no reason to ask a store again that has just failed, but a close is.
        await Promise.race([
          this.#parts.delay(pause),
          new Promise<void>((wake) => {
            this.#wake = () => {
              if (this.#isClosed) wake()
            }
          }),
        ])
      }
    }
  }

  async #shipNext(): Promise<void> {
    const [next] = this.#due
    if (next === undefined) return
    const [name, bytes] = next
    const path = join(this.#parts.folder, name)
    if (existsSync(path)) {
      if (!(this.#left.has(name) && (await this.#isKept(name, path)))) await this.#parts.store.putFile(name, path)
      rmSync(path, { force: true })
      removeIfEmpty(join(path, '..'))
    }
    this.#due.delete(name)
    this.#left.delete(name)
    this.#backlogBytes -= bytes
  }

  /**
   * Whether the store has a segment already, as it is here or longer. A machine that went down after it was sent may have
   * brought back a part of it: this must not take the place of the whole.
   */
  async #isKept(name: string, path: string): Promise<boolean> {
    const local = statSync(path).size
    const stored = (await this.#parts.store.list(name)).find((object) => object.name === name)
    if (stored === undefined || stored.bytes < local) return false
    const kept = await this.#parts.store.get(name)
    return kept?.subarray(0, local).equals(readFileSync(path)) ?? false
  }

  async #shipLog(): Promise<void> {
    this.#isLogDue = false
    try {
      for (const file of ['leaves', 'heads']) {
        const path = join(this.#parts.folder, 'log', file)
        const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
        const sent = this.#sent.get(file) ?? 0
        if (sent === bytes.length) continue
        for (let at = sent - (sent % pieceBytes); at < bytes.length; at += pieceBytes) {
          const piece = bytes.subarray(at, at + pieceBytes)
          await this.#parts.store.put(pieceName(file, at), piece)
          this.#sent.set(file, at + piece.length)
        }
      }
    } catch (error) {
      this.#isLogDue = true
      throw error
    }
  }

  /** Bytes of each log file that are in the store. */
  readonly #sent = new Map<string, number>()
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder)
  } catch {
    // More segments of the session are there.
  }
}

/** The name of the piece of a log file that begins at an offset. */
function pieceName(file: string, at: number): string {
  return `log/${file}/${String(at / pieceBytes).padStart(8, '0')}`
}

function spooledSegments(folder: string): readonly string[] {
  const sessions = join(folder, 'sessions')
  if (!existsSync(sessions)) return []
  return readdirSync(sessions).flatMap((session) =>
    readdirSync(join(sessions, session))
      .filter((name) => name.endsWith('.segment'))
      .map((name) => `sessions/${session}/${name}`),
  )
}

/** A log file as the store has it. */
async function storedLog(store: RecordingStore, file: string): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (const { name } of await store.list(`log/${file}/`)) {
    const piece = await store.get(name)
    if (piece === undefined) throw new RecordingError('unreadable', `the store lists ${name} and has it not`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

/**
 * Brings the log of a store into a spool that has none, or less. Rejects when the spool's log is another one: two
 * gateways must not keep their recordings in one place.
 */
export async function restoreLog(store: RecordingStore, folder: string): Promise<void> {
  mkdirSync(join(folder, 'log'), { recursive: true, mode: 0o700 })
  for (const file of ['leaves', 'heads']) {
    const path = join(folder, 'log', file)
    const kept = await storedLog(store, file)
    const local = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const common = Math.min(kept.length, local.length)
    if (!kept.subarray(0, common).equals(local.subarray(0, common)))
      throw new RecordingError('damaged', 'the store holds the log of another gateway under this name')
    if (kept.length > local.length) writeFileSync(path, kept, { mode: 0o600 })
  }
}

/** Brings recordings from a store into a folder, where all reading commands work: the log, and one session or all. */
export async function fetchRecordings(store: RecordingStore, folder: string, session?: string): Promise<void> {
  for (const file of ['leaves', 'heads']) {
    mkdirSync(join(folder, 'log'), { recursive: true, mode: 0o700 })
    writeFileSync(join(folder, 'log', file), await storedLog(store, file), { mode: 0o600 })
  }
  const found = await store.list(session === undefined ? 'sessions/' : `sessions/${session}/`)
  if (session !== undefined && found.length === 0)
    throw new RecordingError('unreadable', `the store has no recording of session ${session.slice(0, 100)}`)
  for (const { name, bytes } of found) {
    if (!/^sessions\/[A-Za-z0-9_-]{1,100}\/\d{6,12}\.segment$/.test(name)) continue
    const path = join(folder, name)
    if (statSync(path, { throwIfNoEntry: false })?.size === bytes) continue
    const content = await store.get(name)
    if (content === undefined) continue
    mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
    writeFileSync(path, content, { mode: 0o600 })
  }
}
