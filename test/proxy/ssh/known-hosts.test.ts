// Known hosts: exactly the key that is written down, for exactly that host.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
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
