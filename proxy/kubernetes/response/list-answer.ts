// A list or table of any length, as it streams: its elements are told apart, and each is masked, left or taken away.
// Memory holds the elements of one chunk, and one that is not whole yet.
import { Transform, type TransformCallback } from 'node:stream'
import { Joined } from '../../../engine/masking/index.ts'
import { listHeadBytesMax, objectBytesMax } from '../limits.ts'
import { type Counted, finish, guarded } from './json-answer.ts'
import { AnswerError, hideRest, ObjectMasker, type Part } from './object-masker.ts'
import { QuickMasker } from './quick-masker.ts'
import type { AnswerTerms } from './terms.ts'
import type { Changeable } from './value-mask.ts'

const newline = 0x0a
const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const backslash = 0x5c
const closeBracket = 0x5d
const openBrace = 0x7b
const closeBrace = 0x7d
const keyBytesMax = 64
const between: Buffer = Buffer.from(',')

/** Room for what masks make longer. */
const spareBytes = 4096

/** A list or table of any length. */
export class ListAnswer extends Transform {
  readonly #terms: AnswerTerms
  readonly #masker: ObjectMasker
  readonly #hashKey: Uint8Array
  readonly #counted: Counted
  #quick: QuickMasker | undefined
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
  /** Where the pieces of what goes out end; below zero where nothing is left to be done to them. */
  #ends: number[] = []

