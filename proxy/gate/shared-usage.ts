// Shares the totals of delegation roots between gateways: what was used here is added to the store from time to time,
// and what the store then says, from all gateways, is what counts here. Between two rounds a gateway may overspend by
// what the others used meanwhile; its own use always counts at once.
import type { StoredUsage } from '../storage/index.ts'
import type { Account, RootLedger } from './budget.ts'

/** The part of the store that is used. */
export interface UsageStore {
  addUsage(root: string, window: number, used: StoredUsage): Promise<StoredUsage>
}

const none: StoredUsage = { actions: 0, rows: 0, bytes: 0, affected: 0 }

/** Rounds between a ledger and a store. */
export class SharedUsage {
  readonly #ledger: RootLedger
  readonly #store: UsageStore
  /** What an account stood at when it was last the same as the store. */
  readonly #agreed = new WeakMap<Account, StoredUsage>()
  constructor(ledger: RootLedger, store: UsageStore) {
    this.#ledger = ledger
    this.#store = store
  }

  /** One round over all roots. Rejects when the store fails; what was not added is added by the next round. */
  async round(): Promise<void> {
    for (const { root, window, account } of this.#ledger.accounts()) {
      const agreed = this.#agreed.get(account) ?? none
      const before = usageOf(account)
      const total = await this.#store.addUsage(root, window, minus(before, agreed))
      const meanwhile = minus(usageOf(account), before)
      account.actions = total.actions + meanwhile.actions
      account.rows = total.rows + meanwhile.rows
      account.bytes = total.bytes + meanwhile.bytes
      account.affected = total.affected + meanwhile.affected
      this.#agreed.set(account, total)
    }
  }
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
