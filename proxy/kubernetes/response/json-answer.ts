// Takes the JSON of an answer apart as it streams: the elements of a list or table one by one, watch events line by line,
// anything else whole. Memory holds one object at a time.
import { Transform, type TransformCallback } from 'node:stream'
import { listHeadBytesMax, objectBytesMax } from '../limits.ts'
import { AnswerError, dropRemaining, type ObjectMasker, type Part } from './object-masker.ts'
import type { Changeable } from './value-mask.ts'

/** Called with every batch: objects that went on since the last. Answers false when the stream must stop. */
export type Counted = (objects: number) => boolean

const quote = 0x22
const backslash = 0x5c
const newline = 0x0a

/** Watch events: one JSON object a line. */
export class EventStream extends Transform {
  readonly #masker: ObjectMasker
  readonly #counted: Counted
  #held: Buffer[] = []
  #heldBytes = 0

  constructor(masker: ObjectMasker, counted: Counted) {
    super()
    this.#masker = masker
    this.#counted = counted
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    guarded(done, () => {
      let from = 0
      const out: string[] = []
      for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, from)) {
        this.#hold(chunk.subarray(from, end))
        from = end + 1
        const line = Buffer.concat(this.#held).toString()
        this.#held = []
        this.#heldBytes = 0
        if (line.trim() === '') continue
        const masked = this.#masker.apply('event', line)
        if (masked !== undefined) out.push(masked, '\n')
      }
      this.#hold(chunk.subarray(from))
      finish(this, out.join(''), this.#masker, this.#counted)
    })
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

/** A list or table of any length. */
export class ListAnswer extends Transform {
  readonly #masker: ObjectMasker
  readonly #counted: Counted
  readonly #filtered: boolean
  /** Bytes that belong to the piece being read: the head, an element, the tail. */
  #piece: Buffer[] = []
  #pieceBytes = 0
  #where: 'head' | 'between' | 'element' | 'tail' = 'head'
  #part: Part = 'object'
  #depth = 0
  #inString = false
  #escaped = false
  /** The top-level key that was read last. */
  #key: number[] | undefined
  #keyText = ''
  #expectKey = true
  #elements = 0

  constructor(masker: ObjectMasker, counted: Counted, filtered: boolean) {
    super()
    this.#masker = masker
    this.#counted = counted
    this.#filtered = filtered
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    guarded(done, () => finish(this, this.#scan(chunk), this.#masker, this.#counted))
  }

  override _flush(done: TransformCallback): void {
    guarded(done, () => {
      if (this.#where === 'tail' && this.#pieceBytes === 0) return
      const rest = Buffer.concat(this.#piece).toString()
      // No list came: an empty one, a status, or one object.
      if (this.#where !== 'head' || rest.trim() === '') throw new AnswerError('the answer ends in the middle of a list')
      finish(this, this.#masker.apply('whole', rest) ?? '', this.#masker, this.#counted)
    })
  }

  #scan(chunk: Buffer): string {
    const out: string[] = []
    let from = 0
    let at = 0
    while (at < chunk.length) {
      if (this.#inString) {
        at = this.#string(chunk, at)
        continue
      }
      const byte = chunk[at]
      switch (byte) {
        case quote:
          this.#inString = true
          this.#key = this.#depth === 1 && this.#expectKey ? [] : undefined
          break
        case 0x7b: // {
        case 0x5b: // [
          this.#depth++
          if (
            this.#where === 'head' &&
            byte === 0x5b &&
            this.#depth === 2 &&
            (this.#keyText === 'items' || this.#keyText === 'rows')
          ) {
            this.#hold(chunk.subarray(from, at + 1))
            from = at + 1
            out.push(this.#head())
            this.#part = this.#keyText === 'rows' ? 'row' : 'object'
            this.#where = 'between'
          } else if (this.#where === 'between') {
            if (byte !== 0x7b) throw new AnswerError('an element of the list is no object')
            from = at
            this.#where = 'element'
          }
          if (this.#depth === 1) this.#expectKey = true
          break
        case 0x7d: // }
        case 0x5d: // ]
          this.#depth--
          if (this.#where === 'element' && this.#depth === 2) {
            this.#hold(chunk.subarray(from, at + 1))
            from = at + 1
            this.#element(out)
            this.#where = 'between'
          } else if (this.#where === 'between') {
            // The list is over; the bracket opens what follows it.
            from = at
            this.#where = 'tail'
          }
          break
        case 0x2c: // ,
          if (this.#depth === 1) this.#expectKey = true
          break
        case 0x3a: // :
          if (this.#depth === 1) this.#expectKey = false
          break
        default:
          if (this.#where === 'between' && byte !== 0x20 && byte !== newline && byte !== 0x0d && byte !== 0x09)
            throw new AnswerError('an element of the list is no object')
      }
      at++
    }
    if (this.#where === 'tail') this.#tail(chunk.subarray(from), out)
    else if (this.#where !== 'between') this.#hold(chunk.subarray(from))
    return out.join('')
  }

  /** Moves to behind the string, or to the end of the chunk. */
  #string(chunk: Buffer, start: number): number {
    let at = start
    while (at < chunk.length) {
      const byte = chunk[at] ?? 0
      at++
      if (this.#escaped) this.#escaped = false
      else if (byte === backslash) this.#escaped = true
      else if (byte === quote) {
        this.#inString = false
        this.#topKey()
        return at
      }
      if (this.#key !== undefined && this.#key.length < keyBytesMax) this.#key.push(byte)
    }
    return at
  }

  /** A second list, or a key written so that others read it as one, would go past the masks. */
  #topKey(): void {
    if (this.#key === undefined) return
    this.#keyText = Buffer.from(this.#key).toString()
    this.#key = undefined
    const isList = this.#keyText === 'items' || this.#keyText === 'rows'
    if (this.#keyText.includes('\\') || (isList && this.#where === 'tail'))
      throw new AnswerError('the answer has no single meaning')
  }

  #hold(bytes: Buffer): void {
    this.#pieceBytes += bytes.length
    if (this.#pieceBytes > objectBytesMax) throw new AnswerError('an object of the answer is too large to be masked')
    if (bytes.length > 0) this.#piece.push(bytes)
  }

  #take(): string {
    const text =
      this.#piece.length === 1 ? (this.#piece[0] ?? Buffer.alloc(0)).toString() : Buffer.concat(this.#piece).toString()
    this.#piece = []
    this.#pieceBytes = 0
    return text
  }

  /** What stands before the elements; a filtered list does not tell how many objects remain. */
  #head(): string {
    const text = this.#take()
    if (text.length > listHeadBytesMax) throw new AnswerError('the head of the list is too large')
    return frame(`${text}]}`, this.#filtered).slice(0, -2)
  }

  #element(out: string[]): void {
    const masked = this.#masker.apply(this.#part, this.#take())
    if (masked === undefined) return
    if (this.#elements++ > 0) out.push(',')
    out.push(masked)
  }

  /** What follows the elements, once it is all there. */
  #tail(bytes: Buffer, out: string[]): void {
    this.#hold(bytes)
    if (this.#depth > 0) return
    const text = this.#take()
    // What stands behind the last brace is the line break that ends an answer.
    if (text.trim() !== '') out.push(frame(`{"items":[${text}`, this.#filtered).slice('{"items":['.length))
    else out.push(text)
  }
}

const keyBytesMax = 64

/** The text of a list's frame, which must be JSON; of a filtered list without `remainingItemCount`. */
function frame(text: string, filtered: boolean): string {
  try {
    const value: Changeable = JSON.parse(text)
    if (!filtered || !text.includes('remainingItemCount')) return text
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) dropRemaining(value['metadata'] ?? null)
    return JSON.stringify(value)
  } catch (error) {
    throw new AnswerError('the frame of the list cannot be read', { cause: error })
  }
}

function finish(stream: Transform, out: string, masker: ObjectMasker, counted: Counted): void {
  const { objects } = masker
  masker.objects = 0
  if (!counted(objects)) throw new AnswerError('a limit was reached')
  if (out !== '') stream.push(out)
}

function guarded(done: TransformCallback, work: () => void): void {
  try {
    work()
  } catch (error) {
    done(error instanceof Error ? error : new AnswerError('the answer cannot be masked'))
    return
  }
  done()
}
