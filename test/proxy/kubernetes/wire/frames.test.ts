import assert from 'node:assert/strict'
import { test } from 'node:test'
import { constants, createDeflate, deflateSync, inflateSync } from 'node:zlib'
import fc from 'fast-check'
import { Held } from '../../../../proxy/kubernetes/wire/held.ts'
import {
  acceptKey,
  encodeFrame,
  type SpdyFrame,
  SpdyReader,
  SpdyWriter,
  type WebSocketFrame,
  WebSocketReader,
  WireError,
} from '../../../../proxy/kubernetes/wire/index.ts'
import { spdyDictionary, spdyDictionaryId } from '../../../../proxy/kubernetes/wire/spdy-dictionary.ts'

test('the accept key is the one of RFC 6455 1.3', () => {
  assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=')
})

test('a WebSocket message of the RFC is read: 5.7, masked and not', () => {
  assert.deepEqual(new WebSocketReader(false).push(Buffer.from('810548656c6c6f', 'hex')), [
    { kind: 'message', bytes: Buffer.from('Hello') },
  ])
  assert.deepEqual(new WebSocketReader(true).push(Buffer.from('818537fa213d7f9f4d5158', 'hex')), [
    { kind: 'message', bytes: Buffer.from('Hello') },
  ])
  assert.deepEqual(new WebSocketReader(false).push(Buffer.from('010348656c80026c6f', 'hex')), [
    { kind: 'message', bytes: Buffer.from('Hello') },
  ])
})

test('WebSocket frames come back as they went, however they are cut', () => {
  const sizes = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536)
  fc.assert(
    fc.property(
      fc.array(sizes, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 70_000 }),
      (lengths, masked, step) => {
        const frames = lengths.map(
          (length, at): WebSocketFrame => ({ kind: 'message', bytes: Buffer.alloc(length, at) }),
        )
        const bytes = Buffer.concat(frames.map(({ kind, bytes: body }) => encodeFrame(kind, body, masked)))
        const reader = new WebSocketReader(masked)
        const read: WebSocketFrame[] = []
        for (let at = 0; at < bytes.length; at += step) read.push(...reader.push(bytes.subarray(at, at + step)))
        assert.deepEqual(read, frames)
      },
    ),
    { numRuns: 30 },
  )
})

const brokenFrames: readonly (readonly [string, string, boolean])[] = [
  ['an unmasked frame of a client', '810548656c6c6f', true],
  ['a masked frame of a server', '818537fa213d7f9f4d5158', false],
  ['reserved bits', 'c10548656c6c6f', false],
  ['a cut control frame', '0900', false],
  ['a control frame that is too long', '897e0100', false],
  ['a continuation of nothing', '8000', false],
  ['a message inside a message', '010041018100', false],
  ['an unknown opcode', '8300', false],
  ['a length that is not the shortest', '827e0001', false],
  ['a length that is not the shortest, in eight bytes', '827f0000000000000001', false],
  ['a length of 2^63', '827f8000000000000000', false],
  ['a message over the limit', '827f0000000000400001', false],
]
for (const [what, hex, masked] of brokenFrames) {
  test(`refuses ${what}`, () => {
    assert.throws(() => new WebSocketReader(masked).push(Buffer.from(hex, 'hex')), WireError)
  })
}

test('the dictionary of SPDY has the checksum that every stream names', () => {
  let [a, b] = [1, 0]
  for (const byte of spdyDictionary) {
    a = (a + byte) % 65_521
    b = (b + a) % 65_521
  }
  assert.equal(((b << 16) | a) >>> 0, spdyDictionaryId)
  assert.equal(spdyDictionary.length, 1423)
})

const frames: readonly SpdyFrame[] = [
  {
    kind: 'syn_stream',
    stream: 1,
    fin: false,
    headers: [
      ['streamtype', 'error'],
      ['port', '80'],
    ],
  },
  { kind: 'syn_stream', stream: 3, fin: true, headers: [['streamtype', 'data']] },
  { kind: 'syn_reply', stream: 1, fin: false, headers: [] },
  { kind: 'headers', stream: 1, fin: false, headers: [['x', 'y']] },
  { kind: 'data', stream: 3, fin: true, bytes: Buffer.from('abc') },
  { kind: 'rst_stream', stream: 3, status: 5 },
  { kind: 'settings', flags: 0, bytes: Buffer.from('000000010000000400000064', 'hex') },
  { kind: 'ping', id: 7 },
  { kind: 'window_update', stream: 1, delta: 9 },
  { kind: 'goaway', last: 3, status: 0 },
]

test('SPDY frames come back as they went, cut at every byte', () => {
  const writer = new SpdyWriter()
  const bytes = Buffer.concat(frames.map((frame) => writer.encode(frame)))
  for (let cut = 0; cut <= bytes.length; cut++) {
    const reader = new SpdyReader()
    assert.deepEqual([...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))], frames)
  }
})

test('headers that a peer compresses, over several blocks of one stream, are read', () => {
  const block = (text: string): Buffer => {
    const words = (value: number): Buffer => Buffer.from([0, 0, 0, value])
    return Buffer.concat([words(1), words(10), Buffer.from('streamtype'), words(text.length), Buffer.from(text)])
  }
  const [one, two] = [block('error'), block('data')]
  const flush = { dictionary: spdyDictionary, finishFlush: constants.Z_SYNC_FLUSH }
  const first = deflateSync(one, flush)
  const second = deflateSync(Buffer.concat([one, two]), flush)
  // The stream of both begins with the bytes of the first alone only when each ends in a flush, so the second is cut out.
  assert.deepEqual(inflateSync(first, flush), one)
  const frame = (stream: number, body: Buffer): Buffer => {
    const head = Buffer.from('8003000100000000', 'hex')
    head.writeUIntBE(10 + body.length, 5, 3)
    const fixed = Buffer.alloc(10)
    fixed.writeUInt32BE(stream)
    return Buffer.concat([head, fixed, body])
  }
  const [read] = new SpdyReader().push(frame(1, first))
  assert.deepEqual(read?.kind === 'syn_stream' && read.headers, [['streamtype', 'error']])
  assert.throws(() => new SpdyReader().push(frame(1, second)), WireError, 'two blocks in one have trailing bytes')
})

