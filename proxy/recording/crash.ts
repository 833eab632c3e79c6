// What a gateway that died left behind: which sessions have no end in the log, and where their bytes end.
import { closeSync, existsSync, readFileSync, readSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { endsSession } from './checkpoint.ts'
import { RecordingError } from './error.ts'
import { decodeSegment, isHeaderBegun, tailOf } from './frame.ts'
import { frameTypes } from './frame-types.ts'
import { openPlainFile } from './plain-file.ts'
import { chainedBytes, readSegment, segmentNames } from './read.ts'
import { leavesRead } from './session-log.ts'

const nothing = { head: '', closed: false, tail: '' }

/** Sessions that the log says were opened and does not say were closed, abandoned or deleted. */
export function unfinishedSessions(folder: string): readonly string[] {
  const open = new Set<string>()
  for (const leaf of leavesRead(folder)) {
    if (leaf.event === 'opened') open.add(leaf.session)
    else if (leaf.event === 'closed' || leaf.event === 'abandoned' || leaf.event === 'deleted')
      open.delete(leaf.session)
  }
  return [...open]
}

/** Zeros that no cipher gives by chance, and no disk leaves fewer of where a block did not come to it. */
const zerosMin = 512

/**
 * Cuts off what a disk made of bytes that did not come to it: zeros at the end. What was recorded may end with zeros too, and
 * of a gateway that died the last pieces have no proof yet: so what is whole is only cut where it is sealed, and by many.
 */
function dropZeros(path: string): void {
  const { fd, bytes: size } = openPlainFile(path)
  try {
    const last = Buffer.alloc(1)
    if (size === 0 || readSync(fd, last, 0, 1, size - 1) === 0 || last[0] !== 0) return
  } finally {
    closeSync(fd)
  }
  const bytes = readFileSync(path)
  let start = bytes.length
  while (start > 0 && bytes[start - 1] === 0) start--
  const { holds, whole, isSealed } = start === 0 ? { holds: 0, whole: 0, isSealed: true } : placesOf(bytes)
  const end = bytes.length - start >= zerosMin && isSealed ? Math.max(start, holds) : Math.max(start, whole)
  if (end < bytes.length) truncateSync(path, end)
}

/** How far a segment's chain holds, where its last whole frame or piece ends, and whether that is sealed. */
function placesOf(bytes: Buffer): { readonly holds: number; readonly whole: number; readonly isSealed: boolean } {
  const holds = chainedBytes(bytes)
  try {
    if (isHeaderBegun(bytes)) return { holds, whole: 0, isSealed: true }
    const { unended, torn } = decodeSegment(bytes)
    const whole = unended?.end ?? bytes.length - torn
    return { holds, whole, isSealed: unended?.frame.type !== frameTypes.plainPieces }
  } catch (error) {
    if (!(error instanceof RecordingError)) throw error
    // What does not read is left as it is for who verifies it.
    return { holds, whole: bytes.length, isSealed: false }
  }
}

/**
 * Where a session's bytes end: the hash of the last whole frame, and whether that closes the session. The hash is empty
 * where there is no beginning: a machine that went down can lose it and keep the log. Undefined for what does not read.
 */
export function endOfSession(
  folder: string,
  session: string,
): { readonly head: string; readonly closed: boolean; readonly tail: string } | undefined {
  try {
    if (!existsSync(join(folder, 'sessions', session))) return nothing
    for (const name of segmentNames(folder, session).toReversed()) {
      dropZeros(join(folder, 'sessions', session, name))
      const segment = readSegment(folder, session, name)
      // A last segment whose header was not finished holds nothing.
      if (segment === undefined) continue
      const last = segment.frames.at(-1)
      const tail = tailOf(segment.bytes.subarray(segment.bytes.length - segment.torn))
      if (last === undefined) return { head: segment.headerHash.toString('hex'), closed: false, tail }
      return {
        tail,
        head: Buffer.from(last.hash).toString('hex'),
        closed: last.type === frameTypes.checkpoint && endsSession(last.body),
      }
    }
  } catch (error) {
    // What does not read has no end that could be told; verifying says what is wrong with it.
    if (!(error instanceof RecordingError)) throw error
    return undefined
  }
  return nothing
}
