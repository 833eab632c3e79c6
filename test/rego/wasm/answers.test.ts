import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import type { Policy } from '../../../rego/ir/index.ts'
import { RegoObject, valueFromData, writeJson } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { agreedAnswer } from '../../support/agreed-answer.ts'
import { block, local, planOf, planStrings, text } from '../../support/plans.ts'

const RESULT = planStrings.length
const MORE = RESULT + 1

/** A plan that makes a binding of `name` for each element of the input, with the element's key beside it or alone. */
function bindings(name: number, isAlone: boolean): Policy {
  const made = block(
    { kind: 'MakeObjectStmt', target: 4 },
    ...(isAlone ? [] : [{ kind: 'ObjectInsertStmt', key: text(MORE), value: local(2), object: 4 } as const]),
    { kind: 'ObjectInsertStmt', key: text(name), value: local(3), object: 4 },
    { kind: 'ResultSetAddStmt', value: 4 },
  )
  const policy = planOf([block({ kind: 'ScanStmt', source: 0, key: 2, value: 3, block: made })])
  return { ...policy, strings: [...planStrings, 'result', 'more'] }
}

/** What our host gives, and what is in the first result of the interpreter, in order. */
function firsts(policy: Policy, input: unknown): readonly [unknown, string] {
  const program = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
  const { results } = new Program(policy, builtins).evaluate('eval', { input: valueFromData(input) })
  const all = program.evaluate('eval', { input: valueFromData(input) })
  assert.equal(writeJson(all.results), writeJson(results))
  const [first] = results
  return [program.evaluateData('eval', input, {}), first instanceof RegoObject ? writeJson(first) : '']
}

test('of many bindings our host gives the result of the first in order', () => {
  const input = ['c', 'a', 'b', 'a']
  assert.deepEqual(firsts(bindings(RESULT, true), input), ['a', '{"result":"a"}'])
  assert.deepEqual(firsts(bindings(RESULT, false), input), ['c', '{"more":0,"result":"c"}'])
  assert.deepEqual(firsts(bindings(RESULT, true), []), [undefined, ''])
  assert.deepEqual(firsts(bindings(RESULT, false), []), [undefined, ''])
})

test('a binding of another name is no result', () => {
  assert.deepEqual(firsts(bindings(0, true), ['c', 'a']), [undefined, '{"x":"a"}'])
})

test('a module gives nothing of the decision before', () => {
  const program = new WasmProgram(new WebAssembly.Module(emitModule(bindings(RESULT, true))), builtins)
  assert.deepEqual(program.evaluateData('eval', [['a', { b: 1 }]], {}), ['a', { b: 1 }])
  assert.equal(program.evaluateData('eval', [], {}), undefined)
  assert.equal(program.evaluateData('eval', [false], {}), false)
})

test('few rules and many are remembered anew in each evaluation, and under a with', () => {
  for (const count of [1, 31, 64, 200]) {
    const rules = Array.from({ length: count }, (_, i) => `q${i} := input.x + ${i}`).join('\n')
    const sum = Array.from({ length: count }, (_, i) => `q${i} + q${i}`).join(' + ')
    const text = `${rules}\nr := ${sum}\np := [r, s, r] if s := r with input.x as 1\n`
    const of = (x: number): number => count * (count - 1) + 2 * x * count
    for (const x of [0, 5]) assert.equal(agreedAnswer(text, { x }), `[{"result":[${of(x)},${of(1)},${of(x)}]}]`)
  }
})
