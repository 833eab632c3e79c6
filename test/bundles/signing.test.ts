import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { test } from 'node:test'
import { SignJWT } from 'jose'
import { BundleError } from '../../bundles/format/error.ts'
import {
  canonicalStream,
  fileDigest,
  type KeyConfig,
  matchesFilePattern,
  signFiles,
  type Verification,
  verifyFiles,
} from '../../bundles/signing/index.ts'

const files = [
  { path: 'a/data.json', bytes: Buffer.from('{ "b": [1, 2.50, "<&>"], "a": null }\n') },
  { path: 'p.rego', bytes: Buffer.from('package p\n') },
  { path: '.manifest', bytes: Buffer.from('{"revision":"1"}') },
]
/** A key pair as PEM texts. */
function pemOf(pair: { publicKey: KeyObject; privateKey: KeyObject }): { publicKey: string; privateKey: string } {
  return {
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
const rsa = pemOf(generateKeyPairSync('rsa', { modulusLength: 2048 }))
const p256 = pemOf(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }))
const ed25519 = pemOf(generateKeyPairSync('ed25519'))
const refusedAs = (code: string) => (error: unknown) => error instanceof BundleError && error.code === code

const verifying = (key: KeyConfig, more: Partial<Verification> = {}): Verification => ({
  keys: new Map([['k', key]]),
  keyId: 'k',
  scope: '',
  excludeFiles: [],
  allowWeakHashes: false,
  ...more,
})
const secret: KeyConfig = { key: 'secret', algorithm: 'HS256' }
const signed = async (key: KeyConfig = secret, claims = {}) => [
  ...files,
  { path: '.signatures.json', bytes: await signFiles(files, key, { keyid: 'k', ...claims }) },
]

test('a signature made with each family of algorithms verifies', async () => {
  const pairs: readonly [KeyConfig, KeyConfig][] = [
    [
      { key: rsa.privateKey, algorithm: 'RS256' },
      { key: rsa.publicKey, algorithm: 'RS256' },
    ],
    [
      { key: rsa.privateKey, algorithm: 'PS384' },
      { key: rsa.publicKey, algorithm: 'PS384' },
    ],
    [
      { key: p256.privateKey, algorithm: 'ES256' },
      { key: p256.publicKey, algorithm: 'ES256' },
    ],
    [
      { key: ed25519.privateKey, algorithm: 'EdDSA' },
      { key: ed25519.publicKey, algorithm: 'EdDSA' },
    ],
    [secret, secret],
  ]
  for (const [signing, key] of pairs) {
    const claims = await verifyFiles(await signed(signing, { iat: 5, exp: 10 }), verifying(key), 0)
    assert.deepEqual([claims?.keyId, claims?.issuedAtMs, claims?.expiresAtMs], ['k', 5000, 10_000])
  }
})

test('hashes structured files by content as OPA does', () => {
  assert.equal(
    canonicalStream('data.json', '{"b":1.0,"a":[true,null,"\\u2028<>&\\u0001é"]}\n'),
    '{"a":[true,null,"\\u2028<>&\\u0001é"],"b":1.0}',
  )
  // Keys are in the order of their code points, and halves of characters are one sign, as Go's decoder has them.
  assert.equal(
    canonicalStream('data.json', '{"\u{1f512}":1,"\uffff":2,"\\ud800":3,"\\udc80":4,"a\\tb":"\\ud83d\\udd12\\/"}'),
    '{"a\\tb":"\u{1f512}/","\ufffd":4,"\uffff":2,"\u{1f512}":1}',
  )
  const wanted = createHash('sha256').update('{"test":1}').digest('hex')
  assert.equal(fileDigest('x/data.json', Buffer.from('{ "test" : 1 }\n'), 'SHA-256'), wanted)
  assert.ok(wanted.startsWith('1da06016') && wanted.endsWith('8a9d'))
  assert.equal(fileDigest('data.yaml', Buffer.from('test: 1\n'), 'SHA-256'), wanted)
  // As `opa sign` has it.
  const yaml = `big: 9007199254740993
huge: 100000000000000000000000
oct: 010
yes: on
base: &b {p: 1e21, q: 1e-7}
merged: {<<: *b, q: 1_000}
last: 1
last: 1.50
`
  assert.equal(
    fileDigest('data.yaml', Buffer.from(yaml), 'SHA-256'),
    '50e5ab405f867166cffc4f8cbd5b81324e6eab340db502b7da18c3251916a227',
  )
  assert.notEqual(fileDigest('other.json', Buffer.from('{ "test" : 1 }\n'), 'SHA-256'), wanted)
})

