import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createInterpreterHost,
  createOpaHost,
  createWasmHost,
  createWitness,
  type Difference,
  EvaluateError,
  type EvaluateErrorCode,
  type PolicyHost,
} from '../../../engine/evaluate/index.ts'
import { RegoObject, valueFromData } from '../../../rego/value/index.ts'
import { emitModule, MODULE_SECTION, MODULE_VERSION, meterModule, WasmError } from '../../../rego/wasm/index.ts'
import { type HandMade, handMade, policyOf } from '../../support/modules.ts'

const text = `package t
import rego.v1

allow if {
  input.identity.subject == "bot"
  some group in input.identity.groups
  group == data.groups[_]
}

mask contains {"column": column, "with": "last4"} if {
  some statement in input.action.statements
  some column in statement.columns
  endswith(column, ".number")
}

total := sum([n | some n in input.numbers]) + 0.5
same := "yes" if input.left == input.right
twice := x if some x in input.numbers
loops := count([1 | some a in numbers.range(1, 3000); some b in numbers.range(1, 3000); a == b])
large := count(concat("", [s | some n in numbers.range(1, 200000); s := sprintf("%d and a text that takes its room", [n])]))
`
const names = ['t/allow', 't/mask', 't/total', 't/same', 't/twice', 't/loops', 't/large']
const policy = policyOf(text, names)
const data = valueFromData({ groups: ['agents', 'people'] })
const common = {
  data: data instanceof RegoObject ? data : new RegoObject(),
  revision: '1',
  digest: 'd',
  nowNs: () => 0n,
  random: (length: number) => new Uint8Array(length),
}
const module = emitModule(policy)
const hosts: Readonly<Record<string, () => PolicyHost>> = {
  interpreter: () => createInterpreterHost({ ...common, policy }),
  wasm: () => createWasmHost({ ...common, module }),
  'wasm that came in a bundle': () => createWasmHost({ ...common, module, foreign: true }),
  "OPA's SDK": () => createOpaHost({ ...common, module }),
}

const inputs: readonly unknown[] = [
  { identity: { subject: 'bot', groups: ['x', 'agents'] }, action: { statements: [] } },
  { identity: { subject: 'bot', groups: [] } },
  { identity: { subject: 'bot', groups: 'agents' } },
  { action: { statements: [{ columns: ['a.number', 'b.name', 'a.number'] }, { columns: ['é.number'] }] } },
  { numbers: [1, 2, 3.25, 1e20] },
  { left: { a: [1, { b: 'ü' }], c: null }, right: { c: null, a: [1, { b: 'ü' }] } },
  { left: { a: 1, extra: 2 }, right: { a: 1 } },
  { left: [], right: {} },
  {},
  null,
  'text',
]

for (const [name, make] of Object.entries(hosts)) {
  test(`${name}: decides as the interpreter does`, () => {
    const host = make()
    const reference = createInterpreterHost({ ...common, policy })
    for (const input of inputs) {
      for (const entrypoint of ['t/allow', 't/mask', 't/total', 't/same']) {
        assert.deepEqual(host.evaluate(entrypoint, input), reference.evaluate(entrypoint, input), entrypoint)
      }
    }
  })

  test(`${name}: a conflict is an error of its own, and the host goes on`, () => {
    const host = make()
    refuses(() => host.evaluate('t/twice', { numbers: [1, 2] }), 'conflict')
    assert.equal(host.evaluate('t/twice', { numbers: [7, 7] }), 7)
  })
}

function refuses(work: () => unknown, code: EvaluateErrorCode): void {
  assert.throws(work, (error) => {
    assert.ok(error instanceof EvaluateError, String(error))
    assert.equal(error.code, code, error.message)
    return true
  })
}

test('fuel spent ends a decision, and the host goes on', () => {
  for (const host of [
    createWasmHost({ ...common, module, fuel: 20_000 }),
    createInterpreterHost({ ...common, policy, fuel: 20_000 }),
    createOpaHost({ ...common, module, meterFuel: 20_000 }),
  ]) {
    refuses(() => host.evaluate('t/loops', {}), 'fuel_spent')
    assert.equal(host.evaluate('t/twice', { numbers: [7] }), 7)
  }
})

test('memory spent ends a decision, and the host goes on', () => {
  const host = createWasmHost({ ...common, module, memoryPagesMax: 64, fuel: 100_000_000 })
  refuses(() => host.evaluate('t/large', {}), 'memory_spent')
  refuses(() => host.evaluate('t/same', { left: 'x'.repeat(5_000_000), right: 1 }), 'memory_spent')
  assert.equal(host.evaluate('t/twice', { numbers: [7] }), 7)
  assert.equal(typeof createWasmHost({ ...common, module, fuel: 100_000_000 }).evaluate('t/large', {}), 'number')
})

