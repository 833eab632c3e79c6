// One session between a client and its upstream: every client message is judged before it goes on, and both sides stay
// in step when one is refused. Owns no socket: bytes go in by `fromClient` and `fromServer`, and out by the port.
import type { SqlFacts } from '../../engine/action/index.ts'
import {
  decodeStatement,
  type SqlAnalysis,
  type SqlAnalyzer,
  type SqlResult,
  SqlSession,
} from '../../engine/action/sql/index.ts'
import type { GateSession, Refusal, Submission, Terms } from '../gate/contract.ts'
import type { MaskPlan } from './masks.ts'
import { binaryRefused, type Protected, protectionKey, SessionProtection } from './protect.ts'
import {
  holdReport,
  type Report,
  refusalReport,
  settingReport,
  unenforceableReport,
  unjudgedReport,
} from './reports.ts'
import { unsafeSetting } from './settings.ts'
import { changesRows, hiddenBegin, isTransaction } from './transactions.ts'
import {
  type BoundValue,
  decodeBind,
  decodeExecute,
  decodeNamed,
  decodeParameterStatus,
  decodeParse,
  decodeQuery,
  decodeReady,
  decodeRowDescription,
  decodeTag,
  encodeParse,
  encodeQuery,
  encodeReady,
  encodeReport,
  type Frame,
  type TransactionStatus,
  WireError,
} from './wire/index.ts'

/** What the relay does to the world. */
export interface RelayPort {
  toClient(bytes: Uint8Array): void
  toServer(bytes: Uint8Array): void
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
}

/** The types of a statement's result, once its description has been seen. */
interface Described {
  types: readonly number[] | undefined
}

interface Prepared {
  readonly described: Described
  readonly analysis: SqlAnalysis
  readonly plan: MaskPlan
  readonly masked: Protected['masked']
  readonly detector: Protected['detector']
  /** The masks and filters that its text was rewritten under. */
  readonly protection: string
}

interface Portal {
  readonly described: Described
  readonly terms: Terms
  readonly plan: MaskPlan
  readonly masked: Protected['masked']
  readonly detector: Protected['detector']
  readonly submission: Submission | undefined
}

/** Messages of a client that may wait for one decision. */
export const queuedMessagesMax = 10_000
/** Prepared statements and portals of one session. */
export const namedMax = 10_000

const noPlan: MaskPlan = { kind: 'none' }

/** The relay of one session. */
export class Relay {
  readonly #parts: RelayParts
  readonly #protection: SessionProtection
  #session: SqlSession
  #status: TransactionStatus = 'I'
  #queue: Frame[] = []
  #queuedBytes = 0
  /** A decision is awaited; nothing overtakes it. */
  #busy = false
  /** After an error in the extended protocol, everything until Sync is passed over. */
  #skipping = false
  /** What the server still owes us, in order. */
  #owed: string[] = []
  /** An answer of ours that waits until the server has answered everything before it. */
  #waitingAnswer: { readonly bytes: Buffer; readonly untilSync: boolean } | undefined
  #prepared = new Map<string, Prepared>()
  #portals = new Map<string, Portal>()
  #copyIn = false
  /** The copy that flows goes to the client. */
  #copyOut = false
  #held: Submission | undefined
  /** The result that flows now. */
  #active:
    | {
        readonly terms: Terms
        readonly plan: MaskPlan
        readonly masked: Protected['masked']
        readonly detector: Protected['detector']
        readonly submission: Submission | undefined
        readonly after: readonly SqlSession[]
      }
    | undefined
  #executing: Portal[] = []
  #completed = 0
  /** The types of the rows of a simple query, as the server told them. */
  #types: readonly number[] | undefined
  /** What clients asked to have described, in order. */
  #described: (Described | undefined)[] = []
  /**
   * A limit on changed rows holds before anything is committed: what would commit by itself runs in a transaction of
   * ours, which is closed when the count is known. `closing` until the server has done that.
   */
  #guard: 'none' | 'open' | 'closing' = 'none'
  /** The client began a transaction itself since the server was last ready. */
  #begun = false
  /** A result was stopped: what it did must not be committed. */
  #stopped = false
  /** What the client gets when our transaction has been committed. */
  #heldBack: Buffer | undefined
  /** Why our own statement failed. */
  #hiddenError: Frame | undefined
  /** Everything of a stopped result is dropped until the server is ready again. */
  #dropping = false
  #ended = false

