// SAML assertions for gateway tokens (RFC 7522): Okta- and Entra-shaped ones are taken, once; every way of wrapping, cutting
// or bending one is refused.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { SignedXml } from 'xml-crypto'
import { revocableKeys } from '../../../../engine/principal/index.ts'
import { exchangeIssuer, exchangeKeys, startTokenServer, TokenAuthenticator } from '../../../../proxy/identity/index.ts'
import { type SamlParts, samlBearer, samlGrant, samlProvider } from '../../../../proxy/identity/saml/index.ts'

const key = (name: string): string =>
  readFileSync(new URL(`../../../../fixtures/keys/${name}`, import.meta.url), 'utf8')
const bare = (name: string): string =>
  key(name)
    .split('\n')
    .filter((line) => !line.includes('-----'))
    .join('')
const now = Date.parse('2026-01-05T10:00:00Z')
const time = (seconds: number): string => new Date(now + seconds * 1000).toISOString()
const entityId = 'http://www.okta.com/exk1fcia6d6EMsf331d8'
const audience = 'https://gate.example'
const recipient = 'https://gate.example/oauth/token'
const descriptor = (use: string, name: string): string =>
  `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${bare(name)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`
const metadata = (keys: string, id = entityId): string =>
  `<?xml version="1.0" encoding="UTF-8"?><md:EntityDescriptor entityID="${id}" xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"><md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys}<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://example.okta.com/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>`

const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const limits = { lifetimeMaxMs: 900_000, depthMax: 3 }
const keys = await exchangeKeys(pem, [])
const authenticator = new TokenAuthenticator([exchangeIssuer(audience, keys, limits)], {
  clockSkewMs: 0,
  nowMs: () => now,
})
const used = new Set<string>()
const parts = (more: Partial<SamlParts> = {}): SamlParts => ({
  issuer: audience,
  keys,
  limits,
  authenticator,
  bars: () => undefined,
  nowMs: () => now,
  newId: () => `t-${used.size}`,
  providers: [
    {
      ...samlProvider(metadata(descriptor(' use="signing"', 'saml-idp.pem'))),
      name: 'people',
      audience,
      kind: 'human',
      groups: 'groups',
      lifetimeMaxMs: 3_600_000,
    },
  ],
  recipient,
  clockSkewMs: 0,
  useOnce: async (name) => !used.has(name) && used.add(name) !== undefined,
  ...more,
})

interface Shape {
  readonly id?: string
  readonly issuer?: string
  readonly subject?: string
  readonly nameId?: string
  readonly confirmation?: string
  readonly conditions?: string
  readonly authn?: string
  readonly attributes?: string
  readonly more?: string
  readonly instant?: string
  readonly version?: string
}
const saml = 'xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"'
const confirmed = (data: string): string =>
  `<saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData ${data}/></saml2:SubjectConfirmation>`
const good = `NotOnOrAfter="${time(300)}" Recipient="${recipient}"`
const audienceOf = (...names: string[]): string =>
  `<saml2:AudienceRestriction>${names.map((name) => `<saml2:Audience>${name}</saml2:Audience>`).join('')}</saml2:AudienceRestriction>`
const conditionsOf = (inner: string, from = time(-300), until = time(300)): string =>
  `<saml2:Conditions NotBefore="${from}" NotOnOrAfter="${until}">${inner}</saml2:Conditions>`
let ids = 0

/** As Okta writes them. */
function assertion(shape: Shape = {}): string {
  const {
    id = `id${++ids}`,
    issuer = entityId,
    nameId = 'jane@example.com',
    confirmation = confirmed(good),
    subject = `<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified">${nameId}</saml2:NameID>${confirmation}</saml2:Subject>`,
    conditions = conditionsOf(audienceOf(audience)),
    authn = `<saml2:AuthnStatement AuthnInstant="${time(-60)}" SessionIndex="s1"><saml2:AuthnContext><saml2:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport</saml2:AuthnContextClassRef></saml2:AuthnContext></saml2:AuthnStatement>`,
    attributes = '<saml2:AttributeStatement><saml2:Attribute Name="groups" NameFormat="urn:oasis:names:tc:SAML:2.0:attrname-format:unspecified"><saml2:AttributeValue xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">dba</saml2:AttributeValue><saml2:AttributeValue>oncall</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement>',
    more = '',
    instant = time(-5),
    version = '2.0',
  } = shape
  return `<saml2:Assertion ${saml} ID="${id}" IssueInstant="${instant}" Version="${version}"><saml2:Issuer Format="urn:oasis:names:tc:SAML:2.0:nameid-format:entity">${issuer}</saml2:Issuer>${subject}${conditions}${authn}${attributes}${more}</saml2:Assertion>`
}

