// A segment as bytes: a header, then frames, each ending in the hash of everything before it and itself. The hash runs
// over what is on disk, sealed or not, so that anyone can check the chain without a key to the content.
import { createHash } from 'node:crypto'
import { RecordingError } from './error.ts'
import { type Frame, type FrameType, frameBytesMax, frameTypes, hashBytes } from './frame-types.ts'
import { decodePieces, isInPieces, type PiecesRead } from './pieces.ts'
import { sha256 } from './sha256.ts'

/** The version that is written; version 1, which has no actions in parts, is read as well. */
export const formatVersion = 2
/** First bytes of every segment, before the version. */
const magic = Buffer.from('SALLYREC', 'latin1')
/** Magic and version. */
const startBytes = magic.length + 1

/** Type, first sequence, count and length of the body. */
const frameHeadBytes = 17
const headerBytesMax = 64 * 1024
/** The bytes of a segment's header, and the hash from which its chain starts. */
export function encodeHeader(header: object): { readonly bytes: Buffer; readonly hash: Buffer } {
  const text = Buffer.from(JSON.stringify(header))
  if (text.length > headerBytesMax) throw new RecordingError('too_large', 'a segment header is too large')
  const bytes = Buffer.allocUnsafe(startBytes + 4 + text.length)
  magic.copy(bytes)
  bytes[magic.length] = formatVersion
  bytes.writeUInt32BE(text.length, startBytes)
  text.copy(bytes, startBytes + 4)
  return { bytes, hash: sha256(bytes) }
}

/** The head of a frame, which sealing authenticates too. */
export function frameHead(type: FrameType, firstSequence: number, count: number, bodyBytes: number): Buffer {
  const head = Buffer.allocUnsafe(frameHeadBytes)
  writeHead(head, 0, type, firstSequence, count, bodyBytes)
  return head
}

function writeHead(
  out: Buffer,
  at: number,
  type: FrameType,
  firstSequence: number,
  count: number,
  bodyBytes: number,
): void {
  out[at] = type
  out.writeUInt32BE(Math.floor(firstSequence / 2 ** 32), at + 1)
  out.writeUInt32BE(firstSequence % 2 ** 32, at + 5)
  out.writeUInt32BE(count, at + 9)
  out.writeUInt32BE(bodyBytes, at + 13)
}

/** Chains a frame: the hash that ends it. */
export function chain(previous: Uint8Array, covered: Uint8Array): Buffer {
  return createHash('sha256').update(previous).update(covered).digest()
}

/** What an abandoned session's leaf says of the bytes after its last whole frame: their hash; nothing where none are. */
export function tailOf(rest: Uint8Array): string {
  return rest.length === 0 ? '' : sha256(rest).toString('hex')
}

/** A frame that is being made: its body is to be filled before it ends. */
export interface FrameBegun {
  /** The hash before, then the frame: so one pass over one piece of memory hashes it. */
  readonly memory: Buffer
  readonly head: Buffer
  readonly body: Buffer
}

/** Memory of the frames that bulk is handed over in: one is written before the next one is begun. */
const lentBytes = 256 * 1024
let lent: Buffer | undefined

/** Begins a frame that follows `previous`; its memory counts until the next one is begun. */
export function beginFrame(
  previous: Uint8Array,
  type: FrameType,
  firstSequence: number,
  count: number,
  bodyBytes: number,
): FrameBegun {
  if (bodyBytes > frameBytesMax) throw new RecordingError('too_large', 'a frame is too large')
  const bytes = hashBytes + frameHeadBytes + bodyBytes + hashBytes
  lent ??= Buffer.allocUnsafeSlow(lentBytes)
  const memory = bytes <= lentBytes ? lent.subarray(0, bytes) : Buffer.allocUnsafeSlow(bytes)
  memory.set(previous, 0)
  writeHead(memory, hashBytes, type, firstSequence, count, bodyBytes)
  const start = hashBytes + frameHeadBytes
  return { memory, head: memory.subarray(hashBytes, start), body: memory.subarray(start, start + bodyBytes) }
}

/** The bytes of a frame whose body is there: head, body, and the hash that chains both to what came before. */
export function endFrame({ memory }: FrameBegun): Buffer {
  const end = memory.length - hashBytes
  memory.set(sha256(memory.subarray(0, end)), end)
  return memory.subarray(hashBytes)
}

