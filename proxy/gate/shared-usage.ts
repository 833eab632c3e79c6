// Shares the totals of delegation roots between gateways: what was used here is added to the store from time to time,
// and what the store then says, from all gateways, is what counts here. Between two rounds a gateway may overspend by
// what the others used meanwhile, and of a root that is idle here it learns with its next use; its own use always counts
// at once.
import { type AddedUsage, type StoredUsage, usagesMax } from '../storage/index.ts'
import type { Account, KeptAccount, RootLedger } from './budget.ts'

/** The part of the store that is used. */
export interface UsageStore {
  readonly isShared: boolean
  addUsage(added: readonly AddedUsage[]): Promise<readonly StoredUsage[]>
}

/** What is known of one account. */
interface Known {
  /** What it stood at when it was last the same as the store. */
  readonly agreed: StoredUsage
  /** Rounds since it was last used here. */
  readonly idle: number
}

const none: StoredUsage = { actions: 0, rows: 0, bytes: 0, affected: 0 }
/** Rounds in which others are asked about a root that is not used here any more. */
const idleRoundsMax = 60

/** Rounds between a ledger and a store. */
export class SharedUsage {
  readonly #ledger: RootLedger
  readonly #store: UsageStore
  readonly #nowMs: () => number
  readonly #known = new WeakMap<Account, Known>()
  constructor(ledger: RootLedger, store: UsageStore, nowMs: () => number) {
    this.#ledger = ledger
    this.#store = store
    this.#nowMs = nowMs
  }

  /**
   * One round over the roots that are in use. Rejects when the store fails; what was not added is added by the next
   * round.
   */
  async round(): Promise<void> {
    const due = this.#due()
    for (let at = 0; at < due.length; at += usagesMax) await this.#share(due.slice(at, at + usagesMax))
  }

  /** The accounts of which the store has something to hear or to tell; those of windows that are over are let go. */
  #due(): readonly KeptAccount[] {
    const window = this.#ledger.windowOf(this.#nowMs())
    const due: KeptAccount[] = []
    for (const kept of this.#ledger.accounts()) {
      const known = this.#known.get(kept.account)
      if (known === undefined || isUsed(minus(usageOf(kept.account), known.agreed))) {
        due.push(kept)
      } else if (kept.window !== window) {
        this.#ledger.forget(kept)
      } else if (this.#store.isShared && known.idle < idleRoundsMax) {
        due.push(kept)
      }
    }
    return due
  }

  async #share(due: readonly KeptAccount[]): Promise<void> {
    const before = due.map(({ account }) => usageOf(account))
    const added = due.map(({ root, window, account }, index): AddedUsage => {
      const used = minus(before[index] ?? none, this.#known.get(account)?.agreed ?? none)
      return { root, window, endsAtMs: this.#ledger.endOf(window), ...used }
    })
    const totals = await this.#store.addUsage(added)
    for (const [index, { account }] of due.entries()) {
      const [total = none, stood = none, used = none] = [totals[index], before[index], added[index]]
      const meanwhile = minus(usageOf(account), stood)
      account.actions = total.actions + meanwhile.actions
      account.rows = total.rows + meanwhile.rows
      account.bytes = total.bytes + meanwhile.bytes
      account.affected = total.affected + meanwhile.affected
      const idle = this.#known.get(account)?.idle ?? 0
      this.#known.set(account, { agreed: total, idle: isUsed(used) ? 0 : idle + 1 })
    }
  }
}

function isUsed({ actions, rows, bytes, affected }: StoredUsage): boolean {
  return actions > 0 || rows > 0 || bytes > 0 || affected > 0
}

function usageOf({ actions, rows, bytes, affected }: StoredUsage): StoredUsage {
  return { actions, rows, bytes, affected }
}

function minus(a: StoredUsage, b: StoredUsage): StoredUsage {
  return {
    actions: a.actions - b.actions,
    rows: a.rows - b.rows,
    bytes: a.bytes - b.bytes,
    affected: a.affected - b.affected,
  }
}
