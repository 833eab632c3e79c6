// From a text to its terms: analysis, then the gate. One at a time; while an answer is awaited nothing else goes on.
import type { SqlFacts } from '../../engine/action/index.ts'
import type { SqlAnalysis, SqlAnalyzer, SqlResult, SqlSession } from '../../engine/action/sql/index.ts'
import type { CancelReason, Effects, GateSession, HoldNotice, Refusal, Submission, Terms } from '../gate/contract.ts'
import { meaningOf } from './meaning.ts'
import { changedReport, type Report, refusalReport, settingReport, unjudgedReport } from './reports.ts'
import { unsafeSetting } from './settings.ts'
import type { TransactionStatus } from './wire/index.ts'

/** What judging asks of the relay. */
export interface JudgingHost {
  /** Answers the client with a report. */
  answer(report: Report, extended: boolean): void
  held(notice: HoldNotice): void
  /** The action that runs is stopped. */
  stop(refusal: Refusal): void
  /** An answer came late: what waited goes on. */
  resume(): void
  /** The server passes over what is being judged: it does not go on, whatever is decided. */
  readonly skipping: boolean
}

/** How a statement came. */
export interface Statement {
  readonly protocol: SqlFacts['protocol']
  readonly parameters: SqlFacts['parameters']
  readonly session: SqlSession
  readonly status: TransactionStatus
  /** What its text is taken for, when that is analyzed again. */
  readonly read: (analysis: SqlAnalysis) => SqlAnalysis
}

/** Judges the statements of one session, one after the other. */
export class Judging {
  readonly #gate: GateSession
  readonly #analyzer: SqlAnalyzer
  readonly #host: JudgingHost
  /** The session state of the last action, and what it was made of: mostly nothing of it has changed. */
  #state: Parameters<GateSession['submit']>[1] = {}
  #stateOf: SqlSession | undefined
  #stateIn: TransactionStatus = 'I'
  #busy = false
  #held: Submission | undefined
  #ended = false

  readonly #late = (asked: Asked): void => {
    if (this.#ended) return
    if (!asked.waited || asked.answer === 'refused' || this.#host.skipping) {
      this.#proceed(asked)
      this.#host.resume()
    } else this.#again(asked)
  }

  constructor(gate: GateSession, analyzer: SqlAnalyzer, host: JudgingHost) {
    this.#gate = gate
    this.#analyzer = analyzer
    this.#host = host
  }

  /** A decision is awaited. */
  get busy(): boolean {
    return this.#busy
  }

  /** Withdraws what waits; false when nothing does. */
  cancel(reason: CancelReason): boolean {
    if (this.#held === undefined) return false
    this.#held.cancel(reason)
    return true
  }

  /** The session is over: late answers are passed over. */
  end(): void {
    this.#ended = true
    this.cancel('client_gone')
  }

  /** Analyzes a text under a session. `then` is not called where the client was answered already. */
  analyze(text: string, session: SqlSession, extended: boolean, then: (analysis: SqlAnalysis) => void): void {
    const analyzed = (result: SqlResult): void => {
      this.#busy = false
      if (result.kind === 'refusal') this.#host.answer(unjudgedReport(result), extended)
      else {
        const setting = settingOf(result)
        if (setting === undefined) then(result)
        else this.#host.answer(settingReport(setting), extended)
      }
    }
    this.#busy = true
    const result = this.#analyzer.analyze(text, session, (later) => {
      if (this.#ended) return
      if (this.#host.skipping) this.#busy = false
      else analyzed(later)
      this.#host.resume()
    })
    if (result !== undefined) analyzed(result)
  }

  /** Has an analyzed text decided. `then` is not called where it was refused; the client has been answered. */
  submit(analysis: SqlAnalysis, how: Statement, then: (terms: Terms, submission: Submission) => void): void {
    const { protocol, parameters, session, status } = how
    const asked = new Asked(this.#host, analysis, how, then, this.#late)
    this.#busy = true
    asked.submission = this.#gate.submit(
      {
        stage: 'request',
        verb: analysis.verb,
        operation: analysis.operation,
        text: analysis.forward,
        complete: analysis.complete,
        sql: { statements: analysis.statements, parameters, protocol },
      },
      this.#stateUnder(session, status),
      asked,
    )
    asked.isLate = true
    if (asked.answer === undefined) this.#held = asked.submission
    this.#proceed(asked)
  }

  /** What waited is read again: that may have been for long, and what was approved is what it meant then. */
  #again(asked: Asked): void {
    this.#held = undefined
    const { analysis, how } = asked
    const settle = (result: SqlResult): void => {
      if (result.kind === 'refusal' || !isSame(how.read(result), analysis)) asked.changed()
      this.#proceed(asked)
    }
    const result = this.#analyzer.analyze(analysis.forward, how.session, (later) => {
      if (this.#ended) {
        asked.submission?.finish()
        return
      }
      settle(later)
      this.#host.resume()
    })
    if (result === undefined) return
    settle(result)
    this.#host.resume()
  }

  /** Goes on with what was submitted, once it is answered. */
  #proceed({ answer, submission, go }: Asked): void {
    if (submission === undefined || answer === undefined) return
    this.#busy = false
    this.#held = undefined
    if (answer === 'refused' || this.#host.skipping) submission.finish()
    else go(answer, submission)
  }

  #stateUnder(session: SqlSession, status: TransactionStatus): Parameters<GateSession['submit']>[1] {
    if (session !== this.#stateOf || status !== this.#stateIn) {
      this.#stateOf = session
      this.#stateIn = status
      this.#state = { role: session.role, search_path: session.searchPath, transaction: status }
    }
    return this.#state
  }
}

/** One submitted text and what becomes of it: an object for each, where a function for each effect would be six. */
class Asked implements Effects {
  readonly go: (terms: Terms, submission: Submission) => void
  readonly analysis: SqlAnalysis
  readonly how: Statement
  readonly #host: JudgingHost
  readonly #late: (asked: Asked) => void
  answer: Terms | 'refused' | undefined
  submission: Submission | undefined
  /** What comes now is no answer to the submitting call itself. */
  isLate = false
  /** People were asked. */
  waited = false

  constructor(host: JudgingHost, analysis: SqlAnalysis, how: Statement, go: Asked['go'], late: (asked: Asked) => void) {
    this.#host = host
    this.analysis = analysis
    this.how = how
    this.go = go
    this.#late = late
  }

  forward(terms: Terms): void {
    this.answer = terms
    if (this.isLate) this.#late(this)
  }

  refuse(refusal: Refusal): void {
    this.answer = 'refused'
    this.#host.answer(refusalReport(refusal), this.how.protocol === 'extended')
    if (this.isLate) this.#late(this)
  }

  /** It was allowed, and means something else by now. */
  changed(): void {
    this.answer = 'refused'
    this.#host.answer(changedReport, this.how.protocol === 'extended')
  }

  held(notice: HoldNotice): void {
    this.waited = true
    this.#host.held(notice)
  }

  stop(refusal: Refusal): void {
    this.#host.stop(refusal)
  }
}

function isSame(one: SqlAnalysis, other: SqlAnalysis): boolean {
  return one === other || meaningOf(one) === meaningOf(other)
}

/** The first setting of a text that would change what later texts mean. */
function settingOf({ statements }: SqlAnalysis): string | undefined {
  for (const { settings } of statements) {
    const found = settings.length === 0 ? undefined : unsafeSetting(settings)
    if (found !== undefined) return found
  }
  return undefined
}
