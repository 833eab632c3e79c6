// The server's half of a relay: every answer is taken for what is owed first, shown as its terms allow, and counted.
import type { Conversation } from './conversation.ts'
import type { MaskPlan } from './masks.ts'
import type { Running, Shown } from './owed.ts'
import { splitPath } from './probe.ts'
import { unsafeSetting } from './settings.ts'
import { changesRows } from './transactions.ts'
import {
  type Column,
  decodeParameterStatus,
  decodeReady,
  decodeRowDescription,
  decodeTag,
  encodeReport,
  type Frame,
  messageTypes as is,
} from './wire/index.ts'

/** Takes the server's messages one by one. */
export class Answers {
  readonly #at: Conversation
  readonly #used = { rows: 1, bytes: 0 }

  constructor(at: Conversation) {
    this.#at = at
  }

  /** One message. Throws WireError when it breaks the protocol. */
  take(frame: Frame): void {
    const at = this.#at
    const { type } = frame
    const first = at.ledger.first
    // What an error left behind nobody knows, and notices of others are for whoever asked for them.
    if (type === is.error || type === is.notification) at.footprint?.lost()
    if (first?.what === 'guard' && type !== is.parameterStatus && type !== is.notification) {
      if (!at.guard.answered(frame, first.endedBy)) return
      at.ledger.shift()
      if (type === is.ready) at.guard.settled(frame)
      return
    }
    if (first?.what === 'probe' && type !== is.parameterStatus && type !== is.notification) {
      at.probed(frame)
      return
    }
    // What the question itself sets is undone before anything of the client's goes on.
    if (first?.what === 'catalog' && type !== is.notification) {
      at.readingAnswered(frame)
      return
    }
    if (first?.what === 'spoil' && type === is.error) {
      at.spoiled()
      return
    }
    if (at.dropping && type !== is.ready && type !== is.parameterStatus) {
      if (type === is.error) at.session = at.session.failed()
      // The cancel came too late for it.
      if (type === is.copyIn) at.endCopy()
      return
    }
    switch (type) {
      case is.row:
      case is.copyData:
        this.#data(frame)
        return
      case is.rowDescription:
        this.#description(frame)
        return
      case is.commandComplete:
        this.#completed(frame)
        return
      case is.emptyQuery:
      case is.portalSuspended:
        this.#settle('execute', frame)
        return
      case is.functionResult:
        this.#called(frame)
        return
      case is.parseComplete:
        this.#settle('parse', frame)
        return
      case is.bindComplete:
        this.#settle('bind', frame)
        return
      case is.closeComplete:
        this.#settle('close', frame)
        return
      case is.noData:
        this.#settle('describe', frame)
        return
      case is.error:
        this.#failed(frame)
        return
      case is.ready:
        this.#ready(frame)
        return
      case is.copyIn:
        at.copyIn = true
        if (first?.what === 'execute') at.ledger.forgetSyncs()
        at.port.toClient(frame)
        at.goOn()
        return
      case is.copyOut:
        at.copyOut = true
        // Detectors read text; a binary copy could hide values from them.
        if (frame.body[0] === 1 && this.#running?.detector !== undefined) at.end('binary_copy')
        else at.port.toClient(frame)
        return
      case is.parameterStatus:
        this.#parameterStatus(frame)
        return
      case is.backendKey:
        return
      case is.notice:
        at.port.toClient(at.protection.told('N', frame))
        return
      case is.notification:
        at.port.toClient(at.protection.told('A', frame))
        return
      default:
        at.port.toClient(frame)
    }
  }

  /** What the results that flow now belong to. */
  get #running(): Running | undefined {
    const first = this.#at.ledger.first
    return first?.what === 'execute' || first?.what === 'query' ? first.running : undefined
  }

