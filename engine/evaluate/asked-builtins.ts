// The built-ins that a module asks its host for: what answers them, and what the calls of one evaluation share.
import {
  type Builtin,
  type BuiltinContext,
  BuiltinError,
  type BuiltinTable,
  EvaluationHalted,
  type SourcePlace,
} from '../../rego/builtins/index.ts'
import { type EvaluateOptions, EvaluationError, seededRandom } from '../../rego/interpret/index.ts'
import { RegoObject } from '../../rego/value/index.ts'
import type { ModuleDescription } from '../../rego/wasm/index.ts'
import { EvaluateError } from './contract.ts'
import type { LinearMemory } from './linear-memory.ts'
import type { ValueReader } from './value-reader.ts'
import type { ValueWriter } from './value-writer.ts'

/** A place in no source. */
export const NOWHERE: SourcePlace = { file: '', row: 0, col: 0 }

/** What the calls have to do with: where operands and results lie, and the fuel that is left. */
export interface CallSurroundings {
  readonly memory: LinearMemory
  readonly reader: ValueReader
  readonly writer: ValueWriter
  readonly fuel: WebAssembly.Global
}

/** Answers a module's calls of built-ins. */
export class AskedBuiltins {
  readonly #names: readonly string[]
  readonly #builtins: readonly Builtin[]
  readonly #sites: readonly SourcePlace[]
  readonly #around: CallSurroundings
  #context: BuiltinContext | undefined
  #options: EvaluateOptions = {}
  /** What failed in the evaluation so far. */
  errors: EvaluationError[] = []
  /** Where the built-in is called that was called last. */
  place: SourcePlace = NOWHERE

  /** Throws EvaluateError `bad_module` when the module calls what the table does not have. */
  constructor(description: ModuleDescription, table: BuiltinTable, around: CallSurroundings) {
    this.#names = description.builtins
    this.#builtins = description.builtins.map((name) => {
      const builtin = table.get(name)
      if (builtin === undefined) throw new EvaluateError('bad_module', `no built-in \`${name}\``)
      return builtin
    })
    const { files, sites } = description
    this.#sites = Array.from({ length: sites.length / 3 }, (_, i) => ({
      file: files[sites[i * 3] ?? -1] ?? '',
      row: sites[i * 3 + 1] ?? 0,
      col: sites[i * 3 + 2] ?? 0,
    }))
    this.#around = around
  }

  /** Begins an evaluation. */
  begin(options: EvaluateOptions): void {
    this.#options = options
    if (this.errors.length > 0) this.errors = []
    this.#context = undefined
    this.place = NOWHERE
  }

  /** The word of what a built-in gives for the words of its operands; 0 where that is undefined. */
  ask(id: number, site: number, words: readonly number[]): number {
    const builtin = this.#builtins[id]
    const name = this.#names[id]
    if (builtin === undefined || name === undefined) throw new RangeError(`no built-in ${id}`)
    const { memory, reader, writer } = this.#around
    memory.refresh()
    this.place = this.#sites[site] ?? NOWHERE
    this.#context ??= this.#makeContext()
    try {
      const result = builtin(
        this.#context,
        words.map((word) => reader.value(word)),
      )
      return result === undefined ? 0 : writer.writeValue(result)
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error
      const text = `${name}: ${error.message}`
      this.errors.push(new EvaluationError(error.code, text, this.place, { cause: error }))
      return 0
    }
  }

  /** Spends fuel. Throws EvaluationHalted where there is none left, or the evaluation was cancelled. */
  spend(units: number): void {
    const { fuel } = this.#around
    const left = fuel.value - units
    fuel.value = Math.max(left, 0)
    if (left < 0) throw new EvaluationHalted('fuel')
    if (this.#options.cancelled?.() === true) throw new EvaluationHalted('cancelled')
  }

  #makeContext(): BuiltinContext {
    const options = this.#options
    const asked = this
    return {
      nowNs: options.nowNs ?? 0n,
      random: options.random ?? seededRandom(0),
      cache: new Map(),
      spend: (units) => asked.spend(units),
      print: (line) => options.print?.(line, asked.place),
      note: (message) => options.note?.(message, asked.place),
      testCase: (keys) => options.testCase?.(keys),
      get place() {
        return asked.place
      },
      runtime: options.runtime ?? new RegoObject(),
      ...(options.external === undefined ? {} : { external: options.external }),
    }
  }
}
