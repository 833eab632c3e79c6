// OpenSSH certificates: ours are read by ssh-keygen, ssh-keygen's are read by us, and what was changed counts nowhere.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import ssh2 from 'ssh2'
import {
  decodeSshCertificate,
  decodeSshPublicKey,
  generateSshKey,
  parseSshAuthorities,
  parseSshLine,
  type SshCertificateFields,
  type SshCertificateUse,
  SshFormatError,
  signSshCertificate,
  sshCertificateLine,
  sshPublicKeyOf,
  verifySsh,
  verifySshCertificate,
} from '../../../proxy/identity/index.ts'
import { signSsh, sshString } from '../../../proxy/identity/ssh-keys.ts'

interface Golden {
  readonly note: string
  readonly type?: 'host'
  readonly authority: string
  readonly key: string
  readonly certificate: string
  readonly serial: number
  readonly keyId: string
}
const golden: readonly Golden[] = JSON.parse(
  readFileSync(new URL('../../../fixtures/identity/ssh-certificates.json', import.meta.url), 'utf8'),
)
const start = Date.parse('2026-01-05T10:00:00Z') / 1000
/** RSA keys take long to make. */
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const pair = (kind: string): KeyObject =>
  kind === 'ed25519'
    ? generateKeyPairSync('ed25519').privateKey
    : kind === 'rsa'
      ? rsa
      : generateKeyPairSync('ec', { namedCurve: kind }).privateKey
const authority = pair('ed25519')
const fields: SshCertificateFields = {
  key: sshPublicKeyOf(pair('ed25519')),
  serial: 7n,
  type: 'user',
  keyId: 'agent-1',
  principals: ['files'],
  validAfter: BigInt(start),
  validBefore: BigInt(start + 600),
  criticalOptions: [],
  extensions: [{ name: 'permit-pty', value: '' }],
}
const trust = { authorities: [sshPublicKeyOf(authority)], lifetimeMaxSeconds: 3600, skewSeconds: 5 }
const use: SshCertificateUse = { type: 'user', nowSeconds: start + 1, clientAddress: '192.0.2.9', enforced: [] }
const judged = (change: Partial<SshCertificateFields> = {}, at: Partial<SshCertificateUse> = {}, key = authority) =>
  verifySshCertificate(decodeSshCertificate(signSshCertificate({ ...fields, ...change }, key)), trust, {
    ...use,
    ...at,
  })

for (const { note, type = 'user', authority: by, key, certificate, serial, keyId } of golden) {
  test(`ssh-keygen's certificate is read and verified: ${note}`, () => {
    const { blob } = parseSshLine(certificate)
    const read = decodeSshCertificate(blob)
    assert.deepEqual(
      [read.type, read.serial, read.keyId, Buffer.from(read.key.blob).toString('base64')],
      [type, BigInt(serial), keyId, key.split(' ')[1]],
    )
    const known = { ...trust, authorities: parseSshAuthorities(`# ours\n${by}\n`) }
    const at: SshCertificateUse = { ...use, type, enforced: ['force-command'] }
    assert.equal(verifySshCertificate(read, known, at), undefined)
    assert.match(verifySshCertificate(read, known, { ...at, nowSeconds: start + 606 }) ?? '', /expired/)
    for (let bit = 0; bit < 40; bit++) {
      const changed = Uint8Array.from(read.signature)
      const place = changed.length - 1 - Math.floor(bit / 2)
      changed[place] = (changed[place] ?? 0) ^ (1 << (bit % 8))
      assert.match(verifySshCertificate({ ...read, signature: changed }, known, at) ?? 'accepted', /not signed/)
    }
    if (type === 'host') return
    assert.deepEqual(read.principals, ['files', 'shop'])
    assert.deepEqual(read.criticalOptions, [
      { name: 'force-command', value: 'uptime' },
      { name: 'source-address', value: '192.0.2.0/24,2001:db8::/32' },
    ])
    assert.deepEqual(read.extensions, [
      { name: 'identity@sallyport', value: '{"subject":"agent"}' },
      { name: 'permit-pty', value: '' },
    ])
    assert.match(verifySshCertificate(read, known, { ...use, type }) ?? '', /critical option/)
    for (const address of ['192.0.3.1', '2001:db9::1', 'nonsense', '::ffff:192.0.3.1'])
      assert.match(verifySshCertificate(read, known, { ...at, clientAddress: address }) ?? '', /address/)
    const { clientAddress, ...nowhere } = at
    assert.match(verifySshCertificate(read, known, nowhere) ?? '', /address/, `not without ${clientAddress}`)
    for (const address of ['2001:db8::7', '::ffff:192.0.2.1'])
      assert.equal(verifySshCertificate(read, known, { ...at, clientAddress: address }), undefined)
  })
}

