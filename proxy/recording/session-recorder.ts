// The record of one session: takes entries, hands them over a turn's worth at a time, and answers for each.
import { fdatasync } from 'node:fs'
import type { ActionDocument } from '../../engine/action/index.ts'
import type { Accepted, RecordEntry, SessionRecorder } from './contract.ts'
import { encodeEntry, type RecordedEntry } from './entry.ts'
import { RecordingError } from './error.ts'
import type { SegmentWriter } from './segment-writer.ts'

/** How durable an entry is when it is accepted. */
export type SyncLevel = 'each' | 'group' | 'os'

/** What the recorder gives each session. */
export interface SessionParts {
  readonly writer: SegmentWriter
  readonly sync: SyncLevel
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  /** Asks for `flush` at the end of this turn of the event loop. */
  readonly soon: (session: RecordingSession) => void
  /** Asks for a sync within the group's time. */
  readonly unsynced: (session: RecordingSession) => void
  readonly onClosed: (session: RecordingSession, head: string) => void
  readonly onFault: (error: RecordingError) => void
}

/** Bytes that may wait for the disk before readers are asked to pause. */
export const pendingBytesMax: number = 8 * 1024 * 1024
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
  #pendingBytes = 0
  #syncing: readonly Accepted[] | undefined
  #drains: (() => void)[] = []
  #identity: ActionDocument['identity'] | undefined
  #ended: Promise<void> | undefined

  constructor(parts: SessionParts) {
    this.#parts = parts
  }

  get congested(): boolean {
    return this.#pendingBytes > pendingBytesMax
  }

  onDrain(callback: () => void): void {
    if (this.congested) this.#drains.push(callback)
    else queueMicrotask(callback)
  }

  append(entry: RecordEntry, accepted: Accepted): void {
    if (this.#ended !== undefined) {
      accepted(new RecordingError('closed', 'the recording is closed'))
      return
    }
    const encoded: Buffer[] = []
    try {
      for (const stored of this.#stored(entry))
        encoded.push(encodeEntry(stored, this.#parts.nowMs(), this.#parts.monotonicMs()))
    } catch (error) {
      accepted(error instanceof Error ? error : new RecordingError('unwritable', 'the entry cannot be encoded'))
      return
    }
    for (const [index, bytes] of encoded.entries()) this.#push(bytes, index === encoded.length - 1 ? accepted : nothing)
  }

  /** Writes what is pending. `group` and `os` are answered now, `each` when the disk says so. */
  flush(): void {
    const batch = this.#pending
    if (batch.length === 0 || (this.#parts.sync === 'each' && this.#syncing !== undefined)) return
    this.#pending = []
    this.#pendingBytes = 0
    try {
      if (!this.#parts.writer.stillThere()) this.#parts.writer.reopen()
      this.#parts.writer.write(batch.map((item) => item.bytes))
    } catch (cause) {
      const error =
        cause instanceof RecordingError
          ? cause
          : new RecordingError('unwritable', 'the recording cannot be written', { cause })
      // The identity entry may have been in the batch that failed: the next action says it again.
      this.#identity = undefined
      this.#parts.onFault(error)
      this.#answer(
        batch.map((item) => item.accepted),
        error,
      )
      return
    }
    const answers = batch.map((item) => item.accepted)
    if (this.#parts.sync === 'each') this.#sync(answers)
    else {
      if (this.#parts.sync === 'group') this.#parts.unsynced(this)
      this.#answer(answers, undefined)
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

  async #end(reason: string): Promise<void> {
    const { writer, nowMs, monotonicMs } = this.#parts
    this.#push(encodeEntry({ kind: 'closed', reason }, nowMs(), monotonicMs()), nothing)
    while (this.#pending.length > 0 || this.#syncing !== undefined) {
      this.flush()
      if (this.#syncing !== undefined) await new Promise<void>((resolve) => this.#drains.push(resolve))
    }
    try {
      writer.close(reason)
      await new Promise<void>((resolve) => this.syncNow(resolve))
      this.#parts.onClosed(this, writer.head)
    } catch (cause) {
      this.#parts.onFault(
        cause instanceof RecordingError
          ? cause
          : new RecordingError('unwritable', 'the recording cannot be closed', { cause }),
      )
    } finally {
      writer.release()
    }
  }

  #push(bytes: Uint8Array, accepted: Accepted): void {
    if (this.#pending.length === 0) this.#parts.soon(this)
    this.#pending.push({ bytes, accepted })
    this.#pendingBytes += bytes.length
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

  #sync(answers: readonly Accepted[]): void {
    this.#syncing = answers
    const { fd } = this.#parts.writer
    const done = (error: Error | null): void => {
      this.#syncing = undefined
      const fault =
        error === null
          ? undefined
          : new RecordingError('unwritable', 'the recording cannot be synced', { cause: error })
      if (fault !== undefined) this.#parts.onFault(fault)
      this.#answer(answers, fault)
      this.flush()
    }
    if (fd === undefined) done(new Error('closed'))
    else fdatasync(fd, done)
  }

  #answer(answers: readonly Accepted[], error: RecordingError | undefined): void {
    for (const accepted of answers) accepted(error)
    if (this.#drains.length > 0 && !this.congested) {
      const drains = this.#drains
      this.#drains = []
      for (const drain of drains) drain()
    }
  }
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