interface Signing {
  readonly by?: string
  readonly method?: string
  readonly digest?: string
  readonly transforms?: string[]
  readonly canonicalization?: string
  readonly after?: string
}
const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'
function signed(xml: string, how: Signing = {}): string {
  const signer = new SignedXml({
    privateKey: key(how.by ?? 'saml-idp.key'),
    publicCert: key(`${(how.by ?? 'saml-idp.key').slice(0, -4)}.pem`),
    signatureAlgorithm: how.method ?? 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: how.canonicalization ?? exclusive,
  })
  signer.addReference({
    xpath: "/*[local-name(.)='Assertion']",
    digestAlgorithm: how.digest ?? 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: how.transforms ?? [`${dsig}enveloped-signature`, exclusive],
  })
  signer.computeSignature(xml, {
    prefix: 'ds',
    location: { reference: how.after ?? "/*[local-name(.)='Assertion']/*[local-name(.)='Issuer']", action: 'after' },
  })
  return signer.getSignedXml()
}

const formOf = (xml: string): URLSearchParams =>
  new URLSearchParams({ grant_type: samlGrant, assertion: Buffer.from(xml).toString('base64url') })
async function words(xml: string, by = parts()): Promise<string> {
  const { status, body } = await samlBearer(by, formOf(xml))
  return status === 200 ? 'accepted' : String(body['error_description'])
}

test('an assertion shaped like those of Okta becomes a token for its subject, once', async () => {
  const xml = signed(assertion())
  const { status, body } = await samlBearer(parts(), formOf(xml))
  assert.equal(status, 200, JSON.stringify(body))
  assert.equal(body['expires_in'], 900)
  const answer = await authenticator.authenticate({ kind: 'token', token: String(body['access_token']) })
  assert.ok(answer.ok)
  const { subject, issuer, kind, groups, scopes, chain } = answer.identity
  assert.deepEqual(
    { subject, issuer, kind, groups, scopes, chain },
    { subject: 'jane@example.com', issuer: entityId, kind: 'human', groups: ['dba', 'oncall'], scopes: [], chain: [] },
  )
  assert.match(await words(xml), /used before/)
})

test('a provider spoke when it issued the assertion, not when somebody came with it', async () => {
  const heard: number[] = []
  const learned: string[] = []
  const { status } = await samlBearer(
    parts({
      bars: (identity) => {
        heard.push(...revocableKeys(identity).subjects.map(({ issuedAtMs }) => issuedAtMs))
        return undefined
      },
      learn: ({ token }) => learned.push(token.issued_at),
    }),
    formOf(signed(assertion({ instant: time(-60) }))),
  )
  assert.equal(status, 200)
  assert.deepEqual(heard, [now - 60_000])
  assert.deepEqual(learned, [time(-60)])
})

test('one shaped like those of Entra ID: its default namespace, its subject in an attribute, its signature first', async () => {
  const entra = 'https://sts.windows.net/aaaabbbb-0000-cccc-1111-dddd2222eeee/'
  const claims = 'http://schemas.microsoft.com/identity/claims/objectidentifier'
  const xml = signed(
    `<Assertion ID="_e1" IssueInstant="${time(-5)}" Version="2.0" xmlns="urn:oasis:names:tc:SAML:2.0:assertion"><Issuer>${entra}</Issuer><Subject><NameID Format="urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress">jane@example.com</NameID><SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData NotOnOrAfter="${time(3500)}" Recipient="${recipient}"/></SubjectConfirmation></Subject><Conditions NotBefore="${time(-300)}" NotOnOrAfter="${time(3500)}"><AudienceRestriction><Audience>${audience}</Audience></AudienceRestriction></Conditions><AttributeStatement><Attribute Name="http://schemas.microsoft.com/identity/claims/tenantid"><AttributeValue>aaaabbbb</AttributeValue></Attribute><Attribute Name="${claims}"><AttributeValue>oid-1</AttributeValue></Attribute><Attribute Name="http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"><AttributeValue>g1</AttributeValue></Attribute></AttributeStatement><AuthnStatement AuthnInstant="${time(-60)}" SessionIndex="_e1" SessionNotOnOrAfter="${time(120)}"><AuthnContext><AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</AuthnContextClassRef></AuthnContext></AuthnStatement></Assertion>`,
  )
  const [provider] = parts().providers
  assert.ok(provider)
  const providers = [
    {
      ...provider,
      entityId: entra,
      subject: claims,
      groups: 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups',
    },
  ]
  const { status, body } = await samlBearer(parts({ providers }), formOf(xml))
  assert.equal(status, 200, JSON.stringify(body))
  // the login behind it ends before the token would
  assert.equal(body['expires_in'], 120)
  const answer = await authenticator.authenticate({ kind: 'token', token: String(body['access_token']) })
  assert.deepEqual(answer.ok && [answer.identity.subject, answer.identity.groups], ['oid-1', ['g1']])
})

