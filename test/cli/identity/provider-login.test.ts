// `sallyport login` at a real OpenID provider implementation: discovery, client credentials, and the device flow up to
// where a person would answer.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import Provider from 'oidc-provider'
import { clientToken } from '../../../cli/identity/client-token.ts'
import { login } from '../../../cli/identity/login.ts'
import { LoginError, type LoginPorts } from '../../../cli/identity/oidc-client.ts'

const home = mkdtempSync(join(tmpdir(), 'sallyport-provider-'))
const environment = { SALLYPORT_HOME: home, CLIENT_SECRET: 'for-this-test+only/%' }
const resource = 'https://gate.example'
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
        client_secret: environment.CLIENT_SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
      {
        client_id: 'terminal',
        token_endpoint_auth_method: 'none',
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context: unknown, asked: string) => ({
          scope: 'orders:read orders:write',
          audience: asked,
          accessTokenTTL: 600,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
    },
  })
  const callback = provider.callback()
  close = () => {
    server.closeAllConnections()
    server.close()
  }
})
after(() => {
  close()
  rmSync(home, { recursive: true })
})
let now = Date.now()
const said: string[] = []
const ports = (wait: LoginPorts['wait']): LoginPorts => ({
  fetch,
  nowMs: () => now,
  wait,
  say: (line) => said.push(line),
})
const more = [
  ['scope', 'orders:read'],
  ['resource', resource],
] as const
const noWait = (): Promise<void> => assert.fail('nothing to wait for')

test('client credentials: a secret with every kind of sign is sent as the provider reads it', async () => {
  const asked = { issuer: url, clientId: 'ci-job', clientSecret: 'env:CLIENT_SECRET', more, name: 'ci' }
  await login(ports(noWait), environment, asked)
  const { client_id, scope, aud } = decodeJwt(await clientToken(ports(noWait), { environment, reference: 'login:ci' }))
  assert.deepEqual({ client_id, scope, aud }, { client_id: 'ci-job', scope: 'orders:read', aud: resource })
  await assert.rejects(
    login(ports(noWait), { ...environment, CLIENT_SECRET: 'wrong' }, asked),
    (error: unknown) => error instanceof LoginError && /invalid_client/.test(error.message),
  )
})

test('the device flow is begun, waited for, and ends when nobody answers', async () => {
  let polls = 0
  const wait = async (ms: number): Promise<void> => {
    polls++
    now += ms * 40
  }
  await assert.rejects(
    login(ports(wait), environment, { issuer: url, clientId: 'terminal', more, name: 'person' }),
    (error: unknown) => error instanceof LoginError && /in time|expired/.test(error.message),
  )
  assert.ok(polls > 0)
  assert.match(said.at(-1) ?? '', new RegExp(`^open ${url}/device and enter [A-Z]{4}-[A-Z]{4}$`))
})
