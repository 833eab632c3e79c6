// Takes recordings from the local spool to the store that keeps them: segments that are closed, and the log as it
// grows. What the store does not take waits in the spool, across restarts; when too much waits, nothing is recorded
// any more, and so nothing is forwarded.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import { endOfSession, unfinishedSessions } from './crash.ts'
import { RecordingError } from './error.ts'
import { chainedBytes } from './read.ts'
import type { RecordingStore } from './store.ts'

/** Bytes of one piece of the log in the store. */
const pieceBytes = 1024 * 1024
const newline = 10
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
  /** What did not go when it was tried: it waits behind all that was not. */
  readonly #failed = new Map<string, number>()
  /** What a gateway before this one left: the store may have it already. */
  readonly #left = new Set<string>()
  #backlogBytes = 0
  #running: Promise<void> | undefined
  #isLogDue = false
  #isClosed = false
  #wake: () => void = () => undefined

  constructor(parts: ShipperParts) {
    this.#parts = parts
  }

  /** Begins with what a gateway before this one left, as it is once that gateway's journal was read: none is open. */
  begin(): void {
    for (const name of spooledSegments(this.#parts.folder)) {
      this.#left.add(name)
      this.#add(name)
    }
    this.#isLogDue = true
    this.start()
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
    if (this.#due.has(name) || this.#failed.has(name)) return
    const bytes = statSync(join(this.#parts.folder, name), { throwIfNoEntry: false })?.size ?? 0
    this.#due.set(name, bytes)
    this.#backlogBytes += bytes
  }

  async #run(): Promise<void> {
    let failures = 0
    let wasClosed = this.#isClosed
    while (this.#due.size > 0 || this.#failed.size > 0 || this.#isLogDue) {
      try {
        // The log goes first: a session must not be in the store before its opening is.
        if (this.#isLogDue) await this.#shipLog()
        else await this.#shipNext()
        failures = 0
      } catch (cause) {
        if (failures === 0)
          this.#parts.onFault(new RecordingError('behind', 'the store did not take a recording', { cause }))
        // What failed as the gateway stopped says nothing of what came last.
        if (wasClosed && failures > 0) return
        if (this.#isClosed && !wasClosed) failures = 0
        wasClosed = this.#isClosed
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
    const [next] = this.#due.size > 0 ? this.#due : this.#failed
    if (next === undefined) return
    const [name, bytes] = next
    const path = join(this.#parts.folder, name)
    for (const one of [this.#due, this.#failed]) one.delete(name)
    this.#failed.set(name, bytes)
    if (existsSync(path)) {
      if (!(this.#left.has(name) && (await this.#isKept(name, path)))) await this.#parts.store.putFile(name, path)
      for (const one of [path, `${path}.upload`]) rmSync(one, { force: true })
      removeIfEmpty(join(path, '..'))
    }
    this.#failed.delete(name)
    this.#left.delete(name)
    this.#backlogBytes -= bytes
  }

  /**
   * Whether the store has a segment already, as it is here, or one that holds further. A machine that went down after it
   * was sent may have brought back a part of it, or what the disk made of it: this must not take the place of the whole.
   */
  async #isKept(name: string, path: string): Promise<boolean> {
    const kept = await this.#parts.store.get(name)
    if (kept === undefined) return false
    const local = readFileSync(path)
    if (kept.subarray(0, local.length).equals(local)) return true
    const further = chainedBytes(kept) - chainedBytes(local)
    return further > 0 || (further === 0 && kept.length > local.length)
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
  return readdirSync(sessions, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? spooledOf(folder, entry.name) : [],
  )
}

function spooledOf(folder: string, session: string): readonly string[] {
  const own = join(folder, 'sessions', session)
  return (existsSync(own) ? readdirSync(own) : [])
    .filter((name) => name.endsWith('.segment'))
    .map((name) => `sessions/${session}/${name}`)
}

/**
 * A log file as the store has it. Where a piece in the middle ends early, because the store did what it was asked first
 * after what it was asked last, the rest of it is taken from `local`.
 */
async function storedLog(store: RecordingStore, file: string, local: Uint8Array = new Uint8Array(0)): Promise<Buffer> {
  const pieces: Buffer[] = []
  const listed = await store.list(`log/${file}/`)
  for (const [index, { name }] of listed.entries()) {
    const piece = await store.get(name)
    if (piece === undefined) throw new RecordingError('unreadable', `the store lists ${name} and has it not`)
    pieces.push(piece)
    const at = index * pieceBytes + piece.length
    if (index + 1 < listed.length) pieces.push(Buffer.from(local.subarray(at, (index + 1) * pieceBytes)))
  }
  return Buffer.concat(pieces)
}

/**
 * Brings the log of a store into a spool that has none, or less. Rejects when the spool's log is another one: two
 * gateways must not keep their recordings in one place.
 */
export async function restoreLog(store: RecordingStore, folder: string): Promise<void> {
  makeFolder(join(folder, 'log'), 0o700)
  for (const file of ['leaves', 'heads']) {
    const path = join(folder, 'log', file)
    const local = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
    const kept = await storedLog(store, file, local)
    const common = Math.min(kept.length, local.length)
    if (!kept.subarray(0, common).equals(local.subarray(0, common))) {
      // Heads stand in the leaves' lines too; those of leaves that were lost with a machine were taken back.
      if (file === 'heads') continue
      throw new RecordingError('damaged', 'the store holds the log of another gateway under this name')
    }
    if (kept.length > local.length) writeFileSync(path, kept, { mode: 0o600 })
  }
}

/** Sessions without an end that neither a spool nor its store has anything of: the machine lost them with its power. */
export async function absentSessions(store: RecordingStore, folder: string): Promise<ReadonlySet<string>> {
  const absent = new Set<string>()
  for (const session of unfinishedSessions(folder)) {
    // A file of which not even the beginning came to the disk is nothing.
    if (endOfSession(folder, session)?.head !== '') continue
    if ((await store.list(`sessions/${session}/`)).length === 0) absent.add(session)
  }
  return absent
}

/** So many lines of a file, or as many as there are. */
function linesOf(file: Buffer, count: number): Buffer {
  let end = 0
  for (let line = 0; line < count; line++) {
    const next = file.indexOf(newline, end)
    if (next === -1) return file
    end = next + 1
  }
  return file.subarray(0, end)
}

function countLines(file: Buffer): number {
  let count = 0
  for (let at = file.indexOf(newline); at !== -1; at = file.indexOf(newline, at + 1)) count++
  return count
}

/** Brings recordings from a store into a folder, where all reading commands work: the log, and one session or all. */
export async function fetchRecordings(store: RecordingStore, folder: string, session?: string): Promise<void> {
  makeFolder(join(folder, 'log'), 0o700)
  // A gateway sends leaves, then heads, while this reads: heads that were read first are over no more than the leaves, and
  // leaves that came after them are for the next time.
  const heads = await storedLog(store, 'heads')
  const leaves = await storedLog(store, 'leaves')
  writeFileSync(join(folder, 'log', 'heads'), heads, { mode: 0o600 })
  writeFileSync(join(folder, 'log', 'leaves'), linesOf(leaves, countLines(heads)), { mode: 0o600 })
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
