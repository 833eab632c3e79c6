// A set of short words that is asked about bytes, in any case of their ASCII letters, without making a string for most.

const slots = 4096

/** Words of ASCII letters. */
export class WordSet {
  readonly #words: ReadonlySet<string>
  readonly #lengthMin: number
  readonly #lengthMax: number
  /** Places that some word's hash has. */
  readonly #taken = new Uint8Array(slots)

  /** Words with single spaces between them. */
  constructor(words: string) {
    const list = words.split(' ')
    this.#words = new Set(list)
    this.#lengthMin = Math.min(...list.map((word) => word.length))
    this.#lengthMax = Math.max(...list.map((word) => word.length))
    for (const word of list) this.#taken[slotOf(Buffer.from(word), 0, word.length)] = 1
  }

  /** Whether a part of some bytes is one of the words. */
  has(view: Uint8Array, from: number, to: number): boolean {
    const length = to - from
    if (length > this.#lengthMax || length < this.#lengthMin || this.#taken[slotOf(view, from, to)] !== 1) return false
    let word = ''
    for (let at = from; at < to; at++) word += String.fromCharCode((view[at] ?? 0) | 0x20)
    return this.#words.has(word)
  }
}

function slotOf(view: Uint8Array, from: number, to: number): number {
  let hash = 0
  for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + ((view[at] ?? 0) | 0x20)) | 0
  return (hash ^ (hash >>> 12)) & (slots - 1)
}