test('a provider changes its key: both count while both are in the metadata, and the old one no more after', async () => {
  const both = samlProvider(
    metadata(descriptor(' use="signing"', 'saml-idp.pem') + descriptor('', 'saml-idp-next.pem')),
  )
  const [provider] = parts().providers
  assert.ok(provider)
  const believing = (one: ReturnType<typeof samlProvider>) => parts({ providers: [{ ...provider, ...one }] })
  assert.equal(await words(signed(assertion()), believing(both)), 'accepted')
  assert.equal(await words(signed(assertion(), { by: 'saml-idp-next.key' }), believing(both)), 'accepted')
  const next = samlProvider(metadata(descriptor(' use="signing"', 'saml-idp-next.pem')))
  assert.match(await words(signed(assertion()), believing(next)), /not signed by its issuer/)
  const encryption = metadata(
    descriptor(' use="encryption"', 'saml-idp-next.pem') + descriptor(' use="signing"', 'saml-idp.pem'),
  )
  assert.match(
    await words(signed(assertion(), { by: 'saml-idp-next.key' }), believing(samlProvider(encryption))),
    /not signed by its issuer/,
  )
})

test('metadata of two providers, of none, without keys or with weak ones is refused', () => {
  const one = descriptor(' use="signing"', 'saml-idp.pem')
  assert.throws(() => samlProvider(metadata('')), /signing keys/)
  assert.throws(() => samlProvider(metadata(one, '')), /not of one provider/)
  assert.throws(() => samlProvider(`<!DOCTYPE x>${metadata(one)}`), /not read/)
  assert.throws(() => samlProvider(metadata(descriptor('', 'server.pem'))), /not RSA/)
  assert.throws(() => samlProvider(metadata(one.replace(/MII[^<]*/, 'MIIA'))), /cannot be read/)
})

