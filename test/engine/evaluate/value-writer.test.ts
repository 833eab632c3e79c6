import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { policyOf } from '../../support/modules.ts'

const text = `package w
import rego.v1
all := input
some_of := [[row.name, row.kind] | some row in input.rows]
`
const module = new WebAssembly.Module(emitModule(policyOf(text, ['w/all', 'w/some_of'])))

test('strings that come again, elsewhere or not at all are those of the input at hand', () => {
  const word = fc.oneof(
    fc.constantFrom('a', 'b', 'name', 'a string that is longer than those that are kept', ''),
    fc.string(),
  )
  const row = fc.record(
    { name: word, kind: word, more: fc.array(word) },
    { requiredKeys: ['name', 'kind'], noNullPrototype: true },
  )
  const input = fc.record({ rows: fc.array(row, { maxLength: 12 }) }, { noNullPrototype: true })
  const program = new WasmProgram(module, builtins)
  fc.assert(
    fc.property(fc.array(input, { maxLength: 6 }), (inputs) => {
      for (const input of [...inputs, ...inputs]) {
        assert.deepEqual(program.evaluateData('w/all', input, {}), input)
        const expected = input.rows.map(({ name, kind }) => [name, kind])
        assert.deepEqual(program.evaluateData('w/some_of', input, {}), expected)
      }
    }),
  )
})

test('more strings than there is room for are those of the input at hand, and so are more than are expected', () => {
  const program = new WasmProgram(module, builtins)
  for (let round = 0; round < 4; round++) {
    const rows = Array.from({ length: 1_500 }, (_, i) => ({ name: `n${i * (round + 1)}`, kind: `k${i % 7}` }))
    const expected = rows.map(({ name, kind }) => [name, kind])
    assert.deepEqual(program.evaluateData('w/some_of', { rows }, {}), expected)
    assert.deepEqual(program.evaluateData('w/some_of', { rows: rows.slice(0, 3) }, {}), expected.slice(0, 3))
  }
})
