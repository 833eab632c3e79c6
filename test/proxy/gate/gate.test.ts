// The gate's promises one by one: each accept has its refuse twin.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionDocument, Identity } from '../../../engine/action/index.ts'
import { createGate, type Refusal } from '../../../proxy/gate/index.ts'
import { noteDelayMs } from '../../../proxy/gate/late-notes.ts'
import { gateParts, results, SeenEffects, sampleAction, sampleOpening } from '../../support/gate.ts'
import { onlyRefusal, openSession, submit } from '../../support/gate-session.ts'

test('an allowed action is forwarded before submit returns, with no timer left behind', async () => {
  const parts = gateParts()
  const { session, recorder } = await openSession(parts)
  const timers = parts.clock.waiting
  const effects = submit(session)
  assert.equal(effects.forwarded.length, 1)
  assert.equal(parts.clock.waiting, timers)
  assert.equal(recorder.accepted.at(-1)?.kind, 'action')
})

test('a denied action is refused with its rule and decision id, and the session goes on', async () => {
  const parts = gateParts()
  const { session } = await openSession(parts)
  parts.live.answer = () => results.deny
  const refusal = onlyRefusal(submit(session))
  assert.deepEqual([refusal.code, refusal.rule, refusal.message], ['denied', 'p.no', 'not this'])
  assert.match(refusal.decisionId, /^id-/)
  parts.live.answer = () => results.allow
  assert.equal(submit(session).forwarded.length, 1)
})

for (const [name, answer] of [
  ['an undefined decision', () => undefined],
  ['a result that is not the contract', () => ({ allow: true })],
  [
    'an evaluation that throws',
    () => {
      throw new Error('SECRET internals')
    },
  ],
] as const) {
  test(`${name} refuses, and says nothing of the cause`, async () => {
    const parts = gateParts()
    const { session } = await openSession(parts)
    parts.live.answer = answer
    const refusal = onlyRefusal(submit(session))
    assert.equal(refusal.code, 'error')
    assert.ok(!JSON.stringify(refusal).includes('SECRET'))
  })
}

test('no live policy refuses the session', async () => {
  const parts = gateParts({
    policy: () => {
      throw new Error('no bundle')
    },
  })
  const opened = await createGate(parts).open(sampleOpening())
  assert.ok(!opened.open)
  assert.equal(opened.refusal.code, 'error')
})

test('a recorder that fails, throws or stays silent refuses the action', async () => {
  const parts = gateParts()
  const { session, recorder } = await openSession(parts)
  recorder.mode = 'fail'
  assert.equal(onlyRefusal(submit(session)).code, 'not_recorded')
  recorder.mode = 'throw'
  assert.equal(onlyRefusal(submit(session)).code, 'not_recorded')
  recorder.mode = 'later'
  const effects = submit(session)
  assert.equal(effects.forwarded.length + effects.refused.length, 0)
  parts.clock.advance(5000)
  assert.equal(onlyRefusal(effects).code, 'timeout')
  recorder.settle()
  assert.equal(effects.forwarded.length, 0, 'an acceptance that comes too late forwards nothing')
})

test('a session whose frames cannot be recorded ends', async () => {
  const parts = gateParts()
  const { session, recorder } = await openSession(parts)
  const ends: Refusal[] = []
  session.onEnd((refusal) => ends.push(refusal))
  recorder.mode = 'fail'
  session.observe('wire_up', new Uint8Array(3))
  parts.clock.advance(2 * noteDelayMs)
  assert.deepEqual(
    ends.map((end) => end.code),
    ['not_recorded'],
  )
  recorder.mode = 'accept'
  assert.equal(onlyRefusal(submit(session)).code, 'not_recorded')
})

test('frames of a session that policy records as metadata are not kept', async () => {
  const parts = gateParts()
  parts.live.answer = () => ({ ...results.allow, record: ['metadata'] })
  const { session, recorder } = await openSession(parts)
  session.observe('wire_up', new Uint8Array(3))
  session.close('done')
  assert.ok(!recorder.accepted.some((entry) => entry.kind === 'wire'))
  const full = await openSession(gateParts())
  full.session.observe('wire_up', new Uint8Array(3))
  full.session.close('done')
  assert.ok(full.recorder.accepted.some((entry) => entry.kind === 'wire'))
})

