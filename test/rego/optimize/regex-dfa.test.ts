import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { RE2JS } from 're2js'
import { type RegexDfa, regexDfa } from '../../../rego/optimize/index.ts'

function finds(dfa: RegexDfa, text: string): boolean {
  let state = 0
  for (const byte of new TextEncoder().encode(text)) {
    if (dfa.marks[state] === 1) return true
    if (dfa.marks[state] === 3) return false
    state = dfa.next[state * dfa.classCount + (dfa.classes[byte] ?? 0)] ?? 0
  }
  return dfa.marks[state] === 1 || dfa.marks[state] === 2
}

const atoms = [
  'a',
  'b',
  '.',
  'ü',
  '[ab]',
  '[^a]',
  '\\d',
  '\\W',
  '\\.',
  '[a-c0-9_-]',
  '(a|b)',
  '(?:ab|b)',
  '^',
  '$',
  '𝄞',
  '\\s',
  '[ü-𝄞a]',
  '[^b-ü]',
  '\\A',
  '\\z',
  '\\x{fc}',
  '(?i:K)',
  '(?s:.)',
]
const pattern = fc
  .array(
    fc.tuple(fc.constantFrom(...atoms), fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{2,}', '*?', '|')),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) =>
    parts.map(([atom, times]) => `${atom}${/^(?:[$^]|\\[Az])/.test(atom) && times !== '|' ? '' : times}`).join(''),
  )
const text = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', 'k', '\u212a', '0', 'ü', '€', '𝄞', '\n', ' ', '.', '_'),
  maxLength: 8,
})

test('a pattern finds what RE2 finds', () => {
  let tables = 0
  fc.assert(
    fc.property(pattern, fc.array(text, { minLength: 4, maxLength: 8 }), (source, texts) => {
      const dfa = regexDfa(source)
      if (dfa === undefined) return
      tables++
      const wanted = RE2JS.compile(source)
      for (const each of ['', ...texts]) {
        assert.equal(finds(dfa, each), wanted.matcher(each).find(), JSON.stringify([source, each]))
      }
    }),
    { numRuns: 1_500 },
  )
  assert.ok(tables > 500, `${tables} tables`)
})

test('what it does not know is left to the host', () => {
  for (const source of [
    '\\bword',
    '\\pL',
    '[[:alpha:]]',
    'a{',
    'a**',
    '(a',
    '[a',
    'a\\',
    '(?P<n>a)(?P<n>b)',
    '(?<n>a)',
    '(?i)*',
    '(?m)a',
    '(?i)[à-ü]',
    '(?i)\\w',
    '\\x{110000}',
    '\\z^',
    '$^',
  ]) {
    assert.equal(regexDfa(source), undefined, source)
  }
  assert.equal(regexDfa(`${'(a|b)*a'}${'(a|b)'.repeat(20)}`), undefined)
})

test('patterns that backtrack elsewhere are small tables here', () => {
  const dfa = regexDfa('^(a+)+$')
  assert.ok(dfa !== undefined && dfa.marks.length < 8)
  assert.equal(finds(dfa, `${'a'.repeat(1_000)}!`), false)
})

test('a beginning that does not match is known at once', () => {
  const dfa = regexDfa('^/srv/')
  assert.ok(dfa !== undefined)
  assert.equal(dfa.marks[dfa.next[dfa.classes[0x61] ?? 0] ?? 0], 3)
})
