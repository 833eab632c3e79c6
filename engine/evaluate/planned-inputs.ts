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

/** The writers of inputs, by plan. Plans that read the same share one. */
export class PlannedInputs {
  readonly #writer: ValueWriter
  readonly #inputs: readonly PlannedInput[]

  /** Throws EvaluateError `bad_module` where the module does not say what its plans read. */
  constructor(
    description: ModuleDescription,
    memory: LinearMemory,
    known: ReadonlyMap<string, number>,
    writer: ValueWriter,
  ) {
    this.#writer = writer
    const texts = new Map([...known].map(([text, address]) => [address, text]))
    const made = new Map<number, PlannedInput>()
    this.#inputs = description.entrypoints.map((_, entrypoint) => {
      const address = description.shapes[entrypoint] ?? 0
      const same = made.get(address)
      if (same !== undefined) return same
      const shape = decodeShape(memory.words, address, (name) => texts.get(name))
      if (shape === undefined) throw new EvaluateError('bad_module', 'the module does not say what it reads')
      const input: PlannedInput = { plan: inputPlan(shape, known), write: undefined }
      made.set(address, input)
      return input
    })
  }

  /** The code that writes a plan's input, made when the plan is first asked for; undefined where all of it is written. */
  writerOf(entrypoint: number): InputWriter | undefined {
    const input = this.#inputs[entrypoint]
    if (input?.plan !== undefined) {
      input.write = this.#writer.compile(input.plan)
      input.plan = undefined
    }
    return input?.write
  }
}
