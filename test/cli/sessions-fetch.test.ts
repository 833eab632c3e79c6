// `sallyport sessions fetch` from a store that does not have all of it yet: it says which sessions may be on their way, and
// of the others nothing.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { signerFromPem } from '../../proxy/recording/checkpoint.ts'
import { SessionLog } from '../../proxy/recording/session-log.ts'
import { S3Server } from '../support/s3-server.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))

test('names the sessions without an end of which the store has nothing', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'sessions-fetch-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const at = (...names: readonly string[]): string => join(folder, ...names)
  const server = new S3Server()
  const endpoint = await server.start()
  t.after(() => server.close())
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  writeFileSync(at('sign.pem'), pem, { mode: 0o600 })
  writeFileSync(at('verify.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  mkdirSync(at('policy'))
  const { accessKeyId, secretAccessKey, region } = server.credentials
  writeFileSync(at('access'), accessKeyId, { mode: 0o600 })
  writeFileSync(at('secret'), secretAccessKey, { mode: 0o600 })
  const configured = (file: string, store: string): void =>
    writeFileSync(
      at(file),
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
  store: ${store}
  signing_key: file:sign.pem
`,
    )
  const keys = 'access_key: "file:access", secret_key: "file:secret"'
  configured('s3.yaml', `{ kind: s3, endpoint: "${endpoint}", region: ${region}, bucket: b, prefix: "p/", ${keys} }`)
  configured('folder.yaml', '{ kind: folder, path: recordings }')
  const log = new SessionLog(at('spool'), 'gate', signerFromPem(pem), () => 1_000_000)
  const leaf = (session: string, event: 'opened' | 'closed') => ({ session, event, head: 'a'.repeat(64), wallMs: 1 })
  for (const session of ['over', 'runs', 'here']) log.append(leaf(session, 'opened'))
  log.append(leaf('over', 'closed'))
  log.close()
  for (const name of ['leaves', 'heads'])
    server.objects.set(`p/gate/log/${name}/00000000`, readFileSync(at('spool', 'log', name)))
  server.objects.set('p/gate/sessions/here/000000.segment', Buffer.from('x'))
  const sallyport = async (...args: readonly string[]): Promise<readonly [number | null, string]> => {
    const child = spawn(process.execPath, [bin, 'sessions', ...args], { cwd: folder })
    let text = ''
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk
      })
    await once(child, 'close')
    return [child.exitCode, text]
  }
  const [code, said] = await sallyport('fetch', '--config', 's3.yaml', '--dir', 'copy')
  assert.equal(code, 0, said)
  assert.match(said, /^1 sessions that have no end in the log are not in the store yet/)
  assert.match(said, /\n {2}runs\n$/)
  const [proof, found] = await sallyport('verify', '--dir', 'copy', '--key', 'verify.pem')
  assert.equal(proof, 2)
  assert.match(found, /over: missing_session/)
  assert.match(found, /runs: missing_session/)
  const [refused, why] = await sallyport('fetch', '--config', 'folder.yaml', '--dir', 'other')
  assert.equal(refused, 1)
  assert.match(why, /folder\.yaml keeps recordings in a folder/)
})
