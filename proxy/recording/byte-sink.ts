// Bytes that are written one after the other into one piece of memory that grows with them.

const usualBytes = 16 * 1024
const keptBytesMax = 256 * 1024
/** Characters up to which it is quicker to write a text here than to ask the system for it. */
const shortTextMax = 64

/** Memory, and a view of all of it. */
export interface Viewed {
  readonly bytes: Buffer
  readonly view: DataView
}

/** Memory to append to. */
export class ByteSink {
  #viewed: Viewed = viewed(usualBytes)
  #memory: Buffer = this.#viewed.bytes
  #view: DataView = this.#viewed.view
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What is there, without a view being made of it: the first `length` bytes of this. It counts until the next write. */
  get viewed(): Viewed {
    return this.#viewed
  }

  u8(value: number): void {
    this.#reserve(1)
    this.#view.setUint8(this.#length, value)
    this.#length += 1
  }

  u16(value: number): void {
    this.#reserve(2)
    this.#view.setUint16(this.#length, value)
    this.#length += 2
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.#length, value)
    this.#length += 4
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.#length, value)
    this.#length += 8
  }

  /** Makes room for bytes that are written over later. */
  skip(bytes: number): void {
    this.#reserve(bytes)
    this.#length += bytes
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.#memory.set(bytes, this.#length)
    this.#length += bytes.length
  }

  /** UTF-8. */
  text(text: string): void {
    // A character is three bytes at the most, and almost always one.
    this.#reserve(text.length * 3)
    if (text.length > shortTextMax || !this.#ascii(text)) this.#length += this.#memory.write(text, this.#length, 'utf8')
  }

  /** Writes a text of ASCII. False for any other, and then it does not count. */
  #ascii(text: string): boolean {
    const memory = this.#memory
    const at = this.#length
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) return false
      memory[at + index] = code
    }
    this.#length = at + text.length
    return true
  }

  /** UTF-8 after its length in four bytes. */
  longText(text: string): void {
    const at = this.#length
    this.u32(0)
    this.text(text)
    this.setU32(at, this.#length - at - 4)
  }

  /** Writes over four bytes that are there. */
  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value)
  }

  /** Writes over two bytes that are there. */
  setU16(at: number, value: number): void {
    this.#view.setUint16(at, value)
  }

  /** Writes over eight bytes that are there. */
  setF64(at: number, value: number): void {
    this.#view.setFloat64(at, value)
  }

  /** Takes back everything from `length` on. */
  cut(length: number): void {
    this.#length = length
  }

  /** Forgets everything; memory that grew beyond the usual is given back. */
  clear(): void {
    this.#length = 0
    if (this.#memory.length > keptBytesMax) this.#take(viewed(usualBytes))
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#memory.length) return
    const larger = viewed(Math.max(needed, this.#memory.length * 2))
    larger.bytes.set(this.#memory.subarray(0, this.#length))
    this.#take(larger)
  }

  #take(memory: Viewed): void {
    this.#viewed = memory
    this.#memory = memory.bytes
    this.#view = memory.view
  }
}

/** New memory of a length, with whatever was in it. */
export function viewed(bytes: number): Viewed {
  const memory = Buffer.allocUnsafeSlow(bytes)
  return { bytes: memory, view: new DataView(memory.buffer, memory.byteOffset, bytes) }
}
