// One client session at the gate: its submissions, totals, end of life, and everything it records beside actions.
import type { Action, ActionDocument, Identity, Resource, Session } from '../../engine/action/index.ts'
import type { GrantTerms } from '../../engine/approval/index.ts'
import type { Decision, Hold } from '../../engine/decision/index.ts'
import { delegationRoot } from '../../engine/principal/index.ts'
import type { SessionRecorder } from '../recording/contract.ts'
import { Account, ActionTerms, type Overdraft, type RootLedger, roomOf, strictest } from './budget.ts'
import { connectAction, noTerms, within } from './connect.ts'
import type {
  BudgetAnswer,
  Consumption,
  Effects,
  GateSession,
  Refusal,
  SessionOpening,
  SessionSummary,
  Submission,
  Terms,
} from './contract.ts'
import type { RecordDeadlines } from './deadlines.ts'
import { covers, type Judge, type Judged, release, type SessionFacts } from './decide.ts'
import type { LateNotes } from './late-notes.ts'
import { keptAll, type Observed } from './observed.ts'
import type { GateParts } from './ports.ts'
import { RunningActions } from './running-actions.ts'
import { SessionRecord } from './session-record.ts'
import { Silence } from './silence.ts'
import { ActionSubmission, type SubmissionHost } from './submission.ts'

/** What all sessions of a gate share. */
export interface SharedParts {
  readonly parts: GateParts
  readonly judge: Judge
  readonly deadlines: RecordDeadlines
  readonly notes: LateNotes
  readonly ledger: RootLedger
  /** For an action of a delegation root. */
  readonly takeHoldPlace: (root: string) => boolean
  readonly leaveHoldPlace: (root: string) => void
  /** The session holds nothing any more. */
  readonly forget: (session: LiveSession) => void
  /** Nothing of the session is running. */
  readonly idle: (session: LiveSession) => void
}

/** Actions of one session that may run or wait at once; a client that pipelines more is refused. */
export const submissionsMax = 4096
/** Time that a protocol has to close an ended session before the gate closes its record. */
const closeGraceMs = 5000
/** What runs shorter is not counted as time: counting it would take its share of it. */
const secondsCountedFrom = 0.001
/** The gate's side of a session. */
export class LiveSession implements GateSession {
  readonly id: string
  readonly startedAtMs: number
  readonly #shared: SharedParts
  readonly #record: SessionRecord
  #facts: SessionFacts
  readonly #rootKey: string
  // INVARIANT: the ledger keeps the account of a window until the window is over.
  #rootAccount: Account | undefined
  #rootWindow = Number.NaN
  readonly #expiresAtMs: number
  readonly #running = new RunningActions()
  readonly #onEnd: ((refusal: Refusal) => void)[] = []
  readonly #timers: (() => void)[] = []
  #account: Account
  #terms: Terms = noTerms
  #connected: Extract<Decision, { readonly effect: 'allow' }> | undefined
  #connectHolds: readonly Hold[] = []
  #sequence = 0
  #holds = 0
  #ended: Refusal | undefined
  #closed = false
  readonly #silence: Silence
  #overdrawn = false
  readonly #submissionHost: SubmissionHost

  constructor(shared: SharedParts, id: string, opening: SessionOpening, recorder: SessionRecorder) {
    const { clock } = shared.parts
    this.id = id
    this.#shared = shared
    this.#rootKey = delegationRoot(opening.identity)
    this.startedAtMs = clock.nowMs()
    this.#silence = new Silence(clock)
    const kept = shared.parts.resourceRecording?.(opening.resource.name) ?? keptAll
    this.#record = new SessionRecord(recorder, shared.notes, kept, (error) => this.#recorded(error))
    this.#facts = { id, startedAt: new Date(this.startedAtMs).toISOString(), opening }
    this.#account = new Account(this.#bounds({}))
    // A date that cannot be read counts as past.
    const expiresAtMs = Date.parse(opening.identity.token.expires_at)
    this.#expiresAtMs = Number.isNaN(expiresAtMs) ? 0 : expiresAtMs
    this.#submissionHost = this.#hostOfSubmissions()
  }

