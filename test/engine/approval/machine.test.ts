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

/** Histories that are tried; a long run sets 100,000 and more. */
const runs = Number(process.env['SALLYPORT_HISTORIES'] ?? 5_000)
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

const mostly = <T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })
const answers: fc.Arbitrary<Answer> = fc.record({
  id: fc.constantFrom('a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8'),
  approver: fc.constantFrom(...people),
  verdict: mostly<'approve' | 'deny'>('approve', 'deny'),
  reason: fc.constant('no'),
  statement: mostly(digest, 'another'),
  hold: mostly('h-1', 'h-2'),
  expiresAtMs: mostly(2_000, 5),
})
const times = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 0, max: expiresAtMs - 1 }) },
  { weight: 1, arbitrary: fc.constantFrom(expiresAtMs, expiresAtMs + 1, 1_400) },
)
const events: fc.Arbitrary<HoldEvent> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      on: fc.constant('answer' as const),
      answer: answers,
      permitted: mostly(true, false),
      nowMs: times,
    }),
  },
  { weight: 2, arbitrary: fc.record({ on: fc.constant('tick' as const), nowMs: times }) },
  { weight: 4, arbitrary: fc.record({ on: fc.constant('take' as const), nowMs: times }) },
  { weight: 1, arbitrary: fc.constant({ on: 'cancel' as const }) },
)
const histories = fc.array(events, { minLength: 1, maxLength: 30, size: 'max' })

/** The same rules told another way: who has validly said yes, and how it ended. */
class Model {
  readonly #yes = new Set<string>()
  readonly #ids = new Set<string>()
  at: HoldState['at'] = 'open'

  step(event: HoldEvent): void {
    if (this.at !== 'open' && this.at !== 'approved') return
    if (event.on === 'cancel') this.at = 'cancelled'
    else if (event.on !== 'answer') {
      if (event.nowMs >= expiresAtMs) this.at = event.on === 'tick' || this.at === 'approved' ? 'expired' : 'open'
      else if (event.on === 'take' && this.at === 'approved') this.at = 'released'
    } else if (this.at === 'open' && this.#counts(event)) {
      const { subject } = event.answer.approver
      if (event.answer.verdict === 'deny') this.at = 'denied'
      this.#yes.add(subject)
      this.#ids.add(event.answer.id)
      const said = (...subjects: readonly string[]) => subjects.filter((one) => this.#yes.has(one)).length
      if (this.at === 'open' && said('dba-1', 'dba-2', 'both') >= 2 && said('both', 'sec') >= 1) this.at = 'approved'
    }
  }

  #counts({ answer, permitted, nowMs }: Extract<HoldEvent, { on: 'answer' }>): boolean {
    return (
      ['dba-1', 'dba-2', 'both', 'sec'].includes(answer.approver.subject) &&
      permitted &&
      answer.hold === 'h-1' &&
      answer.statement === digest &&
      nowMs < Math.min(expiresAtMs, answer.expiresAtMs) &&
      !this.#yes.has(answer.approver.subject) &&
      !this.#ids.has(answer.id)
    )
  }
}

test('no history releases without a quorum of valid, matching, distinct answers, or twice', () => {
  let released = 0
  let tried = 0
  let steps = 0
  const ends = new Map<string, number>()
  fc.assert(
    fc.property(histories, (history) => {
      tried++
      const model = new Model()
      let state: HoldState = openHold
      let releases = 0
      let refusals = 0
      for (const event of history) {
        steps++
        const [next, effects] = stepHold(statement, state, event)
        model.step(event)
        assert.equal(next.at, model.at)
        for (const effect of effects) {
          if (effect.do === 'refuse') refusals++
          if (effect.do !== 'release') continue
          releases++
          released++
          assert.equal(event.on, 'take')
          assert.ok(event.on === 'take' && event.nowMs < expiresAtMs)
          const approvers = effect.approvals.map((one) => one.approver)
          assert.equal(new Set(approvers.map((one) => one.subject)).size, approvers.length)
          assert.equal(new Set(effect.approvals.map((one) => one.id)).size, approvers.length)
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
      assert.ok(releases + refusals <= 1, 'a hold ends once')
      const [over] = stepHold(statement, state, { on: 'tick', nowMs: expiresAtMs })
      assert.ok(over.at !== 'open' && over.at !== 'approved', 'every hold ends')
      ends.set(over.at, (ends.get(over.at) ?? 0) + 1)
    }),
    { numRuns: runs },
  )
  const told = [...ends].sort().map(([at, count]) => `${count} ${at}`)
  process.stdout.write(`holds: ${tried} histories of ${steps} events: ${told.join(', ')}\n`)
  assert.ok(tried >= runs)
  assert.ok(released > runs / 100, 'many histories release')
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

test('nothing that an agent names makes a line of its own, and what is not shown is told', () => {
  const document = sampleDocument()
  const { identity, action } = document
  const shown = viewOf(
    {
      ...document,
      identity: { ...identity, subject: 'agent-1\nfor boss (human, https://issuer.example)' },
      action: {
        ...action,
        text: 'a\u061c\u3164\u115f\ufe0f\u2003b\nc',
        operation: 'read public.a\n  read public.b',
      },
    },
    [{ rule: 'r', reason: 'because\nrisks   none', reviewers: [], quorum: 1, expiresMs: 1 }],
  )
  for (const line of [...shown.who, shown.where, ...shown.what, ...shown.why]) assert.ok(!line.includes('\n'), line)
  assert.equal(shown.who.length, 1 + identity.chain.length)
  assert.equal(shown.text, 'a\\u{61c}\\u{3164}\\u{115f}\\u{fe0f}\\u{2003}b\nc')
  assert.deepEqual(shown.risks, [])
  const parameters = Array.from({ length: 60 }, (_, index) => index)
  const many = viewOf(
    { ...document, action: { ...action, sql: { statements: [], parameters, protocol: 'extended' } } },
    [],
  )
  assert.equal(many.parameters.at(-1), '... and 10 more, not shown')
  assert.deepEqual(many.risks, ['it is too long to be shown whole'])
  const long = viewOf({ ...document, action: { ...action, text: 'x'.repeat(17_000) } }, [])
  assert.deepEqual(long.risks, ['it is too long to be shown whole'])
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
