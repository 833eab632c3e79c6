// Verified against a real OpenID provider implementation: discovery, its key set, client credentials, JWT access tokens.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'
import { type Issuer, TokenAuthenticator } from '../../../proxy/identity/index.ts'

let url = ''
let close: () => void = () => undefined
before(async () => {
  const server = createServer((request, response) => callback(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const provider = new Provider(url, {
    jwks: { keys: [{ ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256', kid: 'p1' }] },
    clients: [
      {
        client_id: 'ci-job',
        client_secret: 'for-this-test-only',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, resource: string) => ({
          scope: 'orders:read orders:write',
          audience: resource,
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  const callback = provider.callback()
  close = () => server.close()
})
after(() => close())

async function token(scope: string, resource = 'https://gate.example'): Promise<string> {
  const response = await fetch(`${url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from('ci-job:for-this-test-only').toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope, resource }),
  })
  const body: { access_token?: string } = JSON.parse(await response.text())
  assert.ok(body.access_token, JSON.stringify(body))
  return body.access_token
}

const verifier = (change: Partial<Issuer> = {}): TokenAuthenticator =>
  new TokenAuthenticator(
    [
      {
        name: 'provider',
        issuer: url,
        audiences: ['https://gate.example'],
        algorithms: ['RS256'],
        kind: 'ci',
        claims: { subject: 'client_id', scopes: 'scope' },
        lifetimeMaxMs: 3_600_000,
        required: {},
        ...change,
      },
    ],
    { clockSkewMs: 5000, nowMs: Date.now },
  )

test("a provider's access token is verified by discovery", async () => {
  const answer = await verifier().authenticate({ kind: 'token', token: await token('orders:read') })
  assert.ok(answer.ok, answer.ok ? '' : answer.refusal.message)
  const { subject, kind, scopes, issuer } = answer.identity
  assert.deepEqual(
    { subject, kind, scopes, issuer },
    { subject: 'ci-job', kind: 'ci', scopes: ['orders:read'], issuer: url },
  )
})

test('the same token is refused for another audience, algorithm or lifetime', async () => {
  const one = await token('orders:read')
  const code = async (change: Partial<Issuer>) => {
    const answer = await verifier(change).authenticate({ kind: 'token', token: one })
    return answer.ok ? 'accepted' : answer.refusal.code
  }
  assert.equal(await code({ audiences: ['https://other.example'] }), 'claim')
  assert.equal(await code({ algorithms: ['ES256'] }), 'algorithm')
  assert.equal(await code({ lifetimeMaxMs: 60_000 }), 'lifetime')
  const elsewhere = await verifier().authenticate({
    kind: 'token',
    token: await token('orders:read', 'https://x.example'),
  })
  assert.equal(elsewhere.ok ? '' : elsewhere.refusal.code, 'claim')
})
