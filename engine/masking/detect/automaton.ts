// One deterministic automaton for the triggers of all detectors, found anywhere in the bytes. States are made when first
// reached, so that starting is cheap and rare combinations cost nothing.
import type { Positions } from './expression.ts'
import type { Pattern } from './pattern.ts'

/** Not yet known; see `table`. */
export const unknownState = -1

/** States kept before all but the current one are forgotten. What inputs reach stays far below. */
export const statesMax = 16_384

interface Position {
  readonly set: Uint8Array
  /** Where it leads; the next position where left out. */
  readonly next?: readonly number[]
  readonly optional: boolean
  readonly loops: boolean
}

/** Runs all triggers at once. */
export class Automaton {
  /** The class of each byte: bytes that no pattern tells apart share one. */
  readonly classes: Uint8Array = new Uint8Array(256)
  /**
   * Entry `state + class`: the next state, `unknownState`, or `-2 - state` where a trigger has matched. Entry
   * `state + groupsAt`: the groups of the triggers that have matched in the state, one bit each; behind it, the number
   * of the state.
   */
  table: Int32Array
  /** Behind the last class. */
  readonly groupsAt: number
  /** Counts how often all states were forgotten: numbers of states from before mean nothing. */
  epoch = 0
  readonly #stride: number
  readonly #positions: Position[] = []
  readonly #owners = new Map<number, number>()
  readonly #groupsOf = new Map<number, number>()
  readonly #representatives: number[] = []
  readonly #roots: readonly number[]
  #sets: (readonly number[])[] = []
  #accepted: (readonly number[])[] = []
  #ids = new Map<string, number>()

  /** `owner` is what `matched` answers for a pattern; `group` is its bit in `groups`. */
  constructor(
    triggers: readonly { readonly pattern: Pattern | Positions; readonly owner: number; readonly group: number }[],
  ) {
    const roots: number[] = []
    for (const { pattern, owner, group } of triggers) {
      this.#groupsOf.set(owner, group)
      if ('follow' in pattern) {
        roots.push(...this.#place(pattern, owner))
        continue
      }
      roots.push(this.#positions.length)
      for (const { set, min, max } of pattern) {
        const copies = max === Number.POSITIVE_INFINITY ? Math.max(min, 1) : max
        for (let copy = 0; copy < copies; copy++)
          this.#positions.push({
            set,
            optional: copy >= min,
            loops: max === Number.POSITIVE_INFINITY && copy === copies - 1,
          })
      }
      // The place behind the last element: no byte leads on from it.
      this.#owners.set(this.#positions.length, owner)
      this.#positions.push({ set: new Uint8Array(256), optional: false, loops: false })
    }
    this.#classify()
    this.groupsAt = this.#representatives.length
    // An odd number: rows a power of two apart would want the same few lines of the processor's cache.
    this.#stride = (this.groupsAt + 2) | 1
    this.#roots = this.#close(roots)
    this.table = new Int32Array(64 * this.#stride).fill(unknownState)
    this.#stateOf(this.#roots)
  }

  /** The state at the beginning of a text: as behind the end of a line. */
  get initial(): number {
    const known = this.table[this.classes[0x0a] ?? 0] ?? unknownState
    return known >= 0 ? known : this.learn(0, this.classes[0x0a] ?? 0)
  }

  /** The owners of the triggers that have matched in a state, ascending. */
  matched(state: number): readonly number[] {
    return this.#accepted[this.table[state + this.groupsAt + 1] ?? 0] ?? []
  }

  /** Works out the entry of `table` for a state and a byte's class, and answers the next state (never coded). */
  learn(state: number, byteClass: number): number {
    const byte = this.#representatives[byteClass] ?? 0
    const next = new Set<number>(this.#roots)
    for (const at of this.#sets[state / this.#stride] ?? []) {
      const position = this.#positions[at]
      if (position === undefined || position.set[byte] !== 1) continue
      if (position.next === undefined) next.add(at + 1)
      else for (const one of position.next) next.add(one)
      if (position.loops) next.add(at)
    }
    const before = this.#sets.length
    const target = this.#stateOf(this.#close([...next]))
    // Everything was forgotten on the way: the old state is no longer in the table.
    if (this.#sets.length >= before)
      this.table[state + byteClass] = this.matched(target).length > 0 ? -2 - target : target
    return target
  }

  /** Whether there are at most so many states, whatever the bytes. Makes them all. */
  isWithin(count: number): boolean {
    for (let state = 0; state < this.#sets.length; state++) {
      if (this.#sets.length > count) return false
      for (let byteClass = 0; byteClass < this.#representatives.length; byteClass++)
        if (this.table[state * this.#stride + byteClass] === unknownState) this.learn(state * this.#stride, byteClass)
    }
    return this.#sets.length <= count
  }

  /** Adds the positions of an expression; answers the first ones. */
  #place({ sets, follow, first, last }: Positions, owner: number): readonly number[] {
    const base = this.#positions.length
    const end = base + sets.length
    for (const [at, set] of sets.entries()) {
      const next = (follow[at] ?? []).map((one) => base + one)
      this.#positions.push({ set, optional: false, loops: false, next: last.includes(at) ? [...next, end] : next })
    }
    this.#owners.set(end, owner)
    this.#positions.push({ set: new Uint8Array(256), optional: false, loops: false })
    return first.map((one) => base + one)
  }

  /** What a state stands for: `resume` finds it again when the states were forgotten meanwhile. */
  meaning(state: number): readonly number[] {
    return this.#sets[state / this.#stride] ?? this.#roots
  }

  /** The state of a meaning. */
  resume(meaning: readonly number[]): number {
    return this.#stateOf(meaning)
  }

  #close(positions: readonly number[]): readonly number[] {
    const closed = new Set(positions)
    for (const at of closed) if (this.#positions[at]?.optional === true) closed.add(at + 1)
    return [...closed].sort((a, b) => a - b)
  }

  #stateOf(set: readonly number[]): number {
    const key = set.join()
    const known = this.#ids.get(key)
    if (known !== undefined) return known
    if (this.#sets.length >= statesMax) {
      this.#sets = []
      this.#accepted = []
      this.#ids = new Map()
      this.epoch++
      this.table.fill(unknownState)
      this.#stateOf(this.#roots)
      return this.#stateOf(set)
    }
    const index = this.#sets.length
    this.#sets.push(set)
    const owners = new Set(set.flatMap((at) => this.#owners.get(at) ?? []))
    this.#accepted.push([...owners].sort((a, b) => a - b))
    const state = index * this.#stride
    this.#ids.set(key, state)
    if (state + this.#stride > this.table.length) this.table = grown(this.table)
    this.table[state + this.groupsAt + 1] = index
    this.table[state + this.groupsAt] = [...owners].reduce(
      (groups, owner) => groups | (this.#groupsOf.get(owner) ?? 0),
      0,
    )
    return state
  }

  #classify(): void {
    const sets = [...new Set(this.#positions.map(({ set }) => set))]
    const seen = new Map<string, number>()
    for (let byte = 0; byte < 256; byte++) {
      const signature = sets.map((set) => set[byte]).join('')
      let known = seen.get(signature)
      if (known === undefined) {
        known = seen.size
        seen.set(signature, known)
        this.#representatives.push(byte)
      }
      this.classes[byte] = known
    }
  }
}

function grown(from: Int32Array): Int32Array {
  const larger = new Int32Array(from.length * 2).fill(unknownState)
  larger.set(from)
  return larger
}
