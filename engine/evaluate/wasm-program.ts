// One instance of a policy module of ours: what the interpreter's Program is to a plan, this is to a module. Values pass
// between the two without JSON; every built-in that the module lacks is answered from the table.
import type { BuiltinTable } from '../../rego/builtins/index.ts'
import { type EvaluateOptions, type Evaluation, EvaluationError, FUEL_DEFAULT } from '../../rego/interpret/index.ts'
import { RegoObject, type Value } from '../../rego/value/index.ts'
import { type ModuleDescription, PROBED } from '../../rego/wasm/index.ts'
import { AskedBuiltins, NOWHERE } from './asked-builtins.ts'
import { EvaluateError } from './contract.ts'
import { DecisionCache, isCacheable } from './decision-cache.ts'
import { Aborted, explained } from './explained.ts'
import type { InputWriter } from './input-writer.ts'
import { LinearMemory, MemorySpent, PAGE_BYTES } from './linear-memory.ts'
import { describedModule, type ModuleExports, moduleExports } from './module-check.ts'
import { constantStrings, PlannedInputs, type SteadyInput } from './planned-inputs.ts'
import { trapPlace } from './trap-place.ts'
import { ValueReader } from './value-reader.ts'
import { ValueWriter } from './value-writer.ts'

/** Memory of one instance where the caller sets none: 256 MiB, data included. */
export const MEMORY_PAGES_DEFAULT = 4_096

/** Turns of loops and calls that a module which came as wasm may take in one evaluation: about a second. */
export const METER_FUEL = 300_000_000

/** Room for strings that are kept from one input to the next. */
const INTERNED_BYTES = 32_768

/** Room for data and an input before memory has to grow. */
const SMALL_DATA_BYTES = 32_768

/** After so many inputs in a row in which what changes is of weight, so many are not asked about. */
const LOUD_MAX = 64
const UNPROBED = 1_024

/** JSON is read by blocks, so that there must be memory behind it. */
const READ_BEHIND = 64

/** What an instance is made with. */
export interface WasmProgramOptions {
  readonly memoryPagesMax?: number
  /** Keeps decisions by their input, in so many bytes of memory; 0 keeps none. */
  readonly cacheBytes?: number
}

/** A module of ours with its memory. Holds the data document; one evaluation at a time. */
export class WasmProgram {
  readonly description: ModuleDescription
  readonly #module: WebAssembly.Module
  readonly #exports: ModuleExports
  // What every decision asks of the exports, which are slow to ask.
  readonly #evaluate: ModuleExports['rego_answer']
  readonly #read: ModuleExports['rego_read']
  readonly #meter: WebAssembly.Global | undefined
  readonly #fuel: WebAssembly.Global
  readonly #memory: LinearMemory
  readonly #writer: ValueWriter
  readonly #reader: ValueReader
  readonly #asked: AskedBuiltins
  readonly #base: number
  readonly #inputs: PlannedInputs
  readonly #entrypoints: ReadonlyMap<string, number>
  readonly #cacheBytes: number
  #cache: DecisionCache | undefined
  #limit = 0
  #data = 0
  #dataEnd: number
  #dataStart = 0
  #documentEnd = 0
  #running = false
  /** The plan that was evaluated last. */
  #planName: string | undefined
  #planNumber = 0
  #write: InputWriter | undefined
  #steady: SteadyInput | undefined
  /** How often in a row what changes was said to be of weight, and how many more inputs are not asked about. */
  #loud = 0
  #unprobed = 0

