import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import {
  actionDigest,
  canonicalJson,
  type ShellFacts,
  type SqlFacts,
  withDigest,
} from '../../../engine/action/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { actionSchemaText } from '../../support/action-schema.ts'

test('writes the example of RFC 8785 3.2.2 as the RFC does', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '€$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  }
  assert.equal(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  )
})

test('sorts keys by UTF-16 code units', () => {
  assert.equal(
    canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6 }),
    '{"\\r":2,"1":4,"\u0080":6,"€":1,"😀":5,"\ufb33":3}',
  )
})

test('refuses what JSON cannot say', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800', { a: '\udc00x' }, undefined, 1n]) {
    assert.throws(() => canonicalJson(value), TypeError)
  }
})

test('refuses nesting beyond its limit', () => {
  let deep: unknown = 1
  for (let level = 0; level < 300; level++) deep = [deep]
  assert.throws(() => canonicalJson(deep), /nests deeper/)
})

test('the order of keys and equal numbers never change the canonical form', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (object) => {
      const reversed = Object.fromEntries(Object.entries(object).reverse())
      assert.equal(canonicalJson(reversed), canonicalJson(object))
      assert.deepEqual(JSON.parse(canonicalJson(object)), JSON.parse(JSON.stringify(object)))
    }),
  )
  assert.equal(canonicalJson([1.0, 10e1, -0]), canonicalJson([1, 100, 0]))
})

/** Paths of every leaf below a value. */
function leaves(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([key, inner]) => leaves(inner, [...path, key]))
}

test('any changed field changes the digest, but for the digest itself', () => {
  const document = sampleDocument()
  const before = actionDigest(document)
  const paths = leaves(document).filter((path) => path.join('.') !== 'action.digest')
  assert.ok(paths.length > 30)
  for (const path of paths) {
    const copy: unknown = JSON.parse(JSON.stringify(document))
    let at = copy as { [key: string]: unknown }
    for (const key of path.slice(0, -1)) at = at[key] as { [key: string]: unknown }
    at[path.at(-1) ?? ''] = 'changed'
    assert.notEqual(actionDigest(copy as typeof document), before, path.join('.'))
  }
})

test('withDigest gives the digest of the document that holds it', () => {
  const document = sampleDocument()
  assert.match(document.action.digest, /^[0-9a-f]{64}$/)
  assert.equal(document.action.digest, actionDigest(document))
  assert.equal(withDigest(document).action.digest, document.action.digest)
})

test('withDigest keeps every field, whichever facts an action has', () => {
  const sql: SqlFacts = { statements: [], parameters: [], protocol: 'simple' }
  const shell: ShellFacts = { operation: 'exec', commands: [], redirects: [], complete: true, reasons: [] }
  for (const facts of [{ sql }, { shell }, { sql, shell }, {}]) {
    const { sql: _, digest: __, ...plain } = sampleDocument({ text: 'x', verb: 'execute', complete: false }).action
    const action = { ...plain, ...facts }
    const document = withDigest({ ...sampleDocument(), action })
    const { digest, ...kept } = JSON.parse(JSON.stringify(document.action))
    assert.deepEqual(kept, JSON.parse(JSON.stringify(action)))
    assert.deepEqual(Object.keys(document.action).sort(), [...Object.keys(action), 'digest'].sort())
    assert.equal(digest, actionDigest(document))
  }
})

test('the published schema is generated from the types and accepts a document', () => {
  const published = readFileSync(new URL('../../../fixtures/schema/action.v1.json', import.meta.url), 'utf8')
  assert.equal(published, actionSchemaText(), 'run: tsx test/support/action-schema.ts')
  const validate = new Ajv({ strict: false }).compile(JSON.parse(published))
  assert.equal(validate(JSON.parse(JSON.stringify(sampleDocument()))), true)
})

test('the published schema refuses an unknown field and a missing one', () => {
  const validate = new Ajv({ strict: false }).compile(JSON.parse(actionSchemaText()))
  const document = JSON.parse(JSON.stringify(sampleDocument()))
  assert.equal(validate({ ...document, extra: 1 }), false)
  assert.equal(validate({ ...document, action: { ...document.action, complete: undefined } }), false)
  const { identity: _, ...without } = document
  assert.equal(validate(without), false)
})
