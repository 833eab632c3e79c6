import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtins } from '../../../rego/builtins/index.ts'
import type { Evaluation } from '../../../rego/interpret/index.ts'
import type { Block, Func, Operand, Plan, Policy, Stmt } from '../../../rego/ir/index.ts'
import {
  discoverTests,
  fullName,
  nameFilter,
  runTests,
  type TestBundle,
  type TestOptions,
  type TestResult,
  type TestSummary,
} from '../../../rego/tester/index.ts'
import { valueFromData } from '../../../rego/value/index.ts'

type WithoutPlace<S> = S extends Stmt ? Omit<S, 'file' | 'row' | 'col'> : never

const local = (value: number): Operand => ({ kind: 'local', value })
const yes: Operand = { kind: 'bool', value: true }
const no: Operand = { kind: 'bool', value: false }
const strings = ['result', 'one', 'two', 'said']
const string = (text: string): Operand => ({ kind: 'string_index', value: strings.indexOf(text) })

function block(row: number, ...stmts: readonly WithoutPlace<Stmt>[]): Block {
  return { stmts: stmts.map((stmt): Stmt => ({ file: 0, row, col: 1, ...stmt })) }
}

/** A rule `name` with its body's blocks, each on its row, and the plan that asks for it. */
function rule(name: string, ...body: readonly Block[]): { func: Func; plan: Plan } {
  const func = {
    name: `g0.data.p.${name}`,
    params: [0, 1],
    return: 2,
    blocks: [...body, block(1, { kind: 'ReturnLocalStmt', source: 2 })],
    path: ['g0', 'p', name],
  }
  const plan = {
    name: `p/${name}`,
    blocks: [
      block(
        0,
        { kind: 'CallStmt', func: func.name, args: [local(0), local(1)], result: 2 },
        { kind: 'MakeObjectStmt', target: 3 },
        { kind: 'ObjectInsertStmt', key: string('result'), value: local(2), object: 3 },
        { kind: 'ResultSetAddStmt', value: 3 },
      ),
    ],
  }
  return { func, plan }
}

const isValue = (row: number, source: Operand): Block => block(row, { kind: 'AssignVarOnceStmt', source, target: 2 })
const call = (func: string, args: readonly Operand[]): WithoutPlace<Stmt> => ({
  kind: 'CallStmt',
  func,
  args,
  result: 9,
})

/** A case of an object rule: it begins, and is inserted where `holds` is true. */
function oneCase(row: number, name: string, holds: Operand): Block {
  return block(
    row,
    { kind: 'MakeArrayStmt', capacity: 1, target: 4 },
    { kind: 'ArrayAppendStmt', array: 4, value: string(name) },
    call('internal.test_case', [local(4)]),
    { kind: 'EqualStmt', a: holds, b: yes },
    { kind: 'ObjectInsertOnceStmt', key: string(name), value: yes, object: 2 },
  )
}

const rules = {
  test_pass: rule('test_pass', isValue(2, yes)),
  test_false: rule('test_false', isValue(3, no)),
  test_undefined: rule('test_undefined', block(4, { kind: 'EqualStmt', a: yes, b: no }), block(5)),
  test_conflict: rule('test_conflict', isValue(6, yes), isValue(7, no)),
  todo_test_later: rule('todo_test_later', isValue(8, no)),
  test_cases: rule(
    'test_cases',
    block(9, { kind: 'MakeObjectStmt', target: 2 }),
    oneCase(10, 'one', yes),
    oneCase(11, 'two', no),
  ),
  test_prints: rule(
    'test_prints',
    block(
      12,
      { kind: 'MakeArrayStmt', capacity: 1, target: 4 },
      { kind: 'ArrayAppendStmt', array: 4, value: string('said') },
      call('internal.print', [local(4)]),
    ),
  ),
  test_fails_inside: rule(
    'test_fails_inside',
    block(
      13,
      { kind: 'MakeNumberIntStmt', value: 0n, target: 4 },
      { kind: 'CallStmt', func: 'div', args: [local(4), local(4)], result: 5 },
      { kind: 'AssignVarOnceStmt', source: yes, target: 2 },
    ),
  ),
} as const

type RuleName = keyof typeof rules

function isRuleName(name: string): name is RuleName {
  return Object.hasOwn(rules, name)
}

function bundle(names: readonly RuleName[]): TestBundle {
  const policy: Policy = {
    strings,
    files: ['p_test.rego'],
    builtins: [
      { name: 'div', decl: { result: { type: 'number' } } },
      { name: 'internal.print', decl: {} },
      { name: 'internal.test_case', decl: {} },
    ],
    plans: names.map((name) => rules[name].plan),
    funcs: names.map((name) => rules[name].func),
  }
  const place = { file: 'p_test.rego', row: 1, col: 1 }
  const outlined = names.map((name) => ({ ref: [name], hasCases: name === 'test_cases', place }))
  return { policy, tests: discoverTests([{ package: ['p'], rules: outlined }]), data: valueFromData({}) }
}

function run(
  names: readonly string[],
  options: Partial<TestOptions> = {},
): { results: TestResult[]; summary: TestSummary } {
  let now = 0n
  const clockNs = (): bigint => {
    now += 1_000n
    return now
  }
  const results: TestResult[] = []
  const reporter = { result: (result: TestResult): number => results.push(result) }
  const summary = runTests(bundle(names.filter(isRuleName)), builtins, { clockNs, nowNs: 0n, ...options }, reporter)
  return { results, summary }
}

