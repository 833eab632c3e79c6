// How the inputs of a module's plans are written: by what the module says that each can read.
import { decodeShape, type ModuleDescription, packedStrings } from '../../rego/wasm/index.ts'
import { EvaluateError } from './contract.ts'
import { type InputPlan, inputPlan } from './input-plan.ts'
import type { InputWriter } from './input-writer.ts'
import type { LinearMemory } from './linear-memory.ts'
import type { ValueWriter } from './value-writer.ts'

/** How an input is written: a plan, then the code made of it; all of the input where there is neither. */
interface PlannedInput {
  plan: InputPlan | undefined
  write: InputWriter | undefined
}

/**
 * The constant strings of a module by their text; they lie below an address. Throws EvaluateError `bad_module` where the
 * module does not say what they are.
 */
export function constantStrings(
  description: ModuleDescription,
  memory: LinearMemory,
  end: number,
): ReadonlyMap<string, number> {
  const [base = 0, from = 0, to = 0] = description.constants
  try {
    const known = packedStrings(memory.bytes.subarray(from, to), base)
    for (const address of known.values()) {
      if (address < 0 || address >= end || address % 8 !== 0) throw new RangeError('a constant beyond the constants')
    }
    return known
  } catch (cause) {
    throw new EvaluateError('bad_module', 'the module does not say what its constants are', { cause })
  }
}

/** How a host looks whether a result that it knows holds for another input. */
export interface SteadyInput {
  /** Writes what the plan reads of the input besides what changes. */
  readonly write: InputWriter
  /** The plan that says what functions of what changes come to, and how its input is written. */
  readonly probe: number
  readonly writeProbe: InputWriter
}

/** The writers of inputs, by plan. Plans that read the same share one. */
export class PlannedInputs {
  readonly #writer: ValueWriter
  readonly #made = new Map<number, PlannedInput>()
  readonly #shapes: readonly number[]
  readonly #steady = new Map<number, { readonly shape: number; readonly probe: number }>()

  /** Throws EvaluateError `bad_module` where the module does not say what its plans read. */
  constructor(
    description: ModuleDescription,
    memory: LinearMemory,
    known: ReadonlyMap<string, number>,
    writer: ValueWriter,
  ) {
    this.#writer = writer
    this.#shapes = description.shapes
    const texts = new Map([...known].map(([text, address]) => [address, text]))
    const { changing = [] } = description
    const plans = description.entrypoints.map((_, entrypoint) => description.shapes[entrypoint] ?? 0)
    for (let i = 0; i + 2 < changing.length; i += 3) {
      const [plan = 0, probe = 0, shape = 0] = changing.slice(i)
      plans.push(shape, description.shapes[probe] ?? 0)
      this.#steady.set(plan, { shape, probe })
    }
    for (const address of plans) {
      if (this.#made.has(address)) continue
      const shape = decodeShape(memory.words, address, (name) => texts.get(name))
      if (shape === undefined) throw new EvaluateError('bad_module', 'the module does not say what it reads')
      this.#made.set(address, { plan: inputPlan(shape, known), write: undefined })
    }
  }

  /** The code that writes a plan's input, made when the plan is first asked for; undefined where all of it is written. */
  writerOf(entrypoint: number): InputWriter | undefined {
    return this.#writerAt(this.#shapes[entrypoint] ?? 0)
  }

  /** How it is told whether results of a plan hold; undefined where only equal inputs have equal results. */
  steadyOf(entrypoint: number): SteadyInput | undefined {
    const steady = this.#steady.get(entrypoint)
    if (steady === undefined) return undefined
    const { shape, probe } = steady
    const write = this.#writerAt(shape)
    const writeProbe = this.writerOf(probe)
    return write === undefined || writeProbe === undefined ? undefined : { write, probe, writeProbe }
  }

  #writerAt(shape: number): InputWriter | undefined {
    const input = this.#made.get(shape)
    if (input?.plan !== undefined) {
      input.write = this.#writer.compile(input.plan)
      input.plan = undefined
    }
    return input?.write
  }
}
