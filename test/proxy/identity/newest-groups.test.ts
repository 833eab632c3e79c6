// Groups as an issuer told them last: they narrow what was opened earlier, and never widen it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity } from '../../../engine/action/index.ts'
import { NewestGroups } from '../../../proxy/identity/index.ts'
import { sampleDocument } from '../../support/action-document.ts'

function identity(groups: readonly string[], issuedAt: string, more: Partial<Identity> = {}): Identity {
  const { identity: sample } = sampleDocument()
  return { ...sample, chain: [], groups, token: { ...sample.token, issued_at: issuedAt }, ...more }
}
const early = '2026-01-01T00:00:00Z'
const late = '2026-01-01T00:00:01Z'

test('a newer token takes groups from older ones, and gives none', () => {
  let lost = 0
  const newest = new NewestGroups(() => lost++)
  const old = identity(['a', 'b'], early)
  assert.equal(newest.now(old), old)
  newest.learn(old)
  newest.learn(identity(['b', 'c'], late))
  assert.equal(lost, 1)
  assert.deepEqual(newest.now(old).groups, ['b'])
  newest.learn(identity(['a', 'b', 'c'], '2026-01-01T00:00:02Z'))
  assert.equal(lost, 1)
  assert.equal(newest.now(old), old)
})

test('an older token teaches nothing, and of two of one second only what both say counts', () => {
  const newest = new NewestGroups(() => undefined)
  newest.learn(identity(['b'], late))
  newest.learn(identity(['a', 'b'], early))
  assert.deepEqual(newest.now(identity(['a', 'b'], early)).groups, ['b'])
  newest.learn(identity(['a', 'c'], late))
  assert.deepEqual(newest.now(identity(['a', 'b', 'c'], late)).groups, [])
  newest.learn(identity(['a'], 'not a time'))
  assert.deepEqual(newest.now(identity(['a'], early)).groups, [])
})

test('another party keeps its groups; a child loses what its root lost', () => {
  const newest = new NewestGroups(() => undefined)
  newest.learn(identity(['a'], late))
  const other = identity(['a', 'b'], early, { subject: 'agent-9' })
  assert.equal(newest.now(other), other)
  const elsewhere = identity(['a', 'b'], early, { issuer: 'https://another.example' })
  assert.equal(newest.now(elsewhere), elsewhere)
  const { subject, issuer, kind, scopes } = identity([], early)
  const child = identity(['a', 'b'], early, { subject: 'helper', chain: [{ subject, issuer, kind, scopes }] })
  assert.deepEqual(newest.now(child).groups, ['a'])
})

test('ten thousand parties are remembered, and then the oldest is forgotten', () => {
  const newest = new NewestGroups(() => undefined)
  for (let index = 0; index <= 10_000; index++) newest.learn(identity([], late, { subject: `agent-${index}` }))
  const oldest = identity(['a'], early, { subject: 'agent-0' })
  assert.equal(newest.now(oldest), oldest)
  assert.deepEqual(newest.now(identity(['a'], early, { subject: 'agent-1' })).groups, [])
})

test('what one process learns counts in the others, is told once, and comes to one that begins later', () => {
  let told = 0
  let lost = 0
  const other = new NewestGroups(() => lost++)
  const one = new NewestGroups(
    () => undefined,
    (news) => {
      told++
      other.take(news)
    },
  )
  one.learn(identity(['a', 'b'], early))
  one.learn(identity(['a', 'b'], early))
  assert.equal(told, 1, 'the same token again is no news')
  one.learn(identity(['b'], late))
  assert.deepEqual([told, lost], [2, 1])
  assert.deepEqual(other.now(identity(['a', 'b'], early)).groups, ['b'])
  const later = new NewestGroups(() => undefined)
  for (const news of one.all()) later.take(news)
  assert.deepEqual(later.now(identity(['a', 'b'], early)).groups, ['b'])
})
