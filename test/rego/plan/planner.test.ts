// What plans mean where bodies are long, rules depend on each other in long chains, and `with` replaces functions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtins } from '../../../rego/builtins/index.ts'
import { compileModules } from '../../../rego/compile/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { PlanError, type Policy } from '../../../rego/ir/index.ts'
import { PlanLimitError, planEntrypoints } from '../../../rego/plan/index.ts'
import { readJson, writeJson } from '../../../rego/value/index.ts'

function planned(text: string, entrypoint: string): Policy {
  const { compilation, diagnostics } = compileModules([{ file: 'p.rego', text }])
  assert.ok(compilation !== undefined, diagnostics.map(({ message }) => message).join('\n'))
  return planEntrypoints(compilation, [entrypoint])
}

/** What a rule is, as JSON; undefined where it is nothing. */
function answerOf(text: string, rule: string, input = '{}'): string | undefined {
  const program = new Program(planned(`package p\n\n${text}`, `p/${rule}`), builtins)
  const { results, error } = program.evaluate(`p/${rule}`, { input: readJson(input) })
  assert.equal(error, undefined)
  const [first] = results ?? []
  return first === undefined ? undefined : writeJson(first)
}

test('a function stays replaced behind a call of what replaces it', () => {
  const functions = 'f(x) := x\ng(_) := 10\n'
  assert.equal(
    answerOf(`${functions}s := [x, y] if {\n\tx := f(1)\n\ty := f(2)\n}\nq if s == [10, 10] with f as g`, 'q'),
    '{"result":true}',
  )
  assert.equal(
    answerOf(
      `${functions}s := [x, y, f(3)] if {\n\tx := count([1])\n\ty := count([1, 2])\n}\nq := r if r := s with count as g`,
      'q',
    ),
    '{"result":[10,10,3]}',
  )
  // What replaces it sees the real one.
  assert.equal(answerOf('h(x) := count(x) + 100\nq := r if r := count([1]) with count as h', 'q'), '{"result":101}')
  // And behind the expression nothing is replaced.
  assert.equal(
    answerOf(`${functions}q := [x, y] if {\n\tx := f(1) with f as g\n\ty := f(2)\n}`, 'q'),
    '{"result":[10,2]}',
  )
})

test('a body may have thousands of expressions', () => {
  const count = 5000
  const body = Array.from({ length: count }, (_, at) => `\tinput.x >= ${at}`).join('\n')
  assert.equal(answerOf(`q if {\n${body}\n}`, 'q', `{"x": ${count}}`), '{"result":true}')
  assert.equal(answerOf(`q if {\n${body}\n}`, 'q', `{"x": ${count - 2}}`), undefined)
})

test('a literal may have thousands of entries', () => {
  const entries = Array.from({ length: 5000 }, (_, at) => `"k${at}": [${at}, input.x]`).join(', ')
  assert.equal(answerOf(`o := {${entries}}\nq := [count(o), o.k4999]`, 'q', '{"x": 1}'), '{"result":[5000,[4999,1]]}')
})

test('what is unified says first what is known, wherever it stands', () => {
  assert.equal(answerOf('q := [x, y] if [x, y] = [y, 1]', 'q'), '{"result":[1,1]}')
  assert.equal(answerOf('q := z if {"a": z, "b": [_, y]} = {"a": y, "b": [1, 5]}', 'q'), '{"result":5}')
  assert.equal(answerOf('q := [x, y, z] if [[x, z], y] = [[y, 1], z]', 'q'), '{"result":[1,1,1]}')
  assert.equal(answerOf('q := y if [x, x] = [[y, 1], [5, 1]]', 'q'), '{"result":5}')
  assert.equal(answerOf('q := [x, y] if [x, y, 2] = [y, 1, x]', 'q'), undefined)
})

test('a body too long for the stack is refused by name', () => {
  const asked = (count: number): string => Array.from({ length: count }, (_, at) => `\tx[input[${at}]]`).join('\n')
  const module = (count: number): string => `x := {"a": 1}\nq if {\n${asked(count)}\n}`
  assert.equal(answerOf(module(50), 'q', JSON.stringify(Array.from({ length: 50 }, () => 'a'))), '{"result":true}')
  assert.throws(
    () => planned(`package p\n\n${module(20_000)}`, 'p/q'),
    (error) => error instanceof PlanError && error.code === 'limit',
  )
})

test('rules may depend on each other in chains longer than any stack', () => {
  const count = 3000
  const rules = Array.from(
    { length: count },
    (_, at) => `r${at} if {\n\tsome x in input.xs\n\tx == ${at}\n\tr${at + 1}\n}`,
  )
  const text = `package p\n\n${rules.join('\n')}\nr${count} := true`
  assert.equal(planned(text, 'p/r0').funcs.length, count + 1)
  assert.equal(answerOf(text.replace('package p\n', ''), `r${count - 1}`, `{"xs": [${count - 1}]}`), '{"result":true}')
})

test('iterations nest a hundred deep, and are refused by name where they nest deeper than plans go', () => {
  const nested = (count: number): string => {
    const loops = Array.from({ length: count }, (_, at) => `\tsome x${at} in input.xs`).join('\n')
    return `q if {\n${loops}\n\tx${count - 1} == 1\n}`
  }
  assert.equal(answerOf(nested(100), 'q', '{"xs": [1]}'), '{"result":true}')
  assert.throws(
    () => planned(`package p\n\n${nested(1000)}`, 'p/q'),
    (error) =>
      error instanceof PlanError &&
      error.code === 'limit' &&
      /^p\.rego:\d+:\d+: nested deeper than/.test(error.message),
  )
})

