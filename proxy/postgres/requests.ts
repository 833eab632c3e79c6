// The client's half of a relay: each message is judged before it goes on, and goes on only when nothing that is still
// under way can change what it means.
import type { SqlFacts } from '../../engine/action/index.ts'
import type { SqlAnalysis, SqlSession } from '../../engine/action/sql/index.ts'
import type { Terms } from '../gate/contract.ts'
import type { Conversation } from './conversation.ts'
import { asCall, callPlan, callText, unknownFunctionReport } from './function-call.ts'
import { partPlan } from './guard.ts'
import type { Judging, Statement } from './judging.ts'
import type { MaskPlan } from './masks.ts'
import { meaningOf } from './meaning.ts'
import type { Prepared } from './named.ts'
import type { Owed, Running } from './owed.ts'
import { withTypes } from './parameter-types.ts'
import { binaryRefused } from './protect.ts'
import { changedReport, missingReport, type Report, unenforceableReport } from './reports.ts'
import {
  type BoundValue,
  decodeBind,
  decodeExecute,
  decodeFunctionCall,
  decodeNamed,
  decodeParse,
  decodeQuery,
  encodeParse,
  encodeQuery,
  type Frame,
  requestTypes as is,
  WireError,
} from './wire/index.ts'

/** Takes the client's messages one by one. */
export class Requests {
  readonly #at: Conversation
  readonly #judging: Judging

  constructor(at: Conversation, judging: Judging) {
    this.#at = at
    this.#judging = judging
  }

  /** False while a message of this type has to wait for the server. */
  mayGo(type: number): boolean {
    const { query, ledger, copyIn, skipping } = this.#at
    // What goes on now needs nothing of what is owed.
    if (copyIn || skipping) return true
    switch (type) {
      case is.query:
      case is.functionCall:
        // What a simple query's answers belong to is only clear when nothing else is under way.
        if (ledger.empty) return true
        if (query === undefined) this.#at.hurry()
        return false
      case is.copyData:
      case is.copyDone:
      case is.copyFail:
        // Until it is known whether there is a copy that takes it.
        if (ledger.empty) return true
        if (query === undefined) this.#at.hurry()
        return false
      case is.terminate:
        return query === undefined
      case is.parse:
      case is.bind:
        if (query !== undefined) return false
        if (!ledger.some(changesNames)) return true
        this.#at.hurry()
        return false
      default:
        return query === undefined
    }
  }

  /** One message. Throws WireError when it breaks the protocol. */
  take(frame: Frame): void {
    const at = this.#at
    if (at.skipping && frame.type !== is.sync && frame.type !== is.terminate) return
    // The server ends such a session too; what waited for the end of the copy would wait for ever.
    if (at.copyIn && !withinCopy.has(frame.type))
      throw new WireError('out_of_place', 'the client sent a message other than data in the middle of a copy')
    switch (frame.type) {
      case is.query:
        this.#query(frame)
        return
      case is.parse:
        this.#parse(frame)
        at.inBatch = true
        return
      case is.bind:
        this.#bind(frame)
        at.inBatch = true
        return
      case is.execute:
        this.#execute(frame)
        at.inBatch = true
        return
      case is.describe:
        at.inBatch = true
        this.#describe(frame)
        return
      case is.close: {
        at.inBatch = true
        const { what, name } = decodeNamed(frame)
        const change = what === 'statement' ? at.prepared.drop(name) : at.portals.drop(name)
        at.owe({ what: 'close', change }, frame)
        return
      }
      case is.flush:
        at.port.toServer(frame)
        return
      case is.sync:
        // In the middle of a copy the server passes over it, and so do we.
        if (at.copyIn) return
        at.skipping = false
        at.inBatch = false
        at.owe(sync, frame)
        return
      case is.copyData:
      case is.copyDone:
      case is.copyFail:
        // Outside of a copy the server passes these over, and so do we.
        if (!at.copyIn) return
        at.port.toServer(frame)
        if (frame.type !== is.copyData) at.copyEnds()
        return
      case is.terminate:
        if (!at.leave()) at.port.toServer(frame)
        at.end('client_closed')
        return
      case is.functionCall:
        this.#call(frame)
        return
      default:
        throw new WireError('unknown_type', 'the client sent a message of an unknown type')
    }
  }

