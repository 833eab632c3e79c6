// `sallyport sessions` before a folder in which somebody else has been: what anchors must say, names that act on a
// terminal, one recording that cannot be read among others, and files of the command line that are not there.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { verify } from '../../cli/sessions/verify.ts'
import {
  beginProcessLog,
  LocalRecorder,
  processFolder,
  processName,
  signerFromPem,
  wrapperFromKey,
} from '../../proxy/recording/index.ts'
import { recorderForTest, recordSession } from '../support/recordings.ts'

const bin = fileURLToPath(new URL('../../bin/sallyport.js', import.meta.url))

/** A folder with two sessions, and its keys in files. */
async function recorded() {
  const pair = generateKeyPairSync('ed25519')
  const secret = randomBytes(32).toString('hex')
  const signer = signerFromPem(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const made = recorderForTest({ signer, wrapper: wrapperFromKey(secret) })
  await recordSession(made.recorder.open('s-0'))
  await recordSession(made.recorder.open('s-1'))
  await made.recorder.close()
  const place = mkdtempSync(join(tmpdir(), 'sessions-verify-'))
  const keys = { check: join(place, 'check.pem'), open: join(place, 'open.key') }
  writeFileSync(keys.check, pair.publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(keys.open, secret)
  return { ...made, keys, place, pem: readFileSync(keys.check, 'utf8') }
}

function sessions(...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'sessions', ...args], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

async function verified(dir: string, key: string, anchors: readonly string[]) {
  let told = ''
  const code = await verify({ dir, key, session: undefined, anchors }, (text) => {
    told += text
  })
  return { code, told }
}

test('a log of which no anchor has a head is not whole, and one with a head is', async () => {
  const { folder, pem, place } = await recorded()
  const own = join(place, 'own')
  cpSync(join(folder, 'log', 'heads'), own)
  const fine = await verified(folder, pem, [own])
  assert.equal(fine.code, 0, fine.told)
  assert.match(fine.told, /^anchors: 4 heads of this gateway, the newest over 4 of 4 leaves$/m)
  const others = join(place, 'others')
  writeFileSync(others, readFileSync(own, 'utf8').replaceAll('"g-1"', '"g-2"'))
  const foreign = await verified(folder, pem, [others])
  assert.equal(foreign.code, 2)
  assert.match(foreign.told, /^log: log_changed: no anchor has a head of it$/m)
  assert.match(foreign.told, /: NOT whole$/m)
  writeFileSync(others, 'nothing of it\n')
  const damaged = await verified(folder, pem, [others])
  assert.equal(damaged.code, 2)
  assert.match(damaged.told, /: 1 lines are no tree heads$/m)
  // Where nothing is asked of anchors, nothing is missed.
  assert.equal((await verified(folder, pem, [])).code, 0)
})

test('each process has a log that an anchor must know', async () => {
  const { folder, config, pem, place } = await recorded()
  const second = new LocalRecorder({
    ...config,
    folder: processFolder(folder, 2),
    gateway: processName(config.gateway, 2),
  })
  beginProcessLog((leaf) => second.tell(leaf))
  await recordSession(second.open('s-2'))
  await second.close()
  const first = new LocalRecorder(config)
  first.tell({ session: 'process-2', event: 'process', head: '' })
  await first.close()
  const [one, both] = [join(place, 'one'), join(place, 'both')]
  cpSync(join(folder, 'log', 'heads'), one)
  writeFileSync(
    both,
    [one, join(folder, 'process-2', 'log', 'heads')].map((file) => readFileSync(file, 'utf8')).join(''),
  )
  const half = await verified(folder, pem, [one])
  assert.equal(half.code, 2, half.told)
  assert.match(half.told, /^process-2 log: log_changed: no anchor has a head of it$/m)
  const whole = await verified(folder, pem, [both])
  assert.equal(whole.code, 0, whole.told)
})

test('names of files that act on a terminal are shown, and do not act', async () => {
  const { folder, keys } = await recorded()
  const evil = join(folder, 'sessions', '\x1b]0;evil\x07\ns-1: whole')
  mkdirSync(evil)
  writeFileSync(join(evil, '\x1b[2J.segment'), 'no segment')
  const { status, stdout } = sessions('verify', '--dir', folder, '--key', keys.check)
  assert.equal(status, 2)
  assert.ok(!/[\x00-\x09\x0b-\x1f\x7f]/.test(stdout), JSON.stringify(stdout))
  assert.ok(!stdout.split('\n').some((line) => line.startsWith('s-1: whole')), stdout)
})

test('a recording that cannot be read is listed as such, and the others are listed', async () => {
  const { folder, keys } = await recorded()
  const path = join(folder, 'sessions', 's-0', '000000.segment')
  rmSync(path)
  execFileSync('mkfifo', [path])
  const { status, stdout, stderr } = sessions('list', '--dir', folder, '--open-key', keys.open)
  assert.equal(status, 0, stderr)
  assert.match(stdout, /^s-0 {2}cannot be read: 000000\.segment is no file$/m)
  assert.match(stdout, /^s-1 {2}.* 2 actions, 0 refused/m)
})

test('a key that is not there is named, without the insides of the program', async () => {
  const { folder } = await recorded()
  for (const args of [
    ['verify', '--dir', folder, '--key', '/nowhere/key.pem'],
    ['list', '--dir', folder, '--open-key', '/nowhere/key.pem'],
    ['verify', '--dir', folder, '--key', folder],
  ]) {
    const { status, stderr } = sessions(...args)
    assert.equal(status, 1)
    assert.match(stderr, /^sallyport sessions: .*(no such file or directory|illegal operation on a directory)\n$/)
  }
})

test('a session that is not there is one finding, and arguments that mean nothing are a mistake', async () => {
  const { folder, keys } = await recorded()
  const none = sessions('verify', 's-9', '--dir', folder, '--key', keys.check)
  assert.equal(none.status, 2)
  assert.match(none.stdout, /^s-9: unreadable: there is no recording of session s-9\n1 sessions, .*: NOT whole\n$/)
  for (const args of [
    ['show', 's-0', 's-1'],
    ['list', 's-0'],
    ['verify', 's-0', 's-1'],
  ])
    assert.match(sessions(...args, '--dir', folder).stderr, /^usage: sallyport sessions/)
})

test('answers of sessions that can be read are proved beside one that cannot, which is told', async () => {
  const { folder, keys, place } = await recorded()
  const config = join(place, 'sallyport.yaml')
  const verified = () => spawnSync(process.execPath, [bin, 'approvals', 'verify', '-c', config], { encoding: 'utf8' })
  writeFileSync(
    config,
    `version: 1
listeners: [{ protocol: admin, name: admin, address: "127.0.0.1:0" }]
bundles: { signed: false, sources: [{ kind: folder, name: main, path: policies }] }
recording: { store: { kind: folder, path: ${folder} }, signing_key: env:KEY, encryption_key: file:${keys.open} }
`,
  )
  chmodSync(keys.open, 0o600)
  const fine = verified()
  assert.equal(fine.stdout, '2 sessions, in which nobody answered anything\n')
  assert.equal(fine.status, 0, fine.stderr)
  writeFileSync(join(folder, 'sessions', 's-0', '000000.segment'), 'no segment')
  const damaged = verified()
  assert.equal(damaged.stdout, 's-0  NOT PROVED: the segment has no header\n')
  assert.equal(damaged.status, 2, damaged.stderr)
  rmSync(folder, { recursive: true })
  const gone = verified()
  assert.match(gone.stderr, /there is no folder/)
  assert.equal(gone.status, 1)
})
