// Reads recordings back: the sessions of a folder, the segments of a session, the entries for whoever has the key.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ActionDocument } from '../../engine/action/index.ts'
import { actionSchema, withDigest } from '../../engine/action/index.ts'
import { HeardParts } from './action-entry.ts'
import { decodeEntries, type RecordedAction, type RecordedIdentity, type StoredEntry } from './entry.ts'
import { RecordingError } from './error.ts'
import { chain, decodeSegment, frameHead, isHeaderBegun, type ReadSegment } from './frame.ts'
import { type Frame, frameBytesMax, frameTypes, hashBytes } from './frame-types.ts'
import { nonceOf } from './pieces.ts'
import { readPlainFile } from './plain-file.ts'
import { type KeyUnwrapper, open, openPieces } from './sealing.ts'

/** Ids of the sessions recorded below a folder, sorted. */
export function listSessions(folder: string): readonly string[] {
  try {
    return readdirSync(join(folder, 'sessions')).sort()
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw new RecordingError('unreadable', 'the folder of sessions cannot be read', { cause })
  }
}

/** Bytes of one segment at the most: what one may grow to (`recording.segmentBytes`), and the frame that is past it. */
const segmentFileBytesMax = 2 ** 30 + 4 * frameBytesMax

/** Segments in the order of their numbers, which may have more digits than the six that all have. */
function bySegment(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : 1)
}

/** The segments of a session, in order of their names. Throws RecordingError where there is no such session. */
export function segmentNames(folder: string, session: string): readonly string[] {
  try {
    return readdirSync(join(folder, 'sessions', session))
      .filter((name) => name.endsWith('.segment'))
      .sort(bySegment)
  } catch (cause) {
    throw new RecordingError('unreadable', `there is no recording of session ${session.slice(0, 100)}`, { cause })
  }
}

/** A segment with its bytes. */
export interface SegmentFile extends ReadSegment {
  readonly name: string
  readonly bytes: Buffer
}

/** Reads one segment; undefined where its header was only begun. Throws RecordingError. */
export function readSegment(folder: string, session: string, name: string): SegmentFile | undefined {
  const bytes = readPlainFile(join(folder, 'sessions', session, name), segmentFileBytesMax)
  return isHeaderBegun(bytes) ? undefined : { ...decodeSegment(bytes), name, bytes }
}

/** How far a segment's chain holds. Nothing where its header does not read. */
export function chainedBytes(bytes: Buffer): number {
  try {
    if (isHeaderBegun(bytes)) return 0
    const { frames, headerHash } = decodeSegment(bytes)
    let previous: Uint8Array = headerHash
    let end = 0
    for (const { covered, hash, offset } of frames) {
      if (!chain(previous, covered).equals(hash)) return offset
      previous = hash
      end = offset + covered.length + hashBytes
    }
    return end
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    return 0
  }
}

/**
 * All entries of a session, those before the sequence `from` left out. Throws RecordingError when the key is missing or
 * wrong.
 */
export function* readEntries(
  folder: string,
  session: string,
  unwrapper: KeyUnwrapper | undefined,
  from = 0,
): Generator<StoredEntry> {
  for (const name of segmentNames(folder, session)) {
    const segment = readSegment(folder, session, name)
    if (segment === undefined) continue
    const key = sessionKey(segment, unwrapper)
    const heard = new HeardParts()
    for (const frame of segment.frames) {
      if (frame.type === frameTypes.checkpoint) continue
      // What is left out is read all the same: later entries of the segment refer to it.
      const entries = entriesOf(frame, key, heard)
      if (frame.firstSequence + frame.count > from) yield* entries
    }
    if (segment.unended !== undefined) yield* entriesOf(segment.unended.frame, key, heard)
  }
}

/** Puts the action document together again from an action entry and the identity entry before it. */
export function documentOf(identity: RecordedIdentity, recorded: RecordedAction): ActionDocument {
  return withDigest({
    schema: actionSchema,
    identity: identity.identity,
    resource: identity.resource,
    session: { ...identity.session, ...recorded.session },
    action: recorded.action,
    context: recorded.context,
  })
}

/** The wrapped keys of sessions, as their headers have them; what does not read has none. */
export function* sealedKeys(
  folder: string,
  sessions: readonly string[],
): Generator<{ readonly id: string; readonly wrapped: Uint8Array }> {
  for (const session of sessions) {
    const fields = new Map(Object.entries(Object(sealOf(folder, session))))
    if (fields.has('key'))
      yield { id: String(fields.get('key')), wrapped: Buffer.from(String(fields.get('wrapped')), 'base64') }
  }
}

function sealOf(folder: string, session: string): unknown {
  try {
    const [first] = segmentNames(folder, session)
    return first === undefined ? undefined : readSegment(folder, session, first)?.header['sealed']
  } catch (error) {
    if (error instanceof RecordingError) return undefined
    throw error
  }
}

function sessionKey(segment: ReadSegment, unwrapper: KeyUnwrapper | undefined): Uint8Array | undefined {
  const { sealed } = segment.header
  if (sealed === undefined) return undefined
  if (typeof sealed !== 'object' || sealed === null)
    throw new RecordingError('damaged', 'a segment header does not say how it is sealed')
  if (unwrapper === undefined)
    throw new RecordingError('wrong_key', 'the recording is sealed: give the key that opens it')
  const fields = new Map(Object.entries(sealed))
  return unwrapper.unwrap(String(fields.get('key')), Buffer.from(String(fields.get('wrapped')), 'base64'))
}

function entriesOf(frame: Omit<Frame, 'hash'>, key: Uint8Array | undefined, heard: HeardParts): readonly StoredEntry[] {
  const { firstSequence, pieces, body } = frame
  if (pieces === undefined) return decodeEntries(openFrame(frame, key), firstSequence, frame.count, heard)
  const sealed = pieces.map((piece) => piece.body)
  const opened =
    frame.type === frameTypes.plainPieces ? sealed : openPieces(needed(key), body, nonceOf(body), sealed, frame.tag)
  let sequence = firstSequence
  return pieces.flatMap(({ count }, index) => {
    const entries = decodeEntries(opened[index] ?? Buffer.alloc(0), sequence, count, heard)
    sequence += count
    return entries
  })
}

function openFrame(frame: Omit<Frame, 'hash'>, key: Uint8Array | undefined): Uint8Array {
  if (frame.type === frameTypes.plain) return frame.body
  return open(needed(key), frameHead(frame.type, frame.firstSequence, frame.count, frame.body.length), frame.body)
}

function needed(key: Uint8Array | undefined): Uint8Array {
  if (key === undefined) throw new RecordingError('wrong_key', 'the recording is sealed: give the key that opens it')
  return key
}
