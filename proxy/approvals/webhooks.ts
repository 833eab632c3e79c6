// Tells people of holds: signed POSTs, a few tries each, in the background. A webhook that fails never holds up a hold.
import { createHmac } from 'node:crypto'
import type { HoldEnd, OpenHold } from './hold.ts'

/** One receiver. */
export interface Webhook {
  readonly name: string
  readonly url: string
  /** Only holds that ask one of these groups; empty means all. */
  readonly groups: readonly string[]
  readonly secret: () => Promise<string>
}

/** What webhooks need from outside. */
export interface WebhookPorts {
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  readonly delay: (ms: number) => Promise<void>
  readonly failed: (webhook: string, error: unknown) => void
}

const tries = 5
const firstDelayMs = 1000
const postMs = 10_000
/** Messages under way; beyond it new ones are dropped and said to be. */
const underWayMax = 1000

/** Sends events of holds to receivers. */
export class Webhooks {
  readonly #hooks: readonly Webhook[]
  readonly #ports: WebhookPorts
  #underWay = 0

  constructor(hooks: readonly Webhook[], ports: WebhookPorts) {
    this.#hooks = hooks
    this.#ports = ports
  }

  /** Starts sending; never throws. */
  send(event: 'opened' | HoldEnd, hold: OpenHold): void {
    for (const hook of this.#hooks) {
      const asked = hold.statement.requirements.flatMap(({ reviewers }) => reviewers)
      if (hook.groups.length > 0 && !hook.groups.some((group) => asked.includes(group))) continue
      if (this.#underWay >= underWayMax) {
        this.#ports.failed(hook.name, new Error('too many messages are under way'))
        continue
      }
      this.#underWay++
      this.#post(hook, JSON.stringify(message(event, hold)))
        .catch((error: unknown) => this.#ports.failed(hook.name, error))
        .finally(() => {
          this.#underWay--
        })
    }
  }

  async #post(hook: Webhook, body: string): Promise<void> {
    const { fetch, nowMs, delay } = this.#ports
    for (let attempt = 1; ; attempt++) {
      const stamp = Math.floor(nowMs() / 1000)
      const signature = signWebhook(await hook.secret(), stamp, body)
      try {
        const response = await fetch(hook.url, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-sallyport-signature': `t=${stamp},v1=${signature}` },
          body,
          redirect: 'error',
          signal: AbortSignal.timeout(postMs),
        })
        await response.arrayBuffer()
        if (response.ok) return
        // The receiver has understood and says no: asking again changes nothing.
        if (response.status >= 400 && response.status < 500 && response.status !== 429)
          throw new Error(`the webhook answered ${response.status}`)
      } catch (error) {
        if (attempt >= tries || (error instanceof Error && error.message.startsWith('the webhook answered')))
          throw error
      }
      if (attempt >= tries) throw new Error('the webhook did not take the message')
      await delay(firstDelayMs * 2 ** (attempt - 1))
    }
  }
}

/** HMAC-SHA-256 (hex) over the time and the body, so that an old message cannot be sent again as a new one. */
export function signWebhook(secret: string, stampSeconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${stampSeconds}.${body}`).digest('hex')
}

/** The message; `text` and `blocks` are what chat services of Slack's kind show. */
function message(event: 'opened' | HoldEnd, hold: OpenHold): object {
  const { id, view, statement, digest } = hold
  const [who = ''] = view.who
  const text =
    event === 'opened'
      ? `${who} waits for approval on ${view.where}: ${view.why.join('; ')}`
      : `hold ${id} was ${event}`
  const section = (lines: readonly string[]) => ({
    type: 'section',
    text: { type: 'plain_text', text: lines.join('\n').slice(0, 2900) },
  })
  return {
    event: `hold.${event}`,
    hold: id,
    digest,
    expires_at: new Date(statement.expiresAtMs).toISOString(),
    ...view,
    command: view.text,
    text,
    blocks:
      event === 'opened'
        ? [
            section([text]),
            section([...view.who, ...view.what, ...view.risks.map((risk) => `risk: ${risk}`)]),
            section([`sallyport approvals approve ${id}`]),
          ]
        : [section([text])],
  }
}
