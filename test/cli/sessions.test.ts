// Recordings shown to people and to other tools: played without what could act on the terminal, followed, searched, exported.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { exported } from '../../cli/sessions/exports.ts'
import { play } from '../../cli/sessions/play.ts'
import { search } from '../../cli/sessions/search.ts'
import { tail } from '../../cli/sessions/tail.ts'
import { TerminalFilter } from '../../cli/sessions/terminal-filter.ts'
import { readEntries } from '../../proxy/recording/index.ts'
import { sampleDocument } from '../support/action-document.ts'
import { allowed, recorderForTest, type TestRecorder } from '../support/recordings.ts'

const nothing = (): undefined => undefined
const output = (text: string) => ({ kind: 'terminal', stream: 'output', bytes: Buffer.from(text) }) as const

function opened({ recorder }: TestRecorder, id: string) {
  const session = recorder.open(id)
  const { identity, resource } = sampleDocument()
  session.append({ kind: 'opened', identity, resource, client: '127.0.0.1' }, nothing)
  session.append({ kind: 'action', document: sampleDocument(), decision: allowed }, nothing)
  return session
}

async function terminal(): Promise<TestRecorder> {
  const made = recorderForTest()
  const session = opened(made, 's-1')
  session.append({ kind: 'resize', columns: 100, rows: 30 }, nothing)
  session.append(output('caf\u00e9 \x1b[31mred\x1b[0m\r\n'), nothing)
  session.append({ kind: 'terminal', stream: 'input', bytes: Buffer.from('secret') }, nothing)
  session.append(output('\x1b]52;c;ZXZpbA==\x07done\r\n'), nothing)
  await session.close('client_gone')
  await made.recorder.close()
  return made
}

test('a terminal is played with its pauses, scaled and cut, and nothing of what was typed', async () => {
  const { folder, unwrapper } = await terminal()
  const played: Buffer[] = []
  const pauses: number[] = []
  await play(readEntries(folder, 's-1', unwrapper), {
    speed: 2,
    from: 0,
    idle: 0.001,
    write: (bytes) => void played.push(bytes),
    wait: (milliseconds) => Promise.resolve(pauses.push(milliseconds)),
  })
  assert.equal(Buffer.concat(played).toString(), 'caf\u00e9 \x1b[31mred\x1b[0m\r\ndone\r\n')
  assert.deepEqual(pauses, [0.5])
})

const sequences: readonly (readonly [string, string, string])[] = [
  ['colours and moving', 'a\x1b[1;31mb\x1b[2Jc\x1b[?25l', 'a\x1b[1;31mb\x1b[2Jc\x1b[?25l'],
  ['the clipboard', 'a\x1b]52;c;ZXZpbA==\x07b', 'ab'],
  ['a title', 'a\x1b]0;title\x1b\\b', 'ab'],
  ['questions that a terminal answers', 'a\x1b[6nb\x1b[cc\x1b[>qd', 'abcd'],
  ['device control', 'a\x1bP+q544e\x1b\\b', 'ab'],
  ['mouse and focus modes', 'a\x1b[?1000hb\x1b[?1049h', 'ab\x1b[?1049h'],
  ['loose controls', 'a\x07\x05\x0e\x7fb', 'ab'],
  ['controls that begin a sequence alone, as UTF-8', 'a\u009d52;c;ZXZpbA==\u009cb\u009b6nc', 'a52;c;ZXZpbA==b6nc'],
  [
    'characters with such bytes in them',
    '\u00a0\u06db \u{1f41b} \u3fdb \u065b',
    '\u00a0\u06db \u{1f41b} \u3fdb \u065b',
  ],
  ['a sequence that another one swallows', 'a\x1b(\x1b]52;c;ZXZpbA==\x1b(\x1b\\b\x1b(0q', 'ab\x1b(0q'],
  ['a sequence in a sequence', 'a\x1b]0;x\x1b[31my', 'a\x1b[31my'],
]
for (const [what, given, wanted] of sequences) {
  test(`of terminal output, ${what}: the same whole and byte by byte`, () => {
    assert.equal(Buffer.from(new TerminalFilter().push(Buffer.from(given)), 'latin1').toString(), wanted)
    const slow = new TerminalFilter()
    const parts = [...Buffer.from(given)].map((byte) => slow.push(Buffer.from([byte])))
    assert.equal(Buffer.from(parts.join(''), 'latin1').toString(), wanted)
  })
}

