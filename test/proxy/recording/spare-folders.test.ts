// Folders that wait for sessions: one becomes the session's with the file that was opened in it, and where it cannot, the
// session makes its own.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import { checkerFromPem, LocalRecorder, signerFromPem, verifyRecordings } from '../../../proxy/recording/index.ts'
import { SpareFolders } from '../../../proxy/recording/spare-folders.ts'

const empty = (): string => mkdtempSync(join(tmpdir(), 'spare-'))

/** Puts a folder in the first place, as the thread does. */
function make(spares: SpareFolders): void {
  mkdirSync(`${spares.base}0`)
  Atomics.store(spares.places, 0, openSync(join(`${spares.base}0`, spares.file), 'wx+') + 1)
}

test('a folder that waits is taken once, with its open file, and none is left after the end', () => {
  const folder = empty()
  const spares = new SpareFolders(folder, '000000.segment')
  assert.equal(spares.take(join(folder, 'early')), undefined)
  assert.equal(spares.places.at(-1), 1)
  make(spares)
  const fd = spares.take(join(folder, 'one'))
  assert.ok(fd !== undefined)
  writeSync(fd, 'x')
  closeSync(fd)
  assert.equal(readFileSync(join(folder, 'one', '000000.segment'), 'utf8'), 'x')
  assert.equal(spares.take(join(folder, 'two')), undefined)
  make(spares)
  spares.close()
  assert.deepEqual(readdirSync(folder), ['one'])
})

test('a name that is taken stays as it is, and a folder that went away is no fault', () => {
  const folder = empty()
  const spares = new SpareFolders(folder, '000000.segment')
  mkdirSync(join(folder, 'one'))
  writeFileSync(join(folder, 'one', '000000.segment'), 'kept')
  make(spares)
  assert.equal(spares.take(join(folder, 'one')), undefined)
  assert.equal(readFileSync(join(folder, 'one', '000000.segment'), 'utf8'), 'kept')
  // A gateway that begins removes what another one left.
  const next = new SpareFolders(folder, '000000.segment')
  assert.deepEqual(readdirSync(folder), ['one'])
  make(next)
  rmSync(`${next.base}0`, { recursive: true })
  assert.equal(next.take(join(folder, 'two')), undefined)
  assert.deepEqual(readdirSync(folder), ['one'])
})

test('sessions that open after a lull are proven like all others, and those that ended before it are written in it', async () => {
  const folder = empty()
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const recorder = new LocalRecorder({
    folder,
    gateway: 'gw',
    sync: 'group',
    signer: signerFromPem(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
    wrapper: undefined,
    anchors: [],
    nowMs: Date.now,
    monotonicMs: () => performance.now(),
    onFault: (error) => assert.fail(error),
  })
  for (const id of ['s-1', 's-2', 's-3']) {
    const session = recorder.open(id)
    const closed = session.close('over')
    recorder.lull()
    await turn()
    await turn()
    const segment = readFileSync(join(folder, 'sessions', id, '000000.segment'), 'latin1')
    assert.match(segment, /"final":"over"/)
    await closed
    // The thread makes some once a session asked for one.
    while (readdirSync(folder).filter((name) => name.startsWith('next-')).length < 8) await delay(1)
  }
  await recorder.close()
  assert.deepEqual(readdirSync(folder).sort(), ['log', 'sessions'])
  const report = verifyRecordings(folder, checkerFromPem(publicKey.export({ type: 'spki', format: 'pem' }).toString()))
  assert.deepEqual([report.whole, report.sessions], [true, 3])
})
