// The compiled kernel of the streaming matcher (assembly/): one instance for each set of detectors, with its memory.
import { readFileSync } from 'node:fs'

/** The places in the kernel's memory (assembly/layout.ts), in bytes. */
const controlAt = 0x10000
const judgedAt = controlAt + 128
const classesAt = 0x12000
const setsAt = 0x12400
const looksAt = 0x14000
const hitsAt = 0x18000
const startsAt = 0x40000
const endsAt = 0x44000
const kindsAt = 0x48000
const constantsAt = 0x4c000
const outAt = 0x50000
const splicesAt = 0x60000
const tableAt = 0x90000

/** Where the bytes stand that are scanned. */
export const windowAt = 0x20000
/** How many bytes a scan holds at most; behind them is room for the line end of a text. */
export const windowBytesMax: number = startsAt - windowAt - 256

/** How many bytes are decoded at most: each two of them may be an escape. */
export const decodedBytesMax: number = 32 * 1024

/** Fewer bytes are copied one by one. */
const handBytesMax = 96

/** How many values are replaced at once. */
const replacedMax = (endsAt - startsAt) / 4
/** How many kinds of values there is room for, and the longest text that stands for one. */
const constantsMax = 512
const constantBytesMax = 16

/** How many looks there is room for. */
const looksMax = (hitsAt - looksAt) / 16
/** How many sets of bytes there is room for. */
const setsMax = (looksAt - setsAt) / 256

/** The words of a scan. */
export const stateWord: number = controlAt >> 2
/** The place behind the last byte taken. */
export const atWord: number = stateWord + 1
/** Groups of triggers that are asked, one bit each. */
export const liveWord: number = stateWord + 2
/** Where the next group is asked again. */
export const againWord: number = stateWord + 3
/** The next look to be asked about the trigger before the place; -1 for none. */
export const askingWord: number = stateWord + 4
/** Where the value of an undecided look begins. */
export const undecidedWord: number = stateWord + 5
/** How many hits there are. */
export const hitsWord: number = stateWord + 6
/** The class of the byte that leads to a state that is not known. */
export const classWord: number = stateWord + 7
/** A value was found whose end is not known. */
export const waitsWord: number = stateWord + 8
/** How many bytes a replacing made. */
const outWord = stateWord + 9
/** Where a run of base64 begins whose end is not here. */
const fromWord = stateWord + 10
/** Where a run begins, of which a look is asked that is not in the kernel. */
export const startWord: number = stateWord + 11
/** Where it ends. */
export const endWord: number = stateWord + 12
/** How many values are marked. */
const marksWord = stateWord + 15
/** Where a value may begin that is marked; one that begins before is a hit. */
const lastWord = stateWord + 16
/** By how much places in the window are higher than those that marks have. */
const shiftWord = stateWord + 17
/** How many escapes were decoded. */
const escapesWord = stateWord + 18
/** For each group of triggers, up to where they are judged. */
export const judgedWord: number = judgedAt >> 2
/** What was found: start, end, look, tail. */
export const hitsFirstWord: number = hitsAt >> 2
/** The automaton's rows. */
const tableWord = tableAt >> 2

/** What ended a scan; assembly/scan.ts has the same numbers. */
export const scanTaken = 0
/** A look needs bytes that are not here. */
export const scanUndecided = 1
/** A value was found that goes on, and everybody was asked about the trigger. */
export const scanWaits = 2
/** The next state is not known. */
export const scanUnknown = 3
/** A look is not in the kernel. */
export const scanElsewhere = 4
/** There is no room for another mark. */
export const scanFull = 5

/** The looks that the kernel has, by their numbers in assembly/scan.ts. */
const kinds = {
  email: 1,
  ipv4: 2,
  ipv6: 3,
  card: 4,
  iban: 5,
  ssn: 6,
  international: 7,
  northAmerican: 8,
  password: 9,
  value: 10,
  userinfo: 11,
  azure: 12,
  jwt: 13,
  pem: 14,
  formed: 15,
} as const

/** The name of a look that the kernel has. */
export type KernelLookName = keyof typeof kinds

/** A prefix, and then bytes of a set. */
export interface KernelForm {
  readonly prefixBytes: number
  readonly set: Uint8Array
  readonly min: number
  /** Something may stand right before the prefix. */
  readonly inside: boolean
  /** The prefix is not part of the value. */
  readonly named: boolean
  /** The value goes on while bytes are in the set. */
  readonly open: boolean
}

