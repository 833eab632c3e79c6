// Actions that go under a standing grant: the policy sees the grant when it decides again, and nothing outlives the grant.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import type { GrantTerms } from '../../../engine/approval/index.ts'
import { createGate, type SessionOpening } from '../../../proxy/gate/index.ts'
import { gateParts, results, SeenEffects, sampleAction, sampleOpening } from '../../support/gate.ts'

const openedAtMs = Date.parse('2026-01-01T00:00:10Z')
const grant: GrantTerms = {
  version: 1,
  id: 'g-1',
  hold: 'h-1',
  issuer: 'https://people.example',
  subject: 'dba-1',
  identity: { issuer: 'i', subject: 's' },
  chain: [],
  resource: 'orders-db',
  rules: ['p.ask'],
  deeds: [],
  actionsMax: 5,
  expiresAtMs: openedAtMs + 20_000,
  reason: '',
}

async function held(limit: readonly object[] = []) {
  const parts = gateParts()
  const inputs: ActionDocument[] = []
  const opened = await createGate(parts).open(sampleOpening())
  assert.ok(opened.open)
  parts.live.answer = (input) => {
    inputs.push(input as ActionDocument)
    return { ...results.hold, limit }
  }
  const effects = new SeenEffects()
  opened.session.submit(sampleAction(), {}, effects)
  return { parts, inputs, effects }
}

test('the policy reads the grant when it decides again, and only then', async () => {
  const { parts, inputs, effects } = await held()
  parts.holds.answer({ on: 'approved', detail: '', grants: [grant] })
  assert.equal(effects.forwarded.length, 1)
  assert.deepEqual(
    inputs.map(({ context }) => context.grants),
    [
      undefined,
      [
        {
          id: 'g-1',
          issuer: 'https://people.example',
          subject: 'dba-1',
          expires_at: '2026-01-01T00:00:30.000Z',
          actions_max: 5,
        },
      ],
    ],
  )
})

test('an action under a grant is stopped when the grant ends, or earlier where the policy says so', async () => {
  const { parts, effects } = await held()
  parts.holds.answer({ on: 'approved', detail: '', grants: [{ ...grant, expiresAtMs: openedAtMs + 90_000 }, grant] })
  assert.equal(effects.forwarded[0]?.limits.seconds, 20)
  parts.clock.advance(19_999)
  assert.equal(effects.stopped.length, 0)
  parts.clock.advance(1)
  assert.equal(effects.stopped[0]?.code, 'timeout')
  const sooner = await held([{ seconds: 3 }])
  sooner.parts.holds.answer({ on: 'approved', detail: '', grants: [grant] })
  assert.equal(sooner.effects.forwarded[0]?.limits.seconds, 3)
  const asked = await held()
  asked.parts.holds.answer({ on: 'approved', detail: '' })
  assert.equal(asked.effects.forwarded[0]?.limits.seconds, undefined)
})

test('a grant that ended in the meantime forwards nothing', async () => {
  const { parts, effects } = await held()
  parts.clock.advance(20_000)
  parts.holds.answer({ on: 'approved', detail: '', grants: [grant] })
  assert.equal(effects.forwarded.length, 0)
  assert.deepEqual(
    effects.refused.map(({ code, message }) => [code, message]),
    [['hold_denied', 'the grant has expired']],
  )
})

test('a session whose connect was granted ends with the grant', async () => {
  const parts = gateParts()
  parts.live.answer = () => results.hold
  const opening: SessionOpening = sampleOpening()
  const opened = createGate(parts).open(opening)
  parts.holds.answer({ on: 'approved', detail: '', grants: [grant] })
  const result = await opened
  assert.ok(result.open)
  const ended: string[] = []
  result.session.onEnd((refusal) => ended.push(refusal.code))
  parts.clock.advance(19_999)
  assert.deepEqual(ended, [])
  parts.clock.advance(1)
  assert.deepEqual(ended, ['budget'])
})
