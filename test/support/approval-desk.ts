// People, gateways and holds for tests of approvals: services on one store, a clock that is moved by hand.
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import type { ActionDocument } from '../../engine/action/index.ts'
import { type Approver, deedsOf, type GrantTerms } from '../../engine/approval/index.ts'
import type { Decision } from '../../engine/decision/index.ts'
import {
  type AnswerClaims,
  Approvals,
  type ApprovalsParts,
  type EnrolledApprover,
  enrolled,
  type OpenHold,
  signAnswer,
  signGrant,
} from '../../proxy/approvals/index.ts'
import type { HoldOutcome, HoldRequest } from '../../proxy/gate/index.ts'
import { openEmbeddedStorage, type Storage } from '../../proxy/storage/index.ts'

/** Somebody with a key. */
export interface Person {
  readonly enrolled: EnrolledApprover
  readonly key: string
}

/** Makes somebody, with an Ed25519 key or one on P-256. */
export function person(
  subject: string,
  groups: readonly string[],
  issuer = 'https://people.example',
  isOnCurve = false,
): Person {
  const { privateKey, publicKey } = isOnCurve
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('ed25519')
  return {
    enrolled: enrolled({ issuer, subject, groups }, publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** A hold that a test opened. */
export interface DeskHold {
  readonly id: string
  readonly hold: OpenHold
  readonly outcome: Promise<HoldOutcome>
  readonly outcomes: readonly HoldOutcome[]
  cancel(reason: 'client_gone' | 'expired'): void
}

/** One store, its people and its services. */
export class Desk {
  readonly storage: Storage = openEmbeddedStorage(':memory:')
  readonly failures: unknown[] = []
  nowMs: number = Date.parse('2026-01-05T10:00:00Z')
  permitted: (reviewer: Approver, grant?: GrantTerms) => boolean = () => true
  people: readonly Person[]
  readonly #services: Approvals[] = []
  readonly #told = new Map<string, () => void>()
  readonly #asked = new Set<string>()

  constructor(people: readonly Person[]) {
    this.people = people
  }

  /** A gateway's service on the store. */
  service(gateway: string, change: Partial<ApprovalsParts> = {}): Approvals {
    const service = new Approvals({
      storage: this.storage,
      gateway,
      run: randomUUID(),
      gatewayKey: () => undefined,
      known: (approver) => approver,
      quorumMax: 10,
      approvers: () => this.people.map((one) => one.enrolled),
      mayApprove: (reviewer, _, grant) => this.permitted(reviewer, grant),
      nowMs: () => this.nowMs,
      onError: (error) => this.failures.push(error),
      onHold: (event, { id }) => {
        if (event !== 'opened') return
        this.#asked.add(id)
        this.#told.get(id)?.()
      },
      onGrant: () => undefined,
      ...change,
    })
    this.#services.push(service)
    return service
  }

  /** Opens a hold for a document, and waits until it is stored. */
  async open(at: Approvals, document: ActionDocument, quorum = 1, rule = 'ddl', holdMs = 60_000): Promise<DeskHold> {
    const id = randomUUID()
    const decision: Extract<Decision, { effect: 'hold' }> = {
      id: 'd-1',
      bundle: { revision: 'r', digest: 'bundle-1' },
      rules: [rule],
      cost: { micros: 0, fuel: 0 },
      record: 'full',
      effect: 'hold',
      holds: [{ rule, reason: 'changes the schema', reviewers: ['dba'], quorum, expiresMs: holdMs }],
      masks: [],
      filters: [],
      limits: {},
    }
    const request: HoldRequest = { id, document, decision, expiresAtMs: this.nowMs + holdMs }
    const outcomes: HoldOutcome[] = []
    let handle: { cancel(reason: 'client_gone' | 'expired'): void } | undefined
    const outcome = new Promise<HoldOutcome>((done) => {
      handle = at.open(request, (answer) => {
        outcomes.push(answer)
        done(answer)
      })
    })
    let hold = await at.hold(id)
    while (hold === undefined) {
      await new Promise(setImmediate)
      hold = await at.hold(id)
    }
    return { id, hold, outcome, outcomes, cancel: (reason) => handle?.cancel(reason) }
  }

  /** A signed answer. */
  answer(hold: OpenHold, by: Person, change: Partial<AnswerClaims> = {}): Promise<string> {
    const { issuer, subject } = by.enrolled
    const claims: AnswerClaims = {
      id: randomUUID(),
      hold: hold.id,
      statement: hold.digest,
      verdict: 'approve',
      reason: '',
      issuer,
      subject,
      expiresAtMs: this.nowMs + 60_000,
      ...change,
    }
    return signAnswer(claims, by.key)
  }

  /** A signed grant of what the hold does, for ten minutes and three actions. */
  grant(hold: OpenHold, by: Person, change: Partial<GrantTerms> = {}): Promise<string> {
    const { statement, document } = hold
    const terms: GrantTerms = {
      version: 1,
      id: randomUUID(),
      hold: hold.id,
      issuer: by.enrolled.issuer,
      subject: by.enrolled.subject,
      identity: statement.identity,
      chain: statement.chain,
      resource: statement.resource.name,
      rules: statement.requirements.map(({ rule }) => rule),
      deeds: deedsOf(document) ?? [],
      actionsMax: 3,
      expiresAtMs: this.nowMs + 600_000,
      reason: 'the migration of today',
      ...change,
    }
    return signGrant(terms, by.key)
  }

  /** Waits until people are asked about a hold: no grant has answered it, and none will. */
  async asked({ id }: DeskHold): Promise<void> {
    if (!this.#asked.has(id)) await new Promise<void>((done) => this.#told.set(id, done))
  }

  /** Ends the services and the store. */
  async close(): Promise<void> {
    for (const service of this.#services) await service.close()
    await this.storage.close()
  }
}
