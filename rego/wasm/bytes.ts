// Writes and reads the bytes of wasm binaries: LEB128, names, vectors.

/** Most of what is written is short, and arrays up to this length are the cheapest. */
const SHORT = 64

/** Collects bytes. */
export class ByteWriter {
  #bytes: Uint8Array
  #length = 0

  /** `capacity` is for how many bytes there is room at first. */
  constructor(capacity: number = SHORT) {
    this.#bytes = new Uint8Array(capacity)
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#length
  }

  /** One byte. */
  byte(value: number): this {
    if (this.#length === this.#bytes.length) this.#reserve(1)
    this.#bytes[this.#length++] = value
    return this
  }

  /** An unsigned LEB128. */
  u32(value: number): this {
    let rest = value >>> 0
    if (rest < 0x80) return this.byte(rest)
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    return this.byte(rest)
  }

  /** A signed LEB128. */
  s32(value: number): this {
    let rest = value | 0
    for (;;) {
      const low = rest & 0x7f
      rest >>= 7
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.byte(low)
      this.byte(low | 0x80)
    }
  }

  /** Bytes as they are. */
  bytes(values: Uint8Array): this {
    this.#reserve(values.length)
    this.#bytes.set(values, this.#length)
    this.#length += values.length
    return this
  }

  /** Bytes behind their length. */
  sized(values: Uint8Array): this {
    return this.u32(values.length).bytes(values)
  }

  /** A name: UTF-8 behind its length. */
  name(text: string): this {
    return isAscii(text) ? this.u32(text.length).ascii(text) : this.sized(encoder.encode(text))
  }

  /** Text of which every character is one byte. */
  ascii(text: string): this {
    this.#reserve(text.length)
    for (let i = 0; i < text.length; i++) this.#bytes[this.#length++] = text.charCodeAt(i)
    return this
  }

  /** Puts bytes before what was written from an offset on. */
  insert(offset: number, values: Uint8Array): this {
    this.#reserve(values.length)
    this.#bytes.copyWithin(offset + values.length, offset, this.#length)
    this.#bytes.set(values, offset)
    this.#length += values.length
    return this
  }

  /** Puts the length of what was written from an offset on before it. */
  sizeFrom(offset: number): this {
    return this.insert(offset, new ByteWriter().u32(this.#length - offset).view())
  }

  /** What was written, good until more is. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length)
  }

  /** What was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #reserve(count: number): void {
    const needed = this.#length + count
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 4))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }
}

/** Whether every character of a text is one byte of UTF-8. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true })

/** A cursor over wasm bytes. Throws RangeError at what is cut off or too long. */
export class ByteReader {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Where the cursor stands. */
  get at(): number {
    return this.#at
  }

  /** Whether everything is read. */
  get done(): boolean {
    return this.#at >= this.#bytes.length
  }

  /** One byte. */
  byte(): number {
    const value = this.#bytes[this.#at++]
    if (value === undefined) throw new RangeError('wasm bytes are cut off')
    return value
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (value > 0xffffffff) break
        return value
      }
    }
    throw new RangeError('a number beyond 32 bits')
  }

  /** A signed LEB128 of at most 32 bits. */
  s32(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return shift < 25 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value
    }
    throw new RangeError('a number beyond 32 bits')
  }

  /** Passes over a LEB128 of at most 64 bits. */
  leb(): void {
    for (let i = 0; i < 10; i++) if (this.byte() < 0x80) return
    throw new RangeError('a number beyond 64 bits')
  }

  /** So many bytes. */
  take(length: number): Uint8Array {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('wasm bytes are cut off')
    const taken = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return taken
  }

  /** What is left. */
  rest(): Uint8Array {
    return this.take(this.#bytes.length - this.#at)
  }

  /** A name. */
  name(): string {
    return decoder.decode(this.take(this.u32()))
  }
}
