import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { cstring, encodeFrame, encodeParse, encodeQuery, int16, int32 } from '../../../proxy/postgres/wire/index.ts'
import { wrapperFromKey } from '../../../proxy/recording/index.ts'
import { sampleDocument } from '../../support/action-document.ts'
import { allowed, appended, recorderForTest, recordSession } from '../../support/recordings.ts'
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

/** A session in which one statement was judged so often, with what the client sent. */
async function recordFrames(
  judged: number,
  frames: readonly Uint8Array[],
): Promise<{ readonly dir: string; readonly secret: string }> {
  const secret = randomBytes(32).toString('hex')
  const { recorder, folder } = recorderForTest({ wrapper: wrapperFromKey(secret) })
  const session = recorder.open('s-1')
  const document = sampleDocument()
  await appended(session, {
    kind: 'opened',
    identity: document.identity,
    resource: document.resource,
    client: '127.0.0.1',
  })
  for (let index = 0; index < judged; index++) await appended(session, { kind: 'action', document, decision: allowed })
  for (const bytes of frames) await appended(session, { kind: 'wire', direction: 'up', bytes })
  await session.close('client_closed')
  await recorder.close()
  return { dir: folder, secret }
}

const { text: judgedText } = sampleDocument().action
const bind = encodeFrame('B', cstring(''), cstring('s'), int16(0), int16(0), int16(0))
const execute = encodeFrame('E', cstring(''), int32(0))
const prepared = [encodeParse({ name: 's', sql: judgedText, types: [] }), bind, execute, encodeFrame('S')]

const recordings: readonly (readonly [string, number, readonly Uint8Array[], RegExp])[] = [
  ['the frames of a query hold what was judged', 1, [encodeQuery(judgedText)], /frames of 1 session decoded again/],
  [
    'so do those of a prepared statement, judged at Parse and at Bind',
    2,
    prepared,
    /frames of 1 session decoded again/,
  ],
  [
    'frames that were cut anywhere are put together',
    1,
    [encodeQuery(judgedText).subarray(0, 3), encodeQuery(judgedText).subarray(3)],
    /frames of 1 session decoded again/,
  ],
  [
    'a statement that nobody judged is found in the frames',
    1,
    [encodeQuery(judgedText), encodeQuery('drop table orders')],
    /read otherwise: s-1: a frame holds what was not judged: drop table orders/,
  ],
  [
    'a prepared statement that nobody judged is found, too',
    2,
    [...prepared, encodeParse({ name: 's', sql: 'delete from orders', types: [] }), bind, execute],
    /a frame holds what was not judged: delete from orders/,
  ],
  ['what was judged and was never sent is told', 1, [encodeFrame('S')], /what was judged is in no frame: /],
  [
    'frames that today would be refused are told',
    1,
    [encodeQuery(judgedText), Buffer.from([0x51, 0, 0, 0, 1])],
    /the frames cannot be decoded now: /,
  ],
]
for (const [what, judged, frames, shown] of recordings)
  test(`replay decodes recorded frames again: ${what}`, async () => {
    const { dir, secret } = await recordFrames(judged, frames)
    const folder = folderWith({ 'same/a.rego': same, key: secret })
    const { out, err } = policy(folder, 'replay', 'same', '--sessions', dir, '--open-key', 'key')
    assert.match(out, shown, err)
    assert.equal(/read otherwise: s-1: /.test(out), !shown.source.startsWith('frames of'))
  })
