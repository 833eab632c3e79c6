// A session of a database or an API as it is played: what was asked, how it was decided, what was shown.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { play } from '../../cli/sessions/play.ts'
import { RowsShown } from '../../cli/sessions/rows-shown.ts'
import type { ActionDocument } from '../../engine/action/index.ts'
import { cstring, encodeFrame, encodeRow, int16, int32 } from '../../proxy/postgres/wire/index.ts'
import { readEntries } from '../../proxy/recording/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { allowed, appended, recorderForTest } from '../support/recordings.ts'

const column = (name: string, format = 0): Buffer =>
  Buffer.concat([cstring(name), int32(0), int16(0), int32(25), int16(-1), int32(-1), int16(format)])
const description = (...columns: readonly Buffer[]): Buffer => encodeFrame('T', int16(columns.length), ...columns)
const row = (...values: readonly (string | Buffer | null)[]): Buffer =>
  Buffer.from(encodeRow(values.map((value) => (typeof value === 'string' ? Buffer.from(value) : value))))
const done = (tag: string): Buffer => encodeFrame('C', cstring(tag))
const ready = encodeFrame('Z', Buffer.from('I'))

const answer = Buffer.concat([
  description(column('id'), column('na\x1b[31mme'), column('raw', 1)),
  row('1', 'a\nb', Buffer.of(0, 255)),
  row('2', null, Buffer.of(1)),
  row('3', 'x'.repeat(150), Buffer.alloc(40)),
  done('SELECT 3'),
  ready,
  encodeFrame('E', cstring('SERROR'), cstring('C42501'), cstring('Mnot this'), cstring('Drule r'), Buffer.of(0)),
  ready,
  encodeFrame('H', Buffer.of(0), int16(1), int16(0)),
  encodeFrame('d', Buffer.from('1\tone\n')),
  encodeFrame('c'),
  done('COPY 1'),
  ready,
])
const lines = [
  'id | na\\u{1b}[31mme | raw',
  '1 | a\\u{a}b | \\x00ff',
  '2 |  | \\x01',
  `3 | ${'x'.repeat(100)}... | \\x${'00'.repeat(32)}...`,
  'SELECT 3',
  'ERROR 42501: not this (rule r)',
  '1\\u{9}one',
  'COPY 1',
]

test('the answer of a database is the same whole and byte by byte', () => {
  assert.deepEqual(new RowsShown(20).push(answer), lines)
  const slow = new RowsShown(20)
  assert.deepEqual(
    [...answer].flatMap((byte) => slow.push(Buffer.of(byte))),
    lines,
  )
})

test('of many rows the first are shown, and it is said how many more there were', () => {
  const rows = Array.from({ length: 30 }, (_, index) => row(String(index)))
  const shown = new RowsShown(2).push(Buffer.concat([description(column('n')), ...rows, done('SELECT 30')]))
  assert.deepEqual(shown, ['n', '0', '1', '... 28 more', 'SELECT 30'])
})

test('what is no frame, or larger than is read, is passed over', () => {
  const shown = new RowsShown(20)
  assert.deepEqual(shown.push(Buffer.from('\x01\x02garbage')), [])
  const large = encodeFrame('D', Buffer.alloc(1024 * 1024))
  assert.deepEqual(shown.push(large.subarray(0, 500_000)), [`a frame of ${large.length} bytes`])
  assert.deepEqual(shown.push(Buffer.concat([large.subarray(500_000), done('SELECT 1')])), ['SELECT 1'])
  assert.deepEqual(shown.push(Buffer.concat([Buffer.from('D\0\0\0\x05\x09'), row('cut')])), ['', 'cut'])
})

/** What is played of a session on a resource. */
async function played(
  protocol: ActionDocument['resource']['protocol'],
  document: ActionDocument,
  bytes: Buffer,
  options: { readonly rows?: number } = {},
): Promise<string> {
  const { recorder, folder, unwrapper } = recorderForTest()
  const session = recorder.open('s-1')
  const { identity, resource } = sampleDocument()
  const opened = { kind: 'opened', identity, resource: { ...resource, protocol }, client: '127.0.0.1' } as const
  for (const entry of [
    opened,
    { kind: 'action', document: { ...document, resource: opened.resource }, decision: allowed },
    { kind: 'wire', direction: 'up', bytes: Buffer.from('Q asked') },
    { kind: 'wire', direction: 'down', bytes },
  ] as const)
    assert.equal(await appended(session, entry), undefined)
  await session.close('client_closed')
  await recorder.close()
  const out: Buffer[] = []
  const write = (piece: Buffer): void => void out.push(piece)
  await play(readEntries(folder, 's-1', unwrapper), { speed: 1, from: 0, idle: 1, write, ...options })
  return Buffer.concat(out)
    .toString()
    .replaceAll(/^\d\d:\d\d:\d\d\.\d{3} /gm, '')
}

test('a database session is played as statements, decisions and rows', async () => {
  const document = sampleDocument({ text: 'SELECT *\n  FROM t;\n' })
  const out = await played('postgres', document, Buffer.concat([description(column('id')), row('7'), done('SELECT 1')]))
  assert.equal(
    out,
    [
      'opened   agent-1 on orders-db from 127.0.0.1',
      'allow    read SELECT *',
      '      FROM t;',
      '    id',
      '    7',
      '    SELECT 1',
      'closed   client_closed',
      '',
    ].join('\n'),
  )
  assert.ok(!(await played('postgres', document, answer, { rows: 0 })).includes('SELECT 3'))
})

test('an API session is played as requests, decisions and bodies', async () => {
  const { sql: _, ...action } = sampleDocument({ operation: 'GET', text: 'GET /a' }).action
  const document = { ...sampleDocument(), action }
  const body = await played('http', document, Buffer.from('{"a":\x1b[2J1}\nsecond'))
  assert.ok(body.includes('allow    read GET /a\n    Q asked\n    {"a":\\u{1b}[2J1}\n    second\n'), body)
  assert.ok((await played('http', document, Buffer.of(0, 1, 2))).includes('    3 bytes that are no text\n'))
  const long = await played('http', document, Buffer.from('x'.repeat(9000)))
  assert.ok(long.includes(`    ${'x'.repeat(500)}...`) && !long.includes('x'.repeat(600)))
})
