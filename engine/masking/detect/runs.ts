// Runs of base64 (either alphabet) that are long enough to hide a value: found without looking at most bytes, decoded
// one after the other into shared room, and looked at together.
import { base64Values, bytes, not } from './bytes.ts'
import { type Compiled, Scanner } from './scanner.ts'

/** Shorter runs hold nothing that a detector finds. */
const runBytesMin = 24
/** A longer run is looked at in pieces of this size, a multiple of four, so that the letters keep their places. */
const runBytesMax = 4096
/** How much of a piece the next one has again: a value on the border is whole in one of them. */
const overlapBytes = 512
/** Letters whose bytes must be text for a run to be worth decoding: a multiple of four, fewer than a run has. */
const headLetters = 16

const padding = 0x3d
const paddingBytesMax = 2

const printable = bytes(' -~\t\r\n')

/** What a letter stands for; -1 for a byte that is none. */
const letters = new Int32Array(256).fill(-1)
for (const byte of bytes('A-Za-z0-9+/_-').keys())
  if (bytes('A-Za-z0-9+/_-')[byte] === 1) letters[byte] = base64Values[byte] ?? 0

/** Finds runs one after the other. What it finds depends on the bytes alone. */
export class RunFinder {
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

  /** Hands on the runs that end before `limit`, or at it when nothing follows, but for those that are hidden anyway. */
  find(
    view: Uint8Array,
    limit: number,
    final: boolean,
    hidden: (start: number, end: number) => boolean,
    to: DecodedRuns,
  ): void {
    let at = this.#at
    let from = this.#from
    for (;;) {
      if (from < 0) {
        at = seek(view, at, limit)
        if (at + runBytesMin > limit) {
          this.#at = final ? limit : at
          this.#from = -1
          return
        }
        from = at
      }
      const ceiling = Math.min(limit, from + runBytesMax)
      // Where the end of a run was not here before, the rest of it is looked for first.
      const resumed = at > from
      at = resumed ? past(view, at, ceiling) : to.decode(view, from, ceiling)
      if (at - from < runBytesMin) {
        from = -1
        at++
        continue
      }
      let end = at
      while (end < limit && end < at + paddingBytesMax && view[end] === padding) end++
      if (end >= limit && end < at + paddingBytesMax && !final) {
        this.#at = at
        this.#from = from
        return
      }
      if (resumed) to.decode(view, from, at)
      if (to.isText && !hidden(from, end)) to.keep(from, end)
      const goesOn = at < limit && at === from + runBytesMax
      from = goesOn ? at - overlapBytes : -1
      if (goesOn) at = from
    }
  }

  /** The view moved. */
  rebase(drop: number): void {
    this.#at -= drop
    if (this.#from >= 0) this.#from -= drop
  }
}

/** Where the first run begins that is long enough: looks at the last byte of where it would be, then back. */
function seek(view: Uint8Array, from: number, limit: number): number {
  let at = from
  // Everything from `at` to here is letters.
  let seen = from
  for (let end = at + runBytesMin; end <= limit; end = at + runBytesMin) {
    let back = end - 1
    while (back >= seen && (letters[view[back] ?? 0] ?? -1) >= 0) back--
    if (back < seen) return at
    at = back + 1
    seen = end
  }
  return at
}

/** Behind the last letter of a run. */
function past(view: Uint8Array, from: number, limit: number): number {
  let at = from
  while (at < limit && (letters[view[at] ?? 0] ?? -1) >= 0) at++
  return at
}

/** What runs stand for, as far as that is text, and what detectors find in it. */
export class DecodedRuns {
  count = 0
  /** The run that was decoded last stands for text. */
  isText = false
  #text: Uint8Array = new Uint8Array(2 * runBytesMax)
  #length = 0
  /** Behind the text of the run that was decoded last. */
  #end = 0
  /** For each run: where its text ends, where it begins in the view, and where it ends there. */
  #places: Int32Array = new Int32Array(3 * 64)
  readonly #scanners = new WeakMap<Compiled, Scanner>()

  /** Decodes letters up to another byte, and answers where that is. */
  decode(view: Uint8Array, start: number, limit: number): number {
    const needed = this.#length + runBytesMax + spareBytes
    if (needed > this.#text.length) {
      const larger = new Uint8Array(Math.max(this.#text.length * 2, needed))
      larger.set(this.#text)
      this.#text = larger
    }
    const text = this.#text
    let to = this.#length
    let at = start
    let signs = 0
    let strange = 0
    const head = Math.min(limit, start + headLetters)
    for (let stop = head; ; stop = limit) {
      for (; at + 4 <= stop; at += 4) {
        const bits =
          ((letters[view[at] ?? 0] ?? -1) << 18) |
          ((letters[view[at + 1] ?? 0] ?? -1) << 12) |
          ((letters[view[at + 2] ?? 0] ?? -1) << 6) |
          (letters[view[at + 3] ?? 0] ?? -1)
        if (bits < 0) break
        text[to] = bits >> 16
        text[to + 1] = bits >> 8
        text[to + 2] = bits
        to += 3
      }
      if (stop === limit || at < head) break
      for (let index = this.#length; index < to; index++) strange |= notText[text[index] ?? 0] ?? 1
      if (strange !== 0) {
        this.isText = false
        return past(view, at, limit)
      }
    }
    for (let count = 0; at < limit && count < 4; count++, at++) {
      const value = letters[view[at] ?? 0] ?? -1
      if (value < 0) break
      signs = (signs << 6) | value
      if (count === 1) text[to++] = signs >> 4
      if (count === 2) text[to++] = signs >> 2
    }
    this.isText = true
    this.#end = to
    return at
  }

  /** Keeps the run that was decoded last, with its place in the view. */
  keep(start: number, end: number): void {
    // Behind each text: nothing goes on over a line end and a zero.
    this.#text[this.#end] = 0x0a
    this.#text[this.#end + 1] = 0
    this.#length = this.#end + 2
    const places = this.count * 3
    if (places + 3 > this.#places.length) {
      const larger = new Int32Array(this.#places.length * 2)
      larger.set(this.#places)
      this.#places = larger
    }
    this.#places[places] = this.#length
    this.#places[places + 1] = start
    this.#places[places + 2] = end
    this.count++
  }

  /** Tells for every run, by its place in the view, what is found in it; then forgets all runs. */
  scan(compiled: Compiled, found: (start: number, end: number, detector: number) => void): void {
    // Behind the last byte stands the line end that a scan expects.
    this.#text[this.#length] = 0x0a
    this.#find(compiled, found)
    this.count = 0
    this.#length = 0
    if (this.#text.length > keptBytesMax) this.#text = new Uint8Array(2 * runBytesMax)
  }

  #find(compiled: Compiled, found: (start: number, end: number, detector: number) => void): void {
    let scanner = this.#scanners.get(compiled)
    if (scanner === undefined) {
      scanner = new Scanner(compiled)
      this.#scanners.set(compiled, scanner)
    }
    scanner.reset()
    const places = this.#places
    let run = 0
    // Where a value ends that has no known end does not matter: all of the run is masked.
    scanner.scan(this.#text, this.#length, true, (start, _end, detector) => {
      while (run > 0 && (places[run * 3 - 3] ?? 0) > start) run--
      while (run < this.count - 1 && (places[run * 3] ?? 0) <= start) run++
      found(places[run * 3 + 1] ?? 0, places[run * 3 + 2] ?? 0, detector)
      return false
    })
  }
}

/** Room behind the text: for its end and the bytes that a scan may look at. */
const spareBytes = 64
const keptBytesMax = 1024 * 1024
const notText = not(printable)
