import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreedAnswer as answer } from '../../support/agreed-answer.ts'

test('what is looked up in a collection that a loop builds is looked up each time', () => {
  const rules = 'p[x].r contains y if { some x in input.xs; some y in input.ys; x != y }\n'
  assert.equal(
    answer(rules, { xs: ['a', 'b'], ys: ['a', 'b', 'c'] }),
    '[{"result":{"a":{"r":["b","c"]},"b":{"r":["a","c"]}}}]',
  )
})

test('what stays the same in a loop is found, and what is not there leaves each turn undefined', () => {
  const rules = 'p contains [y, z] if { some x in input.xs; some y in x.ys; z := data.names[input.lang][y] }\n'
  const data = { names: { de: { a: 'eins', b: 'zwei' } } }
  const xs = [{ ys: ['a', 'b'] }, { ys: ['c'] }, {}]
  assert.equal(answer(rules, { xs, lang: 'de' }, data), '[{"result":[["a","eins"],["b","zwei"]]}]')
  assert.equal(answer(rules, { xs, lang: 'fr' }, data), '[{"result":[]}]')
  assert.equal(answer(rules, { xs: [] }, data), '[{"result":[]}]')
})

test('a lookup under a with in a loop is of the document that it puts there', () => {
  const rules =
    'q contains y if some y in input.ys\np contains [x, y] if { some x in input.xs; some y in q with input.ys as x.ys }\n'
  assert.equal(
    answer(rules, { xs: [{ ys: ['a'] }, { ys: ['b'] }], ys: ['c'] }),
    '[{"result":[[{"ys":["a"]},"a"],[{"ys":["b"]},"b"]]}]',
  )
})

test('a joined text that is used in a loop or nowhere fails where it is written', () => {
  const rules = `p contains z if {
    some x in input.xs
    name := concat(".", [x.a, x.b])
    some y in x.ys
    z := sprintf("%s:%s", [name, y])
  }
  p contains "joined" if { some x in input.xs; concat(".", [x.a, x.b]) }
`
  assert.equal(
    answer(rules, {
      xs: [
        { a: 'k', b: 'l', ys: ['m', 'n'] },
        { a: 1, b: 'l', ys: ['o'] },
        { a: 'k', b: 'l', ys: [] },
      ],
    }),
    '[{"result":["joined","k.l:m","k.l:n"]}]',
  )
  assert.equal(answer(rules, { xs: [{ a: 'k', b: null, ys: [] }] }), '[{"result":[]}]')
})
