// Random claims at the mapper, and random requests at the exchange: an identity is bounded or refused in words, and a
// child never has more than its parent, whatever was asked for and however tokens were bent.
import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Identity } from '../../engine/action/index.ts'
import { ClaimError, chainMax, identityOf, listMax, resourcesOf } from '../../engine/principal/index.ts'
import { type ExchangeParts, exchange } from '../../proxy/identity/exchange.ts'
import { exchangeIssuer, exchangeKeys, TokenAuthenticator } from '../../proxy/identity/index.ts'

/** The fuzzer's name. */
export const name = 'identity'

const now = Date.parse('2026-01-05T10:00:00Z')
const root = 'https://issuer.example'
const gate = 'https://gate.example'
const limits = { lifetimeMaxMs: 900_000, depthMax: 4 }
const scopes = ['orders:read', 'orders:write', 'admin', 'x y', '', '\u202e', 'a'.repeat(200)]
const resources = ['orders', 'stock', 'billing', '', '../x', 'a,b']
const depthMost = 24

type Random = () => number
const pick = <T>(random: Random, from: readonly [T, ...T[]]): T => from[Math.floor(random() * from.length)] ?? from[0]
const some = <T>(random: Random, from: readonly T[]): readonly T[] => from.filter(() => random() < 0.3)

/** A value of JSON, now and then deep or long. */
function value(random: Random, depth = 0): unknown {
  const kind = random()
  if (kind < 0.5 || depth > depthMost)
    return pick<unknown>(random, [
      null,
      true,
      0,
      -1,
      1e308,
      '',
      'a',
      'agent',
      'a b',
      '\0',
      '__proto__',
      'x'.repeat(1100),
    ])
  // Now and then a long list or a deep one; a tree that is both would never end.
  if (kind < 0.52) return Array.from({ length: Math.floor(random() * 400) }, () => pick(random, ['a', `x${random()}`]))
  if (kind < 0.56) return deep(random)
  if (kind < 0.75) return Array.from({ length: Math.floor(random() * 3) }, () => value(random, depth + 1))
  return Object.fromEntries(
    Array.from({ length: Math.floor(random() * 3) }, () => [
      pick(random, ['sub', 'act', 'iss', 'scope', 'kind', 'groups', 'a.b', '__proto__', 'constructor']),
      value(random, depth + 1),
    ]),
  )
}

/** An `act` that nests, as deep as any. */
function deep(random: Random): unknown {
  let act: unknown = { sub: 'x' }
  for (let hops = Math.floor(random() * depthMost); hops > 0; hops--) act = { sub: pick(random, ['a', 'b', '']), act }
  return act
}

function claims(random: Random): { readonly [name: string]: unknown } {
  const names = ['sub', 'iss', 'scope', 'groups', 'kind', 'act', 'exp', 'iat', 'jti', 'cnf', '_claim_names', 'a']
  const made: [string, unknown][] = some(random, names).map((one) => [one, value(random)])
  const good: [string, unknown][] =
    random() < 0.7
      ? [
          ['sub', 'agent'],
          ['exp', now / 1000 + 60],
        ]
      : []
  return Object.fromEntries([...made, ...good])
}

/** Why an identity breaks what was promised of it. */
function objection(identity: Identity): string | undefined {
  const links = [...identity.chain, identity]
  if (identity.chain.length > chainMax) return 'the chain is too long'
  if (links.some(({ subject }) => typeof subject !== 'string' || subject === '' || subject.length > 1024))
    return 'a subject is no name'
  if (links.some((one) => one.scopes.length > listMax) || identity.groups.length > listMax) return 'a list is too long'
  if (links.some(({ kind }) => !['agent', 'ci', 'service', 'human'].includes(kind))) return 'a kind is none'
  if (identity.chain.some(({ issuer }) => issuer !== root)) return 'another issuer was named'
  if (JSON.stringify(identity.claims).length > 32 * 1024) return 'the claims are too large'
  return Number.isNaN(Date.parse(identity.token.expires_at)) ? 'the expiry is no time' : undefined
}

function mapOnce(random: Random): string | undefined {
  const given = claims(random)
  const names = { subject: 'sub', groups: pick(random, ['groups', 'a.b', 'a.a.b.a']), scopes: 'scope', kind: 'kind' }
  try {
    return objection(identityOf(given, names, { id: root, kind: 'agent' }))
  } catch (error) {
    return error instanceof ClaimError ? undefined : `${String(error)} for ${JSON.stringify(given).slice(0, 300)}`
  }
}

interface Bench {
  readonly parts: ExchangeParts
  readonly sign: (claims: object) => Promise<string>
}

