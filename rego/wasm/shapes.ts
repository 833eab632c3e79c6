// What is read of the input, in the data segment, for reading JSON by it: field count @0, shape of the elements @4, then
// for each field the address of its name and its shape. A shape is an address; 1 is all of a value, 0 nothing.
import type { InputShape } from '../optimize/index.ts'
import type { Constants } from './constants.ts'

/** All of a value. */
const WHOLE = 1

/** The address of a shape. */
export function encodeShape(constants: Constants, shape: InputShape): number {
  if (shape === true) return WHOLE
  const names = Object.keys(shape.fields)
  // Where entries are read by name and as elements besides, all of the value is read.
  if (names.length > 0 && shape.elements !== undefined) return WHOLE
  const fields = names.map(
    (name) => [constants.string(name), encodeShape(constants, shape.fields[name] ?? true)] as const,
  )
  const elements = shape.elements === undefined ? 0 : encodeShape(constants, shape.elements)
  const record = new DataView(new ArrayBuffer(8 + fields.length * 8))
  record.setUint32(0, fields.length, true)
  record.setUint32(4, elements, true)
  for (const [i, [name, inner]] of fields.entries()) {
    record.setUint32(8 + i * 8, name, true)
    record.setUint32(12 + i * 8, inner, true)
  }
  return constants.bytes(new Uint8Array(record.buffer))
}
