// The record of one session: takes entries, hands them over a turn's worth at a time, and answers for each.
import { fdatasync } from 'node:fs'
import type { ActionDocument } from '../../engine/action/index.ts'
import type { Accepted, RecordEntry, SessionRecorder } from './contract.ts'
import { encodeEntry, type RecordedEntry } from './entry.ts'
import { RecordingError } from './error.ts'
import type { RecordQueue } from './queue.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** How durable an entry is when it is accepted. */
export type SyncLevel = 'each' | 'group' | 'os'

/** What the recorder gives each session. */
export interface SessionParts {
  readonly writer: SegmentWriter
  readonly queue: RecordQueue
  readonly sync: SyncLevel
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  /** Asks for `flush` at the end of this turn of the event loop. */
  readonly soon: (session: RecordingSession) => void
  /** Asks for a sync within the group's time. */
  readonly unsynced: (session: RecordingSession) => void
  /** Hangs the session's end in the log. Throws where that cannot be written. */
  readonly onEnded: (session: RecordingSession, head: string) => void
  /** The end could not be written: `finish` wants to be called again. */
  readonly onUnfinished: (session: RecordingSession) => void
  readonly onFault: (error: RecordingError) => void
}

/** Bytes of wire or terminal data put into one entry. */
const bulkBytesMax = 1024 * 1024

interface Pending {
  readonly bytes: Uint8Array
  readonly accepted: Accepted
}

/** One session's record, open for writing. */
export class RecordingSession implements SessionRecorder {
  readonly #parts: SessionParts
  #pending: Pending[] = []
  #syncing = false
  #settled: (() => void)[] = []
  #identity: ActionDocument['identity'] | undefined
  #ended: Promise<void> | undefined
  #reason = ''

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  get congested(): boolean {
    return this.#parts.queue.congested
  }

  onDrain(callback: () => void): void {
    this.#parts.queue.onDrain(callback)
  }

  append(entry: RecordEntry, accepted: Accepted): void {
    const { queue, nowMs, monotonicMs } = this.#parts
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
    const encoded: Buffer[] = []
    try {
      for (const stored of this.#stored(entry)) encoded.push(encodeEntry(stored, nowMs(), monotonicMs()))
    } catch (error) {
      accepted(error instanceof Error ? error : new RecordingError('unwritable', 'the entry cannot be encoded'))
      return
    }
    for (const [index, bytes] of encoded.entries()) this.#push(bytes, index === encoded.length - 1 ? accepted : nothing)
  }

  /** Writes what is pending. `group` and `os` are answered now, `each` when the disk says so. */
  flush(): void {
    const batch = this.#pending
    if (batch.length === 0 || (this.#parts.sync === 'each' && this.#syncing)) return
    this.#pending = []
    try {
      for (const frame of framesOf(batch)) this.#parts.writer.write(frame)
    } catch (cause) {
      const error = asUnwritable(cause, 'the recording cannot be written')
      // The identity entry may have been in the batch that failed: the next action says it again.
      this.#identity = undefined
      this.#parts.onFault(error)
      this.#answer(batch, error)
      return
    }
    if (this.#parts.sync === 'each') this.#sync(batch)
    else {
      if (this.#parts.sync === 'group') this.#parts.unsynced(this)
      this.#answer(batch, undefined)
    }
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
      await new Promise<void>((resolve) => this.syncNow(resolve))
      onEnded(this, writer.head)
    } catch (cause) {
      onFault(asUnwritable(cause, 'the recording cannot be closed'))
      return false
    }
    writer.release()
    return true
  }

  /** Lets go of the files as they are. */
  release(): void {
    this.#parts.writer.release()
  }

  async #end(reason: string): Promise<void> {
    const { nowMs, monotonicMs, onUnfinished } = this.#parts
    this.#reason = reason
    this.#push(encodeEntry({ kind: 'closed', reason }, nowMs(), monotonicMs()), nothing)
    while (this.#pending.length > 0 || this.#syncing) {
      this.flush()
      if (this.#syncing) await new Promise<void>((resolve) => this.#settled.push(resolve))
    }
    if (!(await this.finish())) onUnfinished(this)
  }

  #push(bytes: Uint8Array, accepted: Accepted): void {
    if (this.#pending.length === 0) this.#parts.soon(this)
    this.#pending.push({ bytes, accepted })
    this.#parts.queue.add(bytes.length)
  }

  /** Entries as they are stored: actions without what the opening said, bulk bytes in bounded pieces. */
  *#stored(entry: RecordEntry): Generator<RecordedEntry> {
    if (entry.kind === 'action') {
      const { document, decision } = entry
      if (this.#identity !== document.identity) {
        const { state: _state, usage: _usage, ...session } = document.session
        this.#identity = document.identity
        yield { kind: 'identity', identity: document.identity, resource: document.resource, session }
      }
      const { state, usage } = document.session
      yield {
        kind: 'action',
        action: withoutDigest(document.action),
        session: { state, usage },
        context: document.context,
        decision,
      }
    } else if ((entry.kind === 'wire' || entry.kind === 'terminal') && entry.bytes.length > bulkBytesMax) {
      for (let at = 0; at < entry.bytes.length; at += bulkBytesMax)
        yield { ...entry, bytes: entry.bytes.subarray(at, at + bulkBytesMax) }
    } else yield entry
  }

  #sync(batch: readonly Pending[]): void {
    const { fd } = this.#parts.writer
    const done = (cause: Error | null): void => {
      this.#syncing = false
      const fault =
        cause === null ? undefined : new RecordingError('unwritable', 'the recording cannot be synced', { cause })
      if (fault !== undefined) this.#parts.onFault(fault)
      this.#answer(batch, fault)
      this.flush()
    }
    this.#syncing = true
    if (fd === undefined) done(new Error('closed'))
    else fdatasync(fd, done)
  }

  #answer(batch: readonly Pending[], error: RecordingError | undefined): void {
    for (const { accepted } of batch) accepted(error)
    this.#parts.queue.remove(batch.reduce((sum, { bytes }) => sum + bytes.length, 0))
    const settled = this.#settled
    this.#settled = []
    for (const resolve of settled) resolve()
  }
}

/** Batches as they become frames: one, but for batches that no frame can hold. */
function* framesOf(batch: readonly Pending[]): Generator<readonly Uint8Array[]> {
  let frame: Uint8Array[] = []
  let total = 0
  for (const { bytes } of batch) {
    if (total > 0 && total + bytes.length > frameEntriesMax) {
      yield frame
      frame = []
      total = 0
    }
    frame.push(bytes)
    total += bytes.length
  }
  yield frame
}

/** Bytes of entries that are put into one frame, unless a single one is larger. */
const frameEntriesMax = 8 * 1024 * 1024

function asUnwritable(cause: unknown, message: string): RecordingError {
  return cause instanceof RecordingError ? cause : new RecordingError('unwritable', message, { cause })
}

function nothing(): void {
  // an entry whose fate is told by the last one of its group
}

/** The action without its digest, whose getter would compute it. */
function withoutDigest(action: ActionDocument['action']): Omit<ActionDocument['action'], 'digest'> {
  const { stage, verb, operation, text, complete, sql, shell, kube, http } = action
  return {
    stage,
    verb,
    operation,
    text,
    complete,
    ...(sql === undefined ? {} : { sql }),
    ...(shell === undefined ? {} : { shell }),
    ...(kube === undefined ? {} : { kube }),
    ...(http === undefined ? {} : { http }),
  }
}
