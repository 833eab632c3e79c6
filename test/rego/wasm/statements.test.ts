import assert from 'node:assert/strict'
import { test } from 'node:test'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { type EvaluateOptions, Program } from '../../../rego/interpret/index.ts'
import type { Block, Func, Policy } from '../../../rego/ir/index.ts'
import { type Value, valueFromData, writeJson } from '../../../rego/value/index.ts'
import { emitModule, WasmError } from '../../../rego/wasm/index.ts'
import { answer, block, local, no, planOf, text, yes } from '../../support/plans.ts'

/** What a plan gives in wasm; fails where the interpreter gives anything else. */
function run(policy: Policy, options: EvaluateOptions = {}): string {
  const program = new WasmProgram(new WebAssembly.Module(emitModule(policy)), builtins)
  if (options.data !== undefined) program.setData(options.data)
  const got = program.evaluate('eval', options)
  const wanted = new Program(policy, builtins).evaluate('eval', options)
  assert.equal(got.error?.message, wanted.error?.message)
  assert.deepEqual(
    got.builtinErrors.map((error) => error.message),
    wanted.builtinErrors.map((error) => error.message),
  )
  const json = writeJson(got.results)
  assert.equal(json, writeJson(wanted.results))
  return got.error === undefined ? json : got.error.message
}

const plan = (...blocks: readonly Block[]): Policy => planOf(blocks)
const data = (value: unknown): Value => valueFromData(value)

const set = (target: number, value: bigint): { kind: 'MakeNumberIntStmt'; value: bigint; target: number } => ({
  kind: 'MakeNumberIntStmt',
  value,
  target,
})

test('a break leaves as many blocks as it says, across a not and a with', () => {
  for (const index of [0, 1, 2, 3]) {
    const inner = block(set(2, 1n), { kind: 'BreakStmt', index }, set(2, 2n))
    const nested = block(
      { kind: 'BlockStmt', blocks: [block({ kind: 'NotStmt', block: inner }, set(3, 3n)), block(set(4, 4n))] },
      set(5, 5n),
    )
    const withInput = block(
      { kind: 'WithStmt', local: 0, path: [1], value: yes, block: nested },
      { kind: 'AssignVarStmt', source: local(0), target: 6 },
    )
    const all = [withInput, ...[2, 3, 4, 5, 6, 0].map(answer)]
    run(plan(...all), { input: data({ a: 1 }) })
  }
})

test('an undefined scan body goes on with the next element, in order', () => {
  const scan = (value: unknown): string =>
    run(
      plan(
        block(
          { kind: 'MakeArrayStmt', capacity: 0, target: 5 },
          {
            kind: 'ScanStmt',
            source: 0,
            key: 2,
            value: 3,
            block: block(
              { kind: 'NotEqualStmt', a: local(3), b: text(1) },
              { kind: 'ArrayAppendStmt', value: local(2), array: 5 },
              { kind: 'ArrayAppendStmt', value: local(3), array: 5 },
            ),
          },
        ),
        answer(5),
      ),
      { input: data(value) },
    )
  assert.equal(scan([1, 'a', 2]), '[{"x":[0,1,2,2]}]')
  assert.equal(scan({ z: 1, b: 'a', y: null }), '[{"x":["y",null,"z",1]}]')
  assert.equal(scan({}), '[{"x":[]}]')
  assert.equal(scan(7), '[{"x":[]}]')
})

test('a rule is evaluated once, undefined or not, and anew under a with', () => {
  const rule: Func = {
    name: 'g0.data.p',
    params: [0, 1],
    return: 2,
    path: ['g0', 'p'],
    blocks: [
      block(
        { kind: 'DotStmt', source: local(0), key: text(1), target: 3 },
        { kind: 'AssignVarOnceStmt', source: local(3), target: 2 },
      ),
      block({ kind: 'ReturnLocalStmt', source: 2 }),
    ],
  }
  const call = (result: number): Block =>
    block({ kind: 'CallStmt', func: 'g0.data.p', args: [local(0), local(1)], result })
  const policy = planOf(
    [
      call(4),
      answer(4),
      block({
        kind: 'WithStmt',
        local: 0,
        path: [1],
        value: text(5),
        block: block({ kind: 'BlockStmt', blocks: [call(5)] }),
      }),
      answer(5),
      block({
        kind: 'WithStmt',
        local: 0,
        path: [],
        value: no,
        block: block({ kind: 'BlockStmt', blocks: [call(6)] }),
      }),
      answer(6),
      call(7),
      answer(7),
    ],
    [rule],
  )
  assert.equal(run(policy, { input: data({ a: 'q' }) }), '[{"x":"p"},{"x":"q"}]')
  assert.equal(run(policy, {}), '[{"x":"p"}]')
})

