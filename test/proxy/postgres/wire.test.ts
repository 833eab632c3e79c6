// The codec against another one: what pg-protocol writes is read here as it was meant, what is written here is read by it,
// however the bytes are cut. And what no codec may take is refused.
import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import fc from 'fast-check'
import { parse, serialize } from 'pg-protocol'
import {
  decodeBind,
  decodeExecute,
  decodeFirstMessage,
  decodeNamed,
  decodeParse,
  decodePassword,
  decodeQuery,
  decodeTag,
  encodeAuthentication,
  encodeBackendKey,
  encodeFrame,
  encodeReady,
  encodeReport,
  encodeRow,
  type Frame,
  FrameReader,
  WireError,
} from '../../../proxy/postgres/wire/index.ts'

const name = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', ''))
const frameMax = 2 * 1024 * 1024

/** The messages of some bytes, cut at places. */
function framesOf(bytes: Buffer, cuts: readonly number[]): readonly Frame[] {
  const reader = new FrameReader(frameMax)
  const places = [0, ...[...cuts].map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const frames = places.slice(1).flatMap((end, at) => [...reader.push(bytes.subarray(places[at] ?? 0, end))])
  assert.equal(reader.pendingBytes, 0)
  return frames.map((frame) => frame.copy())
}

test('what pg-protocol writes is read as it was meant, however it is cut', () => {
  fc.assert(
    fc.property(
      name,
      name,
      fc.array(fc.option(name), { maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      (sql, statement, values, cuts) => {
        const bytes = Buffer.concat([
          serialize.query(sql),
          serialize.parse({ name: statement, text: sql, types: [23, 25] }),
          serialize.bind({ portal: statement, statement, values: [...values] }),
          serialize.describe({ type: 'P', name: statement }),
          serialize.execute({ portal: statement, rows: 7 }),
          serialize.close({ type: 'S', name: statement }),
          serialize.password(sql),
        ])
        const [query, parsed, bound, described, executed, closed, password] = framesOf(bytes, cuts).map(
          ({ body }) => body,
        )
        const none = Buffer.alloc(0)
        assert.equal(decodeQuery(query ?? none), sql)
        assert.deepEqual(decodeParse(parsed ?? none), { name: statement, sql, types: [23, 25] })
        const bind = decodeBind(bound ?? none)
        assert.deepEqual([bind.portal, bind.statement], [statement, statement])
        assert.deepEqual(
          bind.values.map((value) => value.text),
          values,
        )
        assert.deepEqual(decodeNamed(described ?? none), { what: 'portal', name: statement })
        assert.deepEqual(decodeExecute(executed ?? none), { portal: statement, rowsMax: 7 })
        assert.deepEqual(decodeNamed(closed ?? none), { what: 'statement', name: statement })
        assert.equal(decodePassword(password ?? none), sql)
      },
    ),
    { numRuns: 300 },
  )
})

test('start-up, encryption and cancellation as pg-protocol writes them', () => {
  const startup = decodeFirstMessage(serialize.startup({ user: 'agent', database: 'shop' }))
  assert.ok(startup.kind === 'startup')
  assert.deepEqual([startup.parameters.get('user'), startup.parameters.get('database')], ['agent', 'shop'])
  assert.equal(decodeFirstMessage(serialize.requestSsl()).kind, 'ssl_request')
  const cancel = decodeFirstMessage(serialize.cancel(7, 9))
  assert.ok(cancel.kind === 'cancel')
  assert.deepEqual([cancel.processId, cancel.secret.readInt32BE(0)], [7, 9])
})

test('what is written here is read by pg-protocol', async () => {
  const stream = new PassThrough()
  const read: { readonly name: string; readonly [field: string]: unknown }[] = []
  const done = parse(stream, (message) => read.push({ ...message, name: message.name }))
  const report = { severity: 'ERROR', sqlstate: '42501', message: 'no', detail: 'rule r', hint: 'ask' } as const
  stream.end(
    Buffer.concat([
      encodeAuthentication('cleartext'),
      encodeAuthentication('ok'),
      encodeBackendKey(7, Buffer.from([0, 0, 0, 9])),
      encodeReady('T'),
      encodeRow([Buffer.from('a'), null, Buffer.from('')]),
      encodeReport(report),
    ]),
  )
  await done
  const [cleartext, ok, key, ready, row, error] = read
  assert.equal(cleartext?.name, 'authenticationCleartextPassword')
  assert.equal(ok?.name, 'authenticationOk')
  assert.deepEqual([key?.['processID'], key?.['secretKey']], [7, 9])
  assert.equal(ready?.['status'], 'T')
  assert.deepEqual(row?.['fields'], ['a', null, ''])
  assert.deepEqual([error?.['code'], error?.['detail'], error?.['hint']], ['42501', 'rule r', 'ask'])
})

const hostile: readonly (readonly [string, number[], string])[] = [
  ['a length below four', [0x51, 0, 0, 0, 3], 'bad_length'],
  ['a negative length', [0x51, 0xff, 0xff, 0xff, 0xff], 'bad_length'],
  ['the least length there is', [0x51, 0x80, 0, 0, 0], 'bad_length'],
  ['a length beyond the limit', [0x44, 0x40, 0, 0, 0], 'too_long'],
]
for (const [what, bytes, code] of hostile) {
  test(`a message with ${what} is refused at its head, whole and byte by byte`, () => {
    const refused = (error: unknown): boolean => error instanceof WireError && error.code === code
    assert.throws(() => new FrameReader(frameMax).push(Buffer.from(bytes)), refused)
    const slow = new FrameReader(frameMax)
    assert.throws(() => {
      for (const byte of bytes) slow.push(Buffer.from([byte]))
    }, refused)
  })
}

test('a large message in single bytes costs no more than its length', () => {
  const bytes = Buffer.alloc(1024 * 1024 + 1, 0x20)
  bytes[0] = 0x51
  bytes.writeInt32BE(bytes.length - 1, 1)
  const reader = new FrameReader(frameMax)
  const before = process.cpuUsage()
  let frames = 0
  for (let at = 0; at < bytes.length; at++) frames += reader.push(bytes.subarray(at, at + 1)).length
  assert.equal(frames, 1)
  const { user } = process.cpuUsage(before)
  assert.ok(user < 5_000_000, `${user} microseconds`)
})

test('messages that come in runs are the same messages, however they are cut', () => {
  const message = fc.record({ type: fc.constantFrom('D', 'd', 'T', 'C'), length: fc.nat(40) })
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 40 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.boolean(),
      (messages, cuts, runs) => {
        const sent = messages.map(({ type, length }, index) => encodeFrame(type, Buffer.alloc(length, index)))
        const bytes = Buffer.concat(sent)
        const reader = new FrameReader(frameMax, runs ? [68, 100] : [])
        const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
        const frames = places.slice(1).flatMap((end, at) => [...reader.push(bytes.subarray(places[at] ?? 0, end))])
        const singles = frames.flatMap((frame) => {
          const own = [...frame.copy().singles()]
          assert.equal(own.length, frame.count)
          assert.equal(
            own.reduce((sum, one) => sum + one.bodyBytes, 0),
            frame.bodyBytes,
          )
          return own
        })
        assert.deepEqual(
          singles.map(({ frame }) => frame),
          sent,
        )
        assert.equal(Buffer.concat(frames.map(({ frame }) => frame)).length, bytes.length)
      },
    ),
  )
})

test('a command tag that comes again reads as it does by itself, and one that is damaged is refused after it', () => {
  const tagOf = (body: string) => {
    const [frame] = new FrameReader(1000).push(encodeFrame('C', Buffer.from(body)))
    assert.ok(frame)
    return decodeTag(frame)
  }
  const tags: readonly (readonly [string, string, number])[] = [
    ['SELECT 1', 'SELECT', 1],
    ['SELECT 12', 'SELECT', 12],
    ['SELECT 2', 'SELECT', 2],
    ['INSERT 0 3', 'INSERT', 3],
    ['BEGIN', 'BEGIN', 0],
    ['', '', 0],
  ]
  for (const [tag, command, rows] of [...tags, ...tags].sort())
    assert.deepEqual(tagOf(`${tag}\0`), { tag, command, rows })
  assert.deepEqual(tagOf('SELECT 1\0'), { tag: 'SELECT 1', command: 'SELECT', rows: 1 })
  assert.throws(() => tagOf('SELECT 1\0x'), WireError)
  assert.throws(() => tagOf('SELECT 1'), WireError)
  assert.deepEqual(decodeTag(Buffer.from('SELECT 1\0')), { tag: 'SELECT 1', command: 'SELECT', rows: 1 })
})