  /** Throws EvaluateError `bad_module` when the module is none of ours, or calls what the table does not have. */
  constructor(module: WebAssembly.Module, builtins: BuiltinTable, options: WasmProgramOptions = {}) {
    this.#module = module
    this.description = describedModule(module)
    this.#entrypoints = new Map(this.description.entrypoints.map((name, index) => [name, index]))
    this.#cacheBytes = isCacheable(this.description.builtins) ? ((options.cacheBytes ?? 0) + 7) & ~7 : 0
    const pagesMax = options.memoryPagesMax ?? MEMORY_PAGES_DEFAULT
    const ask = (id: number, site: number, ...words: number[]): number => this.#asked.ask(id, site, words)
    const { exports, memory } = moduleExports(
      module,
      { initial: this.#pagesAtFirst(pagesMax), maximum: pagesMax },
      {
        opa_abort: () => {
          throw new Aborted()
        },
        opa_builtin0: ask,
        opa_builtin1: ask,
        opa_builtin2: ask,
        opa_builtin3: ask,
        opa_builtin4: ask,
      },
    )
    this.#exports = exports
    this.#evaluate = exports.rego_answer
    this.#read = exports.rego_read
    this.#meter = exports.rego_meter
    this.#fuel = exports.rego_fuel
    this.#memory = new LinearMemory(memory, pagesMax)
    this.#reader = new ValueReader(this.#memory, (units) => this.#asked.spend(units))
    const known = constantStrings(this.description, this.#memory, exports.rego_heap.value)
    const target = { memory: this.#memory, heap: exports.rego_heap, index: exports.rego_index }
    this.#writer = new ValueWriter(target, known)
    this.#inputs = new PlannedInputs(this.description, this.#memory, known, this.#writer)
    this.#asked = new AskedBuiltins(this.description, builtins, {
      memory: this.#memory,
      reader: this.#reader,
      writer: this.#writer,
      fuel: exports.rego_fuel,
    })
    exports.rego_hosted.value = 1
    this.#base = exports.rego_heap.value
    this.#dataEnd = this.#base
    this.setData(new RegoObject())
  }

  /**
   * The module's own pages, and those for what lies behind them: nothing has to grow for small data, and a program that
   * is soon given up has taken little.
   */
  #pagesAtFirst(pagesMax: number): number {
    const { pages } = this.description
    const behind = Math.ceil((SMALL_DATA_BYTES + INTERNED_BYTES + this.#cacheBytes) / PAGE_BYTES)
    return Math.max(pages, Math.min(pages + behind, pagesMax))
  }

  /** Puts the data document in place of the one before. Throws EvaluateError `memory_spent` when it does not fit. */
  setData(data: Value): void {
    try {
      this.#putData(data)
    } catch (error) {
      this.#putData(new RegoObject())
      if (error instanceof MemorySpent)
        throw new EvaluateError('memory_spent', 'the data does not fit', { cause: error })
      throw error
    }
  }

  /**
   * Takes the data of another program as it lies in that one's memory, where it can lie in the same place here. What a
   * document refers to lies within it, so a reload of rules reads no data again.
   */
  adoptData(from: WasmProgram): boolean {
    if (from.#dataStart < this.#base) return false
    const [start, end] = [from.#dataStart, from.#documentEnd]
    try {
      this.#memory.reserve(end)
    } catch (error) {
      if (error instanceof MemorySpent)
        throw new EvaluateError('memory_spent', 'the data does not fit', { cause: error })
      throw error
    }
    this.#memory.refresh()
    from.#memory.refresh()
    this.#memory.bytes.set(from.#memory.bytes.subarray(start, end), start)
    this.#dataStart = start
    this.#exports.rego_heap.value = end
    this.#dataPut(from.#data)
    return true
  }

  #putData(data: Value): void {
    // A start that programs of about the same constants have in common.
    this.#dataStart = Math.ceil(this.#base / PAGE_BYTES) * PAGE_BYTES
    this.#exports.rego_heap.value = this.#dataStart
    this.#dataPut(this.#writer.writeDocument(data))
  }

  #dataPut(data: number): void {
    this.#data = data
    this.#documentEnd = this.#exports.rego_heap.value
    // Strings that come again and again lie between data and input.
    const interned = (this.#exports.rego_heap.value + 7) & ~7
    this.#memory.refresh()
    this.#memory.reserve(interned + INTERNED_BYTES + this.#cacheBytes)
    this.#writer.internAt(interned, interned + INTERNED_BYTES)
    const cached = interned + INTERNED_BYTES
    this.#reader.stableBelow(interned)
    this.#dataEnd = cached + this.#cacheBytes
    this.#cache = undefined
    if (this.#cacheBytes === 0) return
    const cache = new DecisionCache(this.#exports, this.#memory, cached, this.#dataEnd)
    this.#cache = cache
    this.#writer.onForget = () => cache.clear()
  }

  /**
   * Evaluates as the interpreter does, and gives the same. `options.data` and an observer are not looked at. With
   * `plain`, that is the input, as plain data, and only what the policy can read of it is written.
   */
  evaluate(name: string, options: EvaluateOptions = {}, plain?: unknown): Evaluation {
    try {
      const results = this.#run(name, options, () => {
        const { input } = options
        if (plain !== undefined) return this.#writePlain(plain)
        return input === undefined ? 0 : this.#writer.writeValue(input)
      })
      const values = this.#reader.value(results)
      const error = options.strictBuiltinErrors === true ? this.#asked.errors[0] : undefined
      const found = typeof values === 'object' && values !== null && 'items' in values ? values.items() : []
      return { ...this.#ended(error), results: found }
    } catch (error) {
      return this.#ended(this.#explained(error))
    } finally {
      this.#running = false
    }
  }

  /** Evaluates on plain data and gives `result` of the first binding as plain data. Throws EvaluationError. */
  evaluateData(name: string, input: unknown, options: EvaluateOptions): unknown {
    return this.#answer(name, options, input, undefined)
  }

  /** Evaluates on an input that is JSON in UTF-8, without making values of it here. Throws EvaluationError. */
  evaluateJson(name: string, input: Uint8Array, options: EvaluateOptions): unknown {
    return this.#answer(name, options, undefined, input)
  }

  /** Bytes of the heap in use: data, and what the last evaluation left behind. */
  heapBytes(): number {
    return this.#exports.rego_heap.value - this.#dataStart
  }

  /** Bytes of the whole memory. */
  memoryBytes(): number {
    this.#memory.refresh()
    return this.#memory.bytes.length
  }

  /** The input is plain data, or JSON where there is any. */
  #answer(name: string, options: EvaluateOptions, plain: unknown, json: Uint8Array | undefined): unknown {
    const entrypoint = this.#begin(name, options)
    try {
      const limit = Math.min(options.fuel ?? FUEL_DEFAULT, 0x7fffffff)
      const looks = this.#cache?.looks() === true
      const probed = looks && json === undefined ? this.#probed(plain, options, limit) : 0
      if (probed !== 0) {
        const known = this.#knownOf(entrypoint, plain, probed, limit)
        if (known !== undefined) return this.#given(known.result)
      }
      const input =
        json === undefined
          ? this.#writer.writeDataAt(this.#dataEnd, plain, this.#write)
          : this.#readJson(json, entrypoint)
      // JSON is read by the module, which knows where its heap ends.
      const end = json === undefined ? this.#writer.end : this.#cache === undefined ? 0 : this.#exports.rego_heap.value
      if (looks && probed === 0) {
        const known = this.#cache?.find(entrypoint, input, this.#dataEnd, end, 0)
        if (known !== undefined) return this.#given(known.result)
      }
      this.#limit = limit
      const word = this.#evaluate(entrypoint, input, this.#data, end, this.#limit)
      this.#memory.refresh()
      const result = word === 0 ? undefined : this.#reader.data(word)
      // A failed built-in is told anew each time.
      return this.#asked.errors.length > 0 || this.#cache === undefined
        ? result
        : this.#cache.keep(result, this.fuelSpent())
    } catch (error) {
      throw this.#explained(error)
    } finally {
      this.#running = false
    }
  }

  /** A result that was known costs nothing. */
  #given(result: unknown): unknown {
    this.#limit = 0
    return result
  }

  /** What is known for an input that may differ in what changes, once it is sure that the result is the same. */
  #knownOf(
    entrypoint: number,
    plain: unknown,
    probed: number,
    limit: number,
  ): { readonly result: unknown } | undefined {
    const input = this.#writer.writeDataAt(this.#dataEnd, plain, this.#steady?.write)
    const known = this.#cache?.find(entrypoint, input, this.#dataEnd, this.#writer.end, probed)
    // What would run out of fuel does so: a function that keeps its value runs once in an evaluation.
    return known !== undefined && known.fuel + this.fuelSpent() <= limit ? known : undefined
  }

  /** What the functions that read what changes come to, as one number; 0 where that does not say all of it. */
  #probed(plain: unknown, options: EvaluateOptions, limit: number): number {
    const steady = this.#steady
    if (steady === undefined) return 0
    if (this.#unprobed > 0) {
      this.#unprobed--
      return 0
    }
    const probed = this.#probe(steady, plain, options, limit)
    this.#loud = probed === 0 ? this.#loud + 1 : 0
    if (this.#loud === LOUD_MAX) {
      this.#loud = 0
      this.#unprobed = UNPROBED
    }
    return probed
  }

