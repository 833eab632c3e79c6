// OpenTelemetry traces over OTLP/HTTP JSON: a span an action, a trace a session. The queue is bounded and drops.
import { createHash } from 'node:crypto'
import type { ActionDocument } from '../../engine/action/index.ts'
import type { Decision } from '../../engine/decision/index.ts'

/** Where spans go and how many. */
export interface TraceOptions {
  readonly endpoint: string
  readonly ratio: number
  readonly queueMax: number
  readonly gatewayId: string
  readonly version: string
  readonly bearer?: () => Promise<string>
  readonly send?: typeof fetch
}

const flushMs = 2000
const batchMax = 512
const sendMs = 10_000

/** The trace id of a session: the same at every gateway, without anything to remember. */
export function traceIdOf(sessionId: string): string {
  return createHash('sha256').update(`trace:${sessionId}`).digest('hex').slice(0, 32)
}

/** Sends spans. */
export class Traces {
  readonly #options: TraceOptions
  #queue: object[] = []
  #timer: NodeJS.Timeout | undefined
  /** Spans that were dropped because the queue was full or the collector failed. */
  dropped = 0
  constructor(options: TraceOptions) {
    this.#options = options
  }

  /** Adds the span of one decision that ended at `endMs`. */
  decided(document: ActionDocument, decision: Decision, endMs: number): void {
    const traceId = traceIdOf(document.session.id)
    if (Number.parseInt(traceId.slice(0, 8), 16) / 2 ** 32 >= this.#options.ratio) return
    if (this.#queue.length >= this.#options.queueMax) {
      this.dropped++
      return
    }
    const endNanos = BigInt(Math.round(endMs * 1000)) * 1000n
    this.#queue.push({
      traceId,
      spanId: createHash('sha256').update(`span:${decision.id}`).digest('hex').slice(0, 16),
      name: `${document.resource.protocol} ${document.action.verb}`,
      kind: 2,
      startTimeUnixNano: String(endNanos - BigInt(Math.round(decision.cost.micros * 1000))),
      endTimeUnixNano: String(endNanos),
      attributes: [
        attribute('sallyport.decision_id', decision.id),
        attribute('sallyport.effect', decision.effect),
        attribute('sallyport.rules', decision.rules.join(',')),
        attribute('sallyport.resource', document.resource.name),
        attribute('sallyport.bundle.revision', decision.bundle.revision),
      ],
      status: { code: decision.effect === 'deny' ? 2 : 1 },
    })
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.flush().catch(() => undefined)
    }, flushMs).unref()
  }

  /** Sends what waits. */
  async flush(): Promise<void> {
    while (this.#queue.length > 0) {
      const spans = this.#queue.splice(0, batchMax)
      if (!(await this.#post(spans))) this.dropped += spans.length
    }
  }

  async #post(spans: readonly object[]): Promise<boolean> {
    const { gatewayId, version, endpoint, send = fetch } = this.#options
    const attributes = [
      attribute('service.name', 'sallyport'),
      attribute('service.instance.id', gatewayId),
      attribute('service.version', version),
    ]
    const scopeSpans = [{ scope: { name: 'sallyport.gate' }, spans }]
    try {
      const bearer = await this.#options.bearer?.()
      const headers = {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      }
      const body = JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans }] })
      const answer = await send(new URL('/v1/traces', endpoint), {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(sendMs),
      })
      await answer.body?.cancel()
      return answer.ok
    } catch {
      return false
    }
  }

  /** Sends what waits and stops. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.flush()
  }
}

function attribute(key: string, value: string): object {
  return { key, value: { stringValue: value } }
}
