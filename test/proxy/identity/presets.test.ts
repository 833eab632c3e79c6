// Presets against tokens as their issuers shape them: fixtures/identity/issuer-claims.yaml.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { parse } from 'yaml'
import { issuerOf, type PresetName, presets, TokenAuthenticator } from '../../../proxy/identity/index.ts'

interface Change {
  readonly note: string
  readonly claims?: object
  readonly header?: object
  readonly without?: readonly string[]
  readonly code?: string
}
interface Case {
  readonly preset: PresetName
  readonly issuer: string
  readonly audience: string
  readonly algorithm: string
  readonly use?: string
  readonly types?: readonly string[]
  readonly required?: { readonly [claim: string]: string }
  readonly header: object
  readonly claims: object
  readonly identity: {
    readonly subject: string
    readonly kind: string
    readonly groups: string[]
    readonly scopes: string[]
  }
  readonly accepted?: readonly Change[]
  readonly refused: readonly Change[]
}
const cases: readonly Case[] = parse(
  readFileSync(new URL('../../../fixtures/identity/issuer-claims.yaml', import.meta.url), 'utf8'),
)
const now = Date.parse('2026-01-05T10:00:00Z')

/** Times of the fixture count from now. */
const dated = (claims: object): object =>
  Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      ['iat', 'nbf', 'exp', 'auth_time'].includes(name) ? now / 1000 + Number(value) : value,
    ]),
  )

test('every preset has a case', () => {
  assert.deepEqual(cases.map(({ preset }) => preset).sort(), Object.keys(presets).sort())
})

for (const one of cases) {
  const pair = await generateKeyPair(one.algorithm, { extractable: true })
  const key = { ...(await exportJWK(pair.publicKey)), kid: 'k', use: one.use ?? 'sig' }
  const verifier = (keys = [key]) =>
    new TokenAuthenticator(
      [
        {
          ...issuerOf({
            name: one.preset,
            preset: one.preset,
            issuer: one.issuer,
            audiences: [one.audience],
            required: one.required ?? {},
            oneTime: false,
            followGroups: true,
            ...(one.types === undefined ? {} : { types: one.types }),
          }),
          jwks: { keys },
        },
      ],
      { clockSkewMs: 5000, nowMs: () => now },
    )
  const answer = async ({ claims = {}, header = {}, without = [] }: Partial<Change>, by = verifier()) => {
    const all = Object.entries(dated({ ...one.claims, ...claims })).filter(([name]) => !without.includes(name))
    const head = Object.entries({ ...one.header, ...header }).filter(([, value]) => value !== null)
    const token = await new SignJWT(Object.fromEntries(all))
      .setProtectedHeader({ alg: one.algorithm, kid: 'k', ...Object.fromEntries(head) })
      .sign(pair.privateKey)
    return by.authenticate({ kind: 'token', token })
  }
  test(`${one.preset}: a token of the issuer becomes the identity it names`, async () => {
    const made = await answer({})
    assert.ok(made.ok, made.ok ? '' : made.refusal.message)
    const { subject, issuer, kind, groups } = made.identity
    assert.deepEqual({ subject, issuer, kind, groups }, { ...pick(one.identity), issuer: one.issuer })
    assert.equal((await answer({}, verifier([{ ...key, use: 'enc' }]))).ok, false)
  })
  for (const change of one.accepted ?? [])
    test(`${one.preset}: takes ${change.note}`, async () => {
      const made = await answer(change)
      assert.ok(made.ok, made.ok ? '' : made.refusal.message)
      assert.equal(made.identity.subject, one.identity.subject)
    })
  for (const change of one.refused)
    test(`${one.preset}: refuses ${change.note}`, async () => {
      const made = await answer(change)
      assert.equal(made.ok ? 'accepted' : made.refusal.code, change.code, made.ok ? '' : made.refusal.message)
    })
}

function pick({ subject, kind, groups }: Case['identity']): object {
  return { subject, kind, groups }
}

test('scopes come from where the issuer has them', async () => {
  const okta = cases.find(({ preset }) => preset === 'okta')
  assert.deepEqual(presets.okta.claims.scopes, 'scp')
  assert.deepEqual(okta?.identity.scopes, ['openid', 'orders.read'])
})

test("a SPIFFE bundle's X.509 keys and keys without an id sign no JWT-SVID", async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(pair.publicKey)
  const token = await new SignJWT({ sub: 'spiffe://example.org/a', aud: 'x', exp: now / 1000 + 60 })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(pair.privateKey)
  const by = async (keys: (typeof jwk)[]): Promise<boolean> => {
    const settings = {
      name: 's',
      issuer: 'spiffe://example.org',
      audiences: ['x'],
      required: {},
      oneTime: false,
      followGroups: true,
    }
    const issuer = { ...issuerOf({ ...settings, preset: 'spiffe' }), jwks: { keys } }
    const verifier = new TokenAuthenticator([issuer], { clockSkewMs: 0, nowMs: () => now })
    return (await verifier.authenticate({ kind: 'token', token })).ok
  }
  assert.equal(await by([{ ...jwk, kid: 'k', use: 'jwt-svid' }]), true)
  assert.equal(await by([{ ...jwk, kid: 'k', use: 'x509-svid' }]), false)
  assert.equal(await by([{ ...jwk, kid: 'k' }]), false)
  assert.equal(await by([{ ...jwk, use: 'jwt-svid' }]), false)
})

test('a JWT-SVID without iat counts as issued long ago, so that a revocation of its subject ends it', async () => {
  const one = cases.find(({ preset }) => preset === 'spiffe')
  assert.ok(one)
  const pair = await generateKeyPair('ES256', { extractable: true })
  const issuer = {
    ...issuerOf({
      name: 's',
      preset: 'spiffe',
      issuer: one.issuer,
      audiences: [one.audience],
      required: {},
      oneTime: false,
      followGroups: true,
    }),
    jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', use: 'jwt-svid' }] },
  }
  const token = await new SignJWT({ sub: one.identity.subject, aud: one.audience, exp: now / 1000 + 60 })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .sign(pair.privateKey)
  const verifier = new TokenAuthenticator([issuer], { clockSkewMs: 0, nowMs: () => now })
  const made = await verifier.authenticate({ kind: 'token', token })
  assert.equal(made.ok && made.identity.token.issued_at, '2026-01-05T09:01:00Z')
})
