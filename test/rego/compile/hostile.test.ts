// Texts that are made to break the compiler end in a diagnostic, soon, and never in an exception.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileModules } from '../../../rego/compile/index.ts'
import { type Diagnostic, nestingMax, rowMax } from '../../../rego/syntax/index.ts'
import { SchemaError, typeOfSchema } from '../../../rego/types/index.ts'

/** No module costs more than this of a processor, however busy the machine is otherwise. */
const patienceMs = 10_000

function compile(...texts: string[]): readonly Diagnostic[] {
  const before = process.cpuUsage()
  const { diagnostics } = compileModules(texts.map((text, index) => ({ file: `${index}.rego`, text })))
  const { user, system } = process.cpuUsage(before)
  assert.ok((user + system) / 1000 < patienceMs)
  return diagnostics
}

function refused(message: RegExp, ...texts: string[]): void {
  const found = compile(...texts)
  assert.ok(
    found.some((one) => message.test(one.message) && one.location.row > 0),
    found.map((one) => one.message).join('\n') || 'it was accepted',
  )
}

const deep = nestingMax * 3

test('collections nested too deep have their own message', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{', '}'],
    ['{"a":', '}'],
    ['(', ')'],
    ['count(', ')'],
    ['[x | x := ', ']'],
    ['-', ''],
    ['x[', ']'],
  ] as const)
    refused(/nested deeper|unexpected|too involved/, `package p\np := ${open.repeat(deep)}1${close.repeat(deep)}\n`)
})

test('nesting within the limit compiles', () => {
  assert.deepEqual(compile(`package p\np := ${'['.repeat(40)}1${']'.repeat(40)}\n`), [])
  assert.deepEqual(compile(`package p\np := ${'[x | x := '.repeat(20)}1${']'.repeat(20)}\n`), [])
})

test('operators and steps in a row have a limit and their own message', () => {
  for (const row of [
    (count: number) => `p := 1${' + 1'.repeat(count)}`,
    (count: number) => `p if {\n\tinput.a == 1${' | 1'.repeat(count)}\n}`,
    (count: number) => `p := input${'.a'.repeat(count)}`,
    (count: number) => `p${'.a'.repeat(count)} := 1`,
  ]) {
    refused(/more than 1000 operators or steps in a row/, `package p\n${row(rowMax * 20)}\n`)
    assert.ok(!compile(`package p\n${row(300)}\n`).some(({ message }) => /in a row|too deep/.test(message)))
  }
  refused(/in a row/, `package p${'.a'.repeat(rowMax * 20)}\np := 1\n`)
})

test('rows inside of rows end in a diagnostic, too', () => {
  const row = '1 + '.repeat(rowMax - 1)
  refused(/too deep|nested deeper/, `package p\np := ${`(`.repeat(60)}1${`${row.replace(/^1/, '')}1)`.repeat(60)}\n`)
})

test('numbers that are too big have their own message, and big ones do not', () => {
  refused(/number too big/, 'package p\np := 1e200000\n')
  refused(/invalid float/, 'package p\np := 1e9999999999\n')
  assert.deepEqual(compile(`package p\np := ${'9'.repeat(3000)}\n`), [])
})

test('a long chain of rules is no recursion, and a long circle is', () => {
  const chain = Array.from({ length: 20_000 }, (_, index) => `r${index} if r${index + 1}`)
  assert.deepEqual(compile(`package p\n${chain.join('\n')}\nr20000 if input.x\n`), [])
  const circle = Array.from({ length: 30 }, (_, index) => `r${index} if r${(index + 1) % 30}`)
  const found = compile(`package p\n${circle.join('\n')}\n`)
  assert.equal(found.length, 30)
  assert.match(found[0]?.message ?? '', /^rule data\.p\.r0 is recursive: data\.p\.r0 -> data\.p\.r1 -> /)
})

test('heads and operands that could be read in two ways have their own messages', () => {
  refused(/^ambiguous `\{ \.\.\. \| \.\.\. \}` operand/, 'package p\nimport future.keywords.not\np if not {a | b}\n')
  refused(/^`contains` keyword is required for partial set rules$/, 'package p\np[x] if { x := 1 } { x := 2 }\nq[1]\n')
  refused(/must have value assignment and\/or body declaration$/, 'package p\na.b.c\n')
  refused(/rule head ref q\(0\)\.r invalid$/, 'package p\nq(0).r(1) if true\n')
})

