// Function types: read from the runtime, extended by the policy's, each once.
import { ByteReader, ByteWriter } from './bytes.ts'
import { vector } from './sections.ts'

const FUNC = 0x60
const I32 = 0x7f

/** The types of a module. */
export class TypeSection {
  readonly #types: Uint8Array[] = []
  readonly #indices = new Map<string, number>()
  /** By parameters and results: types that were asked for. */
  readonly #known = new Map<number, (number | undefined)[]>()

  /** Reads a type section; throws RangeError at what is no function type. */
  constructor(body: Uint8Array) {
    const reader = new ByteReader(body)
    for (let count = reader.u32(); count > 0; count--) {
      const start = reader.at
      if (reader.byte() !== FUNC) throw new RangeError('a type that is no function')
      reader.take(reader.u32())
      reader.take(reader.u32())
      this.#add(body.slice(start, reader.at))
    }
  }

  /** The index of the type with so many i32 parameters and results. */
  of(params: number, results: number): number {
    const known = this.#known.get(params)?.[results]
    if (known !== undefined) return known
    const index = this.#encoded(params, results)
    const ofParams = this.#known.get(params) ?? []
    ofParams[results] = index
    this.#known.set(params, ofParams)
    return index
  }

  #encoded(params: number, results: number): number {
    const writer = new ByteWriter().byte(FUNC).u32(params)
    for (let i = 0; i < params; i++) writer.byte(I32)
    writer.u32(results)
    for (let i = 0; i < results; i++) writer.byte(I32)
    const type = writer.finish()
    return this.#indices.get(type.join()) ?? this.#add(type)
  }

  /** The section's body. */
  encode(): Uint8Array {
    return vector(this.#types)
  }

  #add(type: Uint8Array): number {
    const index = this.#types.push(type) - 1
    if (!this.#indices.has(type.join())) this.#indices.set(type.join(), index)
    return index
  }
}
