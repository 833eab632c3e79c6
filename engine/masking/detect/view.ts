// The text as detectors see it: terminal colour sequences left out, and one level of URL and JSON escapes decoded.
// Remembers which raw bytes each byte of it came from, so that what is not masked goes out as it came in.
import { decodedBytesMax, type Kernel, windowBytesMax } from '../kernel/kernel.ts'
import type { Marks } from './marks.ts'
import type { Output } from './output.ts'

/** Longest terminal sequence that is left out; a longer one is text. */
export const terminalSequenceBytesMax = 32

/** Room at first: many maskers see one short value only. */
const firstBytes = 512

/** Room behind the last byte, for the line end that stands there when no more will come. */
const spareBytes = 64

/** So many values are replaced by the kernel: the text is copied there. */
const manyMarks = 32

/** Bytes that are looked at one by one before the engine's own search is asked. */
const nearBytes = 24

/** After so many escapes that stand near each other the kernel decodes what follows. */
const manyEscapes = 8

const escapeByte = 0x1b
const percent = 0x25
const backslash = 0x5c

/** The retained part of a stream, raw and decoded. */
export class View {
  bytes: Uint8Array = new Uint8Array(firstBytes)
  length = 0
  #raw: Uint8Array = new Uint8Array(firstBytes)
  #rawLength = 0
  /** Where the view and the raw bytes differ, in pairs: the index in the view; raw bytes twice, and 1 for an escape. */
  #splices: Int32Array = new Int32Array(32)
  /** Where the next splice goes. */
  #splicesEnd = 0
  /** Splices before this one lie in what went out. */
  #passed = 0
  /** Raw bytes at the end that may be the beginning of an escape. */
  #undecided: Uint8Array = none
  /** What went out already: an index of the view, and the raw index that belongs to it. */
  #out = 0
  #outRaw = 0

  /** Bytes of the view that went out. */
  get out(): number {
    return this.#out
  }

  /** Raw bytes that came in and did not go out. */
  get held(): number {
    return this.#rawLength - this.#outRaw + this.#undecided.length
  }

  /** Forgets everything, and keeps the memory. */
  clear(): void {
    this.length = 0
    this.#rawLength = 0
    this.#splicesEnd = 0
    this.#passed = 0
    this.#undecided = none
    this.#out = 0
    this.#outRaw = 0
  }

