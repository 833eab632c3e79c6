// What a gateway that died left behind: which sessions have no end in the log, and where their bytes end.
import { endsSession } from './checkpoint.ts'
import { RecordingError } from './error.ts'
import { tailOf } from './frame.ts'
import { frameTypes } from './frame-types.ts'
import { readSegment, segmentNames } from './read.ts'
import { readLog } from './session-log.ts'

/** Sessions that the log says were opened and does not say were closed, abandoned or deleted. */
export function unfinishedSessions(folder: string): readonly string[] {
  const open = new Set<string>()
  for (const { leaf } of readLog(folder).lines) {
    if (leaf.event === 'opened') open.add(leaf.session)
    else if (leaf.event === 'closed' || leaf.event === 'abandoned' || leaf.event === 'deleted')
      open.delete(leaf.session)
  }
  return [...open]
}

/** Where a session's bytes end: the hash of the last whole frame, and whether that closes the session. */
export function endOfSession(
  folder: string,
  session: string,
): { readonly head: string; readonly closed: boolean; readonly tail: string } | undefined {
  try {
    for (const name of segmentNames(folder, session).toReversed()) {
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
  }
  return undefined
}
