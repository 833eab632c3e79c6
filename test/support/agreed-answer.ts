// What a policy gives under both engines, which must agree.
import assert from 'node:assert/strict'
import { WasmProgram } from '../../engine/evaluate/index.ts'
import { builtins } from '../../rego/builtins/index.ts'
import { Program } from '../../rego/interpret/index.ts'
import { valueFromData, writeJson } from '../../rego/value/index.ts'
import { emitModule } from '../../rego/wasm/index.ts'
import { policyOf } from './modules.ts'

/** What rule `p` gives, as JSON; fails where the interpreter gives anything else. */
export function agreedAnswer(rules: string, input: unknown, data: unknown = {}): string {
  const policy = policyOf(`package h\nimport rego.v1\n${rules}`, ['h/p'])
  const program = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
  program.setData(valueFromData(data))
  const got = program.evaluate('h/p', { input: valueFromData(input) })
  const wanted = new Program(policy, builtins).evaluate('h/p', {
    input: valueFromData(input),
    data: valueFromData(data),
  })
  assert.deepEqual(
    [got.error?.message, got.builtinErrors.map(({ message }) => message)],
    [wanted.error?.message, wanted.builtinErrors.map(({ message }) => message)],
  )
  assert.equal(writeJson(got.results), writeJson(wanted.results))
  return writeJson(got.results)
}
