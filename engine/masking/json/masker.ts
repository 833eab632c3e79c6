// Masks a JSON document while it goes by: what paths name is replaced, everything else passes byte for byte. However the
// bytes are cut into chunks, the same comes out; memory is bounded by one masked value. What is not JSON (RFC 8259), or
// not UTF-8, throws: a lenient reader might see strings begin and end elsewhere.
import { isUtf8 } from 'node:buffer'
import { maskText } from '../text.ts'
import { CollectedName } from './collected-name.ts'
import { JsonMaskError } from './fault.ts'
import {
  digitsEnd,
  escapes,
  hexDigits,
  number,
  numberEndsFrom,
  numberNext,
  plainEnd,
  starrableEnd,
  stops,
  words,
} from './grammar.ts'
import { type JsonMaskerOptions, jsonDepthMax, maskedStringBytesMax } from './options.ts'
import { Collected, type Joined, JoinedOutput, Output, type Shown, starOver } from './output.ts'
import { memberOf, type PathState } from './paths.ts'
import { Utf8Check } from './utf8.ts'

// States. Numbers, so that the loop below is a jump table.
const value = 0
const valueOrEnd = 1
const keyOrEnd = 2
const key = 3
const colon = 4
const commaOrEnd = 5
const inString = 6
const inEscape = 7
const inHex = 8
const inNumber = 9
const inWord = 10
const over = 11

const notHidden = -1
const nothingRead: Buffer = Buffer.alloc(0)

/** One document on its way. */
export class JsonMasker {
  readonly #hashKey: Uint8Array
  readonly #many: boolean
  readonly #root: PathState
  readonly #utf8 = new Utf8Check()
  #state = value
  #depth = 0
  /** 1 where a level is an object. */
  readonly #objects: number[] = [0]
  readonly #levels: PathState[] = []
  readonly #indexes: number[] = []
  /** The state of the value that comes next, or is being read. */
  #now: PathState
  #isKey = false
  #hexLeft = 0
  #number = 0
  #word: Uint8Array = nothingRead
  #wordAt = 0
  /** The depth of the value that is hidden, or `notHidden`. */
  #hidden = notHidden
  #hiding: PathState
  /** A masked string is being read; its bytes, without quotes, are in `#text`. */
  #keepsText = false
  readonly #text = new Collected()
  #textBytes = 0
  /** A name that came in pieces or has escapes. */
  readonly #name = new CollectedName()
  #failed = false
  /** Values that were replaced. */
  masked = 0
  /** Values among them that were no texts, or too long ones: null stands for them. */
  nulled = 0
  /** How many values each path replaced, where `countsPaths` was asked for. */
  readonly byPath: number[] | undefined
  /** Elements of arrays that are the document, or members of it. */
  elements = 0

  constructor(paths: PathState, options: JsonMaskerOptions) {
    this.#root = paths
    this.#now = paths
    this.#hiding = paths
    this.#hashKey = options.hashKey
    this.#many = options.many === true
    this.byPath = options.countsPaths === true ? [] : undefined
  }

