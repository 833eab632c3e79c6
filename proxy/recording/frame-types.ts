// What frames are: their types, their bounds, and a frame as it is read.

/** What a frame holds, and whether it is whole or in pieces. */
export const frameTypes = {
  plain: 1,
  sealed: 2,
  unmasked: 3,
  checkpoint: 4,
  sealedPieces: 5,
  plainPieces: 6,
} as const

/** What follows the head of a frame in pieces. */
export const pieceTypes = { piece: 7, end: 8, untaggedEnd: 9 } as const

/** One type of frame. */
export type FrameType = (typeof frameTypes)[keyof typeof frameTypes]

/** Length of a SHA-256 hash. */
export const hashBytes = 32
/** Bytes of one frame's body at the most. */
export const frameBytesMax: number = 80 * 1024 * 1024

/** One frame as it is read. */
export interface Frame {
  readonly type: FrameType
  readonly firstSequence: number
  readonly count: number
  /** The body; of a frame in pieces its head. */
  readonly body: Uint8Array
  /** The pieces, where it is in pieces. */
  readonly pieces: readonly Piece[] | undefined
  /** The tag over all pieces, where there is one. */
  readonly tag: Uint8Array | undefined
  readonly hash: Uint8Array
  /** The bytes that the hash covers, beside the hash before. */
  readonly covered: Uint8Array
  /** Where it begins in its segment. */
  readonly offset: number
}

/** Some entries of a frame, as they were handed over. */
export interface Piece {
  readonly count: number
  readonly body: Buffer
}
