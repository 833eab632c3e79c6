// The decision log in OPA's schema. An event is made whole and erased before any sink sees it; when erasing fails the
// event is dropped, never logged raw. Sinks never hold up a decision: their queues are bounded and drop the oldest.
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ActionDocument } from '../../engine/action/index.ts'
import { type Decision, decisionEntrypoint, responseEntrypoint, stageOf } from '../../engine/decision/index.ts'
import { AppendFile } from './append-file.ts'

const compress = promisify(gzip)

/** Where events go and what is cut from them. */
export interface DecisionLogOptions {
  readonly labels: { readonly [name: string]: string }
  readonly erase: readonly string[]
  readonly console?: (line: string) => void
  readonly file?: string
  readonly upload?: UploadOptions
  readonly dropped: (
    reason: 'erase_failed' | 'queue_full' | 'file_failed' | 'console_failed' | 'too_large' | 'closed',
  ) => void
}

/** A service that takes batches, as OPA's does. */
export interface UploadOptions {
  readonly url: string
  readonly queueMax: number
  readonly uploadBytes: number
  readonly intervalMs: number
  readonly bearer?: () => Promise<string>
  readonly send?: typeof fetch
  readonly closeMs?: number
}

const uploadMs = 30_000
const backoffMsMax = 60_000
/** What waits for a service at most, whatever the number of decisions. */
const queueBytesMax = 64 * 2 ** 20
/** How long the end waits for a service. */
const closeMs = 10_000
/** Policies of which it is known what bundles they are: the live one, and those that decisions of a moment ago were made by. */
const bundlesKnownMax = 8

/** Writes decisions. */
export class DecisionLog {
  readonly #options: DecisionLogOptions
  readonly #file: AppendFile | undefined
  readonly #upload: Upload | undefined
  /** The bundles of policies, by the digest that decisions carry. */
  readonly #bundles = new Map<string, Bundles>()
  constructor(options: DecisionLogOptions) {
    this.#options = options
    if (options.file !== undefined) this.#file = new AppendFile(options.file, () => options.dropped('file_failed'))
    if (options.upload !== undefined) this.#upload = new Upload(options.upload, options.dropped)
  }

  /** True when somebody wants events. */
  get active(): boolean {
    return this.#options.console !== undefined || this.#file !== undefined || this.#upload !== undefined
  }

  /** Logs one decision. Never throws. */
  write(document: ActionDocument, decision: Decision): void {
    if (!this.active) return
    let line: string
    try {
      line = JSON.stringify(this.#event(document, decision))
    } catch {
      this.#options.dropped('erase_failed')
      return
    }
    this.#options.console?.(line)
    this.#upload?.add(line)
    this.#file?.write(line)
  }

  /** Told of every policy that goes live: the bundles that it is made of. */
  activated(digest: string, bundles: readonly { readonly name: string; readonly revision: string }[]): void {
    this.#bundles.delete(digest)
    this.#bundles.set(digest, Object.fromEntries(bundles.map(({ name, revision }) => [name, { revision }])))
    for (const [old] of this.#bundles) {
      if (this.#bundles.size <= bundlesKnownMax) break
      this.#bundles.delete(old)
    }
  }

  #event(document: ActionDocument, decision: Decision): object {
    const { id, bundle, cost, ...result } = decision
    const event = {
      labels: this.#options.labels,
      decision_id: id,
      bundles: this.#bundles.get(bundle.digest) ?? {},
      path: stageOf(document) === 'response' ? responseEntrypoint : decisionEntrypoint,
      input: document,
      result,
      requested_by: document.session.client.address,
      timestamp: document.context.time,
      metrics: { timer_rego_query_eval_ns: Math.round(cost.micros * 1000), counter_fuel: cost.fuel },
    }
    if (this.#options.erase.length === 0) return event
    const copy: unknown = JSON.parse(JSON.stringify(event))
    const erased = this.#options.erase.filter((pointer) => erase(copy, pointer))
    return { ...(typeof copy === 'object' ? copy : {}), ...(erased.length > 0 ? { erased } : {}) }
  }

  /** Sends what waits, once, and closes. */
  async close(): Promise<void> {
    await this.#upload?.close()
    await this.#file?.close()
  }
}

type Bundles = { readonly [name: string]: { readonly revision: string } }

/** Removes what a JSON pointer (RFC 6901) names; false when there is nothing. Throws on what is no pointer. */
export function erase(root: unknown, pointer: string): boolean {
  const parts = pointer.split('/').map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
  if (parts.shift() !== '' || parts.length === 0) throw new TypeError('not a JSON pointer')
  const last = parts.pop() ?? ''
  let at: unknown = root
  for (const part of parts) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return false
    at = Reflect.get(at, part)
  }
  if (typeof at !== 'object' || at === null || !Object.hasOwn(at, last)) return false
  if (Array.isArray(at)) at.splice(Number(last), 1)
  else Reflect.deleteProperty(at, last)
  return true
}

interface Waiting {
  readonly line: string
  readonly bytes: number
}

/** Batches on their way to a service. */
class Upload {
  readonly #options: UploadOptions
  readonly #dropped: DecisionLogOptions['dropped']
  readonly #queue: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #failures = 0
  #closed = false
  #queueBytes = 0
  #posting: AbortController | undefined
  #isGivenUp = false
  constructor(options: UploadOptions, dropped: DecisionLogOptions['dropped']) {
    this.#options = options
    this.#dropped = dropped
  }

