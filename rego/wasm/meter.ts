// Puts a fuel counter into a module that somebody else compiled: every function and every turn of a loop spends one, and
// a module without fuel traps. Without it, an endless loop could not be stopped: evaluation is synchronous.
import { ByteReader, ByteWriter } from './bytes.ts'
import { encodeCode, readCode } from './code-section.ts'
import { WasmError } from './error.ts'
import { EXPORT, encodeExports, readExports } from './export-section.ts'
import { OPCODE, skipInstruction } from './instructions.ts'
import { decodePlaces, encodePlaces, lastAtMost, movePlaces, PLACES_SECTION, type PlacedFunction } from './places.ts'
import { customSection, HEADER, SECTION, SECTION_ORDER, section } from './sections.ts'

/** What the counter is exported as. */
export const METER_EXPORT = 'rego_meter'

/** What the counter holds at first: for the start function and for whoever sets it to nothing else. */
export const METER_START = 10_000_000

const I32 = 0x7f
const IMPORT_KINDS = { function: 0, table: 1, memory: 2, global: 3 } as const

/** A module with a counter, and how much memory it wants at least. */
export interface MeteredModule {
  readonly bytes: Uint8Array
  /** The smallest memory that it imports, in pages. */
  readonly pagesMin: number
}

/** Puts the counter in. Throws WasmError when the bytes are no module, or one whose memory is its own. */
export function meterModule(bytes: Uint8Array): MeteredModule {
  try {
    return meter(bytes)
  } catch (cause) {
    if (cause instanceof WasmError) throw cause
    throw new WasmError('the bytes are no wasm module', { cause })
  }
}

function meter(bytes: Uint8Array): MeteredModule {
  const reader = new ByteReader(bytes)
  if (!HEADER.every((byte) => reader.byte() === byte)) throw new WasmError('the bytes are no wasm module')
  const sections = new Map<number, Uint8Array>()
  const customs: Uint8Array[] = []
  let codeEnd = 0
  while (!reader.done) {
    const id = reader.byte()
    const body = reader.take(reader.u32())
    if (id === SECTION.code) codeEnd = reader.at
    if (id === SECTION.custom) {
      customs.push(body)
      continue
    }
    if (!SECTION_ORDER.includes(id) || sections.has(id)) throw new WasmError('a section that is not known')
    sections.set(id, body)
  }
  if (sections.has(SECTION.memory)) throw new WasmError('a module with a memory of its own')
  const imports = inspectImports(sections.get(SECTION.import) ?? Uint8Array.of(0))
  if (imports.pagesMin === undefined) throw new WasmError('a module that imports no memory')
  const globals = new ByteReader(sections.get(SECTION.global) ?? Uint8Array.of(0))
  const defined = globals.u32()
  const rest = (sections.get(SECTION.global) ?? Uint8Array.of(0)).subarray(globals.at)
  const counter = imports.globals + defined
  sections.set(
    SECTION.global,
    new ByteWriter()
      .u32(defined + 1)
      .bytes(rest)
      .bytes(new ByteWriter().byte(I32).byte(1).byte(0x41).s32(METER_START).byte(0x0b).finish())
      .finish(),
  )
  const exports = readExports(sections.get(SECTION.export) ?? Uint8Array.of(0))
  if (exports.some(({ name }) => name === METER_EXPORT)) throw new WasmError('a module that is metered already')
  sections.set(SECTION.export, encodeExports([...exports, { name: METER_EXPORT, kind: EXPORT.global, index: counter }]))
  const spend = spending(counter)
  const bodies = readCode(sections.get(SECTION.code) ?? Uint8Array.of(0))
  const metered = bodies.map((body) => meterBody(body, spend))
  sections.set(SECTION.code, encodeCode(metered.map(({ body }) => body)))
  let movedEnd = 0
  const writer = new ByteWriter().bytes(HEADER)
  for (const id of SECTION_ORDER) {
    const body = sections.get(id)
    if (body !== undefined) writer.bytes(section(id, body))
    if (id === SECTION.code) movedEnd = writer.length
  }
  const shifts = shiftsOf(metered, codeEnd, movedEnd, spend.length)
  const moved = (offset: number): number => offset + (shifts[lastAtMost(shifts, offset, ({ from }) => from)]?.by ?? 0)
  for (const custom of customs) {
    const places = placesIn(custom)
    if (places === undefined) writer.bytes(section(SECTION.custom, custom))
    else writer.bytes(customSection(PLACES_SECTION, encodePlaces(movePlaces(places, moved))))
  }
  return { bytes: writer.finish(), pagesMin: imports.pagesMin }
}

