// What stands in `data` is found as OPA finds it: its stores are asked by paths of texts. The answers are those of OPA 1.19.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { agreedAnswer } from '../../support/agreed-answer.ts'

const data = {
  '1': 'top',
  x: { '-1': 'minus', '1': 'one', '1.0': 'spelled', '1000': 'thousand', true: 'word', '12345678901234567890': 'long' },
  list: ['a', 'b'],
  deep: { q: { '1': 'below' } },
}
const input = { n: 1, s: '1', zeros: '01', far: '7', word: true }

const answers: readonly (readonly [rules: string, answer: string])[] = [
  ['p := data[1]', '[{"result":"top"}]'],
  ['p := data.x[1]', '[{"result":"one"}]'],
  ['p := data.x[input.n]', '[{"result":"one"}]'],
  ['p := data.x[1.0]', '[{"result":"spelled"}]'],
  ['p := data.x[1e3]', '[]'],
  ['p := data.x[-1]', '[{"result":"minus"}]'],
  ['p := data.x[12345678901234567890]', '[{"result":"long"}]'],
  ['p := data.x[2]', '[]'],
  ['p := data.x[true]', '[]'],
  ['p := data.x[input.word]', '[]'],
  ['p := data.list["1"]', '[{"result":"b"}]'],
  ['p := data.list[input.s]', '[{"result":"b"}]'],
  ['p := data.list[input.zeros]', '[{"result":"b"}]'],
  ['p := data.list[input.far]', '[]'],
  ['p := data.list["-1"]', '[]'],
  ['p := data.list["x"]', '[]'],
  ['p := data.list[1]', '[{"result":"b"}]'],
  ['p := data.deep[_][1]', '[{"result":"below"}]'],
  ['p := data.x[i] if i := 1', '[{"result":"one"}]'],
  ['p := y[1] if y := data.x', '[]'],
  ['p := y["1"] if y := data.list', '[]'],
  ['p := object.get(data.x, 1, "none")', '[{"result":"none"}]'],
  ['p if 1 in object.keys(data.x)', '[]'],
  ['p := data.x[i] if { i = 1 }', '[{"result":"one"}]'],
  ['q contains k if { data.x[k]; k == 1 }\np := q', '[{"result":[]}]'],
  ['p := [v | some k in [1, 2]; v := data.x[k]]', '[{"result":["one"]}]'],
  ['q := data.x\np := q[1]', '[]'],
  ['f(o) := o[1]\np := f(data.x)', '[]'],
  ['p := [v | some i in ["0", "1"]; some n in [1, 2]; v := data.list[i]]', '[{"result":["a","a","b","b"]}]'],
  ['p := data.x[input.n] if { data.x[1] == "one"; not data.x[3] }', '[{"result":"one"}]'],
]

test('a number is also the name that is written like it, digits are also an index, and in values out of data neither is', () => {
  for (const [rules, answer] of answers) assert.equal(agreedAnswer(`${rules}\n`, input, data), answer, rules)
})