  constructor(terms: AnswerTerms, masker: ObjectMasker, hashKey: Uint8Array, counted: Counted) {
    super()
    this.#terms = terms
    this.#masker = masker
    this.#hashKey = hashKey
    this.#counted = counted
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    guarded(done, () => {
      const out = new Joined(chunk.length + this.#pieceBytes + spareBytes)
      this.#scan(chunk, out)
      finish(this, this.#detectedIn(out.all()), this.#masker, this.#counted)
    })
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

  #scan(chunk: Buffer, out: Joined): void {
    let from = 0
    let at = 0
    while (at < chunk.length) {
      if (this.#where === 'element') {
        at = this.#toElementEnd(chunk, at)
        if (this.#depth > 2) break
        this.#hold(chunk.subarray(from, at))
        from = at
        this.#element(out)
        this.#where = 'between'
        continue
      }
      if (this.#inString) {
        at = this.#string(chunk, at)
        continue
      }
      const byte = chunk[at]
      switch (byte) {
        case quote:
          if (this.#where === 'between') throw new AnswerError('an element of the list is no object')
          this.#inString = true
          this.#key = this.#depth === 1 && this.#expectKey ? [] : undefined
          break
        case openBrace:
        case openBracket:
          this.#depth++
          if (this.#where === 'head' && byte === openBracket && this.#depth === 2 && this.#isList()) {
            this.#hold(chunk.subarray(from, at + 1))
            from = at + 1
            out.write(this.#head())
            this.#ends.push(-out.length)
            this.#part = this.#keyText === 'rows' ? 'row' : 'object'
            if (this.#part === 'row' && !this.#terms.tables) throw new AnswerError('a table cannot be masked here')
            this.#quick = QuickMasker.of(this.#terms, this.#part, this.#hashKey)
            this.#where = 'between'
          } else if (this.#where === 'between') {
            if (byte !== openBrace) throw new AnswerError('an element of the list is no object')
            from = at
            const end = this.#whole(chunk, at, out)
            if (end > 0) {
              this.#depth--
              at = end
              from = end
              continue
            }
            this.#where = 'element'
          }
          if (this.#depth === 1) this.#expectKey = true
          break
        case closeBrace:
        case closeBracket:
          this.#depth--
          if (this.#where === 'between') {
            // The list is over; the bracket opens what follows it.
            from = at
            this.#where = 'tail'
          }
          break
        case comma:
          if (this.#depth === 1) this.#expectKey = true
          break
        case colon:
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
  }

  /** Moves to behind the element, or to the end of the chunk. Nearly all bytes of a list pass here. */
  #toElementEnd(chunk: Buffer, start: number): number {
    const { length } = chunk
    let depth = this.#depth
    let inString = this.#inString
    let escaped = this.#escaped
    let at = start
    while (at < length) {
      const byte = chunk[at++]
      if (inString) {
        if (escaped) escaped = false
        else if (byte === quote) inString = false
        else if (byte === backslash) escaped = true
      } else if (byte === quote) inString = true
      else if (byte === openBrace || byte === openBracket) depth++
      else if (byte === closeBrace || byte === closeBracket) {
        depth--
        if (depth === 2) break
      }
    }
    this.#depth = depth
    this.#inString = inString
    this.#escaped = escaped
    return at
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
    if (this.#keyText.includes('\\') || (this.#isList() && this.#where === 'tail'))
      throw new AnswerError('the answer has no single meaning')
  }

  /** Hides what the frame of a filtered list tells of the rest. */
  get #hides(): ((metadata: Changeable) => void) | undefined {
    if (this.#terms.filters.length === 0) return undefined
    return (metadata) => hideRest(metadata, this.#terms.place, this.#hashKey)
  }

  #isList(): boolean {
    return this.#keyText === 'items' || this.#keyText === 'rows'
  }

  #hold(bytes: Buffer): void {
    this.#pieceBytes += bytes.length
    if (this.#pieceBytes > objectBytesMax) throw new AnswerError('an object of the answer is too large to be masked')
    if (bytes.length > 0) this.#piece.push(bytes)
  }

  #take(): Buffer {
    const [first] = this.#piece
    const bytes = first !== undefined && this.#piece.length === 1 ? first : Buffer.concat(this.#piece)
    this.#piece = []
    this.#pieceBytes = 0
    return bytes
  }

  /** What stands before the elements; a filtered list does not tell how many objects remain. */
  #head(): string {
    const text = this.#take().toString()
    if (text.length > listHeadBytesMax) throw new AnswerError('the head of the list is too large')
    return frame(`${text}]}`, this.#hides).slice(0, -2)
  }

  /** An element that is whole in the chunk and need not be taken apart; answers where it ends, else 0. */
  #whole(chunk: Buffer, at: number, out: Joined): number {
    const before = out.length
    if (this.#elements > 0) out.append(between)
    const end = this.#quick?.whole(chunk, at, out) ?? 0
    if (end === 0) {
      out.length = before
      return 0
    }
    if (end - at > objectBytesMax) throw new AnswerError('an object of the answer is too large to be masked')
    this.#quickly(out)
    return end
  }

  #element(out: Joined): void {
    const came = this.#take()
    const quick = this.#quick?.paths(came)
    const masked = quick ?? this.#masker.apply(this.#part, came.toString())
    if (masked === undefined) return
    if (this.#elements > 0) out.append(between)
    if (typeof masked === 'string') {
      out.write(masked)
      this.#elements++
      this.#ends.push(-out.length)
    } else {
      out.append(masked)
      this.#quickly(out)
    }
  }

  /** Of an element that was masked quickly only the paths are done. */
  #quickly(out: Joined): void {
    this.#quick?.counted(this.#masker.counts)
    this.#masker.objects++
    this.#elements++
    this.#ends.push(out.length)
  }

  /** What detectors look for is looked for in all that came of one chunk, and where there is any in each piece. */
  #detectedIn(all: Buffer): Buffer {
    const ends = this.#ends
    this.#ends = []
    const quick = this.#quick
    if (quick?.detects !== true || !quick.finds(all)) return all
    const out = new Joined(all.length + spareBytes)
    let from = 0
    for (const end of ends) {
      const piece = all.subarray(from, Math.abs(end))
      from = Math.abs(end)
      const begin = end > 0 && piece[0] === comma ? 1 : 0
      if (end > 0 && quick.finds(piece)) {
        out.append(piece, 0, begin)
        out.append(this.#detected(piece.subarray(begin)))
      } else out.append(piece)
    }
    out.append(all, from, all.length)
    return out.all()
  }

  /** An element whose paths are done, taken apart for what detectors find. */
  #detected(bytes: Buffer): Buffer {
    const masker = new ObjectMasker({ ...this.#terms, paths: [] }, this.#hashKey)
    const masked = masker.apply(this.#part, bytes.toString())
    for (const [rule, count] of masker.counts)
      this.#masker.counts.set(rule, (this.#masker.counts.get(rule) ?? 0) + count)
    if (masked === undefined) throw new AnswerError('an object of the answer cannot be masked')
    return Buffer.from(masked)
  }

  /** What follows the elements, once it is all there. */
  #tail(bytes: Buffer, out: Joined): void {
    this.#hold(bytes)
    if (this.#depth > 0) return
    const text = this.#take().toString()
    // What stands behind the last brace is the line break that ends an answer.
    const shown = text.trim() === '' ? text : frame(`{"items":[${text}`, this.#hides).slice('{"items":['.length)
    out.write(shown)
    this.#ends.push(-out.length)
  }
}

/** The text of a list's frame, which must be JSON; where `hides` is there nothing in it tells of what is hidden. */
function frame(text: string, hides: ((metadata: Changeable) => void) | undefined): string {
  try {
    const value: Changeable = JSON.parse(text)
    if (hides === undefined || typeof value !== 'object' || value === null || Array.isArray(value)) return text
    const before = JSON.stringify(value)
    hides(value['metadata'] ?? null)
    const after = JSON.stringify(value)
    return after === before ? text : after
  } catch (error) {
    throw new AnswerError('the frame of the list cannot be read', { cause: error })
  }
}