for (const by of ['ed25519', 'prime256v1', 'secp384r1', 'secp521r1', 'rsa'])
  for (const of of ['ed25519', 'prime256v1', 'secp384r1', 'secp521r1', 'rsa'])
    test(`ssh-keygen reads our certificate of a key on ${of} by one on ${by}`, (t) => {
      const key = pair(by)
      const made = signSshCertificate(
        {
          ...fields,
          key: sshPublicKeyOf(pair(of)),
          criticalOptions: [{ name: 'source-address', value: '192.0.2.0/24' }],
        },
        key,
      )
      const known = { ...trust, authorities: [sshPublicKeyOf(key)] }
      assert.equal(verifySshCertificate(decodeSshCertificate(made), known, use), undefined)
      const folder = mkdtempSync(join(tmpdir(), 'sallyport-cert-'))
      t.after(() => rmSync(folder, { recursive: true, force: true }))
      const file = join(folder, 'k-cert.pub')
      writeFileSync(file, `${sshCertificateLine(made, 'a remark')}\n`)
      const shown = spawnSync('ssh-keygen', ['-L', '-f', file], {
        encoding: 'utf8',
        env: { ...process.env, TZ: 'UTC' },
      })
      if (shown.error !== undefined) return t.diagnostic('ssh-keygen is not here: only our own reading was checked')
      assert.equal(shown.status, 0, shown.stderr)
      assert.match(shown.stdout, /user certificate[\s\S]*Key ID: "agent-1"\s+Serial: 7/)
      assert.match(shown.stdout, /Valid: from 2026-01-05T10:00:00 to 2026-01-05T10:10:00/)
      assert.match(shown.stdout, /Principals:\s+files\s+Critical Options:\s+source-address 192\.0\.2\.0\/24/)
      assert.match(shown.stdout, /Extensions:\s+permit-pty/)
    })

const refusals: readonly [string, () => string | undefined, RegExp][] = [
  ['of another authority', () => judged({}, {}, pair('ed25519')), /authority/],
  ['of a host for a user', () => judged({ type: 'host' }), /for a host/],
  ['for another principal', () => judged({}, { principal: 'shop' }), /principal/],
  ['before its time', () => judged({}, { nowSeconds: start - 6 }), /not count yet/],
  ['in the second in which it expires, beyond the skew', () => judged({}, { nowSeconds: start + 605 }), /expired/],
  ['that lives too long', () => judged({ validBefore: BigInt(start + 3601) }), /longer than the 3600 s/],
  ['that lives for ever', () => judged({ validAfter: 0n, validBefore: 2n ** 64n - 1n }), /longer/],
  [
    'with a critical option that nobody enforces',
    () => judged({ criticalOptions: [{ name: 'verify-required', value: '' }] }),
    /critical option/,
  ],
  [
    'from an address that its list cannot be read for',
    () => judged({ criticalOptions: [{ name: 'source-address', value: '192.0.2.0/33' }] }),
    /address/,
  ],
]
for (const [name, judge, why] of refusals) {
  test(`refuses a certificate ${name}`, () => assert.match(judge() ?? 'accepted', why))
}

test('the same certificate counts for its principal, and within the skew', () => {
  assert.equal(judged({}, { principal: 'files' }), undefined)
  assert.equal(judged({}, { nowSeconds: start - 5 }), undefined)
  assert.equal(judged({}, { nowSeconds: start + 604 }), undefined)
})

const unreadable: readonly [string, Partial<SshCertificateFields>][] = [
  ['a comma in a principal', { principals: ['a,root'] }],
  ['an empty principal', { principals: [''] }],
  ['no principal', { principals: [] }],
  ['an option that comes twice', { extensions: [fields.extensions[0], fields.extensions[0]].flatMap((x) => x ?? []) }],
  ['a line break in the key id', { keyId: 'a\nb' }],
]
for (const [name, change] of unreadable) {
  test(`signs nothing with ${name}`, () => {
    assert.throws(() => signSshCertificate({ ...fields, ...change }, authority), SshFormatError)
  })
}

test('a certificate that is cut, or has bytes after its end, is none', () => {
  const made = signSshCertificate(fields, authority)
  for (let length = 0; length < made.length; length++)
    assert.throws(() => decodeSshCertificate(made.subarray(0, length)), SshFormatError)
  assert.throws(() => decodeSshCertificate(Buffer.concat([made, Buffer.from([0])])), SshFormatError)
})

