// The name section: what stack traces call the functions of a policy.
import { ByteWriter } from './bytes.ts'

const FUNCTION_NAMES = 1

/** The body of a name section for functions, by their indices in ascending order. */
export function encodeNames(names: readonly (readonly [index: number, name: string])[]): Uint8Array {
  const map = new ByteWriter().u32(names.length)
  for (const [index, name] of names) map.u32(index).name(name)
  return new ByteWriter().byte(FUNCTION_NAMES).sized(map.finish()).finish()
}
