// What each client may have of the connections to a cluster. Answers can be followed for hours, so who has many of them
// leaves as many for others: nobody takes the last ones who has some already.

/** Of all connections, those that one client may have at most are one in this many. */
const partOfAll = 4

/** A request that has a share, or waits for one; given back once. */
export interface Shared {
  /** It is over, or given up. */
  giveBack(): void
}

/** One client. */
interface Client {
  /** Connections that its requests have. */
  has: number
  /** Its requests that wait, the oldest first. */
  readonly waits: Set<Waiting>
}

interface Waiting {
  readonly begin: () => void
}

/** Begins a request, which gives back what it is given. */
export type Begin = (shared: Shared) => void

/** Connections, and requests that wait for them, by client. */
export class Shares {
  readonly #max: number
  readonly #waitingMax: number
  /** Those that have something or wait; who was served longest ago is first. */
  readonly #clients = new Map<string, Client>()
  #taken = 0
  #waiting = 0

  constructor(max: number, waitingMax: number) {
    this.#max = max
    this.#waitingMax = waitingMax
  }

  /** Has a request begin, now or later; undefined where too many wait already, of this client or of all. */
  ask(name: string, begin: Begin): Shared | undefined {
    const client = this.#clients.get(name) ?? { has: 0, waits: new Set() }
    if (client.waits.size === 0 && mayHaveMore(client.has, this.#taken, this.#max)) {
      this.#clients.set(name, client)
      const shared = this.#share(name, client)
      begin(shared)
      return shared
    }
    if (!mayHaveMore(client.waits.size, this.#waiting, this.#waitingMax)) return undefined
    this.#clients.set(name, client)
    return this.#wait(name, client, begin)
  }

  #share(name: string, client: Client): Shared {
    client.has++
    this.#taken++
    let isBack = false
    return {
      giveBack: () => {
        if (isBack) return
        isBack = true
        client.has--
        this.#taken--
        this.#leave(name, client)
        this.#goOn()
      },
    }
  }

  #wait(name: string, client: Client, begin: Begin): Shared {
    let shared: Shared | undefined
    const waiting: Waiting = {
      begin: () => {
        shared = this.#share(name, client)
        begin(shared)
      },
    }
    client.waits.add(waiting)
    this.#waiting++
    return {
      giveBack: () => {
        if (shared !== undefined) shared.giveBack()
        else if (client.waits.delete(waiting)) {
          this.#waiting--
          this.#leave(name, client)
        }
      },
    }
  }

  #leave(name: string, client: Client): void {
    if (client.has === 0 && client.waits.size === 0 && this.#clients.get(name) === client) this.#clients.delete(name)
  }

  /** Lets what waits begin, one client after another. */
  #goOn(): void {
    while (this.#waiting > 0) {
      const next = this.#next()
      if (next === undefined) return
      next.begin()
    }
  }

  #next(): Waiting | undefined {
    for (const [name, client] of this.#clients) {
      const [oldest] = client.waits
      if (oldest === undefined || !mayHaveMore(client.has, this.#taken, this.#max)) continue
      client.waits.delete(oldest)
      this.#waiting--
      // Others come before it the next time.
      this.#clients.delete(name)
      this.#clients.set(name, client)
      return oldest
    }
    return undefined
  }
}

/**
 * Whether somebody who has so much of what there is may have more: no more than a part, nor than is left. So a single client
 * leaves most of it, and however many there are already, something is left for whoever comes.
 */
function mayHaveMore(has: number, taken: number, max: number): boolean {
  return has < Math.max(1, Math.floor(max / partOfAll)) && has < max - taken
}
