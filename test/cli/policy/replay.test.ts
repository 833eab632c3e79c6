import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { wrapperFromKey } from '../../../proxy/recording/index.ts'
import { recorderForTest, recordSession } from '../../support/recordings.ts'
import { folderWith, policy } from './run-policy.ts'

const same = 'package policy.a\n\nallow if input.action.verb == "read"\n'
const stricter = `${same}\ndeny contains {"rule": "a.agents", "message": "no agents"} if input.identity.kind == "agent"\n`

test('replay judges recorded sessions, fails on flips that nobody explained, and passes on those that are', async () => {
  const secret = randomBytes(32).toString('hex')
  const { recorder, folder: recordings } = recorderForTest({ wrapper: wrapperFromKey(secret) })
  await recordSession(recorder.open('s-1'), 3)
  await recorder.close()
  const folder = folderWith({
    'same/a.rego': same,
    'stricter/a.rego': stricter,
    key: secret,
    'explained.yaml': '- kind: newly_refused\n  rule: a.agents\n  reason: agents lose access this week\n',
    'everything.yaml': '- reason: whatever\n',
  })
  const args = ['--sessions', recordings, '--open-key', 'key', '--no-analyze']
  const unchanged = policy(folder, 'replay', 'same', ...args)
  assert.equal(unchanged.out, '3 actions: 0 unexplained flips, 0 explained, 0 read otherwise\n', unchanged.err)
  assert.equal(unchanged.status, 0)
  const flipped = policy(folder, 'replay', 'stricter', ...args)
  assert.equal(flipped.status, 2)
  assert.match(flipped.out, /newly refused: 3\n {2}s-1#\d+: SELECT 1\n {4}allow \(policy\.a\.allow\) becomes deny/)
  const explained = policy(folder, 'replay', 'stricter', ...args, '--explained', 'explained.yaml')
  assert.equal(explained.out, '3 actions: 0 unexplained flips, 3 explained, 0 read otherwise\n')
  assert.equal(explained.status, 0)
  const all = policy(folder, 'replay', 'stricter', ...args, '--explained', 'everything.yaml')
  assert.equal(all.status, 1)
  assert.match(all.err, /would explain every change/)
})

test('replay reads the recorded text again and tells where the analyzer sees something else', async () => {
  const secret = randomBytes(32).toString('hex')
  const { recorder, folder: recordings } = recorderForTest({ wrapper: wrapperFromKey(secret) })
  await recordSession(recorder.open('s-1'), 1)
  await recorder.close()
  const folder = folderWith({ 'same/a.rego': same, key: secret })
  const { status, out } = policy(folder, 'replay', 'same', '--sessions', recordings, '--open-key', 'key')
  assert.equal(status, 2)
  assert.match(out, /read otherwise: s-1#\d+: statements were \[\], are \["select"\]/)
  assert.equal(policy(folder, 'replay', 'same', '--sessions', 'nowhere').status, 1)
  assert.equal(policy(folder, 'replay', 'same').status, 1)
})
