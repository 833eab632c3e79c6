import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Module,
  nestingMax,
  opaText,
  parseModule,
  parseQuery,
  parseTerm,
  renderDiagnostic,
} from '../../../rego/syntax/index.ts'

function parsed(text: string, regoVersion: 0 | 1 = 1): Module {
  const { module, diagnostics } = parseModule(text, { file: 'p.rego', regoVersion })
  assert.deepEqual(diagnostics, [])
  assert.ok(module)
  return module
}
const messages = (text: string, regoVersion: 0 | 1 = 1) =>
  parseModule(text, { file: 'p.rego', regoVersion }).diagnostics.map(opaText)

test('reads packages, imports and every form of head', () => {
  const module = parsed(`package a.b["c-d"]
import data.x as y
p := 1
q if input.x
r contains x if some x in input.xs
s[k] := v if some k, v in input
f(x) := x + 1
g(_) if true else := 2 if false
a.b[x].c contains 1 if x := 2
default d := {"k": [1, null]}
`)
  assert.deepEqual(module.package.path, ['a', 'b', 'c-d'])
  assert.equal(module.imports[0]?.alias, 'y')
  assert.equal(module.rules.length, 8)
  assert.equal(module.rules[2]?.head.key?.kind, 'var')
  assert.equal(module.rules[4]?.head.args?.length, 1)
  assert.equal(module.rules[5]?.else?.head.value?.kind, 'number')
  assert.equal(module.rules[7]?.default, true)
})

test('binds operators as Rego does', () => {
  const { body } = parseQuery('a + b * c == d | e & f', { file: 'q' })
  const [expr] = body ?? []
  assert.ok(expr?.kind === 'call' && expr.infix === '==')
  const [sum, union] = expr.args
  assert.ok(sum?.kind === 'call' && sum.infix === '+' && union?.kind === 'call' && union.infix === '|')
})

test('tells comprehensions, sets, objects and bodies in braces apart', () => {
  const kindOf = (text: string) => {
    const { term } = parseTerm(text, { file: 't' })
    return term?.kind === 'comprehension' ? `${term.of} comprehension` : term?.kind
  }
  assert.deepEqual(
    ['{}', 'set()', '{1}', '{1: 2}', '{x | x := 1}', '[x | x := 1]', '{k: v | k := 1; v := 2}', '{x | y, 1}'].map(
      kindOf,
    ),
    ['object', 'set', 'set', 'object', 'set comprehension', 'array comprehension', 'object comprehension', 'set'],
  )
  assert.equal(parsed('package p\nq if { input.a; input.b }').rules[0]?.body.length, 2)
  assert.equal(parsed('package p\nq if {"a": 1}[input.x]').rules[0]?.body[0]?.kind, 'term')
})

test('v0 reads partial sets by brackets, and v1 asks for the keywords', () => {
  assert.equal(parsed('package p\nq[x] { x = 1 }', 0).rules[0]?.head.key?.kind, 'var')
  assert.deepEqual(messages('package p\nq[x] { x = 1 }'), [
    'p.rego:2: rego_parse_error: `if` keyword is required before rule body',
    'p.rego:2: rego_parse_error: `contains` keyword is required for partial set rules',
  ])
  assert.deepEqual(messages('package p\nq["x"]'), [
    'p.rego:2: rego_parse_error: `contains` keyword is required for partial set rules',
  ])
  assert.equal(parsed('package p\nimport rego.v1\nq contains x if x := 1', 0).regoVersion, 1)
})

test('one run reports many mistakes, each at its place', () => {
  const text = 'package p\n\na := \n\nb if {\n\tx := 1 +\n}\n\nc := 1\n\nd := [1, 2\n\ne := "open\n'
  const { diagnostics } = parseModule(text, { file: 'p.rego' })
  assert.ok(diagnostics.length >= 3, diagnostics.map(opaText).join('\n'))
  assert.match(renderDiagnostic(diagnostics[0] ?? assert.fail(), text), /\n {2}\d+ \| /)
})