const claims: readonly [string, Shape, RegExp][] = [
  ['another audience', { conditions: conditionsOf(audienceOf('https://other.example')) }, /another audience/],
  [
    'two restrictions of which one is not met',
    { conditions: conditionsOf(audienceOf(audience) + audienceOf('https://other.example')) },
    /another audience/,
  ],
  ['no audience', { conditions: conditionsOf('') }, /another audience/],
  ['no conditions', { conditions: '' }, /exactly one Conditions/],
  [
    'conditions that come twice',
    { conditions: conditionsOf(audienceOf(audience)).repeat(2) },
    /exactly one Conditions/,
  ],
  [
    'a condition that is not known',
    { conditions: conditionsOf(`${audienceOf(audience)}<saml2:ProxyRestriction Count="0"/>`) },
    /not known/,
  ],
  ['conditions that have ended', { conditions: conditionsOf(audienceOf(audience), time(-600), time(0)) }, /expired/],
  ['conditions that have not begun', { conditions: conditionsOf(audienceOf(audience), time(1)) }, /not count yet/],
  [
    'another recipient',
    { confirmation: confirmed(`NotOnOrAfter="${time(300)}" Recipient="https://other.example/oauth/token"`) },
    /recipient/,
  ],
  ['no recipient', { confirmation: confirmed(`NotOnOrAfter="${time(300)}"`) }, /recipient/],
  [
    'a confirmation that has ended',
    { confirmation: confirmed(`NotOnOrAfter="${time(0)}" Recipient="${recipient}"`) },
    /expired/,
  ],
  ['a confirmation without an end', { confirmation: confirmed(`Recipient="${recipient}"`) }, /no end/],
  ['an answer to a request', { confirmation: confirmed(`${good} InResponseTo="_r1"`) }, /answers a request/],
  ['an address', { confirmation: confirmed(`${good} Address="192.0.2.1"`) }, /more than is understood/],
  ['another confirmation', { confirmation: confirmed(good).replace('cm:bearer', 'cm:holder-of-key') }, /one bearer/],
  ['two bearers', { confirmation: confirmed(good).repeat(2) }, /one bearer/],
  ['no confirmation', { confirmation: '' }, /one bearer/],
  ['an issuer with a slash more', { issuer: `${entityId}/` }, /not known here/],
  [
    'a subject for this once',
    {
      subject: `<saml2:Subject><saml2:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient">x</saml2:NameID>${confirmed(good)}</saml2:Subject>`,
    },
    /for longer/,
  ],
  ['an empty subject', { nameId: ' ' }, /does not name/],
  [
    'an encrypted subject',
    { subject: `<saml2:Subject><saml2:EncryptedID/>${confirmed(good)}</saml2:Subject>` },
    /exactly one NameID/,
  ],
  ['a subject with an element in it', { nameId: 'jane<saml2:x/>@example.com' }, /is none/],
  [
    'an attribute that comes twice',
    {
      attributes:
        '<saml2:AttributeStatement><saml2:Attribute Name="groups"/><saml2:Attribute Name="groups"/></saml2:AttributeStatement>',
    },
    /comes twice/,
  ],
  ['advice', { more: '<saml2:Advice/>' }, /not known/],
  ['a decision', { more: '<saml2:AuthzDecisionStatement/>' }, /not known/],
  ['version 1.1', { version: '1.1' }, /version 2.0/],
  ['an issue in the future', { instant: time(10) }, /future/],
  ['a time without a zone', { instant: time(-5).slice(0, -1) }, /is none/],
  [
    'a life of a day',
    {
      conditions: conditionsOf(audienceOf(audience), time(-300), time(86_400)),
      confirmation: confirmed(`NotOnOrAfter="${time(86_400)}" Recipient="${recipient}"`),
    },
    /longer than the 60 minutes/,
  ],
  [
    'a login that has ended',
    { authn: `<saml2:AuthnStatement AuthnInstant="${time(-60)}" SessionNotOnOrAfter="${time(0)}"/>` },
    /has ended/,
  ],
]
for (const [name, shape, why] of claims) {
  test(`refuses an assertion with ${name}`, async () => assert.match(await words(signed(assertion(shape))), why))
}

const signatures: readonly [string, () => string, RegExp][] = [
  ['no signature', () => assertion(), /is not signed/],
  ['a signature of another key', () => signed(assertion(), { by: 'saml-idp-next.key' }), /not signed by its issuer/],
  ['SHA-1', () => signed(assertion(), { method: `${dsig}rsa-sha1` }), /SHA-256/],
  ['a digest by SHA-1', () => signed(assertion(), { digest: `${dsig}sha1` }), /digest/],
  [
    'canonicalization with comments',
    () => signed(assertion(), { canonicalization: `${exclusive}WithComments` }),
    /shape/,
  ],
  ['one transform', () => signed(assertion(), { transforms: [`${dsig}enveloped-signature`] }), /shape/],
  [
    'an XSLT transform',
    () =>
      signed(assertion()).replace(
        `Algorithm="${exclusive}"/></ds:Transforms>`,
        'Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></ds:Transforms>',
      ),
    /shape/,
  ],
  [
    'a reference to the whole document',
    () => signed(assertion()).replace(/URI="#[^"]*"/, 'URI=""'),
    /not over the assertion/,
  ],
  [
    'a reference elsewhere',
    () => signed(assertion()).replace(/URI="#[^"]*"/, 'URI="https://evil.example/x"'),
    /not over the assertion/,
  ],
  ['two references', () => signed(assertion()).replace(/<ds:Reference .*<\/ds:Reference>/, '$&$&'), /shape/],
  [
    'an HMAC over the certificate',
    () => signed(assertion()).replace('xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256'),
    /RSA/,
  ],
  ['a changed subject', () => signed(assertion()).replace('jane@', 'root@'), /not signed by its issuer/],
  ['a changed group', () => signed(assertion()).replace('>dba<', '>admins<'), /not signed by its issuer/],
  [
    'a changed signature',
    () => signed(assertion()).replace(/<ds:SignatureValue>..../, '<ds:SignatureValue>AAAA'),
    /not signed by its issuer/,
  ],
  [
    'two signatures',
    () => signed(assertion()).replace(/<ds:Signature .*<\/ds:Signature>/, '$&$&'),
    /exactly one signature/,
  ],
  [
    'an object in the signature',
    () => signed(assertion()).replace('</ds:Signature>', '<ds:Object/></ds:Signature>'),
    /shape/,
  ],
  [
    'an unsigned attribute added',
    () =>
      signed(assertion()).replace(
        '</saml2:AttributeStatement>',
        '<saml2:Attribute Name="x"><saml2:AttributeValue>y</saml2:AttributeValue></saml2:Attribute></saml2:AttributeStatement>',
      ),
    /not signed by its issuer/,
  ],
]
for (const [name, make, why] of signatures) {
  test(`refuses an assertion with ${name}`, async () => assert.match(await words(make()), why))
}

