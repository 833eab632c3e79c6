// The demo's keys: made once, kept in its folder with mode 600.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSshKey } from '../../proxy/identity/index.ts'

/** Makes the keys where they are not there yet. */
export function demoKeys(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const file = (name: string): string => join(folder, name)
  if (!existsSync(file('recording-wrap.key'))) {
    const pair = generateKeyPairSync('ed25519')
    writeFileSync(file('recording-sign.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
    writeFileSync(file('recording-verify.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }))
    writeFileSync(file('recording-wrap.key'), `${randomBytes(32).toString('hex')}\n`, { mode: 0o600 })
  }
  if (!existsSync(file('exchange.pem'))) {
    const pair = generateKeyPairSync('ed25519')
    writeFileSync(file('exchange.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  }
  if (!existsSync(file('ssh-host.key'))) {
    const pair = generateSshKey()
    writeFileSync(file('ssh-host.pub'), `${pair.public}\n`)
    writeFileSync(file('ssh-host.key'), pair.private, { mode: 0o600 })
  }
}
