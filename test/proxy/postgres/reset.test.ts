// What a server has to say before its connection counts as new, and all that it must not say.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reset } from '../../../proxy/postgres/reset.ts'
import {
  cstring,
  encodeFrame,
  encodeReady,
  encodeReport,
  FrameReader,
  int16,
  int32,
} from '../../../proxy/postgres/wire/index.ts'

/** What a server says, of which each test changes something. */
const told: ReadonlyMap<string, string> = new Map([
  ['application_name', 'a'],
  ['TimeZone', 'UTC'],
])
const status = (name: string, value: string): Buffer => encodeFrame('S', cstring(name), cstring(value))
const done = (tag: string): Buffer => encodeFrame('C', cstring(tag))
const row = (text: string): Buffer => encodeFrame('D', int16(1), int32(text.length), Buffer.from(text))
const probed = (path: string, role: string, user: string): readonly Buffer[] => [
  encodeFrame('3'),
  encodeFrame('3'),
  ...[path, role, user].flatMap((value) => [encodeFrame('1'), encodeFrame('2'), row(value), done('SHOW')]),
  encodeReady('I'),
]
const forgotten = [done('DISCARD ALL'), encodeReady('I')]
const asBefore = probed('"$user", public', 'none', 'gate')

/** How a reset ends, given all that the server says. */
function resetBy(messages: readonly Buffer[], left: ReadonlyMap<string, string> = new Map()): string {
  const reset = new Reset(told, left, 'gate')
  let became = 'more'
  for (const frame of new FrameReader(1000).push(Buffer.concat(messages))) {
    if (became !== 'more') return `${became}, and more`
    became = reset.take(frame)
  }
  return became
}

test('a reset is clean when all is as it was at first, and told to be', () => {
  assert.equal(resetBy([...forgotten, ...asBefore]), 'clean')
  const changed = new Map([['TimeZone', 'Asia/Tokyo']])
  assert.equal(resetBy([status('TimeZone', 'UTC'), ...forgotten, ...asBefore], changed), 'clean')
})

test('a reset fails where anything is not as it was', () => {
  const changed = new Map([['TimeZone', 'Asia/Tokyo']])
  const failing: readonly (readonly [string, readonly Buffer[], ReadonlyMap<string, string>?])[] = [
    ['a setting stays', [...forgotten, ...asBefore], changed],
    ['a setting changes', [...forgotten, status('application_name', 'b'), ...asBefore]],
    ['a setting is new', [status('is_superuser', 'on'), ...forgotten, ...asBefore]],
    ['another path', [...forgotten, ...probed('public', 'none', 'gate')]],
    ['another role', [...forgotten, ...probed('"$user", public', 'other', 'gate')]],
    ['another user', [...forgotten, ...probed('"$user", public', 'none', 'other')]],
    ['an answer too few', [...forgotten, ...asBefore.filter((_, index) => index < 10), encodeReady('I')]],
    ['an error', [encodeReport({ severity: 'ERROR', sqlstate: '25001', message: 'no' })]],
    ['a notice', [encodeReport({ severity: 'NOTICE', sqlstate: '00000', message: 'well' })]],
    ['a notification', [...forgotten, encodeFrame('A', int32(1), cstring('a'), cstring('b'))]],
    ['another tag', [done('DISCARD PLANS')]],
    ['a transaction', [done('DISCARD ALL'), encodeReady('T')]],
    ['nothing done', [encodeReady('I')]],
    ['a row of before', [row('x')]],
    ['an error in the question', [...forgotten, encodeReport({ severity: 'ERROR', sqlstate: '57014', message: 'no' })]],
  ]
  for (const [what, messages, left] of failing) assert.equal(resetBy(messages, left), 'failed', what)
})

test('what comes of the server is cut anywhere, and a reset is the same', () => {
  const bytes = Buffer.concat([...forgotten, ...asBefore])
  for (let at = 1; at < bytes.length; at++) {
    const reader = new FrameReader(1000)
    const reset = new Reset(told, new Map(), 'gate')
    const became = [bytes.subarray(0, at), bytes.subarray(at)].flatMap((chunk) =>
      reader.push(chunk).map((frame) => reset.take(frame)),
    )
    assert.deepEqual([became.at(-1), became.indexOf('clean')], ['clean', became.length - 1])
  }
})
