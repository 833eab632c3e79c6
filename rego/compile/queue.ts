// Numbers that come out from the smallest on: a binary heap.

/** Numbers that wait. */
export interface Queue {
  push(value: number): void
  /** Takes the smallest. */
  pop(): number | undefined
}

/** A queue of the numbers from 0 to below `count`. */
export function ascendingQueue(count: number): Queue {
  return new Heap(Array.from({ length: count }, (_, at) => at))
}

class Heap implements Queue {
  // INVARIANT: no value is smaller than the one at half its place, which a list in order fulfils.
  readonly #values: number[]

  constructor(values: number[]) {
    this.#values = values
  }

  push(value: number): void {
    let at = this.#values.push(value) - 1
    while (at > 0) {
      const above = (at - 1) >> 1
      if (this.#at(above) <= value) break
      this.#values[at] = this.#at(above)
      at = above
    }
    this.#values[at] = value
  }

  pop(): number | undefined {
    const first = this.#values[0]
    const last = this.#values.pop()
    if (last === undefined || this.#values.length === 0) return first
    let at = 0
    for (let below = 1; below < this.#values.length; below = 2 * at + 1) {
      if (this.#at(below + 1) < this.#at(below)) below++
      if (last <= this.#at(below)) break
      this.#values[at] = this.#at(below)
      at = below
    }
    this.#values[at] = last
    return first
  }

  #at(place: number): number {
    return this.#values[place] ?? Number.POSITIVE_INFINITY
  }
}
