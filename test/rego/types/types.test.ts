// The algebra of types, schemas as types, and the types that rules and schemas give.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { compileModules } from '../../../rego/compile/index.ts'
import { opaText, parseQuery, stringTerm, varTerm } from '../../../rego/syntax/index.ts'
import { compareTypes, either, isUnknown, keysOf, objectType, valuesOf } from '../../../rego/types/algebra.ts'
import { checkBody, type Type, TypeEnvironment, typeOfSchema, typeText } from '../../../rego/types/index.ts'
import { anyType, booleanType, nullType, numberType, stringType } from '../../../rego/types/type.ts'
import { unifies } from '../../../rego/types/unifies.ts'

const types: fc.Arbitrary<Type> = fc.letrec<{ type: Type }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Type>(nullType, booleanType, numberType, stringType, anyType),
    fc.record({
      kind: fc.constant('array' as const),
      static: fc.array(tie('type'), { maxLength: 2 }),
      dynamic: fc.option(tie('type'), { nil: undefined }),
    }),
    tie('type').map((of): Type => ({ kind: 'set', of })),
    fc
      .tuple(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }), tie('type'), fc.boolean())
      .map(([keys, value, open]) =>
        objectType(
          keys.map((key) => ({ key, value })),
          open ? { key: stringType, value } : undefined,
        ),
      ),
    fc.tuple(tie('type'), tie('type')).map(([a, b]): Type => either(a, b) ?? anyType),
  ),
})).type

test('a union is the same from both sides, holds both, and adds nothing twice', () => {
  fc.assert(
    fc.property(types, types, (a, b) => {
      assert.equal(typeText(either(a, b)), typeText(either(b, a)))
      assert.equal(typeText(either(a, a)), typeText(a))
      assert.ok(unifies(either(a, b), a) === unifies(a, either(a, b)))
    }),
  )
})

test('the order of types is total', () => {
  fc.assert(
    fc.property(types, types, types, (a, b, c) => {
      assert.equal(compareTypes(a, b), 0 - compareTypes(b, a))
      if (compareTypes(a, b) <= 0 && compareTypes(b, c) <= 0) assert.ok(compareTypes(a, c) <= 0)
      assert.equal(compareTypes(a, a), 0)
    }),
  )
})

test('what can be equal can be equal both ways, and everything can be anything', () => {
  fc.assert(
    fc.property(types, types, (a, b) => {
      assert.equal(unifies(a, b), unifies(b, a))
      assert.ok(unifies(a, anyType))
    }),
  )
  assert.equal(unifies(numberType, stringType), false)
  assert.equal(isUnknown({ kind: 'set', of: undefined }), true)
})

test('schemas are types as OPA reads them', () => {
  const text = (schema: unknown): string => typeText(typeOfSchema(schema))
  assert.equal(text({ type: 'string' }), 'string')
  assert.equal(text({ type: ['null', 'integer'] }), 'number')
  assert.equal(text({ properties: { b: { type: 'number' }, a: true } }), 'object<a: any, b: number>')
  assert.equal(text({ type: 'object' }), 'object[any: any]')
  assert.equal(text({ type: 'array', items: { type: 'boolean' } }), 'array[boolean]')
  assert.equal(text({ items: [{ type: 'boolean' }, {}] }), 'array<boolean, any>')
  assert.equal(text({ anyOf: [{ type: 'string' }, { type: 'number' }] }), 'any<number, string>')
  assert.equal(
    text({ allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'number' } } }] }),
    'object<a: string, b: number>',
  )
  assert.equal(text({ $ref: '#/$defs/a', $defs: { a: { type: 'string' } } }), 'string')
  assert.throws(() => text({ allOf: [{ type: 'string' }, { type: 'number' }] }), /unable to merge these schemas/)
})

test('a query finds the types of its variables, or one mistake', () => {
  const env = new TypeEnvironment()
  const { body } = parseQuery('x = [1, "a"]; y = x[i]; {"k": z} = {"k": [true]}', { file: '' })
  const { env: found, faults } = checkBody(body ?? [], env, { shown: (name) => name })
  assert.deepEqual(faults, [])
  assert.equal(typeText(found.variable('x')), 'array<number, string>')
  assert.equal(typeText(found.variable('y')), 'any<number, string>')
  assert.equal(typeText(found.variable('i')), 'number')
  assert.equal(typeText(found.variable('z')), 'array<boolean>')
  const wrong = parseQuery('x = 1; x = "a"', { file: '' }).body ?? []
  const one = checkBody(wrong, env, { shown: (name) => name }).faults
  assert.deepEqual(
    one.map(({ message, details }) => [message, ...details]),
    [['match error', 'left  : number', 'right : string']],
  )
})

