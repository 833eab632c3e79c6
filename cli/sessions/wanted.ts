// What a search wants, and what of an action it is found by.
import type { RecordedAction, RecordedIdentity } from '../../proxy/recording/index.ts'

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
  /** `read`, `write`, ... */
  readonly verb?: string
  readonly effect?: string
  readonly sinceMs?: number
  readonly untilMs?: number
}

/** Whether a session's identity is one that is wanted. */
export function isOf({ identity, resource }: RecordedIdentity, { subject, chain, resource: name }: Wanted): boolean {
  if (subject !== undefined && identity.subject !== subject) return false
  if (chain !== undefined && !identity.chain.some((link) => link.subject === chain)) return false
  return name === undefined || resource.name === name
}

/** Whether an action is one that is wanted. */
export function fits({ action, decision }: RecordedAction, wallMs: number, wanted: Wanted): boolean {
  const { rule, relation, command, verb, effect, sinceMs, untilMs } = wanted
  if (sinceMs !== undefined && wallMs < sinceMs) return false
  if (untilMs !== undefined && wallMs > untilMs) return false
  if (effect !== undefined && decision.effect !== effect) return false
  if (verb !== undefined && action.verb !== verb) return false
  if (rule !== undefined && !decision.rules.includes(rule)) return false
  if (relation !== undefined && !relationsOf(action).some((one) => one === relation || one.endsWith(`.${relation}`)))
    return false
  return command === undefined || commandsOf(action).includes(command)
}

/** The relations that an action's statements name. */
export function relationsOf(action: RecordedAction['action']): readonly string[] {
  const statements = action.sql?.statements ?? []
  return statements.flatMap(({ relations }) => relations.map(({ schema, name }) => `${schema}.${name}`))
}

/** The names of the commands that an action runs. */
export function commandsOf(action: RecordedAction['action']): readonly string[] {
  return action.shell?.commands.map(({ name }) => name) ?? []
}
