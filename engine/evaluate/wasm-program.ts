// One instance of a policy module of ours: what the interpreter's Program is to a plan, this is to a module. Values pass
// between the two without JSON; every built-in that the module lacks is answered from the table.
import {
  type Builtin,
  type BuiltinContext,
  BuiltinError,
  type BuiltinTable,
  EvaluationHalted,
  type SourcePlace,
} from '../../rego/builtins/index.ts'
import {
  type EvaluateOptions,
  type Evaluation,
  EvaluationError,
  FUEL_DEFAULT,
  seededRandom,
} from '../../rego/interpret/index.ts'
import { RegoObject, type Value } from '../../rego/value/index.ts'
import { decodeShape, type ModuleDescription, packedStrings } from '../../rego/wasm/index.ts'
import { EvaluateError } from './contract.ts'
import { DecisionCache, isCacheable } from './decision-cache.ts'
import { Aborted, explained } from './explained.ts'
import { type InputPlan, inputPlan } from './input-plan.ts'
import type { InputWriter } from './input-writer.ts'
import { LinearMemory, MemorySpent, PAGE_BYTES } from './linear-memory.ts'
import { describedModule, type ModuleExports, moduleExports } from './module-check.ts'
import { trapPlace } from './trap-place.ts'
import { ValueReader } from './value-reader.ts'
import { ValueWriter } from './value-writer.ts'

/** Memory of one instance where the caller sets none: 256 MiB, data included. */
export const MEMORY_PAGES_DEFAULT = 4_096

const NOWHERE: SourcePlace = { file: '', row: 0, col: 0 }

/** Turns of loops and calls that a module which came as wasm may take in one evaluation: about a second. */
export const METER_FUEL = 300_000_000

/** Room for strings that are kept from one input to the next. */
const INTERNED_BYTES = 32_768

/** Room for data and an input before memory has to grow. */
const SMALL_DATA_BYTES = 32_768

/** JSON is read by blocks, so that there must be memory behind it. */
const READ_BEHIND = 64

/** What an instance is made with. */
export interface WasmProgramOptions {
  readonly memoryPagesMax?: number
  /** Keeps decisions by their input, in so many bytes of memory; 0 keeps none. */
  readonly cacheBytes?: number
}

/** How an input is written: a plan, then the code made of it; all of the input where there is neither. */
interface PlannedInput {
  plan: InputPlan | undefined
  write: InputWriter | undefined
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
  readonly #builtins: readonly Builtin[]
  readonly #sites: readonly SourcePlace[]
  readonly #base: number
  readonly #inputs: readonly PlannedInput[]
  readonly #entrypoints: ReadonlyMap<string, number>
  readonly #cacheBytes: number
  #cache: DecisionCache | undefined
  #limit = 0
  #data = 0
  #dataEnd: number
  #dataStart = 0
  #documentEnd = 0
  #context: BuiltinContext | undefined
  #options: EvaluateOptions = {}
  #place: SourcePlace = NOWHERE
  #errors: EvaluationError[] = []
  #running = false
  #asked: string | undefined
  #askedNumber = 0
  #write: InputWriter | undefined

