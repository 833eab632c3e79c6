// The text as detectors see it: terminal colour sequences left out, and one level of URL and JSON escapes decoded.
// Remembers which raw bytes each byte of it came from, so that what is not masked goes out as it came in.

/** A place where the view and the raw bytes differ. */
interface Splice {
  /** Index in the view. */
  at: number
  /** Bytes of the view: one for an escape, none for a terminal sequence. */
  readonly size: 0 | 1
  readonly raw: number
}

/** Longest terminal sequence that is left out; a longer one is text. */
export const terminalSequenceBytesMax = 32

/** Room at first: many maskers see one short value only. */
const firstBytes = 512

/** Room behind the last byte, for the line end that stands there when no more will come. */
const spareBytes = 64

const escapeByte = 0x1b
const percent = 0x25
const backslash = 0x5c

/** The retained part of a stream, raw and decoded. */
export class View {
  bytes: Uint8Array = new Uint8Array(firstBytes)
  length = 0
  #raw: Uint8Array = new Uint8Array(firstBytes)
  #rawLength = 0
  #splices: Splice[] = []
  /** Splices before this one lie in what went out. */
  #passed = 0
  /** Raw bytes at the end that may be the beginning of an escape. */
  #undecided: Uint8Array = new Uint8Array(0)
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

  /** Adds a chunk; with `final`, what looks like the beginning of an escape is text. */
  append(chunk: Uint8Array, final: boolean): void {
    const added = this.#undecided.length === 0 ? chunk : Buffer.concat([this.#undecided, chunk])
    this.#undecided = none
    this.#raw = room(this.#raw, this.#rawLength, added.length)
    this.bytes = room(this.bytes, this.length, added.length + spareBytes)
    let at = 0
    let nextEscape = find(added, escapeByte, 0)
    let nextPercent = find(added, percent, 0)
    let nextBackslash = find(added, backslash, 0)
    while (at < added.length) {
      const next = Math.min(nextEscape, nextPercent, nextBackslash)
      if (next > at) {
        const plain = added.subarray(at, next)
        this.bytes.set(plain, this.length)
        this.length += plain.length
        at = next
        if (at >= added.length) break
      }
      const size = escapeSize(added, at, final)
      if (size === 0) {
        this.#undecided = Uint8Array.from(added.subarray(at))
        break
      }
      if (size === 1) this.bytes[this.length++] = added[at] ?? 0
      else if (added[at] === escapeByte) this.#splices.push({ at: this.length, size: 0, raw: size })
      else {
        this.#splices.push({ at: this.length, size: 1, raw: size })
        this.bytes[this.length++] = decoded(added, at, size)
      }
      at += size
      if (nextEscape < at) nextEscape = find(added, escapeByte, at)
      if (nextPercent < at) nextPercent = find(added, percent, at)
      if (nextBackslash < at) nextBackslash = find(added, backslash, at)
    }
    this.#raw.set(added.subarray(0, at), this.#rawLength)
    this.#rawLength += at
  }

  /** Sends the raw bytes of the view up to an index. */
  send(until: number, to: Uint8Array[]): void {
    const raw = this.#advance(until, undefined)
    if (raw > this.#outRaw) to.push(Buffer.from(this.#raw.subarray(this.#outRaw, raw)))
    this.#outRaw = raw
  }

  /** Sends other bytes instead of the view up to an index; terminal sequences inside go out behind them. */
  replace(until: number, by: Uint8Array, to: Uint8Array[]): void {
    const inside: Uint8Array[] = []
    if (by.length > 0) to.push(by)
    const raw = this.#advance(until, inside)
    to.push(...inside)
    this.#outRaw = raw
  }

  /** Sends what is left undecided and everything else. */
  sendAll(to: Uint8Array[]): void {
    if (this.#rawLength > this.#outRaw) to.push(Buffer.from(this.#raw.subarray(this.#outRaw, this.#rawLength)))
    this.#outRaw = this.#rawLength
    this.#out = this.length
    this.#passed = this.#splices.length
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
    if (this.#passed > 0) this.#splices = this.#splices.slice(this.#passed)
    this.#passed = 0
    for (const splice of this.#splices) splice.at -= drop
    return drop
  }

  /** Moves `#out` to an index and answers the raw index there. Splices passed over are forgotten. */
  #advance(until: number, terminal: Uint8Array[] | undefined): number {
    let raw = this.#outRaw
    let at = this.#out
    for (;;) {
      const splice = this.#splices[this.#passed]
      // A terminal sequence at the very end belongs to what follows; before replaced text it has gone out by then.
      if (splice === undefined || splice.at >= until) break
      raw += splice.at - at
      if (terminal !== undefined && splice.size === 0)
        terminal.push(Buffer.from(this.#raw.subarray(raw, raw + splice.raw)))
      raw += splice.raw
      at = splice.at + splice.size
      this.#passed++
    }
    raw += until - at
    this.#out = until
    return raw
  }
}

const none = new Uint8Array(0)

/** Looks at a few bytes itself: a call of the engine's own search costs as much as these. */
function find(bytes: Uint8Array, byte: number, from: number): number {
  const near = Math.min(bytes.length, from + 24)
  for (let at = from; at < near; at++) if (bytes[at] === byte) return at
  const at = bytes.indexOf(byte, from)
  return at < 0 ? bytes.length : at
}

function room(bytes: Uint8Array, used: number, more: number): Uint8Array {
  if (used + more <= bytes.length) return bytes
  const larger = new Uint8Array(Math.max(bytes.length * 2, used + more))
  larger.set(bytes.subarray(0, used))
  return larger
}

/** The raw length of the escape at an index; 1 when it is none, 0 when that cannot be told yet. */
function escapeSize(bytes: Uint8Array, at: number, final: boolean): number {
  const left = bytes.length - at
  if (left === 1) return final ? 1 : 0
  const kind = bytes[at + 1] ?? 0
  switch (bytes[at]) {
    case percent:
      return hexes(bytes, at + 1, 2, final, 3)
    case backslash:
      if (kind === 0x75) return hexes(bytes, at + 2, 4, final, 6)
      if (kind === 0x78) return hexes(bytes, at + 2, 2, final, 4)
      return simpleEscapes[kind] === 0 ? 1 : 2
    default:
      return kind === 0x5b ? controlSize(bytes, at, final) : 1
  }
}

/** `size` when hexadecimal digits stand there, 1 when not, 0 when it cannot be told. */
function hexes(bytes: Uint8Array, from: number, count: number, final: boolean, size: number): number {
  for (let at = from; at < from + count; at++) {
    if (at >= bytes.length) return final ? 1 : 0
    if (hexValue(bytes[at] ?? 0) < 0) return 1
  }
  // Only what becomes one ASCII character is decoded.
  if (count === 4 && (hexValue(bytes[from] ?? 0) !== 0 || hexValue(bytes[from + 1] ?? 0) !== 0)) return 1
  return size
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
  return hexValue(bytes[low - 2] ?? 0) * 16 + hexValue(bytes[low - 1] ?? 0)
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}

/** RFC 8259 7: what a letter behind a backslash stands for; 0 for nothing. */
const simpleEscapes = new Uint8Array(256)
for (const [letter, character] of Object.entries({ n: '\n', t: '\t', r: '\r', '"': '"', '/': '/', b: '\b', f: '\f' }))
  simpleEscapes[letter.charCodeAt(0)] = character.charCodeAt(0)
simpleEscapes[backslash] = backslash
