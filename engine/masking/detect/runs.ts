// Runs of base64 (either alphabet) that are long enough to hide a value: found without looking at most bytes, decoded
// one after the other into shared room, and looked at together.
import { base64Values, bytes } from './bytes.ts'
import { type Compiled, Scanner } from './scanner.ts'

/** Shorter runs hold nothing that a detector finds. */
const runBytesMin = 24
/** A longer run is looked at in pieces of this size, a multiple of four, so that the letters keep their places. */
export const runBytesMax = 4096
/** How much of a piece the next one has again: a value on the border is whole in one of them. */
const overlapBytes = 512
/** Bytes that must be text for a run to be worth decoding, a multiple of three. */
const textBytes = 12

const padding = 0x3d
const paddingBytesMax = 2

const alphabet = bytes('A-Za-z0-9+/_-')
const printable = bytes(' -~\t\r\n')

/** Finds runs one after the other. What it finds depends on the bytes alone. */
export class RunFinder {
  /** Where the run that was found last begins and ends. */
  start = 0
  end = 0
  #at = 0
  /** Where the run that is being followed began; -1 between runs. */
  #from = -1

  /** Bytes before this one are not needed any more. */
  get needed(): number {
    return this.#from < 0 ? this.#at : this.#from
  }

  /** True while a run is followed whose end is not known. */
  get following(): boolean {
    return this.#from >= 0
  }

  /** Finds the next run that ends before `limit`, or at it when nothing follows. */
  next(view: Uint8Array, limit: number, final: boolean): boolean {
    if (this.#from < 0 && !this.#seek(view, limit, final)) return false
    let at = this.#at
    const stop = Math.min(limit, this.#from + runBytesMax)
    while (at < stop && alphabet[view[at] ?? 0] === 1) at++
    this.#at = at
    let end = at
    while (end < limit && end < at + paddingBytesMax && view[end] === padding) end++
    if (end >= limit && end < at + paddingBytesMax && !final) return false
    this.start = this.#from
    this.end = end
    const goesOn = at < limit && at === this.#from + runBytesMax
    this.#from = goesOn ? at - overlapBytes : -1
    return true
  }

  /** The view moved. */
  rebase(drop: number): void {
    this.#at -= drop
    if (this.#from >= 0) this.#from -= drop
  }

  /** Moves to the first byte of a run that is long enough: looks at the last byte of where it would be, then back. */
  #seek(view: Uint8Array, limit: number, final: boolean): boolean {
    let at = this.#at
    while (at + runBytesMin <= limit) {
      let back = at + runBytesMin - 1
      while (back >= at && alphabet[view[back] ?? 0] === 1) back--
      if (back < at) {
        this.#from = at
        this.#at = at + runBytesMin
        return true
      }
      at = back + 1
    }
    this.#at = final ? limit : at
    return false
  }
}

/** What runs stand for, as far as that is text, and what detectors find in it. */
export class DecodedRuns {
  count = 0
  #text: Uint8Array = new Uint8Array(runBytesMax)
  #length = 0
  /** For each run: where its text ends, where it begins in the view, and where it ends there. */
  #places: Int32Array = new Int32Array(3 * 64)
  readonly #scanners = new WeakMap<Compiled, Scanner>()

  /** Decodes a run; it is forgotten at once when it stands for no text. */
  add(view: Uint8Array, start: number, end: number): void {
    // Behind each text: nothing goes on over a line end and a zero.
    const needed = this.#length + Math.ceil((end - start) / 4) * 3 + separatorBytes + 64
    if (needed > this.#text.length) this.#text = grown(this.#text, needed)
    const to = decode(view, start, end, this.#text, this.#length)
    if (to < 0) return
    this.#text[to] = 0x0a
    this.#text[to + 1] = 0
    this.#length = to + separatorBytes
    if (this.count * 3 + 3 > this.#places.length) {
      const larger = new Int32Array(this.#places.length * 2)
      larger.set(this.#places)
      this.#places = larger
    }
    this.#places[this.count * 3] = this.#length
    this.#places[this.count * 3 + 1] = start
    this.#places[this.count * 3 + 2] = end
    this.count++
  }

  /** Tells for every run, by its place in the view, what is found in it; then forgets all runs. */
  scan(compiled: Compiled, found: (start: number, end: number, detector: number) => void): void {
    let scanner = this.#scanners.get(compiled)
    if (scanner === undefined) {
      scanner = new Scanner(compiled)
      this.#scanners.set(compiled, scanner)
    }
    scanner.reset()
    // The line end that a scan expects behind the last byte.
    this.#text[this.#length] = 0x0a
    const places = this.#places
    let run = 0
    // Where a value ends that has no known end does not matter: all of the run is masked.
    scanner.scan(this.#text, this.#length, true, ({ start }, { detector }) => {
      while (run > 0 && (places[run * 3 - 3] ?? 0) > start) run--
      while (run < this.count - 1 && (places[run * 3] ?? 0) <= start) run++
      found(places[run * 3 + 1] ?? 0, places[run * 3 + 2] ?? 0, detector)
      return false
    })
    this.count = 0
    this.#length = 0
    if (this.#text.length > keptBytesMax) this.#text = new Uint8Array(runBytesMax)
  }
}

const separatorBytes = 2
const keptBytesMax = 1024 * 1024

/** Decodes a run behind what is there already; answers where its text ends, or -1 when it is none. */
function decode(view: Uint8Array, start: number, end: number, text: Uint8Array, from: number): number {
  let to = from
  let at = start
  const head = from + textBytes
  for (; at + 4 <= end; at += 4) {
    const bits =
      ((base64Values[view[at] ?? 0] ?? 0) << 18) |
      ((base64Values[view[at + 1] ?? 0] ?? 0) << 12) |
      ((base64Values[view[at + 2] ?? 0] ?? 0) << 6) |
      (base64Values[view[at + 3] ?? 0] ?? 0)
    text[to] = bits >> 16
    text[to + 1] = bits >> 8
    text[to + 2] = bits
    to += 3
    if (to === head && !isText(text, from, to)) return -1
  }
  if (at < end) {
    let bits = 0
    for (let index = at; index < at + 4; index++)
      bits = (bits << 6) | (index < end ? (base64Values[view[index] ?? 0] ?? 0) : 0)
    text[to] = bits >> 16
    text[to + 1] = bits >> 8
    to += Math.floor(((end - at) * 3) / 4)
  }
  for (let index = end - 1; view[index] === padding && index >= end - paddingBytesMax; index--) to--
  return to
}

function isText(text: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (printable[text[at] ?? 0] !== 1) return false
  return true
}

function grown(from: Uint8Array, needed: number): Uint8Array {
  const larger = new Uint8Array(Math.max(from.length * 2, needed))
  larger.set(from)
  return larger
}