test('names what is wrong with numbers, strings and imports', () => {
  assert.match(messages('package p\na := 01')[0] ?? '', /expected number without leading zero/)
  assert.match(messages('package p\na := "x\ny"')[0] ?? '', /non-terminated string/)
  assert.match(messages('package p\na := "\\x"')[0] ?? '', /illegal escape sequence/)
  assert.match(
    messages('package p\nimport foo.bar')[0] ?? '',
    /unexpected import path, must begin with one of: \{data, future, input, rego\}, got: foo/,
  )
  assert.match(messages('')[0] ?? '', /empty module/)
  assert.match(messages('a := 1')[0] ?? '', /package expected/)
})

test('reads metadata and refuses a scope that does not fit', () => {
  const module = parsed(
    '# METADATA\n# title: T\n# scope: subpackages\npackage p\n\n# METADATA\n# entrypoint: true\nq := 1\n',
  )
  assert.deepEqual(
    module.annotations.map((item) => [item.scope, item.title, item.entrypoint]),
    [
      ['subpackages', 'T', false],
      ['document', undefined, true],
    ],
  )
  assert.equal(module.rules[0]?.annotations.length, 1)
  assert.match(
    messages('package p\n# METADATA\n# scope: package\nq := 1')[0] ?? '',
    /annotation scope 'package' must be applied to package \(have rule\)/,
  )
})

test('deep nesting is a diagnostic', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['(', ')'],
    ['{"a":', '}'],
    ['{', '}'],
    ['f(', ')'],
  ]) {
    const text = `package p\na := ${(open ?? '').repeat(nestingMax * 4)}1${(close ?? '').repeat(nestingMax * 4)}`
    const { module, diagnostics } = parseModule(text, { file: 'p' })
    assert.equal(module, undefined)
    assert.ok(diagnostics.length > 0)
  }
})

test('no text makes it throw', () => {
  const pieces = [
    'package p\n',
    'p',
    ' if ',
    '{',
    '}',
    '[',
    ']',
    '(',
    ')',
    ' := ',
    ' = ',
    '"a"',
    '$"{x}"',
    '`',
    '|',
    ',',
    ';',
    '\n',
    'some x in ',
    'every ',
    'not ',
    'with input as ',
    'else ',
    '1',
    '.',
    'default ',
    '# METADATA\n',
    '\\',
    '\u2028',
    'contains ',
  ]
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 40 }), (parts) => {
      const { module, diagnostics } = parseModule(`package p\n${parts.join('')}`, { file: 'p' })
      assert.ok((module === undefined) === diagnostics.length > 0)
    }),
    { numRuns: 2000 },
  )
})

test('a negated set alone behind `if` is a condition, as it is within braces', () => {
  const bodies = ['not {input.x}', 'not {1, 2}', 'not set()', '{ not {1} }', 'not {"a": 1}'].map(
    (text) => parsed(`package p\ndeny if ${text}\nlast := 1\n`).rules[0]?.body[0],
  )
  for (const only of bodies) assert.equal(only?.negated, true)
  assert.equal(bodies.length, 5)
})

test('NUL and byte order marks stand nowhere in a text, comments and strings included', () => {
  const bom = '\ufeff'
  assert.deepEqual(messages(`${bom}package p\n`), [])
  for (const [character, message] of [
    ['\0', 'illegal null character'],
    [bom, 'illegal byte-order mark'],
  ]) {
    for (const text of [
      `# a${character}`,
      `q := "a${character}"`,
      `q := \`a\n${character}\``,
      character,
      `q := $"{1}${character}"`,
    ]) {
      const whole = `package p\n${text}\n`
      const { diagnostics, module } = parseModule(whole, { file: 'p.rego' })
      assert.equal(module, undefined)
      assert.deepEqual(
        diagnostics.map((one) => [one.message, one.location.offset]),
        [[message, whole.indexOf(character ?? '', 1)]],
      )
    }
    assert.equal(parseQuery(`x == "${character}"`, { file: 'q' }).diagnostics[0]?.message, message)
  }
})
