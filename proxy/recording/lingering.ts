// Sessions with entries that nobody waits for: those that go along with an action which follows soon cost no write of
// their own, and the others are handed over within a group's time.

/** How often it is looked who waits: entries are handed over after one such time at the least, and two at the most. */
const lookMs = 2

/** Whoever has something to hand over. */
export interface Lingerer {
  /** The look before which its oldest entry came. `Lingering` keeps both of these. */
  lingersSince: number
  isLingering: boolean
  /** Hands over what is there; nothing to hand over is no fault. */
  flush(): void
}

/** One timer for all of them. Each is here at most once, however often it asks. */
export class Lingering {
  #lingerers: Lingerer[] = []
  #look = 0
  #timer: NodeJS.Timeout | undefined

  /** `one` has something to hand over, and had nothing before. */
  ask(one: Lingerer): void {
    one.lingersSince = this.#look
    if (one.isLingering) return
    one.isLingering = true
    this.#lingerers.push(one)
    this.#arm()
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #arm(): void {
    this.#timer ??= setTimeout(() => this.#turn(), lookMs)
  }

  #turn(): void {
    this.#timer = undefined
    const before = this.#look++
    const lingerers = this.#lingerers
    this.#lingerers = []
    for (const one of lingerers) {
      // What was handed over with an action meanwhile was asked for again, or is nothing any more.
      if (one.lingersSince >= before) this.#lingerers.push(one)
      else {
        one.isLingering = false
        one.flush()
      }
    }
    if (this.#lingerers.length > 0) this.#arm()
  }
}
