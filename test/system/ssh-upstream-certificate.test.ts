// The gateway logs in to a real OpenSSH host by a certificate, as Vault's SSH engine gives it. Needs `sshd`.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import {
  decodeSshPublicKey,
  generateSshKey,
  parseSshLine,
  signSshCertificate,
  sshCertificateLine,
  sshLine,
  sshPublicKeyOf,
} from '../../proxy/identity/index.ts'
import { parseKnownHosts } from '../../proxy/ssh/index.ts'
import { noSetting } from '../../proxy/ssh/setting.ts'
import { connectSsh, SshUpstreamError } from '../../proxy/ssh/upstream.ts'
import { type Sshd, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing
const folder = mkdtempSync(join(tmpdir(), 'ssh-upstream-certificate-'))
const authority = generateKeyPairSync('ed25519').privateKey
const stranger = generateKeyPairSync('ed25519').privateKey
let sshd: Sshd
before(async () => {
  if (skip !== false) return
  const { algorithm, blob } = sshPublicKeyOf(authority)
  writeFileSync(join(folder, 'authority.pub'), `${sshLine(algorithm, blob)}\n`)
  sshd = await startSshd([`TrustedUserCAKeys ${join(folder, 'authority.pub')}`])
})
after(async () => {
  if (skip === false) await sshd.close()
  rmSync(folder, { recursive: true, force: true })
})

/** A key with a certificate behind it, in one text. */
function secret(by = authority, principal = userInfo().username, seconds = 60): string {
  const key = generateSshKey()
  return `${key.private.trimEnd()}\n${certified(key.public, by, principal, seconds)}\n`
}

/** The certificate of a key. */
function certified(publicLine: string, by = authority, principal = userInfo().username, seconds = 300): string {
  const now = Math.floor(Date.now() / 1000)
  const certificate = signSshCertificate(
    {
      key: decodeSshPublicKey(parseSshLine(publicLine).blob),
      serial: 1n,
      type: 'user',
      keyId: 'gateway',
      principals: [principal],
      validAfter: BigInt(now - 120),
      validBefore: BigInt(now + seconds),
      criticalOptions: [],
      extensions: [{ name: 'permit-pty', value: '' }],
    },
    by,
  )
  return sshCertificateLine(certificate)
}
const logIn = (text: string) =>
  connectSsh({
    host: '127.0.0.1',
    port: sshd.port,
    user: sshd.user,
    credential: { kind: 'key', secret: text },
    knownHosts: parseKnownHosts(sshd.known),
    connectMs: 60_000,
  })

test('a host that knows only the authority lets the gateway in by its certificate', { skip }, async () => {
  const upstream = await logIn(secret())
  const { channel } = await upstream.exec('echo let in', undefined, noSetting)
  let out = ''
  for await (const chunk of channel) out += String(chunk)
  assert.equal(out, 'let in\n')
  upstream.close()
})

for (const kind of ['rsa', 'ecdsa'])
  test(`a host lets the gateway in by the certificate of an ${kind} key, and of no other key`, { skip }, async () => {
    const path = join(folder, kind)
    spawnSync('ssh-keygen', ['-q', '-t', kind, '-N', '', '-f', path])
    const line = certified(readFileSync(`${path}.pub`, 'utf8').trim())
    const upstream = await logIn(`${readFileSync(path, 'utf8')}${line}\n`)
    upstream.close()
    await assert.rejects(async () => await logIn(secret().replace(/\n[^\n]*\n$/, `\n${line}\n`)))
  })

const refusals: readonly [string, () => string][] = [
  ['of another authority', () => secret(stranger)],
  ['for another user', () => secret(authority, 'somebody-else')],
  ['that has expired', () => secret(authority, userInfo().username, -60)],
  ['that is missing', () => `${secret().split('\n').slice(0, -2).join('\n')}\n`],
]
for (const [name, make] of refusals) {
  test(`a host does not let the gateway in by a certificate ${name}`, { skip }, async () => {
    await assert.rejects(
      logIn(make()),
      (error: unknown) => error instanceof SshUpstreamError && error.code === 'refused',
    )
  })
}
