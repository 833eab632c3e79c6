// Trees compared but for places, and changed without a copy of what stays.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { replaced, sameTree } from '../../../../../engine/action/sql/substitute/tree-edit.ts'

const tree = fc.letrec((tie) => ({
  node: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 1, 2, true, null),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('relname', 'args', 'val', 'location', 'stmt_len'), tie('node'), { maxKeys: 4 }),
  ),
})).node

/** A tree without places, by JSON. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (field, part: unknown) => (/^(?:location|stmt_len)$/.test(field) ? undefined : part)),
  )
}

test('trees are the same when they are so without their places', () => {
  let same = 0
  fc.assert(
    fc.property(tree, tree, (one, other) => {
      const wanted = ((): boolean => {
        try {
          assert.deepStrictEqual(plain(one), plain(other))
          return true
        } catch {
          return false
        }
      })()
      if (wanted) same++
      assert.equal(sameTree(one, other), wanted)
      assert.equal(sameTree(one, plain(one)), true)
    }),
    { numRuns: 500 },
  )
  assert.ok(same > 0)
})

test('one more field, one less, or another value makes another tree', () => {
  const one = { A: { name: 'x', args: [1, { b: true }], location: 4 } }
  assert.ok(sameTree(one, { A: { args: [1, { b: true }], name: 'x', location: 9, stmt_len: 3 } }))
  assert.ok(!sameTree(one, { A: { name: 'x', args: [1, { b: true }], more: 1 } }))
  assert.ok(!sameTree(one, { A: { name: 'x' } }))
  assert.ok(!sameTree(one, { A: { name: 'x', args: [1, { b: true }, 2] } }))
  assert.ok(!sameTree(one, { A: { name: 'x', args: { 0: 1, 1: { b: true } } } }))
  assert.ok(!sameTree(one, undefined))
  assert.ok(!sameTree([], {}))
  assert.ok(!sameTree({ toString: 1 }, {}))
  assert.ok(!sameTree({}, null))
})

test('a change leaves the tree it was made from, and shares what it did not touch', () => {
  const kept = { C: { val: 1 } }
  const one = { A: [{ B: { name: 'old' } }, kept] }
  const before = JSON.stringify(one)
  const changed = replaced(one, (node) => (node === one.A[0] ? { B: { name: 'new' } } : undefined))
  assert.deepEqual(changed, { A: [{ B: { name: 'new' } }, { C: { val: 1 } }] })
  assert.equal(JSON.stringify(one), before)
  assert.equal((changed as typeof one).A[1], kept)
  assert.equal(
    replaced(one, () => undefined),
    one,
  )
})
