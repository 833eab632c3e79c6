// Masks what detectors find in text as it streams: logs of pods, output of commands.
import { Transform, type TransformCallback } from 'node:stream'
import { createStreamMasker, type DetectRule, type StreamMasker } from '../../../engine/masking/index.ts'

/** How long bytes are held back for what may follow them, when nothing follows. */
const quietMs = 100

/** A text that is masked while it passes. */
export class TextAnswer extends Transform {
  readonly #masker: StreamMasker
  readonly #masked: (rule: string, count: number) => void
  readonly #told = new Map<string, number>()
  #timer: NodeJS.Timeout | undefined

  constructor(rules: readonly DetectRule[], hashKey: Uint8Array, masked: (rule: string, count: number) => void) {
    super()
    this.#masker = createStreamMasker(rules, hashKey)
    this.#masked = masked
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    clearTimeout(this.#timer)
    this.#send(this.#masker.push(chunk))
    if (this.#masker.held > 0) this.#timer = setTimeout(() => this.#send(this.#masker.release()), quietMs)
    done()
  }

  override _flush(done: TransformCallback): void {
    clearTimeout(this.#timer)
    this.#send(this.#masker.end())
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    clearTimeout(this.#timer)
    done(error)
  }

  #send(bytes: Buffer): void {
    for (const [name, count] of this.#masker.counts) {
      const more = count - (this.#told.get(name) ?? 0)
      this.#told.set(name, count)
      if (more > 0) this.#masked(name, more)
    }
    if (bytes.length > 0) this.push(bytes)
  }
}