  /**
   * Takes a chunk, which is the masker's from now on, and answers what is certain by now: the chunk itself where all of it
   * passes or keeps its length. Throws JsonMaskError.
   */
  push(bytes: Buffer): Buffer {
    if (this.#failed) throw new JsonMaskError('not_json')
    try {
      if (!this.#utf8.push(bytes)) throw new JsonMaskError('not_utf8')
      const out = new Output(bytes, this.#hidden === notHidden)
      this.#run(bytes, out)
      return out.end(this.#hidden === notHidden)
    } catch (error) {
      this.#failed = true
      throw error
    }
  }

  /**
   * Takes one whole document that begins at `start`, appends what comes of it, and answers where it ends; -1 where the
   * bytes end first. The bytes may be written over, with what comes of them. Throws JsonMaskError. Not beside `push`.
   */
  takeOne(bytes: Buffer, start: number, to: Joined): number {
    this.#restart()
    const out = new JoinedOutput(bytes, start, to)
    let isWhole = false
    try {
      const end = this.#run(bytes, out, start, true)
      if (this.#state !== over) return -1
      if (!isUtf8(bytes.subarray(start, end))) throw new JsonMaskError('not_utf8')
      out.hide(end)
      isWhole = true
      return end
    } finally {
      if (!isWhole) this.#restart()
    }
  }

  #restart(): void {
    this.#state = value
    this.#now = this.#root
    this.#depth = 0
    this.#isKey = false
    this.#hidden = notHidden
    this.#keepsText = false
  }

  /** Nothing follows. Throws when the document is not whole. */
  end(): Buffer {
    if (this.#failed) throw new JsonMaskError('not_json')
    const out = new Output(nothingRead, false)
    if (this.#state === inNumber && this.#number >= numberEndsFrom) this.#finishValue(out, 0)
    const isEmpty = this.#many && this.#depth === 0 && this.#state === value
    if ((this.#state !== over && !isEmpty) || !this.#utf8.end()) throw new JsonMaskError('truncated')
    this.#failed = true
    return out.end(false)
  }

  /** Whether a document is over, and no other begun. */
  get isWhole(): boolean {
    return this.#state === over
  }

  /** Reads to the end of the bytes, or of the first document; answers where. */
  #run(bytes: Buffer, out: Shown, start = 0, isOne = false): number {
    const length = bytes.length
    let at = start
    while (at < length) {
      if (isOne && this.#state === over) break
      switch (this.#state) {
        case inString:
          at = this.#string(bytes, at, out)
          break
        case inEscape: {
          const kind = escapes[bytes[at] ?? 0] ?? 0
          if (kind === 0) throw new JsonMaskError('not_json')
          this.#keepByte(bytes, at++)
          this.#hexLeft = 4
          this.#state = kind === 2 ? inHex : inString
          break
        }
        case inHex:
          if (hexDigits[bytes[at] ?? 0] !== 1) throw new JsonMaskError('not_json')
          this.#keepByte(bytes, at++)
          if (--this.#hexLeft === 0) this.#state = inString
          break
        case inNumber: {
          let state = this.#number
          let next = state
          while (at < length && next !== 255) {
            state = next
            const byte = bytes[at] ?? 0
            next = byte < 128 ? (numberNext[state * 128 + byte] ?? 255) : 255
            if (next !== 255) at++
          }
          this.#number = next === 255 ? state : next
          if (next !== 255) break
          if (state < numberEndsFrom) throw new JsonMaskError('not_json')
          this.#finishValue(out, at)
          break
        }
        case inWord:
          if (bytes[at++] !== this.#word[this.#wordAt]) throw new JsonMaskError('not_json')
          if (++this.#wordAt === this.#word.length) this.#finishValue(out, at)
          break
        default: {
          const byte = bytes[at] ?? 0
          if (byte === 32 || byte === 10 || byte === 13 || byte === 9) at++
          else at = this.#structure(byte, bytes, at, out)
        }
      }
    }
    return at
  }

  /** Bytes of a string or a name. */
  #string(bytes: Buffer, start: number, out: Shown): number {
    const length = bytes.length
    let end = start
    while (end < length && stops[bytes[end] ?? 0] === 0) end++
    const stop = end < length ? (bytes[end] ?? 0) : 0
    if (this.#isKey) {
      if (stop === 34 && this.#name.isEmpty) {
        // Nearly every name: whole in one chunk, without escapes.
        this.#isKey = false
        this.#now = memberOf(this.#level(), bytes, start, end)
        if (bytes[end + 1] !== 58) {
          this.#state = colon
          return end + 1
        }
        this.#state = value
        return end + 2
      }
      this.#name.keep(this.#wanting(), bytes, start, end)
    } else if (this.#keepsText) this.#keepText(bytes, start, end)
    if (end === length) return end
    if (stop < 32) throw new JsonMaskError('not_json')
    if (stop === 92) {
      if (this.#isKey) this.#name.isEscaped = true
      this.#keepByte(bytes, end)
      this.#state = inEscape
    } else if (this.#isKey) {
      this.#isKey = false
      this.#now = this.#hidden === notHidden ? this.#name.member(this.#level()) : this.#level().other
      this.#state = colon
    } else this.#finishValue(out, end + 1)
    return end + 1
  }

  /** A byte between values; answers where reading goes on. */
  #structure(byte: number, bytes: Buffer, at: number, out: Shown): number {
    switch (this.#state) {
      case value:
        return this.#beginValue(byte, bytes, at, out)
      case valueOrEnd:
        return byte === 93 ? this.#close(out, at) : this.#beginValue(byte, bytes, at, out)
      case keyOrEnd:
      case key:
        if (byte === 125 && this.#state === keyOrEnd) return this.#close(out, at)
        if (byte !== 34) throw new JsonMaskError('not_json')
        return this.#members(bytes, at, out)
      case colon:
        if (byte !== 58) throw new JsonMaskError('not_json')
        this.#state = value
        return at + 1
      case commaOrEnd:
        return this.#commaOrEnd(byte, bytes, out, at)
      default:
        if (!this.#many) throw new JsonMaskError('not_json')
        this.#now = this.#root
        return this.#beginValue(byte, bytes, at, out)
    }
  }

  #beginKey(bytes: Buffer, at: number, out: Shown): number {
    this.#isKey = true
    this.#name.begin()
    this.#state = inString
    return this.#string(bytes, at + 1, out)
  }

  /** Members of an object from the name on that begins at `start`: as many as are plain texts, which are most. */
  #members(bytes: Buffer, start: number, out: Shown): number {
    const level = this.#level()
    let at = start
    for (;;) {
      const nameEnd = plainEnd(bytes, at + 1)
      if (nameEnd === 0 || bytes[nameEnd] !== 58) return this.#beginKey(bytes, at, out)
      const next = memberOf(level, bytes, at + 1, nameEnd - 1)
      const from = nameEnd + 1
      const first = bytes[from] ?? 0
      let end = 0
      if (next.strategies.length === 0 || this.#hidden !== notHidden) {
        if (first === 34) end = plainEnd(bytes, from + 1)
        else if (first > 48 && first <= 57) end = digitsEnd(bytes, from + 1)
      } else if (first === 34) {
        this.#now = next
        end = this.#starred(bytes, from + 1)
      }
      if (end === 0) {
        this.#now = next
        this.#state = value
        return from
      }
      if (bytes[end] !== 44 || bytes[end + 1] !== 34) {
        this.#state = commaOrEnd
        return end
      }
      at = end + 1
    }
  }

  #commaOrEnd(byte: number, bytes: Buffer, out: Shown, at: number): number {
    const isObject = this.#objects[this.#depth] === 1
    if (byte === (isObject ? 125 : 93)) return this.#close(out, at)
    if (byte !== 44) throw new JsonMaskError('not_json')
    if (isObject) {
      if (bytes[at + 1] === 34) return this.#members(bytes, at + 1, out)
      this.#state = key
      return at + 1
    }
    const level = this.#level()
    if (level.uniform) this.#now = level.each
    else {
      const index = (this.#indexes[this.#depth - 1] ?? 0) + 1
      this.#indexes[this.#depth - 1] = index
      this.#now = level.element(index)
    }
    this.#state = value
    return at + 1
  }

  #beginValue(byte: number, bytes: Buffer, at: number, out: Shown): number {
    const depth = this.#depth
    if (depth <= 2 && depth > 0 && this.#objects[depth] === 0 && (depth === 1 || this.#objects[1] === 1))
      this.elements++
    if (this.#hidden === notHidden && this.#now.strategies.length > 0) {
      const end = byte === 34 ? this.#starred(bytes, at + 1) : 0
      if (end > 0) return end
      this.#hidden = depth
      this.#hiding = this.#now
      out.hide(at)
      if (byte === 34) {
        this.#keepsText = true
        this.#text.clear()
        this.#textBytes = 0
      }
    }
    if (byte === 34) {
      // Nearly every text: whole in one chunk, without escapes, and nobody's to keep.
      const end = this.#keepsText ? 0 : plainEnd(bytes, at + 1)
      this.#state = end === 0 ? inString : depth === 0 ? over : commaOrEnd
      if (end > 0) return end
    } else if (byte === 123 || byte === 91) this.#open(byte === 123)
    else if (byte === 45) this.#beginNumber(number.minus)
    else if (byte === 48) this.#beginNumber(number.zero)
    else if (byte > 48 && byte <= 57) this.#beginNumber(number.digits)
    else {
      const word = words.get(byte)
      if (word === undefined) throw new JsonMaskError('not_json')
      this.#word = word
      this.#wordAt = 0
      this.#state = inWord
    }
    return at + 1
  }

  /**
   * Most masked values: an ASCII text that is whole in this chunk and keeps its length. Stars are written over it, and
   * nothing is copied. Answers where reading goes on, or 0 when the value is not such a one.
   */
  #starred(bytes: Buffer, start: number): number {
    const now = this.#now
    const { stars } = now
    if (stars === undefined) return 0
    const end = starrableEnd(bytes, start)
    if (bytes[end] !== 34 || end - start > maskedStringBytesMax) return 0
    starOver(bytes, start, end, stars)
    this.masked++
    this.#count(now, 0)
    this.#state = this.#depth === 0 ? over : commaOrEnd
    return end + 1
  }

  /** Counts one of the paths that end at a value. */
  #count({ ends }: PathState, at: number): void {
    const path = ends[at]
    if (this.byPath !== undefined && path !== undefined) this.byPath[path] = (this.byPath[path] ?? 0) + 1
  }

  #beginNumber(state: number): void {
    this.#number = state
    this.#state = inNumber
  }

  #open(isObject: boolean): void {
    if (this.#depth >= jsonDepthMax) throw new JsonMaskError('too_deep')
    this.#levels[this.#depth] = this.#now.opened()
    this.#indexes[this.#depth] = 0
    this.#depth++
    this.#objects[this.#depth] = isObject ? 1 : 0
    this.#state = isObject ? keyOrEnd : valueOrEnd
    if (!isObject) this.#now = this.#now.element(0)
  }

  #close(out: Shown, at: number): number {
    this.#depth--
    this.#finishValue(out, at + 1)
    return at + 1
  }

  /** The value at the current depth is over. */
  #finishValue(out: Shown, at: number): void {
    if (this.#hidden === this.#depth) {
      out.show(this.#replacement(), at)
      this.masked++
      this.#hidden = notHidden
      this.#keepsText = false
    }
    this.#state = this.#depth === 0 ? over : commaOrEnd
  }

  /** What stands for the hidden value: texts keep the form that the strategies leave, whatever else there is is gone. */
  #replacement(): string {
    if (!this.#keepsText || this.#textBytes > maskedStringBytesMax) {
      this.nulled++
      this.#count(this.#hiding, 0)
      return 'null'
    }
    const raw = this.#text.text()
    const read: unknown = raw.includes('\\') ? JSON.parse(`"${raw}"`) : raw
    let shown: string | null = typeof read === 'string' ? read : null
    for (const [at, strategy] of this.#hiding.strategies.entries()) {
      if (shown === null) break
      shown = maskText(strategy, shown, this.#hashKey)
      this.#count(this.#hiding, at)
    }
    return JSON.stringify(shown)
  }

  #keepText(bytes: Buffer, start: number, end: number): void {
    this.#textBytes += end - start
    if (this.#textBytes <= maskedStringBytesMax) this.#text.append(bytes, start, end)
  }

  #keepByte(bytes: Buffer, at: number): void {
    if (this.#isKey) this.#name.keep(this.#wanting(), bytes, at, at + 1)
    else if (this.#keepsText) this.#keepText(bytes, at, at + 1)
  }

  /** Where the names of members are wanted; nowhere within a hidden value. */
  #wanting(): PathState | undefined {
    return this.#hidden === notHidden ? this.#level() : undefined
  }

  /** Where the paths stand at the container that is being read. */
  #level(): PathState {
    return this.#levels[this.#depth - 1] ?? this.#root
  }
}
