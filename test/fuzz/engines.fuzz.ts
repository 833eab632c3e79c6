// Interpreter and wasm on the same generated policies and inputs: every answer, error and failed built-in is the same,
// whether the input is written whole or only what the policy reads of it.
import { WasmProgram } from '../../engine/evaluate/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import { compileModules } from '../../rego/compile/index.ts'
import { type Evaluation, Program } from '../../rego/interpret/index.ts'
import { planEntrypoints } from '../../rego/plan/index.ts'
import { readJson, valueFromData, writeRego } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { randomInput, randomModule } from '../support/policy-generator.ts'

export const name = 'engines'

const inputsEach = 6
const fuel = 200_000

/** Compares until the deadline. A case is a policy with an input. */
export async function run(random: () => number, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  let cases = 0
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) cases += comparePolicy(random, failures)
  return { cases, failures }
}

/** Compares the engines on one generated policy; gives how many cases that was, 0 where it does not compile. */
export function comparePolicy(random: () => number, failures: string[], inputs: number = inputsEach): number {
  const { text, rules } = randomModule(random)
  const { compilation } = compileModules([{ file: 'policy.rego', text, regoVersion: 1 }])
  if (compilation === undefined) return 0
  const entrypoints = ['g', ...rules.filter((rule) => !text.includes(`\n${rule}(x)`)).map((rule) => `g/${rule}`)]
  const policy = planEntrypoints(compilation, entrypoints)
  const interpreter = new Program(policy, builtins)
  const wasm = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
  const data = valueFromData({ d: randomInput(random) })
  wasm.setData(data)
  let cases = 0
  for (let i = 0; i < inputs; i++) {
    const plain = randomInput(random)
    const input = valueFromData(plain)
    const spelled = readJson(spelledOf(plain, random))
    for (const entrypoint of entrypoints) {
      cases++
      const texts = [
        shown(interpreter.evaluate(entrypoint, { input: spelled, data, fuel })),
        shown(wasm.evaluate(entrypoint, { input: spelled, fuel })),
      ]
      if (texts[0] !== texts[1]) {
        failures.push(
          `${entrypoint}: ${texts[1]} instead of ${texts[0]} on ${writeRego(spelled)} and data ${writeRego(data)} of\n${text}`,
        )
        return cases
      }
      const wanted = shown(interpreter.evaluate(entrypoint, { input, data, fuel }))
      const whole = shown(wasm.evaluate(entrypoint, { input, fuel }))
      const read = shown(wasm.evaluate(entrypoint, { fuel }, plain))
      const json = answered(() => wasm.evaluateJson(entrypoint, jsonOf(plain, random), { fuel }))
      const direct = answered(() => wasm.evaluateData(entrypoint, plain, { fuel }))
      if (json !== direct) {
        failures.push(`${entrypoint}: ${json} from JSON instead of ${direct} on ${JSON.stringify(plain)} of\n${text}`)
        return cases
      }
      if (whole === wanted && read === wanted) continue
      const which = whole === wanted ? 'with only what is read' : 'with the whole input'
      failures.push(
        `${entrypoint}, ${which}: ${whole === wanted ? read : whole} instead of ${wanted} on ${JSON.stringify(plain)} and data ${writeRego(data)} of\n${text}`,
      )
      return cases
    }
  }
  return cases
}

/** An input as JSON, some of its integers as no program writes them. */
function spelledOf(plain: unknown, random: () => number): string {
  const spell = (digits: string): string => (random() < 0.5 ? `${digits}.0` : random() < 0.5 ? `${digits}e0` : digits)
  return JSON.stringify(plain).replace(/(?<=[:[,])-?[0-9](?=[,\]}])/g, spell)
}

/** An input as JSON, some of its letters as escapes. */
function jsonOf(plain: unknown, random: () => number): Uint8Array {
  const text = JSON.stringify(plain, undefined, random() < 0.2 ? 1 : undefined)
  return new TextEncoder().encode(random() < 0.2 ? text.replaceAll('"a', '"\\u0061') : text)
}

function answered(evaluate: () => unknown): string {
  try {
    return JSON.stringify(evaluate()) ?? 'undefined'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function shown({ results, error, builtinErrors }: Evaluation): string {
  // How often a rule is evaluated again under a `with` differs; what fails in it does not.
  const errors = [...new Set(builtinErrors.map(({ message }) => message))].join('; ')
  // Where the fuel ends differs, since each engine spends it on its own steps.
  const failed = error?.code === 'eval_cancel_error' ? `${error.code}: ${error.text}` : error?.message
  return `${failed ?? writeRego(results)} [${errors}]`
}
