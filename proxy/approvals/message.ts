// What webhooks post: facts for programs, and text and blocks for chat services of Slack's kind. All of it plain text, so
// that nothing an agent writes is read as markup, a mention or a link.
import { isShownWhole } from '../../engine/approval/index.ts'
import type { HoldEnd, OpenHold } from './hold.ts'
import { approveAction, denyAction } from './slack.ts'

const sectionMax = 2900

/** The message of an event. */
export function webhookMessage(
  event: 'opened' | HoldEnd,
  hold: OpenHold,
  format: 'full' | 'slack',
  buttons: boolean,
): object {
  const { id, view, statement, digest } = hold
  const [who = ''] = view.who
  const text =
    event === 'opened'
      ? `${who} waits for approval on ${view.where}: ${view.why.join('; ')}`
      : `hold ${id} was ${event}`
  const shown = { text: plain(text), blocks: blocksOf(event, hold, text, buttons) }
  if (format === 'slack') return shown
  return {
    event: `hold.${event}`,
    hold: id,
    digest,
    expires_at: new Date(statement.expiresAtMs).toISOString(),
    ...view,
    command: view.text,
    ...shown,
  }
}

function blocksOf(
  event: 'opened' | HoldEnd,
  { id, view, digest }: OpenHold,
  text: string,
  buttons: boolean,
): readonly object[] {
  if (event !== 'opened') return [section([text])]
  const { who, what, risks, estimates, parameters } = view
  // Risks come before what can be long, and values have a place of their own: nothing an agent writes pushes them out.
  const facts = [...who, ...risks.map((risk) => `risk: ${risk}`), ...estimates, ...what]
  const values = parameters.map((one, index) => `$${index + 1} = ${one}`)
  const shown = [facts, [view.text], ...(values.length === 0 ? [] : [values])]
  const isWhole = isShownWhole(view) && shown.every((lines) => lines.join('\n').length <= sectionMax)
  const answers = [button(denyAction, 'Deny', 'danger', value(id, digest))]
  // Nobody approves by a button what the message does not show whole.
  if (isWhole) answers.unshift(button(approveAction, 'Approve', 'primary', value(id, digest)))
  return [
    section([text]),
    ...shown.map(section),
    ...(buttons ? [{ type: 'actions', elements: answers }] : []),
    ...(buttons && isWhole ? [] : [section([`sallyport approvals approve ${id}`])]),
  ]
}

function value(hold: string, digest: string): string {
  return JSON.stringify({ hold, digest })
}

function button(id: string, label: string, style: 'primary' | 'danger', value: string): object {
  return { type: 'button', action_id: id, style, text: { type: 'plain_text', text: label }, value }
}

function section(lines: readonly string[]): object {
  const whole = lines.join('\n')
  const text = whole.length > sectionMax ? `${whole.slice(0, sectionMax)} ... cut` : whole
  return { type: 'section', text: { type: 'plain_text', text: text === '' ? '-' : text, emoji: false } }
}

/** The `text` of a message is read as markup where blocks are not shown. */
function plain(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
