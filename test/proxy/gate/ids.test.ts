import assert from 'node:assert/strict'
import { test } from 'node:test'
import { idSource } from '../../../proxy/gate/index.ts'

test('ids are version 4 UUIDs, and no two are alike', () => {
  const newId = idSource()
  const other = idSource()
  const seen = new Set<string>()
  for (let index = 0; index < 5000; index++) {
    for (const id of [newId(), other()]) {
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      seen.add(id)
    }
  }
  assert.equal(seen.size, 10_000)
})

test('every free bit of an id takes both values', () => {
  const newId = idSource()
  let ones = 0n
  let zeros = 0n
  for (let index = 0; index < 2000; index++) {
    const bits = BigInt(`0x${newId().replaceAll('-', '')}`)
    ones |= bits
    zeros |= ~bits & ((1n << 128n) - 1n)
  }
  const fixed = (0xfn << 76n) | (0x3n << 62n)
  assert.equal((ones & zeros) | fixed, (1n << 128n) - 1n)
  assert.equal(ones & zeros & fixed, 0n)
})