  /** Rows, or the data of a copy: one message or a run of them. */
  #data(frame: Frame): void {
    const at = this.#at
    const running = this.#running
    if (running === undefined) {
      // Nothing that was allowed: the two sides are out of step.
      at.end('out_of_step')
      return
    }
    const isCopy = frame.type === is.copyData
    const changed = running.detector !== undefined || (running.plan.kind !== 'none' && !isCopy)
    if (!changed && this.#fits(frame, running)) {
      this.#used.rows = frame.count
      this.#used.bytes = frame.bodyBytes
      if (at.consume(this.#used, running.terms)) at.port.toClient(frame)
      return
    }
    for (const single of frame.count === 1 ? [frame] : frame.singles()) {
      // The bound may have been reached, or the session ended, by the one before.
      if (at.dropping || at.ended) return
      const bytes = isCopy
        ? at.protection.copied(single, running.detector)
        : at.protection.row(single, running, () => running.described.types)
      if (bytes === undefined) {
        at.end('masking_mismatch')
        return
      }
      this.#used.rows = 1
      this.#used.bytes = single.bodyBytes
      if (at.consume(this.#used, running.terms)) at.port.toClient(bytes)
    }
  }

  /** Whether all of a run stays within the bounds; where not, its messages are counted one by one. */
  #fits(frame: Frame, { terms }: Running): boolean {
    if (frame.count === 1) return true
    const room = this.#at.gate.room(terms)
    return frame.count <= room.rows && frame.bodyBytes <= room.bytes
  }

  #description(frame: Frame): void {
    const at = this.#at
    const first = at.ledger.first
    if (first?.what === 'describe') {
      if (first.plan?.kind === 'columns' && !arePlanned(decodeRowDescription(frame), first.plan)) {
        at.end('masking_mismatch')
        return
      }
      if (first.described !== undefined && first.described.types === undefined)
        first.described.types = decodeRowDescription(frame).map(({ type }) => type)
      this.#settle('describe', frame)
      return
    }
    const running = this.#running
    if (running !== undefined && !this.#agrees(frame, running)) at.end('masking_mismatch')
    else at.port.toClient(frame)
  }

  /** The description is an assertion: when it disagrees with what was analyzed, nothing of the result is shown. */
  #agrees(frame: Frame, { plan, detector, described }: Shown): boolean {
    if (plan.kind !== 'columns' && detector === undefined) return true
    const columns = decodeRowDescription(frame)
    described.types = columns.map(({ type }) => type)
    return plan.kind !== 'columns' || arePlanned(columns, plan)
  }

  #completed(frame: Frame): void {
    const at = this.#at
    const { tag, command, rows } = decodeTag(frame)
    const changed = changesRows(command, at.copyOut)
    at.copyOut = false
    const running = this.#running
    if (rows > 0 && running !== undefined) {
      if (!changed) this.#countMasked(running, rows)
      else if (!at.consume({ affected: rows }, running.terms)) return
    }
    if (running !== undefined) this.#moveOn(running, tag)
    if (at.ledger.first?.what === 'execute') {
      this.#settle('execute', frame)
      return
    }
    if (at.guard.open && running !== undefined && running.completed === running.analysis.statements.length)
      at.guard.holdBack(frame)
    else at.port.toClient(frame)
  }

  /** The result of a function call. */
  #called(frame: Frame): void {
    const at = this.#at
    const running = this.#running
    if (running === undefined || running.analysis.operation !== 'function_call') {
      at.end('out_of_step')
      return
    }
    this.#used.rows = 1
    this.#used.bytes = frame.bodyBytes
    if (!at.consume(this.#used, running.terms)) return
    this.#moveOn(running, 'SELECT')
    at.port.toClient(frame)
  }

  /** A statement has completed: later texts are read in the session as it stands after it. */
  #moveOn(running: Running, tag: string): void {
    const at = this.#at
    const index = running.completed++
    const after = running.analysis.after[index]
    if (after === undefined) return
    const kind = running.analysis.statements[index]?.kind
    if (tag === 'ROLLBACK' && kind === 'commit') {
      const ended = at.session.rolledBack()
      at.session = after.inTransaction ? ended.begun() : ended
    } else if (at.ledger.first?.what === 'execute' && !at.session.inTransaction && kind !== 'begin')
      // Until the next Sync this is undone by whatever fails, and what is local to it holds.
      this.#readAgain(running, at.session.implied())
    else if (index > 0 || at.session === running.session) at.session = after
    // Something else moved the session on since this was bound: what it does is read again from there.
    else this.#readAgain(running, at.session)
  }