/** Header blocks as Go's writer makes them: one stream, flushed after each. */
async function compressed(blocks: readonly Buffer[]): Promise<Buffer[]> {
  const stream = createDeflate({ dictionary: spdyDictionary })
  const pieces: Buffer[] = []
  for (const block of blocks) {
    stream.write(block)
    await new Promise<void>((done) => stream.flush(constants.Z_SYNC_FLUSH, done))
    pieces.push(stream.read() as Buffer)
  }
  stream.destroy()
  return pieces
}

function headersBlock(name: string, value: string): Buffer {
  const word = (number: number): Buffer => Buffer.from(number.toString(16).padStart(8, '0'), 'hex')
  return Buffer.concat([word(1), word(name.length), Buffer.from(name), word(value.length), Buffer.from(value)])
}

function headersFrame(body: Buffer): Buffer {
  const head = Buffer.from('8003000800000000', 'hex')
  head.writeUIntBE(4 + body.length, 5, 3)
  return Buffer.concat([head, Buffer.from([0, 0, 0, 1]), body])
}

test('blocks that refer to all that came before are read, and the last costs no more than the first', async () => {
  const values = Array.from({ length: 2000 }, (_, index) => `${index % 7}${'value '.repeat(1000)}${index}`)
  const pieces = await compressed(values.map((value) => headersBlock('a', value)))
  const reader = new SpdyReader()
  const read = (from: number): number => {
    const start = performance.now()
    for (let at = from; at < from + 200; at++) {
      const [frame] = reader.push(headersFrame(pieces[at] ?? Buffer.alloc(0)))
      assert.deepEqual(frame?.kind === 'headers' && frame.headers, [['a', values[at]]])
    }
    return performance.now() - start
  }
  const costs = Array.from({ length: 10 }, (_, index) => read(index * 200))
  // Nineteen times as much where all that came before is read again.
  const [least = 0] = costs.slice(5).sort((a, b) => a - b)
  assert.ok(least < 6 * (costs[0] ?? 0), costs.join())
})

test('refuses a header block that does not end where a whole one ends', async () => {
  const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = await compressed([
    headersBlock('a', 'one'),
    headersBlock('a', 'two'),
  ])
  for (const cut of [1, 4, 5]) {
    assert.throws(() => new SpdyReader().push(headersFrame(first.subarray(0, -cut))), WireError)
    const reader = new SpdyReader()
    reader.push(headersFrame(first))
    assert.throws(() => reader.push(headersFrame(second.subarray(0, -cut))), WireError)
  }
})

test('a message in many pieces is put together in few steps', () => {
  const held = new Held()
  const memories = new Set<ArrayBufferLike>()
  for (let at = 0; at < 100_000; at++) memories.add(held.with(Buffer.from([at])).buffer)
  assert.ok(memories.size < 40, `${memories.size} pieces of memory`)
  held.take(99_999)
  assert.deepEqual([...held.with(Buffer.from([7]))], [99_999 & 255, 7])
  held.take(2)
  assert.equal(held.with(Buffer.alloc(0)).length, 0)
})

const brokenSpdy: readonly (readonly [string, string])[] = [
  ['data of stream 0', '0000000000000000'],
  ['data with unknown flags', '0000000102000000'],
  ['another version', '8002000100000000'],
  ['an unknown type', '8003000500000000'],
  ['a stream that is one-way', '800300010200000a00000001000000000000'],
  ['a cut SYN_STREAM', '800300010000000400000001'],
  ['a frame over the limit', '00000001ffffffff'],
  ['a reset of the wrong length', '80030003000000040000000100'],
  ['settings whose count lies', '800300040000000400000001'],
  ['a header block that is no zlib stream', '800300010000000e0000000100000000000041414141'],
]
for (const [what, hex] of brokenSpdy) {
  test(`refuses ${what}`, () => {
    assert.throws(() => new SpdyReader().push(Buffer.from(hex, 'hex')), WireError)
  })
}

test('refuses a header block that inflates without end', () => {
  const bomb = deflateSync(Buffer.alloc(10 * 1024 * 1024), {
    dictionary: spdyDictionary,
    finishFlush: constants.Z_SYNC_FLUSH,
  })
  const head = Buffer.from('8003000100000000', 'hex')
  head.writeUIntBE(10 + bomb.length, 5, 3)
  assert.throws(
    () => new SpdyReader().push(Buffer.concat([head, Buffer.from('00000001000000000000', 'hex'), bomb])),
    WireError,
  )
})

test('refuses headers of two readings', () => {
  for (const headers of [
    [
      ['a', '1'],
      ['a', '2'],
    ],
    [['A', '1']],
    [['a', 'x\0y']],
    [['', 'x']],
  ] as const) {
    const bytes = new SpdyWriter().encode({ kind: 'syn_stream', stream: 1, fin: false, headers })
    assert.throws(() => new SpdyReader().push(bytes), WireError)
  }
})
