// What the functions of one policy share while they are emitted: indices, constants, places of calls.
import type { Func, Place, Policy } from '../ir/index.ts'
import { ExitFinder, type Listings } from '../optimize/index.ts'
import { numberFromBigInt, numberFromText } from '../value/index.ts'
import { ByteWriter } from './bytes.ts'
import type { Constants } from './constants.ts'
import { WasmError } from './error.ts'
import { type ConstantPattern, patternTable } from './patterns.ts'
import type { Runtime } from './runtime.ts'

/** Room for the code of most policies. */
const BODIES_BYTES = 65_536

/** Where a built-in is called: the host is told its index in the list. */
export interface CallSite {
  readonly file: number
  readonly row: number
  readonly col: number
}

/** A policy on its way to a module. */
export class EmitProgram {
  readonly policy: Policy
  readonly runtime: Runtime
  readonly constants: Constants
  /** The bodies of the functions that are emitted, one behind the other. */
  readonly bodies: ByteWriter = new ByteWriter(BODIES_BYTES)
  readonly sites: CallSite[] = []
  readonly listings: Listings
  readonly exits: ExitFinder
  /** Whether every binding that plans make is of the name `result` alone, as far as they are emitted. */
  bindsOnlyResult = true
  readonly #functions: ReadonlyMap<string, { readonly func: Func; readonly index: number; readonly row: number }>
  readonly #builtins: ReadonlyMap<string, { readonly id: number; readonly isVoid: boolean }>
  readonly #sites = new Map<string, number>()
  readonly #patterns = new Map<string, number | undefined>()

  /** `firstIndex` is the function index of the policy's first function; `rows` are the memo rows of functions. */
  constructor(
    policy: Policy,
    runtime: Runtime,
    constants: Constants,
    firstIndex: number,
    rows: ReadonlyMap<Func, number>,
    listings: Listings,
  ) {
    this.policy = policy
    this.listings = listings
    this.exits = new ExitFinder(policy, listings)
    this.runtime = runtime
    this.constants = constants
    this.#functions = new Map(
      policy.funcs.map((func, i) => [func.name, { func, index: firstIndex + i, row: rows.get(func) ?? -1 }]),
    )
    this.#builtins = new Map(
      policy.builtins.map(({ name, decl }, id) => [
        name,
        { id, isVoid: typeof decl === 'object' && decl !== null && !('result' in decl) },
      ]),
    )
  }

  /** A planned function: its index, and the row its value is remembered in, -1 where it is not. */
  planned(name: string): { readonly func: Func; readonly index: number; readonly row: number } | undefined {
    return this.#functions.get(name)
  }

  /** The planned functions that dynamic calls may find. */
  *byPath(): Generator<{ readonly path: readonly string[]; readonly func: Func; readonly index: number }> {
    // Of two functions with one path the last is found, as in the interpreter.
    const last = new Map<string, { path: readonly string[]; func: Func; index: number }>()
    for (const { func, index } of this.#functions.values()) {
      if (func.path !== undefined) last.set(JSON.stringify(func.path), { path: func.path, func, index })
    }
    yield* last.values()
  }

  /** A built-in's number, and whether it has no result. */
  builtin(name: string): { readonly id: number; readonly isVoid: boolean } {
    const found = this.#builtins.get(name)
    if (found === undefined) throw new WasmError(`no function \`${name}\``)
    return found
  }

  /** The number of a place where a built-in is called. */
  site(place: Place): number {
    const key = `${place.file}:${place.row}:${place.col}`
    const known = this.#sites.get(key)
    if (known !== undefined) return known
    const index = this.sites.push({ file: place.file, row: place.row, col: place.col }) - 1
    this.#sites.set(key, index)
    return index
  }

  /** The address of a constant string of the policy. */
  string(index: number): number {
    const text = this.policy.strings[index]
    if (text === undefined) throw new WasmError(`no string ${index}`)
    return this.constants.string(text)
  }

  /** The address of a file's name. */
  file(place: Place): number {
    return this.constants.string(this.policy.files[place.file] ?? '')
  }

  /** The address of the table of a constant pattern; undefined where the host must match it. */
  pattern(pattern: ConstantPattern): number | undefined {
    const key = JSON.stringify([pattern.kind, pattern.pattern, pattern.delimiters])
    if (!this.#patterns.has(key)) this.#patterns.set(key, patternTable(this.constants, pattern))
    return this.#patterns.get(key)
  }

  /** The word of a constant number that a string spells. */
  numberRef(index: number): number {
    const number = numberFromText(this.policy.strings[index] ?? '')
    if (number === undefined) throw new WasmError(`string ${index} is no number`)
    return this.constants.number(number)
  }

  /** The word of an integer. */
  integer(value: bigint): number {
    return this.constants.number(numberFromBigInt(value))
  }
}
