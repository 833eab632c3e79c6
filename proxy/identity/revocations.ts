// What counts no more: tokens and parties that were revoked, here or at another gateway that shares the storage. There may
// be tens of thousands, of jobs that ended: one that is told of is read alone, and all are read a page at a time.
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Identity } from '../../engine/action/index.ts'
import { revocableKeys } from '../../engine/principal/index.ts'
import { type Change, revocationsPage, type Storage, type StoredRevocation } from '../storage/index.ts'

/** How often the store is read although it told nothing, so that a lost notice is not lost for long. */
const readEveryMs = 5000
/**
 * How much longer than its token a revocation is kept: a token counts past its end, by as much as clocks may differ
 * (`identity.clockSkewMs`, five minutes at the most), and a clock that is set back a little brings an ended one back.
 */
export const revocationKeptOnMs: number = 600_000
/** Age of the last reading at which revocations count as unknown, and nobody is let in. */
const staleMs = 30_000

/** Revocations by what they are of. */
class Revoked {
  readonly tokens: Map<string, StoredRevocation> = new Map()
  readonly subjects: Map<string, StoredRevocation> = new Map()

  /** Adds one; of two of the same the later one counts. */
  add(one: StoredRevocation): void {
    if (one.kind !== 'token' && one.kind !== 'subject') return
    const kept = one.kind === 'token' ? this.tokens : this.subjects
    const known = kept.get(one.value)
    if (known === undefined || known.atMs < one.atMs || known.expiresAtMs < one.expiresAtMs) kept.set(one.value, one)
  }
}

/** The revocations that count now. */
export class Revocations {
  readonly #storage: Storage
  readonly #nowMs: () => number
  readonly #monotonicMs: () => number
  readonly #changed: () => void
  readonly #failed: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  readonly #unsubscribe: () => void
  #revoked = new Revoked()
  /** What a reading has found so far; what is told meanwhile belongs to it too. */
  #found: Revoked | undefined
  /** By a clock that nobody sets. */
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined
  #again = false

  /** `changed` is told when something new was revoked, so that live sessions can be looked through. */
  constructor(
    storage: Storage,
    parts: {
      readonly nowMs: () => number
      readonly monotonicMs: () => number
      readonly changed: () => void
      readonly failed: (error: unknown) => void
    },
  ) {
    this.#storage = storage
    this.#nowMs = parts.nowMs
    this.#monotonicMs = parts.monotonicMs
    this.#changed = parts.changed
    this.#failed = parts.failed
    this.#unsubscribe = storage.subscribe((change) => {
      this.#told(change).catch(this.#failed)
    })
    this.#timer = setInterval(() => {
      this.read().catch(this.#failed)
    }, readEveryMs)
    this.#timer.unref()
  }

  async #told({ topic, id }: Change): Promise<void> {
    if (topic === 'resync') return this.read()
    const kind = (['token', 'subject'] as const).find((one) => id.startsWith(`${one}:`))
    if (topic === 'revocations' && kind !== undefined) await this.#readOne(kind, id.slice(kind.length + 1))
  }

  async #readOne(kind: 'token' | 'subject', value: string): Promise<void> {
    const one = await this.#storage.revocation(kind, value)
    if (one === undefined) return
    this.#revoked.add(one)
    this.#found?.add(one)
    this.#changed()
  }

  /** Reads the store; a change that comes while it is read is read after it. */
  read(): Promise<void> {
    if (this.#reading !== undefined) {
      this.#again = true
      return this.#reading
    }
    this.#reading = this.#readNow().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readNow(): Promise<void> {
    do {
      this.#again = false
      // What is read is as old as the question.
      const askedAtMs = this.#monotonicMs()
      await this.#readAll()
      this.#readAtMs = askedAtMs
    } while (this.#again)
    this.#changed()
  }

  async #readAll(): Promise<void> {
    const found = new Revoked()
    this.#found = found
    const nowMs = this.#nowMs()
    let last: StoredRevocation | undefined
    try {
      for (;;) {
        const page = await this.#storage.revocations(nowMs, last)
        for (const one of page) found.add(one)
        last = page.at(-1)
        if (page.length < revocationsPage) break
        await nextTurn()
      }
      this.#revoked = found
    } finally {
      this.#found = undefined
    }
  }

  /** Why an identity is let in no more; undefined when it is. What cannot be known counts as revoked. */
  bars(identity: Identity): string | undefined {
    if (this.#monotonicMs() - this.#readAtMs > staleMs) return 'revocations cannot be read now'
    const revoked = this.#revoked
    if (revoked.tokens.size === 0 && revoked.subjects.size === 0) return undefined
    const { tokens, subjects } = revocableKeys(identity)
    const nowMs = this.#nowMs()
    const token = tokens
      .map((key) => revoked.tokens.get(key))
      .find((one) => one !== undefined && one.expiresAtMs > nowMs)
    if (token !== undefined) return 'the token, or one that it came from, was revoked'
    // A party's revocation ends what was issued before it; a token issued later is a new start.
    const subject = subjects
      .map(({ key, issuedAtMs }) => ({ one: revoked.subjects.get(key), issuedAtMs }))
      .find(({ one, issuedAtMs }) => one !== undefined && one.expiresAtMs > nowMs && !(issuedAtMs > one.atMs))
    return subject === undefined ? undefined : 'the identity, or one that it acts for, was revoked'
  }

  /** Revokes for everybody who shares the storage. */
  async revoke(kind: 'token' | 'subject', value: string, reason: string, untilMs: number): Promise<void> {
    await this.#storage.revoke({ kind, value, reason, atMs: this.#nowMs(), expiresAtMs: untilMs + revocationKeptOnMs })
    await this.#readOne(kind, value)
  }

  /** Ends reading. */
  close(): void {
    clearInterval(this.#timer)
    this.#unsubscribe()
  }
}
