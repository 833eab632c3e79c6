// Tokens turned back: for whom, under which policy, and what the record says.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type TestContext, test } from 'node:test'
import { unmaskedMax, unmaskRoute } from '../../cli/serve/unmask.ts'
import { maskText } from '../../engine/masking/index.ts'
import type { MaskingConfig, ResourceConfig } from '../../proxy/config/index.ts'
import { createGate } from '../../proxy/gate/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { gateParts, results } from '../support/gate.ts'

const key = Buffer.from('key of the masks')
const value = '4111-1111-1111-1111'
const token = maskText('tokenize', value, key) ?? ''

function resource(masking: MaskingConfig): ResourceConfig {
  return {
    name: 'orders',
    protocol: 'postgres',
    labels: {},
    masking,
    recording: { wire: true, terminal: true },
    limits: {},
    upstream: {
      host: 'db.example',
      port: 5432,
      database: 'orders',
      user: 'gateway',
      tls: { mode: 'disable' },
      connectMs: 60_000,
      protection: 'inline',
      catalogRefreshMs: 1000,
      warmMs: 0,
      rowEstimates: false,
    },
  }
}

interface Asked {
  readonly ask: (
    body: unknown,
    bearer?: string,
  ) => Promise<{ readonly status: number; readonly body: { readonly [name: string]: unknown } }>
  readonly parts: ReturnType<typeof gateParts>
}

async function serving(t: TestContext, masking: MaskingConfig, scopes: readonly string[]): Promise<Asked> {
  const parts = gateParts({})
  const identity = { ...sampleDocument().identity, scopes }
  const route = unmaskRoute({
    resources: () => [resource(masking)],
    gate: createGate(parts),
    authenticator: {
      authenticate: async (credential) =>
        credential.kind === 'token' && credential.token === 'good'
          ? { ok: true, identity }
          : { ok: false, refusal: { code: 'token', message: 'the token is not accepted' } },
    },
    resolve: async () => key.toString(),
    onError: (error) => assert.fail(String(error)),
  })
  const server = createServer((request, response) => {
    if (!route(request, response, request.url ?? '')) response.writeHead(404).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1/unmask`
  return {
    parts,
    ask: async (body, bearer = 'good') => {
      const headers = { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' }
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      return { status: answer.status, body: JSON.parse(await answer.text()) }
    },
  }
}

const may: MaskingConfig = { hashKey: 'file:hash.key', unmaskScope: 'cards:unmask' }

test('turns tokens back for the scope and policy that allow it, and records the tokens and never the values', async (t) => {
  const { ask, parts } = await serving(t, may, ['cards:unmask'])
  const { status, body } = await ask({ resource: 'orders', tokens: [token, 'abc'] })
  assert.equal(status, 200)
  assert.deepEqual(body['values'], [value, null])
  const recorded = JSON.stringify([...parts.recorder.sessions.values()])
  assert.ok(recorded.includes(token), recorded)
  assert.ok(!recorded.includes(value))
})

test('refuses whoever lacks the scope, and a resource where nobody has it', async (t) => {
  const asked = { resource: 'orders', tokens: [token] }
  const without = await serving(t, may, ['cards:read'])
  assert.equal((await without.ask(asked)).status, 403)
  const nobody = await serving(t, { hashKey: 'file:hash.key' }, ['cards:unmask'])
  assert.equal((await nobody.ask(asked)).status, 403)
  const keyless = await serving(t, { unmaskScope: 'cards:unmask' }, ['cards:unmask'])
  assert.equal((await keyless.ask(asked)).status, 403)
  assert.equal((await without.ask({ ...asked, resource: 'other' })).status, 403)
  assert.equal((await without.ask(asked, 'bad')).status, 401)
})

test('refuses what the policy denies, holds or masks', async (t) => {
  const { ask, parts } = await serving(t, may, ['cards:unmask'])
  const masked = { ...results.allow, mask: [{ column: 'public.cards.number', with: 'tokenize' }] }
  for (const answer of [results.deny, masked]) {
    parts.live.answer = () => answer
    const { status, body } = await ask({ resource: 'orders', tokens: [token] })
    assert.equal(status, 403)
    assert.ok(!JSON.stringify(body).includes(value))
  }
})

test('refuses a body that is none, and too many tokens', async (t) => {
  const { ask } = await serving(t, may, ['cards:unmask'])
  for (const body of [
    [],
    { resource: 'orders' },
    { resource: 'orders', tokens: [] },
    { resource: 'orders', tokens: [1] },
    { resource: 'orders', tokens: Array.from({ length: unmaskedMax + 1 }, () => token) },
  ])
    assert.equal((await ask(body)).status, 400, JSON.stringify(body).slice(0, 60))
})
