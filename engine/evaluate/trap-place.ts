// Which line of Rego a module gave up at: the offsets in the stack of its error, looked up in what the module says of
// the places of its instructions.
import type { SourcePlace } from '../../rego/builtins/index.ts'
import { decodePlaces, PLACES_SECTION, type PlacedFunction, placeAt } from '../../rego/wasm/index.ts'

/** What V8 writes before an offset, between the function's number and the offset, in a frame of wasm. */
const FRAME = 'wasm-function['
const OFFSET = ']:0x'

/** The innermost frame of a stack that is of the policy: its place. A module without places has none. */
export function trapPlace(
  module: WebAssembly.Module,
  files: readonly string[],
  stack: string,
): SourcePlace | undefined {
  const functions = placesOf(module)
  for (const line of stack.split('\n')) {
    const offset = offsetIn(line)
    const mark = offset === undefined ? undefined : placeAt(functions, offset)
    if (mark !== undefined) return { file: files[mark.file] ?? '', row: mark.row, col: mark.col }
  }
  return undefined
}

function placesOf(module: WebAssembly.Module): readonly PlacedFunction[] {
  const [section] = WebAssembly.Module.customSections(module, PLACES_SECTION)
  if (section === undefined) return []
  try {
    return decodePlaces(new Uint8Array(section))
  } catch {
    return []
  }
}

/** The offset in the module that a frame names. A function's name comes before it and may hold anything. */
function offsetIn(line: string): number | undefined {
  const frame = line.lastIndexOf(FRAME)
  const from = frame < 0 ? -1 : line.indexOf(OFFSET, frame)
  if (from < 0) return undefined
  const offset = Number.parseInt(line.slice(from + OFFSET.length), 16)
  return Number.isSafeInteger(offset) ? offset : undefined
}
