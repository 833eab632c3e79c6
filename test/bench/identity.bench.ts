// What it costs to verify a token with cached keys, beside jose alone on the same tokens in the same run.
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { type Issuer, TokenAuthenticator } from '../../proxy/identity/index.ts'

/** The bench's name. */
export const name = 'identity'

/** Why rows fall short, by a part of their names. */
export const reasons: Readonly<Record<string, string>> = {
  ES256:
    'a signature of this kind alone takes jose 130 to 170 us on these processors, and 5,000 a second leave 200 us for the whole of a token.',
}

const rounds = 5
const distinct = 64
const perRound = 31 * distinct

/** Verifications a second, one after the other: so at most one core works at a time. Median of several rounds. */
export async function run(): Promise<{
  rows: { name: string; value: number; unit: string; ratio?: number; goal?: string }[]
}> {
  const rows: { name: string; value: number; unit: string; ratio?: number; goal?: string }[] = []
  for (const algorithm of ['ES256', 'RS256']) {
    const pair = await generateKeyPair(algorithm, { extractable: true })
    const jwks = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k', alg: algorithm }] }
    const issuer: Issuer = {
      name: 'main',
      issuer: 'https://issuer.example',
      audiences: ['sallyport'],
      algorithms: [algorithm],
      jwks,
      kind: 'agent',
      claims: { subject: 'sub', groups: 'realm.groups', scopes: 'scope' },
      lifetimeMaxMs: 3_600_000,
      required: {},
    }
    const fresh = (): TokenAuthenticator => new TokenAuthenticator([issuer], { clockSkewMs: 5000, nowMs: Date.now })
    const tokens = await Promise.all(
      Array.from({ length: distinct }, (_, at) =>
        new SignJWT({ scope: 'orders:read orders:write', realm: { groups: ['dba', 'oncall'] } })
          .setProtectedHeader({ alg: algorithm, kid: 'k', typ: 'at+jwt' })
          .setIssuer(issuer.issuer)
          .setAudience('sallyport')
          .setSubject(`agent-${at}`)
          .setJti(`t-${at}`)
          .setIssuedAt()
          .setExpirationTime('10m')
          .sign(pair.privateKey),
      ),
    )
    const keys = createLocalJWKSet(jwks)
    // Tokens that come again cost no signature, so each authenticator sees each token once.
    let verifier = fresh()
    let seen = 0
    const ours = async (token: string): Promise<void> => {
      if (seen++ % distinct === 0) verifier = fresh()
      const answer = await verifier.authenticate({ kind: 'token', token })
      if (!answer.ok) throw new Error(answer.refusal.message)
    }
    const bare = async (token: string): Promise<void> => {
      await jwtVerify(token, keys, { issuer: issuer.issuer, audience: 'sallyport', algorithms: [algorithm] })
    }
    await each(ours, tokens)
    await each(bare, tokens)
    const [mine, joses]: [number[], number[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      mine.push(await each(ours, tokens))
      joses.push(await each(bare, tokens))
    }
    const [a, b] = [median(mine), median(joses)]
    rows.push(
      { name: `${algorithm}: tokens verified`, value: a, unit: '/s', goal: '>= 5000' },
      { name: `${algorithm}: jose alone`, value: b, unit: '/s' },
      { name: `${algorithm}: ours to jose alone`, value: a / b, unit: 'x', ratio: a / b, goal: '>= 0.5' },
    )
  }
  return { rows }
}

/** How many a second. */
async function each(verify: (token: string) => Promise<void>, tokens: readonly string[]): Promise<number> {
  const started = performance.now()
  for (let at = 0; at < perRound; at++) await verify(tokens[at % tokens.length] ?? '')
  return (perRound / (performance.now() - started)) * 1000
}

function median(values: number[]): number {
  return values.sort((x, y) => x - y)[values.length >> 1] ?? Number.NaN
}
