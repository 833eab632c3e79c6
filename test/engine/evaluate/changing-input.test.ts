// Decisions that are kept although parts of the input differ: always what an evaluation of its own would say.
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { compilePolicy } from '../../../bundles/store/index.ts'
import { changingParts } from '../../../engine/action/index.ts'
import { EvaluateError } from '../../../engine/evaluate/contract.ts'
import { createWasmHost, type PolicyHost } from '../../../engine/evaluate/index.ts'
import { RegoObject } from '../../../rego/value/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { policyOf } from '../../support/modules.ts'
import { randomInput, randomModule } from '../../support/policy-generator.ts'

const common = {
  data: new RegoObject(),
  revision: '1',
  digest: 'd',
  nowNs: () => 0n,
  random: (length: number) => new Uint8Array(length),
}
const changing = [
  ['session', 'usage'],
  ['context', 'time'],
]

function hosts(text: string, rules: readonly string[], parts: readonly (readonly string[])[], fuel?: number) {
  const policy = policyOf(text, rules)
  const more = fuel === undefined ? {} : { fuel }
  return {
    keeps: createWasmHost({ ...common, ...more, module: emitModule(policy, parts), cacheBytes: 65_536 }),
    asks: createWasmHost({ ...common, ...more, module: emitModule(policy), cacheBytes: 0 }),
  }
}

/** What a host says: a result, or the code of an error. */
function said(host: PolicyHost, entrypoint: string, input: unknown): unknown {
  try {
    return { result: host.evaluate(entrypoint, input) }
  } catch (error) {
    assert.ok(error instanceof EvaluateError)
    return { code: error.code }
  }
}

/** Whether the last decision was known: it then took no fuel. */
function wasKnown(host: PolicyHost): boolean {
  return host.fuelSpent() === 0
}

const budget = `package p
import rego.v1
limit := 100
deny contains message if {
	input.session.usage.rows >= limit
	message := sprintf("%d rows", [input.session.usage.rows])
}
deny contains "late" if input.context.time > "2026-06"
deny contains "kind" if input.action.kind == "drop"
decision := {"deny": deny, "verb": input.action.verb}
`
const document = (rows: unknown, time: string, kind = 'select', verb = 'read'): unknown => ({
  session: { id: 's', usage: { rows, denied: 0 } },
  context: { time, gateway: 'g' },
  action: { kind, verb },
})

test('a decision holds while what changes refuses nothing, and no longer', () => {
  const { keeps, asks } = hosts(
    budget
      .replaceAll('deny contains "late"', 'late contains "late"')
      .replace('"deny": deny', '"deny": deny, "late": late'),
    ['p/decision'],
    changing,
  )
  let known = 0
  for (let rows = 0; rows < 130; rows++) {
    for (const time of ['2026-05', '2026-07']) {
      for (const kind of ['select', 'drop']) {
        const input = document(rows, `${time}-${rows}`, kind)
        assert.deepEqual(said(keeps, 'p/decision', input), said(asks, 'p/decision', input))
        if (wasKnown(keeps)) known++
      }
    }
  }
  // A rule that refuses by its kind stands in the set that the rows are refused in.
  assert.ok(known > 90 && known < 100, `${known} decisions were known`)
})

test('rules that read what changes are told from those of other packages', () => {
  const merged = `package p
import rego.v1
over contains "rows" if input.session.usage.rows >= 100
kinds contains "kind" if input.action.kind == "drop"
effect := "deny" if count(over) + count(kinds) > 0
effect := "allow" if count(over) + count(kinds) == 0
decision := {"effect": effect, "over": over, "kinds": kinds}
`
  const { keeps, asks } = hosts(merged, ['p/decision'], changing)
  const known: unknown[] = []
  for (const rows of [0, 1, 99, 100, 101, 5, '7', null, 1e20, 0.5]) {
    for (const kind of ['select', 'drop']) {
      const input = document(rows, '', kind)
      assert.deepEqual(said(keeps, 'p/decision', input), said(asks, 'p/decision', input))
      if (wasKnown(keeps)) known.push([rows, kind])
    }
  }
  // Nothing is less than a number.
  const quiet = [1, 99, 5, null, 0.5].flatMap((rows) => [
    [rows, 'select'],
    [rows, 'drop'],
  ])
  assert.deepEqual(known, quiet)
})

test('what changes is read all the same where its field, or what it is in, is not there', () => {
  const text = `package p
import rego.v1
default quiet := false
quiet if not input.session.usage
there if input.session
decision := {"quiet": quiet, "there": there, "keys": [k | some k, _ in input.session]}
other := {"quiet": quiet, "x": object.get(input, ["session", "usage", "rows"], 7)}
`
  const inputs = [
    {},
    { session: {} },
    { session: { usage: false } },
    { session: { usage: 1 } },
    { session: 3 },
    null,
    [],
  ]
  for (const rule of ['p/decision', 'p/other']) {
    const { keeps, asks } = hosts(text, [rule], changing)
    for (let round = 0; round < 3; round++) {
      for (const input of inputs) assert.deepEqual(said(keeps, rule, input), said(asks, rule, input))
    }
  }
})

