import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { valueFromData } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { agreedAnswer } from '../../support/agreed-answer.ts'
import { policyOf } from '../../support/modules.ts'

const rules = `package h
import rego.v1
found := [[name, value] | some name in input.names; value := data.known[name]]
`

test('names are found in objects of any size, asked for in any order and again', () => {
  const program = new WasmProgram(new WebAssembly.Module(emitModule(policyOf(rules, ['h/found']))), builtins)
  const name = fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('a', 'b', 'name', 'a longer name'))
  fc.assert(
    fc.property(
      fc.uniqueArray(name, { maxLength: 20 }),
      fc.array(fc.array(name, { maxLength: 12 }), { maxLength: 4 }),
      (known, rounds) => {
        const plain = Object.fromEntries(known.map((each, i) => [each, i]))
        program.setData(valueFromData({ known: plain }))
        for (const names of rounds) {
          const wanted = names.flatMap((each) => (Object.hasOwn(plain, each) ? [[each, plain[each]]] : []))
          assert.deepEqual(program.evaluateData('h/found', { names }, {}), wanted)
        }
      },
    ),
  )
})

test('what was not in an object is found once it has been put in', () => {
  const building = `p := [before, after, merged.b, merged.c] if {
  one := object.union(input.first, {"a": 1})
  before := [x | x := one.b]
  two := object.union(one, {"b": input.b})
  after := [x | x := two.b]
  merged := object.union(two, {"c": 3})
}
`
  assert.equal(agreedAnswer(building, { first: {}, b: 2 }), '[{"result":[[],[2],2,3]}]')
  const keyed = `p := [x | some k in input.keys; x := {1: "int", "1": "text", null: "null", true: "bool"}[k]]\n`
  assert.equal(
    agreedAnswer(keyed, { keys: ['no', 1, 'no', '1', null, false, true, 2, 'no'] }),
    '[{"result":["int","text","null","bool"]}]',
  )
})
