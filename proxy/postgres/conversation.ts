// What both halves of a relay share: the state of the session, what the server owes, and how the gateway answers in
// the client's turn. INVARIANT: an answer of ours goes out when the server owes nothing before it.
import { type SqlAnalysis, type SqlAnalyzer, SqlSession } from '../../engine/action/sql/index.ts'
import type { GateSession, Refusal, Terms } from '../gate/contract.ts'
import { Footprint } from './footprint.ts'
import { Guard, isLimited } from './guard.ts'
import { type Change, Names, type Portals, type Prepared } from './named.ts'
import { Ledger, type Owed, type Running } from './owed.ts'
import { OwnCatalog } from './own-catalog.ts'
import { Probe, probeQuery } from './probe.ts'
import { SessionProtection } from './protect.ts'
import { type Report, refusalReport } from './reports.ts'
import { isTransaction } from './transactions.ts'
import {
  cstring,
  decodeReady,
  encodeFrame,
  encodeReady,
  encodeReport,
  type Frame,
  int32,
  type Sendable,
  type TransactionStatus,
} from './wire/index.ts'

/** What the relay does to the world. */
export interface RelayPort {
  toClient(bytes: Sendable): void
  toServer(bytes: Sendable): void
  /** What was said to the client goes out, and is recorded as the last decision has it. */
  flushClient(): void
  /** Asks the server to stop what it is doing. */
  cancelServer(): void
  /** Nothing of the client's waits any more. */
  caughtUp(): void
  /** Ends both connections; what was written before still goes out. */
  end(reason: string): void
}

/** What a relay is made of. */
export interface RelayParts {
  readonly gate: GateSession
  readonly analyzer: SqlAnalyzer
  readonly port: RelayPort
  readonly user: string
  /** Key of the `hash` strategy. */
  readonly hashKey: Uint8Array
  /** The connection to the server may serve another session after this one. */
  readonly keeps?: boolean
}

/** How often in a row the catalog is asked for in vain, a statement each, before it is taken to be out of reach. */
const readingTriesMax = 3

const flush = Buffer.from([72, 0, 0, 0, 4])

const copyFail: Uint8Array = encodeFrame('f', cstring('stopped'))

/** Fails on every server, and has it pass over everything up to the next Sync. */
const spoil: Uint8Array = encodeFrame('E', cstring('sallyport spoil'), int32(0))

/** The state of one session. */
export class Conversation {
  readonly gate: GateSession
  readonly analyzer: SqlAnalyzer
  readonly port: RelayPort
  readonly protection: SessionProtection
  readonly guard: Guard
  readonly ledger: Ledger = new Ledger()
  readonly prepared: Names<Prepared> = new Names('prepared statements', () => undefined)
  readonly portals: Portals = new Names('portals', finish)
  /** What the session leaves behind, where anybody wants to know. */
  readonly footprint: Footprint | undefined
  /** What the server told of, where the session ended with its connection as good as new. */
  left: ReadonlyMap<string, string> | undefined
  /** What later texts are read under. */
  session: SqlSession
  status: TransactionStatus = 'I'
  /** After an error in the extended protocol, everything until Sync is passed over. */
  skipping = false
  /** Everything of a stopped result is dropped until the server is ready again. */
  dropping = false
  /** The client sends the data of a copy. */
  copyIn = false
  /** The copy that flows goes to the client. */
  copyOut = false
  ended = false
  /** The simple query that runs. */
  query: Running | undefined
  /** An answer of ours that waits until the server has answered everything before it. */
  #waiting: { readonly bytes: Buffer; readonly untilSync: boolean } | undefined
  /** The server is made to fail what an answer of ours has failed for the client. */
  #spoiling = false
  /** What a Parse that is being judged has made of the statement without a name. */
  judgedName: Change<Prepared> | undefined
  /** The server is asked what names are read by, and the client is told that it is ready when that is known. */
  #probing: { readonly probe: Probe; readonly ready: Frame } | undefined
  /** The server is asked what the catalog is, and a text that waits for it is read again then. */
  #reading: { readonly own: OwnCatalog; readonly then: () => void } | undefined
  #failedReadings = 0
  /** Where in the client's messages we are: how many Syncs and queries went on. */
  batch = 0
  /** What goes on when something that is under way has been answered, or is passed over. */
  #after: { readonly isSettled: () => boolean; readonly then: () => void } | undefined
  /** Messages of the extended protocol went on since the last Sync: a query of ours would end what they began. */
  inBatch = false
  /** The server was asked to answer what it owes without waiting for a Sync. */
  #hurried = false
  readonly #goOn: () => void
  readonly #onSkip: () => void
  readonly #onEnd: () => void

