// Shared state behind one interface: embedded for one gateway, PostgreSQL for several. Both pass the same tests.
// Bodies are JSON text owned by whoever writes them; the store keeps what it must order, match or expire beside them.

/** Something changed, here or at another gateway. `resync`: changes may have been missed, read again. */
export interface Change {
  readonly topic: 'sessions' | 'holds' | 'grants' | 'revocations' | 'resync'
  readonly id: string
}

/** How the processes of one gateway, which share an embedded store, tell each other of changes. */
export interface ChangeBus {
  /** Tells the others. */
  tell(change: Change): void
  /** Calls back for what the others tell; the answer ends it. */
  heard(callback: (change: Change) => void): () => void
}

/** A session that some gateway has open. */
export interface StoredSession {
  readonly id: string
  readonly gateway: string
  readonly startedAtMs: number
  readonly body: string
}

/** Where a hold stands. */
export type HoldStatus = 'open' | 'approved' | 'denied' | 'cancelled' | 'expired' | 'released'

/** An action that waits for people, or waited. */
export interface StoredHold {
  readonly id: string
  /** The run of the gateway that has the action; no other can release it. */
  readonly run: string
  readonly sessionId: string
  readonly digest: string
  readonly status: HoldStatus
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly body: string
}

/** One person's answer to a hold. */
export interface StoredAnswer {
  readonly holdId: string
  readonly approver: string
  readonly answer: 'approve' | 'deny'
  readonly atMs: number
  readonly body: string
}

/** A standing permission, such as just-in-time access. */
export interface StoredGrant {
  readonly id: string
  readonly subject: string
  readonly expiresAtMs: number
  /** How often it may still be used. */
  readonly usesLeft: number
  readonly body: string
}

/** One run of a gateway, and how often it has said that it lives. */
export interface StoredBeat {
  readonly run: string
  readonly beat: number
}

/** Something that counts no more, until everything it could matter for has expired. */
export interface StoredRevocation {
  readonly kind: 'token' | 'subject' | 'session' | 'grant' | 'approver'
  readonly value: string
  readonly atMs: number
  readonly expiresAtMs: number
  readonly reason: string
}

/** Totals of one delegation root in one window. */
export interface StoredUsage {
  readonly actions: number
  readonly rows: number
  readonly bytes: number
  readonly affected: number
}

/** What a delegation root used in a window that ends at a time. */
export interface AddedUsage extends StoredUsage {
  readonly root: string
  readonly window: number
  readonly endsAtMs: number
}

/** Why the store could not do what was asked. */
export type StorageErrorCode = 'unavailable' | 'newer_schema' | 'too_large' | 'corrupt'

/** A failure of shared state. Whoever needed the state refuses. */
export class StorageError extends Error {
  readonly code: StorageErrorCode
  constructor(code: StorageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StorageError'
    this.code = code
  }
}

/** Longest body or text that is kept. */
export const bodyCharsMax: number = 4 * 1024 * 1024
/** Rows that one list gives. */
export const listMax = 10_000
/** Revocations that one page of them gives. */
export const revocationsPage = 500
/** Roots whose totals are added to at once, at the most. */
export const usagesMax = 500

/** Shared state. Every method rejects with StorageError; nothing is kept half. */
export interface Storage {
  /** False when no other gateway can be in it. */
  readonly isShared: boolean

  /** This run lives. */
  beat(run: string): Promise<void>
  beats(): Promise<readonly StoredBeat[]>
  /** A run is over: it beats no more, and its open holds are cancelled. How many there were. */
  endRun(run: string): Promise<number>
  /** Runs that have open holds. */
  holdingRuns(): Promise<readonly string[]>

  putSession(session: StoredSession): Promise<void>
  removeSession(id: string): Promise<void>
  sessions(): Promise<readonly StoredSession[]>

  /** False when the id is taken. */
  openHold(hold: Omit<StoredHold, 'status'>): Promise<boolean>
  hold(id: string): Promise<StoredHold | undefined>
  holds(status: HoldStatus): Promise<readonly StoredHold[]>
  /** Moves a hold on; false when it does not stand at `from`, so that of two racing gateways one wins. */
  moveHold(id: string, from: HoldStatus, to: HoldStatus): Promise<boolean>
  /** False when this person has answered already, or the hold is not open or has expired at `answer.atMs`. */
  addAnswer(answer: StoredAnswer): Promise<boolean>
  answers(holdId: string): Promise<readonly StoredAnswer[]>
  /** Open holds of a run that have answers, whether or not anybody was told. */
  answeredHolds(run: string): Promise<readonly string[]>

  /** Keeps a grant, once; false when the id is taken. */
  putGrant(grant: StoredGrant): Promise<boolean>
  /** Grants that count at that time, those of one subject or all, also where they are used up. */
  grants(subject: string | undefined, nowMs: number): Promise<readonly StoredGrant[]>
  /** Takes one use; false when none is left, or it has expired or is gone. Of many at once no more win than were left. */
  useGrant(id: string, nowMs: number): Promise<boolean>
  removeGrant(id: string): Promise<boolean>

  revoke(revocation: StoredRevocation): Promise<void>
  /** One revocation, whether or not it has expired. */
  revocation(kind: StoredRevocation['kind'], value: string): Promise<StoredRevocation | undefined>
  /**
   * Those that count at that time, by kind and value, behind `after`: a page of `revocationsPage`, so that whoever reads
   * all of many can do other things between pages. One with fewer is the last.
   */
  revocations(nowMs: number, after?: Pick<StoredRevocation, 'kind' | 'value'>): Promise<readonly StoredRevocation[]>

  /** Takes a name that counts once, until a time; false when it was taken before. Of many at once one wins. */
  useOnce(name: string, untilMs: number): Promise<boolean>
  /** Whether a name was taken that counts once. */
  isUsed(name: string): Promise<boolean>

  /** Adds to the totals of roots, each once, and gives them as they are now over all gateways, in the same order. */
  addUsage(added: readonly AddedUsage[]): Promise<readonly StoredUsage[]>

  /** Removes what has expired. */
  prune(nowMs: number): Promise<void>
  /** Calls back for every change, also one's own; the answer ends it. */
  subscribe(callback: (change: Change) => void): () => void
  /** Rejects when the store cannot be reached. */
  ping(): Promise<void>
  close(): Promise<void>
}