test('where the protocol releases, an approval alone forwards nothing, and a release forwards once', async () => {
  const parts = gateParts()
  const { session } = await openSession(parts)
  parts.live.answer = () => results.hold
  const releases: (() => void)[] = []
  const deferring = (): SeenEffects =>
    Object.assign(new SeenEffects(), { approved: (release: () => void) => releases.push(release) })
  const [taken, late, gone] = [deferring(), deferring(), deferring()]
  const submissions = [taken, late, gone].map((effects) => session.submit(sampleAction(), {}, effects))
  for (const _ of submissions) parts.holds.answer({ on: 'approved', detail: '' })
  assert.equal(releases.length, 3)
  assert.equal(taken.forwarded.length, 0)
  releases[0]?.()
  releases[0]?.()
  assert.equal(taken.forwarded.length, 1)
  submissions[2]?.cancel('client_gone')
  parts.clock.advance(60_000)
  releases[1]?.()
  releases[2]?.()
  assert.deepEqual([onlyRefusal(late).code, onlyRefusal(gone).code], ['hold_expired', 'cancelled'])
})

test('an identity that expires ends the session; one without a readable expiry never opens', async () => {
  const parts = gateParts()
  const token = { ...sampleOpening().identity.token, expires_at: '2026-01-01T00:00:30Z' }
  const { session } = await openSession(parts, sampleOpening({ identity: { token } }))
  const ends: string[] = []
  session.onEnd((refusal) => ends.push(refusal.code))
  parts.clock.advance(19_999)
  assert.deepEqual(ends, [])
  parts.clock.advance(1)
  assert.deepEqual(ends, ['expired'])
  const unreadable = await createGate(gateParts()).open(
    sampleOpening({ identity: { token: { ...token, expires_at: 'soon' } } }),
  )
  assert.ok(!unreadable.open)
})

test('rows beyond a limit of the action, the session or the delegation root are refused', async () => {
  const limits = { ...gateParts().limits, session: { rows: 100 }, root: { rows: 150 } }
  const parts = gateParts({ limits })
  parts.live.answer = () => ({ ...results.allow, limit: [{ rows: 80 }] })
  const gate = createGate(parts)
  const first = await gate.open(sampleOpening())
  assert.ok(first.open)
  parts.live.answer = () => ({ ...results.allow, limit: [{ rows: 10 }] })
  const [terms] = submit(first.session).forwarded
  assert.ok(first.session.consume({ rows: 10 }, terms).within)
  const overAction = first.session.consume({ rows: 1 }, terms)
  assert.ok(!overAction.within && overAction.refusal.code === 'limit')
  parts.live.answer = () => results.allow
  const [free] = submit(first.session).forwarded
  const overSession = first.session.consume({ rows: 70 }, free)
  assert.ok(!overSession.within && overSession.refusal.code === 'budget', 'the connect terms bound the session')
  assert.equal(onlyRefusal(submit(first.session)).code, 'budget')
  const second = await gate.open(sampleOpening())
  assert.ok(second.open)
  const [more] = submit(second.session).forwarded
  const overRoot = second.session.consume({ rows: 75 }, more)
  assert.ok(!overRoot.within && overRoot.refusal.code === 'budget', 'a new session does not refill the root')
  const other = await gate.open(sampleOpening({ identity: { chain: [] } }))
  assert.ok(other.open, 'another root has its own budget')
})

test('a negative count is an error, never a refill', async () => {
  const { session } = await openSession(gateParts())
  assert.throws(() => session.consume({ rows: -5 }, undefined), RangeError)
  assert.throws(() => session.consume({ rows: 1 }, { decisionId: 'x', masks: [], filters: [], limits: {} }), TypeError)
})

test('an action past its seconds is stopped once; one that finished is not', async () => {
  const parts = gateParts()
  const { session } = await openSession(parts)
  parts.live.answer = () => ({ ...results.allow, limit: [{ seconds: 2 }] })
  const slow = submit(session)
  const quick = submit(session)
  quick.finish()
  parts.clock.advance(2000)
  assert.deepEqual(
    slow.stopped.map((refusal) => refusal.rule),
    ['sallyport.limit.seconds'],
  )
  assert.equal(quick.stopped.length, 0)
})

