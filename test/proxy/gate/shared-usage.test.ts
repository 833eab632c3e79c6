// Two gateways, one delegation root: neither lets the root spend what the other let it spend already.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate, RootLedger, SharedUsage } from '../../../proxy/gate/index.ts'
import { openEmbeddedStorage } from '../../../proxy/storage/index.ts'
import { gateParts, SeenEffects, sampleAction, sampleOpening } from '../../support/gate.ts'

const windowMs = 3_600_000

test('a root that spent its rows at one gateway is refused at the other after a round', async () => {
  const storage = openEmbeddedStorage(':memory:')
  const gateways = await Promise.all(
    [1, 2].map(async () => {
      const ledger = new RootLedger({ rows: 100 }, windowMs)
      const opened = await createGate(gateParts({ ledger })).open(sampleOpening())
      assert.ok(opened.open)
      return { session: opened.session, usage: new SharedUsage(ledger, storage) }
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
  const usage = new SharedUsage(ledger, {
    addUsage: (_root, _window, used) => {
      if (fails) return Promise.reject(new Error('down'))
      stored += used.rows
      account.rows += 5
      return Promise.resolve({ actions: 0, rows: stored, bytes: 0, affected: 0 })
    },
  })
  account.rows = 10
  await assert.rejects(usage.round())
  fails = false
  await usage.round()
  assert.deepEqual([stored, account.rows], [10, 15])
  await usage.round()
  assert.deepEqual([stored, account.rows], [15, 20])
})
