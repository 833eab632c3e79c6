// The record of one session: takes entries, hands them over a turn's worth at a time, and answers for each.
import { fdatasync } from 'node:fs'
import type { ActionDocument } from '../../engine/action/index.ts'
import { SaidParts } from './action-parts.ts'
import type { Accepted, RecordEntry, SessionRecorder } from './contract.ts'
import type { EntryBuffer, EntryToWrite } from './entry-buffer.ts'
import type { EntryBuffers } from './entry-buffers.ts'
import { RecordingError } from './error.ts'
import type { Lingerer } from './lingering.ts'
import type { RecordQueue } from './queue.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** How durable an entry is when it is accepted. */
export type SyncLevel = 'each' | 'group' | 'os'

/** What the recorder gives each session. */
export interface SessionParts {
  readonly writer: SegmentWriter
  readonly queue: RecordQueue
  readonly buffers: EntryBuffers
  readonly sync: SyncLevel
  readonly monotonicMs: () => number
  /** The time of day for a monotonic time that was just read. */
  readonly wallMs: (monotonicMs: number) => number
  /** Asks for `flush` at the end of this turn of the event loop. */
  readonly soon: (session: RecordingSession) => void
  /** Asks for `flush` within the group's time. */
  readonly later: (session: RecordingSession) => void
  /** Asks for `endFrame` within the group's time. */
  readonly unended: (session: RecordingSession) => void
  /** Calls back a moment later, when the end of a session may be written; absent where that is to be at once. */
  readonly whenEnding?: (ending: () => void) => void
  /**
   * Calls back when what was written to a file is on the disk, or with false where it is to be synced by itself. False
   * where every file is.
   */
  readonly settle: (fd: number, done: (isSynced: boolean) => void) => boolean
  /** Hangs the session's end in the log. Throws where that cannot be written. */
  readonly onEnded: (session: RecordingSession, head: string) => void
  /** The end could not be written: `finish` wants to be called again. */
  readonly onUnfinished: (session: RecordingSession) => void
  readonly onFault: (error: RecordingError) => void
}

/** When an entry is handed over: at once, because something waits for it; with its turn; or with what follows. */
const hurry = {
  opened: 'turn',
  action: 'now',
  refused: 'now',
  hold: 'now',
  wire: 'later',
  terminal: 'later',
  resize: 'later',
  rows: 'later',
  masked: 'later',
  budget: 'turn',
  closed: 'now',
} as const satisfies Record<RecordEntry['kind'], 'now' | 'turn' | 'later'>
/** Bytes of entries beyond which a frame takes no more. */
const frameEntriesMax = 8 * 1024 * 1024
/** Bytes that are handed over at once: memory that grew with a turn that reads much would be thrown away with it. */
const handOverBytes = 128 * 1024

/** Bytes that may gather while a frame is made elsewhere, before what brings them is to pause. */
const gatheredBytesMax = 128 * 1024
/** Bytes of wire or terminal data put into one entry. */
const bulkBytesMax = 1024 * 1024

/** One session's record, open for writing. */
export class RecordingSession implements SessionRecorder, Lingerer {
  lingersSince = 0
  isLingering = false
  readonly #parts: SessionParts
  /** What is to be handed over; borrowed while there is something. */
  #entries: EntryBuffer | undefined
  #waiting: Accepted[] = []
  #asked: 'nothing' | 'later' | 'soon' = 'nothing'
  #syncing = false
  /** True while a frame is made elsewhere: what comes meanwhile is for the next one. */
  #isElsewhere = false
  /** True where something was to be handed over meanwhile. */
  #isOverdue = false
  #asksEnd = false
  #settled: (() => void)[] = []
  #identity: ActionDocument['identity'] | undefined
  readonly #said = new SaidParts()
  /** The segment that what is to be handed over is made for. */
  #segment = -1
  #ended: Promise<void> | undefined
  #reason = ''
  #resource: string | undefined

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  /** The file that is written, while it is open. */
  get fd(): number | undefined {
    return this.#parts.writer.fd
  }