  /**
   * `goOn` is called when the client's messages may go on, `onSkip` when everything until Sync is passed over, what is being
   * judged as well, and `onEnd` once when the session is over.
   */
  constructor(parts: RelayParts, goOn: () => void, onSkip: () => void, onEnd: () => void) {
    this.gate = parts.gate
    this.analyzer = parts.analyzer
    this.port = parts.port
    this.protection = new SessionProtection(parts.analyzer, parts.hashKey)
    this.session = SqlSession.start(parts.user)
    this.footprint = parts.keeps === true ? new Footprint() : undefined
    this.#goOn = goOn
    this.#onSkip = onSkip
    this.#onEnd = onEnd
    this.guard = new Guard({
      owe: (entry, bytes) => this.owe(entry, bytes),
      toClient: (bytes) => this.port.toClient(bytes),
      failed: (frame) => this.port.toClient(this.protection.told('E', frame)),
      ready: (frame) => this.ready(frame),
      end: (reason) => this.end(reason),
    })
  }

  /** True while nothing of the client may go on. */
  get waiting(): boolean {
    return (
      this.#waiting !== undefined ||
      this.#after !== undefined ||
      this.#spoiling ||
      this.#probing !== undefined ||
      this.#reading !== undefined ||
      this.#settling
    )
  }