const outcomes: readonly (readonly [RuleName, string])[] = [
  ['test_pass', 'pass'],
  ['test_false', 'fail'],
  ['test_undefined', 'fail'],
  ['test_conflict', 'error'],
  ['todo_test_later', 'skip'],
  ['test_cases', 'fail'],
  ['test_fails_inside', 'fail'],
]
for (const [name, outcome] of outcomes) {
  test(`${name} ends in ${outcome}`, () => assert.equal(run([name]).results[0]?.outcome, outcome))
}

test('a case that was begun and is not in the object failed, and leaves are counted', () => {
  const { results, summary } = run(['test_cases', 'test_pass'])
  const cases = [...(results[0]?.subResults.values() ?? [])].map(({ name, fail }) => `${name} ${fail}`)
  assert.deepEqual(cases, ['one false', 'two true'])
  assert.deepEqual({ ...summary }, { pass: 2, fail: 1, error: 0, skip: 0, total: 3, cancelled: false })
})

test('what a test prints is with its result, pass or not', () => {
  assert.deepEqual(run(['test_prints']).results[0]?.output, ['said'])
})

test('a failed built-in is an error only where asked', () => {
  assert.equal(run(['test_fails_inside'], { raiseBuiltinErrors: true }).results[0]?.error?.code, 'eval_builtin_error')
})

test('a filter chooses by full name, and a broken pattern is none', () => {
  const filter = nameFilter('^data\\.p\\.test_(pass|false)$')
  assert.ok(filter !== undefined)
  const { results } = run(Object.keys(rules), { filter })
  assert.deepEqual(
    results.map((result) => fullName(result.test)),
    ['data.p.test_pass', 'data.p.test_false'],
  )
  assert.equal(nameFilter('('), undefined)
})

test('a late test is an error and the run goes on; a cancelled run ends', () => {
  const names = ['test_pass', 'test_false']
  let now = 0n
  const late = run(names, { clockNs: () => (now += 10_000_000_000n), fuel: 5_000 })
  assert.deepEqual(
    late.results.map(({ outcome, error }) => `${outcome} ${error?.text}`),
    ['error timed out', 'error timed out'],
  )
  const cancelled = run(names, { cancelled: () => true })
  assert.equal(cancelled.summary.cancelled, true)
  assert.equal(cancelled.results.length, 1)
})

test('coverage counts rows that ran, and misses its threshold', () => {
  const { summary } = run(['test_pass', 'test_undefined'], { threshold: 90 })
  const file = summary.coverage?.files['p_test.rego']
  assert.deepEqual(file?.covered, [
    { start: { row: 2 }, end: { row: 2 } },
    { start: { row: 4 }, end: { row: 4 } },
  ])
  assert.equal(summary.coverage?.coverage, 100)
  assert.equal(summary.thresholdMissed, undefined)
  const cases = run(['test_conflict'], { filter: () => false, threshold: 90 }).summary
  assert.deepEqual(cases.thresholdMissed, { got: 0, wanted: 90 })
})

test('a benchmark runs until it has measured long enough', () => {
  let now = 0n
  const { results } = run(['test_pass', 'test_false'], { benchmark: true, clockNs: () => (now += 1_000_000n) })
  assert.ok((results[0]?.benchmark?.iterations ?? 0) > 100)
  assert.equal(results[1]?.outcome, 'fail')
})

test('a test that does not pass shows its trace where asked', () => {
  const source = (_: string, row: number): string => `line ${row}`
  const { results } = run(['test_undefined', 'test_pass'], { trace: 'full', source })
  assert.match(results[0]?.trace ?? '', /p_test\.rego:4 \| Fail line 4/)
  assert.equal(results[1]?.trace, undefined)
})

test('two rules of one name are two tests', () => {
  const place = { file: 'a.rego', row: 1, col: 1 }
  const heads = ['test_a', 'test_a', 'helper', 'test_a', 'todo_test_b', 'todo_test_b'].map((name) => ({
    ref: [name],
    hasCases: false,
    place,
  }))
  const nested = { ref: ['things', 'test_c', 'x'], hasCases: false, place }
  const tests = discoverTests([{ package: ['p', 'q-r'], rules: [...heads, nested] }])
  assert.deepEqual(
    tests.map((each) => [fullName(each), each.renamed, each.hasCases]),
    [
      ['data.p["q-r"].test_a', false, false],
      ['data.p["q-r"].test_a#01', true, false],
      ['data.p["q-r"].test_a#02', true, false],
      ['data.p["q-r"].todo_test_b', false, false],
      ['data.p["q-r"].things.test_c', false, false],
    ],
  )
})

test('a test on which two engines differ is an error', () => {
  const judged = (answer: boolean): readonly string[] => {
    const witness = (): Evaluation => ({
      results: [valueFromData({ result: answer })],
      builtinErrors: [],
      fuelSpent: 0,
    })
    return run(['test_pass'], { witness }).results.map((one) => `${one.outcome} ${one.error?.text ?? ''}`)
  }
  assert.deepEqual(judged(true), ['pass '])
  assert.deepEqual(judged(false), ['error the interpreter says pass, the compiled policy fail'])
})
