// What plans mean where bodies are long, rules depend on each other in long chains, and `with` replaces functions.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { builtins } from '../../../rego/builtins/index.ts'
import { compileModules } from '../../../rego/compile/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { PlanError, type Policy } from '../../../rego/ir/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
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

test('a pattern too long for the stack is refused by name', () => {
  const names = (count: number): string => Array.from({ length: count }, (_, at) => `x${at}`).join(', ')
  const values = Array.from({ length: 50 }, (_, at) => at).join(',')
  assert.equal(answerOf(`q := x49 if [${names(50)}] = input`, 'q', `[${values}]`), '{"result":49}')
  assert.throws(
    () => planned(`package p\n\nq := x1 if [${names(20_000)}] = input`, 'p/q'),
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