function inspectImports(body: Uint8Array): { readonly globals: number; readonly pagesMin: number | undefined } {
  const reader = new ByteReader(body)
  const globals = 0
  let pagesMin: number | undefined
  for (let count = reader.u32(); count > 0; count--) {
    reader.name()
    reader.name()
    const kind = reader.byte()
    if (kind === IMPORT_KINDS.function) reader.u32()
    else if (kind === IMPORT_KINDS.memory && pagesMin === undefined) {
      const flags = reader.byte()
      pagesMin = reader.u32()
      if (flags > 1) throw new WasmError('a memory that is not plain')
      if (flags === 1) reader.u32()
    } else throw new WasmError('an import that is no function or memory')
  }
  return { globals, pagesMin }
}

/** `counter -= 1; if (counter < 0) unreachable`. */
function spending(counter: number): Uint8Array {
  return new ByteWriter()
    .byte(0x23)
    .u32(counter)
    .byte(0x41)
    .s32(1)
    .byte(0x6b)
    .byte(0x24)
    .u32(counter)
    .byte(0x23)
    .u32(counter)
    .byte(0x41)
    .s32(0)
    .bytes(Uint8Array.of(0x48, 0x04, 0x40, 0x00, 0x0b))
    .finish()
}

/** A body with the counter in it, its length before it. */
interface MeteredBody {
  readonly body: Uint8Array
  /** How long it was. */
  readonly length: number
  /** How much longer the number is that says its length. */
  readonly longer: number
  /** The offsets in the body before which the counter went in. */
  readonly added: readonly number[]
}

/** The places in a custom section; undefined where it is another, or one that makes no sense. */
function placesIn(custom: Uint8Array): readonly PlacedFunction[] | undefined {
  try {
    const reader = new ByteReader(custom)
    return reader.name() === PLACES_SECTION ? decodePlaces(custom.subarray(reader.at)) : undefined
  } catch {
    return undefined
  }
}

/** From an offset on, instructions lie so much further behind. */
interface Shift {
  readonly from: number
  readonly by: number
}

/** How far instructions moved: of the code, `end` and `movedEnd` are the ends before and after. */
function shiftsOf(bodies: readonly MeteredBody[], end: number, movedEnd: number, spent: number): readonly Shift[] {
  const shifts: Shift[] = []
  let from = end - bodies.reduce((sum, { length }) => sum + length, 0)
  let to = movedEnd - bodies.reduce((sum, { body }) => sum + body.length, 0)
  for (const { body, length, longer, added } of bodies) {
    shifts.push({ from, by: to - from })
    for (const [i, at] of added.entries()) shifts.push({ from: from + at, by: to - from + longer + spent * (i + 1) })
    from += length
    to += body.length
  }
  return shifts
}

function meterBody(sized: Uint8Array, spend: Uint8Array): MeteredBody {
  const outer = new ByteReader(sized)
  const length = outer.u32()
  const prefix = outer.at
  const body = outer.take(length)
  const reader = new ByteReader(body)
  for (let groups = reader.u32(); groups > 0; groups--) {
    reader.u32()
    reader.byte()
  }
  const writer = new ByteWriter().bytes(body.subarray(0, reader.at)).bytes(spend)
  let from = reader.at
  const added = [prefix + from]
  while (!reader.done) {
    if (skipInstruction(reader) !== OPCODE.loop) continue
    writer.bytes(body.subarray(from, reader.at)).bytes(spend)
    from = reader.at
    added.push(prefix + from)
  }
  const metered = writer.bytes(body.subarray(from)).finish()
  const whole = new ByteWriter().sized(metered).finish()
  return { body: whole, length: sized.length, longer: whole.length - metered.length - prefix, added }
}
