// A policy host over a module of ours: what decides in the gateway. The interpreter may watch a share of the decisions.
import { builtins } from '../../rego/builtins/index.ts'
import { type EvaluateOptions, EvaluationError } from '../../rego/interpret/index.ts'
import type { RegoObject } from '../../rego/value/index.ts'
import { meterModule } from '../../rego/wasm/index.ts'
import { EvaluateError, type PolicyHost } from './contract.ts'
import type { DataImages } from './data-images.ts'
import { decisionError } from './errors.ts'
import { decisionFuel } from './interpreter-host.ts'
import { WasmProgram } from './wasm-program.ts'
import type { Witness } from './witness.ts'

/** What a host is made of. */
export interface WasmParts {
  /** A module that our compiler made, or its bytes. */
  readonly module: Uint8Array | WebAssembly.Module
  /** Whether the bytes came from elsewhere: they are metered, since they may only claim to be ours. */
  readonly foreign?: boolean
  readonly data: RegoObject
  /** Where data that is unchanged since the last host comes from, and what tells that it is. Modules of ours only. */
  readonly images?: { readonly of: DataImages; readonly digest: string }
  readonly revision: string
  readonly digest: string
  readonly nowNs: () => bigint
  readonly random: (length: number) => Uint8Array
  readonly fuel?: number
  readonly memoryPagesMax?: number
  /** Bytes of memory for decisions that are kept by their input. */
  readonly cacheBytes?: number
  /** Sees some of the decisions again; absent where nobody does. */
  readonly witness?: Witness
}

/** Decisions are kept in so much memory where nobody says otherwise. */
export const CACHE_BYTES_DEFAULT = 262_144

/** Makes a host. Throws EvaluateError: `bad_module` for a module that is none of ours, `memory_spent` for too much data. */
export function createWasmHost(parts: WasmParts): PolicyHost {
  const program = programOf(parts)
  if (parts.images === undefined || parts.foreign === true) program.setData(parts.data)
  else parts.images.of.load(program, parts.data, parts.images.digest)
  const { nowNs, random, fuel = decisionFuel, witness } = parts
  const entrypoints = new Set(program.description.entrypoints)
  return {
    revision: parts.revision,
    digest: parts.digest,
    has: (entrypoint) => entrypoints.has(entrypoint),
    evaluate: (entrypoint, input) => {
      const options = new DecisionOptions(nowNs, random, fuel)
      try {
        const result = program.evaluateData(entrypoint, input, options)
        witness?.see({ entrypoint, input, options, result })
        return result
      } catch (error) {
        const failed = error instanceof EvaluationError ? decisionError(error) : error
        if (failed instanceof EvaluateError) witness?.see({ entrypoint, input, options, failed: failed.code })
        throw failed
      }
    },
    fuelSpent: () => program.fuelSpent(),
    close: () => undefined,
  }
}

/** The options of one decision. The clock is read when something asks what time it is, and then once. */
class DecisionOptions implements EvaluateOptions {
  readonly random: (length: number) => Uint8Array
  readonly fuel: number
  readonly #clock: () => bigint
  #nowNs: bigint | undefined

  constructor(clock: () => bigint, random: (length: number) => Uint8Array, fuel: number) {
    this.#clock = clock
    this.random = random
    this.fuel = fuel
  }

  get nowNs(): bigint {
    this.#nowNs ??= this.#clock()
    return this.#nowNs
  }
}

function programOf(parts: WasmParts): WasmProgram {
  let module: WebAssembly.Module
  try {
    module =
      parts.module instanceof WebAssembly.Module
        ? parts.module
        : new WebAssembly.Module(parts.foreign === true ? meterModule(parts.module).bytes : parts.module)
  } catch (cause) {
    throw new EvaluateError('bad_module', 'the bytes are no wasm module', { cause })
  }
  return new WasmProgram(module, builtins, {
    cacheBytes: parts.cacheBytes ?? CACHE_BYTES_DEFAULT,
    ...(parts.memoryPagesMax === undefined ? {} : { memoryPagesMax: parts.memoryPagesMax }),
  })
}