/** The parts of a segment read from its bytes. `torn` tells how many bytes stand after the last whole frame. */
export interface ReadSegment {
  readonly header: { readonly [name: string]: unknown }
  readonly headerHash: Buffer
  readonly frames: readonly Frame[]
  /** Pieces after the last whole frame: of a frame that has no end yet, or never got one. */
  readonly unended: PiecesRead | undefined
  readonly torn: number
}

/** Whether nothing but zeros follows, which a disk can leave where bytes were to come: no frame begins with one. */
function isZeros(bytes: Buffer, from: number): boolean {
  return bytes[from] === 0 && bytes.subarray(from).every((byte) => byte === 0)
}

/** Reads a segment. Throws RecordingError when even the header does not read; a cut end is told and not thrown. */
export function decodeSegment(bytes: Uint8Array): ReadSegment {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.length < startBytes + 4 || !view.subarray(0, magic.length).equals(magic))
    throw new RecordingError('damaged', 'the segment has no header')
  const version = view[magic.length] ?? 0
  if (version === 0 || version > formatVersion)
    throw new RecordingError('damaged', `the segment is of format ${version}, which is not known here`)
  const length = view.readUInt32BE(startBytes)
  const start = startBytes + 4 + length
  if (length > headerBytesMax || start > view.length) throw new RecordingError('damaged', 'the segment header is cut')
  const header = parseObject(view.subarray(startBytes + 4, start))
  if (header['version'] !== version) throw new RecordingError('damaged', 'the segment header is of another version')
  const frames: Frame[] = []
  let at = start
  let unended: PiecesRead | undefined
  while (at < view.length) {
    if (version > 1 && isInPieces(view[at] ?? 0)) {
      const read = decodePieces(view, at)
      if (read?.hash === undefined) {
        unended = read
        break
      }
      frames.push({ ...read.frame, hash: read.hash })
      at = read.end
      continue
    }
    if (at + frameHeadBytes + hashBytes > view.length || isZeros(view, at)) break
    const bodyBytes = view.readUInt32BE(at + 13)
    const end = at + frameHeadBytes + bodyBytes + hashBytes
    if (bodyBytes > frameBytesMax || end > view.length) break
    frames.push({
      type: checkType(view[at] ?? 0),
      firstSequence: Number(view.readBigUInt64BE(at + 1)),
      count: view.readUInt32BE(at + 9),
      body: view.subarray(at + frameHeadBytes, end - hashBytes),
      pieces: undefined,
      tag: undefined,
      covered: view.subarray(at, end - hashBytes),
      hash: view.subarray(end - hashBytes, end),
      offset: at,
    })
    at = end
  }
  return {
    header,
    headerHash: sha256(view.subarray(0, start)),
    frames,
    unended,
    torn: view.length - at,
  }
}

/** Whether bytes are the beginning of a header that was not finished, as a crash leaves them. */
export function isHeaderBegun(bytes: Uint8Array): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const known = Math.min(view.length, magic.length)
  if (!view.subarray(0, known).equals(magic.subarray(0, known))) return false
  if (view.length < startBytes + 4) return true
  const length = view.readUInt32BE(startBytes)
  return length <= headerBytesMax && view.length < startBytes + 4 + length
}

/** Whether bytes are the beginning of a frame that was not finished: one of this number, with more to come. */
export function isFrameBegun(bytes: Uint8Array, sequence: number): boolean {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const type = view[0]
  if (type !== undefined && isInPieces(type) && view.length >= 9) {
    const read = decodePieces(view, 0)
    const isDue = view.readBigUInt64BE(1) === BigInt(sequence)
    return isDue && read?.isDamaged !== true && read?.hash === undefined
  }
  if (type !== undefined && !Object.values(frameTypes).some((known) => known === type)) return false
  const wanted = Buffer.alloc(8)
  wanted.writeBigUInt64BE(BigInt(sequence))
  const told = view.subarray(1, 9)
  if (!told.equals(wanted.subarray(0, told.length))) return false
  if (view.length < frameHeadBytes) return true
  const bodyBytes = view.readUInt32BE(13)
  return bodyBytes <= frameBytesMax && view.length < frameHeadBytes + bodyBytes + hashBytes
}

function checkType(type: number): FrameType {
  for (const known of Object.values(frameTypes)) if (known === type && !isInPieces(type)) return known
  throw new RecordingError('damaged', 'a frame has an unknown type')
}

function parseObject(bytes: Buffer): { readonly [name: string]: unknown } {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return Object.fromEntries(Object.entries(value))
  } catch (cause) {
    throw new RecordingError('damaged', 'the segment header is not JSON', { cause })
  }
  throw new RecordingError('damaged', 'the segment header is not an object')
}
