// The approval service over a real store: each mismatch refused, races settled once, two gateways on one store.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import type { ActionDocument } from '../../../engine/action/index.ts'
import { type Approver, statementDigest, statementOf } from '../../../engine/approval/index.ts'
import type { Decision } from '../../../engine/decision/index.ts'
import {
  type AnswerClaims,
  Approvals,
  type EnrolledApprover,
  enrolled,
  type OpenHold,
  signAnswer,
} from '../../../proxy/approvals/index.ts'
import type { HoldOutcome, HoldRequest } from '../../../proxy/gate/index.ts'
import { openEmbeddedStorage, type Storage } from '../../../proxy/storage/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { thousandHolds } from '../../support/thousand-holds.ts'

const storage = openEmbeddedStorage(':memory:')

interface Person {
  readonly enrolled: EnrolledApprover
  readonly key: string
}
function person(subject: string, groups: readonly string[], issuer = 'https://people.example', curve = false): Person {
  const { privateKey, publicKey } = curve
    ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
    : generateKeyPairSync('ed25519')
  return {
    enrolled: enrolled({ issuer, subject, groups }, publicKey.export({ type: 'spki', format: 'pem' }).toString()),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
const { identity } = sampleDocument()
const dba = person('dba-1', ['dba'])
const second = person('dba-2', ['dba'], undefined, true)
const outsider = person('outsider', ['sales'])
const requester = person(identity.subject, ['dba'], identity.issuer)
const delegator = person(identity.chain[0]?.subject ?? '', ['dba'], identity.chain[0]?.issuer)
const people = [dba, second, outsider, requester, delegator].map((one) => one.enrolled)

let nowMs = Date.parse('2026-01-05T10:00:00Z')
let permitted: (reviewer: Approver) => boolean = () => true
const failures: unknown[] = []
const service = (gateway: string, store: Storage = storage): Approvals =>
  new Approvals({
    storage: store,
    gateway,
    run: randomUUID(),
    gatewayKey: () => undefined,
    known: (approver) => approver,
    quorumMax: 10,
    approvers: () => people,
    mayApprove: (reviewer) => permitted(reviewer),
    nowMs: () => nowMs,
    onError: (error) => failures.push(error),
    onHold: () => undefined,
    onGrant: () => undefined,
  })
const one = service('gate-1')
const two = service('gate-2')
after(async () => {
  await one.close()
  await two.close()
  await storage.close()
  assert.deepEqual(failures, [])
})

interface Opened {
  readonly id: string
  readonly hold: OpenHold
  readonly outcome: Promise<HoldOutcome>
  readonly outcomes: HoldOutcome[]
  cancel(reason: 'client_gone' | 'expired'): void
}
function requestOf(quorum: number, change: Partial<ActionDocument>): HoldRequest {
  const id = randomUUID()
  const decision: Extract<Decision, { effect: 'hold' }> = {
    id: 'd-1',
    bundle: { revision: 'r', digest: 'bundle-1' },
    rules: ['ddl'],
    cost: { micros: 0, fuel: 0 },
    record: 'full',
    effect: 'hold',
    holds: [{ rule: 'ddl', reason: 'changes the schema', reviewers: ['dba'], quorum, expiresMs: 60_000 }],
    masks: [],
    filters: [],
    limits: {},
  }
  return {
    id,
    document: { ...sampleDocument(), ...change },
    decision,
    expiresAtMs: nowMs + 60_000,
  }
}
async function open(quorum = 1, change: Partial<ActionDocument> = {}): Promise<Opened> {
  const request = requestOf(quorum, change)
  const { id } = request
  const outcomes: HoldOutcome[] = []
  let handle: { cancel(reason: 'client_gone' | 'expired'): void } | undefined
  const outcome = new Promise<HoldOutcome>((done) => {
    handle = one.open(request, (answer) => {
      outcomes.push(answer)
      done(answer)
    })
  })
  let hold = await one.hold(id)
  while (hold === undefined) {
    await new Promise(setImmediate)
    hold = await one.hold(id)
  }
  return { id, hold, outcome, outcomes, cancel: (reason) => handle?.cancel(reason) }
}

const answer = (hold: OpenHold, by: Person, change: Partial<AnswerClaims> = {}, key = by.key): Promise<string> =>
  signAnswer(
    {
      id: randomUUID(),
      hold: hold.id,
      statement: hold.digest,
      verdict: 'approve',
      reason: '',
      issuer: by.enrolled.issuer,
      subject: by.enrolled.subject,
      expiresAtMs: nowMs + 60_000,
      ...change,
    },
    key,
  )

test('an approval through another gateway releases the action once', async () => {
  const { id, hold, outcome, outcomes } = await open()
  const jws = await answer(hold, dba)
  assert.deepEqual(await two.answer(id, jws), { ok: true, status: 'approved' })
  const result = await outcome
  assert.equal(result.on, 'approved')
  assert.ok(result.detail.includes(jws), 'the proof goes into the record')
  const again = await two.answer(id, jws)
  assert.equal(again.ok ? '' : again.code, 'not_open')
  assert.equal(outcomes.length, 1)
  assert.equal((await storage.hold(id))?.status, 'released')
})

test('a quorum is of distinct people', async () => {
  const { id, hold, outcome, outcomes } = await open(2)
  assert.deepEqual(await one.answer(id, await answer(hold, dba)), { ok: true, status: 'waiting' })
  const same = await one.answer(id, await answer(hold, dba))
  assert.equal(same.ok ? '' : same.code, 'answered_already')
  assert.equal(outcomes.length, 0)
  assert.deepEqual(await two.answer(id, await answer(hold, second)), { ok: true, status: 'approved' })
  assert.equal((await outcome).on, 'approved')
})

test('one denial ends it, with its reason for the client', async () => {
  const { id, hold, outcome } = await open(2)
  assert.deepEqual(await one.answer(id, await answer(hold, dba, { verdict: 'deny', reason: 'not in office hours' })), {
    ok: true,
    status: 'denied',
  })
  const result = await outcome
  assert.ok(result.on === 'denied' && result.message === 'not in office hours')
})

const mismatches: readonly [string, string, (hold: OpenHold, other: OpenHold) => Promise<string>][] = [
  ['another action', 'other_action', (hold, other) => answer(hold, dba, { statement: other.digest })],
  ['a hold of another session', 'other_hold', (_, other) => answer(other, dba)],
  ['the requester', 'own_action', (hold) => answer(hold, requester)],
  ['somebody whom the requester acts for', 'own_action', (hold) => answer(hold, delegator)],
  ['somebody who is no reviewer', 'not_a_reviewer', (hold) => answer(hold, outsider)],
  ['somebody who is not enrolled', 'unknown_approver', (hold) => answer(hold, dba, { subject: 'ghost' })],
  ["another person's key", 'signature', (hold) => answer(hold, dba, {}, outsider.key)],
  ['an answer that has expired', 'late', (hold) => answer(hold, dba, { expiresAtMs: nowMs })],
  [
    'a changed answer',
    'signature',
    async (hold) => {
      const [head, , signature] = (await answer(hold, dba, { verdict: 'deny', reason: 'x' })).split('.')
      const [, payload] = (await answer(hold, dba)).split('.')
      return `${head}.${payload}.${signature}`
    },
  ],
  ['no answer at all', 'malformed', () => Promise.resolve('x.y.z')],
  ['a verdict that is none', 'malformed', (hold) => answer(hold, dba, { verdict: 'maybe' as 'deny' })],
  ['a huge answer', 'malformed', (hold) => answer(hold, dba, { reason: 'x'.repeat(20_000) })],
]
for (const [name, code, make] of mismatches) {
  test(`refuses ${name}`, async () => {
    const here = await open()
    const there = await open(1, { session: { ...sampleDocument().session, id: 'other-session', state: { role: 'x' } } })
    const result = await one.answer(here.id, await make(here.hold, there.hold))
    assert.equal(result.ok ? 'taken' : result.code, code)
    assert.equal((await storage.hold(here.id))?.status, 'open')
    assert.deepEqual(here.outcomes, [])
    here.cancel('client_gone')
    there.cancel('client_gone')
  })
}

// What was approved is rebuilt with one thing changed, and signed for the very hold that waits.
const sql = (value: string): Parameters<typeof sampleDocument>[0] => ({
  sql: { statements: [], parameters: [value], protocol: 'extended' },
})
const waiting = sampleDocument(sql('1'))
const { session, resource } = waiting
const signedFor: readonly [string, ActionDocument, string][] = [
  ['one bind value', sampleDocument(sql('2')), 'bundle-1'],
  ['one byte of SQL', sampleDocument({ ...sql('1'), text: 'SELECT 2' }), 'bundle-1'],
  ['another search_path', { ...waiting, session: { ...session, state: { search_path: ['evil'] } } }, 'bundle-1'],
  ['another role', { ...waiting, session: { ...session, state: { ...session.state, role: 'admin' } } }, 'bundle-1'],
  ['another chain', { ...waiting, identity: { ...identity, chain: [] } }, 'bundle-1'],
  ['another resource', { ...waiting, resource: { ...resource, name: 'other-db' } }, 'bundle-1'],
  ['another bundle', waiting, 'bundle-2'],
]
for (const [name, document, bundle] of signedFor) {
  test(`refuses an approval signed for ${name}, and takes the one for what waits`, async () => {
    const { id, hold, outcome, outcomes } = await open(1, waiting)
    const { requirements, expiresAtMs } = hold.statement
    const of = (what: ActionDocument, under: string): string =>
      statementDigest(
        statementOf(
          id,
          what,
          requirements.map((one) => ({ ...one, expiresMs: 60_000 })),
          under,
          expiresAtMs,
        ),
      )
    const refused = await one.answer(id, await answer(hold, dba, { statement: of(document, bundle) }))
    assert.equal(refused.ok ? 'taken' : refused.code, 'other_action')
    assert.deepEqual(outcomes, [])
    const taken = await one.answer(id, await answer(hold, dba, { statement: of(waiting, 'bundle-1') }))
    assert.deepEqual(taken, { ok: true, status: 'approved' })
    assert.equal((await outcome).on, 'approved')
  })
}

test('refuses a replayed approval: for the same hold, and for the next hold of the same action', async () => {
  const first = await open(2)
  const jws = await answer(first.hold, dba)
  assert.deepEqual(await one.answer(first.id, jws), { ok: true, status: 'waiting' })
  const codes = (await Promise.all([one.answer(first.id, jws), two.answer(first.id, jws)])).map((result) =>
    result.ok ? 'taken' : result.code,
  )
  assert.deepEqual(codes, ['answered_already', 'answered_already'])
  const next = await open(1)
  const again = await one.answer(next.id, jws)
  assert.equal(again.ok ? 'taken' : again.code, 'other_hold')
  // written past the service into the store it counts no more than that
  await storage.addAnswer({ holdId: next.id, approver: 'x', answer: 'approve', atMs: nowMs, body: jws })
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  assert.deepEqual([...first.outcomes, ...next.outcomes], [])
  assert.equal((await storage.hold(next.id))?.status, 'open')
  first.cancel('client_gone')
  next.cancel('client_gone')
})

test('the policy says who may, at the answer and again at the release', async () => {
  permitted = ({ subject }) => subject !== 'dba-1'
  const { id, hold, outcome, outcomes } = await open()
  const refused = await one.answer(id, await answer(hold, dba))
  assert.equal(refused.ok ? '' : refused.code, 'not_permitted')
  assert.deepEqual(await one.answer(id, await answer(hold, second)), { ok: true, status: 'approved' })
  assert.equal((await outcome).on, 'approved')
  // an answer written into the store past the service is looked at again, and does not count
  const sneaked = await open()
  await storage.addAnswer({
    holdId: sneaked.id,
    approver: 'x',
    answer: 'approve',
    atMs: nowMs,
    body: await answer(sneaked.hold, dba),
  })
  await new Promise(setImmediate)
  assert.deepEqual(sneaked.outcomes, [])
  sneaked.cancel('client_gone')
  permitted = () => true
  assert.equal(outcomes.length, 1)
})

test('an approval for what was cancelled or has expired is too late', async () => {
  const gone = await open()
  gone.cancel('client_gone')
  const late = await open()
  const [forGone, forLate] = [await answer(gone.hold, dba), await answer(late.hold, dba)]
  await new Promise(setImmediate)
  const first = await one.answer(gone.id, forGone)
  assert.equal(first.ok ? '' : first.code, 'not_open')
  nowMs += 61_000
  const then = await one.answer(late.id, forLate)
  assert.equal(then.ok ? '' : then.code, 'late')
  assert.deepEqual([...gone.outcomes, ...late.outcomes], [])
  late.cancel('expired')
})

/** Nothing may be undecided for longer, however busy the machine is. */
const settleMs = 60_000

test('two hundred races of two approvers, a cancellation and an expiry: at most one end each, none lost', async () => {
  let approved = 0
  for (let round = 0; round < 200; round++) {
    const { id, hold, outcomes, cancel } = await open()
    const answers = [await answer(hold, dba), await answer(hold, second)]
    const moves: (() => unknown)[] = [
      () => one.answer(id, answers[0] ?? ''),
      () => two.answer(id, answers[1] ?? ''),
      ...(round % 3 === 0 ? [() => cancel('client_gone')] : []),
      ...(round % 3 === 1 ? [() => cancel('expired')] : []),
    ]
    const order = moves.map((move, index) => ({ move, rank: (index * 7 + round * 13) % 11 }))
    await Promise.all(order.sort((a, b) => a.rank - b.rank).map(({ move }) => move()))
    // Signatures are checked by other threads, which may be busy.
    const untilMs = Date.now() + settleMs
    const isUndecided = async (): Promise<boolean> => {
      const now = (await storage.hold(id))?.status
      return now === 'open' || (now === 'released' && outcomes.length === 0)
    }
    for (let turn = 0; turn < 20 || ((await isUndecided()) && Date.now() < untilMs); turn++)
      await new Promise(setImmediate)
    const status = (await storage.hold(id))?.status
    assert.ok(outcomes.length <= 1)
    if (outcomes[0]?.on === 'approved') approved++
    else assert.notEqual(status, 'released', 'released without being told')
    assert.notEqual(status, 'open', `round ${round} is lost`)
  }
  assert.ok(approved > 0)
})

test('in a store of its own, what an earlier run of a gateway left open is ended at its next start', async () => {
  const own = openEmbeddedStorage(':memory:')
  await own.beat('earlier')
  const left = {
    id: 'left',
    run: 'earlier',
    sessionId: 's',
    digest: 'd',
    createdAtMs: 1,
    expiresAtMs: nowMs + 1,
    body: '',
  }
  await own.openHold(left)
  await own.openHold({ ...left, id: 'without a beat', run: 'older' })
  const next = service('gate-1', own)
  await next.start()
  assert.equal((await own.hold('left'))?.status, 'cancelled')
  assert.equal((await own.hold('without a beat'))?.status, 'cancelled')
  await next.close()
  await own.close()
})

test('a quorum larger than the configuration allows is not asked for', async () => {
  assert.throws(() => one.open(requestOf(11, {}), () => undefined), RangeError)
  const { cancel } = await open(10)
  cancel('client_gone')
})

test('a thousand holds are listed', async () => {
  const opened = await Promise.all(Array.from({ length: 1000 }, () => open()))
  assert.equal((await two.holds()).length, 1000)
  for (const { cancel } of opened) cancel('client_gone')
})

test('a thousand holds at one gate cost less than 20 MB', async () => {
  const { holds, megabytes, alone, beside } = await thousandHolds(1)
  process.stdout.write(
    `${holds} holds: ${megabytes.toFixed(1)} MB; another session ${alone.middle.toFixed(1)} us without them, ${beside.middle.toFixed(1)} us beside them\n`,
  )
  assert.equal(holds, 1000)
  assert.ok(megabytes < 20, `${megabytes} MB`)
})
