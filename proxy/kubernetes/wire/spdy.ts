// The frames of SPDY/3.1, as far as Kubernetes uses them. Header blocks are read with the peer's compression and printed
// without compressing anything: a stored block is valid for every reader and keeps no state of secrets.
import { constants, inflateRawSync } from 'node:zlib'
import { Held } from './held.ts'
import { spdyDictionary, spdyDictionaryId } from './spdy-dictionary.ts'
import { WireError } from './wire-error.ts'

/** Headers of a stream, names in lower case. */
export type SpdyHeaders = readonly (readonly [string, string])[]

/** One frame. */
export type SpdyFrame =
  | { readonly kind: 'data'; readonly stream: number; readonly fin: boolean; readonly bytes: Buffer }
  | { readonly kind: 'syn_stream'; readonly stream: number; readonly fin: boolean; readonly headers: SpdyHeaders }
  | {
      readonly kind: 'syn_reply' | 'headers'
      readonly stream: number
      readonly fin: boolean
      readonly headers: SpdyHeaders
    }
  | { readonly kind: 'rst_stream'; readonly stream: number; readonly status: number }
  | { readonly kind: 'settings'; readonly flags: number; readonly bytes: Buffer }
  | { readonly kind: 'ping'; readonly id: number }
  | { readonly kind: 'goaway'; readonly last: number; readonly status: number }
  | { readonly kind: 'window_update'; readonly stream: number; readonly delta: number }

/** Bytes of one frame. */
export const frameBytesMax: number = 4 * 1024 * 1024
/** Bytes of one header block, as it came and inflated; those of streams here are a few hundred. */
const blockBytesMax = 16 * 1024
const inflatedBytesMax = 8 * 1024
/** How far a compressed stream may refer back. */
const windowBytes = 32 * 1024
const headersMax = 64

const types = {
  syn_stream: 1,
  syn_reply: 2,
  rst_stream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  headers: 8,
  window_update: 9,
} as const
const finFlag = 1

/** Reads frames from chunks of any size. Throws WireError. */
export class SpdyReader {
  readonly #held = new Held()
  readonly #blocks = new HeaderReader()

  /** The frames that are whole by now. */
  push(chunk: Uint8Array): SpdyFrame[] {
    const held = this.#held.with(chunk)
    const frames: SpdyFrame[] = []
    let at = 0
    while (held.length - at >= 8) {
      const length = held.readUIntBE(at + 5, 3)
      if (length > frameBytesMax) throw new WireError('a SPDY frame is too long')
      if (held.length - at < 8 + length) break
      frames.push(this.#frame(held.subarray(at, at + 8), held.subarray(at + 8, at + 8 + length)))
      at += 8 + length
    }
    this.#held.take(at)
    return frames
  }

  #frame(head: Buffer, body: Buffer): SpdyFrame {
    const flags = head.readUInt8(4)
    if ((head.readUInt8(0) & 0x80) === 0) {
      const stream = head.readUInt32BE(0)
      if (stream === 0 || (flags & ~finFlag) !== 0) throw new WireError('a SPDY data frame is broken')
      return { kind: 'data', stream, fin: flags === finFlag, bytes: Buffer.from(body) }
    }
    if (head.readUInt16BE(0) !== 0x8003) throw new WireError('a SPDY frame is of another version')
    return this.#control(head.readUInt16BE(2), flags, body)
  }

