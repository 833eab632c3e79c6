// Host certificates with the real OpenSSH: a client that knows the gateway by its authority only, and a host that the
// gateway knows by its authority only. Each with the twin that is refused. Needs `ssh` and `sshd`.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { systemClock } from '../../proxy/gate/index.ts'
import {
  decodeSshPublicKey,
  generateSshKey,
  parseSshLine,
  signSshCertificate,
  sshCertificateLine,
  sshLine,
  sshPublicKeyOf,
} from '../../proxy/identity/index.ts'
import { gateParts } from '../support/gate.ts'
import { type SshGateway, startSshGateway } from '../support/ssh-gateway.ts'
import { byToken, listenWith } from '../support/ssh-listener.ts'
import { programMissing, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing || programMissing('ssh', ['-V'])
const authority = generateKeyPairSync('ed25519').privateKey
const authorityLine = sshLine('ssh-ed25519', sshPublicKeyOf(authority).blob)

/** The certificate of a host key for a name. */
function certify(publicLine: string, name: string): string {
  const seconds = BigInt(Math.floor(Date.now() / 1000))
  const fields = {
    key: decodeSshPublicKey(parseSshLine(publicLine).blob),
    serial: 1n,
    type: 'host' as const,
    keyId: 'a host',
    principals: [name],
    validAfter: seconds - 60n,
    validBefore: seconds + 3600n,
    criticalOptions: [],
    extensions: [],
  }
  return `${sshCertificateLine(signSshCertificate(fields, authority))}\n`
}

let folder: string
let sshd: Sshd
let misnamed: Sshd
let certifiedRsa: Sshd
let gateway: SshGateway

/** An RSA key as `ssh-keygen` makes it. */
function rsaKey(label: string): { readonly private: string; readonly public: string } {
  const path = join(folder, label)
  spawnSync('ssh-keygen', ['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', path])
  return { private: readFileSync(path, 'utf8'), public: readFileSync(`${path}.pub`, 'utf8').trim() }
}

/** An `sshd` with a certified key, and one of its own that nobody knows. */
async function certifiedSshd(label: string, name: string, key = generateSshKey()): Promise<Sshd> {
  const path = join(folder, label)
  writeFileSync(path, key.private, { mode: 0o600 })
  writeFileSync(`${path}-cert.pub`, certify(key.public, name))
  return await startSshd([`HostKey ${path}`, `HostCertificate ${path}-cert.pub`])
}

if (skip === false) {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'host-certificates-'))
    sshd = await certifiedSshd('right', '127.0.0.1')
    misnamed = await certifiedSshd('wrong', 'other.example')
    certifiedRsa = await certifiedSshd('rsa-host', '127.0.0.1', rsaKey('rsa'))
    gateway = await startSshGateway(
      [
        { ...sshd, name: 'web', known: `@cert-authority 127.0.0.1 ${authorityLine}` },
        { ...certifiedRsa, name: 'rsa', known: '' },
        { ...misnamed, name: 'misnamed', known: '' },
      ],
      'package policy.hosts\n\nallow if true\n',
      ', host_certificates: ["host-cert.pub"]',
      '',
      (line) => certify(line, '127.0.0.1'),
    )
  })
  after(async () => {
    await gateway.close()
    await sshd.close()
    await misnamed.close()
    await certifiedRsa.close()
    rmSync(folder, { recursive: true, force: true })
  })
}

/** Runs `ssh` with known hosts of its own. */
function ssh(known: string, args: readonly string[]): ReturnType<SshGateway['ssh']> {
  writeFileSync(join(folder, 'known'), `${known}\n`)
  return gateway.ssh(['-o', `UserKnownHostsFile=${join(folder, 'known')}`, ...args])
}

test('a client that knows only the authority is served, and so is the gateway by such a host', { skip }, async () => {
  const { out, err, code } = await ssh(`@cert-authority 127.0.0.1 ${authorityLine}`, ['web', 'echo certified'])
  assert.deepEqual([out.toString(), code], ['certified\n', 0], err)
})

test('a host with a certified RSA key is known by its authority, by new keys too', { skip }, async () => {
  const { out, err, code } = await ssh(`@cert-authority 127.0.0.1 ${authorityLine}`, ['rsa', 'echo certified'])
  assert.deepEqual([out.toString(), code], ['certified\n', 0], err)
})

test('a client knows a gateway with a certified RSA key by its authority, by each of its signatures', {
  skip,
}, async () => {
  const key = rsaKey('rsa-gateway')
  const parts = gateParts({ clock: systemClock })
  const listener = await listenWith(parts, {
    authenticator: byToken(new Map()),
    target: () => undefined,
    hostKeys: [key.private],
    hostCertificates: [certify(key.public, '127.0.0.1').trim()],
  })
  const reach = async (known: string, algorithm: string): Promise<string> => {
    writeFileSync(join(folder, 'known-rsa'), `${known}\n`)
    const options = [`UserKnownHostsFile=${join(folder, 'known-rsa')}`, 'StrictHostKeyChecking=yes', 'BatchMode=yes']
    const { err } = await gateway.run('ssh', [
      ...['-F', 'none', '-p', String(listener.port), '-o', `HostKeyAlgorithms=${algorithm}`],
      ...options.flatMap((one) => ['-o', one]),
      'web@127.0.0.1',
    ])
    return err
  }
  for (const signature of ['rsa-sha2-256', 'rsa-sha2-512']) {
    const algorithm = `${signature}-cert-v01@openssh.com`
    assert.match(await reach(`@cert-authority * ${authorityLine}`, algorithm), /Permission denied/)
    const stranger = sshLine('ssh-ed25519', sshPublicKeyOf(generateKeyPairSync('ed25519').publicKey).blob)
    assert.match(await reach(`@cert-authority * ${stranger}`, algorithm), /Host key verification failed/)
  }
  await listener.close()
})

test('keys made anew are certified too', { skip }, async () => {
  const { out, code } = await ssh(`@cert-authority 127.0.0.1 ${authorityLine}`, [
    ...['-o', 'RekeyLimit=64K'],
    ...['web', 'head -c 500000 /dev/zero | wc -c'],
  ])
  assert.deepEqual([out.toString().trim(), code], ['500000', 0])
  const bulk = await ssh(`@cert-authority 127.0.0.1 ${authorityLine}`, [
    ...['-o', 'RekeyLimit=64K'],
    ...['web', 'head -c 500000 /dev/zero'],
  ])
  assert.equal(bulk.out.length, 500_000)
})

test('a client that knows another authority is not talked into it', { skip }, async () => {
  const stranger = sshLine('ssh-ed25519', sshPublicKeyOf(generateKeyPairSync('ed25519').publicKey).blob)
  const { code, err } = await ssh(`@cert-authority 127.0.0.1 ${stranger}`, ['web', 'echo certified'])
  assert.equal(code, 255)
  assert.match(err, /Host key verification failed/)
})

test('a host whose certificate names another is not logged in to', { skip }, async () => {
  const { code, err } = await ssh(`@cert-authority 127.0.0.1 ${authorityLine}`, ['misnamed', 'echo certified'])
  assert.equal(code, 255)
  assert.match(err, /not the one known for it/)
})