interface Exports {
  readonly memory: WebAssembly.Memory
  scan(limit: number, final: number, groupsAt: number): number
  judgeGroup(group: number, until: number): void
  replace(place: number, count: number): number
  decode(size: number, length: number): number
  findRuns(limit: number, final: number): number
  beginRuns(count: number): void
  judgeRuns(initial: number, groupsAt: number): number
  tellRun(begins: number, kind: number): void
}

/** Where marked values go. */
export interface MarkedValues {
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly kinds: Int32Array
  /** Makes room behind the last value for so many; answers where it begins. */
  room(count: number): number
}

/** Values in order, each of a kind. */
export interface Values {
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly kinds: Int32Array
  /** What stands for each value of a kind; undefined where that depends on the value. */
  readonly all: readonly { readonly constant: Uint8Array | undefined }[]
}

let compiled: WebAssembly.Module | undefined

/** An instance. */
export class Kernel {
  readonly #exports: Exports
  bytes: Uint8Array
  words: Int32Array
  /** Who has its text in the window; undefined when that is nobody. */
  holder: object | undefined
  #sets: Uint8Array[] = []
  /** Whose texts are in their places. */
  #constantsOf: Values['all'] = []

  constructor() {
    compiled ??= new WebAssembly.Module(readFileSync(new URL('./kernel.wasm', import.meta.url)))
    const exports: unknown = new WebAssembly.Instance(compiled, {}).exports
    this.#exports = exports as Exports // what a test compiles again from its sources
    this.bytes = new Uint8Array(this.#exports.memory.buffer)
    this.words = new Int32Array(this.#exports.memory.buffer)
  }

  /** The automaton's rows. */
  get table(): Int32Array {
    return this.words.subarray(tableWord)
  }

  /** Makes the room for rows larger. */
  grow(): Int32Array {
    const { memory } = this.#exports
    memory.grow(memory.buffer.byteLength >> 16)
    this.bytes = new Uint8Array(memory.buffer)
    this.words = new Int32Array(memory.buffer)
    return this.table
  }

  /** Tells the class of each byte. */
  classify(classes: Uint8Array): void {
    new Uint16Array(this.bytes.buffer, classesAt, 256).set(Uint16Array.from(classes, (one) => one * 4))
  }

  /** Tells what a look is, and the kind of its marks; one without a name is asked elsewhere. */
  place(look: number, kind: number, name: KernelLookName | undefined, form: KernelForm | undefined): void {
    if (look >= looksMax) throw new RangeError('too many detectors')
    const at = (looksAt >> 2) + look * 4
    this.words[at] = name === undefined ? 0 : kinds[name]
    this.words[at + 1] = kind
    if (form === undefined) return
    const flags = (form.inside ? 1 : 0) | (form.named ? 2 : 0) | (form.open ? 4 : 0)
    this.words[at + 2] = form.prefixBytes | (form.min << 8) | (flags << 16)
    this.words[at + 3] = this.#placeSet(form.set)
  }

  /** Puts a part of a text into the window. */
  hold(text: Uint8Array, start: number, end: number): void {
    const { bytes } = this
    this.holder = undefined
    if (end - start > handBytesMax) bytes.set(text.subarray(start, end), windowAt)
    else for (let at = start, to = windowAt; at < end; at++) bytes[to++] = text[at] ?? 0
  }

  /** Takes bytes of the window up to a place. */
  scan(limit: number, final: boolean, groupsAt: number): number {
    return this.#exports.scan(limit, final ? 1 : 0, groupsAt)
  }

  /** Values that begin at `last` or behind it, a place in the window, are marked; their places are lower by `shift`. */
  markFrom(last: number, shift: number): void {
    this.words[lastWord] = last
    this.words[shiftWord] = shift
  }

  /** How many values are marked. */
  get marked(): number {
    return this.words[marksWord] ?? 0
  }

  /** Hands over the values that are marked. */
  takeMarks(to: MarkedValues): void {
    const count = this.marked
    const { words } = this
    const at = to.room(count)
    to.starts.set(words.subarray(startsAt >> 2, (startsAt >> 2) + count), at)
    to.ends.set(words.subarray(endsAt >> 2, (endsAt >> 2) + count), at)
    to.kinds.set(words.subarray(kindsAt >> 2, (kindsAt >> 2) + count), at)
    words[marksWord] = 0
  }

  /** A look has judged its group. */
  judge(group: number, until: number): void {
    this.#exports.judgeGroup(group, until)
  }

  /**
   * Replaces values in a text by what stands for their kind, and hands on the text up to the last one. `at` is a place in
   * the text, and `place` the same among the values. Stops before a value that cannot be replaced so; answers how many were.
   */
  replace(
    text: Uint8Array,
    at: number,
    place: number,
    values: Values,
    first: number,
    until: number,
    told: (bytes: Uint8Array, start: number, end: number) => void,
  ): number {
    const count = Math.min(until - first, replacedMax)
    const size = (values.ends[first + count - 1] ?? 0) - place
    if (size > windowBytesMax || size < 0) return 0
    if (this.#constantsOf !== values.all) this.#placeConstants(values.all)
    const { bytes, words } = this
    words.set(values.starts.subarray(first, first + count), startsAt >> 2)
    words.set(values.ends.subarray(first, first + count), endsAt >> 2)
    words.set(values.kinds.subarray(first, first + count), kindsAt >> 2)
    this.holder = undefined
    bytes.set(text.subarray(at, at + size), windowAt)
    const replaced = this.#exports.replace(place, count)
    told(bytes, outAt, outAt + (words[outWord] ?? 0))
    return replaced
  }

  /**
   * Decodes the runs of base64 in a part of a text, and goes on where another part ended: `at` and `from` are as `runsAt`
   * and `runsFrom` were, counted from `start`. Answers how many there are.
   */
  findRuns(text: Uint8Array, start: number, end: number, at: number, from: number, final: boolean): number {
    this.hold(text, start, end)
    this.words[atWord] = windowAt + at
    this.words[fromWord] = from < 0 ? -1 : windowAt + from
    return this.#exports.findRuns(windowAt + end - start, final ? 1 : 0)
  }

  /**
   * Decodes escapes in a part of a text, up to one whose end is not in it; answers how many bytes that were. `told` takes
   * what came of them, and for each escape two numbers as a view keeps them; the view has `length` bytes so far.
   */
  decode(
    text: Uint8Array,
    start: number,
    end: number,
    length: number,
    told: (bytes: Uint8Array, splices: Int32Array) => void,
  ): number {
    const { bytes, words } = this
    this.holder = undefined
    bytes.set(text.subarray(start, end), windowAt)
    const taken = this.#exports.decode(end - start, length)
    const splices = splicesAt >> 2
    told(
      bytes.subarray(outAt, outAt + (words[outWord] ?? 0)),
      words.subarray(splices, splices + (words[escapesWord] ?? 0) * 2),
    )
    return taken
  }

  /** How far the runs are found. */
  get runsAt(): number {
    return (this.words[atWord] ?? 0) - windowAt
  }

  /** Where the run begins whose end is not here; less than nothing without one. */
  get runsFrom(): number {
    const from = this.words[fromWord] ?? 0
    return from < 0 ? -1 : from - windowAt
  }

  /**
   * Puts into the window what the runs stand for that were found last. `judgeRuns` marks those in which values are: a
   * run's place in the window, lower by `shift`, and its look's kind, higher by one.
   */
  beginRuns(count: number, shift: number): void {
    this.markFrom(0, shift)
    this.#exports.beginRuns(count)
  }

  /** Goes on until all runs are judged, a state is not known, a look is not in the kernel, or no room is left for marks. */
  judgeRuns(initial: number, groupsAt: number): number {
    return this.#exports.judgeRuns(initial, groupsAt)
  }

  /** A look that is not in the kernel has found a value that begins at a place in the window. */
  tellRun(begins: number, kind: number): void {
    this.#exports.tellRun(begins, kind)
  }

  #placeConstants(all: Values['all']): void {
    for (let kind = 0; kind < Math.min(all.length, constantsMax); kind++) {
      const at = constantsAt + kind * 32
      const constant = all[kind]?.constant
      const fits = constant !== undefined && constant.length <= constantBytesMax
      this.words[at >> 2] = fits ? constant.length : -1
      if (fits) this.bytes.set(constant, at + 16)
    }
    this.#constantsOf = all
  }

  #placeSet(set: Uint8Array): number {
    let which = this.#sets.findIndex((other) => Buffer.compare(other, set) === 0)
    if (which < 0) which = this.#sets.push(set) - 1
    if (which >= setsMax) throw new RangeError('too many sets of bytes')
    this.bytes.set(set, setsAt + which * 256)
    return setsAt + which * 256
  }
}