  constructor(parts: RelayParts) {
    this.#parts = parts
    this.#protection = new SessionProtection(parts.analyzer, parts.hashKey)
    this.#session = SqlSession.start(parts.user)
  }

  /** A message of the client. Throws WireError when it breaks the protocol. */
  fromClient(frame: Frame): void {
    if (this.#ended) return
    if (this.#queue.length >= queuedMessagesMax)
      throw new WireError('too_long', 'too many messages wait for a decision')
    if (this.#queue.length === 0 && !this.waiting) {
      this.#client(frame)
      return
    }
    this.#queue.push(frame)
    this.#queuedBytes += frame.frame.length
    this.#pump()
  }

  /** Bytes of the messages that wait for a decision. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** True when the client should not be read on for now. */
  get waiting(): boolean {
    return this.#busy || this.#waitingAnswer !== undefined || this.#settling
  }

  /** The client asked, on another connection, to cancel. */
  cancel(): void {
    if (this.#held !== undefined) this.#held.cancel('client_cancelled')
    else this.#parts.port.cancelServer()
  }

  /** The session is over; whatever waits is withdrawn. */
  gone(): void {
    this.#ended = true
    this.#held?.cancel('client_gone')
    this.#active?.submission?.finish()
    for (const portal of this.#portals.values()) portal.submission?.finish()
    this.#portals.clear()
  }

  /** Nothing but the data of a copy may reach the server before our transaction has ended. */
  get #settling(): boolean {
    return this.#guard === 'closing' || (this.#guard === 'open' && this.#owed.at(-1) === 'Z' && !this.#copyIn)
  }

  #pump(): void {
    while (!this.waiting && !this.#ended) {
      const frame = this.#queue.shift()
      if (frame === undefined) return
      this.#queuedBytes -= frame.frame.length
      if (this.#queue.length === 0) this.#parts.port.caughtUp()
      this.#client(frame)
    }
  }

  #client(frame: Frame): void {
    const type = String.fromCharCode(frame.type)
    if (this.#skipping && type !== 'S' && type !== 'X') return
    switch (type) {
      case 'Q':
        this.#query(decodeSql(decodeQuery(frame.body)))
        return
      case 'P':
        this.#parse(frame)
        return
      case 'B':
        this.#bind(frame)
        return
      case 'E':
        this.#execute(frame)
        return
      case 'D':
        this.#describe(frame)
        return
      case 'C': {
        const { what, name } = decodeNamed(frame.body)
        if (what === 'statement') this.#prepared.delete(name)
        else this.#dropPortal(name)
        this.#owe('C', frame.frame)
        return
      }
      case 'H':
        this.#parts.port.toServer(frame.frame)
        return
      case 'S':
        this.#skipping = false
        this.#owe('Z', frame.frame)
        return
      case 'd':
      case 'c':
      case 'f':
        // Outside of a copy the server passes these over, and so do we.
        if (this.#copyIn) {
          this.#parts.port.toServer(frame.frame)
          if (type !== 'd') this.#copyIn = false
        }
        return
      case 'X':
        this.#parts.port.toServer(frame.frame)
        this.#end('client_closed')
        return
      case 'F':
        this.#answer(
          {
            severity: 'ERROR',
            sqlstate: '42501',
            message: 'function calls by the fast path are refused',
            detail: 'rule sallyport.function_call',
            hint: 'call the function in a SELECT',
          },
          false,
        )
        return
      default:
        throw new WireError('unknown_type', 'the client sent a message of an unknown type')
    }
  }

  #query(text: string | undefined): void {
    this.#judge(text, 'simple', [], (analysis, terms, submission, session) => {
      const { plan, forward, masked, detector } = this.#protection.protect(analysis, terms, session)
      if (!this.#enforceable(plan, terms, submission, false)) return
      this.#openGuard(analysis, terms, 'simple')
      this.#active = { terms, plan, masked, detector, submission, after: analysis.after }
      this.#completed = 0
      this.#owe('Z', encodeQuery(forward))
    })
  }

