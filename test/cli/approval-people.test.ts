// The people of a configuration: each has a key of their own, so that a quorum of two is two.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { approvalPeople } from '../../cli/serve/approvals.ts'
import { UnsupportedError } from '../../cli/serve/parts.ts'
import { type Config, checkConfigText } from '../../proxy/config/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'people-'))
const pem = (): string => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()
const [one, other] = [pem(), pem()]
writeFileSync(join(folder, 'one.pem'), one)
writeFileSync(join(folder, 'other.pem'), other)
writeFileSync(join(folder, 'again.pem'), `${one}\n`)
writeFileSync(join(folder, 'none.pem'), 'no key')

function configWith(...keys: readonly string[]): Config {
  const people = keys.map(
    (key, index) => `    - { subject: person-${index}, issuer: "https://people.example", groups: [dba], key: ${key} }`,
  )
  const text = `version: 1
listeners: [{ protocol: admin, name: admin, address: "127.0.0.1:0" }]
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policies }] }
recording: { signing_key: env:KEY }
approvals:
  approvers:
${people.join('\n')}
`
  const loaded = checkConfigText(text, folder, {})
  assert.ok(loaded.ok, JSON.stringify(loaded))
  return loaded.config
}

test('people with keys of their own are read', async () => {
  const { approvers } = await approvalPeople(configWith('one.pem', 'other.pem'))
  assert.deepEqual(
    approvers.map(({ subject }) => subject),
    ['person-0', 'person-1'],
  )
})

test('one key for two names is refused: its owner would be a quorum alone', async () => {
  await assert.rejects(
    approvalPeople(configWith('one.pem', 'other.pem', 'again.pem')),
    (error) =>
      error instanceof UnsupportedError &&
      error.message === 'the approvers person-0 and person-2 have one key: each has their own',
  )
})

test('a key that cannot be used is named with its owner', async () => {
  for (const [key, why] of [
    ['none.pem', /the key of the approver person-0 \(.*none\.pem\): it cannot be read/],
    ['missing.pem', /the key of the approver person-0 \(.*missing\.pem\): it cannot be read/],
  ] as const)
    await assert.rejects(approvalPeople(configWith(key)), why)
})