test('packages of one name with conflicting rules have their own message', () => {
  refused(/^conflicting rules data\.p\.q found$/, 'package p\nq := 1\n', 'package p\nq contains 1\n')
  refused(
    /^multiple default rules data\.p\.q found at 0\.rego:2, 1\.rego:2$/,
    'package p\ndefault q := 1\n',
    'package p\ndefault q := 2\n',
  )
  refused(/^package p\.q conflicts with rule q defined at 0\.rego:2$/, 'package p\nq := 1\n', 'package p.q\nr := 1\n')
  assert.deepEqual(compile('package p\nq contains 1\n', 'package p\nq contains 2\n'), [])
})

test('a union of very many types is checked in time', () => {
  const rules = Array.from({ length: 400 }, (_, index) => `p := {"k${index}": ${index}} if input.x == ${index}`)
  assert.deepEqual(compile(`package p\n${rules.join('\n')}\nq if p.k1 == 1\n`), [])
})

test('what has very many parts is compared in time', () => {
  const items = Array.from({ length: 20_000 }, (_, index) => `{"k${index}": ${index}}`)
  assert.deepEqual(compile(`package p\nxs := {${items.join(', ')}}\np if xs == {1}\n`), [])
  const entries = Array.from({ length: 20_000 }, (_, index) => `"k${index}": ${index}`).join(', ')
  assert.deepEqual(compile(`package p\nx := {${entries}}\nq if x == {${entries}}\n`), [])
  const circle = Array.from({ length: 20_000 }, (_, index) => `r${index} if r${(index + 1) % 20_000}`)
  const found = compile(`package p\n${circle.join('\n')}\n`)
  assert.ok(found.length > 0 && found.every(({ code }) => code === 'rego_recursion_error'))
  const users = Array.from({ length: 5000 }, (_, index) => `u${index} if h with data.p.h as true`)
  assert.deepEqual(compile(`package p\nh if input.x\n${users.join('\n')}\n`), [])
})

test('mistakes without number are told up to a limit, which has its own message', () => {
  const keys = Array.from({ length: 3000 }, (_, index) => `"k${index}": ${index}`).join(', ')
  const refs = Array.from({ length: 3000 }, (_, index) => `\tx.z${index}`).join('\n')
  const found = compile(`package p\nx := {${keys}}\nq if {\n${refs}\n}\n`)
  assert.equal(found.length, 501)
  assert.equal(found[0]?.help, 'did you mean `k0`?')
  assert.equal(found.at(-1)?.message, 'more than 500 mistakes in types')
  assert.equal(found.at(-1)?.location.row, 504)
  assert.equal(found.at(-1)?.help, 'mend those that are told first')
})

test('schemas of metadata look at parts of large documents up to a limit, which has its own message', () => {
  const rules = Array.from(
    { length: 4000 },
    (_, index) => `# METADATA\n# schemas:\n# - data.p.z${index}: {type: string}\nr${index} if data.p.z${index} == "x"`,
  )
  const found = compile(`package p\n${rules.join('\n')}\n`)
  assert.deepEqual(
    found.map(({ message }) => message),
    ['schemas of metadata give types to parts of documents of more than 5000000 properties in all'],
  )
  assert.equal(found[0]?.help, 'give a schema to the whole document, or to the package')
})