  /** Throws EvaluateError `bad_module` when the module is none of ours, or calls what the table does not have. */
  constructor(module: WebAssembly.Module, builtins: BuiltinTable, options: WasmProgramOptions = {}) {
    this.#module = module
    this.description = describedModule(module)
    this.#builtins = this.description.builtins.map((name) => {
      const builtin = builtins.get(name)
      if (builtin === undefined) throw new EvaluateError('bad_module', `no built-in \`${name}\``)
      return builtin
    })
    this.#entrypoints = new Map(this.description.entrypoints.map((name, index) => [name, index]))
    const { files, sites } = this.description
    this.#sites = Array.from({ length: sites.length / 3 }, (_, i) => ({
      file: files[sites[i * 3] ?? -1] ?? '',
      row: sites[i * 3 + 1] ?? 0,
      col: sites[i * 3 + 2] ?? 0,
    }))
    this.#cacheBytes = isCacheable(this.description.builtins) ? ((options.cacheBytes ?? 0) + 7) & ~7 : 0
    const pagesMax = options.memoryPagesMax ?? MEMORY_PAGES_DEFAULT
    const ask = (id: number, site: number, ...words: number[]): number => this.#ask(id, site, words)
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
    this.#reader = new ValueReader(this.#memory, (units) => this.#spend(units))
    const known = this.#constants()
    const target = { memory: this.#memory, heap: exports.rego_heap, index: exports.rego_index }
    this.#writer = new ValueWriter(target, known)
    this.#inputs = this.#planInputs(known)
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

  /** The constant strings of the module by their text. */
  #constants(): ReadonlyMap<string, number> {
    const [base = 0, from = 0, to = 0] = this.description.constants
    try {
      const known = packedStrings(this.#memory.bytes.subarray(from, to), base)
      for (const address of known.values()) {
        if (address < 0 || address >= this.#exports.rego_heap.value || address % 8 !== 0) {
          throw new RangeError('a constant beyond the constants')
        }
      }
      return known
    } catch (cause) {
      throw new EvaluateError('bad_module', 'the module does not say what its constants are', { cause })
    }
  }

  /** How the plans' inputs are written. Plans that read the same share one writer. */
  #planInputs(known: ReadonlyMap<string, number>): readonly PlannedInput[] {
    const texts = new Map([...known].map(([text, address]) => [address, text]))
    const made = new Map<number, PlannedInput>()
    return this.description.entrypoints.map((_, entrypoint) => {
      const address = this.description.shapes[entrypoint] ?? 0
      const same = made.get(address)
      if (same !== undefined) return same
      const shape = decodeShape(this.#memory.words, address, (name) => texts.get(name))
      if (shape === undefined) throw new EvaluateError('bad_module', 'the module does not say what it reads')
      const input: PlannedInput = { plan: inputPlan(shape, known), write: undefined }
      made.set(address, input)
      return input
    })
  }

  /** The code that writes a plan's input, made when the plan is first asked for. */
  #writerOf(entrypoint: number): InputWriter | undefined {
    const input = this.#inputs[entrypoint]
    if (input?.plan !== undefined) {
      input.write = this.#writer.compile(input.plan)
      input.plan = undefined
    }
    return input?.write
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
      const error = options.strictBuiltinErrors === true ? this.#errors[0] : undefined
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
      const input =
        json === undefined
          ? this.#writer.writeDataAt(this.#dataEnd, plain, this.#write)
          : this.#readJson(json, entrypoint)
      // JSON is read by the module, which knows where its heap ends.
      const end = json === undefined ? this.#writer.end : this.#cache === undefined ? 0 : this.#exports.rego_heap.value
      const known = this.#cache?.find(entrypoint, input, this.#dataEnd, end)
      if (known !== undefined) {
        this.#limit = 0
        return known.result
      }
      this.#limit = Math.min(options.fuel ?? FUEL_DEFAULT, 0x7fffffff)
      const word = this.#evaluate(entrypoint, input, this.#data, end, this.#limit)
      this.#memory.refresh()
      const result = word === 0 ? undefined : this.#reader.data(word)
      // A failed built-in is told anew each time.
      return this.#errors.length > 0 || this.#cache === undefined ? result : this.#cache.keep(result)
    } catch (error) {
      throw this.#explained(error)
    } finally {
      this.#running = false
    }
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
    this.#errors = []
    const entrypoint = this.#begin(name, options)
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
    this.#options = options
    if (this.#errors.length > 0) this.#errors = []
    this.#context = undefined
    this.#place = NOWHERE
    if (this.#meter !== undefined) this.#meter.value = METER_FUEL
    // Mostly the same is asked for again.
    if (name !== this.#asked) this.#askFor(name)
    this.#running = true
    return this.#askedNumber
  }

  #askFor(name: string): void {
    const entrypoint = this.#entrypoints.get(name)
    if (entrypoint === undefined) {
      this.#limit = 0
      this.#fuel.value = 0
      throw new EvaluationError('eval_internal_error', `no plan \`${name}\``, NOWHERE)
    }
    this.#write = this.#writerOf(entrypoint)
    this.#asked = name
    this.#askedNumber = entrypoint
  }

  #ended(error: EvaluationError | undefined): Evaluation {
    const ended = { results: [], builtinErrors: this.#errors, fuelSpent: this.fuelSpent() }
    return error === undefined ? ended : { ...ended, error }
  }

  #ask(id: number, site: number, words: readonly number[]): number {
    const builtin = this.#builtins[id]
    const name = this.description.builtins[id]
    if (builtin === undefined || name === undefined) throw new RangeError(`no built-in ${id}`)
    this.#memory.refresh()
    this.#place = this.#sites[site] ?? NOWHERE
    this.#context ??= this.#makeContext()
    try {
      const result = builtin(
        this.#context,
        words.map((word) => this.#reader.value(word)),
      )
      return result === undefined ? 0 : this.#writer.writeValue(result)
    } catch (error) {
      if (!(error instanceof BuiltinError)) throw error
      const text = `${name}: ${error.message}`
      this.#errors.push(new EvaluationError(error.code, text, this.#place, { cause: error }))
      return 0
    }
  }

  #makeContext(): BuiltinContext {
    const options = this.#options
    const program = this
    return {
      nowNs: options.nowNs ?? 0n,
      random: options.random ?? seededRandom(0),
      cache: new Map(),
      spend: (units) => program.#spend(units),
      print: (line) => options.print?.(line, program.#place),
      note: (message) => options.note?.(message, program.#place),
      testCase: (keys) => options.testCase?.(keys),
      get place() {
        return program.#place
      },
      runtime: options.runtime ?? new RegoObject(),
      ...(options.external === undefined ? {} : { external: options.external }),
    }
  }

  #spend(units: number): void {
    const fuel = this.#fuel
    const left = fuel.value - units
    fuel.value = Math.max(left, 0)
    if (left < 0) throw new EvaluationHalted('fuel')
    if (this.#options.cancelled?.() === true) throw new EvaluationHalted('cancelled')
  }

  /** Why an evaluation ended, in the interpreter's words. */
  #explained(error: unknown): EvaluationError {
    this.#memory.refresh()
    return explained(error, {
      exports: this.#exports,
      string: (address) => this.#reader.string(address),
      builtinPlace: this.#place,
      placeIn: (stack) => trapPlace(this.#module, this.description.files, stack),
    })
  }
}