test('data that does not fit is an error at load', () => {
  const wide = new RegoObject([['groups', Array.from({ length: 2_000_000 }, (_, i) => i)]])
  refuses(() => createWasmHost({ ...common, data: wide, module, memoryPagesMax: 64 }), 'memory_spent')
})

test('only what the policy reads of the input is looked at', () => {
  const host = createWasmHost({ ...common, module })
  const secret = {
    get digest(): string {
      return assert.fail('the digest was computed')
    },
    statements: [{ columns: ['a.number'] }],
  }
  assert.deepEqual(host.evaluate('t/mask', { action: secret }), [{ column: 'a.number', with: 'last4' }])
})

test('an unknown entry point is an error', () => {
  refuses(() => createWasmHost({ ...common, module }).evaluate('t/none', {}), 'aborted')
  refuses(() => createOpaHost({ ...common, module }).evaluate('t/none', {}), 'bad_module')
})

const described = (fields: object): readonly [string, string] => [MODULE_SECTION, JSON.stringify(fields)]
const description = {
  version: MODULE_VERSION,
  pages: 1,
  entrypoints: ['t/allow'],
  builtins: [],
  files: [],
  sites: [],
  shapes: [1],
  constants: [],
}

test('a module that is none of ours is refused with its own error', () => {
  const bad: readonly (readonly [string, HandMade | Uint8Array])[] = [
    ['no wasm', new TextEncoder().encode('package t')],
    ['cut off', module.slice(0, module.length >> 1)],
    ['empty', {}],
    ['another section', { memory: 1, custom: described({ ...description, version: MODULE_VERSION + 1 }) }],
    ['no JSON in it', { memory: 1, custom: [MODULE_SECTION, '{'] }],
    ['an import that is not granted', { memory: 1, imports: [['env', 'clock']], custom: described(description) }],
    ['an import from elsewhere', { memory: 1, imports: [['wasi', 'opa_abort']], custom: described(description) }],
    ['a memory of its own', { ownMemory: true, custom: described(description) }],
    ['nothing exported', { memory: 1, custom: described(description) }],
    ['a built-in that nobody has', { memory: 1, custom: described({ ...description, builtins: ['steal'] }) }],
  ]
  for (const [what, parts] of bad) {
    const bytes = parts instanceof Uint8Array ? parts : handMade(parts)
    refuses(() => createWasmHost({ ...common, module: bytes }), 'bad_module')
    refuses(() => createWasmHost({ ...common, module: bytes, foreign: true }), 'bad_module')
    if (what !== 'another section') refuses(() => createOpaHost({ ...common, module: bytes }), 'bad_module')
  }
})

test('an endless loop in a module from elsewhere is stopped', () => {
  const endless = handMade({
    memory: 1,
    functions: {
      spin: [0, 1, (code) => code.loop().br(code.depth).end().constant(0)],
      recurse: [0, 1, (code) => code.call(1)],
    },
  })
  const metered = meterModule(endless)
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(metered.bytes), { env: { memory } })
  const meter = exports['rego_meter']
  assert.ok(meter instanceof WebAssembly.Global)
  for (const name of ['spin', 'recurse']) {
    meter.value = 10_000
    const run = exports[name]
    assert.ok(typeof run === 'function')
    assert.throws(() => run(), WebAssembly.RuntimeError)
    assert.equal(meter.value, -1)
  }
})

test('a module with an instruction that is not known cannot be metered', () => {
  const odd = handMade({ memory: 1, functions: { odd: [0, 0, (code) => code.unreachable()] } })
  const at = odd.lastIndexOf(0x00)
  const changed = odd.slice()
  changed[at] = 0xfb
  assert.throws(() => meterModule(changed), WasmError)
  assert.throws(() => meterModule(meterModule(odd).bytes), WasmError)
})

test('a witness sees a share of the decisions, and tells of a difference without the input', () => {
  const differences: Difference[] = []
  const waiting: (() => void)[] = []
  const parts = {
    policy: () => policy,
    data: common.data,
    chance: () => 0.3,
    later: (work: () => void) => waiting.push(work),
  }
  const settle = (): number => waiting.splice(0).map((work) => work()).length
  const witness = createWitness({ ...parts, share: 0.5, onDifference: (difference) => differences.push(difference) })
  assert.ok(witness !== undefined)
  const host = createWasmHost({ ...common, module, witness })
  for (const input of inputs) host.evaluate('t/allow', input)
  refuses(() => host.evaluate('t/twice', { numbers: [1, 2] }), 'conflict')
  assert.equal(settle(), inputs.length + 1)
  assert.equal(differences.length, 0)
  const input = { identity: { subject: 'secret-subject' } }
  witness.see({ entrypoint: 't/allow', input, options: {}, result: true })
  settle()
  assert.equal(differences.length, 1)
  for (const { inputDigest } of differences) assert.match(inputDigest, /^[0-9a-f]{64}$/)
  assert.doesNotMatch(JSON.stringify(differences), /secret-subject/)
  const seldom = createWitness({ ...parts, share: 0.2, onDifference: () => undefined })
  seldom?.see({ entrypoint: 't/allow', input, options: {} })
  assert.equal(settle(), 0)
})

