// A session as a person reads it: one line for what happened, nothing that could move the terminal.
import { saidIn } from '../../proxy/approvals/index.ts'
import type { StoredEntry } from '../../proxy/recording/index.ts'

/** The line of an entry; undefined for what says nothing by itself. */
export function shown(stored: StoredEntry): string | undefined {
  const { entry, wallMs } = stored
  const time = new Date(wallMs).toISOString().slice(11, 23)
  switch (entry.kind) {
    case 'opened':
      return `${time} opened   ${entry.identity.subject} on ${entry.resource.name} from ${entry.client}`
    case 'action': {
      const rules = entry.decision.effect === 'allow' ? '' : ` (${entry.decision.rules.join(', ')})`
      return `${time} ${entry.decision.effect.padEnd(8)} ${entry.action.verb} ${visible(entry.action.text)}${rules}`
    }
    case 'hold':
      return `${time} hold     ${entry.holdId} ${entry.event} ${visible(answeredBy(entry.detail))}`
    case 'refused':
      return `${time} refused  ${visible(entry.code)} (${entry.decisionId})`
    case 'rows':
      return `${time} rows     ${entry.rows}`
    case 'budget':
      return `${time} budget   ${entry.budget} over ${entry.limit}`
    case 'closed':
      return `${time} closed   ${entry.reason}`
    default:
      return undefined
  }
}

/** The detail of a hold, where it is signed answers as who answered and why. `sallyport approvals verify` proves them. */
export function answeredBy(detail: string): string {
  const answers = saidIn(detail)
  if (answers === undefined) return detail
  return answers.map(({ subject, reason }) => `by ${subject}${reason === '' ? '' : `: ${reason}`}`).join('; ')
}

/** Text with its control characters made visible: a recording must not write to the terminal that shows it. */
export function visible(text: string): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    out +=
      code < 32 || (code >= 127 && code < 160) || (code >= 0x2028 && code <= 0x202e)
        ? `\\u{${code.toString(16)}}`
        : character
  }
  return out.length > 500 ? `${out.slice(0, 500)}...` : out
}