  #query(frame: Frame): void {
    const at = this.#at
    const text = decodeQuery(frame)
    // It ends what was prepared without a name, whatever becomes of it.
    at.prepared.drop('').keep()
    this.#analyze(text, false, (analysis, session) => {
      this.#judging.submit(analysis, this.#how('simple', []), (terms, submission) => {
        const { plan, forward, masked, detector } = at.protection.protect(analysis, terms, session)
        if (!this.#enforceable(plan, terms, false)) {
          submission.finish()
          return
        }
        const described = { types: undefined }
        const running: Running = {
          terms,
          plan,
          masked,
          detector,
          described,
          analysis,
          session,
          submission,
          completed: 0,
        }
        at.guard.begin(analysis, terms, at.status, at.batch, 'simple')
        at.query = running
        at.inBatch = false
        at.footprint?.ran(analysis)
        // What needs no change goes on as it came.
        at.owe({ what: 'query', running }, forward === text ? frame : encodeQuery(forward))
      })
    })
  }

  #call(frame: Frame): void {
    const at = this.#at
    const call = decodeFunctionCall(frame)
    const text = callText(at.session.catalog(at.analyzer.catalog), call)
    if (text === undefined) {
      at.answer(unknownFunctionReport, false)
      return
    }
    this.#analyze(text, false, (select, session) => {
      const analysis = asCall(select)
      const how = this.#how('function_call', call.values.map(parameter), asCall)
      this.#judging.submit(analysis, how, (terms, submission) => {
        const shown = at.protection.protect(analysis, terms, session)
        const plan = callPlan(analysis, shown, terms)
        if (!this.#enforceable(plan, terms, false)) {
          submission.finish()
          return
        }
        const { masked, detector } = shown
        const described = { types: undefined }
        at.query = { terms, plan, masked, detector, described, analysis, session, submission, completed: 0 }
        at.footprint?.lost()
        at.inBatch = false
        at.owe({ what: 'query', running: at.query }, frame)
      })
    })
  }

  #parse(frame: Frame): void {
    const at = this.#at
    const parse = decodeParse(frame)
    // What has no name is gone even where the text is refused.
    if (parse.name === '' && at.prepared.get('') !== undefined) at.judgedName = at.prepared.drop('')
    const { catalog } = at.analyzer
    this.#analyze(parse.sql, true, (read, session) => {
      const typed = (one: SqlAnalysis): SqlAnalysis => withTypes(one, parse.types, session, at.analyzer)
      const analysis = typed(read)
      this.#judging.submit(analysis, this.#how('extended', [], typed), (terms, submission) => {
        submission.finish()
        const { plan, forward, masked, detector, reaches } = at.protection.protect(analysis, terms, session)
        if (!this.#enforceable(plan, terms, true)) return
        at.judgedName?.undo()
        at.judgedName = undefined
        const change = at.prepared.put(parse.name, {
          analysis,
          types: parse.types,
          session,
          catalog,
          shown: { plan, masked, detector, reaches },
          protection: at.protection.keyOf(terms),
          described: { types: undefined },
        })
        at.footprint?.ran(analysis)
        // What needs no change goes on as it came.
        const unchanged = forward === parse.sql
        at.owe({ what: 'parse', change }, unchanged ? frame : encodeParse({ ...parse, sql: forward }))
      })
    })
  }

  #bind(frame: Frame): void {
    const at = this.#at
    const bind = decodeBind(frame)
    const prepared = at.prepared.get(bind.statement)
    // A statement that was prepared by SQL text has taken the name, if the session knows one.
    if (prepared === undefined || at.session.prepared(bind.statement) !== undefined) {
      this.#missing(missingReport('26000', 'prepared statement', bind.statement), () => this.#bind(frame))
      return
    }
    this.#fresh(prepared, (analysis) => {
      const { session } = at
      const typed = (one: SqlAnalysis): SqlAnalysis => withTypes(one, prepared.types, session, at.analyzer)
      this.#judging.submit(analysis, this.#how('extended', bind.values.map(parameter), typed), (terms, submission) => {
        // The text was rewritten at Parse; under other masks and filters it has to be prepared again.
        const plan: MaskPlan =
          prepared.protection === at.protection.keyOf(terms)
            ? prepared.shown.plan
            : { kind: 'refuse', why: 'what is masked has changed since the statement was prepared' }
        if (!this.#enforceable(binaryRefused(plan, bind), terms, true)) {
          submission.finish()
          return
        }
        const { described, shown } = prepared
        const { masked, detector, reaches } = shown
        const bound = { terms, plan, masked, detector, described, analysis, session, submission, completed: 0 }
        const turn = at.turnOf(analysis, terms)
        if (turn === undefined) this.#bound(frame, bind.portal, bound, reaches)
        else
          at.whenSettled(turn, () => {
            if (at.skipping) submission.finish()
            else this.#bound(frame, bind.portal, bound, reaches)
          })
      })
    })
  }

  #bound(frame: Frame, portal: string, bound: Running, reaches: boolean): void {
    const at = this.#at
    at.guard.begin(bound.analysis, bound.terms, at.status, at.batch, 'extended')
    if (reaches) at.protection.reach()
    const change = at.portals.put(portal, bound)
    at.footprint?.ran(bound.analysis)
    at.owe({ what: 'bind', change }, frame)
  }

  /**
   * The analysis of a prepared statement as names are read now: the server reads them anew when the search path or
   * what it points to has changed. Where that gives something else than was prepared, the client has to prepare again.
   */
  #fresh(prepared: Prepared, then: (analysis: SqlAnalysis) => void): void {
    const at = this.#at
    const { analysis, types } = prepared
    if (prepared.catalog === at.analyzer.catalog && readsAlike(prepared, at)) {
      then(analysis)
      return
    }
    const { session, analyzer } = at
    this.#judging.analyze(analysis.forward, session, true, (read) => {
      const again = withTypes(read, types, session, analyzer)
      // Less may be known of it than when it was prepared; what is known has to be the same.
      if (meaningOf(again) === meaningOf(analysis)) then(again)
      else at.answer(changedReport, true)
    })
  }

  #describe(frame: Frame): void {
    const at = this.#at
    const { what, name } = decodeNamed(frame)
    // What a text that was refused has ended is still there at the server.
    if (what === 'statement' && name === '' && at.prepared.get('') === undefined) {
      this.#missing(missingReport('26000', 'prepared statement', ''), () => this.#describe(frame))
      return
    }
    const prepared = what === 'statement' ? at.prepared.get(name) : undefined
    const portal = what === 'statement' ? undefined : at.portals.get(name)
    const described = prepared?.described ?? portal?.described
    at.owe({ what: 'describe', described, plan: prepared?.shown.plan ?? portal?.plan }, frame)
  }

  #execute(frame: Frame): void {
    const at = this.#at
    const { portal: name, rowsMax } = decodeExecute(frame)
    const running = at.portals.get(name)
    // A cursor that was declared by SQL text has taken the name, if the session knows one.
    if (running === undefined || at.session.cursor(name) !== undefined) {
      this.#missing(missingReport('34000', 'portal', name), () => this.#execute(frame))
      return
    }
    if (!this.#enforceable(partPlan(running, rowsMax), running.terms, true)) return
    const turn = at.turnOf(running.analysis, running.terms)
    if (turn === undefined) at.owe({ what: 'execute', running }, frame)
    else
      at.whenSettled(turn, () => {
        if (!at.skipping) at.owe({ what: 'execute', running }, frame)
      })
  }

  /** What is not there under a name may be again, when a message under way that took it away is passed over. */
  #missing(report: Report, again: () => void): void {
    const at = this.#at
    const isSettled = (): boolean => !at.ledger.some(givesName)
    if (isSettled()) at.answer(report, true)
    else
      at.whenSettled(isSettled, () => {
        if (!at.skipping) again()
      })
  }

  /** Gives the analysis of a text, and the session that it was read under. */
  #analyze(text: string, extended: boolean, then: (analysis: SqlAnalysis, session: SqlSession) => void): void {
    const at = this.#at
    const judge = (): void => {
      const { session } = at
      this.#judging.analyze(text, session, extended, (analysis) => then(analysis, session))
    }
    if (this.#asksFirst(text)) at.readCatalog(judge)
    else judge()
  }

  /** Whether the session's own connection is asked for the catalog before a text is judged. */
  #asksFirst(text: string): boolean {
    const { mayReadCatalog, session, analyzer } = this.#at
    if (!mayReadCatalog || !session.isUnread(analyzer.catalog)) return false
    const first = analyzer.analyzeNow(text, session)
    // What is too long to be judged in this turn may be about anything.
    return first.kind === 'analysis' ? ownChangesMatter(first) : first.code === 'parser_busy'
  }

  #how(protocol: SqlFacts['protocol'], parameters: SqlFacts['parameters'], read: Statement['read'] = same): Statement {
    const { session, status } = this.#at
    return { protocol, parameters, session, status, read }
  }

  /** False, and the client answered, when the terms ask for what cannot be done here. */
  #enforceable(plan: MaskPlan, terms: Terms, extended: boolean): boolean {
    if (plan.kind !== 'refuse') return true
    this.#at.answer(unenforceableReport(plan.why, terms.decisionId), extended)
    return false
  }
}

