// A recorder that keeps entries in memory, for tests: it accepts at once, when told to, or never.
import type { Accepted, RecordEntry, Recorder, SessionRecorder } from '../../proxy/recording/contract.ts'

/** How a recorder answers: at once, later by `settle`, with an error, by throwing. */
export type RecorderMode = 'accept' | 'later' | 'fail' | 'throw'

/** One session's entries. */
export class MemorySessionRecorder implements SessionRecorder {
  mode: RecorderMode
  gathers = false
  congested = false
  closedBy: string | undefined
  /** Entries that were accepted, in order. */
  readonly accepted: RecordEntry[] = []
  readonly #pending: { readonly entry: RecordEntry; readonly accepted: Accepted }[] = []
  readonly #onDrain: (() => void)[] = []
  constructor(mode: RecorderMode) {
    this.mode = mode
  }

  append(entry: RecordEntry, accepted: Accepted): void {
    if (this.closedBy !== undefined) {
      accepted(new Error('closed'))
      return
    }
    switch (this.mode) {
      case 'accept':
        this.accepted.push(entry)
        accepted()
        break
      case 'later':
        this.#pending.push({ entry, accepted })
        break
      case 'fail':
        accepted(new Error('disk full'))
        break
      case 'throw':
        throw new Error('recorder broken')
    }
  }

  /** Gives up what was accepted until now. */
  forget(): void {
    this.accepted.length = 0
  }

  /** Answers the oldest entry that waits; false when none does. */
  settle(error?: Error): boolean {
    const next = this.#pending.shift()
    if (next === undefined) return false
    if (error === undefined) this.accepted.push(next.entry)
    next.accepted(error)
    return true
  }

  onDrain(callback: () => void): void {
    this.#onDrain.push(callback)
  }

  /** Says that the recorder has caught up. */
  drain(): void {
    this.congested = false
    for (const callback of this.#onDrain.splice(0)) callback()
  }

  close(reason: string): Promise<void> {
    this.closedBy ??= reason
    return Promise.resolve()
  }
}

/** All sessions' entries. */
export class MemoryRecorder implements Recorder {
  readonly sessions: Map<string, MemorySessionRecorder> = new Map()
  mode: RecorderMode
  constructor(mode: RecorderMode = 'accept') {
    this.mode = mode
  }

  open(sessionId: string): MemorySessionRecorder {
    if (this.mode === 'throw') throw new Error('recorder broken')
    const session = new MemorySessionRecorder(this.mode)
    this.sessions.set(sessionId, session)
    return session
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  /** Every accepted entry of every session. */
  entries(): readonly RecordEntry[] {
    return [...this.sessions.values()].flatMap((session) => session.accepted)
  }
}
