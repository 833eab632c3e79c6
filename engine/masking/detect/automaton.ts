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

/** Where rows are kept. */
export interface Rows {
  readonly table: Int32Array
  /** Makes the room larger; what was in it stays. */
  grow(): Int32Array
}

/** Runs all triggers at once. */
export class Automaton {
  /** The class of each byte: bytes that no pattern tells apart share one. */
  readonly classes: Uint8Array = new Uint8Array(256)
  /**
   * The rows of the states, and lists. A state is where its row begins, in bytes. A row has for each class the next
   * state, `unknownState`, or `-2 - state` where a trigger has matched; then the groups of the triggers that have matched
   * in the state, one bit each; the number of the state; and where the list of its owners begins, their count first, and
   * then each with its group.
   */
  table: Int32Array
  /** Behind the last class. */
  readonly groupsAt: number
  /** Counts how often all states were forgotten: numbers of states from before mean nothing. */
  epoch = 0
  readonly #stride: number
  readonly #rows: Rows
  #used = 0
  #lists = new Map<string, number>()
  readonly #positions: Position[] = []
  readonly #owners = new Map<number, number>()
  readonly #groupsOf = new Map<number, number>()
  readonly #representatives: number[] = []
  readonly #roots: readonly number[]
  #sets: (readonly number[])[] = []
  #states: number[] = []
  #accepted: (readonly number[])[] = []
  #ids = new Map<string, number>()

  /** `owner` is what `matched` answers for a pattern; `group` is its bit in `groups`. */
  constructor(
    triggers: readonly { readonly pattern: Pattern | Positions; readonly owner: number; readonly group: number }[],
    rows: Rows = new PlainRows(),
  ) {
    this.#rows = rows
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
    this.#stride = (this.groupsAt + 3) | 1
    this.#roots = this.#close(roots)
    this.table = rows.table
    this.#stateOf(this.#roots)
  }

  /** The state at the beginning of a text: as behind the end of a line. */
  get initial(): number {
    const known = this.table[this.classes[0x0a] ?? 0] ?? unknownState
    return known >= 0 ? known : this.learn(0, this.classes[0x0a] ?? 0)
  }

  /** The owners of the triggers that have matched in a state, ascending. */
  matched(state: number): readonly number[] {
    return this.#accepted[this.#numberOf(state)] ?? []
  }

  #numberOf(state: number): number {
    return this.table[(state >> 2) + this.groupsAt + 1] ?? 0
  }

  /** Works out the entry of `table` for a state and a byte's class, and answers the next state (never coded). */
  learn(state: number, byteClass: number): number {
    const byte = this.#representatives[byteClass] ?? 0
    const next = new Set<number>(this.#roots)
    for (const at of this.#sets[this.#numberOf(state)] ?? []) {
      const position = this.#positions[at]
      if (position === undefined || position.set[byte] !== 1) continue
      if (position.next === undefined) next.add(at + 1)
      else for (const one of position.next) next.add(one)
      if (position.loops) next.add(at)
    }
    const { epoch } = this
    const target = this.#stateOf(this.#close([...next]))
    // Everything was forgotten on the way: the old state is no longer in the table.
    if (this.epoch === epoch)
      this.table[(state >> 2) + byteClass] = this.matched(target).length > 0 ? -2 - target : target
    return target
  }

  /** Whether there are at most so many states, whatever the bytes. Makes them all. */
  isWithin(count: number): boolean {
    for (let state = 0; state < this.#states.length; state++) {
      if (this.#sets.length > count) return false
      const at = this.#states[state] ?? 0
      for (let byteClass = 0; byteClass < this.#representatives.length; byteClass++)
        if (this.table[(at >> 2) + byteClass] === unknownState) this.learn(at, byteClass)
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
    return this.#sets[this.#numberOf(state)] ?? this.#roots
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
      this.#states = []
      this.#accepted = []
      this.#ids = new Map()
      this.#lists = new Map()
      this.#used = 0
      this.epoch++
      this.#stateOf(this.#roots)
      return this.#stateOf(set)
    }
    const index = this.#sets.length
    this.#sets.push(set)
    const owners = [...new Set(set.flatMap((at) => this.#owners.get(at) ?? []))].sort((a, b) => a - b)
    this.#accepted.push(owners)
    // The first row is at the beginning, so that state 0 is the roots.
    const row = this.#take(this.#stride)
    const list = this.#listOf(owners)
    const state = row * 4
    this.#states.push(state)
    this.#ids.set(key, state)
    this.table.fill(unknownState, row, row + this.groupsAt)
    this.table[row + this.groupsAt] = owners.reduce((groups, owner) => groups | (this.#groupsOf.get(owner) ?? 0), 0)
    this.table[row + this.groupsAt + 1] = index
    this.table[row + this.groupsAt + 2] = list
    return state
  }

  /** Where a list of owners begins, in bytes. */
  #listOf(owners: readonly number[]): number {
    const key = owners.join()
    const known = this.#lists.get(key)
    if (known !== undefined) return known
    const list = [owners.length, ...owners.flatMap((owner) => [owner, this.#groupsOf.get(owner) ?? 0])]
    const at = this.#take(list.length)
    this.table.set(list, at)
    this.#lists.set(key, at * 4)
    return at * 4
  }

  /** Room for numbers. */
  #take(count: number): number {
    const at = this.#used
    this.#used += count
    while (this.#used > this.table.length) this.table = this.#rows.grow()
    return at
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

/** Rows in an array of their own. */
class PlainRows implements Rows {
  table: Int32Array = new Int32Array(4096)

  grow(): Int32Array {
    const larger = new Int32Array(this.table.length * 2)
    larger.set(this.table)
    this.table = larger
    return larger
  }
}
