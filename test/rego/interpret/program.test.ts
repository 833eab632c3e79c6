import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Builtin, BuiltinError, builtins } from '../../../rego/builtins/index.ts'
import { type EvaluateOptions, type Evaluation, Program } from '../../../rego/interpret/index.ts'
import { type Block, type Func, type Operand, type Policy, readPolicy, type Stmt } from '../../../rego/ir/index.ts'
import { type Value, valueFromData, writeRego } from '../../../rego/value/index.ts'
import { filesBelow, mismatch, readCases } from '../../conformance/cases.ts'
import { caseOptions } from '../../conformance/evaluate.ts'

type WithoutPlace<S> = S extends Stmt ? Omit<S, 'file' | 'row' | 'col'> : never

const local = (value: number): Operand => ({ kind: 'local', value })
const text = (value: number): Operand => ({ kind: 'string_index', value })
const yes: Operand = { kind: 'bool', value: true }
const no: Operand = { kind: 'bool', value: false }

function block(...stmts: readonly WithoutPlace<Stmt>[]): Block {
  return { stmts: stmts.map((stmt): Stmt => ({ file: 0, row: 7, col: 3, ...stmt })) }
}

const strings = ['x', 'a', 'g0', '10']

function policy(plan: readonly Block[], funcs: readonly Func[] = []): Policy {
  const declared = ['plus', 'div', 'broken', 'loops', 'internal.print']
  return {
    strings,
    files: ['policy.rego'],
    builtins: declared.map((name) => ({
      name,
      decl: name === 'internal.print' ? { type: 'function' } : { type: 'function', result: { type: 'any' } },
    })),
    plans: [{ name: 'eval', blocks: plan }],
    funcs,
  }
}

const table = new Map<string, Builtin>([
  ...builtins,
  [
    'broken',
    () => {
      throw new TypeError('no such thing')
    },
  ],
  [
    'loops',
    (context) => {
      for (;;) context.spend(1_000)
    },
  ],
])

function run(plan: readonly Block[], options: EvaluateOptions = {}, funcs: readonly Func[] = []): Evaluation {
  return new Program(policy(plan, funcs), table).evaluate('eval', options)
}

/** A block that adds {"x": local} to the results. */
function result(of: Operand): WithoutPlace<Stmt>[] {
  return [
    { kind: 'MakeObjectStmt', target: 90 },
    { kind: 'ObjectInsertStmt', key: text(0), value: of, object: 90 },
    { kind: 'ResultSetAddStmt', value: 90 },
  ]
}

function shown(evaluation: Evaluation): string {
  assert.equal(evaluation.error, undefined)
  return writeRego(evaluation.results)
}

function data(value: unknown): Value {
  return valueFromData(value)
}

test('an undefined statement leaves its block only', () => {
  const plan = block(
    {
      kind: 'BlockStmt',
      blocks: [block({ kind: 'EqualStmt', a: yes, b: no }, ...result(text(0))), block(...result(yes))],
    },
    ...result(text(1)),
  )
  assert.equal(shown(run([plan])), '[{"x": true}, {"x": "a"}]')
})

test('a break leaves as many blocks as it says', () => {
  const inner = block({ kind: 'BreakStmt', index: 1 }, ...result(yes))
  const outer = block({ kind: 'BlockStmt', blocks: [inner] }, ...result(no))
  assert.equal(shown(run([block({ kind: 'BlockStmt', blocks: [outer] }, ...result(text(1)))])), '[{"x": "a"}]')
})

test('a scan goes over arrays, objects and sets and passes over scalars', () => {
  const scan = block(
    {
      kind: 'ScanStmt',
      source: 0,
      key: 2,
      value: 3,
      block: block({ kind: 'NotEqualStmt', a: local(3), b: no }, ...result(local(2))),
    },
    ...result(yes),
  )
  assert.equal(shown(run([scan], { input: data([1, false, 2]) })), '[{"x": true}, {"x": 0}, {"x": 2}]')
  assert.equal(shown(run([scan], { input: data({ k: 1 }) })), '[{"x": true}, {"x": "k"}]')
  assert.equal(shown(run([scan], { input: 'text' })), '[{"x": true}]')
  assert.equal(shown(run([scan])), '[{"x": true}]')
})

