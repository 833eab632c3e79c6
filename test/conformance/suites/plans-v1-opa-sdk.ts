// Our modules under OPA's SDK alone: every plan whose built-ins the module or the SDK has itself.
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { isArray, isObject, readJson, type Value, writeJson } from '../../../rego/value/index.ts'
import { emitModule, natives } from '../../../rego/wasm/index.ts'
import { type EvaluationCase, filesBelow, mismatch, readCases } from '../cases.ts'
import { casePolicy, inputOf } from '../evaluate.ts'
import type { CaseOutcome, Suite } from '../suite.ts'

interface SdkPolicy {
  setData(data: ArrayBuffer): void
  evaluate(input: ArrayBuffer | undefined, entrypoint: string): unknown
}

const sdk: { loadPolicySync(module: Uint8Array, memory: { initial: number; maximum: number }): SdkPolicy } =
  createRequire(import.meta.url)('@open-policy-agent/opa-wasm')

/** What the SDK has of its own. */
const ofSdk: ReadonlySet<string> = new Set(['json.is_valid', 'yaml.is_valid', 'yaml.marshal', 'yaml.unmarshal'])

/** plans-v1 by our modules under OPA's SDK. */
export const suites: readonly Suite[] = [
  {
    suite: 'plans-v1',
    engine: 'wasm-under-opa-sdk',
    gate: 0.99,
    needs: 'plans-v1',
    run: async (dataDir, report) => {
      const root = join(dataDir, 'plans-v1')
      for (const path of filesBelow(root, '.json')) {
        for (const wanted of readCases(path, root)) {
          const outcome = runCase(wanted)
          if (outcome !== undefined) report(outcome)
        }
      }
    },
  },
]

/** Undefined for a case that is none of the SDK's: strict errors, input that is no JSON, built-ins it does not have. */
function runCase(wanted: EvaluationCase): CaseOutcome | undefined {
  if (wanted.plan === undefined || wanted.strictError) return undefined
  const policy = casePolicy(wanted.plan)
  if (policy.builtins.some(({ name }) => !natives.has(name) && !ofSdk.has(name))) return undefined
  const input = inputOf(wanted)
  if (input !== undefined && !isJson(input)) return undefined
  const common = { id: wanted.id }
  try {
    const loaded = sdk.loadPolicySync(emitModule(policy), { initial: 5, maximum: 1_000 })
    loaded.setData(bytesOf(writeJson(wanted.data)))
    const results = readJson(
      JSON.stringify(loaded.evaluate(input === undefined ? undefined : bytesOf(writeJson(input)), 'eval')),
    )
    const reason = mismatch(wanted, { results: isArray(results) ? results : [], builtinErrors: [], fuelSpent: 0 })
    return reason === undefined ? { ...common, passed: true } : { ...common, passed: false, reason }
  } catch (error) {
    // The module's own words are all that the SDK has.
    const text = typeof error === 'string' ? error : error instanceof Error ? error.message : JSON.stringify(error)
    const isConflict = text.endsWith('var assignment conflict') || text.endsWith('object insert conflict')
    if (isConflict && wanted.wantErrorCode === 'eval_conflict_error') return { ...common, passed: true }
    return { ...common, passed: false, reason: text }
  }
}

function isJson(value: Value): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (isArray(value)) return value.every(isJson)
  return isObject(value) && [...value].every(([key, item]) => typeof key === 'string' && isJson(item))
}

function bytesOf(json: string): ArrayBuffer {
  const bytes = new TextEncoder().encode(json)
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength)
}
