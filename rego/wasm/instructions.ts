// Walks the instructions of a function body: enough of each to know where the next one begins.
import type { ByteReader } from './bytes.ts'
import { WasmError } from './error.ts'

/** Opcodes that the walk treats apart. */
export const OPCODE = { block: 0x02, loop: 0x03, if: 0x04, brTable: 0x0e, prefixed: 0xfc, vector: 0xfd } as const

/** What follows an opcode: so many LEB128 numbers, or bytes. */
type Immediates = 'none' | 'one' | 'two' | 'blockType' | 'table' | 'bytes4' | 'bytes8' | 'types'

const plain = new Map<number, Immediates>()
function put(immediates: Immediates, ...ranges: readonly (number | readonly [number, number])[]): void {
  for (const range of ranges) {
    const [from, to] = typeof range === 'number' ? [range, range] : range
    for (let opcode = from; opcode <= to; opcode++) plain.set(opcode, immediates)
  }
}
put('none', 0x00, 0x01, 0x05, 0x0b, 0x0f, 0x1a, 0x1b, [0x45, 0xc4], 0xd1)
put('blockType', 0x02, 0x03, 0x04)
// Branches, calls, locals, globals, tables, memory.size and grow, constants, references.
put('one', 0x0c, 0x0d, 0x10, [0x20, 0x26], 0x3f, 0x40, 0x41, 0x42, 0xd0, 0xd2)
put('two', 0x11, [0x28, 0x3e])
put('table', 0x0e)
put('types', 0x1c)
put('bytes4', 0x43)
put('bytes8', 0x44)

/** How many numbers follow each opcode behind 0xfc: saturating truncation, bulk memory and tables. */
const prefixed = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]

/** Reads one instruction; gives its opcode. Throws WasmError at one that is not known, RangeError at the end of bytes. */
export function skipInstruction(reader: ByteReader): number {
  const opcode = reader.byte()
  if (opcode === OPCODE.prefixed) {
    const count = prefixed[reader.u32()]
    if (count === undefined) throw new WasmError('an instruction that is not known')
    for (let i = 0; i < count; i++) reader.leb()
    return opcode
  }
  if (opcode === OPCODE.vector) {
    skipVector(reader, reader.u32())
    return opcode
  }
  switch (plain.get(opcode)) {
    case 'none':
      break
    case 'one':
    case 'blockType':
      reader.leb()
      break
    case 'two':
      reader.leb()
      reader.leb()
      break
    case 'table':
      for (let count = reader.u32() + 1; count > 0; count--) reader.leb()
      break
    case 'types':
      for (let count = reader.u32(); count > 0; count--) reader.byte()
      break
    case 'bytes4':
      reader.take(4)
      break
    case 'bytes8':
      reader.take(8)
      break
    case undefined:
      throw new WasmError('an instruction that is not known')
  }
  return opcode
}

/** The highest opcode of fixed-width vectors. */
const VECTOR_MAX = 0xff

function skipVector(reader: ByteReader, opcode: number): void {
  if (opcode > VECTOR_MAX) throw new WasmError('an instruction that is not known')
  const isMemory = opcode <= 11 || (opcode >= 84 && opcode <= 93)
  if (isMemory) {
    reader.leb()
    reader.leb()
  }
  if (opcode === 12 || opcode === 13) reader.take(16)
  // Lanes: of extract and replace, of loads and stores of one lane.
  else if ((opcode >= 21 && opcode <= 34) || (opcode >= 84 && opcode <= 91)) reader.byte()
}
