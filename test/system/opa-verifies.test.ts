// Bundles signed here verify under OPA itself, with each family of algorithms, and do not with another key.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeArchive } from '../../bundles/format/index.ts'
import { type SigningAlgorithm, signFiles } from '../../bundles/signing/index.ts'

const opa = [process.env['OPA'] ?? 'opa', join(homedir(), 'go/bin/opa')].find(
  (path) => spawnSync(path, ['version']).status === 0,
)
const skip = opa === undefined ? 'there is no `opa` on this machine' : false

const files = [
  { path: '.manifest', bytes: Buffer.from('{"revision":"7","roots":["policy","limits"]}') },
  { path: 'data.json', bytes: Buffer.from('{ "limits": {"rows": [1, 2.50, "<&>", 1e3, "\\u00e9"]} }\n') },
  { path: 'p.rego', bytes: Buffer.from('package policy.p\n\nallow if input.action.verb == "read"\n') },
]

function pair(algorithm: SigningAlgorithm): { readonly signing: string; readonly verifying: string } {
  if (algorithm === 'HS256') return { signing: 'secret', verifying: 'secret' }
  const made: { publicKey: KeyObject; privateKey: KeyObject } =
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
        : generateKeyPairSync('ed25519')
  return {
    signing: made.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    verifying: made.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

function verified(algorithm: SigningAlgorithm, folder: string, key: string): number | null {
  const keyFile = join(folder, 'key.pem')
  writeFileSync(keyFile, key)
  const named = algorithm === 'HS256' ? key : keyFile
  const flags = ['--verification-key', named, '--signing-alg', algorithm, '-o', join(folder, 'out.tar.gz')]
  return spawnSync(opa ?? '', ['build', '-b', join(folder, 'b.tar.gz'), ...flags], { encoding: 'utf8' }).status
}

for (const algorithm of ['RS256', 'ES256', 'EdDSA', 'HS256'] as const) {
  test(`OPA verifies what is signed here with ${algorithm}`, { skip }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'opa-verifies-'))
    const { signing, verifying } = pair(algorithm)
    const signature = await signFiles(files, { key: signing, algorithm }, {})
    writeFileSync(join(folder, 'b.tar.gz'), writeArchive([...files, { path: '.signatures.json', bytes: signature }]))
    assert.equal(verified(algorithm, folder, verifying), 0)
    const other = algorithm === 'HS256' ? 'another' : pair(algorithm).verifying
    assert.notEqual(verified(algorithm, folder, other), 0)
  })
}
