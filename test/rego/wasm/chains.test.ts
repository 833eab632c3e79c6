import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreedAnswer as answer } from '../../support/agreed-answer.ts'

const NOTHING = '[]'
const TRUE = '[{"result":true}]'

test('a path is followed through objects, arrays and what is neither', () => {
  const rules = 'p := input.a.b[1].c.d\n'
  assert.equal(answer(rules, { a: { b: [0, { c: { d: 'found' } }] } }), '[{"result":"found"}]')
  assert.equal(answer(rules, { a: { b: [0, { c: { d: false } }] } }), '[{"result":false}]')
  assert.equal(answer(rules, { a: { b: [0, { c: { d: null } }] } }), '[{"result":null}]')
  for (const a of [1, 'text', null, true, [], {}, { b: [] }, { b: [0, 1] }, { b: [0, { c: 'text' }] }]) {
    assert.equal(answer(rules, { a }), NOTHING)
  }
  assert.equal(answer(rules, 7), NOTHING)
})

test('what a path must equal is told from what is not there', () => {
  const texts = 'p if input.a.b == "x"\n'
  assert.equal(answer(texts, { a: { b: 'x' } }), TRUE)
  for (const b of ['y', null, false, 1, ['x']]) assert.equal(answer(texts, { a: { b } }), NOTHING)
  assert.equal(answer(texts, { a: {} }), NOTHING)
  const flags = 'p if input.a.b == false\n'
  assert.equal(answer(flags, { a: { b: false } }), TRUE)
  for (const b of [true, null, 0, '']) assert.equal(answer(flags, { a: { b } }), NOTHING)
  assert.equal(answer(flags, {}), NOTHING)
  const two = 'p if input.a.b == input.c.d\n'
  assert.equal(answer(two, { a: { b: [1] }, c: { d: [1] } }), TRUE)
  assert.equal(answer(two, { a: { b: 1 } }), NOTHING)
  assert.equal(answer(two, { c: { d: 1 } }), NOTHING)
  assert.equal(answer(two, {}), NOTHING)
})

test('only undefined and false are no truth', () => {
  const rules = 'p if input.a.b\n'
  for (const b of [true, null, 0, 2, -3, '', 'x', [], {}, 1.5]) assert.equal(answer(rules, { a: { b } }), TRUE)
  assert.equal(answer(rules, { a: { b: false } }), NOTHING)
  assert.equal(answer(rules, { a: {} }), NOTHING)
  const calls = 'p if startswith(input.a, "x")\nq if p\n'
  assert.equal(answer(calls, { a: 'xy' }), TRUE)
  assert.equal(answer(calls, { a: 'y' }), NOTHING)
  assert.equal(answer(calls, { a: 1 }), NOTHING)
  const functions = 'f(x) := x.y\np if f(input.a)\n'
  assert.equal(answer(functions, { a: { y: 0 } }), TRUE)
  assert.equal(answer(functions, { a: { y: false } }), NOTHING)
  assert.equal(answer(functions, { a: {} }), NOTHING)
})

test('what is asked for twice is kept', () => {
  const rules = 'p := [y, input.a[y]] if { y := input.a.b; y == "b" }\n'
  assert.equal(answer(rules, { a: { b: 'b' } }), '[{"result":["b","b"]}]')
  assert.equal(answer(rules, { a: { b: 'c' } }), NOTHING)
})

test('loops over what is not there, and what follows a loop', () => {
  const rules =
    'p contains x if some x in input.a.xs\np contains "more" if { some x in input.a.xs; x == input.a.b.c }\n'
  assert.equal(answer(rules, { a: { xs: ['k', 'l'], b: { c: 'l' } } }), '[{"result":["k","l","more"]}]')
  assert.equal(answer(rules, { a: { xs: ['k'], b: 1 } }), '[{"result":["k"]}]')
  for (const a of [{}, { xs: 1 }, { xs: [] }, { xs: null }]) assert.equal(answer(rules, { a }), '[{"result":[]}]')
  const keys = 'p[k] := v if some k, v in input.a.o\n'
  assert.equal(answer(keys, { a: { o: { m: 1, n: [2] } } }), '[{"result":{"m":1,"n":[2]}}]')
  assert.equal(answer(keys, { a: {} }), '[{"result":{}}]')
})

test('rules that give one constant agree, those that give two do not', () => {
  const same = 'p := "x" if input.a\np := "x" if input.b\n'
  assert.equal(answer(same, { a: 1, b: 1 }), '[{"result":"x"}]')
  assert.equal(answer(same, { b: 1 }), '[{"result":"x"}]')
  assert.equal(answer(same, {}), NOTHING)
  const other = 'p := "x" if input.a\np := "y" if input.b\n'
  assert.equal(answer(other, { b: 1 }), '[{"result":"y"}]')
  assert.equal(answer(other, { a: 1, b: 1 }), NOTHING)
  const looped = 'p := x if some x in input.xs\n'
  assert.equal(answer(looped, { xs: ['x', 'x'] }), '[{"result":"x"}]')
  assert.equal(answer(looped, { xs: ['x', 'y'] }), NOTHING)
})

test('a path within `not` and `every` is undefined there only', () => {
  const rules = 'p if not input.a.b.c\n'
  assert.equal(answer(rules, { a: { b: { c: true } } }), NOTHING)
  for (const a of [{ b: { c: false } }, { b: 1 }, {}]) assert.equal(answer(rules, { a }), TRUE)
  const each = 'p if every x in input.xs { x.y.z == 1 }\n'
  assert.equal(answer(each, { xs: [{ y: { z: 1 } }] }), TRUE)
  assert.equal(answer(each, { xs: [{ y: { z: 1 } }, { y: {} }] }), NOTHING)
})