test('not holds when its block does not run to its end', () => {
  const not = (operand: Operand): Block =>
    block({ kind: 'NotStmt', block: block({ kind: 'EqualStmt', a: operand, b: yes }) }, ...result(text(1)))
  assert.equal(shown(run([not(no)])), '[{"x": "a"}]')
  assert.equal(shown(run([not(yes)])), '[]')
})

test('with puts a value at a path and takes it back, defined or not', () => {
  const plan = (operand: Operand): Block[] => [
    block({
      kind: 'WithStmt',
      local: 0,
      path: [0, 1],
      value: yes,
      block: block(...result(local(0)), { kind: 'EqualStmt', a: operand, b: yes }),
    }),
    block(...result(local(0))),
  ]
  const input = data({ b: 1 })
  const wanted = '[{"x": {"b": 1}}, {"x": {"b": 1, "x": {"a": true}}}]'
  assert.equal(shown(run(plan(yes), { input })), wanted)
  assert.equal(shown(run(plan(no), { input })), wanted)
  assert.equal(shown(run(plan(no), {})), '[{}, {"x": {"x": {"a": true}}}]')
})

const rule = (name: string, blocks: readonly Block[], more: Partial<Func> = {}): Func => ({
  name,
  params: [0, 1],
  return: 2,
  blocks,
  ...more,
})
const call = (func: string, args: readonly Operand[], target: number): WithoutPlace<Stmt> => ({
  kind: 'CallStmt',
  func,
  args,
  result: target,
})

test('a rule with two values is a conflict, one with the same value twice is not', () => {
  const assign = (source: Operand): Block => block({ kind: 'AssignVarOnceStmt', source, target: 2 })
  const back = block({ kind: 'ReturnLocalStmt', source: 2 })
  const plan = [block(call('f', [local(0), local(1)], 5), ...result(local(5)))]
  assert.equal(shown(run(plan, {}, [rule('f', [assign(yes), assign(yes), back])])), '[{"x": true}]')
  const { error, results } = run(plan, {}, [rule('f', [assign(yes), assign(no), back])])
  assert.equal(error?.message, 'policy.rego:7: eval_conflict_error: complete rules must not produce multiple outputs')
  assert.deepEqual(results, [])
})

test('a rule runs once for the same input and data', () => {
  const printed: string[] = []
  const print = [
    { kind: 'MakeArrayStmt', capacity: 1, target: 3 },
    { kind: 'ArrayAppendStmt', array: 3, value: text(1) },
    call('internal.print', [local(3)], 4),
  ] as const
  const func = rule('f', [
    block(...print, { kind: 'AssignVarOnceStmt', source: yes, target: 2 }, { kind: 'ReturnLocalStmt', source: 2 }),
  ])
  const twice = [call('f', [local(0), local(1)], 5), call('f', [local(0), local(1)], 6)]
  const again = block(...twice, {
    kind: 'WithStmt',
    local: 0,
    path: [],
    value: no,
    block: block(...twice),
  })
  run([again], { print: (line, place) => printed.push(`${place.file}:${place.row} ${line}`) }, [func])
  assert.deepEqual(printed, ['policy.rego:7 a', 'policy.rego:7 a'])
})

test('a dynamic call finds functions by path, and leaves further out when the one it found is undefined', () => {
  const dynamic = (name: Operand): Block =>
    block(
      {
        kind: 'BlockStmt',
        blocks: [
          block(
            {
              kind: 'BlockStmt',
              blocks: [
                block(
                  {
                    kind: 'BlockStmt',
                    blocks: [
                      block(
                        { kind: 'CallDynamicStmt', path: [text(2), name], args: [0, 1], result: 5 },
                        ...result(local(5)),
                      ),
                    ],
                  },
                  ...result(text(0)),
                ),
              ],
            },
            ...result(text(1)),
          ),
        ],
      },
      ...result(no),
    )
  const back = block({ kind: 'ReturnLocalStmt', source: 2 })
  const defined = rule('f', [block({ kind: 'AssignVarStmt', source: yes, target: 2 }), back], { path: ['g0', 'x'] })
  const undefinedRule = rule('h', [back], { path: ['g0', 'a'] })
  const funcs = [defined, undefinedRule]
  assert.equal(shown(run([dynamic(text(0))], {}, funcs)), '[{"x": false}, {"x": true}, {"x": "a"}, {"x": "x"}]')
  assert.equal(shown(run([dynamic(text(1))], {}, funcs)), '[]')
  assert.equal(shown(run([dynamic(yes)], {}, funcs)), '[{"x": false}, {"x": "a"}, {"x": "x"}]')
})