test('a certificate is no authority and no key: neither nests (CVE-2025-49825)', () => {
  const made = signSshCertificate(fields, authority)
  assert.throws(() => decodeSshPublicKey(made), SshFormatError)
  assert.throws(() => parseSshAuthorities(sshCertificateLine(made)), SshFormatError)
  const inner = Buffer.from(sshPublicKeyOf(authority).blob)
  const at = Buffer.from(made).indexOf(inner)
  const nested = Buffer.concat([made.subarray(0, at - 4), length(made), made, made.subarray(at + inner.length)])
  assert.throws(() => decodeSshCertificate(nested), SshFormatError)
})
function length(bytes: Uint8Array): Buffer {
  const out = Buffer.alloc(4)
  out.writeUInt32BE(bytes.length)
  return out
}

test('whatever byte is changed, a certificate no longer counts', () => {
  const made = signSshCertificate(fields, authority)
  fc.assert(
    fc.property(fc.nat(made.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = Uint8Array.from(made)
      changed[at] = (changed[at] ?? 0) ^ flip
      let read: ReturnType<typeof decodeSshCertificate>
      try {
        read = decodeSshCertificate(changed)
      } catch (error) {
        assert.ok(error instanceof SshFormatError)
        return
      }
      assert.notEqual(verifySshCertificate(read, trust, use), undefined)
    }),
    { numRuns: 400 },
  )
})

test('what is encoded is decoded again', () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9@.-]{0,20}$/)
  fc.assert(
    fc.property(
      fc.bigInt(0n, 2n ** 64n - 1n),
      fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
      fc.uniqueArray(fc.record({ name, value: fc.stringMatching(/^[ -~]{0,40}$/) }, { noNullPrototype: true }), {
        maxLength: 5,
        selector: (option) => option.name,
      }),
      (serial, principals, extensions) => {
        const read = decodeSshCertificate(signSshCertificate({ ...fields, serial, principals, extensions }, authority))
        assert.deepEqual([read.serial, read.principals], [serial, principals])
        assert.deepEqual(
          read.extensions,
          [...extensions].sort((a, b) => (a.name < b.name ? -1 : 1)),
        )
      },
    ),
    { numRuns: 60 },
  )
})

test('short RSA keys, points off the curve and keys of a wrong length are no keys', () => {
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 })
  assert.throws(() => sshPublicKeyOf(short.publicKey), SshFormatError)
  const exponentOne = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' })
  assert.throws(
    () => sshPublicKeyOf(createPublicKey({ key: { ...exponentOne, e: 'AQ' }, format: 'jwk' })),
    SshFormatError,
  )
  const long = sshPublicKeyOf(rsa)
  assert.deepEqual(decodeSshPublicKey(long.blob).blob, long.blob)
  assert.throws(() => decodeSshPublicKey(Buffer.concat([long.blob, Buffer.from([0])])), SshFormatError)
  const sha1 = Buffer.concat([sshString('ssh-rsa'), sshString(sign('sha1', Buffer.from('x'), rsa))])
  assert.equal(verifySsh(Buffer.from('x'), sha1, long), false)
  assert.equal(verifySsh(Buffer.from('x'), signSsh(Buffer.from('x'), rsa), long), true)
  assert.equal(verifySsh(Buffer.from('y'), signSsh(Buffer.from('x'), rsa), long), false)
  const good = Buffer.from(sshPublicKeyOf(pair('prime256v1')).blob)
  const off = Buffer.from(good)
  off[off.length - 1] = (off[off.length - 1] ?? 0) ^ 1
  assert.throws(() => decodeSshPublicKey(off), SshFormatError)
  assert.throws(() => decodeSshPublicKey(good.subarray(0, -1)), SshFormatError)
  assert.equal(decodeSshPublicKey(good).algorithm, 'ecdsa-sha2-nistp256')
})

test('a new key is read by ssh-keygen and by ssh2, whatever bytes it begins with', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-key-'))
  t.after(() => rmSync(folder, { recursive: true }))
  let zeros = 0
  let shown: ReturnType<typeof spawnSync> | undefined
  // Now and then a point begins with zero, and one that is cut there is no key any more.
  for (let at = 0; at < 4000 && zeros < 3; at++) {
    const key = generateSshKey('x'.repeat(at % 9))
    if (parseSshLine(key.public).blob.at(-32) !== 0 && at > 20) continue
    zeros += at > 20 ? 1 : 0
    const parsed = ssh2.utils.parseKey(key.private)
    assert.ok(!(parsed instanceof Error) && !Array.isArray(parsed), String(parsed))
    assert.deepEqual(parsed.getPublicSSH(), parseSshLine(key.public).blob)
    const file = join(folder, `k${at}`)
    writeFileSync(file, key.private, { mode: 0o600 })
    shown = spawnSync('ssh-keygen', ['-y', '-P', '', '-f', file], { encoding: 'utf8' })
    if (shown.error === undefined) assert.equal(String(shown.stdout).trim(), key.public.trim(), String(shown.stderr))
  }
  assert.ok(zeros > 0)
  if (shown?.error !== undefined) t.diagnostic('ssh-keygen is not here: only ssh2 read them')
})
