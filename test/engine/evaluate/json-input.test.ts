import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WasmProgram } from '../../../engine/evaluate/index.ts'
import { builtins } from '../../../rego/builtins/index.ts'
import { emitModule } from '../../../rego/wasm/index.ts'
import { policyOf } from '../../support/modules.ts'

const text = `package j
import rego.v1
seen := [name, rows] if { name := input.a.name; rows := [row.id | some row in input.a.rows] }
`
const program = new WasmProgram(new WebAssembly.Module(emitModule(policyOf(text, ['j/seen']))), builtins)
const seen = (json: string | Uint8Array): unknown =>
  program.evaluateJson('j/seen', typeof json === 'string' ? new TextEncoder().encode(json) : json, {})

test('JSON gives what its data gives, whatever else is in it', () => {
  const input = fc.record({
    a: fc.record({
      name: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
      rows: fc.array(fc.record({ id: fc.oneof(fc.integer(), fc.string()), more: fc.jsonValue() })),
      other: fc.jsonValue(),
    }),
    rest: fc.jsonValue(),
  })
  fc.assert(
    fc.property(input, fc.constantFrom(undefined, 2), (data, indent) => {
      const json = JSON.stringify(data, undefined, indent)
      assert.deepEqual(seen(json), program.evaluateData('j/seen', JSON.parse(json), {}))
    }),
  )
})

test('names with escapes and of two fields the last are read as JSON.parse reads them', () => {
  assert.deepEqual(seen('{"\\u0061":{"n\\u0061me":1,"rows":[]}}'), [1, []])
  assert.deepEqual(seen('{"a":7,"a":{"name":1,"name":2,"rows":[{"id":1,"id":2}]}}'), [2, [2]])
  assert.equal(seen('{"a":{"name":1,"rows":[]},"a":null}'), undefined)
})

test('refuses what is no JSON, also where nobody reads', () => {
  const broken = [
    '',
    '{',
    'tru',
    '01',
    '1.',
    '"a',
    '"\\x"',
    '"\t"',
    '[1,]',
    '["a",]',
    '["a" "b"]',
    '["a","b"',
    '[1 2]',
    '{"b"}',
    '{"b":1,}',
    '[}',
    '{]',
    '1e',
  ]
  for (const part of broken) {
    for (const json of [part, `{"rest":${part}}`, `{"a":{"rows":[{"more":${part}}]}}`, `{"a":{"name":${part}}}`]) {
      assert.throws(() => seen(json), /no JSON/, json)
    }
  }
  assert.throws(() => seen('{} x'), /no JSON/)
  assert.throws(() => seen(`{"rest":${'['.repeat(5_000)}${']'.repeat(5_000)}}`), /no JSON/)
  assert.deepEqual(seen('{"a":{"name":1,"rows":[]}}'), [1, []])
})

test('with one byte changed a text is JSON or none as JSON.parse says', () => {
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(null, true, false, 0, -1, 120),
      fc.string({ maxLength: 90, size: 'max' }),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(fc.string({ maxLength: 20 }), tie('json'), { maxKeys: 4 }),
    ),
  }))
  const change = fc.tuple(fc.nat(), fc.constantFrom(...'"\\{}[]:, \n1-xt'), fc.constantFrom(0, 1))
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(json, fc.boolean(), change, (value, isRead, [place, byte, replaced]) => {
      const whole = JSON.stringify(isRead ? { a: { name: value, rows: [{ id: 1, more: value }] } } : { rest: value })
      const at = place % whole.length
      const text = whole.slice(0, at) + byte + whole.slice(at + replaced)
      if (isJson(text)) assert.doesNotThrow(() => seen(text), text)
      else assert.throws(() => seen(text), /no JSON/, text)
    }),
    { numRuns: 1_000 },
  )
})

test('refuses bytes that are no UTF-8, also where nobody reads', () => {
  for (const bytes of [[0xff], [0xc0, 0xaf], [0xe2, 0x82], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    for (const name of ['rest', 'a']) {
      const json = Buffer.concat([Buffer.from(`{"${name}":"`), Buffer.from(bytes), Buffer.from('"}')])
      assert.throws(() => seen(json), /no JSON/)
    }
  }
  assert.equal(seen('{"rest":"ü𝄞"}'), undefined)
})

test('names that come in another order, with white space or escapes are those that they are', () => {
  const row = fc.record({
    id: fc.integer(),
    more: fc.constantFrom('x', 'a longer text than sixteen bytes', 'ü', null, [1]),
  })
  const spaces = fc.constantFrom('', ' ', '\n\t')
  const rowText = fc
    .tuple(row, fc.boolean(), fc.boolean(), spaces)
    .map(([{ id, more }, isTurned, isEscaped, space]) => {
      const parts = [`"${isEscaped ? '\\u0069d' : 'id'}"${space}:${space}${id}`, `"more":${JSON.stringify(more)}`]
      return `{${space}${(isTurned ? parts.reverse() : parts).join(`${space},${space}`)}${space}}`
    })
  fc.assert(
    fc.property(fc.array(rowText, { maxLength: 20 }), (rows) => {
      const json = `{"a":{"name":1,"rows":[${rows.join()}]}}`
      assert.deepEqual(seen(json), program.evaluateData('j/seen', JSON.parse(json), {}))
    }),
  )
})
