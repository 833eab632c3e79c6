// A limit on changed rows holds before anything is committed: what would commit by itself runs in a transaction of the
// gateway's own, which is committed when the count is known and within the limit, and rolled back otherwise.
import type { SqlAnalysis } from '../../engine/action/sql/index.ts'
import type { Terms } from '../gate/contract.ts'
import type { MaskPlan } from './masks.ts'
import type { Owed, Running } from './owed.ts'
import { hiddenBegin, isTransaction } from './transactions.ts'
import {
  decodeReady,
  encodeQuery,
  type Frame,
  messageTypes as is,
  type Sendable,
  type TransactionStatus,
} from './wire/index.ts'

/** What a guard does to the session. */
export interface GuardHost {
  owe(entry: Owed, bytes: Sendable): void
  toClient(bytes: Sendable): void
  /** An error of the server, as the client may see it. */
  failed(frame: Frame): void
  /** The server is ready, and the guard is done. */
  ready(frame: Frame): void
  end(reason: string): void
}

/** How a text came. */
type Protocol = 'simple' | 'extended'

/** Whether the rows that a text changes are limited. */
export function isLimited(analysis: SqlAnalysis, terms: Terms): boolean {
  return terms.limits.affected !== undefined && analysis.verb === 'write'
}

/** Whether a portal may be run in parts: the server has changed every row by the first, and tells their number at the last. */
export function partPlan({ analysis, terms }: Running, rowsMax: number): MaskPlan {
  if (rowsMax <= 0 || !isLimited(analysis, terms)) return { kind: 'none' }
  return { kind: 'refuse', why: 'rows changed by a statement that is run in parts cannot be limited' }
}

/** Whether a text changes rows that no tag counts: in a WITH clause, or as EXPLAIN runs it. */
export function changesUncounted({ changesBeside, statements }: SqlAnalysis): boolean {
  return (
    changesBeside ||
    statements.some(({ kind, options, verb }) => kind === 'explain' && verb === 'write' && options.includes('analyze'))
  )
}

const hidden: Owed = { what: 'guard', endedBy: is.ready }
const begin: Uint8Array = encodeQuery('BEGIN')
const commit: Uint8Array = encodeQuery('COMMIT')
const rollback: Uint8Array = encodeQuery('ROLLBACK')
/** Fails on every server, so that the transaction it runs in cannot commit. */
const spoil: Uint8Array = encodeQuery('SELECT pg_catalog.int4div(1, 0)')

/** The guard of one session. */
export class Guard {
  readonly #host: GuardHost
  #state: 'none' | 'open' | 'closing' = 'none'
  /** The last batch in which the client began or ended a transaction itself. */
  #begunIn = -1
  /** A statement whose changed rows are limited went on, and not everything has been answered since. */
  watching = false
  /** A result was stopped: what it did must not be committed. */
  #stopped = false
  /** What the client gets when our transaction has been committed. */
  #heldBack: Buffer | undefined
  /** Why our own statement failed. */
  #failure: Frame | undefined
  /** What the client gets in place of that, where we had it stopped. */
  #refusal: Uint8Array | undefined

  constructor(host: GuardHost) {
    this.#host = host
  }

  get open(): boolean {
    return this.#state === 'open'
  }

  get closing(): boolean {
    return this.#state === 'closing'
  }

  /** Begins a transaction of ours where rows are limited and the server would commit them by itself. */
  begin(analysis: SqlAnalysis, terms: Terms, status: TransactionStatus, batch: number, protocol: Protocol): void {
    const limited = isLimited(analysis, terms)
    if (limited) this.watching = true
    if (!limited && protocol === 'simple') return
    const marks = analysis.statements.some(isTransaction)
    if (marks && protocol === 'extended') this.#begunIn = batch
    if (!limited || marks || this.#begunIn === batch || status !== 'I' || this.#state !== 'none') return
    this.#state = 'open'
    if (protocol === 'simple') this.#host.owe(hidden, begin)
    else for (const [endedBy, bytes] of hiddenBegin) this.#host.owe({ what: 'guard', endedBy }, bytes)
  }

  /** Keeps a CommandComplete back: the server itself says so only after the commit. */
  holdBack(frame: Frame): void {
    this.#heldBack = Buffer.from(frame.frame)
  }

  /** A result was stopped. */
  stop(): void {
    this.#stopped = true
  }

  /** Our commit is stopped: where that is not too late, the client is told of it. */
  stopClosing(refusal: Uint8Array): void {
    this.#refusal = refusal
  }

  /** An error of ours was told in place of a text: the transaction that it is in must not be able to commit. */
  spoil(): void {
    if (this.#state === 'open') {
      this.#heldBack = undefined
      this.#state = 'closing'
      this.#host.owe(hidden, rollback)
    } else this.#host.owe(hidden, spoil)
  }

  /** The server is ready: ends what must not be committed, and commits what may. False when there is nothing to do. */
  close(status: TransactionStatus): boolean {
    const stopped = this.#stopped
    this.#stopped = false
    if (this.#state === 'open') {
      const fails = stopped || status === 'E'
      if (fails) this.#heldBack = undefined
      this.#state = 'closing'
      this.#host.owe(hidden, fails ? rollback : commit)
      return true
    }
    // The client was told of an error: its transaction must not be able to commit.
    if (!stopped || status !== 'T') return false
    this.#host.owe(hidden, spoil)
    return true
  }

  /** The server is ready and nothing of ours runs; `isQuiet` where it owes nothing more. */
  rest(isQuiet: boolean): void {
    this.#heldBack = undefined
    if (isQuiet) this.watching = false
  }

  /** A message that answers a statement of ours; true when it is the last one of it. */
  answered(frame: Frame, endedBy: number): boolean {
    if (frame.type === is.error) this.#failure = frame.copy()
    if (endedBy === is.ready) return frame.type === is.ready
    if (frame.type === is.error) this.#host.end('guard_failed')
    return frame.type === endedBy
  }

  /** The server is ready after a query of ours. */
  settled(frame: Frame): void {
    const status = decodeReady(frame)
    if (this.#state === 'open') {
      // Without our BEGIN, what follows would commit by itself.
      if (status !== 'T' || this.#failure !== undefined) this.#host.end('guard_failed')
      return
    }
    const failure = this.#failure
    const refusal = this.#refusal
    this.#failure = undefined
    this.#refusal = undefined
    const closed = this.#state === 'closing'
    this.#state = 'none'
    // What has been spoiled is a failed transaction, or none where nobody had begun one by name.
    if (closed ? status !== 'I' : status === 'T') {
      this.#host.end('guard_failed')
      return
    }
    if (closed && failure !== undefined) {
      if (refusal === undefined) this.#host.failed(failure)
      else this.#host.toClient(refusal)
    } else if (this.#heldBack !== undefined) this.#host.toClient(this.#heldBack)
    this.#host.ready(frame)
  }
}