test('refuses structured files that are not JSON', () => {
  for (const text of ['', '{', '[1,]', '{"a" 1}', '01', '1 2', '"\\x"', 'nul', '{a:1}', `${'['.repeat(600)}`]) {
    assert.throws(() => canonicalStream('data.json', text), refusedAs('bad_data'), text.slice(0, 20))
  }
})

test('refuses an unsigned bundle where a key is configured, and a signed one where none is', async () => {
  await assert.rejects(verifyFiles(files, verifying(secret), 0), refusedAs('signature_missing'))
  await assert.rejects(verifyFiles(await signed(), undefined, 0), refusedAs('key_missing'))
  assert.equal(await verifyFiles(files, undefined, 0), undefined)
})

test('refuses a changed, an added and a missing file', async () => {
  const all = await signed()
  const changed = all.map((item) => (item.path === 'p.rego' ? { ...item, bytes: Buffer.from('package q\n') } : item))
  await assert.rejects(verifyFiles(changed, verifying(secret), 0), refusedAs('digest_mismatch'))
  await assert.rejects(
    verifyFiles([...all, { path: 'extra.rego', bytes: Buffer.from('package x') }], verifying(secret), 0),
    refusedAs('file_not_signed'),
  )
  await assert.rejects(verifyFiles(all.slice(1), verifying(secret), 0), refusedAs('file_missing'))
})

test('passes over excluded files only', async () => {
  const all = [...(await signed()), { path: 'docs/x.md', bytes: Buffer.from('text') }]
  assert.ok(await verifyFiles(all, verifying(secret, { excludeFiles: ['docs/*'] }), 0))
  await assert.rejects(
    verifyFiles(all, verifying(secret, { excludeFiles: ['doc/*'] }), 0),
    refusedAs('file_not_signed'),
  )
})

test("the algorithm is the key configuration's and never the token's", async () => {
  const asHmac: KeyConfig = { key: rsa.publicKey, algorithm: 'HS256' }
  await assert.rejects(signed(asHmac), refusedAs('key_invalid'))
  await assert.rejects(
    verifyFiles(await signed(secret), verifying({ key: rsa.publicKey, algorithm: 'RS256' }), 0),
    refusedAs('signature_invalid'),
  )
  await assert.rejects(
    verifyFiles(
      await signed({ key: rsa.privateKey, algorithm: 'RS256' }),
      verifying({ key: rsa.publicKey, algorithm: 'RS512' }),
      0,
    ),
    refusedAs('signature_invalid'),
  )
  const none = `${Buffer.from('{"alg":"none","kid":"k"}').toString('base64url')}.${Buffer.from('{"files":[]}').toString('base64url')}.`
  const unsigned = [...files, { path: '.signatures.json', bytes: Buffer.from(JSON.stringify({ signatures: [none] })) }]
  await assert.rejects(verifyFiles(unsigned, verifying(secret), 0), refusedAs('signature_invalid'))
})

test('refuses another scope, an unknown key, a wrong key and a key out of its time', async () => {
  const all = await signed(secret, { scope: 'write' })
  await assert.rejects(verifyFiles(all, verifying(secret), 0), refusedAs('scope_mismatch'))
  assert.ok(await verifyFiles(all, verifying(secret, { scope: 'write' }), 0))
  assert.ok(await verifyFiles(all, verifying({ ...secret, scope: 'write' }), 0))
  await assert.rejects(verifyFiles(all, verifying(secret, { keyId: 'other' }), 0), refusedAs('key_unknown'))
  await assert.rejects(
    verifyFiles(all, verifying({ ...secret, key: 'guess' }, { scope: 'write' }), 0),
    refusedAs('signature_invalid'),
  )
  await assert.rejects(
    verifyFiles(all, verifying({ ...secret, notAfterMs: 5 }, { scope: 'write' }), 6),
    refusedAs('key_invalid'),
  )
})

