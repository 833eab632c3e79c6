// The recorder of a gateway: opens sessions, batches their writes by turns of the event loop, syncs groups, and hangs
// every session in the signed log.
import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Signer } from './checkpoint.ts'
import type { Recorder, SessionRecorder } from './contract.ts'
import { RecordingError } from './error.ts'
import { type KeyWrapper, sessionKeyBytes } from './sealing.ts'
import { SegmentWriter } from './segment-writer.ts'
import { type Anchor, SessionLog } from './session-log.ts'
import { RecordingSession, type SyncLevel } from './session-recorder.ts'

/** How a gateway records. */
export interface RecorderConfig {
  readonly folder: string
  readonly gateway: string
  readonly sync: SyncLevel
  readonly signer: Signer
  /** Without one, recordings are chained and signed but not sealed. */
  readonly wrapper: KeyWrapper | undefined
  readonly anchors: readonly Anchor[]
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  readonly onFault: (error: RecordingError) => void
}

/** A group's entries reach the disk within this time. */
export const groupMs = 5
const syncsAtOnceMax = 2

/** A recorder that writes below one local folder. */
export class LocalRecorder implements Recorder {
  readonly #config: RecorderConfig
  readonly #log: SessionLog
  readonly #sessions = new Set<RecordingSession>()
  readonly #dirty = new Set<RecordingSession>()
  #due: RecordingSession[] = []
  #turn: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #syncs = 0

  constructor(config: RecorderConfig) {
    this.#config = config
    mkdirSync(join(config.folder, 'sessions'), { recursive: true, mode: 0o700 })
    this.#log = new SessionLog(config.folder, config.gateway, config.signer, config.nowMs)
  }

  /** Opens a session's record. Throws RecordingError when the disk refuses: the session must not begin. */
  open(sessionId: string): SessionRecorder {
    if (!isSafeName(sessionId)) throw new RecordingError('unwritable', 'a session id is no file name')
    const { config } = { config: this.#config }
    const writer = new SegmentWriter({
      folder: join(config.folder, 'sessions', sessionId),
      session: sessionId,
      gateway: config.gateway,
      signer: config.signer,
      wrapper: config.wrapper,
      sessionKey: config.wrapper === undefined ? undefined : randomBytes(sessionKeyBytes),
      nowMs: config.nowMs,
    })
    this.#hang({ session: sessionId, event: 'opened', head: writer.head })
    const session = new RecordingSession({
      writer,
      sync: config.sync,
      nowMs: config.nowMs,
      monotonicMs: config.monotonicMs,
      soon: (one) => this.#soon(one),
      unsynced: (one) => this.#unsynced(one),
      onClosed: (one, head) => {
        this.#sessions.delete(one)
        this.#dirty.delete(one)
        this.#hang({ session: sessionId, event: 'closed', head })
      },
      onFault: config.onFault,
    })
    this.#sessions.add(session)
    return session
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.close('gateway_stopped')))
    if (this.#turn !== undefined) clearImmediate(this.#turn)
    clearTimeout(this.#timer)
    this.#log.close()
  }

  #hang(leaf: { readonly session: string; readonly event: 'opened' | 'closed'; readonly head: string }): void {
    let head: ReturnType<SessionLog['append']>
    try {
      head = this.#log.append({ ...leaf, wallMs: this.#config.nowMs() })
      if (this.#config.sync !== 'os') this.#log.sync()
    } catch (cause) {
      throw new RecordingError('unwritable', 'the session log cannot be written', { cause })
    }
    for (const anchor of this.#config.anchors) {
      anchor(head).catch((cause: unknown) =>
        this.#config.onFault(new RecordingError('unwritable', 'a tree head did not reach its anchor', { cause })),
      )
    }
  }

  #soon(session: RecordingSession): void {
    this.#due.push(session)
    this.#turn ??= setImmediate(() => {
      this.#turn = undefined
      const due = this.#due
      this.#due = []
      for (const one of due) one.flush()
    })
  }

  #unsynced(session: RecordingSession): void {
    this.#dirty.add(session)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#syncSome()
    }, groupMs)
  }

  /** Syncs dirty files, few at a time: under load a file gathers more before its turn comes. */
  #syncSome(): void {
    for (const session of this.#dirty) {
      if (this.#syncs >= syncsAtOnceMax) return
      this.#dirty.delete(session)
      this.#syncs++
      session.syncNow(() => {
        this.#syncs--
        this.#syncSome()
      })
    }
  }
}

function isSafeName(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,100}$/.test(id)
}