test('types that hold others many times over are compared, shown and taken apart in time', () => {
  const count = 100
  const times = (text: string): string => text.repeat(count)
  const chain = (link: (at: number) => string): string => Array.from({ length: count }, (_, at) => link(at)).join('\n')
  assert.deepEqual(
    compile(`package p\nq if ${times('[')}input.x${times(']')} == ${times('[')}input.y${times(']')}\n`),
    [],
  )
  assert.deepEqual(
    compile(`package p\nx := ${times('{"a": ')}1${times('}')}\nq if x == ${times('{"a": ')}2${times('}')}\n`),
    [],
  )
  const doubled = (name: string): string => chain((at) => `\t${name}${at + 1} := [${name}${at}, ${name}${at}]`)
  const both = `\tx0 := input.x\n${doubled('x')}\n\ty0 := input.y\n${doubled('y')}`
  assert.deepEqual(compile(`package p\nq if {\n${both}\n\tx${count} == y${count}\n}\n`), [])
  assert.deepEqual(compile(`package p\nq := {x${count}, y${count}} if {\n${both}\n}\n`), [])
  refused(/^match error$/, `package p\nq if {\n${both}\n\tx${count} == 1\n}\n`)
  const either = (name: string): string =>
    chain((at) => `${name}${at} := [${name}${at + 1}] if input.x\n${name}${at} := {"a": ${name}${at + 1}} if input.y`)
  const unions = (end: string): string =>
    `package p\n${either('f')}\nf${count} := 1\n${either('g')}\ng${count} := ${end}\nq if f0 == g0\n`
  assert.deepEqual(compile(unions('2')), [])
  refused(/^match error$/, unions('"a"'))
  const pattern = `${times('{"a": ')}z${chain((at) => `, "b": y${at}}`)}`
  const parts = chain(
    (at) => `f${at} := {"a": f${at + 1}, "b": 1} if input.x\nf${at} := {"a": f${at + 1}, "b": "x"} if input.y`,
  )
  assert.deepEqual(compile(`package p\n${parts}\nf${count} := 1\nq if f0 = ${pattern}\n`), [])
})

test('open references that come to too many rules are refused by name', () => {
  const wide = Array.from({ length: 1500 }, (_, at) => `w${at} := input.x`).join('\n')
  const asked = (count: number): string =>
    `package p\n${Array.from({ length: count }, (_, at) => `r${at} if data.wide[input.x] == ${at}`).join('\n')}\n`
  assert.deepEqual(compile(`package wide\n${wide}\n`, asked(100)), [])
  refused(/^references come to more than 2000000 rules$/, `package wide\n${wide}\n`, asked(1500))
  const replaced = Array.from({ length: 1500 }, (_, at) => `t${at} if data.p with data.p.a${at} as 1\na${at} := ${at}`)
  refused(/^references come to more than 2000000 rules/, `package p\n${replaced.join('\n')}\n`)
})

test('what `with` replaces is as open as before to rules that come to it, and known to those that do not', () => {
  const module = (ask: string): string =>
    `package p\na := 1\nb := [a]\nc := 2\nd := {"b": b, "c": c}\ne := x if x := f with data.p.a as "x"\nf := c\nq if ${ask}\n`
  for (const [ask, wrong] of [
    ['b == "x" with data.p.a as 2', false],
    ['d == "x" with data.p.a as 2', false],
    ['c == "x" with data.p.a as 2', true],
    // To replace it is not to depend on it.
    ['e == "x" with data.p.a as 2', true],
    ['e == "x" with data.p.c as 2', false],
    ['e == "x" with data.p.c as 2 with data.p.a as 3', false],
    ['count([1 | b == "x"; c == 2]) == 1 with data.p.a as 2', false],
    ['count([1 | b == "x"; c == "x"]) == 1 with data.p.a as 2', true],
    ['b == "x" with data.p.c as 2', true],
  ] as const)
    assert.deepEqual(
      compile(module(ask)).map(({ message }) => message),
      wrong ? ['match error'] : [],
      ask,
    )
  const rules = Array.from({ length: 70 }, (_, at) => `a${at} := ${at}\nb${at} := [a${at}]`).join('\n')
  const asks = (right: boolean): string =>
    Array.from(
      { length: 70 },
      (_, at) => `q${at} if b${right ? at : (at + 1) % 70} == "x" with data.p.a${at} as 1`,
    ).join('\n')
  assert.deepEqual(compile(`package p\n${rules}\n${asks(true)}\n`), [])
  assert.equal(compile(`package p\n${rules}\n${asks(false)}\n`).length, 70)
})

test('schemas that hold themselves end, and references to nowhere are refused', () => {
  const tree = {
    $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
    $ref: '#/$defs/node',
  }
  assert.equal(typeOfSchema(tree).kind, 'object')
  assert.throws(() => typeOfSchema({ $ref: '#/$defs/none' }), SchemaError)
  assert.throws(() => typeOfSchema({ $ref: 'https://example.com/schema.json' }), SchemaError)
  assert.throws(
    () => typeOfSchema({ allOf: [{ $ref: '#/$defs/a' }], $defs: { a: { $ref: '#/$defs/a' } } }),
    SchemaError,
  )
  assert.throws(() => typeOfSchema(1), SchemaError)
})
