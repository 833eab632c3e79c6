// Known hosts: exactly the key that is written down, for exactly that host.
import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import {
  type SshCertificateFields,
  signSshCertificate,
  sshLine,
  sshPublicKeyOf,
} from '../../../proxy/identity/index.ts'
import { parseKnownHosts } from '../../../proxy/ssh/index.ts'

const key = Buffer.from('key-1')
const other = Buffer.from('key-2')
const b64 = key.toString('base64')
const salt = Buffer.from('salt')
const hashed = `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update('[h.example]:2222').digest('base64')}`

const cases: readonly [string, string, string, number, Uint8Array, boolean][] = [
  ['a plain name', `h.example ssh-ed25519 ${b64}`, 'h.example', 22, key, true],
  ['a name in other case', `H.example ssh-ed25519 ${b64}`, 'h.EXAMPLE', 22, key, true],
  ['another key', `h.example ssh-ed25519 ${b64}`, 'h.example', 22, other, false],
  ['another host', `h.example ssh-ed25519 ${b64}`, 'g.example', 22, key, false],
  ['another port', `h.example ssh-ed25519 ${b64}`, 'h.example', 2222, key, false],
  ['a port', `[h.example]:2222 ssh-ed25519 ${b64}`, 'h.example', 2222, key, true],
  ['a hashed name', `${hashed} ssh-ed25519 ${b64}`, 'h.example', 2222, key, true],
  ['a hashed name of another host', `${hashed} ssh-ed25519 ${b64}`, 'g.example', 2222, key, false],
  ['a wildcard', `*.example ssh-ed25519 ${b64}`, 'h.example', 22, key, true],
  ['a wildcard with an exception', `*.example,!h.example ssh-ed25519 ${b64}`, 'h.example', 22, key, false],
  ['a revoked key', `h.example ssh-ed25519 ${b64}\n@revoked * ssh-ed25519 ${b64}`, 'h.example', 22, key, false],
  ['an authority, which is not a host key', `@cert-authority * ssh-ed25519 ${b64}`, 'h.example', 22, key, false],
  ['a comment', `# h.example ssh-ed25519 ${b64}`, 'h.example', 22, key, false],
  ['nothing', '', 'h.example', 22, key, false],
]
for (const [name, text, host, port, shown, wanted] of cases) {
  test(`${wanted ? 'knows' : 'does not know'} ${name}`, () => {
    assert.equal(parseKnownHosts(text).knows(host, port, shown), wanted)
  })
}

const nowMs = Date.UTC(2026, 0, 1)
const authority = generateKeyPairSync('ed25519').privateKey
const authorityLine = sshLine('ssh-ed25519', sshPublicKeyOf(authority).blob)
const hostPublic = sshPublicKeyOf(generateKeyPairSync('ed25519').publicKey)
const fields: SshCertificateFields = {
  key: hostPublic,
  serial: 1n,
  type: 'host',
  keyId: 'h',
  principals: ['h.example'],
  validAfter: BigInt(nowMs / 1000 - 3600),
  validBefore: BigInt(nowMs / 1000 + 3600),
  criticalOptions: [],
  extensions: [],
}
const other2 = generateKeyPairSync('ed25519').privateKey
const trusted = `@cert-authority *.example ${authorityLine}`

const certified: readonly [string, string, Partial<SshCertificateFields>, string, number, boolean][] = [
  ['a certificate of an authority for this host', trusted, {}, 'h.example', 22, true],
  ['one at another port, of an authority for all', trusted, {}, 'h.example', 2222, true],
  [
    'one of an authority of this port',
    `@cert-authority [h.example]:2222 ${authorityLine}`,
    {},
    'h.example',
    2222,
    true,
  ],
  [
    'one of an authority of another port',
    `@cert-authority [h.example]:2222 ${authorityLine}`,
    {},
    'h.example',
    22,
    false,
  ],
  ['one of an authority for other hosts', `@cert-authority *.test ${authorityLine}`, {}, 'h.example', 22, false],
  ['one that names another host', trusted, { principals: ['g.example'] }, 'h.example', 22, false],
  ['one for users', trusted, { type: 'user' }, 'h.example', 22, false],
  ['one that has expired', trusted, { validBefore: BigInt(nowMs / 1000 - 1800) }, 'h.example', 22, false],
  ['one that does not count yet', trusted, { validAfter: BigInt(nowMs / 1000 + 1800) }, 'h.example', 22, false],
  [
    'one with an option that it does not know',
    trusted,
    { criticalOptions: [{ name: 'x', value: '' }] },
    'h.example',
    22,
    false,
  ],
  ['one of an authority that is no authority here', `*.example ${authorityLine}`, {}, 'h.example', 22, false],
  [
    'one whose key is revoked',
    `${trusted}\n@revoked * ${sshLine('ssh-ed25519', hostPublic.blob)}`,
    {},
    'h.example',
    22,
    false,
  ],
  ['one whose authority is revoked', `${trusted}\n@revoked * ${authorityLine}`, {}, 'h.example', 22, false],
]
for (const [name, text, changed, host, port, wanted] of certified) {
  test(`${wanted ? 'knows' : 'does not know'} ${name}`, () => {
    const certificate = signSshCertificate({ ...fields, ...changed }, authority)
    assert.equal(parseKnownHosts(text, () => nowMs).knows(host, port, certificate), wanted)
    const forged = signSshCertificate({ ...fields, ...changed }, other2)
    assert.equal(parseKnownHosts(text, () => nowMs).knows(host, port, forged), false)
  })
}

test('a certified key is not known without its certificate, and authorities are known by host', () => {
  const known = parseKnownHosts(trusted, () => nowMs)
  assert.equal(known.knows('h.example', 22, hostPublic.blob), false)
  assert.equal(known.hasAuthority('h.example', 22), true)
  assert.equal(known.hasAuthority('h.test', 22), false)
})
