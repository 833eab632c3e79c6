// Standing grants: what one covers goes without asking, counted exactly, until its end; what it does not, waits for people.
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import type { ActionDocument, SqlStatement } from '../../../engine/action/index.ts'
import { type Deed, type GrantTerms, grantActionsMax, grantMsMax } from '../../../engine/approval/index.ts'
import { type OpenHold, signGrant, signRevocation } from '../../../proxy/approvals/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { Desk, person } from '../../support/approval-desk.ts'

const { identity } = sampleDocument()
const dba = person('dba-1', ['dba'])
const second = person('dba-2', ['dba'])
const outsider = person('outsider', ['sales'])
const requester = person(identity.subject, ['dba'], identity.issuer)
const desk = new Desk([dba, second, outsider, requester])
const one = desk.service('gate-1')
const two = desk.service('gate-2')
after(async () => {
  await desk.close()
  assert.deepEqual(desk.failures, [])
})

const insert: SqlStatement = {
  kind: 'insert',
  verb: 'write',
  text: 'INSERT INTO orders VALUES (1)',
  relations: [
    { schema: 'public', name: 'orders', access: 'write', columns: ['*'], resolved: true, kind: 'table', via: [] },
  ],
  functions: [],
  outputs: [],
  predicates: [],
  assignments: [],
  objects: [],
  options: [],
  where: null,
  limit: null,
  returning: false,
  dynamic: false,
  settings: [],
  complete: true,
  reasons: [],
}
const writing = (statement: Partial<SqlStatement> = {}, value = '1'): ActionDocument =>
  sampleDocument({
    verb: 'write',
    text: `INSERT INTO orders VALUES (${value})`,
    sql: { statements: [{ ...insert, ...statement }], parameters: [value], protocol: 'extended' },
  })

/** A standing grant given with a first hold: its id and that hold. */
async function granted(change: Partial<GrantTerms> = {}): Promise<{ readonly id: string; readonly first: OpenHold }> {
  const { id, hold, outcome } = await desk.open(one, writing())
  const terms = { id: randomUUID(), ...change }
  assert.deepEqual(await two.grant(id, await desk.grant(hold, dba, terms)), { ok: true, status: 'approved' })
  assert.equal((await outcome).on, 'approved')
  return { id: terms.id, first: hold }
}

const takeBack = async (grant: string): Promise<void> => {
  const { issuer, subject } = second.enrolled
  const jws = await signRevocation({ grant, issuer, subject, reason: 'done' }, second.key)
  assert.equal((await two.revokeGrant(jws))?.grant, grant)
}

test('a grant answers its hold, and then the like without asking, until it is used up', async () => {
  const { id } = await granted()
  for (const value of ['2', '3']) {
    const result = await (await desk.open(two, writing({}, value))).outcome
    assert.ok(result.on === 'approved')
    assert.deepEqual(
      result.grants?.map((grant) => [grant.id, grant.actionsMax]),
      [[id, 3]],
    )
    assert.equal(JSON.parse(result.detail).answers.length, 1, 'the signed grant goes into the record')
  }
  assert.deepEqual(
    (await one.grants()).map((standing) => [standing.grant.terms.id, standing.usesLeft]),
    [[id, 0]],
  )
  const fourth = await desk.open(one, writing({}, '4'))
  await desk.asked(fourth)
  assert.deepEqual(fourth.outcomes, [])
  fourth.cancel('client_gone')
  await takeBack(id)
})

test('of forty at once through two gateways exactly as many go as were left', async () => {
  const { id } = await granted({ actionsMax: 12 })
  const opened = await Promise.all(
    Array.from({ length: 40 }, (_, index) => desk.open(index % 2 === 0 ? one : two, writing({}, String(index)))),
  )
  const ends = await Promise.all(
    opened.map((hold) => Promise.race([hold.outcome.then(({ on }) => on), desk.asked(hold).then(() => 'asked')])),
  )
  assert.deepEqual(
    [ends.filter((end) => end === 'approved').length, ends.filter((end) => end === 'asked').length],
    [11, 29],
  )
  for (const { cancel } of opened) cancel('client_gone')
  await takeBack(id)
})