  #parse(frame: Frame): void {
    const parse = decodeParse(frame.body)
    if (this.#prepared.size >= namedMax) throw new WireError('too_long', 'too many prepared statements')
    this.#prepared.delete(parse.name)
    this.#judge(decodeSql(parse.sql), 'extended', [], (analysis, terms, submission, session) => {
      submission.finish()
      const { plan, forward, masked, detector } = this.#protection.protect(analysis, terms, session)
      if (!this.#enforceable(plan, terms, undefined, true)) return
      this.#prepared.set(parse.name, {
        analysis,
        plan,
        masked,
        detector,
        protection: protectionKey(terms),
        described: { types: undefined },
      })
      this.#owe('1', encodeParse({ ...parse, sql: forward }))
    })
  }

  #bind(frame: Frame): void {
    const bind = decodeBind(frame.body)
    const prepared = this.#prepared.get(bind.statement)
    if (prepared === undefined) {
      this.#answer(
        {
          severity: 'ERROR',
          sqlstate: '26000',
          message: `prepared statement ${JSON.stringify(bind.statement)} does not exist`,
        },
        true,
      )
      return
    }
    if (this.#portals.size >= namedMax) throw new WireError('too_long', 'too many portals')
    this.#dropPortal(bind.portal)
    const { analysis, protection } = prepared
    this.#submit(analysis, 'extended', bind.values.map(parameter), (terms, submission) => {
      // The text was rewritten at Parse; under other masks and filters it has to be prepared again.
      const plan: MaskPlan =
        protection === protectionKey(terms)
          ? prepared.plan
          : { kind: 'refuse', why: 'what is masked has changed since the statement was prepared' }
      if (!this.#enforceable(binaryRefused(plan, bind), terms, submission, true)) return
      this.#openGuard(analysis, terms, 'extended')
      this.#portals.set(bind.portal, {
        terms,
        plan,
        masked: prepared.masked,
        detector: prepared.detector,
        described: prepared.described,
        submission,
      })
      this.#owe('2', frame.frame)
    })
  }

  #describe(frame: Frame): void {
    const { what, name } = decodeNamed(frame.body)
    this.#described.push((what === 'statement' ? this.#prepared : this.#portals).get(name)?.described)
    this.#owe('D', frame.frame)
  }

  #execute(frame: Frame): void {
    const { portal: name } = decodeExecute(frame.body)
    const portal = this.#portals.get(name)
    if (portal === undefined) {
      this.#answer(
        { severity: 'ERROR', sqlstate: '34000', message: `portal ${JSON.stringify(name)} does not exist` },
        true,
      )
      return
    }
    this.#executing.push(portal)
    this.#owe('E', frame.frame)
  }

  /** Analyzes a text, then has it decided. */
  #judge(
    text: string | undefined,
    protocol: SqlFacts['protocol'],
    parameters: SqlFacts['parameters'],
    then: (analysis: SqlAnalysis, terms: Terms, submission: Submission, session: SqlSession) => void,
  ): void {
    const session = this.#session
    if (text === undefined) {
      this.#answer(
        { severity: 'ERROR', sqlstate: '22021', message: 'the statement is not valid UTF-8' },
        protocol === 'extended',
      )
      return
    }
    const decided = (result: SqlResult): void => {
      this.#busy = false
      if (result.kind === 'refusal') {
        this.#answer(unjudgedReport(result), protocol === 'extended')
        return
      }
      const setting = result.statements.flatMap((one) => unsafeSetting(one.settings) ?? [])[0]
      if (setting !== undefined) {
        this.#answer(settingReport(setting), protocol === 'extended')
        return
      }
      this.#submit(result, protocol, parameters, (terms, submission) => then(result, terms, submission, session))
    }
    this.#busy = true
    const result = this.#parts.analyzer.analyze(text, session, (later) => {
      if (this.#ended) return
      decided(later)
      this.#pump()
    })
    if (result !== undefined) decided(result)
  }

  #submit(
    analysis: SqlAnalysis,
    protocol: SqlFacts['protocol'],
    parameters: SqlFacts['parameters'],
    then: (terms: Terms, submission: Submission) => void,
  ): void {
    const { gate, port } = this.#parts
    const extended = protocol === 'extended'
    this.#busy = true
    let answered: { readonly terms: Terms } | 'refused' | undefined
    let submission: Submission | undefined
    const proceed = (): void => {
      if (submission === undefined || answered === undefined) return
      this.#busy = false
      this.#held = undefined
      if (answered !== 'refused') then(answered.terms, submission)
      else submission.finish()
    }
    const sync = { on: true }
    submission = gate.submit(
      {
        stage: 'request',
        verb: analysis.verb,
        operation: analysis.operation,
        text: analysis.forward,
        complete: analysis.complete,
        sql: { statements: analysis.statements, parameters, protocol },
      },
      { role: this.#session.role, search_path: [...this.#session.searchPath], transaction: this.#status },
      {
        forward: (terms) => {
          answered = { terms }
          if (!sync.on) this.#resume(proceed)
        },
        refuse: (refusal) => {
          answered = 'refused'
          this.#answer(refusalReport(refusal), extended)
          if (!sync.on) this.#resume(proceed)
        },
        held: (notice) => port.toClient(encodeReport(holdReport(notice))),
        stop: (refusal) => this.#stop(refusal),
      },
    )
    sync.on = false
    if (answered === undefined) this.#held = submission
    proceed()
  }

  #resume(proceed: () => void): void {
    if (this.#ended) return
    proceed()
    this.#pump()
  }

  /** False, and the client answered, when the terms ask for what cannot be done here. */
  #enforceable(plan: MaskPlan, terms: Terms, submission: Submission | undefined, extended: boolean): boolean {
    if (plan.kind !== 'refuse') return true
    submission?.finish()
    this.#answer(unenforceableReport(plan.why, terms.decisionId), extended)
    return false
  }

  #dropPortal(name: string): void {
    this.#portals.get(name)?.submission?.finish()
    this.#portals.delete(name)
  }

  /** Begins a transaction of ours where rows are limited and the server would commit them by itself. */
  #openGuard(analysis: SqlAnalysis, terms: Terms, protocol: 'simple' | 'extended'): void {
    if (protocol === 'extended' && analysis.statements.some(isTransaction)) this.#begun = true
    const commits = this.#status === 'I' && !this.#begun && !analysis.statements.some(isTransaction)
    if (terms.limits.affected === undefined || analysis.verb !== 'write' || !commits || this.#guard !== 'none') return
    this.#guard = 'open'
    if (protocol === 'simple') {
      this.#owe('hZ', encodeQuery('BEGIN'))
      return
    }
    for (const [answer, bytes] of hiddenBegin) this.#owe(answer, bytes)
  }

  /** A message that answers a statement of ours. */
  #hidden(type: string, frame: Frame): void {
    if (type === 'E') this.#hiddenError = frame
    if (this.#owed[0] !== 'hZ') {
      if (type === 'E') this.#end('guard_failed')
      else if (this.#owed[0] === `h${type}`) this.#owed.shift()
      return
    }
    if (type !== 'Z') return
    this.#owed.shift()
    const status = decodeReady(frame.body)
    if (this.#guard === 'open') {
      // Without our BEGIN, what follows would commit by itself.
      if (status !== 'T' || this.#hiddenError !== undefined) this.#end('guard_failed')
      return
    }
    const failure = this.#hiddenError
    this.#hiddenError = undefined
    const wanted = this.#guard === 'closing' ? 'I' : 'E'
    this.#guard = 'none'
    if (status !== wanted) {
      this.#end('guard_failed')
      return
    }
    if (wanted === 'I' && failure !== undefined) this.#parts.port.toClient(this.#protection.told('E', failure))
    else if (this.#heldBack !== undefined) this.#parts.port.toClient(this.#heldBack)
    this.#readyNow(frame)
  }

  /** Ends what must not be committed, and commits what may; false when there is nothing to do. */
  #closeGuard(status: TransactionStatus): boolean {
    const stopped = this.#stopped
    this.#stopped = false
    if (this.#guard === 'open') {
      if (stopped || status === 'E') this.#heldBack = undefined
      this.#guard = 'closing'
      this.#owe('hZ', encodeQuery(stopped || status === 'E' ? 'ROLLBACK' : 'COMMIT'))
      return true
    }
    // The client was told of an error: its transaction must not be able to commit.
    if (!stopped || status !== 'T') return false
    this.#owe('hZ', encodeQuery('SELECT pg_catalog.int4div(1, 0)'))
    return true
  }

  /** Sends a message on and remembers what the server owes for it. */
  #owe(what: string, bytes: Uint8Array): void {
    this.#owed.push(what)
    this.#parts.port.toServer(bytes)
  }

  /** Answers the client ourselves, once everything before has been answered by the server. */
  #answer(report: Report, untilSync: boolean): void {
    this.#waitingAnswer = { bytes: encodeReport(report), untilSync }
    // What the server holds back until a Sync must come out now.
    if (this.#owed.length > 0) this.#parts.port.toServer(flush)
    this.#release()
  }

  #release(): void {
    const waiting = this.#waitingAnswer
    if (waiting === undefined || this.#owed.length > 0) return
    this.#waitingAnswer = undefined
    this.#parts.port.toClient(
      waiting.untilSync ? waiting.bytes : Buffer.concat([waiting.bytes, encodeReady(this.#status)]),
    )
    this.#skipping = waiting.untilSync
    this.#pump()
  }

  /** A message of the server. */
  fromServer(frame: Frame): void {
    if (this.#ended) return
    const type = String.fromCharCode(frame.type)
    if (this.#owed[0]?.startsWith('h') === true && type !== 'S' && type !== 'A') {
      this.#hidden(type, frame)
      return
    }
    if (this.#dropping && type !== 'Z' && type !== 'S') return
    switch (type) {
      case 'D':
        this.#row(frame)
        return
      case 'd':
        this.#flow(this.#protection.copied(frame, this.#current().detector), { rows: 1, bytes: frame.body.length })
        return
      case 'T':
        this.#description(frame)
        return
      case 'C':
        this.#commandComplete(frame)
        return
      case 'I':
      case 's':
        this.#settle('E')
        break
      case '1':
      case '2':
        this.#settle(type)
        break
      case '3':
        this.#settle('C')
        break
      case 'n':
        this.#settle('D')
        break
      case 'E':
        this.#failed(frame)
        return
      case 'Z':
        this.#ready(frame)
        return
      case 'G':
        this.#copyIn = true
        break
      case 'H':
        this.#copyOut = true
        // Detectors read text; a binary copy could hide values from them.
        if (frame.body[0] === 1 && this.#current().detector !== undefined) {
          this.#end('binary_copy')
          return
        }
        break
      case 'S':
        this.#parameterStatus(frame)
        return
      case 'K':
        return
      case 'N':
      case 'A':
        this.#parts.port.toClient(this.#protection.told(type, frame))
        return
      default:
    }
    this.#parts.port.toClient(frame.frame)
  }

  #row(frame: Frame): void {
    const types = (): readonly number[] | undefined =>
      this.#owed[0] === 'Z' ? this.#types : this.#executing[0]?.described.types
    const bytes = this.#protection.row(frame, this.#current(), types)
    if (bytes === undefined) this.#end('masking_mismatch')
    else this.#flow(bytes, { rows: 1, bytes: frame.body.length })
  }

  #description(frame: Frame): void {
    const { plan } = this.#current()
    const describes = this.#owed[0] === 'D'
    const types = decodeRowDescription(frame.body).map(({ type }) => type)
    if (describes) {
      const [described] = this.#described
      if (described !== undefined) described.types = types
    } else this.#types = types
    if (describes) this.#settle('D')
    else if (plan.kind === 'columns') {
      const columns = decodeRowDescription(frame.body)
      // The description is an assertion: when it disagrees with what was analyzed, nothing of the result is shown.
      const agrees =
        columns.length === plan.width && [...plan.columns].every(([index]) => columns[index]?.binary === false)
      if (!agrees) {
        this.#end('masking_mismatch')
        return
      }
    }
    this.#parts.port.toClient(frame.frame)
  }

  #current(): Pick<Portal, 'plan' | 'detector'> & { readonly terms: Terms | undefined } {
    if (this.#owed[0] === 'Z' && this.#active !== undefined) return this.#active
    return this.#executing[0] ?? this.#active ?? { terms: undefined, plan: noPlan, detector: undefined }
  }

  #flow(bytes: Uint8Array, used: { readonly rows: number; readonly bytes: number }): void {
    const answer = this.#parts.gate.consume(used, this.#current().terms)
    if (answer.within) this.#parts.port.toClient(bytes)
    else this.#stop(answer.refusal)
  }

  #commandComplete(frame: Frame): void {
    const { tag, rows } = decodeTag(frame.body)
    const command = tag.split(' ')[0] ?? ''
    const changed = changesRows(command, this.#copyOut)
    this.#copyOut = false
    if (!changed && rows > 0) this.#countMasked(rows)
    if (changed && rows > 0) {
      const answer = this.#parts.gate.consume({ affected: rows }, this.#current().terms)
      if (!answer.within) {
        // It is done already; a cancel would only meet what comes next.
        this.#stop(answer.refusal, false)
        return
      }
    }
    if (this.#owed[0] === 'E') this.#settle('E')
    else {
      const after = this.#active?.after[this.#completed++]
      if (after !== undefined) this.#session = after
      // The server itself says so only after the commit.
      if (this.#guard === 'open' && this.#completed === this.#active?.after.length) {
        this.#heldBack = Buffer.from(frame.frame)
        return
      }
    }
    this.#parts.port.toClient(frame.frame)
  }

  /** Tells how many values of the rows that came out were masked, column by column. */
  #countMasked(rows: number): void {
    const { detector } = this.#current()
    for (const [name, count] of detector?.counts ?? []) this.#parts.gate.masked(name, count)
    detector?.counts.clear()
    const simple = this.#owed[0] === 'Z'
    const masked = simple ? this.#active?.masked[this.#completed] : this.#executing[0]?.masked[0]
    if (masked === undefined || masked.length === 0) return
    for (const column of new Set(masked))
      this.#parts.gate.masked(column, rows * masked.filter((one) => one === column).length)
  }

  /** The server did what it owed first. */
  #settle(what: string): void {
    if (this.#owed[0] !== what) return
    this.#owed.shift()
    if (what === 'E') this.#executing.shift()
    if (what === 'D') this.#described.shift()
    this.#release()
  }

  #failed(frame: Frame): void {
    this.#parts.port.toClient(this.#protection.told('E', frame))
    this.#session = this.#session.failed(this.#session)
    this.#copyIn = false
    // In the extended protocol the server passes over everything up to the next Sync, and owes nothing for it.
    const sync = this.#owed.indexOf('Z')
    if (this.#owed[0] !== 'Z') {
      this.#dropUntil(sync)
      if (sync < 0) this.#skipping = true
      this.#waitingAnswer = undefined
      this.#pump()
    }
  }

  /** What stands before the next Sync (at an index of what is owed; none below zero) is owed no more. */
  #dropUntil(sync: number): void {
    const dropped = this.#owed.splice(0, sync < 0 ? this.#owed.length : sync)
    this.#described.splice(0, dropped.filter((what) => what === 'D').length)
    this.#executing = []
  }

  #ready(frame: Frame): void {
    const sync = this.#owed.indexOf('Z')
    this.#owed = sync < 0 ? [] : this.#owed.slice(sync + 1)
    this.#dropping = false
    this.#copyIn = false
    if (!this.#closeGuard(decodeReady(frame.body))) this.#readyNow(frame)
  }

  /** The server is ready, and nothing of ours is open. */
  #readyNow(frame: Frame): void {
    this.#status = decodeReady(frame.body)
    this.#heldBack = undefined
    this.#begun = false
    // Told before the gate is: a drain ends the session as soon as nothing runs.
    this.#parts.port.toClient(frame.frame)
    this.#active?.submission?.finish()
    this.#active = undefined
    if (this.#status === 'I') for (const name of [...this.#portals.keys()]) this.#dropPortal(name)
    this.#release()
    this.#pump()
  }

  #parameterStatus(frame: Frame): void {
    const { name, value } = decodeParameterStatus(frame.body)
    if (unsafeSetting([{ name, value }]) !== undefined) {
      this.#parts.port.toClient(
        encodeReport({
          severity: 'FATAL',
          sqlstate: '42501',
          message: `the server changed ${name}, which would change what statements mean`,
        }),
      )
      this.#end('unsafe_setting')
      return
    }
    this.#parts.port.toClient(frame.frame)
  }

  /** A result went over its bounds: the client hears why, and the rest of it is dropped. */
  #stop(refusal: Refusal, cancel = true): void {
    if (this.#dropping || this.#ended) return
    this.#stopped = true
    if (cancel) this.#parts.port.cancelServer()
    this.#parts.port.toClient(encodeReport(refusalReport(refusal)))
    this.#dropping = true
    const sync = this.#owed.indexOf('Z')
    this.#dropUntil(sync)
    if (sync < 0) this.#skipping = true
  }

  #end(reason: string): void {
    if (this.#ended) return
    this.gone()
    this.#parts.port.end(reason)
  }
}

const flush = Buffer.from([72, 0, 0, 0, 4])

/** The text as the analyzer takes it; undefined when it cannot be one. */
function decodeSql(text: string): string | undefined {
  const decoded = decodeStatement(Buffer.from(text))
  return typeof decoded === 'string' ? decoded : undefined
}

function parameter(value: BoundValue): SqlFacts['parameters'][number] {
  if (value.bytes === null) return null
  return value.binary ? { $binary: value.bytes.toString('base64') } : value.bytes.toString('utf8')
}
