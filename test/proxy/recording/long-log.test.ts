// A log that is longer than what is read of it at once: what a start takes from it is the same as from a short one.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { copyFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { signerFromPem } from '../../../proxy/recording/checkpoint.ts'
import { unfinishedSessions } from '../../../proxy/recording/crash.ts'
import { readLog, SessionLog } from '../../../proxy/recording/session-log.ts'

const signer = signerFromPem(
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
)
const open = (folder: string): SessionLog => new SessionLog(folder, 'gate', signer, () => 1_000_000)
const leaf = (session: string, event: 'opened' | 'closed') => ({ session, event, head: 'a'.repeat(64), wallMs: 1 })

test('a log of several pieces is gone on with where it ended, and says which sessions have no end', () => {
  const folder = mkdtempSync(join(tmpdir(), 'long-log-'))
  const log = open(folder)
  for (let one = 0; one < 2000; one++) {
    // Characters of several bytes, so that pieces end within one.
    log.append(leaf(`é-${one}`, 'opened'))
    if (one % 500 !== 7) log.append(leaf(`é-${one}`, 'closed'))
  }
  log.close()
  assert.deepEqual(unfinishedSessions(folder), ['é-7', 'é-507', 'é-1007', 'é-1507'])
  const again = open(folder)
  assert.equal(again.head?.size, 3996)
  assert.equal(again.append(leaf('é-7', 'closed')).size, 3997)
  again.close()
  assert.equal(readLog(folder).lines.length, 3997)
  assert.equal(readLog(folder).heads.length, 3997)
  rmSync(folder, { recursive: true })
})

test('heads of a long log that have no leaves any more are told as lost, and others are not taken for them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'long-log-'))
  const log = open(folder)
  const path = (name: string): string => join(folder, 'log', name)
  for (let one = 0; one < 3000; one++) log.append(leaf(`s-${one}`, 'opened'))
  log.close()
  copyFileSync(path('leaves'), path('before'))
  const more = open(folder)
  for (let one = 0; one < 3; one++) more.append(leaf(`late-${one}`, 'opened'))
  more.close()
  copyFileSync(path('before'), path('leaves'))
  const again = open(folder)
  again.close()
  assert.equal(again.head?.size, 3001)
  const last = readLog(folder).lines.at(-1)?.leaf
  assert.deepEqual([last?.event, last?.reason], ['lost', '3 leaves'])
  truncateSync(path('leaves'), 0)
  const empty = open(folder)
  assert.equal(empty.head, undefined, 'a log without leaves says nothing of what its heads were over')
  empty.close()
  rmSync(folder, { recursive: true })
})