  /** Undefined when too many delegation roots are alive to keep another account. */
  #root(nowMs: number): Account | undefined {
    const { ledger } = this.#shared
    const window = ledger.windowOf(nowMs)
    if (this.#rootAccount === undefined || window !== this.#rootWindow) {
      this.#rootAccount = ledger.account(this.#rootKey, nowMs)
      this.#rootWindow = window
    }
    return this.#rootAccount
  }

  get opening(): SessionOpening {
    return this.#facts.opening
  }
  get identity(): Identity {
    return this.opening.identity
  }
  get resource(): Resource {
    return this.opening.resource
  }
  get terms(): Terms {
    return this.#terms
  }
  /** Actions that wait for an answer or run. */
  get running(): number {
    return this.#running.size
  }

  /** The session as operators see it. */
  summary(): SessionSummary {
    const { identity, resource, client } = this.opening
    return { id: this.id, identity, resource, client, startedAtMs: this.startedAtMs, usage: this.#usage() }
  }

  /** Judges the connect action; `effects.forward` means that the session is open. */
  connect(effects: Effects): Submission {
    const { identity, resource, client } = this.opening
    this.#record.append({ kind: 'opened', identity, resource, client: client.address })
    return this.submit(connectAction, this.opening.state, {
      ...effects,
      forward: (terms) => {
        this.#open(terms)
        effects.forward(terms)
      },
    })
  }

  #open(terms: Terms): void {
    const { clock } = this.#shared.parts
    this.#terms = terms
    const account = new Account(this.#bounds(terms.limits))
    account.actions = this.#account.actions
    this.#account = account
    const leftMs = this.#expiresAtMs - clock.nowMs()
    this.#timers.push(clock.after(leftMs, () => this.end('expired', 'the identity has expired')))
    const { idleMs } = this.#shared.parts.limits
    if (idleMs !== undefined) {
      const end = (): void => this.end('expired', 'the session was silent for too long')
      this.#silence.watch(idleMs, () => this.#running.size > 0, end)
    }
    if (account.limits.seconds !== undefined) {
      const { seconds } = account.limits
      const over = () => this.#overdraw({ budget: 'seconds', limit: seconds }, 'this session')
      this.#timers.push(clock.after(seconds * 1000, () => this.#endWith(over())))
    }
  }

  submit(action: Omit<Action, 'digest'>, state: Session['state'], effects: Effects): Submission {
    const nowMs = this.#shared.parts.clock.nowMs()
    this.#silence.broken(nowMs)
    const judged = this.#judge(action, state, nowMs)
    const submission = new ActionSubmission(this.#submissionHost, judged.document, effects)
    this.#running.add(submission)
    const root = this.#root(nowMs)
    if (!submission.isAnswer) {
      this.#account.actions++
      if (root !== undefined) root.actions++
    }
    if (judged.decision.effect === 'deny') this.#account.denied++
    this.#record.recordsWire = judged.decision.record === 'full' && (this.#connected?.record ?? 'full') === 'full'
    submission.dispatch({ on: 'decided', decision: judged.decision, code: judged.code })
    return submission
  }

  #judge(action: Omit<Action, 'digest'>, state: Session['state'], nowMs: number): Judged {
    const usage = this.#usage()
    const { judge } = this.#shared
    const refuse = (code: Refusal['code'], rule: string, message: string) =>
      judge.refuse(this.#facts, action, state, usage, code, { rule, message })
    if (this.#ended !== undefined) return refuse(this.#ended.code, this.#ended.rule, this.#ended.message)
    if (nowMs >= this.#expiresAtMs) return refuse('expired', 'sallyport.expired', 'the identity has expired')
    if (this.#running.size >= submissionsMax)
      return refuse('limit', 'sallyport.submissions', 'too many actions at once')
    // What an answer uses is counted as it flows.
    if (action.stage === 'response') return judge.judge(this.#facts, action, state, usage, [], nowMs)
    const root = this.#root(nowMs)
    const over = this.#account.spent() ?? root?.spent()
    if (over !== undefined || root === undefined) {
      const what =
        over === undefined ? 'the budget cannot be kept' : `the budget of ${over.limit} ${over.budget} is spent`
      return refuse('budget', `sallyport.budget.${over?.budget ?? 'root'}`, what)
    }
    return judge.judge(this.#facts, action, state, usage, [], nowMs)
  }

  /** Takes the identity as it counts now; what comes next is judged and recorded under it. */
  renew(renewed: ((identity: Identity) => Identity) | undefined): void {
    const identity = renewed?.(this.identity) ?? this.identity
    if (identity !== this.identity) this.#facts = { ...this.#facts, opening: { ...this.opening, identity } }
  }

  /** Judges the connect action again under the live policy; false when the session may not go on. */
  stillAllowed(): boolean {
    if (this.#connected === undefined || this.#ended !== undefined) return true
    const { decision } = this.#shared.judge.judge(this.#facts, connectAction, this.opening.state, this.#usage())
    // People answered for this session's connect under rules that the new policy may still name.
    return decision.effect === 'allow' || (decision.effect === 'hold' && covers(this.#connectHolds, decision.holds))
  }

  wouldAllow(action: Omit<Action, 'digest'>, state: Session['state']): boolean {
    return this.#ended === undefined && this.#shared.judge.wouldAllow(this.#facts, action, state, this.#usage())
  }

  judgesAnswers(): boolean {
    return this.#shared.judge.judgesAnswers()
  }

  /** Judges again what waits for people. */
  rejudgeHeld(): void {
    for (const submission of this.#running.now()) submission.rejudge()
  }

  consume(used: Consumption, terms: Terms | undefined, answerTerms?: Terms): BudgetAnswer {
    if (terms !== undefined && terms !== this.#terms && !(terms instanceof ActionTerms)) throw foreignTerms()
    if (answerTerms !== undefined && !(answerTerms instanceof ActionTerms)) throw foreignTerms()
    const nowMs = this.#shared.parts.clock.nowMs()
    this.#silence.broken(nowMs)
    const ofAction = terms instanceof ActionTerms ? terms.add(used) : undefined
    const ofAnswer = answerTerms?.add(used)
    const ofSession = this.#account.add(used)
    const ofRoot = this.#root(nowMs)?.add(used)
    if (ofAction !== undefined) return { within: false, refusal: this.#overLimit(ofAction, terms?.decisionId ?? '') }
    if (ofAnswer !== undefined)
      return { within: false, refusal: this.#overLimit(ofAnswer, answerTerms?.decisionId ?? '') }
    if (ofSession !== undefined) return { within: false, refusal: this.#overdraw(ofSession, 'this session') }
    if (ofRoot !== undefined) return { within: false, refusal: this.#overdraw(ofRoot, 'this delegation') }
    return within
  }

  room(terms: Terms | undefined): { readonly rows: number; readonly bytes: number } {
    const bounded = terms instanceof ActionTerms ? [terms, this.#account] : [this.#account]
    const root = this.#root(this.#shared.parts.clock.nowMs())
    return roomOf(root === undefined ? bounded : [...bounded, root])
  }

  #overLimit(over: Overdraft, decisionId: string): Refusal {
    const message = `more than ${over.limit} ${over.budget}, which is what this action may use`
    if (over.budget !== 'actions') this.#record.append({ kind: 'budget', budget: over.budget, limit: over.limit })
    return {
      code: 'limit',
      decisionId,
      rule: `sallyport.limit.${over.budget}`,
      message,
      hint: 'ask for less at a time',
    }
  }

  #overdraw(over: Overdraft, whose: string): Refusal {
    if (!this.#overdrawn && over.budget !== 'actions') {
      this.#overdrawn = true
      this.#record.append({ kind: 'budget', budget: over.budget, limit: over.limit })
    }
    const message = `the budget of ${whose}, ${over.limit} ${over.budget}, is spent`
    const { decisionId } = this.#terms
    return { code: 'budget', decisionId, rule: `sallyport.budget.${over.budget}`, message, hint: '' }
  }

  observe(kind: Observed, bytes: Uint8Array): boolean {
    this.#silence.broken()
    return this.#record.observe(kind, bytes)
  }

  resized(columns: number, rows: number): boolean {
    this.#record.append({ kind: 'resize', columns, rows })
    return !this.#record.isCongested
  }

  masked(rule: string, count: number): void {
    this.#record.append({ kind: 'masked', rule, count })
    this.#shared.parts.observer.masked(this.resource, rule, count)
  }

  onDrain(callback: () => void): void {
    this.#record.onDrain(callback)
  }

  onEnd(callback: (refusal: Refusal) => void): void {
    if (this.#ended === undefined) this.#onEnd.push(callback)
    else this.#call(callback, this.#ended)
  }

  /** Ends the session: refuses what waits, tells the protocol, refuses whatever comes later. */
  end(code: Refusal['code'], why: string): void {
    const { decisionId } = this.#terms
    this.#endWith({ code, decisionId, rule: 'sallyport.session', message: why, hint: 'open a new session' })
  }

  #endWith(refusal: Refusal): void {
    if (this.#ended !== undefined || this.#closed) return
    this.#ended = refusal
    for (const submission of this.#running.now()) {
      submission.dispatch({ on: 'session_ended', code: refusal.code, why: refusal.message })
    }
    for (const callback of this.#onEnd.splice(0)) this.#call(callback, refusal)
    if (!this.#closed) {
      this.#timers.push(this.#shared.parts.clock.after(closeGraceMs, () => this.close(refusal.code)))
    }
  }

  close(reason: string): void {
    if (this.#closed) return
    const { decisionId } = this.#terms
    this.#ended ??= {
      code: 'cancelled',
      decisionId,
      rule: 'sallyport.session',
      message: 'the session is closed',
      hint: '',
    }
    for (const submission of this.#running.now()) {
      submission.cancel('client_gone')
      submission.finish()
    }
    // What the record keeps back is written with its end.
    this.#closed = true
    this.#silence.stop()
    for (const cancel of this.#timers.splice(0)) cancel()
    this.#record.close(reason).catch((error: unknown) => this.#shared.parts.observer.failed('recorder', error))
    this.#shared.forget(this)
  }

  #call(callback: (refusal: Refusal) => void, refusal: Refusal): void {
    try {
      callback(refusal)
    } catch (error) {
      this.#shared.parts.observer.failed('protocol', error)
    }
  }

  /** Told of entries that no action waits for. When one cannot be kept the session ends: there is no unrecorded session. */
  #recorded(error?: Error): void {
    if (error === undefined || this.#ended !== undefined) return
    this.#shared.parts.observer.failed('recorder', error)
    this.end('not_recorded', 'the session can no longer be recorded')
  }

  #usage(): Session['usage'] {
    const { actions, rows, bytes, affected, denied } = this.#account
    return { actions, rows, bytes, affected, denied }
  }

  #bounds(terms: Terms['limits']): Account['limits'] {
    const { limits, resourceLimits } = this.#shared.parts
    return strictest(limits.session, resourceLimits?.(this.opening.resource.name) ?? {}, terms)
  }

  #hostOfSubmissions(): SubmissionHost {
    const { parts, deadlines, judge } = this.#shared
    const { clock, observer } = parts
    const { resource } = this.opening
    return {
      nowMs: () => clock.nowMs(),
      micros: () => clock.micros(),
      after: (delayMs, run) => clock.after(delayMs, run),
      holdMsMax: parts.limits.holdMs,
      newId: () => parts.newId(),
      nextSequence: () => ++this.#sequence,
      recordAction: (document: ActionDocument, decision, accepted) => {
        if (this.#connected === undefined && decision.effect === 'allow') this.#connected = decision
        this.#record.write({ kind: 'action', document, decision }, accepted)
      },
      recordHold: (holdId, event, detail, accepted) =>
        this.#record.write({ kind: 'hold', holdId, event, detail }, accepted),
      recordRefused: (decisionId, code) => this.#record.write({ kind: 'refused', decisionId, code }, noteIgnored),
      awaitRecord: (submission) => deadlines.add(submission),
      recordSettled: (submission) => deadlines.delete(submission),
      judgeAgain: (document, approved, grants) => {
        if (this.#connected === undefined) this.#connectHolds = approved.holds
        const again = this.#judgeAgain(document.action, document.session.state, judge, grants)
        return release(approved, again, grants, clock.nowMs())
      },
      takeHoldPlace: () => {
        if (this.#holds >= parts.limits.holdsPerSessionMax || !this.#shared.takeHoldPlace(this.#rootKey)) return false
        this.#holds++
        observer.held(resource, 1)
        return true
      },
      leaveHoldPlace: () => {
        this.#holds--
        this.#shared.leaveHoldPlace(this.#rootKey)
        observer.held(resource, -1)
      },
      openHold: (id, document, decision, expiresAtMs, answer) =>
        parts.holds.open({ id, document, decision, expiresAtMs }, answer),
      answered: (answer, micros) => observer.answered(resource, answer, micros),
      ended: (submission, secondsRun) => {
        const root = secondsRun >= secondsCountedFrom && !submission.isAnswer ? this.#root(clock.nowMs()) : undefined
        if (root !== undefined) root.seconds += secondsRun
        if (this.#running.delete(submission) && this.#running.size === 0) this.#shared.idle(this)
      },
      effectFailed: (error) => {
        observer.failed('protocol', error)
        this.end('error', 'the connection failed')
      },
      finished: (terms) => {
        if (terms.rows === 0 && terms.bytes === 0) return
        this.#record.note({ kind: 'rows', actionSequence: terms.sequence, rows: terms.rows, bytes: terms.bytes })
      },
    }
  }

  #judgeAgain(action: Action, state: Session['state'], judge: Judge, grants: readonly GrantTerms[]): Judged {
    const { digest: _digest, ...fresh } = action
    const nowMs = this.#shared.parts.clock.nowMs()
    if (this.#ended !== undefined || nowMs >= this.#expiresAtMs) return this.#judge(fresh, state, nowMs)
    return judge.judge(this.#facts, fresh, state, this.#usage(), grants)
  }
}

function foreignTerms(): TypeError {
  return new TypeError('these terms did not come from the gate')
}

/** What becomes of a note that only explains an entry which was refused anyway. */
function noteIgnored(): void {
  // the refusal stands whether or not this note was kept
}
