// The linear memory of a policy module, through views that follow its growth. How values lie in it: rego/wasm/layout.ts.

import { decodeHeld, holdsBytes } from '../../rego/value/index.ts'

/** The size of a wasm page. */
export const PAGE_BYTES = 65_536

/** Memory grows by at least this, so that growing is rare. */
const GROW_PAGES = 16

/** Thrown when memory cannot grow any more. */
export class MemorySpent extends Error {
  constructor() {
    super('memory spent')
    this.name = 'MemorySpent'
  }
}

/** A module's memory. Views go stale when it grows: ask for them anew after every call into the module. */
export class LinearMemory {
  readonly memory: WebAssembly.Memory
  readonly #pagesMax: number
  /** Whether a text was read that holds bytes which are no text. */
  hasHeld = false
  bytes: Buffer = Buffer.alloc(0)
  words: Uint32Array = new Uint32Array(0)
  integers: BigInt64Array = new BigInt64Array(0)

  /** `pagesMax` is what the memory was made with. */
  constructor(memory: WebAssembly.Memory, pagesMax: number) {
    this.memory = memory
    this.#pagesMax = pagesMax
    this.refresh()
  }

  /** Makes the views fit the memory again. */
  refresh(): void {
    // Views of a memory that grew are empty; asking the memory itself takes much longer.
    if (this.words.length !== 0) return
    const { buffer } = this.memory
    this.bytes = Buffer.from(buffer)
    this.words = new Uint32Array(buffer)
    this.integers = new BigInt64Array(buffer)
  }

  /** The text of some UTF-8, or of what `encodeHeld` wrote. */
  text(start: number, end: number): string {
    const text = this.bytes.toString('utf8', start, end)
    if (!text.includes('\ufffd')) return text
    const held = decodeHeld(this.bytes.subarray(start, end))
    this.hasHeld ||= holdsBytes(held)
    return held
  }

  /** The text of some ASCII. */
  ascii(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end)
  }

  /** Makes room up to an address. Throws MemorySpent. */
  reserve(end: number): void {
    const have = this.bytes.length
    if (end <= have) return
    const pages = have / PAGE_BYTES
    const needed = Math.ceil((end - have) / PAGE_BYTES)
    const grow = Math.min(Math.max(needed, GROW_PAGES, pages >> 2), this.#pagesMax - pages)
    if (grow < needed) throw new MemorySpent()
    try {
      this.memory.grow(grow)
    } catch {
      throw new MemorySpent()
    }
    this.refresh()
  }
}
