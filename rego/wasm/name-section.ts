// The name section: what stack traces call the functions of a policy.
import { ByteWriter } from './bytes.ts'
import { vector } from './sections.ts'

const FUNCTION_NAMES = 1

/** The body of a name section for functions, by their indices in ascending order. */
export function encodeNames(names: readonly (readonly [index: number, name: string])[]): Uint8Array {
  const map = vector(names.map(([index, name]) => new ByteWriter().u32(index).name(name).finish()))
  return new ByteWriter().byte(FUNCTION_NAMES).sized(map).finish()
}
