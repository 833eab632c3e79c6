// OpenSSH clients that show a certificate: of an authority that the listener names, made by `ssh-keygen`, and of others.
// Needs `ssh`, `ssh-keygen` and `sshd`.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type SshGateway, startSshGateway } from '../support/ssh-gateway.ts'
import { programMissing, type Sshd, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing || programMissing('ssh', ['-V'])
const folder = mkdtempSync(join(tmpdir(), 'ssh-certificates-'))
let sshd: Sshd
let gateway: SshGateway

function keygen(...args: string[]): void {
  const { status, stderr } = spawnSync('ssh-keygen', ['-q', ...args])
  assert.equal(status, 0, stderr.toString())
}

/** A fresh key with a certificate; answers the key's path. */
function certified(name: string, kind: string, authority: string, ...args: string[]): string {
  const path = join(folder, name)
  keygen('-t', kind, '-N', '', '-f', path)
  keygen('-s', join(folder, authority), '-I', 'robot-7', ...args, `${path}.pub`)
  return path
}

before(async () => {
  if (skip !== false) return
  for (const name of ['authority', 'stranger']) keygen('-t', 'ed25519', '-N', '', '-f', join(folder, name))
  sshd = await startSshd()
  gateway = await startSshGateway(
    [{ name: 'web', ...sshd }],
    `package policy.hosts
allow if {
	input.identity.subject == "robot-7"
	startswith(input.identity.issuer, "ssh:SHA256:")
}
`,
    `, user_authorities: ["${join(folder, 'authority.pub')}"]`,
  )
})
after(async () => {
  if (skip !== false) return
  await gateway.close()
  await sshd.close()
  rmSync(folder, { recursive: true, force: true })
})

function withKey(key: string, ...options: string[]) {
  return gateway.ssh([
    ...['-o', 'PreferredAuthentications=publickey', '-o', 'IdentitiesOnly=yes', '-o', 'BatchMode=yes', '-i', key],
    ...options,
    'web',
    'echo in',
  ])
}

for (const kind of ['ed25519', 'ecdsa', 'rsa'])
  test(`a certified ${kind} key is let in, as whom its key id names`, { skip }, async () => {
    const key = certified(`good-${kind}`, kind, 'authority', '-n', 'web,other', '-V', '-1m:+5m')
    const { out, err, code } = await withKey(key)
    assert.deepEqual([out.toString(), code], ['in\n', 0], err)
  })

test('a certified RSA key counts by each of its signatures with SHA-2, and by no other', { skip }, async () => {
  const key = certified('signing-rsa', 'rsa', 'authority', '-n', 'web', '-V', '-1m:+5m')
  const by = (name: string) => withKey(key, '-o', `PubkeyAcceptedAlgorithms=${name}-cert-v01@openssh.com`)
  assert.equal((await by('rsa-sha2-256')).code, 0)
  assert.equal((await by('ssh-rsa')).code, 255)
})

test('certificates that do not count are not let in', { skip }, async () => {
  const refused: Record<string, string[]> = {
    'of another authority': ['stranger', '-n', 'web', '-V', '-1m:+5m'],
    'for another host': ['authority', '-n', 'other', '-V', '-1m:+5m'],
    'that has expired': ['authority', '-n', 'web', '-V', '-10m:-5m'],
    'that does not count yet': ['authority', '-n', 'web', '-V', '+5m:+10m'],
    'for ever': ['authority', '-n', 'web'],
    'for nobody by name': ['authority', '-V', '-1m:+5m'],
    'with a command that it forces': ['authority', '-n', 'web', '-V', '-1m:+5m', '-O', 'force-command=id'],
    'from another address': ['authority', '-n', 'web', '-V', '-1m:+5m', '-O', 'source-address=192.0.2.1'],
    'of a host': ['authority', '-h', '-n', 'web', '-V', '-1m:+5m'],
  }
  for (const [index, [what, [authority = '', ...args]]] of Object.entries(refused).entries()) {
    const { out, code, err } = await withKey(certified(`bad-${index}`, 'ed25519', authority, ...args))
    assert.deepEqual([out.toString(), code], ['', 255], `a certificate ${what}: ${err}`)
  }
  const here = certified('here', 'ed25519', 'authority', '-n', 'web', '-V', '-1m:+5m', '-O', 'source-address=127.0.0.1')
  assert.equal((await withKey(here)).code, 0)
})

test('a plain key, and a certificate that somebody else signs for, are not let in', { skip }, async () => {
  const path = join(folder, 'plain')
  keygen('-t', 'ed25519', '-N', '', '-f', path)
  assert.equal((await withKey(path)).code, 255)
  const good = certified('whose', 'ed25519', 'authority', '-n', 'web', '-V', '-1m:+5m')
  const { code } = await withKey(path, '-o', `CertificateFile=${good}-cert.pub`)
  assert.equal(code, 255)
})
