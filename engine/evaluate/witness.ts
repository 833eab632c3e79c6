// The interpreter as a witness: a share of live decisions is evaluated once more, later, and compared. A difference
// between compiled policy and interpreter is a fault of ours, so it is worth an alarm.
import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { builtins } from '../../rego/builtins/index.ts'
import { type EvaluateOptions, Program } from '../../rego/interpret/index.ts'
import type { Policy } from '../../rego/ir/index.ts'
import {
  dataFromValue,
  isObject,
  type RegoObject,
  type Value,
  valueFromData,
  writeJson,
} from '../../rego/value/index.ts'
import type { EvaluateErrorCode } from './contract.ts'
import { decisionError } from './errors.ts'

/** A decision as the compiled policy made it. */
export interface SeenDecision {
  readonly entrypoint: string
  readonly input: unknown
  readonly options: EvaluateOptions
  readonly result?: unknown
  readonly failed?: EvaluateErrorCode
}

/** A decision on which compiled policy and interpreter differ. The input itself stays out of logs. */
export interface Difference {
  readonly entrypoint: string
  /** SHA-256 (hex) of the input as JSON. */
  readonly inputDigest: string
  readonly message: string
}

/** Who sees decisions. */
export interface Witness {
  see(decision: SeenDecision): void
}

/** What a witness is made of. */
export interface WitnessParts {
  /** The plan; asked for when the first decision is seen. */
  readonly policy: () => Policy
  readonly data: RegoObject
  /** The share of decisions that are seen, 0 to 1. */
  readonly share: number
  /** A number from 0 up to 1 for each decision. */
  readonly chance: () => number
  /** Runs the work when nobody waits for it. */
  readonly later: (work: () => void) => void
  readonly onDifference: (difference: Difference) => void
  /** Told of each decision that was compared. */
  readonly onSeen?: () => void
}

/** Decisions that wait to be seen; beyond them none is taken, so that a witness never holds much memory. */
export const WITNESS_WAITING_MAX = 64

/** Built-ins that answer otherwise each time: a policy that calls one cannot be seen twice. */
const unrepeatable: ReadonlySet<string> = new Set(['rand.intn', 'uuid.rfc4122', 'http.send', 'net.lookup_ip_addr'])

/** Codes whose limits are counted differently by the two engines. */
const ownLimits: ReadonlySet<EvaluateErrorCode> = new Set(['fuel_spent', 'memory_spent', 'aborted'])

/** Makes a witness; undefined where no share is asked for. A policy that cannot be seen twice is not. */
export function createWitness(parts: WitnessParts): Witness | undefined {
  if (parts.share <= 0) return undefined
  let program: Program | 'unrepeatable' | undefined
  const programOf = (): Program | 'unrepeatable' => {
    const policy = parts.policy()
    return policy.builtins.some(({ name }) => unrepeatable.has(name)) ? 'unrepeatable' : new Program(policy, builtins)
  }
  let waiting = 0
  return {
    see: (decision) => {
      if (waiting >= WITNESS_WAITING_MAX || parts.chance() >= parts.share) return
      waiting++
      parts.later(() => {
        waiting--
        program ??= programOf()
        if (program === 'unrepeatable') return
        const message = compareWith(program, parts.data, decision)
        parts.onSeen?.()
        if (message === undefined) return
        const inputDigest = createHash('sha256')
          .update(writeJson(valueFromData(decision.input)))
          .digest('hex')
        parts.onDifference({ entrypoint: decision.entrypoint, inputDigest, message })
      })
    },
  }
}

function optionsOf(decision: SeenDecision, input: Value, data: RegoObject): EvaluateOptions {
  const { nowNs, random, fuel } = decision.options
  return {
    input,
    data,
    ...(nowNs === undefined ? {} : { nowNs }),
    ...(random === undefined ? {} : { random }),
    ...(fuel === undefined ? {} : { fuel }),
  }
}

/** How the interpreter's decision differs, without a word of the input. */
function compareWith(program: Program, data: RegoObject, decision: SeenDecision): string | undefined {
  const input = valueFromData(decision.input)
  const { results, error } = program.evaluate(decision.entrypoint, optionsOf(decision, input, data))
  const failed = error === undefined ? undefined : decisionError(error).code
  if (failed !== undefined || decision.failed !== undefined) {
    if (failed === decision.failed) return undefined
    if (failed !== undefined && ownLimits.has(failed)) return undefined
    if (decision.failed !== undefined && ownLimits.has(decision.failed)) return undefined
    return `compiled: ${decision.failed ?? 'a result'}; interpreted: ${failed ?? 'a result'}`
  }
  const [first] = results
  const result = first !== undefined && isObject(first) ? first.get('result') : undefined
  const wanted = result === undefined ? undefined : dataFromValue(result)
  return isDeepStrictEqual(wanted, decision.result) ? undefined : 'the results differ'
}
