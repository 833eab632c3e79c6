// Masks what detectors find in text as it streams: logs of pods, output of commands.
import { Transform, type TransformCallback } from 'node:stream'
import { createStreamMasker, type DetectRule, type StreamMasker } from '../../../engine/masking/index.ts'

/** How long bytes are held back for what may follow them, when nothing follows. */
const quietMs = 100

/** Told how many values a detector hid. */
export type Masked = (rule: string, count: number) => void

/** One text that is masked on its way. Without rules everything passes at once. */
export class TextFlow {
  readonly #masker: StreamMasker | undefined
  readonly #masked: Masked
  readonly #send: (bytes: Buffer) => void
  readonly #told = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined
  #over = false

  constructor(rules: readonly DetectRule[], hashKey: Uint8Array, masked: Masked, send: (bytes: Buffer) => void) {
    this.#masker = rules.length === 0 ? undefined : createStreamMasker(rules, hashKey)
    this.#masked = masked
    this.#send = send
  }

  /** More of the text. */
  push(bytes: Buffer): void {
    if (this.#masker === undefined) {
      this.#send(bytes)
      return
    }
    const masker = this.#masker
    clearTimeout(this.#timer)
    this.#pass(masker, masker.push(bytes))
    if (masker.held > 0) this.#timer = setTimeout(() => this.#pass(masker, masker.release()), quietMs)
  }

  /** The text is over. */
  end(): void {
    clearTimeout(this.#timer)
    if (this.#over || this.#masker === undefined) return
    this.#over = true
    this.#pass(this.#masker, this.#masker.end())
  }

  /** Nobody waits for the rest. */
  drop(): void {
    clearTimeout(this.#timer)
    this.#over = true
  }

  #pass(masker: StreamMasker, bytes: Buffer): void {
    for (const [name, count] of masker.counts) {
      const more = count - (this.#told.get(name) ?? 0)
      this.#told.set(name, count)
      if (more > 0) this.#masked(name, more)
    }
    if (bytes.length > 0) this.#send(bytes)
  }
}

/** A text as the body of an answer. */
export class TextAnswer extends Transform {
  readonly #flow: TextFlow

  constructor(rules: readonly DetectRule[], hashKey: Uint8Array, masked: Masked) {
    super()
    this.#flow = new TextFlow(rules, hashKey, masked, (bytes) => this.push(bytes))
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#flow.push(chunk)
    done()
  }

  override _flush(done: TransformCallback): void {
    this.#flow.end()
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#flow.drop()
    done(error)
  }
}