/** Why a statement is not complete that touches what the session itself defined. */
const ownChange: ReadonlySet<string> = new Set(['changed in this session', 'the catalog snapshot is out of date'])

/** Whether a text could be understood by what the session's own connection sees. */
function ownChangesMatter({ complete, statements }: SqlAnalysis): boolean {
  if (complete) return false
  return statements.some(({ reasons }) => reasons.some((why) => ownChange.has(why) || why.startsWith('unresolved ')))
}

/** What may come while the client sends the data of a copy. */
const withinCopy: ReadonlySet<number> = new Set([
  is.copyData,
  is.copyDone,
  is.copyFail,
  is.flush,
  is.sync,
  is.terminate,
])

const sync: Owed = { what: 'sync' }

/** Whether something under way gives a name, or takes it away. */
function givesName(entry: Owed): boolean {
  return 'change' in entry
}

/** Whether something under way changes how later texts are read. */
function changesNames(entry: Owed): boolean {
  if (entry.what !== 'execute') return false
  const { analysis, session } = entry.running
  return analysis.after.some((after) => after !== undefined && after !== session)
}

/** Whether names mean now what they meant when a statement was prepared. */
function readsAlike({ session, analysis }: Prepared, at: Conversation): boolean {
  if (session === at.session) return true
  const key = session.cacheKey()
  const isAlike = key !== undefined && key === at.session.cacheKey() && analysis.statements.every(isOfData)
  // What it leaves behind is another session, of which this one may not be the beginning.
  return isAlike && analysis.after.every((after) => after === undefined)
}

/** Kinds of statements that mean nothing else in a transaction, and nothing that the session has named. */
const dataKinds: ReadonlySet<string> = new Set(['select', 'insert', 'update', 'delete', 'merge'])

function isOfData({ kind }: { readonly kind: string }): boolean {
  return dataKinds.has(kind)
}

function same(analysis: SqlAnalysis): SqlAnalysis {
  return analysis
}

function parameter(value: BoundValue): SqlFacts['parameters'][number] {
  return value.binary && value.text !== null ? { $binary: value.text } : value.text
}
