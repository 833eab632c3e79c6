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

test('whoever is answerable for many connections leaves as much as it has, and gets all of it again', () => {
  const all = new SharedRoom({ eachMax: 100_000, allMax: 800_000 })
  let ended = 0
  const kept = (connection: object, client: string): Kept => {
    const made = new Kept(all.of(connection, () => ended++))
    made.isOf(all, client)
    return made
  }
  const most = (client: string): { readonly all: readonly Kept[]; readonly bytes: number } => {
    const taken: Kept[] = []
    for (;;) {
      const one = kept({}, client)
      if (!one.holds(20_000)) return { all: taken, bytes: taken.length * 20_000 }
      taken.push(one)
    }
  }
  const first = most('a')
  assert.equal(first.bytes, 400_000)
  assert.equal(most('b').bytes, 200_000)
  const third = most('c')
  assert.equal(third.bytes, 100_000)
  // What one of them holds grows by what it does not have yet.
  const [one] = third.all
  assert.equal(one?.holds(20_000), true)
  assert.equal(one?.holds(20_001), false)
  for (const held of first.all) held.counts(0)
  for (const held of first.all) held.counts(0)
  assert.equal(most('a').bytes, 240_000)
  assert.equal(ended, 0)
})

test('a connection that is ended leaves nothing behind of what its client had', () => {
  const all = new SharedRoom({ eachMax: 100_000, allMax: 200_000 })
  const room = all.of({}, () => undefined)
  const one = new Kept(room)
  one.isOf(all, 'a')
  assert.equal(one.holds(100_000), true)
  room.end()
  const other = new Kept(all.of({}, () => undefined))
  other.isOf(all, 'a')
  assert.equal(other.holds(60_000), false)
  one.counts(0)
  assert.equal(other.holds(100_000), true)
})
