// GraphQL built-ins: trees, validity, and messages with their place.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Value, writeJson } from '../../../rego/value/index.ts'
import { callWith } from './call.ts'

const schema = `
  interface Named { name: String! }
  type User implements Named { id: ID!, name: String!, friends(first: Int = 10): [User!] }
  union Any = User
  enum Role { ADMIN USER }
  input Filter { role: Role, limit: Int = 5 }
  type Query { me: User, find(filter: Filter!): [Any] }
  directive @cost(weight: Int!) on FIELD
`
const valid = (query: string, text = schema) => callWith('graphql.is_valid', [query, text])

const queries: readonly [string, boolean][] = [
  ['{ me { id name } }', true],
  ['query Q($f: Filter!) { find(filter: $f) { ... on User { id } __typename } }', true],
  ['{ me { ...F } } fragment F on User { friends(first: 3) { id } }', true],
  ['{ me { id @cost(weight: 1) } }', true],
  ['{ me { secret } }', false],
  ['{ me }', false],
  ['{ find { __typename } }', false],
  ['{ find(filter: {role: BOSS}) { __typename } }', false],
  ['query Q($f: Filter!) { me { id } }', false],
  ['{ me { ...F } } fragment F on User { ...F }', false],
  ['{ me { id @cost } }', false],
  ['mutation { x }', false],
  ['{ me { id ', false],
]
for (const [query, wanted] of queries) {
  test(`${wanted ? 'valid' : 'not valid'}: ${query}`, () => {
    assert.equal(valid(query), wanted)
  })
}

const schemas: readonly [string, boolean][] = [
  [schema, true],
  ['type A { a: String } type A { b: String }', false],
  ['type A { a: Missing }', false],
  ['type A { a: String a: Int }', false],
  ['type A implements I { a: String } interface I { b: String }', false],
  ['interface I { a(x: Int): String } type A implements I { a(x: Int, y: Int!): String }', false],
  ['interface I { a(x: Int): String } type A implements I { a(x: Int, y: Int): String! }', true],
  ['schema { query: Q }', false],
  ['input I { a: A } type A { a: String }', false],
  ['enum E { true }', false],
  ['directive @d(x: Int @d) on ARGUMENT_DEFINITION', false],
  ['type A { a: String @deprecated(reason: "old") }', true],
  ['type A { a: String @deprecated(why: "old") }', false],
  ['extend enum A { B } type A { a: String }', false],
  ['type __A { a: String }', false],
]
for (const [text, wanted] of schemas) {
  test(`${wanted ? 'a schema' : 'no schema'}: ${text.trim().slice(0, 60)}`, () => {
    assert.equal(callWith('graphql.schema_is_valid', [text]), wanted)
  })
}

test('a tree that a policy brings is judged like text; one of another shape is not valid', () => {
  const query = callWith('graphql.parse_query', ['{ me { id } }'])
  const tree = callWith('graphql.parse_schema', [schema])
  assert.ok(query !== undefined && tree !== undefined)
  assert.equal(callWith('graphql.is_valid', [query, tree]), true)
  const broken = callWith('graphql.parse_query', ['{ me { secret } }'])
  assert.equal(callWith('graphql.is_valid', [broken ?? null, tree]), false)
})

test('values keep their kinds, block strings lose their indentation', () => {
  const tree = callWith('graphql.parse_query', [
    '{ f(a: [1, 2.5, {k: "\\u0041"}], b: """\n  x\n    y\n""", c: null, d: $v) }',
  ])
  assert.equal(
    writeJson(tree ?? null)
      .match(/"Kind":\d/g)
      ?.join(' '),
    '"Kind":1 "Kind":2 "Kind":3 "Kind":9 "Kind":8 "Kind":4 "Kind":6 "Kind":0',
  )
  assert.match(writeJson(tree ?? null), /"Raw":"x\\n {2}y"/)
  assert.match(writeJson(tree ?? null), /"Raw":"A"/)
})

const messages: readonly [string, readonly Value[], RegExp][] = [
  ['graphql.parse_schema', ['type A { b: "x"'], /^Expected Name, found String in GraphQL string at location 1:14$/],
  [
    'graphql.parse_schema',
    ['type A { \u00e9 }'],
    /^Expected Name, found <Invalid> in GraphQL string at location 1:10$/,
  ],
  ['graphql.parse_schema', ['type A { 012 }'], /found <Invalid> in GraphQL string at location 1:11$/],
  ['graphql.parse_query', ['{a(b: "\\q")}'], /^Unexpected <Invalid> in GraphQL string at location 1:9$/],
  ['graphql.parse_query', ['{'.repeat(300)], /Expected Name, found \{/],
  ['graphql.parse_query', [`${'{a'.repeat(300)}`], /nests too deep/],
  [
    'graphql.parse',
    ['\n{ me {\n  secret } }', schema],
    /Cannot query field "secret" on type "User" in GraphQL string at location 3:3/,
  ],
  ['graphql.parse_query', [1], /operand 1 must be string but got number/],
]
for (const [name, args, message] of messages) {
  test(`${name} refuses ${String(args[0]).slice(0, 30)}`, () => {
    assert.throws(() => callWith(name, args), { message })
  })
}