test('a dynamic call finds its function by path, and an undefined one leaves three blocks more', () => {
  const func = (name: string, stmts: Block): Func => ({
    name: `g0.data.${name}`,
    params: [0, 1],
    return: 2,
    path: ['g0', name],
    blocks: [stmts, block({ kind: 'ReturnLocalStmt', source: 2 })],
  })
  const funcs = [func('p', block(set(2, 1n))), func('q', block({ kind: 'BreakStmt', index: 0 }))]
  const nest = (stmts: Block, levels: number): Block =>
    levels === 0
      ? stmts
      : block(
          { kind: 'BlockStmt', blocks: [nest(stmts, levels - 1)] },
          { kind: 'ArrayAppendStmt', value: yes, array: 9 },
        )
  for (const input of ['p', 'q', 'r', 1]) {
    for (const levels of [0, 1, 2, 3, 4, 5]) {
      const call = block({ kind: 'CallDynamicStmt', path: [text(2), local(0)], args: [0, 1], result: 4 })
      const policy = planOf(
        [block({ kind: 'MakeArrayStmt', capacity: 0, target: 9 }), nest(call, levels), answer(9), answer(4)],
        funcs,
      )
      run(policy, { input: data(input) })
    }
  }
})

test('a second value of a rule, a function and an object key are conflicts with their place', () => {
  const twice = block(set(2, 1n), set(3, 2n), { kind: 'AssignVarOnceStmt', source: local(3), target: 2 })
  assert.match(run(plan(twice)), /^policy.rego:7: eval_conflict_error: complete rules/)
  const func: Func = {
    name: 'f',
    params: [0, 1, 5],
    return: 2,
    blocks: [twice, block({ kind: 'ReturnLocalStmt', source: 2 })],
  }
  const calling = block({ kind: 'CallStmt', func: 'f', args: [local(0), local(1), yes], result: 4 })
  assert.match(run(planOf([calling], [func])), /eval_conflict_error: functions must not/)
  const insert = (value: number) =>
    ({ kind: 'ObjectInsertOnceStmt', key: text(1), value: local(value), object: 4 }) as const
  const once = block({ kind: 'MakeObjectStmt', target: 4 }, set(2, 1n), set(3, 2n), insert(2), insert(2))
  assert.equal(run(plan(once, answer(4))), '[{"x":{"a":1}}]')
  assert.match(run(plan(block(...once.stmts, insert(3)))), /eval_conflict_error: object keys must be unique/)
})

test('numbers are exact whatever their size, and equal in every writing', () => {
  const numbers = [0, -1, 1.5, 2 ** 30, -(2 ** 30) - 1, 2 ** 53 - 1, -(2 ** 53) + 1, 10n ** 40n, 1e-7, 123456789.125]
  assert.equal(numbers.length, 10)
  const policy = plan(
    block(
      { kind: 'MakeSetStmt', target: 4 },
      {
        kind: 'ScanStmt',
        source: 0,
        key: 2,
        value: 3,
        block: block({ kind: 'SetAddStmt', value: local(3), set: 4 }),
      },
    ),
    answer(4),
  )
  run(policy, { input: data([...numbers, ...numbers]) })
})

test('a call with an undefined argument is undefined for a built-in and goes through for a function', () => {
  const sum = block({ kind: 'CallStmt', func: 'plus', args: [local(0), local(5)], result: 4 })
  assert.equal(run(planOf([sum, answer(4)], [], ['plus']), { input: data(1) }), '[]')
  const failing = block(
    { kind: 'MakeNullStmt', target: 5 },
    { kind: 'CallStmt', func: 'plus', args: [local(0), local(5)], result: 4 },
  )
  run(planOf([failing, answer(4)], [], ['plus']), { input: data(1) })
  run(planOf([failing, answer(4)], [], ['plus']), { input: data(1), strictBuiltinErrors: true })
})

test('the same policy gives the same bytes, another one others', () => {
  const one = emitModule(plan(answer(0)))
  assert.deepEqual(one, emitModule(plan(answer(0))))
  assert.notDeepEqual(one, emitModule(plan(answer(1))))
})

test('refuses a call with more arguments than a host takes', () => {
  const call = block({ kind: 'CallStmt', func: 'many', args: [yes, yes, yes, yes, yes], result: 4 })
  assert.throws(() => emitModule(planOf([call], [], ['many'])), WasmError)
})
