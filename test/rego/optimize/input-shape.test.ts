import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describedModule } from '../../../engine/evaluate/module-check.ts'
import { compileModules } from '../../../rego/compile/index.ts'
import { type InputShape, inputShapes } from '../../../rego/optimize/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import { emitModule, packedStrings } from '../../../rego/wasm/index.ts'
import { decodeShape } from '../../../rego/wasm/shapes.ts'
import { policyOf } from '../../support/modules.ts'

const asked = ['opa_abort', 'opa_builtin0', 'opa_builtin1', 'opa_builtin2', 'opa_builtin3', 'opa_builtin4']
const shape = (fields: Readonly<Record<string, InputShape>>, elements?: InputShape): InputShape => ({
  fields: Object.assign(Object.create(null), fields),
  ...(elements === undefined ? {} : { elements }),
})
const shapesOf = (text: string, ...rules: readonly string[]): readonly InputShape[] =>
  inputShapes(
    policyOf(
      `package p\nimport rego.v1\n${text}`,
      rules.map((rule) => `p/${rule}`),
    ),
  )

test('each plan reads what its own rules read', () => {
  const text = 'a if input.x == 1\nb if input.y.z == "s"\nc := input.whole\nd if a\n'
  assert.deepEqual(shapesOf(text, 'a', 'b', 'c', 'd'), [
    shape({ x: shape({}) }),
    shape({ y: shape({ z: shape({}) }) }),
    shape({ whole: true }),
    shape({ x: shape({}) }),
  ])
})

test('a plan reads what a rule that it reaches by a path reads', () => {
  const { compilation } = compileModules([
    { file: 'q.rego', text: 'package q\na if input.x == 1\nb if input.y == 1\n', regoVersion: 1 },
    { file: 'p.rego', text: 'package p\nc := data.q[input.name]\n', regoVersion: 1 },
  ])
  assert.ok(compilation)
  const [found] = inputShapes(planEntrypoints(compilation, ['p/c']))
  assert.deepEqual(found, shape({ name: true, x: shape({}), y: shape({}) }))
})

test('what is read of elements is read of each', () => {
  const text = 'a contains row.id if some row in input.rows\nb if count(input.rows) > 1\n'
  assert.deepEqual(shapesOf(text, 'a', 'b'), [
    shape({ rows: shape({}, shape({ id: true })) }),
    shape({ rows: shape({}, shape({})) }),
  ])
})

test('where many plans reach the same rules, they share what all of them read', () => {
  const rules = Array.from({ length: 12 }, (_, i) => `r${i} if input.f${i} == data.x`)
  const all = `all if { ${rules.map((_, i) => `r${i}`).join('; ')} }`
  const plans = Array.from({ length: 30 }, (_, i) => `e${i} if all`)
  const shapes = shapesOf([...rules, all, ...plans].join('\n'), ...plans.map((_, i) => `e${i}`))
  assert.equal(new Set(shapes).size, 1)
  assert.equal(Object.keys(shapes[0] === true ? {} : (shapes[0]?.fields ?? {})).length, 12)
})

test('what a module says of its shapes is what was found, and none is found where there is none', () => {
  const text = 'a contains [row.id, input.b.c] if some row in input.rows\nb if count(input.rows) > 1\nc := input'
  const policy = policyOf(`package p\nimport rego.v1\n${text}`, ['p/a', 'p/b', 'p/c'])
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })
  const env = { memory, ...Object.fromEntries(asked.map((name) => [name, () => 0])) }
  const module = new WebAssembly.Module(emitModule(policy))
  assert.ok(new WebAssembly.Instance(module, { env }))
  const { constants, shapes } = describedModule(module)
  const [base = 0, from, to] = constants
  const strings = packedStrings(new Uint8Array(memory.buffer).slice(from, to), base)
  const texts = new Map([...strings].map(([text, at]) => [at, text]))
  const words = new Uint32Array(memory.buffer)
  const read = shapes.map((at) => decodeShape(words, at, (name) => texts.get(name)))
  assert.deepEqual(read, inputShapes(policy))
  const address = shapes[0] ?? 0
  const nameOf = (): string => 'x'
  assert.equal(decodeShape(words, address + 2, nameOf), undefined)
  assert.equal(decodeShape(words, 1 << 20, nameOf), undefined)
  assert.equal(decodeShape(words, 0, nameOf), undefined)
  assert.equal(
    decodeShape(words, address, () => undefined),
    undefined,
  )
  // One that contains itself, and one whose parts double at each level.
  words.set([1, 0, 1, 16], 4)
  assert.equal(decodeShape(words, 16, nameOf), undefined)
  for (let level = 0; level < 40; level++) {
    const inner = level === 0 ? 1 : 2_048 + (level - 1) * 24
    words.set([2, 0, 1, inner, 1, inner], 512 + level * 6)
  }
  assert.notEqual(decodeShape(words, 2_048 + 5 * 24, nameOf), undefined)
  assert.equal(decodeShape(words, 2_048 + 39 * 24, nameOf), undefined)
})
