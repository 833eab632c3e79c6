// A policy host over the IR interpreter: exact, traced and bounded by fuel; slower than compiled code.
import { builtins } from '../../rego/builtins/index.ts'
import { type EvaluateOptions, Program } from '../../rego/interpret/index.ts'
import type { Policy } from '../../rego/ir/index.ts'
import { dataFromValue, isObject, type RegoObject, type Value, valueFromData } from '../../rego/value/index.ts'
import { EvaluateError, type PolicyHost } from './contract.ts'
import { decisionError } from './errors.ts'

/** What a host is made of. */
export interface InterpreterParts {
  readonly policy: Policy
  readonly data: RegoObject
  readonly revision: string
  readonly digest: string
  readonly nowNs: () => bigint
  readonly random: (length: number) => Uint8Array
  readonly fuel?: number
}

/** Fuel of one decision: far above any sane policy, far below what would stall a gateway. */
export const decisionFuel = 2_000_000

/** Makes a host. Throws EvaluateError when the plan cannot run here. */
export function createInterpreterHost(parts: InterpreterParts): PolicyHost {
  let program: Program
  try {
    program = new Program(parts.policy, builtins)
  } catch (cause) {
    throw new EvaluateError('bad_module', cause instanceof Error ? cause.message : 'the plan cannot run', { cause })
  }
  // The digest of an action is dear to compute; a policy that never names it does not pay for it.
  const readsDigest = parts.policy.strings.includes('digest')
  let spent = 0
  return {
    revision: parts.revision,
    digest: parts.digest,
    has: (entrypoint) => program.entryPoints().includes(entrypoint),
    evaluate: (entrypoint, input) => {
      const options: EvaluateOptions = {
        input: inputValue(input, readsDigest),
        data: parts.data,
        nowNs: parts.nowNs(),
        random: parts.random,
        fuel: parts.fuel ?? decisionFuel,
      }
      const evaluation = program.evaluate(entrypoint, options)
      spent = evaluation.fuelSpent
      if (evaluation.error !== undefined) throw decisionError(evaluation.error)
      const [first] = evaluation.results
      const result = first !== undefined && isObject(first) ? first.get('result') : undefined
      return result === undefined ? undefined : dataFromValue(result)
    },
    fuelSpent: () => spent,
    close: () => undefined,
  }
}

function inputValue(input: unknown, readsDigest: boolean): Value {
  if (readsDigest || typeof input !== 'object' || input === null || !('action' in input)) return valueFromData(input)
  const { action } = input
  if (typeof action !== 'object' || action === null) return valueFromData(input)
  const plain: { [name: string]: unknown } = {}
  for (const name of Object.keys(action)) if (name !== 'digest') plain[name] = Reflect.get(action, name)
  return valueFromData({ ...input, action: plain })
}
