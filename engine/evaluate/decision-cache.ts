// Decisions by the input they were made on. The key is what the policy can read of the input, as it lies in memory, so two
// inputs that differ in nothing the policy reads are one. A hash finds an entry, the bytes decide. Of what changes from one
// input to the next, such as a time, the key has what the functions that read it come to, where the module tells.
import type { LinearMemory } from './linear-memory.ts'

/** How many decisions are kept at most. */
const SLOTS = 1_024

/** Where fewer than this many of so many inputs were known, the next ones are not looked for: they differ every time. */
const HITS_MIN = 16
const WINDOW = 512
const PASSED_OVER = 8_192
/** Results that are told apart, so that equal ones are one object. */
const RECENT = 8

/** Built-ins that answer by more than their operands, or do more than answer: a policy that calls one is not cached. */
const impure: ReadonlySet<string> = new Set([
  'rand.intn',
  'uuid.rfc4122',
  'time.now_ns',
  'opa.runtime',
  'http.send',
  'net.lookup_ip_addr',
  'io.jwt.decode_verify',
  'print',
  'internal.print',
  'internal.test_case',
  'trace',
])

/** Whether decisions of a policy that calls these built-ins may be kept. */
export function isCacheable(builtins: readonly string[]): boolean {
  return !builtins.some((name) => impure.has(name))
}

/** What the cache needs of a module. */
export interface CacheExports {
  readonly rego_region_hash: (from: number, to: number) => number
  readonly rego_region_same: (a: number, b: number, length: number) => number
}

interface Entry {
  readonly hash: number
  readonly entrypoint: number
  /** The input's word: all of it where it is no record, or a string that is kept. */
  readonly input: number
  readonly at: number
  readonly length: number
  /** What functions of what changes came to; 0 where the whole input is the key. */
  readonly probed: number
  readonly result: unknown
  /** Fuel that was spent on the result. */
  readonly fuel: number
}

/** Keeps keys in a part of the module's memory that evaluations never touch. When that is full, all is forgotten. */
export class DecisionCache {
  // Exports are slow to ask for.
  readonly #hashOf: CacheExports['rego_region_hash']
  readonly #same: CacheExports['rego_region_same']
  readonly #memory: LinearMemory
  readonly #from: number
  readonly #end: number
  readonly #entries: (Entry | undefined)[] = new Array<Entry | undefined>(SLOTS).fill(undefined)
  #at: number
  #pending: Omit<Entry, 'result' | 'fuel'> | undefined
  #looked = 0
  #hits = 0
  #passOver = 0
  readonly #recent: unknown[] = []
  #oldest = 0

  constructor(exports: CacheExports, memory: LinearMemory, from: number, end: number) {
    this.#hashOf = exports.rego_region_hash
    this.#same = exports.rego_region_same
    this.#memory = memory
    this.#from = from
    this.#end = end
    this.#at = from
  }

  /** Whether it is worth while to look for the next input; where not, `find` is not called for it. */
  looks(): boolean {
    this.#pending = undefined
    if (this.#passOver > 0) {
      this.#passOver--
      return false
    }
    if (++this.#looked > WINDOW) {
      if (this.#hits < HITS_MIN) this.#passOver = PASSED_OVER
      this.#looked = 0
      this.#hits = 0
    }
    return true
  }

  /**
   * The decision on the input that was just written, and on what was `probed` besides; remembers both for `keep` where
   * there is none.
   */
  find(
    entrypoint: number,
    input: number,
    from: number,
    to: number,
    probed: number,
  ): { readonly result: unknown; readonly fuel: number } | undefined {
    const length = (to - from + 7) & ~7
    const hash = (this.#hashOf(from, from + length) ^ entrypoint ^ input ^ (probed << 8)) >>> 0
    const entry = this.#entries[hash % SLOTS]
    if (
      entry !== undefined &&
      entry.hash === hash &&
      entry.entrypoint === entrypoint &&
      entry.input === input &&
      entry.length === length &&
      entry.probed === probed &&
      this.#same(entry.at, from, length) === 1
    ) {
      this.#hits++
      return entry
    }
    if (length > (this.#end - this.#from) >> 3) return undefined
    if (this.#at + length > this.#end) this.clear()
    // Evaluating changes caches in the input's records, so the key is taken before.
    this.#memory.bytes.copyWithin(this.#at, from, from + length)
    this.#pending = { hash, entrypoint, input, at: this.#at, length, probed }
    this.#at += length
    return undefined
  }

  /**
   * Keeps the decision on the input that `find` did not know, and gives what is to be handed out: frozen, and the same
   * object for results that are equal.
   */
  keep(result: unknown, fuel: number): unknown {
    const known = this.#one(result)
    if (this.#pending === undefined) return known
    const { hash, entrypoint, input, at, length, probed } = this.#pending
    this.#entries[hash % SLOTS] = { hash, entrypoint, input, at, length, probed, result: known, fuel }
    this.#pending = undefined
    return known
  }

  #one(result: unknown): unknown {
    if (typeof result !== 'object' || result === null) return result
    for (const one of this.#recent) if (isSame(one, result)) return one
    frozen(result)
    this.#recent[this.#oldest] = result
    this.#oldest = (this.#oldest + 1) % RECENT
    return result
  }

  /** Forgets everything: the addresses of strings mean something else from now on. */
  clear(): void {
    this.#entries.fill(undefined)
    this.#recent.length = 0
    this.#oldest = 0
    this.#pending = undefined
    this.#at = this.#from
  }
}

/** Whether two values of plain data are equal, the order of fields included. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let at = 0; at < a.length; at++) if (!isSame(a[at], b[at])) return false
    return true
  }
  if (Array.isArray(b)) return false
  const names = Object.keys(a)
  const others = Object.keys(b)
  if (names.length !== others.length) return false
  for (let at = 0; at < names.length; at++) {
    const name = names[at] ?? ''
    if (name !== others[at] || !isSame(Reflect.get(a, name), Reflect.get(b, name))) return false
  }
  return true
}

function frozen(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    for (const item of Object.values(value)) frozen(item)
    Object.freeze(value)
  }
  return value
}