test('refuses signatures files that are not one token over a list of files', async () => {
  const key = new TextEncoder().encode('secret')
  const sign = (payload: { [name: string]: unknown }) =>
    new SignJWT(payload).setProtectedHeader({ alg: 'HS256', kid: 'k' }).sign(key)
  const good = await sign({ files: [] })
  const cases: readonly [unknown, string][] = [
    [{ signatures: [] }, 'bad_signatures'],
    [{ signatures: [good, good] }, 'bad_signatures'],
    [{ signatures: [1] }, 'bad_signatures'],
    [[], 'bad_signatures'],
    [{ signatures: ['a.b'] }, 'signature_invalid'],
    [{ signatures: [await sign({})] }, 'bad_signatures'],
    [{ signatures: [await sign({ files: [{ name: 'p.rego' }] })] }, 'bad_signatures'],
    [{ signatures: [await sign({ files: [{ name: 'p.rego', hash: 'x', algorithm: 'MD5' }] })] }, 'file_not_signed'],
  ]
  for (const [content, code] of cases) {
    const all = [...files, { path: '.signatures.json', bytes: Buffer.from(JSON.stringify(content)) }]
    await assert.rejects(verifyFiles(all, verifying(secret), 0), refusedAs(code), JSON.stringify(content))
  }
})

test('weak file hashes are accepted only where the operator says so', async () => {
  const one = [{ path: 'p.rego', bytes: Buffer.from('package p\n') }]
  const hash = createHash('md5').update('package p\n').digest('hex')
  const token = await new SignJWT({ files: [{ name: 'p.rego', hash, algorithm: 'MD5' }] })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode('secret'))
  const all = [...one, { path: '.signatures.json', bytes: Buffer.from(JSON.stringify({ signatures: [token] })) }]
  await assert.rejects(verifyFiles(all, verifying(secret), 0), refusedAs('bad_signatures'))
  assert.ok(await verifyFiles(all, verifying(secret, { allowWeakHashes: true }), 0))
})

test('excluded file patterns read as filepath.Match reads them', () => {
  const cases: readonly [string, string, boolean][] = [
    ['data.json', 'data.json', true],
    ['.*', '.manifest', true],
    ['/a/b/*', 'a/b/data.json', true],
    ['/a/b/*', 'a/b/c/data.json', false],
    ['*.re?o', 'x.rego', true],
    ['[a-c].rego', 'b.rego', true],
    ['[^a-c].rego', 'b.rego', false],
    ['[', '[', false],
    ['a\\*', 'a*', true],
    ['a*a*a*a*a*b', `${'a'.repeat(60)}`, false],
  ]
  for (const [pattern, path, wanted] of cases)
    assert.equal(matchesFilePattern(pattern, path), wanted, `${pattern} ${path}`)
})

test('the end of a line in the file of a secret is no other secret', async () => {
  for (const [signs, verifies] of [
    ['secret\n', 'secret'],
    ['secret', 'secret\n'],
    ['secret\n', 'secret\n'],
  ] as const) {
    const bundle = await signed({ key: signs, algorithm: 'HS256' })
    assert.ok(await verifyFiles(bundle, verifying({ key: verifies, algorithm: 'HS256' }), 0))
    await assert.rejects(
      verifyFiles(bundle, verifying({ key: `${verifies} `, algorithm: 'HS256' }), 0),
      refusedAs('signature_invalid'),
    )
  }
  await assert.rejects(signed({ key: '\n', algorithm: 'HS256' }), refusedAs('key_invalid'))
})

test('refuses a signature that names a file twice', async () => {
  const hash = fileDigest('p.rego', Buffer.from('package p\n'), 'SHA-256')
  const token = await new SignJWT({
    files: [
      { name: 'p.rego', hash: '00', algorithm: 'SHA-256' },
      { name: '/p.rego', hash, algorithm: 'SHA-256' },
    ],
  })
    .setProtectedHeader({ alg: 'HS256', kid: 'k' })
    .sign(Buffer.from('secret'))
  const bundle = [
    { path: 'p.rego', bytes: Buffer.from('package p\n') },
    { path: '.signatures.json', bytes: Buffer.from(JSON.stringify({ signatures: [token] })) },
  ]
  await assert.rejects(verifyFiles(bundle, verifying(secret), 0), refusedAs('bad_signatures'))
})