test('rules have types, which several rules of a name widen', () => {
  const text = [
    'package a',
    'p := 1 if input.x',
    'p := "one" if input.y',
    's contains x if some x in [1, true]',
    'o[k] := v if some k, v in {"a": 1}',
    'f(x) := [upper(x)]',
    'g.h := null',
  ].join('\n')
  const { compilation, diagnostics } = compileModules([{ file: 'a.rego', text }])
  assert.deepEqual(diagnostics, [])
  const at = { file: '', row: 0, col: 0, offset: 0, end: 0 }
  const type = (...path: string[]): string =>
    typeText(compilation?.types?.at([varTerm('data', at), ...path.map((step) => stringTerm(step, at))]))
  assert.equal(type('a', 'p'), 'any<number, string>')
  assert.equal(type('a', 's'), 'set[any<boolean, number>]')
  assert.equal(type('a', 'o'), 'object[string: number]')
  assert.equal(type('a', 'f'), '(string) => array<string>')
  assert.equal(type('a', 'g'), 'object<h: null>[string: any]')
})

test('the schema of the input and schemas of metadata are both held against rules, the nearer over the farther', () => {
  const check = (text: string): readonly string[] =>
    compileModules([{ file: 'a.rego', text }], {
      schemas: new Map<string, unknown>([
        ['schema', { type: 'object', properties: { user: { type: 'string' } } }],
        ['schema.number', { type: 'number' }],
      ]),
    }).diagnostics.map(opaText)
  assert.deepEqual(check('package a\np if input.user == "x"'), [])
  assert.deepEqual(check('package a\np if input.usr == "x"'), ['a.rego:2: rego_type_error: undefined ref: input.usr'])
  const nearer = 'package a\n# METADATA\n# schemas:\n# - input.user: schema.number\np if input.user == 1\n'
  assert.deepEqual(check(nearer), [])
  assert.deepEqual(check(nearer.replace('schema.number', 'schema.none')), [
    'a.rego:5: rego_type_error: undefined schema: schema.none',
    'a.rego:5: rego_type_error: match error',
  ])
})

test('keys and values of collections have types', () => {
  fc.assert(
    fc.property(types, (type) => {
      const collection: Type = { kind: 'array', static: [type], dynamic: undefined }
      assert.equal(typeText(keysOf(collection)), 'number')
      assert.equal(typeText(valuesOf(collection)), typeText(type))
    }),
  )
  assert.equal(keysOf(numberType), undefined)
})

test('a call that does not fit tells the arguments that are wanted by their names', () => {
  const details = (call: string): readonly string[] => {
    const text = `package a\n\nf(x) := x + 1\n\np := ${call}`
    const { diagnostics } = compileModules([{ file: 'a.rego', text, regoVersion: 1 }])
    return diagnostics.flatMap((one) => one.details ?? [])
  }
  // What OPA prints.
  const values = 'value: string, offset: number, length: number'
  assert.deepEqual(details('substring(1, 2, 3)'), [
    'have: (number, number, number, ???)',
    `want: (${values}, output: string)`,
  ])
  assert.deepEqual(details('substring(1)'), ['have: (number, ???)', `want: (${values})`])
  assert.deepEqual(details('time.now_ns(1, 2)'), ['have: (number, number, ???)', 'want: ()'])
  assert.deepEqual(details('f("a")'), ['have: (string, ???)', 'want: (number, number)'])
  assert.deepEqual(details('substring("a", 0, 1)'), [])
})

test('functions that are replaced around `every` are references to them, as OPA tells it', () => {
  const text = `package p
f(x) := x
g(x) := x
h if f(1) with f as g
q if {
	every x in [1] {
		x == f(1)
	} with f as g
}
r if {
	every x in [1] { count([x]) == 1 } with count as 1
}
`
  const { diagnostics } = compileModules([{ file: 'p.rego', text }])
  assert.deepEqual(diagnostics.map(opaText).sort(), [
    'p.rego:11: rego_type_error: function count used as reference, not called',
    'p.rego:8: rego_type_error: function data.p.f used as reference, not called',
    'p.rego:8: rego_type_error: function data.p.g used as reference, not called',
  ])
  const documents = text.replaceAll(' with f as g', ' with input as 1').replace('with count as 1', 'with data.x as 1')
  assert.deepEqual(compileModules([{ file: 'p.rego', text: documents }]).diagnostics, [])
})

test('a rule that only replaces a document is not one that depends on it', () => {
  const policy = (inner: string): string => `package p
a := input.x
b := "s" if ${inner}
q if {
	y := b with data.p.a as 2
	y == 3
}
`
  const found = (inner: string): readonly string[] =>
    compileModules([{ file: 'p.rego', text: policy(inner) }]).diagnostics.map(({ message }) => message)
  assert.deepEqual(found('input.z with data.p.a as 1'), ['match error'])
  // What it reads beside the replacement, or replaces by it, changes it.
  assert.deepEqual(found('a'), [])
  assert.deepEqual(found('input.z with input.z as data.p.a'), [])
})
