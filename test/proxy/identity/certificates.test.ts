// Identity by client certificate: who is believed, and every near miss refused.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { CertificateAuthenticator, type CertificateAuthority } from '../../../proxy/identity/index.ts'
import { testKey } from '../../support/keys.ts'

const der = (name: string): Uint8Array => new X509Certificate(testKey(`${name}.pem`)).raw
const authority: CertificateAuthority = {
  name: 'mesh',
  ca: testKey('ca.pem'),
  subject: 'san_uri',
  kind: 'service',
  groups: ['b', 'a'],
}
const check = (names: readonly string[], change: Partial<CertificateAuthority> = {}, nowMs = Date.now()) =>
  new CertificateAuthenticator([{ ...authority, ...change }], { clockSkewMs: 0, nowMs: () => nowMs }).authenticate({
    kind: 'certificate',
    chain: names.map(der),
  })

test('a certificate of the authority is an identity by its SPIFFE name', async () => {
  const answer = await check(['agent'])
  assert.ok(answer.ok)
  const { subject, issuer, kind, groups, token } = answer.identity
  assert.deepEqual(
    [subject, issuer, kind, groups, token.binding],
    ['spiffe://example.org/agent-1', 'certificate:mesh', 'service', ['a', 'b'], 'mtls'],
  )
  assert.match(token.id, /^[0-9a-f]{64}$/)
})

test('an intermediate that is presented leads to the authority', async () => {
  const answer = await check(['agent-below', 'intermediate'])
  assert.equal(answer.ok && answer.identity.subject, 'spiffe://example.org/agent-2')
})

test('the common name and the DNS name where the configuration says so', async () => {
  const byName = await check(['agent'], { subject: 'common_name' })
  assert.equal(byName.ok && byName.identity.subject, 'agent')
})

const refusals: readonly [string, readonly string[], string, Partial<CertificateAuthority>?, number?][] = [
  ['another authority', ['agent-other'], 'signature'],
  ['another authority that brings its own root', ['agent-other', 'other-ca'], 'signature'],
  ['an intermediate that is missing', ['agent-below'], 'signature'],
  ['a certificate signed by one that is no authority', ['agent-of-leaf', 'agent'], 'signature'],
  ['the authority itself', ['ca'], 'claim'],
  ['a certificate for servers', ['server'], 'claim', { subject: 'san_dns' }],
  ['two names', ['agent-two-names'], 'claims'],
  ['a name with a separator in it', ['agent-quoted'], 'claims'],
  ['no name of the kind that is asked for', ['agent'], 'claims', { subject: 'san_dns' }],
  ['a time before it is valid', ['agent'], 'signature', {}, 0],
  ['a time after it has expired', ['agent'], 'signature', {}, Date.parse('2199-01-01')],
  ['no certificate', [], 'malformed'],
]
for (const [name, chain, code, change, nowMs] of refusals) {
  test(`refuses ${name}`, async () => {
    const answer = await check(chain, change, nowMs)
    assert.equal(answer.ok, false)
    if (!answer.ok) assert.equal(answer.refusal.code, code, answer.refusal.message)
  })
}

test('refuses bytes that are no certificate', async () => {
  const authenticator = new CertificateAuthenticator([authority], { clockSkewMs: 0, nowMs: Date.now })
  const answer = await authenticator.authenticate({ kind: 'certificate', chain: [new Uint8Array([48, 1, 2])] })
  assert.equal(answer.ok ? '' : answer.refusal.code, 'malformed')
})
