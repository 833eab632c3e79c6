// The decision log in OPA's schema. An event is made whole and erased before any sink sees it; when erasing fails the
// event is dropped, never logged raw. Sinks never hold up a decision: their queues are bounded and drop the oldest.
import { createWriteStream, type WriteStream } from 'node:fs'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { ActionDocument } from '../../engine/action/index.ts'
import { type Decision, decisionEntrypoint, responseEntrypoint, stageOf } from '../../engine/decision/index.ts'

const compress = promisify(gzip)

/** Where events go and what is cut from them. */
export interface DecisionLogOptions {
  readonly labels: { readonly [name: string]: string }
  readonly erase: readonly string[]
  readonly bundleName: string
  readonly console?: (line: string) => void
  readonly file?: string
  readonly upload?: UploadOptions
  readonly dropped: (reason: 'erase_failed' | 'queue_full' | 'file_failed' | 'too_large') => void
}

/** A service that takes batches, as OPA's does. */
export interface UploadOptions {
  readonly url: string
  readonly queueMax: number
  readonly uploadBytes: number
  readonly intervalMs: number
  readonly bearer?: () => Promise<string>
  readonly send?: typeof fetch
}

const uploadMs = 30_000
const backoffMsMax = 60_000
/** Bytes that may wait for a slow disk. */
const fileBytesMax = 16 * 2 ** 20

/** Writes decisions. */
export class DecisionLog {
  readonly #options: DecisionLogOptions
  readonly #file: WriteStream | undefined
  readonly #upload: Upload | undefined
  #fileFailed = false
  constructor(options: DecisionLogOptions) {
    this.#options = options
    if (options.file !== undefined) {
      this.#file = createWriteStream(options.file, { flags: 'a', mode: 0o600 })
      this.#file.on('error', () => {
        this.#fileFailed = true
      })
    }
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
    if (this.#file === undefined) return
    if (this.#fileFailed || this.#file.writableLength > fileBytesMax) this.#options.dropped('file_failed')
    else this.#file.write(`${line}\n`)
  }

  #event(document: ActionDocument, decision: Decision): object {
    const { id, bundle, cost, ...result } = decision
    const event = {
      labels: this.#options.labels,
      decision_id: id,
      bundles: { [this.#options.bundleName]: { revision: bundle.revision } },
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
    const file = this.#file
    if (file !== undefined && !this.#fileFailed) await new Promise<void>((done) => file.end(() => done()))
  }
}

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

/** Batches on their way to a service. */
class Upload {
  readonly #options: UploadOptions
  readonly #dropped: DecisionLogOptions['dropped']
  readonly #queue: string[] = []
  #timer: NodeJS.Timeout | undefined
  #sending: Promise<void> | undefined
  #failures = 0
  #closed = false
  constructor(options: UploadOptions, dropped: DecisionLogOptions['dropped']) {
    this.#options = options
    this.#dropped = dropped
  }

  add(line: string): void {
    if (line.length > this.#options.uploadBytes) {
      this.#dropped('too_large')
      return
    }
    if (this.#queue.length >= this.#options.queueMax) {
      this.#queue.shift()
      this.#dropped('queue_full')
    }
    this.#queue.push(line)
    this.#arm()
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
      const room = this.#options.queueMax - this.#queue.length
      for (let lost = batch.length - room; lost > 0; lost--) {
        batch.shift()
        this.#dropped('queue_full')
      }
      this.#queue.unshift(...batch)
      return
    }
  }

  #take(): string[] {
    let bytes = 2
    let count = 0
    for (const line of this.#queue) {
      bytes += line.length + 1
      if (count > 0 && bytes > this.#options.uploadBytes) break
      count++
    }
    return this.#queue.splice(0, count)
  }

  async #post(batch: readonly string[]): Promise<boolean> {
    try {
      const bearer = await this.#options.bearer?.()
      const headers = {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      }
      const body = new Uint8Array(await compress(`[${batch.join(',')}]`))
      const send = this.#options.send ?? fetch
      const answer = await send(this.#options.url, {
        method: 'POST',
        headers,
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(uploadMs),
      })
      await answer.body?.cancel()
      return answer.ok
    } catch {
      return false
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    await this.#sending
    await this.#send()
  }
}
