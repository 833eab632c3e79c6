// UTF-8 checked over a stream: a character may be cut anywhere between two chunks.
import { isUtf8 } from 'node:buffer'

const nothing: Uint8Array = new Uint8Array(0)

/** Checks chunk after chunk. */
export class Utf8Check {
  #carry: Uint8Array = nothing

  /** False when the bytes so far are not the beginning of valid UTF-8. */
  push(bytes: Uint8Array): boolean {
    let start = 0
    if (this.#carry.length > 0) {
      const missing = lengthOf(this.#carry[0] ?? 0) - this.#carry.length
      const joined = Buffer.concat([this.#carry, bytes.subarray(0, missing)])
      if (bytes.length < missing) {
        this.#carry = joined
        return startsWell(joined)
      }
      if (!isUtf8(joined)) return false
      this.#carry = nothing
      start = missing
    }
    const end = wholeEnd(bytes, start)
    if (end < bytes.length) {
      this.#carry = Uint8Array.from(bytes.subarray(end))
      if (!startsWell(this.#carry)) return false
    }
    return isUtf8(bytes.subarray(start, end))
  }

  /** False when the stream ended within a character. */
  end(): boolean {
    return this.#carry.length === 0
  }
}

/** Where the last character that is not whole begins; the end where all are. */
function wholeEnd(bytes: Uint8Array, start: number): number {
  for (let back = 1; back <= 3 && bytes.length - back >= start; back++) {
    const byte = bytes[bytes.length - back] ?? 0
    if (byte < 0x80) return bytes.length
    if (byte >= 0xc0) return lengthOf(byte) > back ? bytes.length - back : bytes.length
  }
  return bytes.length
}

function lengthOf(first: number): number {
  return first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
}

/** Whether a cut character can become a valid one; what cannot is refused now, however the bytes were cut. */
function startsWell(bytes: Uint8Array): boolean {
  const [first = 0, second] = bytes
  if (first < 0xc2 || first > 0xf4) return false
  if (second === undefined) return true
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf
  return second >= low && second <= high && bytes.subarray(2).every((one) => one >= 0x80 && one <= 0xbf)
}
