// Strings of results that were read before: results are alike, and comparing a few words is several times faster than
// making a text of bytes. A hash finds a text, the bytes decide.
import type { LinearMemory } from './linear-memory.ts'

/** How many texts are kept, and up to how many bytes. */
const SLOTS = 512
const BYTES_MAX = 64

interface Recent {
  readonly hash: number
  readonly length: number
  /** The bytes as words, the last one without what is behind them. */
  readonly words: Uint32Array
  readonly text: string
}

/** Texts by the hash that the module has computed of them. */
export class RecentTexts {
  readonly #memory: LinearMemory
  readonly #slots: (Recent | undefined)[] = new Array<Recent | undefined>(SLOTS).fill(undefined)

  constructor(memory: LinearMemory) {
    this.#memory = memory
  }

  /** The text of a string's record; undefined where it is not known. */
  find(record: number): string | undefined {
    const { words } = this.#memory
    const at = record >> 2
    const hash = words[at + 1] ?? 0
    const known = this.#slots[hash % SLOTS]
    if (hash === 0 || known === undefined || known.hash !== hash || known.length !== words[at + 2]) return undefined
    const last = known.words.length - 1
    for (let i = 0; i < last; i++) if (words[at + 4 + i] !== known.words[i]) return undefined
    return lastWord(words[at + 4 + last] ?? 0, known.length) === known.words[last] ? known.text : undefined
  }

  /** Keeps the text of a string's record; gives it. */
  keep(record: number, text: string): string {
    const { words } = this.#memory
    const at = record >> 2
    const hash = words[at + 1] ?? 0
    const length = words[at + 2] ?? 0
    if (hash === 0 || length === 0 || length > BYTES_MAX) return text
    const copy = words.slice(at + 4, at + 4 + ((length + 3) >> 2))
    const last = copy.length - 1
    copy[last] = lastWord(copy[last] ?? 0, length)
    this.#slots[hash % SLOTS] = { hash, length, words: copy, text }
    return text
  }
}

/** The last word of some bytes without what is behind them. */
function lastWord(word: number, length: number): number {
  return (length & 3) === 0 ? word : (word & ((1 << ((length & 3) * 8)) - 1)) >>> 0
}