// The eight shapes of "On Breaking SAML: Be Whoever You Want to Be", around an assertion that was truly signed.
const evil = (id = 'evil'): string => assertion({ id, nameId: 'root@example.com' })
const response = (inner: string, id = 'r1'): string =>
  `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="${id}" Version="2.0">${inner}</samlp:Response>`
const signatureOf = (xml: string): string => /<ds:Signature .*<\/ds:Signature>/.exec(xml)?.[0] ?? ''
const without = (xml: string): string => xml.replace(/<ds:Signature .*<\/ds:Signature>/, '')
const inside = (xml: string, more: string): string => xml.replace('</saml2:Assertion>', `${more}</saml2:Assertion>`)
const object = (xml: string, more: string): string =>
  xml.replace('</ds:Signature>', `<ds:Object>${more}</ds:Object></ds:Signature>`)
const wrappings: readonly [string, (own: string) => string][] = [
  [
    'XSW1: a new response around the signature that holds the old one',
    (own) => response(evil() + object(signatureOf(own), response(without(own), 'r2'))),
  ],
  ['XSW2: the signature detached beside a new response', (own) => response(signatureOf(own) + evil() + without(own))],
  ['XSW3: a new assertion before the signed one', (own) => response(evil() + own)],
  ['XSW4: a new assertion around the signed one', (own) => inside(evil(), own)],
  [
    'XSW5: a new assertion with the old signature, the old one behind it',
    (own) => inside(evil().replace('</saml2:Issuer>', `</saml2:Issuer>${signatureOf(own)}`), without(own)),
  ],
  [
    'XSW6: a new assertion whose signature holds the old one',
    (own) => evil().replace('</saml2:Issuer>', `</saml2:Issuer>${object(signatureOf(own), without(own))}`),
  ],
  [
    'XSW7: extensions that hold a new assertion of the same ID',
    (own) => response(`<samlp:Extensions>${evil('same')}</samlp:Extensions>${own}`),
  ],
  [
    'XSW8: an object of the signature that holds the original, under the same ID',
    (own) => evil('same').replace('</saml2:Issuer>', `</saml2:Issuer>${object(signatureOf(own), without(own))}`),
  ],
]
for (const [name, wrap] of wrappings) {
  test(`refuses ${name}`, async () => {
    const own = signed(assertion({ id: 'same' }))
    used.clear()
    assert.equal(await words(own), 'accepted')
    used.clear()
    assert.match(
      await words(wrap(own)),
      /not one SAML 2.0 assertion|no ID of its own|exactly one signature|not over the assertion|shape|not signed/,
    )
  })
}

