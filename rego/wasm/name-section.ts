// The name section: what stack traces call the functions of a policy.
import { ByteWriter } from './bytes.ts'

const FUNCTION_NAMES = 1

/** Room for the names of most policies. */
const NAMES_BYTES = 16_384

/** A function and what it is called. */
export type FunctionName = readonly [index: number, name: string]

/** The body of a name section for functions, by their indices in ascending order. */
export function encodeNames(names: readonly FunctionName[]): Uint8Array {
  const writer = new ByteWriter(NAMES_BYTES).byte(FUNCTION_NAMES)
  const from = writer.length
  writer.u32(names.length)
  for (const [index, name] of names) writer.u32(index).name(name)
  return writer.sizeFrom(from).view()
}
