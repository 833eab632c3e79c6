// The order and numbers of the sections of a module, and how one is framed.
import { ByteWriter } from './bytes.ts'

/** The numbers of sections. */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const

/** The order in which sections stand in a module. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11]

/** Room for what frames most sections. */
const FRAME_BYTES = 64

/** The bytes every module begins with: the magic and version 1. */
export const HEADER: Uint8Array = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)

/** A section with its number and length. */
export function section(id: number, body: Uint8Array): Uint8Array {
  return new ByteWriter(body.length + FRAME_BYTES).byte(id).sized(body).view()
}

/** A custom section. */
export function customSection(name: string, body: Uint8Array): Uint8Array {
  const writer = new ByteWriter(body.length + FRAME_BYTES).byte(SECTION.custom)
  const from = writer.length
  return writer.name(name).bytes(body).sizeFrom(from).view()
}

/** The items of a section behind their count. */
export function vector(items: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter().u32(items.length)
  for (const item of items) writer.bytes(item)
  return writer.finish()
}
