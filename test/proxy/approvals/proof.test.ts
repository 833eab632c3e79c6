// What the record keeps of answers proves, with the public keys alone, that people answered for the recorded action; and
// proves nothing when one byte of either is another.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { checkProof, type HeldAction, saidIn } from '../../../proxy/approvals/index.ts'
import type { HoldOutcome } from '../../../proxy/gate/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { Desk, person } from '../../support/approval-desk.ts'

const [dba, second, outsider] = [person('dba-1', ['dba']), person('dba-2', ['dba']), person('dba-1', ['dba'])]
const desk = new Desk([dba, second])
const service = desk.service('gate-1')
after(async () => {
  await desk.close()
  assert.deepEqual(desk.failures, [])
})
const document = sampleDocument()
const holds = [{ rule: 'ddl', reason: 'changes the schema', reviewers: ['dba'], quorum: 2, expiresMs: 60_000 }]
const heldAs = (change: Partial<ActionDocument> = {}, bundleDigest = 'bundle-1', quorum = 2): HeldAction => ({
  document: { ...document, ...change },
  holds: holds.map((hold) => ({ ...hold, quorum })),
  bundleDigest,
})
const keys = { approvers: () => desk.people.map((one) => one.enrolled), gatewayKey: () => undefined }

/** A hold that two people answered, as it is recorded. */
async function answered(verdict: 'approve' | 'deny' = 'approve'): Promise<{ id: string; detail: string }> {
  const { id, hold, outcome } = await desk.open(service, document, 2)
  for (const by of verdict === 'deny' ? [dba] : [dba, second])
    await service.answer(id, await desk.answer(hold, by, { verdict, reason: 'no' }))
  const { detail }: HoldOutcome = await outcome
  return { id, detail }
}

test('answers are proved against the action that was recorded', async () => {
  const { id, detail } = await answered()
  const proved = await checkProof(detail, id, 'approved', [heldAs({}, 'other'), heldAs()], keys, desk.nowMs)
  assert.deepEqual(proved.ok ? proved.by : proved.why, [
    'dba-1 (https://people.example)',
    'dba-2 (https://people.example)',
  ])
  assert.deepEqual(
    saidIn(detail)?.map(({ subject, verdict, reason }) => [subject, verdict, reason]),
    [
      ['dba-1', 'approve', 'no'],
      ['dba-2', 'approve', 'no'],
    ],
  )
  const denied = await answered('deny')
  const proofOfDenial = await checkProof(denied.detail, denied.id, 'denied', [heldAs()], keys, desk.nowMs)
  assert.deepEqual(proofOfDenial.ok ? proofOfDenial.by : proofOfDenial.why, ['dba-1 (https://people.example)'])
  const turned = await checkProof(denied.detail, denied.id, 'approved', [heldAs()], keys, desk.nowMs)
  assert.equal(turned.ok ? '' : turned.why, 'the answers that hold are no quorum')
  const turnedBack = await checkProof(detail, id, 'denied', [heldAs()], keys, desk.nowMs)
  assert.equal(turnedBack.ok ? '' : turnedBack.why, 'nobody who may answer denied it')
})

test('for another action, hold, policy or quorum they prove nothing', async () => {
  const { id, detail } = await answered()
  const { action, session, identity, resource } = document
  const others: readonly (readonly [string, readonly HeldAction[]])[] = [
    [id, []],
    [id, [heldAs({ action: { ...action, digest: 'x' } })]],
    [id, [heldAs({ session: { ...session, state: {} } })]],
    [id, [heldAs({ identity: { ...identity, chain: [] } })]],
    [id, [heldAs({ resource: { ...resource, name: 'other' } })]],
    [id, [heldAs({}, 'bundle-2')]],
    [id, [heldAs({}, 'bundle-1', 1)]],
    ['another', [heldAs()]],
  ]
  for (const [hold, actions] of others) {
    const proved = await checkProof(detail, hold, 'approved', actions, keys, desk.nowMs)
    assert.equal(proved.ok ? 'proved' : proved.why, 'what was signed is no action of this session')
  }
})

test('answers that are changed, missing, doubled, too late or by another key are no quorum', async () => {
  const { id, detail } = await answered()
  const { statement, answers }: { statement: object; answers: string[] } = JSON.parse(detail)
  const [one = '', two = ''] = answers
  const [head, payload, signature] = two.split('.')
  const forged = Buffer.from(String(payload), 'base64url').toString().replace('dba-2', 'dba-3')
  for (const changed of [
    [],
    [one],
    [one, one],
    [one, `${head}.${Buffer.from(forged).toString('base64url')}.${signature}`],
    [one, `${two.slice(0, -2)}${two.at(-2) === 'A' ? 'B' : 'A'}${two.at(-1)}`],
  ]) {
    const text = JSON.stringify({ statement, answers: changed })
    const proved = await checkProof(text, id, 'approved', [heldAs()], keys, desk.nowMs)
    assert.equal(proved.ok ? 'proved' : proved.why, 'the answers that hold are no quorum')
  }
  const late = await checkProof(detail, id, 'approved', [heldAs()], keys, desk.nowMs + 60_000)
  assert.equal(late.ok ? 'proved' : late.why, 'the answers that hold are no quorum')
  const otherKeys = { ...keys, approvers: () => [outsider.enrolled, second.enrolled] }
  const other = await checkProof(detail, id, 'approved', [heldAs()], otherKeys, desk.nowMs)
  assert.equal(other.ok ? 'proved' : other.why, 'the answers that hold are no quorum')
})

test('a record without a proof proves nothing', async () => {
  for (const text of ['', 'x', '{}', '[]', '{"answers":[1],"statement":{}}', '{"answers":[],"statement":null}']) {
    const proved = await checkProof(text, 'h', 'approved', [heldAs()], keys, desk.nowMs)
    assert.equal(proved.ok ? 'proved' : proved.why, 'the record holds no proof')
  }
})