  /** Adds a chunk; with `final`, what looks like the beginning of an escape is text. */
  append(chunk: Uint8Array, final: boolean, kernel: Kernel): void {
    const added = this.#undecided.length === 0 ? chunk : Buffer.concat([this.#undecided, chunk])
    this.#undecided = none
    this.#raw = room(this.#raw, this.#rawLength, added.length)
    this.bytes = room(this.bytes, this.length, added.length + spareBytes)
    const bytes = this.bytes
    const count = added.length
    const search = new Search(added)
    let length = this.length
    let at = 0
    let escapes = 0
    while (at < count) {
      const near = Math.min(count, at + nearBytes)
      let byte = 0
      while (at < near) {
        byte = added[at] ?? 0
        if (special[byte] === 1) break
        bytes[length++] = byte
        at++
      }
      if (at >= count) break
      if (at === near) {
        const next = search.from(at)
        bytes.set(added.subarray(at, next), length)
        length += next - at
        at = next
        if (at >= count) break
        byte = added[at] ?? 0
        escapes = 0
      }
      if (++escapes > manyEscapes) {
        escapes = 0
        this.length = length
        at += kernel.decode(added, at, Math.min(count, at + decodedBytesMax), length, this.#take)
        length = this.length
        continue
      }
      const size = escapeSize(added, at, byte, final)
      if (size === 0) {
        this.#undecided = Uint8Array.from(added.subarray(at))
        break
      }
      if (size === 1) bytes[length++] = byte
      else if (byte === escapeByte) this.#splice(length, size * 2)
      else {
        this.#splice(length, size * 2 + 1)
        bytes[length++] = decoded(added, at, size)
      }
      at += size
    }
    this.length = length
    this.#raw.set(at === count ? added : added.subarray(0, at), this.#rawLength)
    this.#rawLength += at
  }

  /** Adds what the kernel has decoded. */
  readonly #take = (bytes: Uint8Array, splices: Int32Array): void => {
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
    while (this.#splicesEnd + splices.length > this.#splices.length) this.#growSplices()
    this.#splices.set(splices, this.#splicesEnd)
    this.#splicesEnd += splices.length
  }

  /** Sends the raw bytes of the view up to an index. */
  send(until: number, to: Output): void {
    const raw = this.#advance(until, undefined)
    to.append(this.#raw, this.#outRaw, raw)
    this.#outRaw = raw
  }

  /** Sends other bytes instead of the view up to an index; terminal sequences inside go out behind them. */
  replace(until: number, by: Uint8Array, to: Output): void {
    to.append(by, 0, by.length)
    this.#outRaw = this.#advance(until, to)
  }

  /** Sends the view up to `start`, and then other bytes instead of what stands up to `end`. */
  sendReplaced(start: number, end: number, by: Uint8Array, to: Output): void {
    if (this.#passed < this.#splicesEnd) {
      this.send(start, to)
      this.replace(end, by, to)
      return
    }
    const raw = this.#outRaw
    const out = this.#out
    to.appendBoth(this.#raw, raw, raw + start - out, by)
    this.#outRaw = raw + end - out
    this.#out = end
  }

  /** Sends marked values and what stands before them, up to one whose mask depends on it; answers how many. */
  sendMarked(marks: Marks, from: number, until: number, kernel: Kernel, to: Output): number {
    if (this.#passed < this.#splicesEnd) return this.#sendSpliced(marks, from, until, kernel, to)
    const shift = this.#outRaw - this.#out
    const sent =
      until - from < manyMarks
        ? to.appendMarked(this.#raw, this.#out, shift, marks, from, until)
        : kernel.replace(this.#raw, this.#outRaw, this.#out, marks, from, until, to.append)
    if (sent === 0) return 0
    this.#out = marks.ends[from + sent - 1] ?? 0
    this.#outRaw = this.#out + shift
    return sent
  }

  /** The same where escapes stand: the marks' places among the raw bytes first. Stops before one with a terminal sequence. */
  #sendSpliced(marks: Marks, from: number, until: number, kernel: Kernel, to: Output): number {
    const { starts, ends, kinds, passed } = rawMarks
    const splices = this.#splices
    const splicesEnd = this.#splicesEnd
    const most = Math.min(until - from, starts.length)
    let splice = this.#passed
    let shift = this.#outRaw - this.#out
    let count = 0
    for (; count < most; count++) {
      const start = marks.starts[from + count] ?? 0
      const end = marks.ends[from + count] ?? 0
      let next = splice < splicesEnd ? (splices[splice] ?? 0) : far
      while (next < start) {
        const code = splices[splice + 1] ?? 0
        shift += (code >> 1) - (code & 1)
        splice += 2
        next = splice < splicesEnd ? (splices[splice] ?? 0) : far
      }
      starts[count] = start + shift
      let isPlain = true
      while (next < end && isPlain) {
        const code = splices[splice + 1] ?? 0
        isPlain = (code & 1) === 1
        shift += (code >> 1) - 1
        splice += 2
        next = splice < splicesEnd ? (splices[splice] ?? 0) : far
      }
      if (!isPlain || end + shift - this.#outRaw > windowBytesMax) break
      ends[count] = end + shift
      kinds[count] = marks.kinds[from + count] ?? 0
      passed[count] = splice
    }
    if (count === 0) return 0
    const values = { starts, ends, kinds, all: marks.all }
    const sent =
      count < manyMarks
        ? to.appendMarked(this.#raw, this.#outRaw, 0, values, 0, count)
        : kernel.replace(this.#raw, this.#outRaw, this.#outRaw, values, 0, count, to.append)
    if (sent === 0) return 0
    this.#out = marks.ends[from + sent - 1] ?? 0
    this.#outRaw = ends[sent - 1] ?? 0
    this.#passed = passed[sent - 1] ?? 0
    return sent
  }

  /** Sends what is left undecided and everything else. */
  sendAll(to: Output): void {
    to.append(this.#raw, this.#outRaw, this.#rawLength)
    this.#outRaw = this.#rawLength
    this.#out = this.length
    this.#passed = this.#splicesEnd
  }

  /** Forgets what went out but for the last `keep` bytes of the view; answers by how much indexes moved. */
  forget(keep: number): number {
    const drop = this.#out - keep
    if (drop <= 0) return 0
    this.bytes.copyWithin(0, drop, this.length)
    this.length -= drop
    this.#out -= drop
    this.#raw.copyWithin(0, this.#outRaw, this.#rawLength)
    this.#rawLength -= this.#outRaw
    this.#outRaw = 0
    const splices = this.#splices
    splices.copyWithin(0, this.#passed, this.#splicesEnd)
    this.#splicesEnd -= this.#passed
    this.#passed = 0
    for (let at = 0; at < this.#splicesEnd; at += 2) splices[at] = (splices[at] ?? 0) - drop
    return drop
  }

  #splice(at: number, code: number): void {
    if (this.#splicesEnd + 2 > this.#splices.length) this.#growSplices()
    this.#splices[this.#splicesEnd] = at
    this.#splices[this.#splicesEnd + 1] = code
    this.#splicesEnd += 2
  }

  #growSplices(): void {
    const larger = new Int32Array(this.#splices.length * 2)
    larger.set(this.#splices)
    this.#splices = larger
  }

  /** Moves `#out` to an index and answers the raw index there. Splices passed over are forgotten. */
  #advance(until: number, terminal: Output | undefined): number {
    const splices = this.#splices
    const end = this.#splicesEnd
    let passed = this.#passed
    let raw = this.#outRaw
    let at = this.#out
    // A terminal sequence at the very end belongs to what follows; before replaced text it has gone out by then.
    for (let next = 0; passed < end; passed += 2) {
      next = splices[passed] ?? 0
      if (next >= until) break
      const code = splices[passed + 1] ?? 0
      raw += next - at
      const size = code >> 1
      if (terminal !== undefined && (code & 1) === 0) terminal.append(this.#raw, raw, raw + size)
      raw += size
      at = next + (code & 1)
    }
    this.#passed = passed
    this.#out = until
    return raw + until - at
  }
}

const none = new Uint8Array(0)

/** Behind all bytes of a view. */
const far = 0x3fffffff

/** So many marks are placed among the raw bytes at once. */
const rawMarksMax = 2048

/** Where marks stand among the raw bytes, and which splices lie before the end of each. Shared: work is done without a pause. */
const rawMarks = {
  starts: new Int32Array(rawMarksMax),
  ends: new Int32Array(rawMarksMax),
  kinds: new Int32Array(rawMarksMax),
  passed: new Int32Array(rawMarksMax),
}

/** Where the next byte is that may begin an escape; each kind is searched for once. */
class Search {
  readonly #bytes: Uint8Array
  #escape = -1
  #percent = -1
  #backslash = -1

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  from(at: number): number {
    if (this.#escape < at) this.#escape = find(this.#bytes, escapeByte, at)
    if (this.#percent < at) this.#percent = find(this.#bytes, percent, at)
    if (this.#backslash < at) this.#backslash = find(this.#bytes, backslash, at)
    return Math.min(this.#escape, this.#percent, this.#backslash)
  }
}

function find(bytes: Uint8Array, byte: number, from: number): number {
  const at = bytes.indexOf(byte, from)
  return at < 0 ? bytes.length : at
}

function room(bytes: Uint8Array, used: number, more: number): Uint8Array {
  if (used + more <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(bytes.length * 2, used + more))
  larger.set(bytes.subarray(0, used))
  return larger
}

/** The raw length of the escape that begins with a byte; 1 when it is none, 0 when that cannot be told yet. */
function escapeSize(bytes: Uint8Array, at: number, byte: number, final: boolean): number {
  if (bytes.length - at === 1) return final ? 1 : 0
  const kind = bytes[at + 1] ?? 0
  if (byte === percent) return hexes(bytes, at + 1, 2, final, 3)
  if (byte === escapeByte) return kind === 0x5b ? controlSize(bytes, at, final) : 1
  if (kind === 0x75) return hexes(bytes, at + 2, 4, final, 6)
  if (kind === 0x78) return hexes(bytes, at + 2, 2, final, 4)
  return simpleEscapes[kind] === 0 ? 1 : 2
}

/** `size` when hexadecimal digits stand there, 1 when not, 0 when it cannot be told. */
function hexes(bytes: Uint8Array, from: number, count: number, final: boolean, size: number): number {
  const last = from + count - 1
  if (last < bytes.length) {
    // Only what becomes one ASCII character is decoded.
    if (count === 4 && (bytes[from] !== 0x30 || bytes[from + 1] !== 0x30)) return 1
    return ((hexValue[bytes[last - 1] ?? 0] ?? -1) | (hexValue[bytes[last] ?? 0] ?? -1)) < 0 ? 1 : size
  }
  for (let at = from; at < bytes.length; at++) if ((hexValue[bytes[at] ?? 0] ?? -1) < 0) return 1
  return final ? 1 : 0
}

/** ECMA-48 5.4: ESC [ parameters intermediates final. */
function controlSize(bytes: Uint8Array, at: number, final: boolean): number {
  for (let index = at + 2; index < at + terminalSequenceBytesMax; index++) {
    if (index >= bytes.length) return final ? 1 : 0
    const byte = bytes[index] ?? 0
    if (byte >= 0x40 && byte <= 0x7e) return index - at + 1
    if (byte < 0x20 || byte > 0x3f) return 1
  }
  return 1
}

function decoded(bytes: Uint8Array, at: number, size: number): number {
  if (size === 2) return simpleEscapes[bytes[at + 1] ?? 0] ?? 0
  const low = at + size
  return (hexValue[bytes[low - 2] ?? 0] ?? 0) * 16 + (hexValue[bytes[low - 1] ?? 0] ?? 0)
}

/** Bytes that may begin an escape. */
const special = new Uint8Array(256)
for (const byte of [escapeByte, percent, backslash]) special[byte] = 1

/** What a hexadecimal digit stands for; -1 for another byte. */
const hexValue = new Int8Array(256).fill(-1)
for (let value = 0; value < 16; value++) {
  hexValue[value.toString(16).charCodeAt(0)] = value
  hexValue[value.toString(16).toUpperCase().charCodeAt(0)] = value
}

/** RFC 8259 7: what a letter behind a backslash stands for; 0 for nothing. */
const simpleEscapes = new Uint8Array(256)
for (const [letter, character] of Object.entries({ n: '\n', t: '\t', r: '\r', '"': '"', '/': '/', b: '\b', f: '\f' }))
  simpleEscapes[letter.charCodeAt(0)] = character.charCodeAt(0)
simpleEscapes[backslash] = backslash
