import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EvaluateError, WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins, EvaluationHalted } from '../../../rego/builtins/index.ts'
import { EvaluationError } from '../../../rego/interpret/index.ts'
import { type Value, valueFromData } from '../../../rego/value/index.ts'
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

test('a built-in that breaks, cancels or evaluates again ends the evaluation with its own error, and the next one is well', () => {
  let answer = (): Value => 7
  const table = new Map([...builtins, ['units.parse', () => answer()] as const])
  const program = new WasmProgram(module, table)
  const ended = (): readonly (string | undefined)[] => {
    const { error } = program.evaluate('a/p', {}, { size: 'x' })
    assert.throws(() => program.evaluateData('a/p', { size: 'x' }, {}), EvaluationError)
    return [error?.code, error?.text]
  }
  const failures: readonly (readonly [() => Value, readonly string[]])[] = [
    [() => assert.fail('what nobody may see'), ['eval_internal_error', 'a built-in broke']],
    [
      () => {
        throw new EvaluationHalted('cancelled')
      },
      ['eval_cancel_error', new EvaluationHalted('cancelled').message],
    ],
    [() => valueFromData(program.evaluateData('a/p', { size: 'x' }, {})), ['eval_internal_error', 'a built-in broke']],
  ]
  for (const [fails, wanted] of failures) {
    answer = fails
    assert.deepEqual(ended(), wanted)
    answer = () => 7
    assert.equal(program.evaluateData('a/p', { size: 'x' }, {}), 7)
  }
})
