// When a total leaves no room for another action.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Account } from '../../../proxy/gate/budget.ts'

const flows = ['rows', 'bytes', 'affected', 'seconds'] as const

test('each total is spent when it is reached, and not before', () => {
  for (const budget of flows) {
    const account = new Account({ [budget]: 10 })
    account[budget] = 9
    assert.equal(account.spent(), undefined)
    account[budget] = 10
    assert.deepEqual(account.spent(), { budget, limit: 10 })
  }
})

test('of what may not flow at all nothing is spent until something did', () => {
  for (const budget of flows) {
    const account = new Account({ [budget]: 0 })
    assert.equal(account.spent(), undefined)
    account[budget] = 1
    assert.deepEqual(account.spent(), { budget, limit: 0 })
  }
})

test('actions are counted before they run: none may where the bound is none', () => {
  assert.deepEqual(new Account({ actions: 0 }).spent(), { budget: 'actions', limit: 0 })
  const account = new Account({ actions: 2 })
  account.actions = 1
  assert.equal(account.spent(), undefined)
  account.actions = 2
  assert.deepEqual(account.spent(), { budget: 'actions', limit: 2 })
  account.rows = 1_000_000
  assert.equal(new Account({}).spent(), undefined)
})
