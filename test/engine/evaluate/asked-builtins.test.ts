import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EvaluateError, WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { policyOf } from '../../support/modules.ts'

const text = 'package a\nimport rego.v1\np := units.parse(input.size)\nq := time.now_ns()\n'
const module = new WebAssembly.Module(emitModule(policyOf(text, ['a/p', 'a/q'])))

test('what failed in one evaluation is not told of another', () => {
  const program = new WasmProgram(module, builtins)
  const good = program.evaluate('a/p', {}, { size: '2K' })
  const bad = program.evaluate('a/p', {}, { size: 'two' })
  const again = program.evaluate('a/p', {}, { size: '3K' })
  assert.deepEqual(
    [good, bad, again].map(({ builtinErrors }) => builtinErrors.length),
    [0, 1, 0],
  )
  assert.match(bad.builtinErrors[0]?.message ?? '', /^a.rego:3|units\.parse/)
  assert.equal(program.evaluateData('a/p', { size: 'two' }, {}), undefined)
  assert.equal(program.evaluateData('a/p', { size: '1K' }, {}), 1_000)
  assert.equal(bad.builtinErrors.length, 1)
})

test('built-ins see the time of their own evaluation', () => {
  const program = new WasmProgram(module, builtins)
  assert.equal(program.evaluateData('a/q', {}, { nowNs: 5n }), 5)
  assert.equal(program.evaluateData('a/q', {}, { nowNs: 6n }), 6)
})

test('a module that asks for a built-in that there is not is refused', () => {
  const fewer = new Map([...builtins].filter(([name]) => name !== 'units.parse'))
  assert.throws(
    () => new WasmProgram(module, fewer),
    (error) => error instanceof EvaluateError && error.code === 'bad_module',
  )
})
