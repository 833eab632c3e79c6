// Anchors: places outside the gateway's reach that hold its signed tree heads. A newer head says all that an older one
// did, so an anchor that was away is told the newest only; it is asked again until it has it.
import { closeSync, fsyncSync, writeSync } from 'node:fs'
import { RecordingError } from './error.ts'
import { openForAppending } from './plain-file.ts'
import { isTreeHead, type TreeHead } from './session-log.ts'

/** Takes signed heads to a place that the gateway cannot change. Never throws; the newest head is what counts. */
export interface Anchor {
  readonly name: string
  send(head: TreeHead): void
  /** Resolves when the newest head has arrived, or after `waitMs`. */
  settled(waitMs: number): Promise<void>
}

/** What an anchor is made of. */
export interface AnchorParts {
  readonly name: string
  /** Resolves when the head is kept there. */
  readonly deliver: (head: TreeHead) => Promise<void>
  readonly delay: (ms: number) => Promise<void>
  readonly failed: (error: RecordingError) => void
}

/** The first pause after a failure; it doubles up to the longest. */
const pauseMs = 1000
const pauseMsMax = 60_000

/** An anchor that delivers one head at a time and asks again where that fails. */
export class RetryingAnchor implements Anchor {
  readonly name: string
  readonly #parts: AnchorParts
  #newest: TreeHead | undefined
  #running: Promise<void> | undefined

  constructor(parts: AnchorParts) {
    this.name = parts.name
    this.#parts = parts
  }

  send(head: TreeHead): void {
    this.#newest = head
    this.#running ??= this.#deliver().finally(() => {
      this.#running = undefined
    })
  }

  async settled(waitMs: number): Promise<void> {
    if (this.#running !== undefined) await Promise.race([this.#running, this.#parts.delay(waitMs)])
  }

  async #deliver(): Promise<void> {
    let failures = 0
    for (let head = this.#newest; head !== undefined; head = this.#newest) {
      try {
        await this.#parts.deliver(head)
        failures = 0
        if (this.#newest === head) this.#newest = undefined
      } catch (cause) {
        const why = `the anchor ${this.name} did not take a tree head`
        if (failures === 0) this.#parts.failed(new RecordingError('unwritable', why, { cause }))
        await this.#parts.delay(Math.min(pauseMs * 2 ** Math.min(failures++, 10), pauseMsMax))
      }
    }
  }
}

/** Delivers to a file: a line for each head, synced. It is opened each time, so that a mount that went is noticed. */
export function toFile(path: string): (head: TreeHead) => Promise<void> {
  return async (head) => {
    const fd = openForAppending(path)
    try {
      // A line cut by a crash must not swallow this one; readers pass over empty lines.
      writeSync(fd, `\n${JSON.stringify(head)}\n`)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
  }
}

const requestMs = 10_000

/** Delivers to an HTTP endpoint: the head as JSON, posted; any 2xx says that it is kept. */
export function toHttp(
  url: string,
  parts: { readonly fetch: typeof fetch; readonly headers: () => Promise<{ readonly [name: string]: string }> },
): (head: TreeHead) => Promise<void> {
  return async (head) => {
    const response = await parts.fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(await parts.headers()) },
      body: JSON.stringify(head),
      redirect: 'error',
      signal: AbortSignal.timeout(requestMs),
    })
    await response.body?.cancel()
    if (!response.ok) throw new RecordingError('unwritable', `the anchor answered ${response.status}`)
  }
}

/** What an anchor kept, as it is read back. */
export interface AnchoredHeads {
  readonly heads: readonly TreeHead[]
  /** Lines that are no tree heads. */
  readonly damaged: number
}

/** Reads anchored heads: a JSON value a line. */
export function readAnchored(text: string): AnchoredHeads {
  const heads: TreeHead[] = []
  let damaged = 0
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    try {
      const head: unknown = JSON.parse(line)
      if (isTreeHead(head)) heads.push(head)
      else damaged++
    } catch {
      // told by its count: an anchor that was cut by a crash still proves what its other lines say
      damaged++
    }
  }
  return { heads, damaged }
}
