// Who is served and who has to go among clients that have not proved who they are.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Socket } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import { Doorway } from '../../../proxy/ssh/doorway.ts'

const longMs = 3_600_000

test('no more are served at a time than may be, and each leaves its place to the next', () => {
  const door = new Doorway({ strangersMax: 100, servedMax: 2, servedMs: longMs })
  const begun: number[] = []
  const sockets = Array.from({ length: 5 }, () => new Socket())
  for (const [index, socket] of sockets.entries()) door.admit(socket, () => begun.push(index))
  assert.deepEqual(begun, [0, 1])
  door.known(sockets[0] ?? new Socket())
  assert.deepEqual(begun, [0, 1, 2])
  door.known(sockets[0] ?? new Socket())
  assert.deepEqual(begun, [0, 1, 2])
  // One that waits and goes is passed over.
  door.known(sockets[3] ?? new Socket())
  door.known(sockets[1] ?? new Socket())
  assert.deepEqual(begun, [0, 1, 2, 4])
  for (const socket of sockets) door.known(socket)
})

test('one that takes its time gives up its place and goes on', async () => {
  const door = new Doorway({ strangersMax: 100, servedMax: 1, servedMs: 1 })
  const slow = new Socket()
  door.admit(slow, () => undefined)
  const next = new Socket()
  await new Promise<void>((resolve) => door.admit(next, resolve))
  assert.equal(slow.destroyed, false)
  for (const socket of [slow, next]) door.known(socket)
})

test('one that closes gives up its place', async () => {
  const door = new Doorway({ strangersMax: 100, servedMax: 1, servedMs: longMs })
  const first = new Socket()
  const second = new Socket()
  door.admit(first, () => undefined)
  const served = new Promise<void>((resolve) => door.admit(second, resolve))
  first.destroy()
  await once(first, 'close')
  await served
  assert.equal(second.destroyed, false)
  door.known(second)
})

test('past the bound one of the strangers goes, and nobody who is known', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1 }), (draws) => {
      let at = 0
      const door = new Doorway(
        { strangersMax: 3, servedMax: 2, servedMs: longMs },
        () => draws[at++ % draws.length] ?? 0,
      )
      const known = new Socket()
      door.admit(known, () => undefined)
      door.known(known)
      const strangers = Array.from({ length: 10 }, () => new Socket())
      for (const socket of strangers) door.admit(socket, () => undefined)
      assert.equal(strangers.filter(({ destroyed }) => !destroyed).length, 3)
      assert.equal(known.destroyed, false)
      for (const socket of strangers) door.known(socket)
    }),
  )
})
