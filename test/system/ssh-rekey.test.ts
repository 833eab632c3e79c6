// Keys that are made anew every few KiB, by the client, the host and the gateway, in the middle of all that passes. Needs
// `ssh`, `sftp` and `sshd`.
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { startSshGateway } from '../support/ssh-gateway.ts'
import { programMissing, sshdMissing, startSshd } from '../support/sshd.ts'

const skip = sshdMissing || programMissing('ssh', ['-V'])
const allow = 'package policy.hosts\nallow := true\n'

for (const [who, client, host] of [
  ['the client', ['-o', 'RekeyLimit=16K'], []],
  ['the host', [], ['RekeyLimit 16K']],
  ['both', ['-o', 'RekeyLimit=32K'], ['RekeyLimit 16K']],
] as const)
  test(`what passes while ${who} makes keys anew is whole`, { skip }, async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'ssh-rekey-'))
    const sshd = await startSshd(host)
    const gateway = await startSshGateway([{ name: 'web', ...sshd }], allow)
    context.after(async () => {
      await gateway.close()
      await sshd.close()
      rmSync(folder, { recursive: true, force: true })
    })
    const bytes = randomBytes(110_000)
    const sum = createHash('sha256').update(bytes).digest('hex')
    const file = join(folder, 'sent')
    writeFileSync(file, bytes)
    for (const cipher of ['chacha20-poly1305@openssh.com', 'aes128-gcm@openssh.com', 'aes256-ctr']) {
      const options = [...client, '-o', `Ciphers=${cipher}`]
      const back = await gateway.ssh([...options, 'web', 'cat'], bytes)
      assert.deepEqual([back.code, back.err, back.out.equals(bytes)], [0, '', true], cipher)
      const up = await gateway.ssh([...options, 'web', 'sha256sum'], bytes)
      assert.deepEqual([up.code, up.out.toString().slice(0, 64)], [0, sum])
      const down = await gateway.ssh([...options, 'web', `cat ${file}`])
      assert.deepEqual([down.code, createHash('sha256').update(down.out).digest('hex')], [0, sum])
    }
    const batch = join(folder, 'batch')
    writeFileSync(batch, `put ${file} ${folder}/put\nget ${folder}/put ${folder}/got\nls -l ${folder}\n`)
    const { code, err } = await gateway.run('sftp', [
      '-F',
      gateway.clientConfig,
      ...client,
      '-o',
      'BatchMode=no',
      '-b',
      batch,
      'web',
    ])
    assert.equal(code, 0, err)
    for (const name of ['put', 'got']) assert.ok(readFileSync(join(folder, name)).equals(bytes), name)
  })
