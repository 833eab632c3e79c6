// Gate parts for tests: a clock that is moved by hand, a policy that answers what the test says, holds answered by hand.
import type { Identity, Resource } from '../../engine/action/index.ts'
import { responseEntrypoint } from '../../engine/decision/index.ts'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import type {
  Effects,
  GateClock,
  GateParts,
  HoldNotice,
  HoldOutcome,
  HoldRequest,
  Holds,
  Refusal,
  SessionOpening,
  Terms,
} from '../../proxy/gate/index.ts'
import { defaultGateLimits } from '../../proxy/gate/index.ts'
import { sampleDocument } from './action-document.ts'
import { MemoryRecorder } from './memory-recorder.ts'

/** A clock that stands until `advance` moves it. */
export class ManualClock implements GateClock {
  #nowMs: number
  #timers = new Map<number, { readonly dueMs: number; readonly run: () => void }>()
  #next = 0
  constructor(nowMs: number = Date.parse('2026-01-01T00:00:10Z')) {
    this.#nowMs = nowMs
  }
  nowMs(): number {
    return this.#nowMs
  }
  micros(): number {
    return this.#nowMs * 1000
  }
  after(delayMs: number, run: () => void): () => void {
    const id = this.#next++
    this.#timers.set(id, { dueMs: this.#nowMs + Math.max(0, delayMs), run })
    return () => this.#timers.delete(id)
  }
  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size
  }
  /** Moves time on and runs what comes due, in order. */
  advance(byMs: number): void {
    const untilMs = this.#nowMs + byMs
    for (;;) {
      const due = [...this.#timers]
        .filter(([, timer]) => timer.dueMs <= untilMs)
        .sort((a, b) => a[1].dueMs - b[1].dueMs)
      const [first] = due
      if (first === undefined) break
      this.#timers.delete(first[0])
      this.#nowMs = Math.max(this.#nowMs, first[1].dueMs)
      first[1].run()
    }
    this.#nowMs = untilMs
  }
}

/** A policy host that answers with `answer(input)`. */
export function policyAnswering(
  answer: (input: unknown) => unknown,
  revision = '1',
  judgesAnswers = false,
): PolicyHost {
  return {
    revision,
    digest: 'd'.repeat(64),
    has: (entrypoint) => entrypoint !== responseEntrypoint || judgesAnswers,
    evaluate: (_entrypoint, input) => answer(input),
    fuelSpent: () => 0,
    close() {},
  }
}

/** Results in the shape of `data.sallyport.decision`. */
export const results = {
  allow: { effect: 'allow', allow: ['p.allow'], deny: [], hold: [], mask: [], filter: [], limit: [], record: [] },
  deny: {
    effect: 'deny',
    allow: [],
    deny: [{ rule: 'p.no', message: 'not this' }],
    hold: [],
    mask: [],
    filter: [],
    limit: [],
    record: [],
  },
  hold: {
    effect: 'hold',
    allow: ['p.allow'],
    deny: [],
    hold: [{ rule: 'p.ask', reason: 'big', reviewers: ['dba'], quorum: 1, expires: '1m' }],
    mask: [],
    filter: [],
    limit: [],
    record: [],
  },
} as const

/** Holds that the test answers. */
export class ManualHolds implements Holds {
  readonly waiting: Map<string, { readonly request: HoldRequest; readonly answer: (outcome: HoldOutcome) => void }> =
    new Map()
  readonly cancelled: string[] = []
  broken = false
  open(request: HoldRequest, answer: (outcome: HoldOutcome) => void): { cancel(reason: string): void } {
    if (this.broken) throw new Error('no storage')
    this.waiting.set(request.id, { request, answer })
    return {
      cancel: (reason) => {
        if (this.waiting.delete(request.id)) this.cancelled.push(reason)
      },
    }
  }
  /** Answers the oldest open hold; false when none is open. */
  answer(outcome: HoldOutcome): boolean {
    const [first] = this.waiting
    if (first === undefined) return false
    this.waiting.delete(first[0])
    first[1].answer(outcome)
    return true
  }
}

/** What a test sees of a protocol's effects. */
export class SeenEffects implements Effects {
  readonly forwarded: Terms[] = []
  readonly refused: Refusal[] = []
  readonly holds: HoldNotice[] = []
  readonly stopped: Refusal[] = []
  forward(terms: Terms): void {
    this.forwarded.push(terms)
  }
  refuse(refusal: Refusal): void {
    this.refused.push(refusal)
  }
  held(notice: HoldNotice): void {
    this.holds.push(notice)
  }
  stop(refusal: Refusal): void {
    this.stopped.push(refusal)
  }
}

/** Parts of a gate under test; change what the test is about. */
export interface TestParts extends GateParts {
  readonly clock: ManualClock
  readonly holds: ManualHolds
  readonly recorder: MemoryRecorder
  readonly failures: string[]
  /** The answer to every evaluation; a test replaces it. */
  live: { answer: (input: unknown) => unknown; revision: string; judgesAnswers: boolean }
}

/** Parts with a policy that allows all. */
export function gateParts(change: Partial<GateParts> = {}): TestParts {
  let ids = 0
  const failures: string[] = []
  const live: TestParts['live'] = { answer: () => results.allow, revision: '1', judgesAnswers: false }
  return {
    policy: () => policyAnswering((input) => live.answer(input), live.revision, live.judgesAnswers),
    clock: new ManualClock(),
    holds: new ManualHolds(),
    recorder: new MemoryRecorder(),
    newId: () => `id-${++ids}`,
    gateway: { id: 'g-1', version: '0.1.0' },
    observer: {
      decided() {},
      answered() {},
      held() {},
      masked() {},
      session() {},
      failed: (where) => failures.push(where),
    },
    limits: defaultGateLimits,
    failures,
    live,
    ...change,
  } as TestParts
}

/** An opening as a listener would give it. */
export function sampleOpening(
  change: { readonly identity?: Partial<Identity>; readonly resource?: Partial<Resource> } = {},
): SessionOpening {
  const { identity, resource, session } = sampleDocument()
  return {
    identity: { ...identity, ...change.identity },
    resource: { ...resource, ...change.resource },
    client: session.client,
    state: {},
  }
}

/** An action as a protocol would give it. */
export function sampleAction(): Omit<ReturnType<typeof sampleDocument>['action'], 'digest'> {
  const { digest: _digest, ...action } = sampleDocument().action
  return action
}