const texts: readonly [string, (xml: string) => string, RegExp][] = [
  [
    'a comment in the subject (truncation)',
    (xml) => xml.replace('jane@example.com', 'jane@example.com<!---->.evil.example'),
    /comments/,
  ],
  ['a document type', (xml) => `<!DOCTYPE x [<!ENTITY e "root">]>${xml}`, /not read/],
  ['an external entity', (xml) => `<!DOCTYPE x SYSTEM "file:///etc/passwd">${xml}`, /not read/],
  ['an entity', (xml) => xml.replace('jane', '&e;'), /entities/],
  ['CDATA', (xml) => xml.replace('jane', '<![CDATA[jane]]>'), /CDATA/],
  ['a processing instruction', (xml) => xml.replace('<saml2:Subject>', '<?x y?><saml2:Subject>'), /processing/],
  ['something behind it', (xml) => `${xml}<x/>`, /after the document/],
  [
    'an element in the text of another namespace',
    (xml) => xml.replace('</saml2:Issuer>', '</saml2:Issuer><x:Y xmlns:x="urn:x"/>'),
    /not signed/,
  ],
  ['an attribute that comes twice', (xml) => xml.replace('Version="2.0"', 'Version="2.0" Version="2.0"'), /twice/],
  [
    'a namespace that is declared twice',
    (xml) => xml.replace('<saml2:Subject>', '<saml2:Subject xmlns:a="urn:a" xmlns:a="urn:b">'),
    /declared twice/,
  ],
  [
    'a second ID of the same value',
    (xml) => xml.replace('<saml2:Subject>', '<saml2:Subject id="fixed">'),
    /no ID of its own/,
  ],
  ['another encoding', (xml) => `<?xml version="1.0" encoding="UTF-7"?>${xml}`, /UTF-8/],
  [
    'thousands of elements',
    (xml) => xml.replace('</saml2:Issuer>', `</saml2:Issuer>${'<x/>'.repeat(2001)}`),
    /elements/,
  ],
  [
    'a deep nest',
    (xml) => xml.replace('</saml2:Issuer>', `</saml2:Issuer>${'<x>'.repeat(40)}${'</x>'.repeat(40)}`),
    /deeper/,
  ],
]
for (const [name, bend, why] of texts) {
  test(`refuses an assertion with ${name}`, async () => {
    used.clear()
    assert.match(await words(bend(signed(assertion({ id: 'fixed' })))), why)
  })
}

test('a request with more, less or other than one assertion is refused', async () => {
  const xml = signed(assertion())
  const ask = async (change: (form: URLSearchParams) => void): Promise<string> => {
    const form = formOf(xml)
    change(form)
    const { status, body } = await samlBearer(parts(), form)
    return `${status} ${String(body['error'])}`
  }
  assert.equal(await ask((form) => form.set('scope', 'a')), '400 invalid_request')
  assert.equal(await ask((form) => form.append('assertion', 'x')), '400 invalid_request')
  assert.equal(await ask((form) => form.set('assertion', '<saml/>')), '400 invalid_request')
  assert.equal(await ask((form) => form.delete('assertion')), '400 invalid_request')
  assert.match(await words(xml, parts({ bars: () => 'the identity was revoked' })), /revoked/)
  assert.match(await words(signed(assertion()), parts({ providers: [] })), /not known here/)
})

test('whatever is changed in a signed assertion, it names nobody else', async () => {
  const xml = signed(assertion({ id: 'fuzzed' }))
  await fc.assert(
    fc.asyncProperty(
      fc.nat(xml.length - 1),
      fc.constantFrom('', '<', '>', '"', ' ', 'x', '&amp;', '<x/>', '<!---->', 'root', '\n'),
      fc.nat(8),
      async (at, put, cut) => {
        used.clear()
        const { status, body } = await samlBearer(parts(), formOf(xml.slice(0, at) + put + xml.slice(at + cut)))
        if (status !== 200) return
        const answer = await authenticator.authenticate({ kind: 'token', token: String(body['access_token']) })
        assert.deepEqual(answer.ok && [answer.identity.subject, answer.identity.groups], [
          'jane@example.com',
          ['dba', 'oncall'],
        ])
      },
    ),
    { numRuns: 300 },
  )
})

test('the token endpoint takes assertions where a provider is believed, and says so', async (t) => {
  const { issuer, providers, bars, nowMs, newId, useOnce } = parts()
  let believed = providers
  const server = await startTokenServer({
    ...{ host: '127.0.0.1', port: 0, connectionsMax: 10, issuer, keys, limits, authenticator, bars, nowMs, newId },
    userAuthority: () => undefined,
    saml: { providers: () => believed, clockSkewMs: () => 0, useOnce },
    revoke: () => Promise.resolve(),
    onError: (error) => assert.fail(String(error)),
  })
  t.after(() => server.close())
  const url = `http://127.0.0.1:${server.port}`
  const send = async (): Promise<string> => {
    const body = formOf(signed(assertion()))
    return (await fetch(`${url}/oauth/token`, { method: 'POST', body })).text()
  }
  const grants = async (): Promise<string> => (await fetch(`${url}/.well-known/openid-configuration`)).text()
  assert.match(await send(), /"access_token":"[\w-]+\.[\w-]+\.[\w-]+"/)
  assert.match(await grants(), /saml2-bearer/)
  believed = []
  assert.match(await send(), /invalid_grant/)
  assert.doesNotMatch(await grants(), /saml2-bearer/)
})