const elsewhere: readonly [string, () => ActionDocument][] = [
  ['another relation', () => writing({ relations: [{ ...insert.relations[0], name: 'cards' } as never] })],
  ['another way to touch it', () => writing({ relations: [{ ...insert.relations[0], access: 'read' } as never] })],
  ['another kind of statement', () => writing({ kind: 'update', where: true })],
  [
    'a second statement beside it',
    () =>
      sampleDocument({
        verb: 'write',
        sql: {
          statements: [insert, { ...insert, kind: 'drop_table', objects: [] }],
          parameters: [],
          protocol: 'simple',
        },
      }),
  ],
  [
    'an object that it creates too',
    () => writing({ objects: [{ kind: 'role', schema: '', name: 'x', action: 'create' }] }),
  ],
  [
    'a function that reaches outside',
    () =>
      writing({
        functions: [{ schema: 'public', name: 'f', kind: 'function', effects: 'external', definer: false, via: [] }],
      }),
  ],
  [
    'a function that writes',
    () =>
      writing({
        functions: [{ schema: 'public', name: 'f', kind: 'function', effects: 'write', definer: false, via: [] }],
      }),
  ],
  ['SQL that is only made while it runs', () => writing({ dynamic: true })],
  ['a statement that is not wholly read', () => writing({ complete: false })],
  ['an action that is not wholly read', () => ({ ...writing(), action: { ...writing().action, complete: false } })],
  [
    'another role',
    () => ({ ...writing(), session: { ...writing().session, state: { search_path: ['public'], role: 'admin' } } }),
  ],
  ['another resource', () => ({ ...writing(), resource: { ...writing().resource, name: 'other-db' } })],
  ['another identity', () => ({ ...writing(), identity: { ...identity, subject: 'agent-2' } })],
  ['another chain', () => ({ ...writing(), identity: { ...identity, chain: [] } })],
]
for (const [name, document] of elsewhere) {
  test(`a grant does not cover ${name}`, async () => {
    const { id } = await granted()
    const asked = await desk.open(one, document())
    await desk.asked(asked)
    assert.deepEqual(asked.outcomes, [])
    assert.equal((await one.grants()).find(({ grant }) => grant.terms.id === id)?.usesLeft, 2, 'nothing was used')
    asked.cancel('client_gone')
    await takeBack(id)
  })
}

test('a grant answers no other rule, and not a quorum of two by itself', async () => {
  const { id } = await granted()
  const other = await desk.open(one, writing(), 1, 'too_many')
  const both = await desk.open(one, writing(), 2)
  await Promise.all([desk.asked(other), desk.asked(both)])
  assert.deepEqual([...other.outcomes, ...both.outcomes], [])
  assert.equal((await one.grants())[0]?.usesLeft, 2)
  for (const { cancel } of [other, both]) cancel('client_gone')
  await takeBack(id)
})

test('grants of two people are a quorum of two', async () => {
  const first = await desk.open(one, writing(), 2)
  const ids = [randomUUID(), randomUUID()]
  for (const [index, by] of [dba, second].entries()) {
    const given = await one.grant(first.id, await desk.grant(first.hold, by, { id: ids[index] ?? '' }))
    assert.deepEqual(given, { ok: true, status: index === 0 ? 'waiting' : 'approved' })
  }
  assert.equal((await first.outcome).on, 'approved')
  const result = await (await desk.open(two, writing({}, '9'), 2)).outcome
  assert.equal(result.on === 'approved' ? result.grants?.length : 0, 2)
  for (const id of ids) await takeBack(id)
})

test('a grant ends with its time, also for a session that is open, and when it is taken back', async () => {
  const { id } = await granted({ expiresAtMs: desk.nowMs + 5_000 })
  desk.nowMs += 5_000
  const late = await desk.open(one, writing({}, '2'))
  await desk.asked(late)
  assert.deepEqual(late.outcomes, [])
  late.cancel('client_gone')
  assert.deepEqual(await one.grants(), [])
  const again = await granted()
  await takeBack(again.id)
  const asked = await desk.open(one, writing({}, '3'))
  await desk.asked(asked)
  assert.deepEqual(asked.outcomes, [])
  asked.cancel('client_gone')
  assert.notEqual(id, again.id)
})

test('the policy may say no to a grant where it says yes to an answer, at giving and at each use', async () => {
  const { id } = await granted()
  desk.permitted = (_, grant) => grant === undefined
  const asked = await desk.open(one, writing({}, '2'))
  await desk.asked(asked)
  assert.deepEqual(asked.outcomes, [])
  const refused = await one.grant(asked.id, await desk.grant(asked.hold, dba))
  assert.equal(refused.ok ? 'taken' : refused.code, 'not_permitted')
  assert.deepEqual(await one.answer(asked.id, await desk.answer(asked.hold, dba)), { ok: true, status: 'approved' })
  assert.equal((await asked.outcome).on, 'approved')
  desk.permitted = () => true
  await takeBack(id)
})

test('who is enrolled no more has granted nothing', async () => {
  const { id } = await granted()
  const { people } = desk
  desk.people = people.filter((someone) => someone !== dba)
  const asked = await desk.open(one, writing({}, '2'))
  await desk.asked(asked)
  assert.deepEqual(asked.outcomes, [])
  asked.cancel('client_gone')
  desk.people = people
  await takeBack(id)
})

