// Bytes that are written one after the other into one piece of memory that grows with them.

const usualBytes = 16 * 1024
const keptBytesMax = 256 * 1024
/** Characters up to which it is quicker to write a text here than to ask the system for it. */
const shortTextMax = 64

/** Memory to append to. */
export class ByteSink {
  #memory: Buffer = Buffer.allocUnsafeSlow(usualBytes)
  #view = new DataView(this.#memory.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** What is there. It counts until the next write. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#length)
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

  /** Takes back everything from `length` on. */
  cut(length: number): void {
    this.#length = length
  }

  /** Forgets everything; memory that grew beyond the usual is given back. */
  clear(): void {
    this.#length = 0
    if (this.#memory.length > keptBytesMax) this.#take(Buffer.allocUnsafeSlow(usualBytes))
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes
    if (needed <= this.#memory.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#memory.length * 2))
    larger.set(this.bytes)
    this.#take(larger)
  }

  #take(memory: Buffer): void {
    this.#memory = memory
    this.#view = new DataView(memory.buffer)
  }
}