  /** The name of what the session reaches, once it was opened. */
  get resource(): string | undefined {
    return this.#resource
  }

  get congested(): boolean {
    return this.#isBehind || this.#parts.queue.congested
  }

  get #isBehind(): boolean {
    return this.#isElsewhere && (this.#entries?.length ?? 0) > gatheredBytesMax
  }

  /** Where each entry is synced, those that nobody waits for are better brought many at a time. */
  get gathers(): boolean {
    return this.#parts.sync !== 'each'
  }

  onDrain(callback: () => void): void {
    if (this.#isBehind) this.#settled.push(callback)
    else this.#parts.queue.onDrain(callback)
  }

  append(entry: RecordEntry, accepted: Accepted): void {
    const { queue } = this.#parts
    const refused =
      this.#ended !== undefined
        ? new RecordingError('closed', 'the recording is closed')
        : queue.full
          ? new RecordingError('behind', 'too much waits to be recorded')
          : queue.blocked
    if (refused !== undefined) {
      accepted(refused)
      return
    }
    const monotonicMs = this.#parts.monotonicMs()
    try {
      this.#addAll(entry, this.#parts.wallMs(monotonicMs), monotonicMs)
    } catch (error) {
      accepted(error instanceof Error ? error : new RecordingError('unwritable', 'the entry cannot be encoded'))
      return
    }
    this.#waiting.push(accepted)
    if (entry.kind === 'opened') this.#resource = entry.resource.name
    this.#ask(entry)
  }

  /**
   * Sees to it that what was appended is handed over. What waits for the disk gathers over a turn; what only waits for
   * the system goes at once, together with what came before it.
   */
  #ask(entry: RecordEntry): void {
    const { sync, soon, later } = this.#parts
    const isMuch = (this.#entries?.length ?? 0) >= handOverBytes
    if (sync !== 'each' && hurry[entry.kind] === 'now') this.flush()
    else if (sync !== 'each' && isMuch) this.#handOverMuch()
    else if (this.#asked === 'soon') return
    else if (sync !== 'each' && isPatient(entry)) {
      if (this.#asked === 'nothing') later(this)
      this.#asked = 'later'
    } else {
      soon(this)
      this.#asked = 'soon'
    }
  }

  /** Ends the frame that was written in pieces: from here on it is proven. */
  endFrame(): void {
    this.#asksEnd = false
    const { writer, onFault } = this.#parts
    try {
      writer.endFrame()
    } catch (cause) {
      onFault(asUnwritable(cause, 'the recording cannot be written'))
    }
  }

  /** Writes what is pending. `group` and `os` are answered now, `each` when the disk says so. */
  flush(): void {
    if (this.#entries === undefined || (this.#parts.sync === 'each' && this.#syncing)) return
    if (this.#isElsewhere) {
      this.#isOverdue = true
      return
    }
    const { writer } = this.#parts
    const waiting = this.#waiting
    const bytes = this.#entries.length
    this.#waiting = []
    this.#asked = 'nothing'
    try {
      writer.write(this.#entries.viewed, bytes, this.#entries.count, this.#segment)
    } catch (cause) {
      this.#failed(waiting, bytes, asUnwritable(cause, 'the recording cannot be written'))
      return
    }
    this.#giveBack()
    if (this.#parts.sync === 'each') {
      this.#sync(waiting, bytes)
      return
    }
    if (writer.hasOpenFrame && !this.#asksEnd) {
      this.#asksEnd = true
      this.#parts.unended(this)
    }
    this.#answer(waiting, bytes, undefined)
  }

  /** Has what is pending written elsewhere, where nobody waits for it and that can be done. */
  #handOverMuch(): void {
    if (this.#entries === undefined || this.#isElsewhere) return
    const { length, viewed, count } = this.#entries
    const bytes = viewed.bytes.subarray(0, length)
    const waiting = this.#waiting
    try {
      this.#isElsewhere = this.#parts.writer.writeElsewhere(bytes, count, this.#segment, (error) => {
        this.#isElsewhere = false
        if (error === undefined) this.#answer(waiting, length, undefined)
        else this.#lost(waiting, length, error)
        this.#goOn()
      })
    } catch {
      // Written here it tells what is wrong.
    }
    if (!this.#isElsewhere) {
      this.flush()
      return
    }
    this.#waiting = []
    this.#asked = 'nothing'
    this.#giveBack()
  }

  /** Hands over what was to be while a frame was made elsewhere. */
  #goOn(): void {
    const isOverdue = this.#isOverdue
    this.#isOverdue = false
    if (isOverdue) this.flush()
    else if ((this.#entries?.length ?? 0) >= handOverBytes) this.#handOverMuch()
  }

  /** A frame that was made elsewhere is not in the file: what followed it may refer to what it said, and is lost too. */
  #lost(waiting: readonly Accepted[], bytes: number, error: RecordingError): void {
    const following = this.#waiting
    const followingBytes = this.#entries?.length ?? 0
    this.#waiting = []
    this.#asked = 'nothing'
    this.#failed(waiting, bytes, error)
    this.#answer(following, followingBytes, error)
  }

  #failed(waiting: readonly Accepted[], bytes: number, error: RecordingError): void {
    this.#forgetSaid()
    this.#giveBack()
    this.#parts.onFault(error)
    this.#answer(waiting, bytes, error)
  }

  /** Brings what was written to the disk; used for groups. */
  syncNow(done: () => void): void {
    const { fd } = this.#parts.writer
    if (fd === undefined) {
      done()
      return
    }
    fdatasync(fd, (error) => {
      // A file that was closed meanwhile was synced before it was.
      if (error !== null && this.#parts.writer.fd === fd)
        this.#parts.onFault(new RecordingError('unwritable', 'the recording cannot be synced', { cause: error }))
      done()
    })
  }

  close(reason: string): Promise<void> {
    this.#ended ??= this.#end(reason)
    return this.#ended
  }

  /** Signs the end of the session and hangs it in the log. True when that is done. */
  async finish(): Promise<boolean> {
    const { writer, onEnded, onFault } = this.#parts
    try {
      writer.close(this.#reason)
      await new Promise<void>((resolve) => this.#settle(resolve))
      onEnded(this, writer.head)
    } catch (cause) {
      onFault(asUnwritable(cause, 'the recording cannot be closed'))
      return false
    }
    writer.release()
    return true
  }

  /** Brings what was written to the disk, together with other files where that can be. */
  #settle(done: () => void): void {
    const { writer, settle } = this.#parts
    const { fd } = writer
    const settled = (isSynced: boolean): void => {
      if (isSynced) done()
      else this.syncNow(done)
    }
    if (fd === undefined || !settle(fd, settled)) this.syncNow(done)
  }

  /** Closes the open segment, so that it can be taken elsewhere. */
  roll(): void {
    this.flush()
    // What waits for the disk is made for the segment that is open.
    if (this.#entries !== undefined || this.#isElsewhere) return
    try {
      this.#parts.writer.roll()
    } catch (cause) {
      this.#parts.onFault(asUnwritable(cause, 'a segment cannot be closed'))
    }
  }

  /** Lets go of the files as they are. */
  release(): void {
    this.#parts.writer.release()
  }

  async #end(reason: string): Promise<void> {
    const { onUnfinished, onFault, whenEnding } = this.#parts
    const monotonicMs = this.#parts.monotonicMs()
    const wallMs = this.#parts.wallMs(monotonicMs)
    this.#reason = reason
    if (whenEnding !== undefined) await new Promise<void>((resolve) => whenEnding(resolve))
    try {
      this.#addAll({ kind: 'closed', reason }, wallMs, monotonicMs)
    } catch (cause) {
      onFault(asUnwritable(cause, 'the end cannot be recorded'))
    }
    while (this.#entries !== undefined || this.#syncing || this.#isElsewhere) {
      this.flush()
      if (this.#syncing || this.#isElsewhere) await new Promise<void>((resolve) => this.#settled.push(resolve))
    }
    if (!(await this.finish())) onUnfinished(this)
  }

  #add(entry: EntryToWrite, wallMs: number, monotonicMs: number): void {
    const { queue, buffers } = this.#parts
    this.#entries ??= buffers.borrow()
    const before = this.#entries.length
    try {
      this.#entries.add(entry, wallMs, monotonicMs, this.#said)
    } catch (error) {
      this.#forgetSaid()
      if (before === 0) this.#giveBack()
      throw error
    }
    queue.add(this.#entries.length - before)
  }

  /**
   * Before an entry: a frame holds many small entries, or a few large ones, an action and its identity are never
   * parted, and what a segment holds needs no other one to be understood.
   */
  #makeReady(monotonicMs: number): void {
    if (this.#entries !== undefined && this.#entries.length > frameEntriesMax) this.flush()
    if (this.#entries !== undefined) return
    const segment = this.#parts.writer.prepare(monotonicMs)
    if (segment === this.#segment) return
    this.#segment = segment
    this.#forgetSaid()
  }

  /** What was said may be in a batch that failed, or elsewhere: the next action says it again. */
  #forgetSaid(): void {
    this.#identity = undefined
    this.#said.restart()
  }

  #giveBack(): void {
    if (this.#entries !== undefined) this.#parts.buffers.giveBack(this.#entries)
    this.#entries = undefined
  }

  /** Adds an entry as it is stored: actions without what the opening said, bulk bytes in bounded pieces. */
  #addAll(entry: RecordEntry, wallMs: number, monotonicMs: number): void {
    this.#makeReady(monotonicMs)
    if (entry.kind === 'action') {
      const { identity, resource, session } = entry.document
      if (this.#identity !== identity) {
        const { state: _state, usage: _usage, ...opening } = session
        this.#add({ kind: 'identity', identity, resource, session: opening }, wallMs, monotonicMs)
        this.#identity = identity
      }
      this.#add(entry, wallMs, monotonicMs)
    } else if ((entry.kind === 'wire' || entry.kind === 'terminal') && entry.bytes.length > bulkBytesMax) {
      for (let at = 0; at < entry.bytes.length; at += bulkBytesMax) {
        this.#makeReady(monotonicMs)
        this.#add({ ...entry, bytes: entry.bytes.subarray(at, at + bulkBytesMax) }, wallMs, monotonicMs)
      }
    } else this.#add(entry, wallMs, monotonicMs)
  }

  #sync(waiting: readonly Accepted[], bytes: number): void {
    const { fd } = this.#parts.writer
    const done = (cause: Error | null): void => {
      this.#syncing = false
      const fault =
        cause === null ? undefined : new RecordingError('unwritable', 'the recording cannot be synced', { cause })
      if (fault !== undefined) this.#parts.onFault(fault)
      this.#answer(waiting, bytes, fault)
      this.flush()
    }
    this.#syncing = true
    if (fd === undefined) done(new Error('closed'))
    else fdatasync(fd, done)
  }

  #answer(waiting: readonly Accepted[], bytes: number, error: RecordingError | undefined): void {
    for (const accepted of waiting) accepted(error)
    this.#parts.queue.remove(bytes)
    if (this.#settled.length === 0) return
    const settled = this.#settled
    this.#settled = []
    for (const resolve of settled) resolve()
  }
}

function asUnwritable(cause: unknown, message: string): RecordingError {
  return cause instanceof RecordingError ? cause : new RecordingError('unwritable', message, { cause })
}

/** What is typed is handed over with its turn; what is shown, or follows from an action that was recorded, may wait. */
function isPatient(entry: RecordEntry): boolean {
  return entry.kind === 'terminal' ? entry.stream === 'output' : hurry[entry.kind] === 'later'
}
