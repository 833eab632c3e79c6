// Frames in pieces as they are read.
import { RecordingError } from './error.ts'
import { type Frame, frameBytesMax, frameTypes, hashBytes, type Piece, pieceTypes } from './frame-types.ts'
import { nonceBytes, tagBytes } from './sealing.ts'

const headBytes = 9
const pieceHeadBytes = 9

/** A frame in pieces; without an end it is one that is being written, or was when the gateway died. */
export interface PiecesRead {
  readonly frame: Omit<Frame, 'hash'>
  readonly hash: Buffer | undefined
  /** Where the last thing that is whole ends. */
  readonly end: number
  /** True where bytes follow that no such frame has. */
  readonly isDamaged: boolean
}

/** Whether a frame of this type is in pieces. */
export function isInPieces(type: number): boolean {
  return type === frameTypes.sealedPieces || type === frameTypes.plainPieces
}

/** Reads the frame in pieces that begins at `offset`; undefined where not even its head is whole. */
export function decodePieces(view: Buffer, offset: number): PiecesRead | undefined {
  const isSealed = view[offset] === frameTypes.sealedPieces
  const start = offset + headBytes + (isSealed ? nonceBytes : 0)
  if (start > view.length) return undefined
  const pieces: Piece[] = []
  let count = 0
  let at = start
  const read = (end: number, tagAt?: number, isDamaged = false): PiecesRead => ({
    frame: {
      type: isSealed ? frameTypes.sealedPieces : frameTypes.plainPieces,
      firstSequence: Number(view.readBigUInt64BE(offset + 1)),
      count,
      body: view.subarray(offset, start),
      pieces,
      tag: tagAt === undefined ? undefined : view.subarray(tagAt, tagAt + tagBytes),
      covered: view.subarray(offset, end),
      offset,
    },
    hash: undefined,
    end,
    isDamaged,
  })
  while (at < view.length) {
    const type = view[at]
    if (type === pieceTypes.end || type === pieceTypes.untaggedEnd) {
      const hasTag = isSealed && type === pieceTypes.end
      const hashAt = at + 1 + (hasTag ? tagBytes : 0)
      const end = hashAt + hashBytes
      if (end > view.length) return read(at)
      return { ...read(hashAt, hasTag ? at + 1 : undefined), hash: view.subarray(hashAt, end), end }
    }
    if (type !== pieceTypes.piece) return read(at, undefined, true)
    if (at + pieceHeadBytes > view.length) return read(at)
    const bytes = view.readUInt32BE(at + 5)
    const end = at + pieceHeadBytes + bytes
    if (bytes > frameBytesMax) return read(at, undefined, true)
    if (end > view.length) return read(at)
    pieces.push({ count: view.readUInt32BE(at + 1), body: view.subarray(at + pieceHeadBytes, end) })
    count += view.readUInt32BE(at + 1)
    at = end
  }
  return read(at)
}

/** The head of a frame in pieces: what sealing authenticates, and the nonce at its end. */
export function nonceOf(head: Uint8Array): Uint8Array {
  if (head.length !== headBytes + nonceBytes) throw new RecordingError('damaged', 'a frame has no nonce')
  return head.subarray(headBytes)
}
