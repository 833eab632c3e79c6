// What is revoked counts at once, whatever is read meanwhile, and however much has been revoked before.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mock, test } from 'node:test'
import type { Identity } from '../../../engine/action/index.ts'
import { Revocations } from '../../../proxy/identity/index.ts'
import { openEmbeddedStorage, revocationsPage, type Storage } from '../../../proxy/storage/index.ts'
import { sampleDocument } from '../../support/action-document.ts'

// The regular reading never comes round in here.
mock.timers.enable({ apis: ['setInterval'] })
const issuer = 'https://idp.example'

function identity(id: string, issuedAtMs: number): Identity {
  const issued_at = new Date(issuedAtMs).toISOString()
  const token = { id, issued_at, expires_at: '2999-01-01T00:00:00Z', binding: 'none' } as const
  return { ...sampleDocument().identity, issuer, subject: 'agent-1', claims: { iss: issuer }, chain: [], token }
}

function revocationsOf(storage: Storage, failed: (error: unknown) => void = (error) => assert.fail(String(error))) {
  return new Revocations(storage, { nowMs: () => 1000, monotonicMs: () => 0, changed: () => undefined, failed })
}

async function pages(storage: Storage, count: number): Promise<void> {
  for (let i = 0; i < count * revocationsPage; i++)
    await storage.revoke({ kind: 'token', value: `${issuer} old-${i}`, atMs: 1, expiresAtMs: 9000, reason: 'over' })
}

test('all pages are read, and what is revoked beside a reading is in what it finds', async () => {
  const storage = openEmbeddedStorage(':memory:')
  await pages(storage, 3)
  const revocations = revocationsOf(storage)
  const reading = revocations.read()
  await new Promise(setImmediate)
  // Before the place that the reading has come to.
  await revocations.revoke('token', `${issuer} a`, 'now', 5000)
  assert.match(revocations.bars(identity('a', 0)) ?? '', /revoked|cannot be read/)
  await reading
  for (const id of ['a', 'old-0', `old-${3 * revocationsPage - 1}`])
    assert.match(revocations.bars(identity(id, 0)) ?? '', /was revoked/, id)
  assert.equal(revocations.bars(identity('other', 0)), undefined)
  revocations.close()
  await storage.close()
})

test('what another process revokes is read alone', async () => {
  const storage = openEmbeddedStorage(':memory:')
  await pages(storage, 1)
  let reads = 0
  const counted = new Proxy(storage, {
    get: (target, name) => {
      if (name === 'revocations') reads++
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const changes = new EventTarget()
  const revocations = new Revocations(counted, {
    nowMs: () => 1000,
    monotonicMs: () => 0,
    changed: () => changes.dispatchEvent(new Event('changed')),
    failed: (error) => assert.fail(String(error)),
  })
  await revocations.read()
  const before = reads
  const changed = once(changes, 'changed')
  await storage.revoke({ kind: 'token', value: `${issuer} told`, atMs: 900, expiresAtMs: 9000, reason: '' })
  await changed
  assert.match(revocations.bars(identity('told', 0)) ?? '', /was revoked/)
  assert.equal(reads, before)
  revocations.close()
  await storage.close()
})

test('a party that is revoked once more loses what it was given since', async () => {
  const storage = openEmbeddedStorage(':memory:')
  let now = 1000
  const revocations = new Revocations(storage, {
    nowMs: () => now,
    monotonicMs: () => 0,
    changed: () => undefined,
    failed: (error) => assert.fail(String(error)),
  })
  await revocations.read()
  const revoke = () => revocations.revoke('subject', `${issuer} agent-1`, 'lost', 1_000_000)
  await revoke()
  assert.match(revocations.bars(identity('one', 500)) ?? '', /was revoked/)
  assert.equal(revocations.bars(identity('two', 1500)), undefined, 'it was issued later')
  now = 2000
  await revoke()
  assert.match(revocations.bars(identity('two', 1500)) ?? '', /was revoked/)
  await revocations.read()
  assert.match(revocations.bars(identity('two', 1500)) ?? '', /was revoked/)
  assert.equal(revocations.bars(identity('three', 2500)), undefined)
  revocations.close()
  await storage.close()
})

test('a reading that breaks off leaves what is known, and the next one counts', async () => {
  const storage = openEmbeddedStorage(':memory:')
  await pages(storage, 2)
  let fails = false
  let calls = 0
  const failing = new Proxy(storage, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name !== 'revocations') return value.bind(target)
      return (...args: unknown[]) =>
        fails && ++calls === 2 ? Promise.reject(new Error('down')) : Reflect.apply(value, target, args)
    },
  })
  const revocations = revocationsOf(failing)
  await revocations.read()
  fails = true
  await assert.rejects(revocations.read(), /down/)
  assert.match(revocations.bars(identity(`old-${2 * revocationsPage - 1}`, 0)) ?? '', /was revoked/)
  await revocations.revoke('token', `${issuer} late`, 'now', 5000)
  await revocations.read()
  assert.match(revocations.bars(identity('late', 0)) ?? '', /was revoked/)
  revocations.close()
  await storage.close()
})