  /** Nothing but the data of a copy may reach the server before a transaction of ours has ended. */
  get #settling(): boolean {
    if (this.guard.closing) return true
    if (!(this.guard.open || this.guard.watching) || this.copyIn) return false
    const { last } = this.ledger
    return last !== undefined && endsBatch(last)
  }

  /**
   * What a statement waits for, where it waits: what is limited must not be committed before its rows are counted, and
   * whose Sync ends a transaction of ours is only clear when no other is under way.
   */
  turnOf(analysis: SqlAnalysis, terms: Terms): (() => boolean) | undefined {
    const { ledger, guard } = this
    if (isLimited(analysis, terms) && ledger.some(endsBatch)) return () => !ledger.some(endsBatch)
    if (guard.watching && analysis.statements.some(isTransaction) && ledger.some(runsLimited))
      return () => !ledger.some(runsLimited)
    return undefined
  }

  /** Goes on when something that is under way has been answered, or is passed over. */
  whenSettled(isSettled: () => boolean, then: () => void): void {
    this.#after = { isSettled, then }
    this.hurry()
  }

  #settled(): void {
    const after = this.#after
    if (after === undefined || !(this.skipping || after.isSettled())) return
    this.#after = undefined
    after.then()
    this.#goOn()
  }

  /** Sends a message on and remembers what the server owes for it. */
  owe(entry: Owed, bytes: Sendable): void {
    this.ledger.push(entry)
    if (endsBatch(entry)) this.batch++
    this.#hurried = false
    this.port.toServer(bytes)
  }

  /** Has the server answer what it holds back until a Sync. */
  hurry(): void {
    if (this.#hurried || this.ledger.empty) return
    this.#hurried = true
    this.port.toServer(flush)
  }

  /** Answers the client ourselves, once everything before has been answered by the server. */
  answer(report: Report, untilSync: boolean): void {
    // What is passed over is not answered.
    if (this.skipping) return
    this.#waiting = { bytes: encodeReport(report), untilSync }
    this.hurry()
    this.release()
  }

  /** Lets a waiting answer out when its turn has come, and the client's messages after it. */
  release(): void {
    if (this.#after !== undefined) this.#settled()
    const waiting = this.#waiting
    if (waiting === undefined || !this.ledger.empty || this.#spoiling) return
    const { bytes, untilSync } = waiting
    // An error fails the transaction that it is in, for the client and so for the server: nothing else of it may stay.
    if (this.status === 'T' || this.inBatch) {
      this.#spoiling = true
      if (untilSync) {
        this.owe({ what: 'spoil' }, spoil)
        return
      }
      this.#waiting = undefined
      this.inBatch = false
      this.port.toClient(bytes)
      this.session = this.session.failed()
      this.guard.spoil()
      return
    }
    this.#waiting = undefined
    this.#answered()
    this.port.toClient(untilSync ? bytes : Buffer.concat([bytes, encodeReady(this.status)]))
    this.skipping = untilSync
    this.#goOn()
  }

  /** The server has failed what an answer of ours failed, and passes over what follows. */
  spoiled(): void {
    this.ledger.shift()
    this.session = this.session.failed()
    if (this.#waiting !== undefined) this.port.toClient(this.#waiting.bytes)
    this.#answered()
    this.#forgetAnswer()
    this.skipping = true
    this.#goOn()
  }

  /** The server passes over everything up to the next Sync, and owes nothing for it: neither do we. */
  passOver(): void {
    if (this.ledger.passOver()) return
    this.skipping = true
    this.judgedName?.undo()
    this.judgedName = undefined
    this.#forgetAnswer()
    this.#settled()
    this.#onSkip()
  }

  /** The client is told of an error of ours: what was read before it is done. */
  #answered(): void {
    this.judgedName?.keep()
    this.judgedName = undefined
  }

  #forgetAnswer(): void {
    this.#waiting = undefined
    this.#spoiling = false
  }

  /** The client's messages may go on. */
  goOn(): void {
    this.#goOn()
  }

  /** The server is ready, and nothing of ours is open. */
  ready(frame: Frame): void {
    this.status = decodeReady(frame)
    this.#spoiling = false
    this.guard.rest(this.ledger.empty)
    // A transaction can end without a word of its own: with a Sync, or by a COMMIT that failed and has rolled back.
    const { session } = this
    if (this.status === 'I' && session.inTransaction)
      this.session = session.inImplicit ? session.committed(this.analyzer.catalog) : session.rolledBack()
    if (this.session.doubtful && this.status !== 'E' && this.ledger.empty) {
      this.#probing = { probe: new Probe(), ready: frame.copy() }
      this.owe({ what: 'probe' }, probeQuery)
      return
    }
    this.#readyNow(frame)
  }

  /** A message that answers the question of what names are read by. */
  probed(frame: Frame): void {
    if (this.#probing === undefined || !this.#probing.probe.take(frame)) return
    const { probe, ready } = this.#probing
    this.#probing = undefined
    this.ledger.shift()
    this.session = probe.settle(this.session)
    this.#readyNow(ready)
  }

  /** Whether the session's own connection can be asked for the catalog without the client's noticing. */
  get mayReadCatalog(): boolean {
    return this.ledger.empty && !this.inBatch && !this.copyIn && !this.ended && this.status !== 'E' && !this.guard.open
  }

  /** Asks for it; `then` is called when the session knows what its connection sees, or that there is no telling. */
  readCatalog(then: () => void): void {
    const own = new OwnCatalog(this.status === 'T' ? 'T' : 'I')
    this.#reading = { own, then }
    this.owe({ what: 'catalog' }, own.message)
  }

  /** A message that answers the question for the catalog. */
  readingAnswered(frame: Frame): void {
    if (this.#reading === undefined) return
    const { own, then } = this.#reading
    const next = own.take(frame)
    if (next === 'more') return
    if (next === 'lost') {
      this.end('catalog_failed')
      return
    }
    if (next !== 'done') {
      this.port.toServer(next)
      return
    }
    this.ledger.shift()
    this.#reading = undefined
    const shared = this.analyzer.catalog
    const catalog = own.catalog(shared)
    this.#failedReadings = catalog === undefined ? this.#failedReadings + 1 : 0
    // Where it cannot be told, the changes stay what they are: changes. They are not asked about without end.
    if (this.#failedReadings === 0 || this.#failedReadings >= readingTriesMax)
      this.session = this.session.withReading(shared, catalog ?? this.session.catalog(shared))
    then()
    this.#goOn()
  }

  #readyNow(frame: Frame): void {
    // Told before the gate is: a drain ends the session as soon as nothing runs.
    this.port.toClient(frame)
    const { query } = this
    this.query = undefined
    query?.submission.finish()
    if (this.status === 'I') {
      // Portals do not outlive their transaction.
      this.portals.clear()
      if (this.ledger.empty) this.protection.rest()
    } else this.portals.each(finishCompleted)
    this.release()
    this.#goOn()
  }

  /** Counts what flows; false where it went over its bounds, and the client was told. */
  consume(
    used: { readonly rows?: number; readonly bytes?: number; readonly affected?: number },
    terms?: Terms,
  ): boolean {
    const answer = this.gate.consume(used, terms)
    if (answer.within) return true
    // What was changed is done already; a cancel would only meet what comes next.
    this.stop(answer.refusal, used.affected === undefined)
    return false
  }

  /** The client takes its leave. True where nothing of it is left on the connection to the server. */
  leave(): boolean {
    const { ledger, status, skipping, inBatch, copyIn, dropping, guard, session, analyzer } = this
    const isQuiet = ledger.empty && status === 'I' && !(skipping || inBatch || copyIn || dropping || guard.open)
    const isKnown = !(this.waiting || session.doubtful || session.inTransaction)
    // Those of a log-in would not run for the next session.
    if (isQuiet && isKnown && analyzer.catalog.eventTriggers.length === 0) this.left = this.footprint?.left
    return this.left !== undefined
  }

  /** A result went over its bounds: the client hears why, and the rest of it is dropped. */
  stop(refusal: Refusal, cancel = true): void {
    if (this.dropping || this.ended) return
    this.footprint?.lost()
    if (this.guard.closing) {
      this.guard.stopClosing(encodeReport(refusalReport(refusal)))
      this.port.cancelServer()
      return
    }
    this.guard.stop()
    // The cancel can come too late for what would change names: what becomes of that is not seen.
    if (this.ledger.some(changesSession))
      this.session = this.session.withDoubt().withUnseenChange(this.analyzer.catalog)
    if (cancel) this.port.cancelServer()
    if (this.copyIn) this.endCopy()
    this.port.toClient(encodeReport(refusalReport(refusal)))
    this.dropping = true
    this.passOver()
  }

  /** The client has sent all of a copy's data. Where the server was hurried before, it passed over that within the copy. */
  copyEnds(): void {
    this.copyIn = false
    this.#hurried = false
  }

  /** Ends a copy that nobody sends the data of: the server would wait for it, whatever it is asked. */
  endCopy(): void {
    this.port.toServer(copyFail)
    this.copyEnds()
  }

  /** Ends the session and both connections. */
  end(reason: string): void {
    if (this.ended) return
    this.over()
    this.port.end(reason)
  }

  /** The session is over; whatever runs or waits is told so. */
  over(): void {
    if (this.ended) return
    this.ended = true
    this.skipping = true
    this.#settled()
    this.query?.submission.finish()
    this.portals.end()
    this.#onEnd()
  }
}

/** Whether the session may be another after what is owed. */
function changesSession(entry: Owed): boolean {
  const running = entry.what === 'execute' || entry.what === 'query' ? entry.running : undefined
  return running?.analysis.after.some((after) => after !== undefined) === true
}

/** Whether the server is ready when it has answered this. */
function endsBatch({ what }: Owed): boolean {
  return what === 'sync' || what === 'query'
}

/** Whether rows that are limited may still be changed by it. */
function runsLimited(entry: Owed): boolean {
  return entry.what === 'execute' && isLimited(entry.running.analysis, entry.running.terms)
}

/** What has run to its end is over, though its portal stays for as long as the transaction does. */
function finishCompleted({ submission, completed }: Running): void {
  if (completed > 0) submission.finish()
}

function finish({ submission }: Running): void {
  submission.finish()
}
