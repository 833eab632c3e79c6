// Actions that wait for people: what lets them go on, what ends them, and that nothing else does.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate } from '../../../proxy/gate/index.ts'
import { gateParts, results, sampleOpening } from '../../support/gate.ts'
import { onlyRefusal, openSession, submit } from '../../support/gate-session.ts'

test('a held action is forwarded once people approve and the live policy still agrees', async () => {
  const parts = gateParts()
  const { session, recorder } = await openSession(parts)
  parts.live.answer = () => results.hold
  const effects = submit(session)
  assert.equal(effects.holds.length, 1)
  assert.equal(effects.forwarded.length, 0)
  parts.holds.answer({ on: 'approved', detail: 'by person-2' })
  assert.equal(effects.forwarded.length, 1)
  const holds = recorder.accepted.flatMap((entry) => (entry.kind === 'hold' ? [entry.event] : []))
  assert.deepEqual(holds, ['opened', 'approved', 'released'])
})

test('at release the action is decided again: a new denial or a harder hold refuses', async () => {
  for (const [again, code] of [
    [results.deny, 'denied'],
    [{ ...results.hold, hold: [{ ...results.hold.hold[0], quorum: 2 }] }, 'hold_denied'],
    [{ ...results.hold, hold: [{ ...results.hold.hold[0], reviewers: ['security'] }] }, 'hold_denied'],
    [undefined, 'error'],
  ] as const) {
    const parts = gateParts()
    const { session } = await openSession(parts)
    parts.live.answer = () => results.hold
    const effects = submit(session)
    parts.live.answer = () => again
    parts.holds.answer({ on: 'approved', detail: '' })
    assert.equal(onlyRefusal(effects).code, code)
  }
})

test('a hold that is denied, expires, is cancelled or cannot be opened is refused', async () => {
  const parts = gateParts()
  const { session } = await openSession(parts)
  parts.live.answer = () => results.hold
  const denied = submit(session)
  parts.holds.answer({ on: 'denied', detail: '', message: 'not today' })
  assert.deepEqual([onlyRefusal(denied).code, onlyRefusal(denied).message], ['hold_denied', 'not today'])
  const expired = submit(session)
  parts.clock.advance(60_000)
  assert.equal(onlyRefusal(expired).code, 'hold_expired')
  const cancelled = submit(session)
  cancelled.cancel()
  assert.equal(onlyRefusal(cancelled).code, 'cancelled')
  assert.deepEqual(parts.holds.cancelled, ['expired', 'client_cancelled'])
  parts.holds.broken = true
  assert.equal(onlyRefusal(submit(session)).code, 'error')
})

test('who fills many sessions with holds leaves places for others, and gets theirs back', async () => {
  const parts = gateParts({ limits: { ...gateParts().limits, holdsMax: 40, holdsPerSessionMax: 4 } })
  const { gate } = await openSession(parts)
  const held = async (subject: string, sessions: number) => {
    const effects: ReturnType<typeof submit>[] = []
    for (let at = 0; at < sessions; at++) {
      // Children of one root have one share, however many they are.
      const chain = [{ subject, issuer: 'https://people.example', kind: 'human', scopes: [] }] as const
      parts.live.answer = () => results.allow
      const opened = await gate.open(sampleOpening({ identity: { subject: `${subject}/${at}`, chain } }))
      assert.ok(opened.open)
      parts.live.answer = () => results.hold
      for (let each = 0; each < 4; each++) effects.push(submit(opened.session))
    }
    return effects.filter(({ refused }) => refused.length === 0)
  }
  const first = await held('greedy', 10)
  assert.equal(first.length, 20)
  assert.equal((await held('second', 10)).length, 10)
  for (const other of ['third', 'fourth']) assert.equal((await held(other, 1)).length, 4)
  assert.equal((await held('greedy', 1)).length, 0)
  for (const one of first) one.cancel()
  assert.equal((await held('greedy', 1)).length, 4)
})

test('a hold waits no longer than the gateway lets it', async () => {
  const parts = gateParts({ limits: { ...gateParts().limits, holdMs: 5_000 } })
  const { session } = await openSession(parts)
  parts.live.answer = () => results.hold
  const effects = submit(session)
  parts.clock.advance(4_999)
  assert.equal(effects.refused.length, 0)
  parts.clock.advance(1)
  assert.equal(onlyRefusal(effects).code, 'hold_expired')
})

test('an approval that arrives after the identity expired forwards nothing', async () => {
  const parts = gateParts()
  const { session } = await openSession(
    parts,
    sampleOpening({ identity: { token: { ...sampleOpening().identity.token, expires_at: '2026-01-01T00:00:30Z' } } }),
  )
  parts.live.answer = () => results.hold
  const effects = submit(session)
  parts.clock.advance(20_000)
  parts.holds.answer({ on: 'approved', detail: '' })
  assert.equal(onlyRefusal(effects).code, 'expired')
})

test('more holds than a session may have are refused by name', async () => {
  const parts = gateParts({ limits: { ...gateParts().limits, holdsPerSessionMax: 1 } })
  const { session } = await openSession(parts)
  parts.live.answer = () => results.hold
  submit(session)
  assert.deepEqual([onlyRefusal(submit(session)).code], ['limit'])
  parts.holds.answer({ on: 'denied', detail: '', message: '' })
  assert.equal(submit(session).holds.length, 1, 'an ended hold gives its place back')
})

test('what waits for people ends when a swapped policy would refuse it, and waits on when it would not', async () => {
  for (const [again, code] of [
    [results.deny, 'denied'],
    [{ ...results.hold, hold: [{ ...results.hold.hold[0], quorum: 2 }] }, 'hold_denied'],
    [results.hold, undefined],
    [results.allow, undefined],
  ] as const) {
    const parts = gateParts()
    const { gate, session, recorder } = await openSession(parts)
    parts.live.answer = () => results.hold
    const effects = submit(session)
    // Only what waits is judged by the new policy; the session itself stays allowed.
    parts.live.answer = (input) =>
      (input as { action: { stage: string } }).action.stage === 'connect' ? results.allow : again
    assert.equal(await gate.rejudge(), 0)
    assert.deepEqual(
      effects.refused.map((refusal) => refusal.code),
      code === undefined ? [] : [code],
    )
    assert.deepEqual(parts.holds.cancelled, code === undefined ? [] : ['policy_changed'])
    if (code === undefined) {
      parts.holds.answer({ on: 'approved', detail: '' })
      assert.equal(effects.forwarded.length, 1)
      continue
    }
    const last = recorder.accepted.findLast((entry) => entry.kind === 'action')
    assert.equal(last?.kind === 'action' ? last.decision.effect : '', 'deny')
    assert.equal(parts.holds.answer({ on: 'approved', detail: '' }), false)
  }
})

test('a connect that is held opens the session when approved and ends when the client goes away', async () => {
  const parts = gateParts()
  parts.live.answer = () => results.hold
  const gate = createGate(parts)
  const notices: string[] = []
  const opening = gate.open({ ...sampleOpening(), held: (notice) => notices.push(notice.rule) })
  assert.deepEqual(notices, ['p.ask'])
  parts.holds.answer({ on: 'approved', detail: '' })
  assert.ok((await opening).open)
  const leaving = new AbortController()
  const second = gate.open({ ...sampleOpening(), signal: leaving.signal })
  leaving.abort()
  const answer = await second
  assert.ok(!answer.open && answer.refusal.code === 'cancelled')
})
