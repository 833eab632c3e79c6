// Data documents that survive a reload of rules: a program takes over what lies in the memory of the one before it.
import type { RegoObject } from '../../rego/value/index.ts'
import type { WasmProgram } from './wasm-program.ts'

/** The data of the last program of one policy, by the digest of what it was read from. */
export class DataImages {
  #digest: string | undefined
  #last: WeakRef<WasmProgram> | undefined
  #adopted = 0

  /** Puts the data into a program: copied from the last one where that has the same, else written. */
  load(program: WasmProgram, data: RegoObject, digest: string): void {
    const before = digest === this.#digest ? this.#last?.deref() : undefined
    if (before !== undefined && program.adoptData(before)) this.#adopted++
    else program.setData(data)
    this.#digest = digest
    this.#last = new WeakRef(program)
  }

  /** How often data was taken over. */
  get adopted(): number {
    return this.#adopted
  }
}
