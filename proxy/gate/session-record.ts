// What one session records beside its actions: entries that nobody waits for are kept back for a moment and written with
// the next one that somebody does, in their order.
import type { RecordEntry, SessionRecorder } from '../recording/contract.ts'
import type { LateNotes, NoteKeeper } from './late-notes.ts'
import { copied, type Kept, keeps, type Observed, observation } from './observed.ts'

/** Bytes of a session that are kept back to be written with its next entry; more are written at once. */
const notedBytesMax = 16 * 1024

/** The record of one session, as its gate writes it. */
export class SessionRecord implements NoteKeeper {
  readonly #recorder: SessionRecorder
  readonly #late: LateNotes
  readonly #kept: Kept
  readonly #accepted: (error?: Error) => void
  /** What no action waits for, until the next entry is written. */
  #notes: RecordEntry[] = []
  #notedBytes = 0
  #closed = false
  /** False where the decision on what runs keeps frames out of the record. */
  recordsWire = true
  noted: number | undefined
  listed = false

  /** `accepted` is told of entries that no action waits for. */
  constructor(recorder: SessionRecorder, late: LateNotes, kept: Kept, accepted: (error?: Error) => void) {
    this.#recorder = recorder
    this.#late = late
    this.#kept = kept
    this.#accepted = accepted
  }

  /** Appends an entry after all that was kept back. */
  write(entry: RecordEntry, accepted: (error?: Error) => void): void {
    if (this.#notes.length > 0) this.writeNotes()
    try {
      this.#recorder.append(entry, accepted)
    } catch (error) {
      accepted(error instanceof Error ? error : new Error('the recorder failed'))
    }
  }

  /** Appends an entry that no action waits for. */
  append(entry: RecordEntry): void {
    if (!this.#closed) this.write(entry, this.#accepted)
  }

  /** Keeps an entry back until the next one is written, or for a moment, where the recorder does not do so itself. */
  note(entry: RecordEntry): void {
    if (this.#closed) return
    if (this.#isGathered(entry)) {
      this.write(entry, this.#accepted)
      return
    }
    this.#notes.push(entry)
    if (this.#notes.length === 1) this.#late.soon(this)
  }

  #isGathered(entry: RecordEntry): boolean {
    return this.#recorder.gathers === true && (entry.kind === 'wire' || entry.kind === 'rows')
  }

  writeNotes(): void {
    if (this.#notes.length === 0) return
    this.#late.written(this)
    const notes = this.#notes
    this.#notes = []
    this.#notedBytes = 0
    for (const note of notes) this.write(note, this.#accepted)
  }

  /** Records frames or terminal bytes. False when the protocol must pause until `onDrain`. */
  observe(kind: Observed, bytes: Uint8Array): boolean {
    if (!this.recordsWire || !keeps(this.#kept, kind)) return !this.#recorder.congested
    const entry = observation(kind, bytes)
    if (bytes.length > notedBytesMax || this.#isGathered(entry)) this.append(entry)
    else {
      // It may be written later than the bytes' memory is theirs.
      this.note(observation(kind, copied(bytes)))
      this.#notedBytes += bytes.length
      if (this.#notedBytes > notedBytesMax) this.writeNotes()
    }
    return !this.#recorder.congested
  }

  /** The recorder has more before it than it should. */
  get isCongested(): boolean {
    return this.#recorder.congested
  }

  onDrain(callback: () => void): void {
    this.#recorder.onDrain(callback)
  }

  /** Writes what was kept back, and ends the record. */
  close(reason: string): Promise<void> {
    this.writeNotes()
    this.#closed = true
    return this.#recorder.close(reason)
  }
}
