// Two gateways, one delegation root: neither lets the root spend what the other let it spend already. And what a round
// costs: nothing for roots that nobody uses.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate, RootLedger, SharedUsage, type UsageStore } from '../../../proxy/gate/index.ts'
import { type AddedUsage, openEmbeddedStorage, type Storage, type StoredUsage } from '../../../proxy/storage/index.ts'
import { gateParts, SeenEffects, sampleAction, sampleOpening } from '../../support/gate.ts'

const windowMs = 3_600_000
/** The time of the gates' clock. */
const atMs = Date.parse('2026-01-01T00:00:10Z')

function asShared(storage: Storage): UsageStore {
  return { isShared: true, addUsage: (added) => storage.addUsage(added) }
}

/** A store that keeps what it is asked to add, and answers with its sums. */
function seen(isShared: boolean): UsageStore & { readonly rounds: (readonly AddedUsage[])[] } {
  const sums = new Map<string, StoredUsage>()
  const rounds: (readonly AddedUsage[])[] = []
  return {
    isShared,
    rounds,
    addUsage: (added) => {
      rounds.push(added)
      return Promise.resolve(
        added.map(({ root, window, actions, rows, bytes, affected }) => {
          const sum = sums.get(`${root} ${window}`) ?? { actions: 0, rows: 0, bytes: 0, affected: 0 }
          const total = {
            actions: sum.actions + actions,
            rows: sum.rows + rows,
            bytes: sum.bytes + bytes,
            affected: sum.affected + affected,
          }
          sums.set(`${root} ${window}`, total)
          return total
        }),
      )
    },
  }
}

test('a root that spent its rows at one gateway is refused at the other after a round', async () => {
  const storage = openEmbeddedStorage(':memory:')
  const gateways = await Promise.all(
    [1, 2].map(async () => {
      const ledger = new RootLedger({ rows: 100 }, windowMs)
      const opened = await createGate(gateParts({ ledger })).open(sampleOpening())
      assert.ok(opened.open)
      return { session: opened.session, usage: new SharedUsage(ledger, asShared(storage), () => atMs) }
    }),
  )
  const [one, two] = gateways
  assert.ok(one && two)
  assert.ok(one.session.consume({ rows: 60 }, undefined).within)
  assert.ok(two.session.consume({ rows: 30 }, undefined).within)
  for (const gateway of [one, two, one, one]) await gateway.usage.round()
  const over = one.session.consume({ rows: 11 }, undefined)
  assert.ok(!over.within && over.refusal.code === 'budget', '60 here, 30 there, 11 more')
  await one.usage.round()
  await two.usage.round()
  const effects = new SeenEffects()
  two.session.submit(sampleAction(), {}, effects)
  assert.equal(effects.refused[0]?.code, 'budget')
  await storage.close()
})

test('use during a round and a failed round are neither lost nor counted twice', async () => {
  const ledger = new RootLedger({}, windowMs)
  const account = ledger.account('root', 0)
  assert.ok(account)
  let stored = 0
  let fails = true
  const addUsage = (added: readonly AddedUsage[]) => {
    if (fails) return Promise.reject(new Error('down'))
    stored += added[0]?.rows ?? 0
    account.rows += 5
    return Promise.resolve([{ actions: 0, rows: stored, bytes: 0, affected: 0 }])
  }
  const usage = new SharedUsage(ledger, { isShared: false, addUsage }, () => 0)
  account.rows = 10
  await assert.rejects(usage.round())
  fails = false
  await usage.round()
  assert.deepEqual([stored, account.rows], [10, 15])
  await usage.round()
  assert.deepEqual([stored, account.rows], [15, 20])
})

test('a store of one gateway is read once and written when something was used', async () => {
  const store = seen(false)
  const ledger = new RootLedger({ rows: 100 }, windowMs)
  const usage = new SharedUsage(ledger, store, () => 0)
  await usage.round()
  assert.equal(store.rounds.length, 0)
  const accounts = Array.from({ length: 1200 }, (_, i) => ledger.account(`root ${i}`, 0))
  await usage.round()
  assert.deepEqual(
    store.rounds.map((one) => one.length),
    [500, 500, 200],
  )
  for (let round = 0; round < 5; round++) await usage.round()
  assert.equal(store.rounds.length, 3, 'nobody used anything')
  const [first] = accounts
  assert.ok(first)
  first.rows += 7
  await usage.round()
  await usage.round()
  assert.deepEqual(store.rounds.slice(3), [
    [{ root: 'root 0', window: 0, endsAtMs: windowMs, actions: 0, rows: 7, bytes: 0, affected: 0 }],
  ])
})

test('others are asked about a root for a minute after its last use here, and again with its next', async () => {
  const store = seen(true)
  const ledger = new RootLedger({ rows: 100 }, windowMs)
  const usage = new SharedUsage(ledger, store, () => 0)
  const account = ledger.account('root', 0)
  assert.ok(account)
  account.rows = 1
  for (let round = 0; round < 200; round++) await usage.round()
  assert.equal(store.rounds.length, 61)
  await store.addUsage([{ root: 'root', window: 0, endsAtMs: 0, actions: 0, rows: 50, bytes: 0, affected: 0 }])
  await usage.round()
  assert.equal(account.rows, 1)
  account.rows = 2
  await usage.round()
  assert.equal(account.rows, 52)
})

test('an account is let go when its window is over and all of it was told', async () => {
  const store = seen(true)
  const ledger = new RootLedger({ rows: 100 }, windowMs)
  let nowMs = 0
  const usage = new SharedUsage(ledger, store, () => nowMs)
  const account = ledger.account('root', nowMs)
  assert.ok(account)
  account.rows = 3
  nowMs = windowMs
  await usage.round()
  assert.equal(store.rounds.at(-1)?.[0]?.rows, 3, 'it was used in its window')
  assert.equal([...ledger.accounts()].length, 1)
  await usage.round()
  assert.equal([...ledger.accounts()].length, 0)
  assert.equal(store.rounds.length, 1)
  assert.notEqual(ledger.account('root', nowMs), account)
})

test('after a restart a root has used what it had used before', async () => {
  const storage = openEmbeddedStorage(':memory:')
  for (const expected of [40, 80]) {
    const ledger = new RootLedger({ rows: 100 }, windowMs)
    const usage = new SharedUsage(ledger, storage, () => 0)
    const account = ledger.account('root', 0)
    assert.ok(account)
    account.rows += 40
    await usage.round()
    assert.equal(account.rows, expected)
  }
  await storage.close()
})
