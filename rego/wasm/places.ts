// Which line of Rego an instruction came from: a custom section that lists, for each function of the policy, the offsets
// in the module at which another place begins. Engines name instructions by those offsets in traps and profiles.
import { ByteReader, ByteWriter } from './bytes.ts'

/** The name of the custom section. */
export const PLACES_SECTION = 'sallyport.places'

/** Room for the places of most policies. */
const PLACES_BYTES = 16_384

/** From an offset on, instructions are of this place. */
export interface Mark {
  readonly at: number
  readonly file: number
  readonly row: number
  readonly col: number
}

/** One function of the policy: where its code lies in the module, and its places in ascending order. */
export interface PlacedFunction {
  readonly start: number
  readonly end: number
  readonly marks: readonly Mark[]
}

/**
 * The body of the section: functions in ascending order, numbers as differences to those before. Offsets count from `base`
 * on.
 */
export function encodePlaces(functions: readonly PlacedFunction[], base = 0): Uint8Array {
  const writer = new ByteWriter(PLACES_BYTES).u32(functions.length)
  let last = -base
  let [file, row, col] = [0, 0, 0]
  for (const { start, end, marks } of functions) {
    writer
      .u32(start - last)
      .u32(end - start)
      .u32(marks.length)
    let at = start
    for (const mark of marks) {
      // A function is mostly of one file: whether it is another one is a bit beside the row.
      const isElsewhere = mark.file !== file
      writer.u32(mark.at - at).s32((mark.row - row) * 2 + (isElsewhere ? 1 : 0))
      if (isElsewhere) writer.s32(mark.file - file)
      writer.s32(mark.col - col)
      at = mark.at
      file = mark.file
      row = mark.row
      col = mark.col
    }
    last = end
  }
  return writer.view()
}

/** Reads the body of the section. Throws RangeError at one that is none. */
export function decodePlaces(body: Uint8Array): readonly PlacedFunction[] {
  const reader = new ByteReader(body)
  const functions: PlacedFunction[] = []
  let [file, row, col, last] = [0, 0, 0, 0]
  for (let count = reader.u32(); count > 0; count--) {
    const start = last + reader.u32()
    last = start + reader.u32()
    const marks: Mark[] = []
    let at = start
    for (let left = reader.u32(); left > 0; left--) {
      at += reader.u32()
      const step = reader.s32()
      row += step >> 1
      if ((step & 1) === 1) file += reader.s32()
      col += reader.s32()
      if (at >= last) throw new RangeError('a place beyond its function')
      marks.push({ at, file, row, col })
    }
    functions.push({ start, end: last, marks })
  }
  if (!reader.done) throw new RangeError('bytes behind the places')
  return functions
}

/** The same places in a module whose instructions have moved: `moved` says where one lies now. */
export function movePlaces(
  functions: readonly PlacedFunction[],
  moved: (offset: number) => number,
): readonly PlacedFunction[] {
  return functions.map(({ start, end, marks }) => ({
    start: moved(start),
    end: moved(end - 1) + 1,
    marks: marks.map((mark) => ({ ...mark, at: moved(mark.at) })),
  }))
}

/** The place of the instruction at an offset in the module; undefined where it is not of the policy. */
export function placeAt(functions: readonly PlacedFunction[], offset: number): Mark | undefined {
  const found = functions[lastAtMost(functions, offset, ({ start }) => start)]
  if (found === undefined || offset >= found.end) return undefined
  // What comes before the first statement is of it: spending fuel, asking for a remembered value.
  return found.marks[
    Math.max(
      0,
      lastAtMost(found.marks, offset, ({ at }) => at),
    )
  ]
}

/** The index of the last item whose number is at most `limit`, -1 where there is none; numbers ascend. */
export function lastAtMost<T>(items: readonly T[], limit: number, numberOf: (item: T) => number): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const item = items[middle]
    if (item !== undefined && numberOf(item) <= limit) low = middle + 1
    else high = middle
  }
  return low - 1
}