test('rules are planned again for what `with` replaces only where they come to it, and once for the same replacements', () => {
  const chain = (count: number, link: (at: number) => string): string =>
    Array.from({ length: count }, (_, at) => link(at)).join('\n')
  // What no rule further on reads makes no copy.
  const unread = chain(300, (at) => `r${at} if r${at + 1} with data.p.a${at} as ${at}\na${at} := input.y`)
  assert.equal(planned(`package p\n\n${unread}\nr300 := input.x`, 'p').funcs.length, 601)
  // Each rule is seen with nothing, either and both replaced.
  for (const [both, functions] of [
    [(at: number) => `r${at} if {\n\tr${at + 1} with data.p.a as 1\n\tr${at + 1} with data.p.b as 2\n}`, 2 + 4 * 300],
    [(at: number) => `r${at} if {\n\tr${at + 1} with count as 1\n\tr${at + 1} with sum as 2\n}`, 4 * 300],
    [(at: number) => `r${at} if {\n\tr${at + 1} with count as f\n\tr${at + 1} with sum as f\n}`, 1 + 4 * 300],
  ] as const) {
    const end = both(0).includes('count') ? '[count(input.xs), sum(input.xs)]' : '[a, b]'
    const text = `a := 10\nb := 20\nf(_) := 7\n${chain(300, both)}\nr300 := ${end}`
    const { funcs } = planned(`package p\n\n${text}`, 'p/r0')
    assert.ok(funcs.length <= functions + 4, `${funcs.length}`)
  }
})

test('copies of rules under `with` are told apart by all that they come to', () => {
  const text = `a := 1
b := 2
both := [a, b]
f(x) := x
g(x) := [x, a]
called := [f(a), count([1, 2])]
q := [
	both, s, t, u, v, w
] if {
	s := both with data.p.a as 10
	t := both with data.p.b as 20
	u := both with data.p.a as 10 with data.p.b as 20
	v := called with data.p.a as 3 with f as g
	w := called with f as 5 with count as 6
}`
  assert.equal(answerOf(text, 'q', '{}'), '{"result":[[1,2],[10,2],[1,20],[10,20],[[3,3],2],[5,6]]}')
  // A value that stands for a function reaches what is called from what was called, and another one inside of it.
  assert.equal(
    answerOf(
      'f(x) := x\na := b\nb := [f(1), c]\nc := x if x := d with f as 3\nd := f(4)\nq := x if x := a with f as 2',
      'q',
    ),
    '{"result":[2,3]}',
  )
})

test('what follows many replacements is planned behind them, and what they replace is back there', () => {
  const count = 400
  const asked = Array.from({ length: count }, (_, at) => `\tf(${at}) == [${at}, ${at + 1}] with input.x as ${at + 1}`)
  const text = `f(y) := [y, input.x]\nq := f(0) if {\n${asked.join('\n')}\n}`
  assert.equal(answerOf(text, 'q', '{"x": 9}'), '{"result":[0,9]}')
  const wrong = text.replace(`f(${count - 1}) == [${count - 1}, ${count}]`, 'f(1) == [1, 1]')
  assert.notEqual(wrong, text)
  assert.equal(answerOf(wrong, 'q', '{"x": 9}'), undefined)
})

test('more replacements than can be told apart are refused by name', () => {
  const count = 20
  const links = Array.from(
    { length: count },
    (_, at) => `a${at} := input.x\nr${at} if {\n\tr${at + 1} with data.p.a${at} as 1\n\tr${at + 1}\n}`,
  )
  const all = Array.from({ length: count }, (_, at) => `a${at}`).join('; ')
  assert.throws(
    () => planned(`package p\n\n${links.join('\n')}\nr${count} if { ${all} }`, 'p/r0'),
    (error) =>
      error instanceof PlanLimitError &&
      error.diagnostic.location.row > 0 &&
      /planned again for what `with` replaces$/.test(error.diagnostic.message) &&
      /replace fewer rules/.test(error.diagnostic.help ?? ''),
  )
})

test('open steps that come to too many rules, one inside the other, are refused by name', () => {
  const rules = Array.from({ length: 12 }, (_, at) => `w.k${at} := input.x${at}`).join('\n')
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const text = (count: number): string => {
    const asked = names.slice(0, count).map((name, at) => `\tw[${name}] == ${at}`)
    return `package p\n\n${rules}\nq if {\n\tsome ${names.slice(0, count).join(', ')}\n${asked.join('\n')}\n}`
  }
  assert.ok(planned(text(3), 'p/q').funcs.length > 12)
  assert.throws(
    () => planned(text(6), 'p/q'),
    (error) =>
      error instanceof PlanLimitError &&
      error.diagnostic.location.row > 0 &&
      /^more than 1000000 statements for the rules that open steps/.test(error.diagnostic.message) &&
      /name the package or rule/.test(error.diagnostic.help ?? ''),
  )
})

test('long patterns are planned one part behind the other, whatever binds whatever', () => {
  const count = 3000
  const names = (from: number): string => Array.from({ length: count }, (_, at) => `x${from + at}`).join(', ')
  const cases = [
    [`[${names(0)}] = input.x`, 'x2999'],
    [`[${names(0)}, x${count}] = [${names(1)}, 7]`, 'x0'],
    [`[7, ${names(1)}] = [x0, ${names(0)}]`, `x${count}`],
  ] as const
  for (const [pattern, value] of cases)
    assert.equal(
      answerOf(`q := ${value} if {\n\t${pattern}\n}`, 'q', `{"x": [${'7, '.repeat(count - 1)}7]}`),
      '{"result":7}',
    )
})