test('a failed built-in is undefined, and an error under strict evaluation once the evaluation has ended', () => {
  const plan = [
    block(
      { kind: 'MakeNumberIntStmt', value: 1n, target: 2 },
      { kind: 'MakeNumberIntStmt', value: 0n, target: 3 },
      call('div', [local(2), local(3)], 4),
    ),
    block(...result(yes)),
  ]
  const loose = run(plan)
  assert.equal(shown(loose), '[{"x": true}]')
  assert.equal(loose.builtinErrors[0]?.code, 'eval_builtin_error')
  const strict = run(plan, { strictBuiltinErrors: true })
  assert.equal(strict.error?.message, 'policy.rego:7: eval_builtin_error: div: divide by zero')
  assert.equal(writeRego(strict.results), '[{"x": true}]')
})

test('a built-in that breaks is an error, strict or not', () => {
  const { error } = run([block(call('broken', [yes], 2))])
  assert.equal(error?.code, 'eval_internal_error')
  assert.ok(!(error instanceof BuiltinError))
})

test('fuel, cancellation and depth end an evaluation', () => {
  const loops = [block(call('loops', [yes], 2))]
  assert.equal(run(loops, { fuel: 10_000 }).error?.code, 'eval_cancel_error')
  let asked = 0
  const { error } = run(loops, { cancelled: () => ++asked > 3 })
  assert.equal(error?.text, 'caller cancelled query execution')
  const endless = rule('f', [block(call('f', [local(0), local(1)], 3))])
  assert.equal(run([block(call('f', [local(0), local(1)], 3))], {}, [endless]).error?.text, 'call depth spent')
})

test('a value that a hostile plan makes hold itself is an error, not an exception', () => {
  const stmts: WithoutPlace<Stmt>[] = [
    ...result(text(0)),
    { kind: 'ObjectInsertStmt', key: text(0), value: local(90), object: 90 },
    ...result(text(0)),
    { kind: 'ObjectInsertStmt', key: text(0), value: local(90), object: 90 },
  ]
  const { error, results } = run([block(...stmts)])
  assert.equal(error?.code, 'eval_cancel_error')
  assert.deepEqual(results, [])
})

test('an observer sees functions and statements', () => {
  const seen: string[] = []
  const func = rule('f', [block({ kind: 'EqualStmt', a: yes, b: no }), block({ kind: 'ReturnLocalStmt', source: 2 })])
  run(
    [block(call('f', [local(0), local(1)], 3))],
    {
      observer: {
        enter: ({ name }) => seen.push(`enter ${name}`),
        exit: ({ name }, value) => seen.push(`exit ${name} ${value === undefined ? 'undefined' : writeRego(value)}`),
        failed: (stmt) => seen.push(`failed ${stmt.kind}`),
        defined: (stmt) => seen.push(`defined ${stmt.kind}`),
      },
    },
    [func],
  )
  assert.deepEqual(seen, [
    'enter f',
    'failed EqualStmt',
    'defined ReturnLocalStmt',
    'exit f undefined',
    'failed CallStmt',
  ])
})

const shared = fileURLToPath(new URL('../../../../shared/conformance/plans-v1', import.meta.url))
const skip = existsSync(shared) ? false : 'the conformance data is not there'
for (const topic of ['withkeyword', 'virtualdocs', 'every', 'refheads']) {
  test(`plans that OPA made give its results: ${topic}`, { skip }, () => {
    const failures: string[] = []
    let ran = 0
    for (const path of filesBelow(join(shared, topic), '.json')) {
      for (const wanted of readCases(path, shared)) {
        if (wanted.plan === undefined) continue
        const planned = readPolicy(wanted.plan)
        if (!planned.builtins.every(({ name }) => builtins.has(name))) continue
        const reason = mismatch(wanted, new Program(planned, builtins).evaluate('eval', caseOptions(wanted)))
        if (reason !== undefined) failures.push(`${wanted.id}: ${reason}`)
        ran++
      }
    }
    assert.deepEqual(failures, [])
    assert.ok(ran > 15)
  })
}
