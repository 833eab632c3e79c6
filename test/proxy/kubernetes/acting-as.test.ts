// Identities that act as service accounts of the cluster: by tokens that it gives out, kept while they are good.
import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { after, before, beforeEach, test } from 'node:test'
import { AccountTokens } from '../../../proxy/kubernetes/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { results } from '../../support/gate.ts'
import { ask, type KubeGateway, startKubeGateway } from '../../support/kube-gateway.ts'
import { acceptStream, openStream } from '../../support/kube-streams.ts'
import { json } from '../../support/kube-upstream.ts'

const accounts = [
  { group: 'ops', namespace: 'agents', name: 'operator' },
  { group: 'dev', namespace: 'agents', name: 'developer' },
]
const second = 1000

/** A cluster that gives out tokens `t1`, `t2`, ... for an hour. */
function giving(more: { readonly status?: number; readonly body?: string } = {}): {
  readonly asked: string[]
  readonly tokens: AccountTokens
  readonly pass: (ms: number) => void
} {
  let nowMs = Date.UTC(2026, 0, 1)
  const asked: string[] = []
  const tokens = new AccountTokens({
    accounts,
    seconds: 3600,
    nowMs: () => nowMs,
    send: ({ method, target, body }) => {
      asked.push(`${method} ${target} ${Buffer.from(body).toString()}`)
      const expirationTimestamp = new Date(nowMs + 3600 * second).toISOString()
      const text = more.body ?? JSON.stringify({ status: { token: `t${asked.length}`, expirationTimestamp } })
      const answer = Readable.from([Buffer.from(text)])
      return Promise.resolve(Object.assign(answer, { statusCode: more.status ?? 201 }))
    },
  })
  return {
    asked,
    tokens,
    pass: (ms) => {
      nowMs += ms
    },
  }
}

const identity = (...groups: readonly string[]): ReturnType<typeof sampleDocument>['identity'] => ({
  ...sampleDocument().identity,
  groups,
})

test('a token is asked for once, for the first account whose group is theirs, and again before it ends', async () => {
  const { asked, tokens, pass } = giving()
  const all = await Promise.all([
    tokens.of(identity('dev')),
    tokens.of(identity('x', 'dev')),
    tokens.of(identity('dev')),
  ])
  assert.deepEqual(all, ['t1', 't1', 't1'])
  assert.deepEqual(asked, [
    'POST /api/v1/namespaces/agents/serviceaccounts/developer/token ' +
      '{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}',
  ])
  assert.equal(await tokens.of(identity('dev', 'ops')), 't2')
  assert.match(asked[1] ?? '', /serviceaccounts\/operator\/token/)
  pass(2600 * second)
  assert.equal(await tokens.of(identity('dev')), 't1')
  pass(200 * second)
  assert.equal(await tokens.of(identity('dev')), 't3')
})

test('who is in none of the groups has no account', async () => {
  const { asked, tokens } = giving()
  await assert.rejects(tokens.of(identity('other')), /no service account/)
  await assert.rejects(tokens.of(identity()), /no service account/)
  assert.equal(asked.length, 0)
})

test('an answer that holds no token is none, and is asked for again', async () => {
  const until = '2026-01-01T01:00:00Z'
  const bad = [
    { status: 403 },
    { body: 'no JSON' },
    { body: '{}' },
    { body: '{"status":{"token":7}}' },
    { body: '{"status":{"token":"t"}}' },
    { body: JSON.stringify({ status: { token: 't\r\nImpersonate-User: root', expirationTimestamp: until } }) },
    { body: JSON.stringify({ status: { token: 'x'.repeat(70_000), expirationTimestamp: until } }) },
  ]
  for (const more of bad) {
    const { asked, tokens } = giving(more)
    for (const _ of [1, 2]) await assert.rejects(tokens.of(identity('dev')), /gives out no token/)
    assert.equal(asked.length, 2)
  }
})

let gateway: KubeGateway
before(async () => {
  gateway = await startKubeGateway({ target: { tokens: giving().tokens } })
})
after(() => gateway.close())
beforeEach(() => {
  gateway.upstream.seen.length = 0
  gateway.parts.live.answer = () => results.allow
  gateway.upstream.answer = json({ kind: 'Pod', metadata: { name: 'web' } })
  gateway.upstream.upgrade = (request, socket) => void acceptStream(request, socket)
})

function sent(): readonly (readonly [string, string | undefined, boolean])[] {
  return gateway.upstream.seen.map(({ url, headers }) => {
    const all = new Map(headers.map(([name, value]) => [name.toLowerCase(), value]))
    return [
      url.split('?')[0] ?? '',
      all.get('authorization'),
      [...all.keys()].some((name) => name.startsWith('impersonate')),
    ]
  })
}

test('requests and streams go upstream with the token of the account, and impersonate nobody', async () => {
  await ask(gateway, 'GET', '/api/v1/namespaces/shop/pods/web')
  const exec = '/api/v1/namespaces/shop/pods/web/exec'
  const stream = await openStream(gateway.port, `${exec}?stdout=true&command=ls`, 'websocket', 'v5.channel.k8s.io')
  assert.ok('peer' in stream)
  stream.peer.socket.destroy()
  assert.deepEqual(sent(), [
    ['/api/v1/namespaces/shop/pods/web', 'Bearer t1', false],
    [exec, 'Bearer t1', false],
  ])
})

test('whoever has no account reaches nothing', async () => {
  const { identity: before_ } = gateway
  gateway.identity = { ...before_, groups: ['nobody'] }
  const answer = await ask(gateway, 'GET', '/api/v1/namespaces/shop/pods/web')
  gateway.identity = before_
  assert.equal(answer.status, 403)
  assert.match(answer.body, /no service account/)
  assert.deepEqual(sent(), [])
})
