// What is read of the input, in the data segment: field count @0, shape of the elements @4, then for each field the address
// of its name and its shape. A shape is an address; 1 is all of a value, and 0 as the shape of elements none of them.
import type { InputShape } from '../optimize/index.ts'
import type { Constants } from './constants.ts'

const WHOLE = 1

/** How deep a shape that a host reads may nest, and how many parts it may have: more than the analysis makes. */
const DEPTH_MAX = 48
const PARTS_MAX = 65_536

/** Puts shapes into the data segment, each once. */
export class ShapeEncoder {
  readonly #constants: Constants
  readonly #known = new Map<string, number>()

  constructor(constants: Constants) {
    this.#constants = constants
  }

  /** The address of a shape. */
  address(shape: InputShape): number {
    if (shape === true) return WHOLE
    const words = [0, shape.elements === undefined ? 0 : this.address(shape.elements)]
    for (const name in shape.fields) {
      const inner = shape.fields[name]
      if (inner !== undefined) words.push(this.#constants.string(name), this.address(inner))
    }
    words[0] = (words.length - 2) / 2
    let key = ''
    for (const word of words) key += String.fromCharCode(word & 0xffff, word >>> 16)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const address = this.#constants.words(words)
    this.#known.set(key, address)
    return address
  }
}

/** Reads a shape out of a module's memory; undefined where there is none. `nameOf` gives the text of a constant string. */
export function decodeShape(
  words: Uint32Array,
  address: number,
  nameOf: (address: number) => string | undefined,
): InputShape | undefined {
  let parts = 0
  const read = (at: number, depth: number): InputShape | undefined => {
    if (at === WHOLE) return true
    const count = words[at >>> 2]
    const elements = words[(at >>> 2) + 1]
    if (at === 0 || at % 4 !== 0 || count === undefined || elements === undefined) return undefined
    if (depth > DEPTH_MAX || ++parts > PARTS_MAX || count > PARTS_MAX) return undefined
    const fields: { [name: string]: InputShape } = Object.create(null)
    for (let i = 0; i < count; i++) {
      const name = nameOf(words[(at >>> 2) + 2 + i * 2] ?? 0)
      const inner = read(words[(at >>> 2) + 3 + i * 2] ?? 0, depth + 1)
      if (name === undefined || inner === undefined) return undefined
      fields[name] = inner
    }
    if (elements === 0) return { fields }
    const each = read(elements, depth + 1)
    return each === undefined ? undefined : { fields, elements: each }
  }
  return read(address, 0)
}
