import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { compileModules } from '../../../rego/compile/index.ts'
import { type Evaluation, Program } from '../../../rego/interpret/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import { isObject, RegoObject, readJson, type Value, writeJson } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'

const fixture = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/rego/numbers/${name}`, import.meta.url), 'utf8')

/** What OPA answered to each rule of the policy, as JSON; null where a rule is undefined. */
const wanted = new Map<string, string | null>(Object.entries(JSON.parse(fixture('answers.json'))))

const { compilation } = compileModules([{ file: 'numbers.rego', text: fixture('policy.rego'), regoVersion: 1 }])
assert.ok(compilation)
const policy = planEntrypoints(compilation, ['numbers'])
const input = readJson(fixture('document.json'))
const data = new RegoObject([['num', input]])

/** Each rule that is answered otherwise than by OPA, with both answers. */
function differences({ results, error }: Evaluation): readonly string[] {
  assert.equal(error, undefined)
  const [result] = results
  const rules = isObject(result) ? result.get('result') : undefined
  assert.ok(isObject(rules))
  const shown = (value: Value | undefined): string | null => (value === undefined ? null : writeJson(value))
  return [...wanted]
    .filter(([name, answer]) => shown(rules.get(name)) !== answer)
    .map(([name, answer]) => `${name}: ${shown(rules.get(name))} instead of ${answer}`)
}

test('the interpreter writes every number as OPA does', () => {
  assert.ok(wanted.size > 400)
  assert.deepEqual(differences(new Program(policy, builtins).evaluate('numbers', { input, data })), [])
})

test('a module writes every number as OPA does', () => {
  const program = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
  program.setData(data)
  assert.deepEqual(differences(program.evaluate('numbers', { input })), [])
})