test('revocation ends the matching sessions, refuses what waits, and spares the others', async () => {
  const parts = gateParts()
  const gate = createGate(parts)
  const one = await gate.open(sampleOpening())
  const two = await gate.open(sampleOpening({ identity: { subject: 'agent-2' } }))
  assert.ok(one.open && two.open)
  parts.live.answer = () => results.hold
  const held = submit(one.session)
  assert.equal(
    gate.end((session) => session.identity.subject === 'agent-1', 'revoked', 'taken back'),
    1,
  )
  assert.equal(onlyRefusal(held).code, 'revoked')
  assert.equal(onlyRefusal(submit(one.session)).code, 'revoked')
  parts.live.answer = () => results.allow
  assert.equal(submit(two.session).forwarded.length, 1)
})

test('a swapped policy judges the next action, and sessions it no longer allows end', async () => {
  const parts = gateParts()
  const { gate, session } = await openSession(parts)
  assert.equal(await gate.rejudge(), 0)
  parts.live.answer = () => results.deny
  parts.live.revision = '2'
  assert.equal(await gate.rejudge(), 1)
  assert.equal(onlyRefusal(submit(session)).code, 'denied')
})

test('a session whose identity lost a group is judged without it from then on, and ends where it is no longer allowed', async () => {
  for (const connects of [true, false]) {
    const parts = gateParts()
    let groups: readonly string[] = ['writers', 'readers']
    const renewed = (identity: Identity): Identity =>
      identity.groups.every((group) => groups.includes(group)) ? identity : { ...identity, groups }
    const gate = createGate({ ...parts, renewed })
    parts.live.answer = (input) => {
      const { identity, action } = input as ActionDocument
      const may = identity.groups.includes('writers') || (connects && action.stage === 'connect')
      return may ? results.allow : results.deny
    }
    const opened = await gate.open(sampleOpening({ identity: { groups } }))
    assert.ok(opened.open)
    assert.equal(submit(opened.session).forwarded.length, 1)
    assert.equal(await gate.rejudge(), 0)
    assert.deepEqual(opened.session.identity.groups, ['writers', 'readers'])
    groups = ['readers']
    assert.equal(await gate.rejudge(), connects ? 0 : 1)
    assert.deepEqual(opened.session.identity.groups, ['readers'])
    assert.equal(onlyRefusal(submit(opened.session)).code, 'denied')
    const accepted = parts.recorder.sessions.get(opened.session.id)?.accepted ?? []
    const [opening] = accepted.filter((entry) => entry.kind === 'opened')
    assert.deepEqual(opening?.identity.groups, ['writers', 'readers'])
    const last = accepted.findLast((entry) => entry.kind === 'action')
    assert.deepEqual(last?.document.identity.groups, ['readers'])
  }
})

test('a drain ends idle sessions, waits for a running action, and takes no new session', async () => {
  const parts = gateParts()
  const gate = createGate(parts)
  const idle = await gate.open(sampleOpening())
  const busy = await gate.open(sampleOpening())
  assert.ok(idle.open && busy.open)
  const ends: string[] = []
  idle.session.onEnd(() => {
    ends.push('idle')
    idle.session.close('ended')
  })
  busy.session.onEnd(() => {
    ends.push('busy')
    busy.session.close('ended')
  })
  const running = submit(busy.session)
  const drained = gate.drain(10_000)
  assert.deepEqual(ends, ['idle'])
  assert.ok(!(await gate.open(sampleOpening())).open)
  running.finish()
  await drained
  assert.deepEqual(ends, ['idle', 'busy'])
})

test('a drain does not wait for ever', async () => {
  const parts = gateParts()
  const { gate, session, recorder } = await openSession(parts)
  submit(session)
  const drained = gate.drain(10_000)
  parts.clock.advance(10_000)
  await drained
  assert.notEqual(recorder.closedBy, undefined)
})

test('a protocol whose effect throws loses its own session and nobody else does', async () => {
  const parts = gateParts()
  const gate = createGate(parts)
  const bad = await gate.open(sampleOpening())
  const good = await gate.open(sampleOpening())
  assert.ok(bad.open && good.open)
  const ends: string[] = []
  bad.session.onEnd((refusal) => ends.push(refusal.code))
  bad.session.submit(
    sampleAction(),
    {},
    {
      forward() {
        throw new Error('bug')
      },
      refuse() {},
      held() {},
      stop() {},
    },
  )
  assert.deepEqual(ends, ['error'])
  assert.deepEqual(parts.failures, ['protocol'])
  assert.equal(submit(good.session).forwarded.length, 1)
})
