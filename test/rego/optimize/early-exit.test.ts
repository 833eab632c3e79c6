import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { ExitFinder } from '../../../rego/optimize/index.ts'
import { valueFromData, writeJson } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { policyOf } from '../../support/modules.ts'

/** How many early exits a rule has: past other rules, and out of loops. */
function exitsOf(text: string, rule = 'p'): readonly [past: number, loops: number] {
  const policy = policyOf(`package t\n${text}`, ['t/p'])
  const func = policy.funcs.find(({ name }) => name.endsWith(`.t.${rule}`))
  const { past, assignments } = new ExitFinder(policy).of(func ?? assert.fail())
  return [past.size, assignments.size]
}

const cases: readonly (readonly [note: string, text: string, wanted: readonly [number, number]])[] = [
  ['rules of one constant', 'p if input.a == 1\np if input.b == 2\np if input.c == 3', [2, 0]],
  ['rules that only compare', 'p if input.a > 1\np if is_string(input.b)', [1, 0]],
  ['rules that call such rules', 'p if q\np if q\nq if input.b == 2', [1, 0]],
  ['loops', 'p if input.xs[_] == 1\np if { some x in input.ys; x > 2 }', [1, 2]],
  ['loops in loops', 'p if { some x in input.xs; some y in x; y == input.b }', [0, 1]],
  ['one constant each', 'p := "a" if input.a == 1\np := "b" if input.b == 2', [0, 0]],
  [
    'one constant for two of three',
    'p := "a" if input.a == 1\np := "b" if input.b == 2\np := "b" if input.c == 2',
    [1, 0],
  ],
  ['a value of the input', 'p := input.a if input.a == 1\np := input.a if input.b == 2', [0, 0]],
  ['a built-in that may fail in the second', 'p if input.a == 1\np if startswith(input.b, "x")', [0, 0]],
  ['a built-in that may fail in the first', 'p if startswith(input.b, "x")\np if input.a == 1', [1, 0]],
  ['a built-in that may fail in a loop', 'p if { some x in input.xs; startswith(x, "a") }', [0, 0]],
  ['a call that may conflict', 'p if input.a == 1\np if q == 1\nq := x if some x in input.xs', [0, 0]],
  ['a call that may fail further on', 'p if input.a == 1\np if q\nq if r\nr if to_number(input.b) > 1', [0, 0]],
  ['an object that is built', 'p if input.a == 1\np if {k: 1 | some k in input.xs}[input.b]', [0, 0]],
]
for (const [note, text, wanted] of cases) {
  test(`early exit: ${note}`, () => {
    assert.deepEqual(exitsOf(text), wanted)
  })
}

const inputs: readonly unknown[] = [
  {},
  { a: 1, b: 2, c: 3 },
  { a: 1 },
  { b: 2 },
  { c: 2, b: 3 },
  { b: 'x', xs: ['b', 'a', 7], ys: [1, 3, 4] },
  { xs: [1, 2, 1], ys: [] },
  { xs: [[1], [2, 9]], b: 2 },
  { xs: { k: 1, l: 1 }, a: 1, b: 'l' },
  { a: 2, b: 1, xs: [1, 2] },
]

test('what is left out is not missed: answers, errors and failed built-ins are the interpreter\u2019s', () => {
  for (const [note, text] of cases) {
    const policy = policyOf(`package t\n${text}`, ['t/p'])
    const wasm = new WasmProgram(new WebAssembly.Module(new Uint8Array(emitModule(policy))), builtins)
    const interpreter = new Program(policy, builtins)
    for (const plain of inputs) {
      const input = valueFromData(plain)
      const [got, wanted] = [wasm.evaluate('t/p', { input }), interpreter.evaluate('t/p', { input })]
      const shown = `${note} on ${JSON.stringify(plain)}`
      assert.equal(got.error?.message, wanted.error?.message, shown)
      assert.equal(writeJson(got.results), writeJson(wanted.results), shown)
      assert.deepEqual(
        got.builtinErrors.map(({ message }) => message),
        wanted.builtinErrors.map(({ message }) => message),
        shown,
      )
    }
  }
})

test('a loop ends at the first hit, and rules behind a hit are not asked', () => {
  const policy = policyOf(
    'package t\np if { some x in input.xs; some y in input.xs; x == y }\np if { some x in input.xs; some y in input.xs; x > y }',
    ['t/p'],
  )
  const wasm = new WasmProgram(new WebAssembly.Module(new Uint8Array(emitModule(policy))), builtins)
  const fuelFor = (xs: readonly number[]): number => {
    assert.equal(writeJson(wasm.evaluate('t/p', { input: valueFromData({ xs }) }).results), '[{"result":true}]')
    return wasm.fuelSpent()
  }
  const many = Array.from({ length: 500 }, (_, i) => i)
  // Each turn of a loop within a loop spends for all of its own: one such turn, not five hundred.
  assert.ok(fuelFor(many) < 20 * many.length, `${fuelFor(many)}`)
})
