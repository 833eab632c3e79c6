// The recorder of a gateway: opens sessions, batches their writes by turns of the event loop, syncs groups, and hangs
// every session in the signed log.
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { makeFolder } from '../../bundles/store/make-folder.ts'
import type { Anchor } from './anchors.ts'
import { BulkThread } from './bulk-thread.ts'
import type { Signer } from './checkpoint.ts'
import type { Recorder, SessionRecorder } from './contract.ts'
import { endOfSession, unfinishedSessions } from './crash.ts'
import { EntryBuffers } from './entry-buffers.ts'
import { RecordingError } from './error.ts'
import { journalBytes, journalPath, replayJournal } from './journal.ts'
import { Lingering } from './lingering.ts'
import { queueBytesDefault, RecordQueue } from './queue.ts'
import type { KeyWrapper } from './sealing.ts'
import { SegmentWriter, segmentBytesDefault, segmentName } from './segment-writer.ts'
import { type Leaf, SessionLog } from './session-log.ts'
import { RecordingSession, type SyncLevel } from './session-recorder.ts'
import type { Shipper } from './shipper.ts'
import { SpareFolders } from './spare-folders.ts'
import { SyncThread } from './sync-thread.ts'
import { wallClock } from './wall-clock.ts'

/** How a gateway records. */
export interface RecorderConfig {
  readonly folder: string
  readonly gateway: string
  readonly sync: SyncLevel
  readonly signer: Signer
  /** Without one, recordings are chained and signed but not sealed. */
  readonly wrapper: KeyWrapper | undefined
  readonly anchors: readonly Anchor[]
  readonly segmentBytes?: number
  readonly queueBytes?: number
  /** Takes what is written on to another store. The folder is only its spool then. */
  readonly shipper?: Shipper
  /** Sessions without an end of which that store has nothing. */
  readonly absent?: ReadonlySet<string>
  /** How long a segment stays open before it is shipped. */
  readonly rollMs?: number
  readonly nowMs: () => number
  readonly monotonicMs: () => number
  readonly onFault: (error: RecordingError) => void
}

/** A group's entries reach the disk within this time. */
const groupMs = 5
/** A frame in pieces ends within this time: what it lacks until then is the proof, which costs as much as ten actions. */
const frameMs = 200
const syncsAtOnceMax = 2
/**
 * Ends are written after such a time, or in a lull: nobody waits for them, and the client whose session ended often begins
 * another, which waits for this thread.
 */
const endingMs = 5
/** How often an end that could not be written is tried again. */
const retryMs = 1000
/** Sessions whose end may wait for the disk; older ones are let go without it. */
const unfinishedMax = 1024
/** How long a gateway that stops waits for its anchors. */
const anchorsMs = 5000

/** A recorder that writes below one local folder. */
export class LocalRecorder implements Recorder {
  readonly #config: RecorderConfig
  readonly #log: SessionLog
  readonly #held = new Set<string>()
  readonly #queue: RecordQueue
  readonly #buffers = new EntryBuffers()
  readonly #syncer: SyncThread
  readonly #bulk: BulkThread | undefined
  readonly #sessions = new Set<RecordingSession>()
  readonly #dirty = new Set<RecordingSession>()
  readonly #unfinished = new Set<RecordingSession>()
  readonly #lingering = new Lingering()
  readonly #spares: SpareFolders
  readonly #wallMs: (monotonicMs: number) => number
  #due: RecordingSession[] = []
  #unended: RecordingSession[] = []
  #endings: (() => void)[] = []
  #turn: NodeJS.Immediate | undefined
  #timer: NodeJS.Timeout | undefined
  #frameTimer: NodeJS.Timeout | undefined
  #endTimer: NodeJS.Timeout | undefined
  #lull: NodeJS.Immediate | undefined
  #retry: NodeJS.Timeout | undefined
  #roll: NodeJS.Timeout | undefined
  #syncs = 0

