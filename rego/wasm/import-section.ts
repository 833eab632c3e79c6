// Imports: the runtime's own, with the memory large enough for the policy's constants.
import { ByteReader, ByteWriter } from './bytes.ts'
import { vector } from './sections.ts'

const FUNCTION = 0
const MEMORY = 2

/** The imports of the runtime. */
export interface ImportSection {
  /** How many functions are imported: the index of the first function defined. */
  readonly functions: number
  /** The section's body for a memory of at least so many pages, and with no maximum, as OPA's hosts want it. */
  encode(pages: number): Uint8Array
}

/** Reads an import section of functions and one memory; throws RangeError at anything else. */
export function readImports(body: Uint8Array): ImportSection {
  const reader = new ByteReader(body)
  const functions: Uint8Array[] = []
  for (let count = reader.u32(); count > 0; count--) {
    const start = reader.at
    reader.name()
    reader.name()
    const kind = reader.byte()
    if (kind === FUNCTION) {
      reader.u32()
      functions.push(body.slice(start, reader.at))
    } else if (kind === MEMORY) {
      const flags = reader.byte()
      reader.u32()
      if (flags === 1) reader.u32()
    } else {
      throw new RangeError('an import that is no function or memory')
    }
  }
  return {
    functions: functions.length,
    encode: (pages) =>
      vector([...functions, new ByteWriter().name('env').name('memory').byte(MEMORY).byte(0).u32(pages).finish()]),
  }
}
