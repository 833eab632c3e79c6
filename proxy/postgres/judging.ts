// From a text to its terms: analysis, then the gate. One at a time; while an answer is awaited nothing else goes on.
import type { SqlFacts } from '../../engine/action/index.ts'
import type { SqlAnalysis, SqlAnalyzer, SqlResult, SqlSession } from '../../engine/action/sql/index.ts'
import type { CancelReason, GateSession, HoldNotice, Refusal, Submission, Terms } from '../gate/contract.ts'
import { type Report, refusalReport, settingReport, unjudgedReport } from './reports.ts'
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
}

/** How a statement came. */
export interface Statement {
  readonly protocol: SqlFacts['protocol']
  readonly parameters: SqlFacts['parameters']
  readonly session: SqlSession
  readonly status: TransactionStatus
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
      analyzed(later)
      this.#host.resume()
    })
    if (result !== undefined) analyzed(result)
  }

  /** Has an analyzed text decided. `then` is not called where it was refused; the client has been answered. */
  submit(analysis: SqlAnalysis, how: Statement, then: (terms: Terms, submission: Submission) => void): void {
    const { protocol, parameters, session, status } = how
    const extended = protocol === 'extended'
    let answer: Terms | 'refused' | undefined
    let submission: Submission | undefined
    const proceed = (): void => {
      if (submission === undefined || answer === undefined) return
      this.#busy = false
      this.#held = undefined
      if (answer === 'refused') submission.finish()
      else then(answer, submission)
    }
    let isLate = false
    const late = (): void => {
      if (!isLate || this.#ended) return
      proceed()
      this.#host.resume()
    }
    this.#busy = true
    submission = this.#gate.submit(
      {
        stage: 'request',
        verb: analysis.verb,
        operation: analysis.operation,
        text: analysis.forward,
        complete: analysis.complete,
        sql: { statements: analysis.statements, parameters, protocol },
      },
      this.#stateUnder(session, status),
      {
        forward: (terms) => {
          answer = terms
          late()
        },
        refuse: (refusal) => {
          answer = 'refused'
          this.#host.answer(refusalReport(refusal), extended)
          late()
        },
        held: (notice) => this.#host.held(notice),
        stop: (refusal) => this.#host.stop(refusal),
      },
    )
    isLate = true
    if (answer === undefined) this.#held = submission
    proceed()
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

/** The first setting of a text that would change what later texts mean. */
function settingOf({ statements }: SqlAnalysis): string | undefined {
  for (const { settings } of statements) {
    const found = settings.length === 0 ? undefined : unsafeSetting(settings)
    if (found !== undefined) return found
  }
  return undefined
}
