// `sallyport sessions search`: actions by who, on what, by which rule, with which relation or command, and when.
import {
  type KeyUnwrapper,
  listSessions,
  type RecordedAction,
  type RecordedIdentity,
  RecordingError,
  readEntries,
} from '../../proxy/recording/index.ts'
import { visible } from './transcript.ts'

/** What is searched for. Everything that is given must fit. */
export interface Wanted {
  readonly subject?: string
  /** Somebody in the delegation chain. */
  readonly chain?: string
  readonly resource?: string
  readonly rule?: string
  /** `orders`, or `public.orders`. */
  readonly relation?: string
  readonly command?: string
  readonly effect?: string
  readonly sinceMs?: number
  readonly untilMs?: number
}

/** Lines for the actions that fit. A session that cannot be read is named, and the search goes on. */
export function* search(dir: string, unwrapper: KeyUnwrapper | undefined, wanted: Wanted): Generator<string> {
  for (const session of listSessions(dir)) {
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
        yield `${session}  ${when}  ${who}  ${effect}  ${visible(entry.action.text)}  (${rules.join(', ')})`
      }
    } catch (error) {
      if (!(error instanceof RecordingError) || error.code === 'wrong_key') throw error
      yield `${session}  cannot be read: ${error.message}`
    }
  }
}

function isOf({ identity, resource }: RecordedIdentity, { subject, chain, resource: name }: Wanted): boolean {
  if (subject !== undefined && identity.subject !== subject) return false
  if (chain !== undefined && !identity.chain.some((link) => link.subject === chain)) return false
  return name === undefined || resource.name === name
}

function fits({ action, decision }: RecordedAction, wallMs: number, wanted: Wanted): boolean {
  const { rule, relation, command, effect, sinceMs, untilMs } = wanted
  if (sinceMs !== undefined && wallMs < sinceMs) return false
  if (untilMs !== undefined && wallMs > untilMs) return false
  if (effect !== undefined && decision.effect !== effect) return false
  if (rule !== undefined && !decision.rules.includes(rule)) return false
  if (relation !== undefined && !relationsOf(action).some((one) => one === relation || one.endsWith(`.${relation}`)))
    return false
  return command === undefined || (action.shell?.commands.some(({ name }) => name === command) ?? false)
}

function relationsOf(action: RecordedAction['action']): readonly string[] {
  const statements = action.sql?.statements ?? []
  return statements.flatMap(({ relations }) => relations.map(({ schema, name }) => `${schema}.${name}`))
}