  #probe({ probe, writeProbe }: SteadyInput, plain: unknown, options: EvaluateOptions, limit: number): number {
    this.#limit = limit
    let codes: unknown
    try {
      const input = this.#writer.writeDataAt(this.#dataEnd, plain, writeProbe)
      const word = this.#evaluate(probe, input, this.#data, this.#writer.end, limit)
      this.#memory.refresh()
      codes = this.#reader.data(word)
    } catch {
      // Whatever it was, the evaluation itself comes to it, or does not.
      this.#memory.refresh()
    }
    if (this.#meter !== undefined) this.#meter.value = METER_FUEL
    const hasFailed = this.#asked.errors.length > 0
    this.#asked.begin(options)
    if (hasFailed || !Array.isArray(codes)) return 0
    let probed = 1
    for (const code of codes) {
      if (code === PROBED.other) return 0
      probed = probed * PROBED.other + code
    }
    return probed
  }

  #readJson(json: Uint8Array, entrypoint: number): number {
    this.#memory.refresh()
    this.#memory.reserve(this.#dataEnd + json.length + READ_BEHIND)
    this.#memory.bytes.set(json, this.#dataEnd)
    const value = this.#read(this.#dataEnd, json.length, this.description.shapes[entrypoint] ?? 0)
    if (value === 0) throw new EvaluationError('eval_internal_error', 'the input is no JSON', NOWHERE)
    return value
  }

  /** Fuel that the last evaluation spent. */
  fuelSpent(): number {
    return Math.max(0, Math.min(this.#limit, this.#limit - this.#fuel.value))
  }

  #run(name: string, options: EvaluateOptions, writeInput: () => number): number {
    const entrypoint = this.#begin(name, options)
    // The list is handed out.
    this.#asked.errors = []
    this.#exports.rego_heap.value = this.#dataEnd
    this.#limit = Math.min(options.fuel ?? FUEL_DEFAULT, 0x7fffffff)
    this.#exports.rego_fuel_limit.value = this.#limit
    this.#fuel.value = this.#limit
    const results = this.#exports.rego_eval(entrypoint, writeInput(), this.#data)
    this.#memory.refresh()
    return results
  }

  #writePlain(plain: unknown): number {
    const word = this.#writer.writeDataAt(this.#dataEnd, plain, this.#write)
    this.#exports.rego_heap.value = this.#writer.end
    return word
  }

  /** Begins an evaluation; gives the number of its plan. */
  #begin(name: string, options: EvaluateOptions): number {
    if (this.#running) throw new EvaluateError('aborted', 'an evaluation within an evaluation')
    this.#asked.begin(options)
    if (this.#meter !== undefined) this.#meter.value = METER_FUEL
    // Mostly the same is asked for again.
    if (name !== this.#planName) this.#goTo(name)
    this.#running = true
    return this.#planNumber
  }

  #goTo(name: string): void {
    const entrypoint = this.#entrypoints.get(name)
    if (entrypoint === undefined) {
      this.#limit = 0
      this.#fuel.value = 0
      throw new EvaluationError('eval_internal_error', `no plan \`${name}\``, NOWHERE)
    }
    this.#write = this.#inputs.writerOf(entrypoint)
    this.#steady = this.#cacheBytes === 0 ? undefined : this.#inputs.steadyOf(entrypoint)
    this.#planName = name
    this.#planNumber = entrypoint
  }

  #ended(error: EvaluationError | undefined): Evaluation {
    const ended = { results: [], builtinErrors: this.#asked.errors, fuelSpent: this.fuelSpent() }
    return error === undefined ? ended : { ...ended, error }
  }

  /** Why an evaluation ended, in the interpreter's words. */
  #explained(error: unknown): EvaluationError {
    this.#memory.refresh()
    return explained(error, {
      exports: this.#exports,
      string: (address) => this.#reader.string(address),
      builtinPlace: this.#asked.place,
      placeIn: (stack) => trapPlace(this.#module, this.description.files, stack),
    })
  }
}
