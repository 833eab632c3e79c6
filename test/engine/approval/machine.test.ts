// The life of a hold, checked over random histories against what must never happen.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type Answer,
  type ApprovalStatement,
  type HoldEvent,
  type HoldState,
  openHold,
  statementDigest,
  statementOf,
  stepHold,
  viewOf,
  visible,
} from '../../../engine/approval/index.ts'
import { sampleDocument } from '../../support/action-document.ts'

const runs = Number(process.env['SALLYPORT_LONG'] === undefined ? 5_000 : 100_000)
const expiresAtMs = 1_000
const statement: ApprovalStatement = statementOf(
  'h-1',
  sampleDocument(),
  [
    { rule: 'a', reason: 'because', reviewers: ['dba'], quorum: 2, expiresMs: 1000 },
    { rule: 'b', reason: 'also', reviewers: ['security'], quorum: 1, expiresMs: 1000 },
  ],
  'bundle-1',
  expiresAtMs,
)
const digest = statementDigest(statement)
const people = [
  { issuer: 'i', subject: 'dba-1', groups: ['dba'] },
  { issuer: 'i', subject: 'dba-2', groups: ['dba'] },
  { issuer: 'i', subject: 'both', groups: ['dba', 'security'] },
  { issuer: 'i', subject: 'sec', groups: ['security'] },
  { issuer: 'i', subject: 'nobody', groups: [] },
  { ...statement.identity, groups: ['dba', 'security'] },
  { issuer: statement.chain[0]?.issuer ?? '', subject: statement.chain[0]?.subject ?? '', groups: ['dba', 'security'] },
]

const answers: fc.Arbitrary<Answer> = fc.record({
  id: fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5', 'a6'),
  approver: fc.constantFrom(...people),
  verdict: fc.constantFrom('approve', 'approve', 'approve', 'deny') as fc.Arbitrary<'approve' | 'deny'>,
  reason: fc.constant('no'),
  statement: fc.constantFrom(digest, digest, digest, 'another'),
  hold: fc.constantFrom('h-1', 'h-1', 'h-1', 'h-2'),
  expiresAtMs: fc.constantFrom(2_000, 2_000, 5),
})
const times = fc.integer({ min: 0, max: 1_400 })
const events: fc.Arbitrary<HoldEvent> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      on: fc.constant('answer' as const),
      answer: answers,
      permitted: fc.boolean(),
      nowMs: times,
    }),
  },
  { weight: 1, arbitrary: fc.record({ on: fc.constant('tick' as const), nowMs: times }) },
  { weight: 3, arbitrary: fc.record({ on: fc.constant('take' as const), nowMs: times }) },
  { weight: 1, arbitrary: fc.constant({ on: 'cancel' as const }) },
)

test('no history releases without a quorum of valid, matching, distinct answers, or twice', () => {
  let released = 0
  fc.assert(
    fc.property(fc.array(events, { maxLength: 30 }), (history) => {
      let state: HoldState = openHold
      let releases = 0
      let ends = 0
      for (const event of history) {
        const [next, effects] = stepHold(statement, state, event)
        for (const effect of effects) {
          if (effect.do === 'refuse') ends++
          if (effect.do !== 'release') continue
          releases++
          released++
          assert.equal(event.on, 'take')
          assert.ok(event.on === 'take' && event.nowMs < expiresAtMs)
          const approvers = effect.approvals.map((one) => one.approver)
          assert.equal(new Set(approvers.map((one) => one.subject)).size, approvers.length)
          assert.ok(approvers.filter((one) => one.groups.includes('dba')).length >= 2)
          assert.ok(approvers.some((one) => one.groups.includes('security')))
          for (const one of effect.approvals) {
            assert.deepEqual([one.hold, one.statement, one.verdict], ['h-1', digest, 'approve'])
            assert.notEqual(one.approver.subject, statement.identity.subject)
            assert.ok(!statement.chain.some((link) => link.subject === one.approver.subject))
          }
        }
        state = next
      }
      assert.ok(releases + ends <= 1, 'a hold ends once')
      const [over] = stepHold(statement, state, { on: 'tick', nowMs: expiresAtMs })
      assert.ok(over.at !== 'open' && over.at !== 'approved', 'every hold ends')
    }),
    { numRuns: runs },
  )
  assert.ok(released > 0, 'some histories release')
})

test('whatever differs is another statement', () => {
  const document = sampleDocument()
  const holds = [{ rule: 'a', reason: 'r', reviewers: [], quorum: 1, expiresMs: 1 }]
  const of = (change: Partial<typeof document>, bundle = 'b', hold = 'h', until = 1) =>
    statementDigest(statementOf(hold, { ...document, ...change }, holds, bundle, until))
  const base = of({})
  const others = [
    of({ identity: { ...document.identity, subject: 'other' } }),
    of({ identity: { ...document.identity, chain: [] } }),
    of({ resource: { ...document.resource, name: 'other' } }),
    of({ resource: { ...document.resource, target: { host: 'other' } } }),
    of({ session: { ...document.session, state: { search_path: 'evil' } } }),
    of({ session: { ...document.session, id: 'other' } }),
    of({ action: { ...document.action, digest: 'other' } }),
    of({}, 'other'),
    of({}, 'b', 'other'),
    of({}, 'b', 'h', 2),
  ]
  assert.equal(new Set([base, ...others]).size, others.length + 1)
  assert.equal(of({}), base)
})

test('what an approver is shown hides nothing', () => {
  const document = sampleDocument()
  const { text, what, who } = viewOf(
    { ...document, action: { ...document.action, text: 'DROP\u202e TABLE\u0007 a\u200b;\ufeff' } },
    [],
  )
  assert.equal(text, 'DROP\\u{202e} TABLE\\u{7} a\\u{200b};\\u{feff}')
  assert.ok(who[0]?.includes('agent-1'))
  assert.ok(what.length > 0)
  assert.equal(visible('plain text, \u00e9 and \u4e2d'), 'plain text, \u00e9 and \u4e2d')
})