test('of terminal output, bytes that are no UTF-8 begin no sequence either', () => {
  for (const bytes of [
    [0x9b],
    [0xc0, 0x9b],
    [0xe0, 0x82, 0x9b],
    [0x41, 0xe2, 0x1b, 0x5b, 0x63, 0x9b],
    [0xc2, 0x1b, 0x37, 0x9b],
  ])
    assert.ok(!new TerminalFilter().push(Buffer.from([...bytes, 0x36, 0x6e])).includes('\x9b'), String(bytes))
})

test('asciicast v3 has the size, the output and the times, and no input', async () => {
  const { folder, unwrapper } = await terminal()
  const lines = [...exported('s-1', readEntries(folder, 's-1', unwrapper), 'asciicast')]
  const [header, ...events] = lines.map((line): unknown => JSON.parse(line))
  assert.deepEqual(header, { version: 3, term: { cols: 100, rows: 30 }, timestamp: 1 })
  assert.deepEqual(
    events.map((event) => (Array.isArray(event) ? event.slice(1) : event)),
    [
      ['o', 'caf\u00e9 \x1b[31mred\x1b[0m\r\n'],
      ['o', '\x1b]52;c;ZXZpbA==\x07done\r\n'],
    ],
  )
})

test('without a terminal each line of an asciicast begins at the left edge', async () => {
  const made = recorderForTest()
  const session = opened(made, 's-1')
  for (const text of ['one\ntwo\r\nthree\r', '\n\nfour', '\n']) session.append(output(text), nothing)
  await session.close('client_gone')
  await made.recorder.close()
  const [header, ...events] = [...exported('s-1', readEntries(made.folder, 's-1', made.unwrapper), 'asciicast')]
  assert.deepEqual(JSON.parse(header ?? '').term, { cols: 80, rows: 24 })
  assert.deepEqual(
    events.map((event): unknown => JSON.parse(event)[2]),
    ['one\r\ntwo\r\nthree\r', '\n\r\nfour', '\r\n'],
  )
})

test('OCSF and ECS say who did what on what, and how it was decided', async () => {
  const { folder, unwrapper } = await terminal()
  const [ocsf, ...more] = [...exported('s-1', readEntries(folder, 's-1', unwrapper), 'ocsf')]
  assert.deepEqual(more, [])
  const event = JSON.parse(ocsf ?? '')
  assert.equal(event.type_uid, event.class_uid * 100 + event.activity_id)
  assert.equal(event.actor.user.uid, sampleDocument().identity.subject)
  assert.equal(event.disposition_id, 1)
  const [ecs] = [...exported('s-1', readEntries(folder, 's-1', unwrapper), 'ecs')]
  const document = JSON.parse(ecs ?? '')
  assert.equal(document.event.outcome, 'success')
  assert.equal(document.user.id, sampleDocument().identity.subject)
})

test('a search finds by every field, and nothing by a wrong one', async () => {
  const { folder, unwrapper } = await terminal()
  const { identity, resource } = sampleDocument()
  const found = (wanted: Parameters<typeof search>[2]) => [...search(folder, unwrapper, wanted)].length
  assert.equal(found({}), 1)
  assert.equal(found({ subject: identity.subject, resource: resource.name, effect: 'allow', sinceMs: 0 }), 1)
  for (const wrong of [
    { subject: 'x' },
    { resource: 'x' },
    { rule: 'x' },
    { relation: 'x' },
    { command: 'x' },
    { effect: 'deny' },
    { chain: 'x' },
    { untilMs: 1 },
  ])
    assert.equal(found(wrong), 0, JSON.stringify(wrong))
})

test('a session that runs is followed to its end', async () => {
  const made = recorderForTest()
  const session = opened(made, 's-2')
  let out = ''
  const followed = tail(made.folder, 's-2', made.unwrapper, (text) => {
    out += text
    // What was there is shown: now the rest comes.
    if (text.includes('allow')) void session.close('client_gone')
  })
  await followed
  await made.recorder.close()
  assert.match(out, /opened .*\n.*allow .*\n.*closed {3}client_gone\n$/)
})
