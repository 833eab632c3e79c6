// `sallyport sessions search`: actions by who, on what, by which rule, with which relation or command, and when.
import {
  type KeyUnwrapper,
  listSessions,
  type RecordedIdentity,
  RecordingError,
  readEntries,
} from '../../proxy/recording/index.ts'
import { printable, visible } from './transcript.ts'
import { fits, isOf, type Wanted } from './wanted.ts'

/**
 * Lines for the actions that fit, of all sessions or of those that an index names. A session that cannot be read is
 * named, and the search goes on.
 */
export function* search(
  dir: string,
  unwrapper: KeyUnwrapper | undefined,
  wanted: Wanted,
  sessions: readonly string[] = listSessions(dir),
): Generator<string> {
  for (const session of sessions) {
    let identity: RecordedIdentity | undefined
    try {
      for (const { entry, wallMs } of readEntries(dir, session, unwrapper)) {
        if (entry.kind === 'identity') {
          identity = entry
          if (!isOf(entry, wanted)) break
        }
        if (entry.kind !== 'action' || identity === undefined || !fits(entry, wallMs, wanted)) continue
        const { effect, rules } = entry.decision
        const who = `${identity.identity.subject} on ${identity.resource.name}`
        const when = new Date(wallMs).toISOString()
        const what = `${effect}  ${visible(entry.action.text)}  (${rules.join(', ')})`
        yield printable(`${session}  ${when}  ${who}  ${what}`)
      }
    } catch (error) {
      if (!(error instanceof RecordingError) || error.code === 'wrong_key') throw error
      yield printable(`${session}  cannot be read: ${error.message}`)
    }
  }
}
