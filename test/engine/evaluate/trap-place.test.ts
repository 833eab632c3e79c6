import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createInterpreterHost, createWasmHost, EvaluateError, WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { RegoObject, readJson } from '../../../rego/value/index.ts'
import { decodePlaces, emitModule, PLACES_SECTION } from '../../../rego/wasm/index.ts'
import { policyOf } from '../../support/modules.ts'

const text = `package t
import rego.v1

loops := count([1 |
  some a in numbers.range(1, 3000)
  some b in input.many
  a == b
])

twice := x if {
  some x in input.numbers
}

broken if {
  y := to_number(input.text)
  y > 1
}

large := {n: m |
  some n in numbers.range(1, 300000)
  m := [n, n, n, input.text]
}

first if {
  input.a == 1
}
`
const policy = policyOf(text, ['t/loops', 't/twice', 't/broken', 't/large', 't/first'])
const module = emitModule(policy)
const common = {
  data: new RegoObject(),
  revision: '1',
  digest: 'd',
  nowNs: () => 0n,
  random: (length: number) => new Uint8Array(length),
}

/** The message of the error that a decision ends with. */
function messageOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    assert.ok(error instanceof EvaluateError, String(error))
    return error.message
  }
  return assert.fail('a decision')
}

const many = { many: Array.from({ length: 2_000 }, (_, i) => -i) }

for (const foreign of [false, true]) {
  const name = foreign ? 'a metered module' : 'a module'

  test(`${name} names the line where fuel was spent`, () => {
    const host = createWasmHost({ ...common, module, foreign, fuel: 200_000 })
    assert.match(
      messageOf(() => host.evaluate('t/loops', many)),
      /^policy\.rego:[5-7]:\d+: eval_cancel_error: fuel spent$/,
    )
  })

  test(`${name} names the line where memory was spent`, () => {
    const host = createWasmHost({ ...common, module, foreign, memoryPagesMax: 40, fuel: 100_000_000 })
    assert.match(
      messageOf(() => host.evaluate('t/large', { text: 'x' })),
      /^policy\.rego:(18|19|20|21):\d+: eval_internal_error: memory spent$/,
    )
  })

  test(`${name} names the line and column of a trap`, () => {
    const broken = trapping(16)
    const host = createWasmHost({ ...common, module: broken, foreign })
    assert.match(
      messageOf(() => host.evaluate('t/broken', { text: '5' })),
      /^policy\.rego:16:\d+: eval_internal_error: a trap$/,
    )
    assert.equal(host.evaluate('t/first', { a: 1 }), true)
  })
}

/** The module with a trap in place of the first instruction of a line. */
function trapping(row: number): Uint8Array {
  const bytes = module.slice()
  const [section] = WebAssembly.Module.customSections(new WebAssembly.Module(new Uint8Array(bytes)), PLACES_SECTION)
  const marks = decodePlaces(new Uint8Array(section ?? assert.fail())).flatMap((func) => func.marks)
  // `local.get` or `i32.const` with one byte becomes `unreachable` and `nop`.
  const fits = (at: number): boolean => [0x20, 0x41].includes(bytes[at] ?? 0) && (bytes[at + 1] ?? 0x80) < 0x80
  const mark = marks.find(({ at, row: of }) => of === row && fits(at))
  bytes.set([0x00, 0x01], mark?.at ?? assert.fail('no such instruction'))
  return bytes
}

test('a conflict and a failed built-in name their line as the interpreter does', () => {
  const wasm = createWasmHost({ ...common, module })
  const interpreter = createInterpreterHost({ ...common, policy })
  const numbers = { numbers: [1, 2] }
  const wanted = messageOf(() => interpreter.evaluate('t/twice', numbers))
  assert.match(wanted, /^policy\.rego:10:\d+: eval_conflict_error: /)
  assert.equal(
    messageOf(() => wasm.evaluate('t/twice', numbers)),
    wanted,
  )
  const program = new WasmProgram(new WebAssembly.Module(new Uint8Array(module)), builtins)
  const { error } = program.evaluate('t/broken', { input: readJson('{"text": "none"}'), strictBuiltinErrors: true })
  assert.deepEqual({ ...error?.place }, { file: 'policy.rego', row: 15, col: 8 })
  assert.match(error?.message ?? '', /^policy\.rego:15: eval_builtin_error: to_number: /)
})

test('a name that looks like a frame does not move the place', () => {
  const host = createWasmHost({ ...common, module: emitModule(policyOf(fakes, ['fake/p'])), fuel: 10_000 })
  assert.match(
    messageOf(() => host.evaluate('fake/p', { xs: many.many.flatMap((n) => [n, n, n, n, n, n]) })),
    /^policy\.rego:[2-4]:\d+: eval_cancel_error/,
  )
})

const fakes = `package fake
p if {
  input.xs[_] == data.fake["wasm-function[1]:0x9"].q
}
`
