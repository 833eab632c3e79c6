// Who lives: a run that beats keeps its holds, one that is silent loses them, and a store that fails accuses nobody.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Presence, silentRoundsMax } from '../../../proxy/approvals/presence.ts'
import { openEmbeddedStorage, type Storage, StorageError } from '../../../proxy/storage/index.ts'

const own = openEmbeddedStorage(':memory:')
after(() => own.close())
let isDown = false
/** The same store, as one that other gateways may be in, and that can fail. */
const storage: Storage = new Proxy(own, {
  get: (target, name) => {
    if (name === 'isShared') return true
    const value: unknown = Reflect.get(target, name, target)
    if (typeof value !== 'function') return value
    return (...args: unknown[]) =>
      isDown ? Promise.reject(new StorageError('unavailable', 'down')) : Reflect.apply(value, target, args)
  },
})
const holdOf = (id: string, run: string) =>
  storage.openHold({ id, run, sessionId: 's', digest: 'd', createdAtMs: 1, expiresAtMs: 9, body: '{}' })

test('a run that beats keeps its holds; one that falls silent loses them after its rounds', async () => {
  const [one, two] = [new Presence(storage, 'one'), new Presence(storage, 'two')]
  await one.start()
  await two.start()
  await holdOf('h-1', 'one')
  await holdOf('h-2', 'two')
  for (let round = 0; round < 3 * silentRoundsMax; round++) {
    await two.round()
    assert.equal(await one.round(), 0)
  }
  let ended = 0
  for (let round = 0; round < silentRoundsMax; round++) {
    assert.equal((await storage.hold('h-2'))?.status, 'open', `round ${round}`)
    ended += await one.round()
  }
  assert.equal(ended, 1)
  assert.deepEqual([(await storage.hold('h-1'))?.status, (await storage.hold('h-2'))?.status], ['open', 'cancelled'])
  // it was only slow: it beats again, and what it holds from now on is its own
  await two.round()
  await holdOf('h-3', 'two')
  assert.equal(await one.round(), 0)
  assert.equal((await storage.hold('h-3'))?.status, 'open')
  await one.close()
  await two.close()
  assert.equal((await storage.hold('h-3'))?.status, 'cancelled')
})

test('rounds in which the store fails are not counted against anybody', async () => {
  const [one, two] = [new Presence(storage, 'one'), new Presence(storage, 'two')]
  await one.start()
  await two.start()
  await holdOf('h-4', 'two')
  for (let times = 0; times < 3; times++) {
    for (let round = 0; round < silentRoundsMax - 1; round++) await one.round()
    isDown = true
    await assert.rejects(one.round(), (error) => error instanceof StorageError && error.code === 'unavailable')
    isDown = false
    await two.round()
  }
  assert.equal((await storage.hold('h-4'))?.status, 'open')
  await one.close()
  await two.close()
})

test('a hold of a run that never beats is ended at once', async () => {
  const one = new Presence(storage, 'one')
  await one.start()
  await holdOf('h-5', 'nobody')
  assert.equal(await one.round(), 1)
  assert.equal((await storage.hold('h-5'))?.status, 'cancelled')
  await one.close()
})
