// The gate: sessions in, judged and recorded actions out. A thin driver over machine.ts; it knows no protocol.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { mayReach } from '../../engine/principal/index.ts'
import { RootLedger } from './budget.ts'
import type { Effects, Gate, GateSession, Refusal, SessionOpening, SessionSummary, Submission } from './contract.ts'
import { RecordDeadlines } from './deadlines.ts'
import { Judge } from './decide.ts'
import { LateNotes } from './late-notes.ts'
import type { GateParts } from './ports.ts'
import { LiveSession, type SharedParts } from './session.ts'

type Opened =
  | { readonly open: true; readonly session: GateSession }
  | { readonly open: false; readonly refusal: Refusal }

/** Sessions judged again in one turn of the event loop after a policy swap. */
const rejudgedPerTurn = 32

/** Builds a gate from its parts. */
export function createGate(parts: GateParts): Gate {
  return new LiveGate(parts)
}

class LiveGate implements Gate {
  readonly #parts: GateParts
  readonly #sessions = new Set<LiveSession>()
  readonly #shared: SharedParts
  #holds = 0
  /** How many of them are of each delegation root. */
  readonly #holdsOf = new Map<string, number>()
  #draining = false
  #drained: (() => void) | undefined

  constructor(parts: GateParts) {
    this.#parts = parts
    this.#shared = {
      parts,
      judge: new Judge(parts),
      ledger: parts.ledger ?? new RootLedger(parts.limits.root, parts.limits.rootWindowMs),
      notes: new LateNotes(parts.clock),
      deadlines: new RecordDeadlines(parts.clock, parts.limits.recordMs),
      takeHoldPlace: (root) => this.#takeHoldPlace(root),
      leaveHoldPlace: (root) => this.#leaveHoldPlace(root),
      forget: (session) => this.#forget(session),
      idle: (session) => {
        if (this.#draining) session.end('cancelled', 'the gateway is shutting down')
      },
    }
  }

  /** Beyond what one session may have, a root has no more places than are free: nobody takes them all. */
  #takeHoldPlace(root: string): boolean {
    const { holdsMax, holdsPerSessionMax } = this.#parts.limits
    const [free, own] = [holdsMax - this.#holds, this.#holdsOf.get(root) ?? 0]
    if (free < 1 || own >= Math.max(free, holdsPerSessionMax)) return false
    this.#holds++
    this.#holdsOf.set(root, own + 1)
    return true
  }

  #leaveHoldPlace(root: string): void {
    this.#holds--
    const left = (this.#holdsOf.get(root) ?? 0) - 1
    if (left > 0) this.#holdsOf.set(root, left)
    else this.#holdsOf.delete(root)
  }

  open(opening: SessionOpening): Promise<Opened> {
    if (this.#draining) return this.#turnAway('cancelled', 'sallyport.drain', 'the gateway is shutting down')
    if (this.#sessions.size >= this.#parts.limits.sessionsMax) {
      return this.#turnAway('limit', 'sallyport.sessions', 'too many sessions are open')
    }
    const barred = this.#parts.bars?.(opening.identity)
    if (barred !== undefined) return this.#turnAway('revoked', 'sallyport.revoked', barred, 'ask for a new token')
    if (!mayReach(opening.identity, opening.resource.name))
      return this.#turnAway(
        'denied',
        'sallyport.resources',
        'the token was narrowed to other resources',
        'ask the parent for a token that reaches this one',
      )
    let session: LiveSession
    try {
      session = this.#newSession(opening)
    } catch (error) {
      this.#parts.observer.failed('recorder', error)
      return this.#turnAway('not_recorded', 'sallyport.recorder', 'the session cannot be recorded')
    }
    this.#sessions.add(session)
    this.#parts.observer.session(opening.resource, 1)
    return this.#connect(session, opening)
  }

  #newSession(opening: SessionOpening): LiveSession {
    const id = this.#parts.newId()
    return new LiveSession(this.#shared, id, opening, this.#parts.recorder.open(id))
  }

  #connect(session: LiveSession, opening: SessionOpening): Promise<Opened> {
    return new Promise((answer) => {
      const refuse = (refusal: Refusal) => {
        answer({ open: false, refusal })
        session.close('refused')
      }
      let submission: Submission | undefined
      const effects: Effects = {
        forward: () => {
          answer({ open: true, session })
          submission?.finish()
        },
        refuse,
        held: (notice) => opening.held?.(notice),
        // The limit of seconds on a connect bounds the session, which ends itself.
        stop: () => undefined,
      }
      submission = session.connect(effects)
      if (submission.settled) {
        submission.finish()
        return
      }
      const gone = () => submission?.cancel('client_gone')
      if (opening.signal?.aborted) gone()
      else opening.signal?.addEventListener('abort', gone, { once: true })
    })
  }

  #turnAway(code: Refusal['code'], rule: string, message: string, hint = 'try again later'): Promise<Opened> {
    const refusal: Refusal = { code, decisionId: this.#parts.newId(), rule, message, hint }
    return Promise.resolve({ open: false, refusal })
  }

  #forget(session: LiveSession): void {
    if (!this.#sessions.delete(session)) return
    this.#parts.observer.session(session.resource, -1)
    if (this.#sessions.size === 0) this.#drained?.()
  }

  sessions(): readonly SessionSummary[] {
    return [...this.#sessions].map((session) => session.summary())
  }

  end(
    matches: (session: SessionSummary) => boolean,
    code: 'revoked' | 'expired' | 'cancelled' | 'denied',
    why: string,
  ): number {
    const ended = [...this.#sessions].filter((session) => matches(session.summary()))
    for (const session of ended) session.end(code, why)
    return ended.length
  }

  async rejudge(): Promise<number> {
    let ended = 0
    let judged = 0
    for (const session of [...this.#sessions]) {
      if (++judged % rejudgedPerTurn === 0) await nextTurn()
      session.renew(this.#parts.renewed)
      if (session.stillAllowed()) {
        session.rejudgeHeld()
        continue
      }
      session.end('denied', 'the policy no longer allows this session')
      ended++
    }
    return ended
  }

  lull(): void {
    this.#parts.recorder.lull?.()
  }

  recordLagMs(): number {
    return this.#shared.deadlines.lagMs()
  }

  async drain(drainMs: number): Promise<void> {
    this.#draining = true
    for (const session of [...this.#sessions]) {
      if (session.running === 0) session.end('cancelled', 'the gateway is shutting down')
    }
    if (this.#sessions.size === 0) return
    await new Promise<void>((done) => {
      const cancel = this.#parts.clock.after(drainMs, done)
      this.#drained = () => {
        cancel()
        done()
      }
    })
    this.#drained = undefined
    for (const session of [...this.#sessions]) {
      session.end('cancelled', 'the gateway is shutting down')
      session.close('shutdown')
    }
  }
}
