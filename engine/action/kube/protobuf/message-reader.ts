// Reads the wire format of protobuf strictly. Go's decoder takes more: numbers in too many bytes, numbers that lose
// their upper bits, text that is no UTF-8. What it would take and a printer would not have written is refused here.

/** Why a message is not read. */
export class MessageError extends Error {
  readonly code: 'wire' | 'schema' | 'twice' | 'value' | 'bound'
  constructor(code: MessageError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** How a field is written; only what Kubernetes writes is taken. */
export type WireType = 'varint' | 'bytes'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** A cursor over one message. Every method throws MessageError; none reads past the end. */
export class MessageReader {
  readonly #bytes: Uint8Array
  readonly #end: number
  #at: number

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  /** Whether bytes are left. */
  get more(): boolean {
    return this.#at < this.#end
  }

  /** The number and type of the field that follows. */
  tag(): { readonly number: number; readonly type: WireType } {
    const tag = this.varint()
    const number = Math.floor(tag / 8)
    if (number < 1 || number > fieldNumberMax) throw new MessageError('wire', 'the body has a field of no valid number')
    switch (tag % 8) {
      case 0:
        return { number, type: 'varint' }
      case 2:
        return { number, type: 'bytes' }
      default:
        throw new MessageError('wire', 'the body has a field of a type that Kubernetes does not write')
    }
  }

  /** A whole number of 64 bits with its sign, in as few bytes as it needs. */
  varint(): number {
    const start = this.#at
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      low += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (byte === 0 && this.#at - start > 1) throw overlong()
        return low
      }
    }
    let value = BigInt(low)
    for (let shift = 28n; ; shift += 7n) {
      const byte = this.#byte()
      if (shift === 63n && byte > 1) throw new MessageError('wire', 'a number of the body has more than 64 bits')
      value |= BigInt(byte & 0x7f) << shift
      if (byte >= 0x80) continue
      if (byte === 0) throw overlong()
      const signed = Number(BigInt.asIntN(64, value))
      if (!Number.isSafeInteger(signed)) throw new MessageError('value', 'a number of the body would lose digits')
      return signed
    }
  }

  /** A cursor over what a length says. */
  message(): MessageReader {
    const [start, end] = this.#range()
    return new MessageReader(this.#bytes, start, end)
  }

  bytes(): Uint8Array {
    return this.#bytes.subarray(...this.#range())
  }

  text(): string {
    try {
      return utf8.decode(this.bytes())
    } catch (error) {
      if (error instanceof MessageError) throw error
      throw new MessageError('value', 'a text of the body is not UTF-8')
    }
  }

  #range(): [number, number] {
    const length = this.varint()
    const start = this.#at
    if (length < 0 || length > this.#end - start) throw new MessageError('wire', 'the body ends within a field')
    this.#at = start + length
    return [start, this.#at]
  }

  #byte(): number {
    const byte = this.#at < this.#end ? this.#bytes[this.#at] : undefined
    if (byte === undefined) throw new MessageError('wire', 'the body ends within a field')
    this.#at++
    return byte
  }
}

/** Protocol Buffers: a field number has 29 bits. */
const fieldNumberMax = 2 ** 29 - 1

function overlong(): MessageError {
  return new MessageError('wire', 'a number of the body is written in more bytes than it needs')
}
