// Constants as a module carries them: a tag for each, its length in bytes twice, and one more for a string; then a string's
// text, or the bytes with what repeats said once. rego/runtime/assembly/expand.ts lays them out when the module starts.
import { ByteReader, ByteWriter, isAscii } from './bytes.ts'

/** Bytes that are the same from here on are said once from so many on, and up to so many at a time. */
const REPEATS_MIN = 4
const REPEATS_MAX = 130
const LITERALS_MAX = 128
/** What a control byte is for the fewest repeats that one could say. */
const REPEATS = 125

/** Room for the constants of most policies. */
const ROOM = 16_384

/** A string's record: its header before the text. */
const HEADER = 16

/** Packs constants that follow one another. */
export class ConstantPacker {
  readonly #writer = new ByteWriter(ROOM)

  /** A string; gives how many bytes its text has in UTF-8. */
  text(text: string): number {
    if (isAscii(text)) {
      this.#writer.u32(text.length * 2 + 1).ascii(text)
      return text.length
    }
    const bytes = encoder.encode(text)
    this.#writer.u32(bytes.length * 2 + 1).bytes(bytes)
    return bytes.length
  }

  /** Any other bytes, at least one. */
  bytes(bytes: Uint8Array): void {
    this.#writer.u32(bytes.length * 2)
    let from = 0
    for (let at = 0; at < bytes.length; ) {
      const repeats = repeatsAt(bytes, at)
      if (repeats >= REPEATS_MIN) {
        this.#literals(bytes.subarray(from, at))
        this.#writer.byte(repeats + REPEATS).byte(bytes[at] ?? 0)
        from = at + repeats
      }
      at += repeats
    }
    this.#literals(bytes.subarray(from))
  }

  /** What was packed, with its end. */
  finish(): Uint8Array {
    return this.#writer.byte(0).view()
  }

  #literals(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; at += LITERALS_MAX) {
      const literals = bytes.subarray(at, at + LITERALS_MAX)
      this.#writer.byte(literals.length - 1).bytes(literals)
    }
  }
}

function repeatsAt(bytes: Uint8Array, at: number): number {
  let end = at + 1
  while (end < bytes.length && end - at < REPEATS_MAX && bytes[end] === bytes[at]) end++
  return end - at
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The strings among packed constants that are laid out from an address on. Throws RangeError or TypeError at what is none. */
export function packedStrings(packed: Uint8Array, base: number): ReadonlyMap<string, number> {
  const reader = new ByteReader(packed)
  const strings = new Map<string, number>()
  let address = base
  for (let tag = reader.u32(); tag !== 0; tag = reader.u32()) {
    const length = tag >>> 1
    if ((tag & 1) === 1) {
      strings.set(decoder.decode(reader.take(length)), address)
      address += HEADER + length
    } else {
      for (let left = length; left > 0; ) {
        const control = reader.byte()
        left -= control < LITERALS_MAX ? control + 1 : control - REPEATS
        reader.take(control < LITERALS_MAX ? control + 1 : 1)
      }
      address += length
    }
    address = (address + 7) & ~7
  }
  return strings
}
