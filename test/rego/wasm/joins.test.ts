import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreedAnswer as answer } from '../../support/agreed-answer.ts'

const NOTHING = '[]'
const result = (value: unknown): string => JSON.stringify([{ result: value }])

test('one to five texts are joined, whatever is between them', () => {
  const parts = ['a', 'bc', '', 'ü𝄞', 'e']
  for (const between of ['', '.', ', ', 'a separator that is longer than sixteen bytes']) {
    for (let count = 1; count <= parts.length; count++) {
      const fields = parts.slice(0, count).map((_, i) => `input.parts[${i}]`)
      const rules = `p := concat(input.between, [${fields.join(', ')}])\n`
      assert.equal(answer(rules, { between, parts }), result(parts.slice(0, count).join(between)))
      assert.equal(answer(rules, { between, parts: parts.slice(0, count - 1) }), NOTHING)
    }
  }
})

test('what is no text is not joined, and the built-in says so', () => {
  const rules = 'p := concat(input.between, [input.a, "b", input.c])\n'
  assert.equal(answer(rules, { between: '-', a: 'x', c: 'y' }), result('x-b-y'))
  for (const other of [1, 1.5, null, true, ['x'], { x: 'x' }]) {
    assert.equal(answer(rules, { between: '-', a: other, c: 'y' }), NOTHING)
    assert.equal(answer(rules, { between: '-', a: 'x', c: other }), NOTHING)
    assert.equal(answer(rules, { between: other, a: 'x', c: 'y' }), NOTHING)
  }
})

test('a joined text that is used late, twice or never is the same', () => {
  const rules = `p contains [name, x.c] if {
  some x in input.xs
  name := concat("/", [x.a, x.b])
  x.c > 1
  startswith(name, "a/")
}
p contains "ready" if { some x in input.xs; name := concat("/", [x.a, x.b]); x.c == 3; name }
p contains upper(name) if { some x in input.xs; name := concat("", ["n", concat("-", [x.a, x.b]), x.a]); x.c == 2 }
`
  const xs = [
    { a: 'a', b: 'one', c: 1 },
    { a: 'a', b: 'two', c: 2 },
    { a: 'b', b: 'two', c: 2 },
    { a: 'a', b: 3, c: 3 },
    { a: 'a', b: 'x', c: 4 },
  ]
  assert.equal(answer(rules, { xs }), result(['NA-TWOA', 'NB-TWOB', ['a/two', 2], ['a/x', 4]]))
  assert.equal(answer(rules, { xs: [{ a: 'a', b: 'z', c: 3 }] }), result(['ready', ['a/z', 3]]))
})

test('an array of parts that is used otherwise is an array', () => {
  const rules = `p := [parts, name, count(parts)] if { parts := [input.a, input.b]; name := concat("", parts) }\n`
  assert.equal(answer(rules, { a: 'x', b: 'y' }), result([['x', 'y'], 'xy', 2]))
  assert.equal(answer(rules, { a: 'x', b: 1 }), NOTHING)
})

test('parts that differ by the turn of a loop are those of the turn', () => {
  const rules = 'p := [name | some i, x in input.xs; y := input.ys[i]; name := concat(":", [x, y])]\n'
  assert.equal(answer(rules, { xs: ['a', 'b'], ys: ['1', '2'] }), result(['a:1', 'b:2']))
  const otherwise = 'p := concat("", [f(input.a), "!"])\nf(x) := "one" if x == 1\nelse := "other"\n'
  assert.equal(answer(otherwise, { a: 1 }), result('one!'))
  assert.equal(answer(otherwise, { a: 2 }), result('other!'))
})
