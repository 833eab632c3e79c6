// kill -9 at random moments under load: whatever reached the upstream has its record, and what remains verifies.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  checkerFromPem,
  listSessions,
  readEntries,
  unwrapperFromKey,
  verifyRecordings,
} from '../../proxy/recording/index.ts'

const killsEach = 13
const child = fileURLToPath(new URL('../support/recording-child.ts', import.meta.url))

async function killOnce(folder: string, sync: string, upstreamFile: string): Promise<void> {
  const running = spawn(process.execPath, ['--import', 'tsx', child, folder, sync, upstreamFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(running.stdout, 'data')
  const killAt = Date.now() + randomInt(0, 150)
  while (Date.now() < killAt) await new Promise((resolve) => setImmediate(resolve))
  running.kill('SIGKILL')
  await once(running, 'exit')
}

for (const sync of ['each', 'group']) {
  test(`at ${sync}, nothing that was forwarded lacks its record after ${killsEach} kills`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'kill-'))
    const upstreamFile = join(folder, 'upstream')
    const pair = generateKeyPairSync('ed25519')
    const secret = randomBytes(32).toString('hex')
    writeFileSync(join(folder, 'signing.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    writeFileSync(join(folder, 'wrap.key'), secret)
    for (let round = 0; round < killsEach; round++) await killOnce(folder, sync, upstreamFile)
    const recorded = new Set<string>()
    const unwrapper = unwrapperFromKey(secret)
    for (const session of listSessions(folder)) {
      for (const { entry } of readEntries(folder, session, unwrapper))
        if (entry.kind === 'action') recorded.add(entry.action.text)
    }
    const forwarded = existsSync(upstreamFile) ? readFileSync(upstreamFile, 'utf8').split('\n').slice(0, -1) : []
    const lost = forwarded.filter((text) => !recorded.has(text))
    t.diagnostic(`${forwarded.length} forwarded, ${recorded.size} recorded, ${lost.length} lost`)
    assert.ok(forwarded.length > 100)
    assert.deepEqual(lost, [])
    const checker = checkerFromPem(pair.publicKey.export({ type: 'spki', format: 'pem' }).toString())
    // A frame that was being written when the process died is a torn end: never accepted, so nothing is missing.
    const faults = verifyRecordings(folder, checker).findings.filter(
      (finding) => finding.what !== 'open' && finding.what !== 'cut',
    )
    assert.deepEqual(faults, [])
  })
}