test('functions, `with` and built-ins that see what changes do not lead to what no longer holds', () => {
  const texts = [
    'f(x) := x.rows > 3\nr := {"a": f(input.session.usage)}',
    'f(x) := x.usage\ng := f(input.session).rows\nr := {"a": g}',
    'usage := input.session.usage\nlow if usage.rows < 4\nr := {"a": [x | low; x := input.b]}',
    'whole := input\nr := {"a": whole.session.usage.rows > 3}',
    'low if input.session.usage.rows < 4\nr := {"a": [x | x := 1; low with input.session.usage.rows as input.b]}',
    'low if input.session.usage.rows + input.b < 4\nr := {"a": [x | x := 1; low with input.b as 3]}',
    'r := {"a": json.marshal(input.session)}',
    'r := {"a": [v | some v in input.session]}',
    'low if input.session.usage.rows < 4\nhigh if not low\nr := {"a": [1 | high], "b": input.b}',
    'low if input.session.usage.rows < 4\nlow if input.b == 2\nr := {"a": [1 | low], "b": [1 | input.b == 2]}',
    'at[name] if some name in ["usage", "b"]\nr := {"a": [v | some n; at[n]; v := input.session[n]]}',
    'x := "s" if input.session.usage.rows < 4\nx := {1} if input.session.usage.rows == 7\nr := {"a": [x], "b": input.b}',
    'x := 1 if input.session.usage.rows < 4\nx := 2 if input.session.usage.rows > 2\nr := {"a": [x], "b": input.b}',
  ]
  for (const text of texts) {
    const { keeps, asks } = hosts(`package p\nimport rego.v1\n${text}\n`, ['p/r'], changing)
    for (let round = 0; round < 3; round++) {
      for (let rows = 0; rows < 9; rows++) {
        for (const b of [1, 2, 5]) {
          const input = { session: { usage: { rows }, b }, b }
          assert.deepEqual(said(keeps, 'p/r', input), said(asks, 'p/r', input), text)
        }
      }
    }
  }
})

test('what runs out of fuel does so although the decision is known', () => {
  const text = `package p
import rego.v1
over if count(numbers.range(1, input.session.usage.rows)) > 1e6
r := {"a": [x | over; x := 1], "n": count([x | some x in numbers.range(1, input.n)])}
`
  for (const fuel of [3_000, 20_000]) {
    const { keeps, asks } = hosts(text, ['p/r'], changing, fuel)
    for (let round = 0; round < 2; round++) {
      for (const rows of [1, 10, 1_000, 1_900, 9_000, 19_000, 50_000]) {
        for (const n of [1, 100, 2_000]) {
          const input = { session: { usage: { rows } }, n }
          assert.deepEqual(said(keeps, 'p/r', input), said(asks, 'p/r', input))
        }
      }
    }
  }
})

test('random policies decide on random inputs as if nothing were kept', () => {
  let known = 0
  let seed = 42
  const random = (): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed / 2 ** 32
  }
  for (let round = 0; round < 400; round++) {
    const { text, rules } = randomModule(random)
    const entrypoints = rules.map((rule) => `g/${rule}`)
    let both: ReturnType<typeof hosts>
    let plain: PolicyHost
    try {
      both = hosts(text, entrypoints, [['a'], ['b', 'c'], ['k1', 'a']])
      plain = createWasmHost({ ...common, module: emitModule(policyOf(text, entrypoints)), cacheBytes: 65_536 })
    } catch {
      continue
    }
    const inputs = Array.from({ length: 12 }, () => randomInput(random))
    for (let i = 0; i < 60; i++) {
      const input = { ...Object(inputs[i % inputs.length]), ...(i % 3 === 0 ? {} : { a: randomInput(random) }) }
      for (const entrypoint of entrypoints) {
        assert.deepEqual(said(both.keeps, entrypoint, input), said(both.asks, entrypoint, input), text)
        said(plain, entrypoint, input)
        if (wasKnown(both.keeps) && !wasKnown(plain)) known++
      }
    }
  }
  assert.ok(known > 100, `${known} decisions were known that are not of equal inputs`)
})

test('the shipped policies decide as if nothing were kept, whatever changes', () => {
  const library = new URL('../../../bundles/library/', import.meta.url)
  const sources = readdirSync(library)
    .map((name) => ({ file: `${name}/policy.rego`, place: new URL(`${name}/policy.rego`, library) }))
    .filter(({ place }) => existsSync(place))
    .map(({ file, place }) => ({ file, text: readFileSync(place, 'utf8'), regoVersion: 1 as const }))
  const own = `package policy.own
import rego.v1
allow if input.action.verb in {"read", "write"}
deny contains {"rule": "parameter", "message": "none of these"} if "bad" in input.action.sql.parameters
deny contains {"rule": "text", "message": "not so"} if contains(input.action.text, "pg_sleep")
`
  const policy = compilePolicy([...sources, { file: 'own.rego', text: own, regoVersion: 1 }])
  const keeps = createWasmHost({ ...common, module: emitModule(policy, changingParts), cacheBytes: 262_144 })
  const asks = createWasmHost({ ...common, module: emitModule(policy), cacheBytes: 0 })
  let known = 0
  for (let i = 0; i < 3_000; i++) {
    const document = sampleDocument({
      verb: i % 5 === 0 ? 'write' : 'read',
      text: i % 7 === 0 ? `select pg_sleep(${i})` : `select ${i}`,
      complete: i % 50 !== 0,
      sql: { statements: [], parameters: i % 11 === 0 ? ['bad'] : [String(i)], protocol: 'extended' },
    })
    const rows = i % 13 === 0 ? 100_000 + i : i
    const usage = { actions: i, rows, bytes: i * 100, affected: 0, denied: i % 17 === 0 ? 100 : i % 5 }
    const time = new Date(Date.UTC(2026, 0, 1) + i * 1_000_000).toISOString()
    const input = { ...document, session: { ...document.session, usage }, context: { ...document.context, time } }
    assert.deepEqual(said(keeps, 'sallyport/decision', input), said(asks, 'sallyport/decision', input))
    if (wasKnown(keeps)) known++
  }
  assert.ok(known > 1_000, `${known} decisions were known`)
})
