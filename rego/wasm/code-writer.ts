// Writes the instructions of one function: opcodes by name, locals made as needed, labels by depth.
import type { Place } from '../ir/index.ts'
import type { ByteWriter } from './bytes.ts'
import { bodyHead } from './code-section.ts'
import type { PlacedFunction } from './places.ts'

/** Where a function's body lies, with its length before it, among those that were written, and where its places begin. */
export type CodeBody = PlacedFunction

const EMPTY = 0x40
const ALIGN_4 = 2

/** The instructions of one function. Every value is an i32. */
export class CodeWriter {
  readonly #code: ByteWriter
  readonly #start: number
  readonly #params: number
  readonly #marks: { at: number; file: number; row: number; col: number }[] = []
  #locals = 0
  #depth = 0

  /** Writes behind the bodies that were written before. */
  constructor(params: number, bodies: ByteWriter) {
    this.#params = params
    this.#code = bodies
    this.#start = bodies.length
  }

  /** A new local, undefined (0) at first. */
  newLocal(): number {
    return this.#params + this.#locals++
  }

  /** How many labels enclose what is written next. */
  get depth(): number {
    return this.#depth
  }

  constant(value: number): this {
    this.#code.byte(0x41).s32(value)
    return this
  }

  get(local: number): this {
    this.#code.byte(0x20).u32(local)
    return this
  }

  set(local: number): this {
    this.#code.byte(0x21).u32(local)
    return this
  }

  tee(local: number): this {
    this.#code.byte(0x22).u32(local)
    return this
  }

  globalGet(index: number): this {
    this.#code.byte(0x23).u32(index)
    return this
  }

  globalSet(index: number): this {
    this.#code.byte(0x24).u32(index)
    return this
  }

  load(offset: number): this {
    this.#code.byte(0x28).u32(ALIGN_4).u32(offset)
    return this
  }

  store(offset: number): this {
    this.#code.byte(0x36).u32(ALIGN_4).u32(offset)
    return this
  }

  call(func: number): this {
    this.#code.byte(0x10).u32(func)
    return this
  }

  block(): this {
    return this.#open(0x02)
  }

  loop(): this {
    return this.#open(0x03)
  }

  if(): this {
    return this.#open(0x04)
  }

  else(): this {
    this.#code.byte(0x05)
    return this
  }

  end(): this {
    this.#depth--
    this.#code.byte(0x0b)
    return this
  }

  /** Branches to the label that was opened at a depth. */
  br(depth: number): this {
    this.#code.byte(0x0c).u32(this.#depth - depth)
    return this
  }

  brIf(depth: number): this {
    this.#code.byte(0x0d).u32(this.#depth - depth)
    return this
  }

  /** Branches to the label at the index in the list; to the last label beyond it. */
  brTable(depths: readonly number[], otherwise: number): this {
    this.#code.byte(0x0e).u32(depths.length)
    for (const depth of depths) this.#code.u32(this.#depth - depth)
    this.#code.u32(this.#depth - otherwise)
    return this
  }

  return(): this {
    this.#code.byte(0x0f)
    return this
  }

  unreachable(): this {
    this.#code.byte(0x00)
    return this
  }

  select(): this {
    this.#code.byte(0x1b)
    return this
  }

  eqz(): this {
    this.#code.byte(0x45)
    return this
  }

  eq(): this {
    this.#code.byte(0x46)
    return this
  }

  ne(): this {
    this.#code.byte(0x47)
    return this
  }

  greaterOrEqual(): this {
    this.#code.byte(0x4f)
    return this
  }

  add(): this {
    this.#code.byte(0x6a)
    return this
  }

  and(): this {
    this.#code.byte(0x71)
    return this
  }

  shiftRight(): this {
    this.#code.byte(0x75)
    return this
  }

  /** What is written next is of a place in the source. */
  place({ file, row, col }: Place): void {
    const last = this.#marks[this.#marks.length - 1]
    if (last !== undefined && last.file === file && last.row === row && last.col === col) return
    const at = this.#code.length
    if (last?.at === at) this.#marks.pop()
    this.#marks.push({ at, file, row, col })
  }

  /** The whole body. */
  finish(): CodeBody {
    const [code, start, marks] = [this.#code.byte(0x0b), this.#start, this.#marks]
    const head = bodyHead(this.#locals, code.length - start)
    code.insert(start, head)
    for (const mark of marks) mark.at += head.length
    return { start, end: code.length, marks }
  }

  #open(opcode: number): this {
    this.#depth++
    this.#code.byte(opcode).byte(EMPTY)
    return this
  }
}