  constructor(config: RecorderConfig) {
    this.#config = config
    this.#wallMs = wallClock(config.nowMs)
    this.#queue = new RecordQueue(config.queueBytes ?? queueBytesDefault, () => config.shipper?.blocked)
    // Made by the thread that syncs groups; without groups there is none.
    this.#spares = new SpareFolders(config.folder, segmentName(0))
    const { folder, onFault } = config
    this.#syncer = new SyncThread(groupMs, journalPath(folder), onFault, journalBytes, undefined, this.#spares)
    // Another thread is of use where it runs beside this one; where each entry is synced it waits for the disk anyway.
    if (config.sync !== 'each' && availableParallelism() > 1) this.#bulk = new BulkThread()
    makeFolder(join(config.folder, 'sessions'), 0o700)
    this.#log = new SessionLog(config.folder, config.gateway, config.signer, config.nowMs, (fd) =>
      this.#syncer.forget(fd),
    )
    const unfinished = unfinishedSessions(config.folder)
    replayJournal(config.folder, new Set(unfinished), config.shipper !== undefined)
    this.#tellAbandoned(unfinished)
    const { head } = this.#log
    if (head !== undefined) for (const anchor of config.anchors) anchor.send(head)
    config.shipper?.begin()
    if (config.rollMs !== undefined)
      this.#roll = setInterval(() => {
        for (const session of this.#sessions) session.roll()
      }, config.rollMs).unref()
  }

  /** Opens a session's record. Throws RecordingError when the disk refuses: the session must not begin. */
  open(sessionId: string): SessionRecorder {
    if (!isSafeName(sessionId)) throw new RecordingError('unwritable', 'a session id is no file name')
    const { blocked } = this.#queue
    if (blocked !== undefined) throw blocked
    const { folder, gateway, signer, wrapper, sync, segmentBytes, nowMs, monotonicMs, onFault, shipper } = this.#config
    let session: RecordingSession | undefined
    const writer = new SegmentWriter({
      folder: join(folder, 'sessions', sessionId),
      session: sessionId,
      gateway,
      signer,
      sessionKey: wrapper?.newKey(),
      segmentBytes: segmentBytes ?? segmentBytesDefault,
      bulk: this.#bulk,
      spare: (path) => this.#spares.take(path),
      durable: sync === 'each' ? 'names' : sync === 'group' ? 'bytes' : 'none',
      nowMs,
      monotonicMs,
      onOpened: (fd, segment) => {
        if (sync === 'group') this.#syncer.follow(fd, `${sessionId}/${segment}`, segment === segmentName(0))
      },
      onWritten: (fd, offset, memory, from, length) => {
        if (sync === 'group' && !this.#syncer.wrote(fd, offset, memory, from, length) && session !== undefined)
          this.#unsynced(session)
      },
      onGrown: (fd) => {
        if (sync === 'group' && !this.#syncer.mark(fd) && session !== undefined) this.#unsynced(session)
      },
      onClosing: (fd) => this.#syncer.forget(fd),
      onClosed: (segment) => shipper?.segmentClosed(sessionId, segment),
    })
    try {
      this.#hang({ session: sessionId, event: 'opened', head: writer.head }, 'soon')
    } catch (error) {
      writer.abandon()
      throw error
    }
    session = new RecordingSession({
      writer,
      queue: this.#queue,
      buffers: this.#buffers,
      sync,
      monotonicMs,
      wallMs: this.#wallMs,
      soon: (one) => this.#soon(one),
      later: (one) => this.#lingering.ask(one),
      unended: (one) => this.#toEnd(one),
      ...(sync === 'group' ? { whenEnding: (ending) => this.#whenEnding(ending) } : {}),
      settle: (fd, done) => sync === 'group' && this.#syncer.settle(fd, done),
      onEnded: (one, head) => {
        const { resource } = one
        this.#hang(
          { session: sessionId, event: 'closed', head, ...(resource === undefined ? {} : { resource }) },
          'soon',
        )
        this.#sessions.delete(one)
        this.#dirty.delete(one)
      },
      onUnfinished: (one) => this.#keepUnfinished(one),
      onFault,
    })
    this.#sessions.add(session)
    return session
  }

  /** Does in this turn's end what nobody waits for. */
  lull(): void {
    this.#lull ??= setImmediate(() => {
      this.#lull = undefined
      this.#endAll()
      this.#syncer.look()
    })
  }

  async close(): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => session.close('gateway_stopped')))
    clearImmediate(this.#lull)
    clearTimeout(this.#retry)
    clearInterval(this.#roll)
    for (const session of this.#unfinished) if (!(await session.finish())) session.release()
    if (this.#turn !== undefined) clearImmediate(this.#turn)
    this.#lingering.close()
    clearTimeout(this.#timer)
    clearTimeout(this.#frameTimer)
    try {
      this.#log.close()
    } catch (cause) {
      this.#config.onFault(new RecordingError('unwritable', 'the session log cannot be synced', { cause }))
    }
    await Promise.all([
      this.#syncer.close(),
      this.#bulk?.close(),
      this.#config.shipper?.close(),
      ...this.#config.anchors.map((anchor) => anchor.settled(anchorsMs)),
    ])
  }

  /** Adds a leaf that says what becomes of a recording. Throws RecordingError where the log cannot be written. */
  tell(leaf: Omit<Leaf, 'wallMs'>): void {
    this.#hang(leaf, 'now')
    if (leaf.event === 'held') this.#held.add(leaf.session)
    else if (leaf.event === 'freed') this.#held.delete(leaf.session)
  }

  /** Whether a recording was held since this run began, and not freed. */
  isHeld(session: string): boolean {
    return this.#held.has(session)
  }

  /** A head must not be elsewhere before the log is on this disk. */
  get #isToldElsewhere(): boolean {
    return this.#config.anchors.length > 0 || this.#config.shipper !== undefined
  }

  /** What a leaf tells of its own session may wait for the group's sync, which brings it to the disk first. */
  #hang(leaf: Omit<Leaf, 'wallMs'>, due: 'now' | 'soon'): void {
    const { sync, anchors, shipper } = this.#config
    const isPatient = sync === 'group' && due === 'soon' && !this.#isToldElsewhere
    try {
      const head = this.#log.append({ ...leaf, wallMs: this.#config.nowMs() })
      if (isPatient && this.#log.syncLater((fd) => this.#syncer.mark(fd))) return
      if (sync !== 'os' || this.#isToldElsewhere) this.#log.sync()
      for (const anchor of anchors) anchor.send(head)
      shipper?.logGrew()
    } catch (cause) {
      throw new RecordingError('unwritable', 'the session log cannot be written', { cause })
    }
  }

  /** Sessions of a gateway that died: the log says where each ended, so that nothing can be cut off it later. */
  #tellAbandoned(unfinished: readonly string[]): void {
    for (const session of unfinished) {
      const end = endOfSession(this.#config.folder, session)
      // What is not in a spool may be in the store.
      const { shipper, absent } = this.#config
      if (end === undefined || (end.head === '' && shipper !== undefined && absent?.has(session) !== true)) continue
      const { head, closed, tail } = end
      this.#hang({ session, event: closed ? 'closed' : 'abandoned', head, ...(tail === '' ? {} : { tail }) }, 'now')
    }
  }

  #keepUnfinished(session: RecordingSession): void {
    this.#sessions.delete(session)
    this.#unfinished.add(session)
    for (const oldest of this.#unfinished) {
      if (this.#unfinished.size <= unfinishedMax) break
      this.#unfinished.delete(oldest)
      oldest.release()
    }
    this.#retry ??= setTimeout(() => {
      this.#retryUnfinished().catch(() => undefined)
    }, retryMs).unref()
  }

  async #retryUnfinished(): Promise<void> {
    for (const session of this.#unfinished) {
      // Where one cannot be ended, the others need not be tried.
      if (!(await session.finish())) break
      this.#unfinished.delete(session)
    }
    this.#retry = undefined
    const [first] = this.#unfinished
    if (first !== undefined) this.#keepUnfinished(first)
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

  #toEnd(session: RecordingSession): void {
    this.#unended.push(session)
    this.#frameTimer ??= setTimeout(() => {
      this.#frameTimer = undefined
      const unended = this.#unended
      this.#unended = []
      for (const one of unended) one.endFrame()
    }, frameMs)
  }

  #whenEnding(ending: () => void): void {
    this.#endings.push(ending)
    this.#endTimer ??= setTimeout(() => this.#endAll(), endingMs)
  }

  #endAll(): void {
    clearTimeout(this.#endTimer)
    this.#endTimer = undefined
    for (const ending of this.#endings.splice(0)) ending()
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
