// Answers that the gateway signs: for people who log in, and for buttons pressed in a chat.
import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Identity } from '../../../engine/action/index.ts'
import type { Approver } from '../../../engine/approval/index.ts'
import {
  type ApprovalsParts,
  approvalRoutes,
  Chat,
  type ChatCallbacks,
  chatRoute,
  type OpenHold,
  signCallback,
  Vouching,
  vouchingKey,
} from '../../../proxy/approvals/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { Desk, type DeskHold, person } from '../../support/approval-desk.ts'

const key = (): string => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const [gatewayKey, otherKey] = [vouchingKey(key()), vouchingKey(key())]
const people = 'https://people.example'
const { identity } = sampleDocument()
const desk = new Desk([person('dba-1', ['dba'])])
const one = desk.service('gate-1', { gatewayKey: () => gatewayKey.publicKey })
const two = desk.service('gate-2', { gatewayKey: () => gatewayKey.publicKey })
/** What became of people since they answered. */
let since: ApprovalsParts['known'] = (approver) => approver
const late = desk.service('gate-4', {
  gatewayKey: () => gatewayKey.publicKey,
  known: (approver, said) => since(approver, said),
})
const blind = desk.service('gate-3')

/** Logins by their token. */
const logins: { readonly [token: string]: Identity } = {
  person: { ...identity, issuer: people, subject: 'dba-2', kind: 'human', groups: ['dba'], chain: [] },
  outsider: { ...identity, issuer: people, subject: 'sales-1', kind: 'human', groups: ['sales'], chain: [] },
  revoked: { ...identity, issuer: people, subject: 'dba-9', kind: 'human', groups: ['dba'], chain: [] },
  agent: { ...identity, issuer: people, subject: 'agent-9', kind: 'agent', groups: ['dba'], chain: [] },
  delegated: { ...identity, issuer: people, subject: 'dba-3', kind: 'human', groups: ['dba'] },
  elsewhere: {
    ...identity,
    issuer: 'https://other.example',
    subject: 'dba-2',
    kind: 'human',
    groups: ['dba'],
    chain: [],
  },
  requester: { ...identity, kind: 'human', groups: ['dba'], chain: [] },
}
const vouching = new Vouching({
  key: () => gatewayKey,
  authenticator: {
    authenticate: async (credential) => {
      const found = credential.kind === 'token' ? logins[credential.token] : undefined
      return found === undefined
        ? { ok: false, refusal: { code: 'bad_token', message: 'no' } }
        : { ok: true, identity: found }
    },
  },
  bars: ({ subject }) => (subject === 'dba-9' ? 'the identity was revoked' : undefined),
  loginIssuers: () => [people, identity.issuer],
  holdMsMax: 3_600_000,
  nowMs: () => desk.nowMs,
})
const secret = 'signing secret'
const callbacks: ChatCallbacks = {
  signingSecret: () => Promise.resolve(secret),
  people: [
    { user: 'U1', team: 'T1', issuer: people, subject: 'dba-2', groups: ['dba'] },
    { user: 'U2', issuer: people, subject: 'dba-3', groups: ['dba'] },
    { user: 'U3', issuer: identity.issuer, subject: identity.subject, groups: ['dba'] },
  ],
}
let configured: ChatCallbacks | undefined = callbacks
const told: { readonly url: string; readonly text: string }[] = []
const errors: unknown[] = []
const chat = chatRoute({
  chat: new Chat({
    callbacks: () => configured,
    nowMs: () => desk.nowMs,
    useOnce: (name, untilMs) => desk.storage.useOnce(name, untilMs),
  }),
  approvals: two,
  vouching,
  fetch: (url, init) => {
    told.push({ url: String(url), text: JSON.parse(String(init?.body)).text })
    return Promise.resolve(new Response('ok'))
  },
  respondBelow: 'https://hooks.slack.com/',
  onError: (error) => errors.push(error),
})
const api = approvalRoutes(one, vouching, (error) => errors.push(error))
let server: Server
let base = ''
before(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? ''
    if (!chat(request, response, path) && !api(request, response, path)) response.writeHead(404).end()
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(async () => {
  server.close()
  server.closeAllConnections()
  await desk.close()
  assert.deepEqual([...desk.failures, ...errors], [])
})

/** What the one answer in a recorded proof claims. */
function claimsOf(detail: string): { subject: string; by: string; hold: string; statement: string } {
  const [jws = '']: string[] = JSON.parse(detail).answers
  return JSON.parse(Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString())
}
const open = (): Promise<DeskHold> => desk.open(one, sampleDocument())
const post = async (path: string, body: unknown): Promise<readonly [number, string]> => {
  const response = await fetch(`${base}${path}`, { method: 'POST', body: JSON.stringify(body) })
  const reply: { status?: string; code?: string } = JSON.parse(await response.text())
  return [response.status, reply.code ?? String(reply.status)]
}
const spoken = ({ digest }: OpenHold, login: string, verdict = 'approve') => ({
  login,
  statement: digest,
  verdict,
  reason: 'not today',
})

test('a person who has logged in answers, and the proof is by the gateway and names them', async () => {
  const { id, hold, outcome } = await open()
  assert.deepEqual(await post(`/v1/approvals/${id}/answers`, spoken(hold, 'person')), [200, 'approved'])
  const result = await outcome
  assert.equal(result.on, 'approved')
  const claims = claimsOf(result.detail)
  assert.deepEqual([claims.subject, claims.by, claims.hold, claims.statement], ['dba-2', 'login', id, hold.digest])
  const denied = await open()
  assert.deepEqual(await post(`/v1/approvals/${denied.id}/answers`, spoken(denied.hold, 'person', 'deny')), [
    200,
    'denied',
  ])
  const no = await denied.outcome
  assert.equal(no.on === 'denied' ? no.message : '', 'not today')
})

for (const [login, code] of [
  ['revoked', 'login'],
  ['agent', 'login'],
  ['delegated', 'login'],
  ['elsewhere', 'login'],
  ['nobody', 'login'],
  ['outsider', 'not_a_reviewer'],
  ['requester', 'own_action'],
] as const) {
  test(`refuses the login of ${login}`, async () => {
    const { id, hold, outcomes, cancel } = await open()
    assert.deepEqual(await post(`/v1/approvals/${id}/answers`, spoken(hold, login)), [403, code])
    assert.deepEqual(outcomes, [])
    cancel('client_gone')
  })
}

const halfHour = 1_800_000
const signed = async ({ id, hold }: DeskHold, subject: string, by: 'login' | 'chat' = 'login'): Promise<string> => {
  const answer = { hold: id, statement: hold.digest, verdict: 'approve', reason: '' } as const
  return (await vouching.sign({ issuer: people, subject, groups: ['dba'] }, by, answer)) ?? ''
}

test('of two people the second may answer much later than the first, while the hold waits', async () => {
  const held = await desk.open(late, sampleDocument(), 2, 'ddl', 2 * halfHour)
  assert.deepEqual(await late.answer(held.id, await signed(held, 'dba-2')), { ok: true, status: 'waiting' })
  desk.nowMs += halfHour
  assert.deepEqual(await late.answer(held.id, await signed(held, 'dba-3', 'chat')), { ok: true, status: 'approved' })
  assert.equal((await held.outcome).on, 'approved')
})

test('who was revoked, or lost the group, after they answered does not count when the second person does', async () => {
  for (const became of [() => undefined, (approver: Approver) => ({ ...approver, groups: [] })]) {
    const held = await desk.open(late, sampleDocument(), 2, 'ddl', 2 * halfHour)
    const atMs = desk.nowMs
    assert.deepEqual(await late.answer(held.id, await signed(held, 'dba-2')), { ok: true, status: 'waiting' })
    desk.nowMs += halfHour
    const asked = new Map<string, unknown>()
    since = (approver, said) => {
      asked.set(approver.subject, said)
      return approver.subject === 'dba-2' ? became(approver) : approver
    }
    assert.deepEqual(await late.answer(held.id, await signed(held, 'dba-3', 'chat')), { ok: true, status: 'waiting' })
    assert.deepEqual(asked.get('dba-3'), { by: 'chat', atMs: desk.nowMs })
    assert.deepEqual(asked.get('dba-2'), { by: 'login', atMs })
    assert.deepEqual(held.outcomes, [])
    since = (approver) => approver
    held.cancel('client_gone')
  }
})

test('a login answers what it was shown and nothing else, and says yes or no', async () => {
  const { id, hold, cancel } = await open()
  const path = `/v1/approvals/${id}/answers`
  assert.deepEqual(await post(path, { ...spoken(hold, 'person'), statement: 'x' }), [403, 'other_action'])
  assert.equal((await post(path, { ...spoken(hold, 'person'), verdict: 'maybe' }))[0], 400)
  assert.equal((await post(path, { ...spoken(hold, 'person'), statement: undefined }))[0], 400)
  cancel('client_gone')
})

test('an answer that another gateway key signed, or none is configured for, counts for nothing', async () => {
  const { id, hold, outcomes, cancel } = await open()
  const known = { issuer: people, subject: 'dba-2', groups: ['dba'] }
  const answer = { hold: id, statement: hold.digest, verdict: 'approve', reason: '' } as const
  const parts = {
    authenticator: { authenticate: () => Promise.reject(new Error('no')) },
    bars: () => undefined,
    loginIssuers: () => [],
    holdMsMax: 3_600_000,
  }
  const by = (vouches: typeof gatewayKey | undefined) =>
    new Vouching({ ...parts, key: () => vouches, nowMs: () => desk.nowMs }).sign(known, 'login', answer)
  const forged = (await by(otherKey)) ?? ''
  const refused = await one.answer(id, forged)
  assert.equal(refused.ok ? 'taken' : refused.code, 'signature')
  assert.equal(await by(undefined), undefined)
  const good = (await by(gatewayKey)) ?? ''
  const unheard = await blind.answer(id, good)
  assert.equal(unheard.ok ? 'taken' : unheard.code, 'unknown_approver')
  // what stands in the store is checked again
  await desk.storage.addAnswer({ holdId: id, approver: 'x', answer: 'approve', atMs: desk.nowMs, body: forged })
  assert.deepEqual(outcomes, [])
  assert.deepEqual(await one.answer(id, good), { ok: true, status: 'approved' })
  cancel('client_gone')
})

interface Press {
  readonly user?: string
  readonly team?: string
  readonly action?: string
  readonly value?: string
  readonly atSeconds?: number
  readonly signature?: string
  readonly body?: string
}
/** A press of a button, as the chat sends it. */
async function press({ id, hold }: DeskHold, change: Press = {}): Promise<number> {
  const payload = {
    type: 'block_actions',
    user: { id: change.user ?? 'U1', team_id: change.team ?? 'T1' },
    response_url: `https://hooks.slack.com/actions/${randomUUID()}`,
    actions: [
      {
        action_id: change.action ?? 'sallyport.approve',
        value: change.value ?? JSON.stringify({ hold: id, digest: hold.digest }),
      },
    ],
  }
  const body = change.body ?? new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  const stamp = String(change.atSeconds ?? Math.floor(desk.nowMs / 1000))
  const response = await fetch(`${base}/v1/chat/actions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': stamp,
      'x-slack-signature': change.signature ?? signCallback(secret, stamp, body),
    },
    body,
  })
  await response.arrayBuffer()
  return response.status
}

test('a button approves for the person that the user is here, once, and the chat is told', async () => {
  told.length = 0
  const asked = await open()
  assert.equal(await press(asked), 200)
  const result = await asked.outcome
  assert.equal(result.on, 'approved')
  assert.equal(claimsOf(result.detail).by, 'chat')
  assert.equal(told[0]?.text, 'dba-2: approved')
  const denied = await open()
  assert.equal(await press(denied, { action: 'sallyport.deny', user: 'U2' }), 200)
  const no = await denied.outcome
  assert.equal(no.on === 'denied' ? no.message : '', 'denied by dba-3')
})

test('a signature of the same moment counts once', async () => {
  const asked = await desk.open(one, sampleDocument(), 2)
  const payload = {
    type: 'block_actions',
    user: { id: 'U1', team_id: 'T1' },
    actions: [{ action_id: 'sallyport.approve', value: JSON.stringify({ hold: asked.id, digest: asked.hold.digest }) }],
  }
  const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  assert.deepEqual([await press(asked, { body }), await press(asked, { body })], [200, 401])
  asked.cancel('client_gone')
})

const stamp = Math.floor(desk.nowMs / 1000)
const refused: readonly [string, Press, number][] = [
  ['older than five minutes', { atSeconds: stamp - 301 }, 401],
  ['from the future', { atSeconds: stamp + 301 }, 401],
  ['of no time', { atSeconds: Number.NaN }, 401],
  ['that is not signed', { signature: '' }, 401],
  ['signed with another secret', { signature: signCallback('other', String(stamp), 'x') }, 401],
  ['by a user who is nobody here', { user: 'U9' }, 401],
  ['by a user of another workspace', { team: 'T2' }, 401],
  ['of another button', { action: 'other.app' }, 400],
  ['that names no hold', { value: '{}' }, 400],
  ['whose value is no JSON', { value: 'x' }, 400],
  ['without a payload', { body: 'a=b' }, 400],
]
for (const [name, change, status] of refused) {
  test(`refuses a press ${name}`, async () => {
    const asked = await open()
    assert.equal(await press(asked, change), status)
    assert.deepEqual(asked.outcomes, [])
    assert.equal((await desk.storage.hold(asked.id))?.status, 'open')
    asked.cancel('client_gone')
  })
}

test('a press for oneself, or for what was not shown, is taken and answers nothing', async () => {
  told.length = 0
  const asked = await open()
  assert.equal(await press(asked, { user: 'U3' }), 200)
  assert.equal(await press(asked, { value: JSON.stringify({ hold: asked.id, digest: 'x' }) }), 200)
  assert.deepEqual(asked.outcomes, [])
  assert.deepEqual(
    told.map(({ text }) => text.replace(/^[^:]*: /, '')),
    [
      'nobody approves their own action, or one of an agent that acts for them',
      'the answer is for another action: look at the hold again',
    ],
  )
  asked.cancel('client_gone')
})

test('where no chat is configured there is no callback', async () => {
  configured = undefined
  const asked = await open()
  assert.equal(await press(asked), 404)
  configured = callbacks
  asked.cancel('client_gone')
})