test('a kept decision is that of an input which differs in nothing that is read', () => {
  const rules = { whole: 'input', field: 'input.a.b' }
  const make = (rule: keyof typeof rules, cacheBytes: number): PolicyHost => {
    const policy = policyOf(`package c\n${rule} := {"seen": ${rules[rule]}}`, [`c/${rule}`])
    return createWasmHost({ ...common, module: emitModule(policy), cacheBytes })
  }
  const [whole, host] = [make('whole', 65_536), make('field', 65_536)]
  const values = [null, true, false, 0, 1, -1, 2 ** 40, 1.5, '', 'a', 'b', 'x'.repeat(30), [], [1], [2], {}, { a: 1 }]
  const nested = values.map((b) => ({ a: { b, other: Math.random() } }))
  for (let round = 0; round < 3; round++) {
    for (const value of values) assert.deepEqual(whole.evaluate('c/whole', value), { seen: value })
    for (const [i, input] of nested.entries()) assert.deepEqual(host.evaluate('c/field', input), { seen: values[i] })
  }
  const first = host.evaluate('c/field', { a: { b: 'same' }, z: 1 })
  assert.equal(host.evaluate('c/field', { a: { b: 'same' }, z: 2 }), first)
  assert.notEqual(host.evaluate('c/field', { a: { b: 'other' } }), first)
  assert.ok(Object.isFrozen(first))
  const small = make('field', 1_024)
  for (let i = 0; i < 5_000; i++) {
    const b = `text ${i % 700}`
    assert.deepEqual(small.evaluate('c/field', { a: { b } }), { seen: b })
    assert.deepEqual(host.evaluate('c/field', { a: { b } }), { seen: b })
  }
})

test('a decision that was kept is not given to another chain, other parameters, another stage or another revision', () => {
  const text = `package c
allow if {
	count(input.identity.chain) == 0
	input.action.sql.parameters[0] == "7"
	input.action.stage == "request"
	input.context.bundle.revision == "1"
}`
  const host = createWasmHost({ ...common, module: emitModule(policyOf(text, ['c/allow'])), cacheBytes: 65_536 })
  const document = (change: object = {}): unknown => ({
    identity: { subject: 'a', chain: [] },
    action: { stage: 'request', sql: { parameters: ['7'] } },
    context: { bundle: { revision: '1' } },
    ...change,
  })
  const others = [
    { identity: { subject: 'a', chain: [{ subject: 'b', issuer: 'c', kind: 'agent', scopes: [] }] } },
    { action: { stage: 'request', sql: { parameters: ['8'] } } },
    { action: { stage: 'request', sql: { parameters: [7] } } },
    { action: { stage: 'response', sql: { parameters: ['7'] } } },
    { context: { bundle: { revision: '2' } } },
  ]
  for (let round = 0; round < 3; round++) {
    assert.equal(host.evaluate('c/allow', document()), true)
    for (const other of others) assert.equal(host.evaluate('c/allow', document(other)), undefined)
  }
})

test('equal results on inputs that all differ are one frozen object, and others are not', () => {
  const policy = policyOf('package c\nover := {"limits": [{"rows": 5}], "most": input.n >= 1500}', ['c/over'])
  const host = createWasmHost({ ...common, module: emitModule(policy), cacheBytes: 65_536 })
  const first = host.evaluate('c/over', { n: 0 })
  assert.ok(Object.isFrozen(first))
  for (let n = 1; n < 3_000; n++) {
    const result = host.evaluate('c/over', { n })
    assert.deepEqual(result, { limits: [{ rows: 5 }], most: n >= 1500 })
    assert.equal(result === first, n < 1500)
  }
})

test('a policy that asks for the time is asked each time', () => {
  let now = 0n
  const clock = emitModule(policyOf('package c\nnow := time.now_ns()', ['c/now']))
  const host = createWasmHost({ ...common, nowNs: () => now++, module: clock, cacheBytes: 65_536 })
  assert.deepEqual(
    [0, 1, 2].map(() => host.evaluate('c/now', {})),
    [0, 1, 2],
  )
})
