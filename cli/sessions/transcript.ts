// A session as a person reads it: one line for what happened, nothing that could move the terminal.
import { saidIn } from '../../proxy/approvals/index.ts'
import type { StoredEntry } from '../../proxy/recording/index.ts'

/** The line of an entry; undefined for what says nothing by itself. */
export function shown(stored: StoredEntry): string | undefined {
  const line = lineOf(stored)
  return line === undefined ? undefined : printable(line)
}

function lineOf(stored: StoredEntry): string | undefined {
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

/** Text of which a line shows no more than this, nothing hidden. */
const textMax = 500

/** Text with its control characters made visible, cut where it is long. */
export function visible(text: string): string {
  const out = printable(text)
  return out.length > textMax ? `${out.slice(0, textMax)}...` : out
}

/**
 * One line with its control characters, and those that turn the direction of others, made visible: a recording, a name in
 * it or a name of a file must not write to the terminal that shows it.
 */
export function printable(line: string): string {
  let out = ''
  for (const character of line) {
    const code = character.codePointAt(0) ?? 0
    out += steers(code) ? `\\u{${code.toString(16)}}` : character
  }
  return out
}

/** A value as JSON that says the same, in which nothing acts on a terminal either. */
export function jsonShown(value: unknown): string {
  let out = ''
  for (const character of JSON.stringify(value, null, 2)) {
    const code = character.codePointAt(0) ?? 0
    // What steers is below 65536; line breaks are of the layout, those of texts are escaped already.
    out += steers(code) && character !== '\n' ? `\\u${code.toString(16).padStart(4, '0')}` : character
  }
  return out
}

function steers(code: number): boolean {
  if (code < 32 || (code >= 127 && code < 160)) return true
  return (
    code === 0x61c ||
    (code >= 0x200e && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2066 && code <= 0x2069)
  )
}
