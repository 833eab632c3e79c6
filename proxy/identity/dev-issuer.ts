// An issuer for development: keys made at start, on loopback only, unfit for production and saying so.
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'
import type { IdentityKind } from '../../engine/action/index.ts'

/** What a development token says. */
export interface DevToken {
  readonly subject: string
  readonly kind: IdentityKind
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  readonly lifetimeSeconds: number
}

/** A running development issuer. */
export interface DevIssuer {
  readonly url: string
  readonly audience: string
  readonly jwks: JSONWebKeySet
  token(token: DevToken): Promise<string>
  close(): Promise<void>
}

/** Lifetime of development tokens at the most. */
export const devTokenSecondsMax = 3600

/** Starts one on a free loopback port. Throws in production. */
export async function startDevIssuer(port = 0, audience = 'sallyport'): Promise<DevIssuer> {
  if (process.env['NODE_ENV'] === 'production') throw new Error('the development issuer does not run in production')
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwks: JSONWebKeySet = { keys: [{ ...(await exportJWK(publicKey)), kid: 'dev', alg: 'ES256', use: 'sig' }] }
  let url = ''
  const server = createServer((request, response) => {
    const answers: { readonly [path: string]: () => object } = {
      '/.well-known/openid-configuration': () => ({
        issuer: url,
        jwks_uri: `${url}/jwks`,
        id_token_signing_alg_values_supported: ['ES256'],
        'x-development-only': true,
      }),
      '/jwks': () => jwks,
    }
    const answer = request.method === 'GET' ? answers[request.url ?? ''] : undefined
    response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer?.() ?? { error: 'not_found' }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : port}`
  return {
    url,
    audience,
    jwks,
    token: ({ subject, kind, groups, scopes, lifetimeSeconds }) =>
      new SignJWT({ kind, groups, scope: scopes.join(' ') })
        .setProtectedHeader({ alg: 'ES256', kid: 'dev', typ: 'at+jwt' })
        .setIssuer(url)
        .setAudience(audience)
        .setSubject(subject)
        .setJti(randomUUID())
        .setIssuedAt()
        .setExpirationTime(`${Math.min(lifetimeSeconds, devTokenSecondsMax)}s`)
        .sign(privateKey),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
}
