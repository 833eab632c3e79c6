// Runs of base64 (either alphabet) that are long enough to hide a value, found without looking at most bytes.
import { bytes } from './bytes.ts'

/** Shorter runs hold nothing that a detector finds. */
const runBytesMin = 24
/** A longer run is looked at in pieces of this size, a multiple of four, so that the letters keep their places. */
export const runBytesMax = 4096
/** How much of a piece the next one has again: a value on the border is whole in one of them. */
const overlapBytes = 512
/** Bytes that must be text for a run to be worth decoding. */
const textBytes = 12

const padding = 0x3d
const paddingBytesMax = 2

const alphabet = bytes('A-Za-z0-9+/_-')
const printable = bytes(' -~\t\r\n')

/** A run, or a piece of one, by its place in the view. */
export interface Run {
  readonly start: number
  readonly end: number
}

/** Finds runs one after the other. What it finds depends on the bytes alone. */
export class RunFinder {
  #at = 0
  /** Where the run that is being followed began; -1 between runs. */
  #start = -1

  /** Bytes before this one are not needed any more. */
  get needed(): number {
    return this.#start < 0 ? this.#at : this.#start
  }

  /** True while a run is followed whose end is not known. */
  get following(): boolean {
    return this.#start >= 0
  }

  /** The next run that ends before `limit`, or at it when nothing follows. */
  next(view: Uint8Array, limit: number, final: boolean): Run | undefined {
    for (;;) {
      if (this.#start < 0 && !this.#seek(view, limit, final)) return undefined
      let at = this.#at
      const stop = Math.min(limit, this.#start + runBytesMax)
      while (at < stop && alphabet[view[at] ?? 0] === 1) at++
      this.#at = at
      let end = at
      while (end < limit && end < at + paddingBytesMax && view[end] === padding) end++
      if (end >= limit && end < at + paddingBytesMax && !final) return undefined
      const found = { start: this.#start, end }
      const goesOn = at < limit && at === this.#start + runBytesMax
      this.#start = goesOn ? at - overlapBytes : -1
      return found
    }
  }

  /** The view moved. */
  rebase(drop: number): void {
    this.#at -= drop
    if (this.#start >= 0) this.#start -= drop
  }

  /** Moves to the first byte of a run that is long enough: looks at the last byte of where it would be, then back. */
  #seek(view: Uint8Array, limit: number, final: boolean): boolean {
    let at = this.#at
    while (at + runBytesMin <= limit) {
      let back = at + runBytesMin - 1
      while (back >= at && alphabet[view[back] ?? 0] === 1) back--
      if (back < at) {
        this.#start = at
        this.#at = at + runBytesMin
        return true
      }
      at = back + 1
    }
    this.#at = final ? limit : at
    return false
  }
}

/** What a run stands for, when that is text; undefined otherwise. */
export function decodedRun(view: Uint8Array, { start, end }: Run): Buffer | undefined {
  const encoded = Buffer.from(view.subarray(start, end)).toString('latin1')
  const head = Buffer.from(encoded.slice(0, textBytes * 2), 'base64')
  for (let at = 0; at < textBytes; at++) if (printable[head[at] ?? 0] !== 1) return undefined
  return Buffer.from(encoded, 'base64')
}
