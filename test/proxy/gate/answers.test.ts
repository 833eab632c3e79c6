// Answers at the gate: judged and recorded like actions, but counted with the action that they answer.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Action, ActionDocument } from '../../../engine/action/index.ts'
import { gateParts, results, SeenEffects, sampleAction } from '../../support/gate.ts'
import { onlyRefusal, openSession } from '../../support/gate-session.ts'

const fine = { effect: 'allow', allow: ['p.response_allow'], deny: [], mask: [], limit: [], header: [], record: [] }
const answer: Omit<Action, 'digest'> = { ...sampleAction(), stage: 'response' }

function judging(result: () => unknown): ReturnType<typeof gateParts> {
  const parts = gateParts()
  parts.live.judgesAnswers = true
  parts.live.answer = (input) => ((input as ActionDocument).action.stage === 'response' ? result() : results.allow)
  return parts
}

test('an answer is recorded with its own decision and counts as no action', async () => {
  const parts = judging(() => ({ ...fine, header: [{ name: 'server', remove: true }], limit: [{ bytes: 10 }] }))
  const { session, recorder, gate } = await openSession(parts)
  assert.equal(session.judgesAnswers(), true)
  const usage = (): unknown => gate.sessions()[0]?.usage.actions
  const before = usage()
  const effects = new SeenEffects()
  session.submit(answer, {}, effects)
  const [terms] = effects.forwarded
  assert.deepEqual(terms?.headers, [{ name: 'server', value: null }])
  assert.equal(usage(), before)
  const last = recorder.accepted.at(-1)
  assert.ok(last?.kind === 'action' && last.document.action.stage === 'response')
  // Both bound what flows: the request has none here, the answer ten bytes.
  const request = new SeenEffects()
  session.submit(sampleAction(), {}, request)
  assert.equal(session.consume({ bytes: 10 }, request.forwarded[0], terms).within, true)
  const over = session.consume({ bytes: 1 }, request.forwarded[0], terms)
  assert.ok(!over.within)
  assert.equal(over.refusal.rule, 'sallyport.limit.bytes')
})

test('an answer is refused when the policy says nothing, asks for people, or the session has ended', async () => {
  for (const result of [undefined, results.hold, results.allow, { ...fine, allow: [] }]) {
    const parts = judging(() => result)
    const { session } = await openSession(parts)
    const effects = new SeenEffects()
    session.submit(answer, {}, effects)
    onlyRefusal(effects)
    assert.equal(parts.holds.waiting.size, 0)
  }
  const parts = judging(() => fine)
  const { session, gate } = await openSession(parts)
  gate.end(() => true, 'revoked', 'the token was revoked')
  const effects = new SeenEffects()
  session.submit(answer, {}, effects)
  assert.equal(onlyRefusal(effects).code, 'revoked')
})

test('where the policy stopped asking in the meantime the answer goes on; where there is none it does not', async () => {
  const parts = judging(() => results.deny)
  const { session } = await openSession(parts)
  parts.live.judgesAnswers = false
  assert.equal(session.judgesAnswers(), false)
  const effects = new SeenEffects()
  session.submit(answer, {}, effects)
  assert.equal(effects.forwarded.length, 1)
  const lost = gateParts()
  let isLost = false
  const { policy } = lost
  const without = await openSession({
    ...lost,
    policy: () => {
      if (isLost) throw new Error('no bundle')
      return policy()
    },
  })
  isLost = true
  assert.equal(without.session.judgesAnswers(), true)
  const refused = new SeenEffects()
  without.session.submit(answer, {}, refused)
  assert.equal(onlyRefusal(refused).code, 'error')
})

test('terms of an answer that did not come from the gate are not counted with', async () => {
  const { session } = await openSession(judging(() => fine))
  const made = { decisionId: 'x', masks: [], filters: [], limits: {} }
  assert.throws(() => session.consume({ bytes: 1 }, undefined, made), /did not come from the gate/)
})