  add(line: string): void {
    const bytes = Buffer.byteLength(line)
    if (bytes > this.#options.uploadBytes) {
      this.#dropped('too_large')
      return
    }
    this.#queue.push({ line, bytes })
    this.#queueBytes += bytes
    this.#bound()
    this.#arm()
  }

  #bound(): void {
    while (this.#queue.length > this.#options.queueMax || this.#queueBytes > queueBytesMax) {
      this.#queueBytes -= this.#queue.shift()?.bytes ?? 0
      this.#dropped('queue_full')
    }
  }

  #arm(): void {
    if (this.#timer !== undefined || this.#closed) return
    const delayMs = Math.min(
      this.#options.intervalMs * 2 ** this.#failures,
      Math.max(backoffMsMax, this.#options.intervalMs),
    )
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#sending ??= this.#send().finally(() => {
        this.#sending = undefined
        if (this.#queue.length > 0) this.#arm()
      })
    }, delayMs).unref()
  }

  async #send(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#take()
      if (await this.#post(batch)) {
        this.#failures = 0
        continue
      }
      this.#failures = Math.min(this.#failures + 1, 10)
      this.#queue.unshift(...batch)
      for (const { bytes } of batch) this.#queueBytes += bytes
      this.#bound()
      return
    }
  }

  #take(): Waiting[] {
    let sum = 2
    let count = 0
    for (const { bytes } of this.#queue) {
      sum += bytes + 1
      if (count > 0 && sum > this.#options.uploadBytes) break
      count++
    }
    const batch = this.#queue.splice(0, count)
    for (const { bytes } of batch) this.#queueBytes -= bytes
    return batch
  }

  async #post(batch: readonly Waiting[]): Promise<boolean> {
    if (this.#isGivenUp) return false
    const abort = new AbortController()
    this.#posting = abort
    const late = setTimeout(() => abort.abort(), uploadMs)
    try {
      const bearer = await this.#options.bearer?.()
      const headers = {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      }
      const body = new Uint8Array(await compress(`[${batch.map(({ line }) => line).join(',')}]`))
      const send = this.#options.send ?? fetch
      const answer = await send(this.#options.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: abort.signal,
      })
      await answer.body?.cancel()
      return answer.ok
    } catch {
      return false
    } finally {
      clearTimeout(late)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    const late = setTimeout(() => {
      this.#isGivenUp = true
      this.#posting?.abort()
    }, this.#options.closeMs ?? closeMs)
    await this.#sending
    await this.#send()
    clearTimeout(late)
    for (const _ of this.#queue.splice(0)) this.#dropped('closed')
  }
}
