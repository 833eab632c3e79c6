// Recordings outlive the program that made them: what version 1 wrote is read and proven for ever.
import assert from 'node:assert/strict'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { checkerFromPem, readEntries, unwrapperFromKey, verifyRecordings } from '../../../proxy/recording/index.ts'
import { allowed } from '../../support/recordings.ts'

const first = fileURLToPath(new URL('../../../fixtures/recordings/version-1', import.meta.url))
const checker = checkerFromPem(readFileSync(join(first, 'verify.pem'), 'utf8'))
const unwrapper = unwrapperFromKey('5a'.repeat(32))

test('a recording of version 1 is whole, and reads, sealed and plain', () => {
  const report = verifyRecordings(first, checker)
  assert.deepEqual(report.findings, [])
  assert.equal(report.sessions, 2)
  for (const session of ['plain', 'sealed']) {
    const entries = [...readEntries(first, session, unwrapper)].map(({ entry }) => entry)
    assert.deepEqual(
      entries.map(({ kind }) => kind),
      ['opened', 'identity', 'action', 'wire', 'rows', 'action', 'wire', 'rows', 'closed'],
    )
    const [action] = entries.flatMap((entry) => (entry.kind === 'action' ? [entry] : []))
    assert.deepEqual(action?.decision, allowed)
    assert.equal(action?.action.stage, 'request')
  }
})

test('a segment of a version that nobody wrote yet is refused by its number', () => {
  const folder = mkdtempSync(join(tmpdir(), 'versions-'))
  cpSync(first, folder, { recursive: true })
  const path = join(folder, 'sessions', 'plain', '000000.segment')
  const bytes = readFileSync(path)
  for (const version of [0, 3, 255]) {
    bytes[8] = version
    writeFileSync(path, bytes)
    assert.throws(() => [...readEntries(folder, 'plain', undefined)], { message: new RegExp(`format ${version},`) })
    const [finding] = verifyRecordings(folder, checker).findings
    assert.equal(finding?.what, 'unreadable')
  }
  // One version cannot be passed off as the other.
  bytes[8] = 2
  writeFileSync(path, bytes)
  assert.equal(verifyRecordings(folder, checker).whole, false)
  rmSync(folder, { recursive: true })
})