  #control(type: number, flags: number, body: Buffer): SpdyFrame {
    const fin = (flags & finFlag) !== 0
    switch (type) {
      case types.syn_stream:
        // Other flags would make the stream one-way, which nobody here uses.
        if ((flags & ~finFlag) !== 0) throw new WireError('a SPDY stream has unknown flags')
        return { kind: 'syn_stream', stream: streamOf(body, 10), fin, headers: this.#blocks.read(body.subarray(10)) }
      case types.syn_reply:
        return { kind: 'syn_reply', stream: streamOf(body, 4), fin, headers: this.#blocks.read(body.subarray(4)) }
      case types.headers:
        return { kind: 'headers', stream: streamOf(body, 4), fin, headers: this.#blocks.read(body.subarray(4)) }
      case types.rst_stream:
        exactly(body, 8)
        return { kind: 'rst_stream', stream: streamOf(body, 8), status: body.readUInt32BE(4) }
      case types.settings:
        if (body.length < 4 || body.length !== 4 + body.readUInt32BE(0) * 8)
          throw new WireError('a SPDY frame is broken')
        return { kind: 'settings', flags, bytes: Buffer.from(body) }
      case types.ping:
        exactly(body, 4)
        return { kind: 'ping', id: body.readUInt32BE(0) }
      case types.goaway:
        exactly(body, 8)
        return { kind: 'goaway', last: body.readUInt32BE(0) & 0x7fffffff, status: body.readUInt32BE(4) }
      case types.window_update:
        exactly(body, 8)
        return {
          kind: 'window_update',
          stream: body.readUInt32BE(0) & 0x7fffffff,
          delta: body.readUInt32BE(4) & 0x7fffffff,
        }
      default:
        throw new WireError('a SPDY frame is of no known kind')
    }
  }
}

/** Prints frames of one direction of one connection. */
export class SpdyWriter {
  #begun = false

  /** The bytes of a frame. */
  encode(frame: SpdyFrame): Buffer {
    switch (frame.kind) {
      case 'data': {
        const head = Buffer.alloc(8)
        head.writeUInt32BE(frame.stream, 0)
        head.writeUInt8(frame.fin ? finFlag : 0, 4)
        head.writeUIntBE(frame.bytes.length, 5, 3)
        return Buffer.concat([head, frame.bytes])
      }
      case 'syn_stream': {
        const fixed = Buffer.alloc(10)
        fixed.writeUInt32BE(frame.stream, 0)
        return control(types.syn_stream, frame.fin ? finFlag : 0, [fixed, this.#block(frame.headers)])
      }
      case 'syn_reply':
      case 'headers':
        return control(types[frame.kind], frame.fin ? finFlag : 0, [words(frame.stream), this.#block(frame.headers)])
      case 'rst_stream':
        return control(types.rst_stream, 0, [words(frame.stream, frame.status)])
      case 'settings':
        return control(types.settings, frame.flags, [frame.bytes])
      case 'ping':
        return control(types.ping, 0, [words(frame.id)])
      case 'goaway':
        return control(types.goaway, 0, [words(frame.last, frame.status)])
      case 'window_update':
        return control(types.window_update, 0, [words(frame.stream, frame.delta)])
    }
  }

  /** A header block as a stored block of the direction's one zlib stream. */
  #block(headers: SpdyHeaders): Buffer {
    const parts: Buffer[] = [words(headers.length)]
    for (const [name, value] of headers)
      for (const text of [name, value]) parts.push(words(text.length), Buffer.from(text, 'latin1'))
    const plain = Buffer.concat(parts)
    if (plain.length > inflatedBytesMax - 1) throw new WireError('a header block is too long')
    const stored = Buffer.from([
      0,
      plain.length & 0xff,
      plain.length >> 8,
      ~plain.length & 0xff,
      (~plain.length >> 8) & 0xff,
    ])
    const begin = this.#begun ? [] : [Buffer.from([0x78, 0x20]), words(spdyDictionaryId)]
    this.#begun = true
    return Buffer.concat([...begin, stored, plain, flushed])
  }
}

/** An empty stored block: readers hand out what they have when they come to it, and not before. */
const flushed = Buffer.from([0, 0, 0, 0xff, 0xff])

/**
 * Reads the header blocks of one direction: one zlib stream, in pieces that end with a flush. Behind a flush a stream goes
 * on at a whole byte, and all that it remembers are the last bytes that came of it (RFC 1951 2), so each piece is read by
 * itself with those: what came before is not read again.
 */
class HeaderReader {
  /** What the next piece may refer to; undefined before the first. */
  #window: Buffer | undefined

  read(block: Buffer): SpdyHeaders {
    if (block.length > blockBytesMax) throw new WireError('a header block is too long')
    const pieces = this.#window === undefined ? withoutHead(block) : block
    if (!pieces.subarray(-flushed.length + 1).equals(flushed.subarray(1)))
      throw new WireError('a header block does not end with a flush')
    const dictionary = this.#window ?? spdyDictionary
    let plain: Buffer
    try {
      plain = inflateRawSync(pieces, {
        dictionary,
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: inflatedBytesMax,
      })
    } catch (error) {
      throw new WireError('a header block cannot be inflated', { cause: error })
    }
    this.#window = Buffer.from(Buffer.concat([dictionary, plain]).subarray(-windowBytes))
    return decodeHeaders(plain)
  }
}

/** The first piece without the head of the stream (RFC 1950 2.2), which names the dictionary. */
function withoutHead(block: Buffer): Buffer {
  const head = block.length < 6 ? 0 : block.readUInt16BE(0)
  const [method, hasDictionary] = [(head >> 8) & 0x0f, (head & 0x20) !== 0]
  if (method !== 8 || head % 31 !== 0 || !hasDictionary || block.readUInt32BE(2) !== spdyDictionaryId)
    throw new WireError('a header block cannot be inflated')
  return block.subarray(6)
}

function decodeHeaders(block: Buffer): SpdyHeaders {
  let at = 0
  const word = (): number => {
    if (at + 4 > block.length) throw new WireError('a header block is cut')
    at += 4
    return block.readUInt32BE(at - 4)
  }
  const text = (): string => {
    const length = word()
    if (at + length > block.length) throw new WireError('a header block is cut')
    at += length
    return block.toString('latin1', at - length, at)
  }
  const count = word()
  if (count > headersMax) throw new WireError('a stream has too many headers')
  const headers: (readonly [string, string])[] = []
  const seen = new Set<string>()
  for (let one = 0; one < count; one++) {
    const name = text()
    const value = text()
    // Several values of one name stand in one value, parted by NUL; no stream here has any.
    if (name === '' || name !== name.toLowerCase() || seen.has(name) || value.includes('\0'))
      throw new WireError('a stream has a header of two readings')
    seen.add(name)
    headers.push([name, value])
  }
  if (at !== block.length) throw new WireError('a header block has trailing bytes')
  return headers
}

function streamOf(body: Buffer, bytesMin: number): number {
  if (body.length < bytesMin) throw new WireError('a SPDY frame is cut')
  const stream = body.readUInt32BE(0) & 0x7fffffff
  if (stream === 0) throw new WireError('a SPDY frame is of no stream')
  return stream
}

function exactly(body: Buffer, bytes: number): void {
  if (body.length !== bytes) throw new WireError('a SPDY frame has a wrong length')
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}

function control(type: number, flags: number, parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(8)
  head.writeUInt16BE(0x8003, 0)
  head.writeUInt16BE(type, 2)
  head.writeUInt8(flags, 4)
  head.writeUIntBE(body.length, 5, 3)
  return Buffer.concat([head, body])
}
