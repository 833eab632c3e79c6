import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Module, parseModule } from '../../../rego/syntax/index.ts'
import { type PrintOptions, printModule } from '../../../rego/syntax/printer/index.ts'
import { generatedModule } from './generated-module.ts'
import { meaning } from './meaning.ts'

function print(source: string, regoVersion: 0 | 1 = 1, options: PrintOptions = {}): string {
  const { module, diagnostics } = parseModule(source, { file: 'a.rego', regoVersion })
  assert.ok(module !== undefined, JSON.stringify(diagnostics))
  return printModule(module, options)
}

test('what is printed is read back as what it was', () => {
  fc.assert(
    fc.property(generatedModule, (module: Module) => {
      const text = printModule(module)
      const again = parseModule(text, { file: 'again.rego' })
      assert.ok(again.module !== undefined, `${text}\n${JSON.stringify(again.diagnostics)}`)
      assert.deepEqual(meaning(again.module.rules), meaning(module.rules), text)
      assert.equal(printModule(again.module), text)
    }),
    { numRuns: 400 },
  )
})

test('a name that begins with a keyword keeps its point', () => {
  const source = 'package a\n\nelse.foo := 1\n\np["q"] := 2\n'
  assert.equal(print(source), source)
})

test('keeps every comment of a module', () => {
  const comments = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight']
  const source = `# one
package a # two

p := [ # three
  1, # four
  # five
  2
] # six

q if {
  x := $"{ # seven
  input.y}"
  x # eight
}
`
  const text = print(source)
  for (const comment of comments) assert.equal(text.split(`# ${comment}`).length, 2, `${comment}\n${text}`)
})

test('a rule whose comments have no place on its lines keeps its text', () => {
  const rule = 'p := {"a": # one\n"b"} # two'
  assert.equal(print(`package a\n${rule}\n`), `package a\n\n${rule}\n`)
})

test('writes a module of v0 for both languages', () => {
  assert.equal(
    print('package a\n\nimport data.b\n\np[x] { x = 1 }\n\nq = 2 { true }\n', 0, { target: 'both' }),
    'package a\n\nimport rego.v1\n\nimport data.b\n\np contains x if x = 1\n\nq := 2\n',
  )
})

test('parentheses that change the meaning stay, and others go', () => {
  const source = 'package a\n\np if a - (b - c) == d\n\nq if (a in b) == c\n\nr if ((a == b)) == c\n'
  assert.equal(print(source), 'package a\n\np if a - (b - c) == d\n\nq if (a in b) == c\n\nr if a == b == c\n')
})

test('an else behind a bare if stands below a blank line, and stays there', () => {
  const text = print('package a\n\np := 1 if {x > 0\n} else := 2\n')
  assert.equal(text, 'package a\n\np := 1 if x > 0\n\nelse := 2\n')
  assert.equal(print(text), text)
})

test('a rule that begins where one of several lines ends stands apart, and stays so', () => {
  const text = print('package a\n\np := f({"a": 1,\n"b": 2})q := 3\n')
  assert.equal(text, 'package a\n\np := f({\n\t"a": 1,\n\t"b": 2,\n})\n\nq := 3\n')
  assert.equal(print(text), text)
})

test('comments behind a body without braces stay with the rule that they are said of', () => {
  const text = `package a

names contains name
if some name in input.names # all of them

# METADATA
# title: the next
next if {
	input.x
	# the last of next
}

chosen := 1 if
input.a
else := 2 if
input.b

# METADATA
# title: other
other if (input.x)

# METADATA
# title: last
last if { input.y }
`
  const { module } = parseModule(text, { file: 'a.rego' })
  assert.ok(module)
  const printed = printModule(module)
  assert.match(
    printed,
    /names contains name if \{\n\tsome name in input\.names # all of them\n\}\n\n# METADATA\n# title: the next\nnext if/,
  )
  const again = parseModule(printed, { file: 'a.rego' }).module
  const titles = (rules: Module['rules']) => rules.map((rule) => rule.annotations.map(({ title }) => title))
  assert.deepEqual(titles(again?.rules ?? []), titles(module.rules))
  assert.equal(again?.comments.length, module.comments.length)
  assert.equal(again === undefined ? '' : printModule(again), printed)
})
