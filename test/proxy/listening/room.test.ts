// Room for what clients have the gateway keep: each connection has its part, and all together have a bound.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Kept, SharedRoom } from '../../../proxy/listening/room.ts'

function rooms(eachMax: number, allMax: number) {
  const shared = new SharedRoom({ eachMax, allMax })
  const ended: string[] = []
  const connections = new Map<string, object>()
  const room = (name: string) => {
    const connection = connections.get(name) ?? {}
    connections.set(name, connection)
    return shared.of(connection, () => ended.push(name))
  }
  return { room, ended }
}

test('a connection has its part and no more, and has it again once it is given back', () => {
  const { room } = rooms(100, 1000)
  assert.equal(room('a').take(60), true)
  assert.equal(room('a').take(41), false)
  assert.equal(room('a').take(40), true)
  assert.equal(room('a').isFull, true)
  assert.equal(room('b').isFull, false)
  room('a').add(-100)
  assert.equal(room('a').take(100), true)
})

test('where all have no more room nobody gets any, and nobody is ended for having asked', () => {
  const { room, ended } = rooms(100, 150)
  assert.equal(room('a').take(100), true)
  assert.equal(room('b').take(51), false)
  assert.equal(room('b').take(50), true)
  assert.deepEqual(ended, [])
})

test('what is kept already counts past the part of its connection, and past all the one that has most is ended, once', () => {
  const { room, ended } = rooms(100, 1000)
  room('a').add(600)
  room('b').add(400)
  assert.deepEqual(ended, [])
  room('b').add(1)
  assert.deepEqual(ended, ['a'])
  room('a').add(-600)
  room('a').add(5000)
  assert.equal(room('a').take(1), false)
  assert.deepEqual(ended, ['a'])
  room('b').add(599)
  assert.deepEqual(ended, ['a'])
  room('b').add(1)
  assert.deepEqual(ended, ['a', 'b'])
})

test('short bodies are kept whoever takes the room, and long ones give back all that they had', () => {
  const { room } = rooms(100_000, 1_000_000)
  const long = new Kept(room('a'))
  assert.equal(long.holds(100_000), true)
  const other = new Kept(room('a'))
  assert.equal(other.holds(16 * 1024), true)
  assert.equal(other.holds(16 * 1024 + 1), false)
  long.counts(0)
  assert.equal(room('a').bytes, 0)
  assert.equal(other.holds(100_000), true)
  assert.equal(other.holds(50_000), true)
  other.counts(0)
  assert.equal(room('a').bytes, 0)
})