const deed: Deed = { on: 'postgres', verb: 'read', to: ['public', 'cards'], detail: '' }
const unfit: readonly [string, string, (hold: OpenHold) => Promise<string>][] = [
  ['for another hold', 'other_hold', (hold) => desk.grant(hold, dba, { hold: 'h-x' })],
  ['of something else than waits', 'other_action', (hold) => desk.grant(hold, dba, { deeds: [deed] })],
  [
    'for another identity',
    'other_action',
    (hold) => desk.grant(hold, dba, { identity: { issuer: 'i', subject: 's' } }),
  ],
  ['for another resource', 'other_action', (hold) => desk.grant(hold, dba, { resource: 'x' })],
  ['of other rules', 'other_action', (hold) => desk.grant(hold, dba, { rules: ['x'] })],
  ['that has expired', 'malformed', (hold) => desk.grant(hold, dba, { expiresAtMs: desk.nowMs })],
  ['longer than a day', 'malformed', (hold) => desk.grant(hold, dba, { expiresAtMs: desk.nowMs + grantMsMax + 1 })],
  ['of no actions', 'malformed', (hold) => desk.grant(hold, dba, { actionsMax: 0 })],
  ['of half an action', 'malformed', (hold) => desk.grant(hold, dba, { actionsMax: 1.5 })],
  ['of too many actions', 'malformed', (hold) => desk.grant(hold, dba, { actionsMax: grantActionsMax + 1 })],
  ['of nothing', 'malformed', (hold) => desk.grant(hold, dba, { deeds: [] })],
  ['of another version', 'malformed', (hold) => desk.grant(hold, dba, { version: 2 as 1 })],
  ['by whoever asks', 'own_action', (hold) => desk.grant(hold, requester)],
  ['by somebody who is no reviewer', 'not_a_reviewer', (hold) => desk.grant(hold, outsider)],
  ['by somebody unknown', 'unknown_approver', (hold) => desk.grant(hold, dba, { subject: 'ghost' })],
  ['signed by another key', 'signature', (hold) => desk.grant(hold, { ...dba, key: outsider.key })],
  ['that is an answer', 'signature', (hold) => desk.answer(hold, dba)],
]
for (const [name, code, make] of unfit) {
  test(`refuses a grant ${name}`, async () => {
    const opened = await desk.open(one, writing())
    const { id, hold, outcomes, cancel } = opened
    const refused = await two.grant(id, await make(hold))
    assert.equal(refused.ok ? 'taken' : refused.code, code)
    await desk.asked(opened)
    assert.deepEqual([outcomes, await one.grants()], [[], []])
    cancel('client_gone')
  })
}

test('a grant is no answer, counts once, and does not come back after it was taken back', async () => {
  const { id, hold, outcome } = await desk.open(one, writing(), 2)
  const jws = await desk.grant(hold, dba, { id: 'g-once' })
  const asAnswer = await one.answer(id, jws)
  assert.equal(asAnswer.ok ? 'taken' : asAnswer.code, 'signature')
  assert.deepEqual(await one.grant(id, jws), { ok: true, status: 'waiting' })
  const again = await two.grant(id, jws)
  assert.equal(again.ok ? 'taken' : again.code, 'answered_already')
  await takeBack('g-once')
  // taken back, it does not count for the hold that it was given with either
  assert.deepEqual(await one.answer(id, await desk.answer(hold, second)), { ok: true, status: 'waiting' })
  const back = await two.grant(id, jws)
  assert.equal(back.ok ? 'taken' : back.code, 'answered_already')
  assert.deepEqual(await one.grants(), [])
  await desk.storage.moveHold(id, 'open', 'cancelled')
  assert.equal((await outcome).on, 'failed')
})

test('only people who are enrolled take a grant back', async () => {
  const { id } = await granted()
  const { issuer, subject } = dba.enrolled
  const claims = { grant: id, issuer, subject, reason: '' }
  await assert.rejects(
    signRevocation(claims, outsider.key).then((jws) => one.revokeGrant(jws)),
    { code: 'signature' },
  )
  await assert.rejects(
    signRevocation({ ...claims, subject: 'ghost' }, dba.key).then((jws) => one.revokeGrant(jws)),
    { code: 'unknown_approver' },
  )
  assert.equal(await one.revokeGrant(await signRevocation({ ...claims, grant: 'g-x' }, dba.key)), undefined)
  assert.equal((await one.grants()).length, 1)
  await takeBack(id)
})

test('a grant that was put into the store past the service is used by nobody', async () => {
  const { id, hold, outcomes, cancel } = await desk.open(one, writing())
  const forged = await signGrant(
    {
      version: 1,
      id: 'forged',
      hold: id,
      issuer: dba.enrolled.issuer,
      subject: dba.enrolled.subject,
      identity: hold.statement.identity,
      chain: hold.statement.chain,
      resource: hold.statement.resource.name,
      rules: ['ddl'],
      deeds: [deed],
      actionsMax: 5,
      expiresAtMs: desk.nowMs + 1000,
      reason: '',
    },
    outsider.key,
  )
  const subject = JSON.stringify([identity.issuer, identity.subject])
  await desk.storage.putGrant({ id: 'forged', subject, expiresAtMs: desk.nowMs + 1000, usesLeft: 5, body: forged })
  const next = await desk.open(two, writing())
  await desk.asked(next)
  assert.deepEqual([outcomes, next.outcomes], [[], []])
  cancel('client_gone')
  next.cancel('client_gone')
})