async function bench(): Promise<Bench> {
  const pair = await generateKeyPair('ES256')
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const keys = await exchangeKeys(pem, [])
  const authenticator = new TokenAuthenticator(
    [
      {
        name: 'main',
        issuer: root,
        audiences: ['sallyport'],
        algorithms: ['ES256'],
        jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: 'ES256' }] },
        kind: 'agent',
        claims: { subject: 'sub', groups: 'groups', scopes: 'scope', kind: 'kind' },
        lifetimeMaxMs: 3_600_000,
        required: {},
      },
      exchangeIssuer(gate, keys, limits),
    ],
    { clockSkewMs: 0, nowMs: () => now },
  )
  let id = 0
  return {
    parts: {
      issuer: gate,
      keys,
      limits,
      authenticator,
      bars: () => undefined,
      nowMs: () => now,
      newId: () => `c-${++id}`,
    },
    sign: (more) =>
      new SignJWT({
        iss: root,
        aud: 'sallyport',
        sub: 'agent-1',
        iat: now / 1000,
        exp: now / 1000 + 600,
        jti: 'r',
        ...more,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .sign(pair.privateKey),
  }
}

/** A token with a sign changed, cut, doubled or left as it is. */
function bent(random: Random, token: string): string {
  const at = Math.floor(random() * token.length)
  return pick(random, [
    token,
    token,
    token,
    token.slice(0, at) + pick(random, ['A', '.', '=', ' ', '\0', '%']) + token.slice(at + 1),
    token.slice(0, at),
    `${token}.${token}`,
    '',
  ])
}

function form(random: Random, subject: string, actor: string): URLSearchParams {
  const type = pick(random, [
    'urn:ietf:params:oauth:token-type:access_token',
    'urn:ietf:params:oauth:token-type:access_token',
    'urn:ietf:params:oauth:token-type:jwt',
    'urn:ietf:params:oauth:token-type:saml2',
  ])
  const made = new URLSearchParams({ subject_token: subject, subject_token_type: type })
  made.set(
    'grant_type',
    pick(random, [
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'urn:ietf:params:oauth:grant-type:token-exchange',
      'password',
      '',
    ]),
  )
  if (random() < 0.8) made.set('child', pick(random, ['a', 'b', 'c', '..', 'a/b', '', 'x'.repeat(80)]))
  else {
    made.set('actor_token', actor)
    made.set('actor_token_type', type)
  }
  if (random() < 0.5) made.set('scope', some(random, scopes).join(' '))
  for (const one of some(random, resources)) made.append(pick(random, ['resource', 'audience']), one)
  if (random() < 0.4)
    made.set('lifetime', pick(random, ['1', '60', '900', '901', '0', '-1', '1e9', '٣', '99999999999999']))
  if (random() < 0.05) made.append(pick(random, ['scope', 'subject_token', 'unknown']), 'x')
  return made
}

/** Exchanges from a root until something is refused; each child is held against its parent. */
async function exchangeOnce(random: Random, { parts, sign }: Bench): Promise<string | undefined> {
  let token = await sign({
    scope: some(random, scopes).join(' '),
    groups: some(random, ['g', 'h']),
    ...(random() < 0.2 ? { act: value(random, depthMost - 2) } : {}),
  })
  const actor = await sign({ sub: pick(random, ['agent-1', 'agent-2']), jti: 'actor' })
  for (let hop = 0; hop < limits.depthMax + 2; hop++) {
    const presented = bent(random, token)
    const asked = form(random, presented, bent(random, actor))
    const answer = await exchange(parts, asked)
    if (answer.status !== 200) {
      return answer.status === 400 && typeof answer.body['error_description'] === 'string'
        ? undefined
        : `a refusal without words: ${JSON.stringify(answer)}`
    }
    const [before, after] = await Promise.all(
      [presented, String(answer.body['access_token'])].map((one) =>
        parts.authenticator.authenticate({ kind: 'token', token: one }),
      ),
    )
    if (!before?.ok || !after?.ok) return 'a child of a token that does not count, or a child that does not'
    const wider = objectionOfChild(before.identity, after.identity)
    if (wider !== undefined) return `${wider}: ${asked.toString().replaceAll(/ey[\w.-]+/g, 'TOKEN')}`
    token = String(answer.body['access_token'])
  }
  return 'a chain deeper than the limit'
}

function objectionOfChild(parent: Identity, child: Identity): string | undefined {
  if (child.scopes.some((one) => !parent.scopes.includes(one))) return 'a child has a scope more'
  if (Date.parse(child.token.expires_at) > Date.parse(parent.token.expires_at)) return 'a child outlives its parent'
  if (child.chain.length !== parent.chain.length + 1) return 'a hop is missing'
  if (child.chain.at(-1)?.subject !== parent.subject) return 'the parent is not in the chain'
  const [held, has] = [resourcesOf(parent), resourcesOf(child)]
  if (held !== undefined && (has === undefined || has.some((one) => !held.includes(one))))
    return 'a child reaches farther'
  return child.groups.some((one) => !parent.groups.includes(one)) ? 'a child is in a group more' : undefined
}

/** Runs until the deadline. */
export async function run(random: Random, deadlineMs: number): Promise<{ cases: number; failures: string[] }> {
  const failures: string[] = []
  const made = await bench()
  let cases = 0
  while ((cases === 0 || Date.now() < deadlineMs) && failures.length < 5) {
    for (let each = 0; each < 50; each++) {
      const failure = mapOnce(random)
      if (failure !== undefined) failures.push(failure)
      cases++
    }
    const failure = await exchangeOnce(random, made)
    if (failure !== undefined) failures.push(failure)
    cases++
  }
  return { cases, failures }
}
