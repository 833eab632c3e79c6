// Bundles that OPA signed verify here, by the rules it has; a byte of theirs changed, or another key, and they do not.
// The other way round, bundles signed here verify under OPA, where there is one: test/system/opa-verifies.test.ts.
import assert from 'node:assert/strict'
import { createReadStream, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { BundleError, type BundleFile, bundleLimits, readArchive } from '../../bundles/format/index.ts'
import { type SigningAlgorithm, type Verification, verifyFiles } from '../../bundles/signing/index.ts'

const fixture = (name: string): URL => new URL(`../../fixtures/bundles/${name}`, import.meta.url)
const algorithms: readonly SigningAlgorithm[] = ['RS256', 'ES256', 'EdDSA', 'HS256']

const keyOf = (algorithm: SigningAlgorithm): string =>
  algorithm === 'HS256' ? 'secret' : readFileSync(fixture(`${algorithm}.pem`), 'utf8')
const verification = (algorithm: SigningAlgorithm, key = keyOf(algorithm)): Verification => ({
  keys: new Map([['k', { key, algorithm }]]),
  keyId: 'k',
  scope: '',
  excludeFiles: [],
  allowWeakHashes: false,
})
const filesOf = (algorithm: SigningAlgorithm): Promise<readonly BundleFile[]> =>
  readArchive(createReadStream(fixture(`${algorithm}.tar.gz`)), bundleLimits)
const refused = (error: unknown): boolean => error instanceof BundleError

for (const algorithm of algorithms) {
  test(`a bundle that OPA signed with ${algorithm} verifies`, async () => {
    const files = await filesOf(algorithm)
    assert.equal(files.length, 4)
    assert.notEqual(await verifyFiles(files, verification(algorithm), Date.now()), undefined)
  })

  test(`it does not with another key, or any file changed, added or missing (${algorithm})`, async () => {
    const files = await filesOf(algorithm)
    const now = Date.now()
    const other = algorithm === 'HS256' ? 'another secret' : keyOf(algorithm === 'RS256' ? 'ES256' : 'RS256')
    await assert.rejects(verifyFiles(files, verification(algorithm, other), now), refused)
    for (const [at, { path, bytes }] of files.entries()) {
      const changed = files.map((file, index) =>
        index === at ? { path, bytes: Buffer.concat([bytes, Buffer.from('1')]) } : file,
      )
      await assert.rejects(verifyFiles(changed, verification(algorithm), now), refused, path)
      const missing = files.filter((_, index) => index !== at)
      await assert.rejects(verifyFiles(missing, verification(algorithm), now), refused, path)
    }
    const added = [...files, { path: 'q.rego', bytes: Buffer.from('package q\n') }]
    await assert.rejects(verifyFiles(added, verification(algorithm), now), refused)
  })
}
