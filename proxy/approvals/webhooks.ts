// Tells people of holds: signed POSTs, a few tries each, in the background. A webhook that fails never holds up a hold.
import { createHmac } from 'node:crypto'
import type { HoldEnd, OpenHold } from './hold.ts'
import { webhookMessage } from './message.ts'

/** One receiver. */
export interface Webhook {
  readonly name: string
  readonly url: string
  /** Only holds that ask one of these groups; empty means all. */
  readonly groups: readonly string[]
  /** `slack` takes nothing but text and blocks. */
  readonly format: 'full' | 'slack'
  readonly secret: () => Promise<string>
}

/** What webhooks need from outside. */
export interface WebhookPorts {
  readonly fetch: typeof fetch
  readonly nowMs: () => number
  readonly delay: (ms: number) => Promise<void>
  readonly failed: (webhook: string, error: unknown) => void
  /** Buttons are offered where their callbacks are taken. */
  readonly buttons: () => boolean
}

const tries = 5
const firstDelayMs = 1000
const postMs = 10_000
/** Messages under way; beyond it new ones are dropped and said to be. */
const underWayMax = 1000

/** The receiver has understood and says no: asking again changes nothing. */
class WebhookRefusal extends Error {}

/** Sends events of holds to receivers. */
export class Webhooks {
  readonly #hooks: () => readonly Webhook[]
  readonly #ports: WebhookPorts
  #underWay = 0

  constructor(hooks: () => readonly Webhook[], ports: WebhookPorts) {
    this.#hooks = hooks
    this.#ports = ports
  }

  /** Starts sending; never throws. */
  send(event: 'opened' | HoldEnd, hold: OpenHold): void {
    for (const hook of this.#hooks()) {
      const asked = hold.statement.requirements.flatMap(({ reviewers }) => reviewers)
      if (hook.groups.length > 0 && !hook.groups.some((group) => asked.includes(group))) continue
      if (this.#underWay >= underWayMax) {
        this.#ports.failed(hook.name, new Error('too many messages are under way'))
        continue
      }
      this.#underWay++
      this.#post(hook, JSON.stringify(webhookMessage(event, hold, hook.format, this.#ports.buttons())))
        .catch((error: unknown) => this.#ports.failed(hook.name, error))
        .finally(() => {
          this.#underWay--
        })
    }
  }

  async #post(hook: Webhook, body: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#try(hook, body)
      } catch (error) {
        if (attempt >= tries || error instanceof WebhookRefusal) throw error
      }
      await this.#ports.delay(firstDelayMs * 2 ** (attempt - 1))
    }
  }

  async #try(hook: Webhook, body: string): Promise<void> {
    const { fetch, nowMs } = this.#ports
    const stamp = Math.floor(nowMs() / 1000)
    const signature = signWebhook(await hook.secret(), stamp, body)
    const response = await fetch(hook.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-sallyport-signature': `t=${stamp},v1=${signature}` },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(postMs),
    })
    await response.body?.cancel()
    if (response.ok) return
    const said = `the webhook answered ${response.status}`
    throw response.status >= 400 && response.status < 500 && response.status !== 429
      ? new WebhookRefusal(said)
      : new Error(said)
  }
}

/** HMAC-SHA-256 (hex) over the time and the body, so that an old message cannot be sent again as a new one. */
export function signWebhook(secret: string, stampSeconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${stampSeconds}.${body}`).digest('hex')
}