  #readAgain({ analysis }: Running, from: Conversation['session']): void {
    const at = this.#at
    const again = at.analyzer.analyzeNow(analysis.forward, from)
    if (again.kind === 'refusal') at.end('session_lost')
    else at.session = again.after[0] ?? at.session
  }

  /** Tells how many values of the rows that came out were masked, column by column. */
  #countMasked({ detector, masked, completed }: Running, rows: number): void {
    const { gate } = this.#at
    if (detector !== undefined) {
      for (const [name, count] of detector.counts) gate.masked(name, count)
      detector.counts.clear()
    }
    const columns = masked[completed]
    if (columns === undefined || columns.length === 0) return
    for (const column of new Set(columns)) gate.masked(column, rows * columns.filter((one) => one === column).length)
  }

  /** The server did what it owed first. */
  #settle(what: 'parse' | 'bind' | 'close' | 'describe' | 'execute', frame: Frame): void {
    const at = this.#at
    at.port.toClient(frame)
    const { first } = at.ledger
    if (first?.what !== what) return
    if ('change' in first) first.change.keep()
    at.ledger.shift()
    at.release()
    // A query or a copy's data may wait until nothing is owed, whatever was owed last.
    if (what === 'execute' || at.ledger.empty) at.goOn()
  }

  #failed(frame: Frame): void {
    const at = this.#at
    at.port.toClient(at.protection.told('E', frame))
    at.session = at.session.failed()
    at.copyIn = false
    if (at.ledger.first?.what === 'query') return
    at.passOver()
    at.goOn()
  }

  #ready(frame: Frame): void {
    const at = this.#at
    at.ledger.passOver()
    at.ledger.shift()
    at.dropping = false
    at.copyIn = false
    if (!at.guard.close(decodeReady(frame))) at.ready(frame)
  }

  #parameterStatus(frame: Frame): void {
    const at = this.#at
    const { name, value } = decodeParameterStatus(frame)
    at.footprint?.reported(name, value)
    const path = name === 'search_path' ? splitPath(value) : undefined
    // Servers from 18 on say it whenever it has changed: what we did not see change is asked for.
    if (path !== undefined && path.join('\u0001') !== at.session.searchPath.join('\u0001'))
      at.session = at.session.withDoubt()
    if (unsafeSetting([{ name, value }]) === undefined) {
      at.port.toClient(frame)
      return
    }
    at.port.toClient(
      encodeReport({
        severity: 'FATAL',
        sqlstate: '42501',
        message: `the server changed ${name}, which would change what statements mean`,
      }),
    )
    at.end('unsafe_setting')
  }
}

/**
 * Whether columns are those that masks were planned for: as many, those that are masked in text form, and of a column that is
 * masked in one place nothing in another that was taken for something else.
 */
function arePlanned(
  columns: readonly Column[],
  { columns: masked, width }: Extract<MaskPlan, { readonly kind: 'columns' }>,
): boolean {
  if (columns.length !== width) return false
  const hidden = new Set<string>()
  for (const index of masked.keys()) {
    const column = columns[index]
    if (column === undefined || column.binary) return false
    if (column.table !== 0) hidden.add(`${column.table} ${column.attribute}`)
  }
  return columns.every(({ table, attribute }, index) => masked.has(index) || !hidden.has(`${table} ${attribute}`))
}
