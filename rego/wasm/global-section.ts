// Globals: the runtime's, with the first values that the policy sets, and the version globals of OPA's ABI.
import { ByteReader, ByteWriter } from './bytes.ts'
import { vector } from './sections.ts'

const I32 = 0x7f
const I64 = 0x7e
const I32_CONST = 0x41
const I64_CONST = 0x42
const END = 0x0b

/** The globals of a module. */
export class GlobalSection {
  readonly #globals: Uint8Array[] = []
  /** First values by index; of an i64 none is known. */
  readonly #values: (number | undefined)[] = []

  /** Reads a global section of constants; throws RangeError at anything else. */
  constructor(body: Uint8Array) {
    const reader = new ByteReader(body)
    for (let count = reader.u32(); count > 0; count--) {
      const start = reader.at
      const type = reader.byte()
      reader.byte()
      const constant = reader.byte()
      if (type === I32 && constant === I32_CONST) this.#values.push(reader.s32())
      else if (type === I64 && constant === I64_CONST) {
        reader.leb()
        this.#values.push(undefined)
      } else throw new RangeError('a global without a constant')
      if (reader.byte() !== END) throw new RangeError('a global without a constant')
      this.#globals.push(body.slice(start, reader.at))
    }
  }

  /** The first value of an i32. */
  value(index: number): number {
    const value = this.#values[index]
    if (value === undefined) throw new RangeError(`no global ${index}`)
    return value
  }

  /** Sets the first value of a mutable global. */
  set(index: number, value: number): void {
    this.value(index)
    this.#globals[index] = encodeGlobal(1, value)
  }

  /** Adds a constant; gives its index. */
  constant(value: number): number {
    return this.#globals.push(encodeGlobal(0, value)) - 1
  }

  /** The section's body. */
  encode(): Uint8Array {
    return vector(this.#globals)
  }
}

function encodeGlobal(mutable: 0 | 1, value: number): Uint8Array {
  return new ByteWriter().byte(I32).byte(mutable).byte(I32_CONST).s32(value).byte(END).finish()
}
