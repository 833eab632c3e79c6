// `sallyport sessions fetch` from a store that does not have all of it yet: it says which sessions may be on their way, and
// of the others nothing.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { signerFromPem } from '../../proxy/recording/checkpoint.ts'
import { SessionLog } from '../../proxy/recording/session-log.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))

test('names the sessions without an end of which the store has nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-fetch-'))
  const at = (...names: readonly string[]): string => join(folder, ...names)
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  writeFileSync(at('sign.pem'), pem, { mode: 0o600 })
  writeFileSync(at('verify.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  mkdirSync(at('policy'))
  writeFileSync(
    at('sallyport.yaml'),
    `version: 1
gateway: { id: gate }
listeners:
  - { protocol: admin, name: admin, address: "127.0.0.1:0" }
identity:
  issuers:
    - { name: dev, preset: oidc, issuer: "https://issuer.example", audiences: [sallyport], kind: agent }
resources:
  - { name: api, protocol: http, upstream: { url: "http://127.0.0.1:1" } }
bundles:
  signed: false
  sources: [{ kind: folder, name: main, path: policy }]
recording:
  store: { kind: folder, path: recordings }
  signing_key: file:sign.pem
`,
  )
  const log = new SessionLog(at('recordings'), 'gate', signerFromPem(pem), () => 1_000_000)
  const leaf = (session: string, event: 'opened' | 'closed') => ({ session, event, head: 'a'.repeat(64), wallMs: 1 })
  for (const session of ['over', 'runs', 'here']) log.append(leaf(session, 'opened'))
  log.append(leaf('over', 'closed'))
  log.close()
  // As a store has it: the log in pieces.
  for (const name of ['leaves', 'heads']) {
    renameSync(at('recordings', 'log', name), at(name))
    mkdirSync(at('recordings', 'log', name))
    renameSync(at(name), at('recordings', 'log', name, '00000000'))
  }
  mkdirSync(at('recordings', 'sessions', 'here'), { recursive: true })
  writeFileSync(at('recordings', 'sessions', 'here', '000000.segment'), 'x')
  const sallyport = (...args: readonly string[]) =>
    spawnSync(process.execPath, [bin, 'sessions', ...args], { cwd: folder, encoding: 'utf8' })
  const fetched = sallyport('fetch', '--config', 'sallyport.yaml', '--dir', 'copy')
  assert.equal(fetched.status, 0, fetched.stderr)
  assert.match(fetched.stderr, /^1 sessions that have no end in the log are not in the store yet/)
  assert.match(fetched.stderr, /\n {2}runs\n$/)
  const proof = sallyport('verify', '--dir', 'copy', '--key', 'verify.pem')
  assert.equal(proof.status, 2)
  assert.match(proof.stdout, /over: missing_session/)
  assert.match(proof.stdout, /runs: missing_session/)
  rmSync(folder, { recursive: true })
})
