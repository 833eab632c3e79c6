// Answers that are no lists, as they stream: watch events line by line, anything else whole. Lists are `list-answer.ts`.
import { Transform, type TransformCallback } from 'node:stream'
import { objectBytesMax } from '../limits.ts'
import { AnswerError, type ObjectMasker } from './object-masker.ts'
import type { WatchView } from './watch-view.ts'

/** Called with every batch: objects that went on since the last. Answers false when the stream must stop. */
export type Counted = (objects: number) => boolean

const newline = 0x0a

/** Watch events: one JSON object a line. */
export class EventStream extends Transform {
  readonly #masker: ObjectMasker
  readonly #counted: Counted
  readonly #view: WatchView | undefined
  #held: Buffer[] = []
  #heldBytes = 0
  #isOver = false

  /** `view` is what filters make of the watch, where there are any. */
  constructor(masker: ObjectMasker, counted: Counted, view: WatchView | undefined) {
    super()
    this.#masker = masker
    this.#counted = counted
    this.#view = view
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    guarded(done, () => {
      let from = 0
      const out: string[] = []
      for (let end = chunk.indexOf(newline); end >= 0 && !this.#isOver; end = chunk.indexOf(newline, from)) {
        this.#hold(chunk.subarray(from, end))
        from = end + 1
        const line = Buffer.concat(this.#held).toString()
        this.#held = []
        this.#heldBytes = 0
        if (line.trim() === '') continue
        const masked = this.#event(line)
        if (masked !== undefined) out.push(masked, '\n')
      }
      if (this.#isOver) {
        if (out.length > 0) this.#end(out.join(''))
        return
      }
      this.#hold(chunk.subarray(from))
      finish(this, out.join(''), this.#masker, this.#counted)
    })
  }

  #event(line: string): string | undefined {
    const fate = this.#view?.judge(line)
    switch (fate?.do) {
      case undefined:
        return this.#masker.apply('event', line)
      case 'pass':
        return this.#masker.apply('event', line, fate)
      case 'tell':
        return fate.text
      case 'drop':
        return undefined
      case 'expire':
        this.#isOver = true
        return fate.text
    }
  }

  /** The last that is said; what the cluster still says is not read. */
  #end(out: string): void {
    this.once('end', () => this.destroy())
    finish(this, out, this.#masker, this.#counted)
    this.push(null)
  }

  override _flush(done: TransformCallback): void {
    guarded(done, () => {
      // A server that ends in the middle of an event has said nothing more that could be judged.
      this.#held = []
    })
  }

  #hold(bytes: Buffer): void {
    this.#heldBytes += bytes.length
    if (this.#heldBytes > objectBytesMax) throw new AnswerError('an event of the answer is too large to be masked')
    if (bytes.length > 0) this.#held.push(bytes)
  }
}

/** One object, whole. */
export class WholeAnswer extends Transform {
  readonly #masker: ObjectMasker
  readonly #counted: Counted
  readonly #whenGone: () => string
  /** Set once the object turned out to be hidden. */
  gone = false
  #held: Buffer[] = []
  #heldBytes = 0

  /** `whenGone` is what is said instead of an object that may not be seen. */
  constructor(masker: ObjectMasker, counted: Counted, whenGone: () => string) {
    super()
    this.#masker = masker
    this.#counted = counted
    this.#whenGone = whenGone
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    guarded(done, () => {
      this.#heldBytes += chunk.length
      if (this.#heldBytes > objectBytesMax) throw new AnswerError('the answer is too large to be masked')
      this.#held.push(chunk)
    })
  }

  override _flush(done: TransformCallback): void {
    guarded(done, () => {
      const text = Buffer.concat(this.#held).toString()
      if (text.trim() === '') return
      const masked = this.#masker.apply('whole', text)
      this.gone = masked === undefined
      finish(this, masked ?? this.#whenGone(), this.#masker, this.#counted)
    })
  }
}

/** Passes on what is masked, once it is counted. */
export function finish(stream: Transform, out: string | Buffer, masker: ObjectMasker, counted: Counted): void {
  const { objects } = masker
  masker.objects = 0
  if (!counted(objects)) throw new AnswerError('a limit was reached')
  if (out.length > 0) stream.push(out)
}

/** Ends a step of a stream, with an error where the answer cannot be masked. */
export function guarded(done: TransformCallback, work: () => void): void {
  try {
    work()
  } catch (error) {
    done(error instanceof Error ? error : new AnswerError('the answer cannot be masked'))
    return
  }
  done()
}
