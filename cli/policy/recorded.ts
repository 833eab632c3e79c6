// The actions of recorded sessions, as the documents that were judged, with what was decided then.
import { existsSync, readFileSync } from 'node:fs'
import type { ActionDocument } from '../../engine/action/index.ts'
import type { Decision } from '../../engine/decision/index.ts'
import {
  documentOf,
  type KeyUnwrapper,
  type RecordedIdentity,
  RecordingError,
  readEntries,
  recordedSessions,
  unwrapperFromKey,
} from '../../proxy/recording/index.ts'
import { SourceError } from './sources.ts'

/** One action of a recording. */
export interface RecordedDecision {
  readonly session: string
  readonly sequence: number
  readonly document: ActionDocument
  readonly decision: Decision
}

/** Reads every action below a folder, or of one session; what clients sent goes to `onSent`. Throws SourceError. */
export function* recordedDecisions(
  dir: string,
  keyFile: string | undefined,
  only?: string,
  onSent?: (session: string, bytes: Uint8Array) => void,
): Generator<RecordedDecision> {
  if (!existsSync(dir)) throw new SourceError(`there is no folder \`${dir}\``)
  let unwrapper: KeyUnwrapper | undefined
  if (keyFile !== undefined) {
    if (!existsSync(keyFile)) throw new SourceError(`there is no key \`${keyFile}\``)
    unwrapper = unwrapperFromKey(readFileSync(keyFile, 'utf8'))
  }
  try {
    const sessions = recordedSessions(dir).filter(({ session }) => only === undefined || session === only)
    if (only !== undefined && sessions.length === 0) throw new SourceError(`there is no session \`${only}\` in ${dir}`)
    for (const { folder, session } of sessions) {
      let identity: RecordedIdentity | undefined
      for (const { entry, sequence } of readEntries(folder, session, unwrapper)) {
        if (entry.kind === 'identity') identity = entry
        if (entry.kind === 'wire' && entry.direction === 'up') onSent?.(session, entry.bytes)
        if (entry.kind !== 'action' || identity === undefined) continue
        yield { session, sequence, document: documentOf(identity, entry), decision: entry.decision }
      }
    }
  } catch (error) {
    if (error instanceof RecordingError) throw new SourceError(`${dir}: ${error.message}`)
    throw error
  }
}
