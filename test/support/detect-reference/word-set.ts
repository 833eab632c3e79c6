// Reference: a set of words that is asked about bytes, in any case of their ASCII letters.

/** Words of ASCII letters. */
export class WordSet {
  readonly #words: ReadonlySet<string>

  /** Words with single spaces between them. */
  constructor(words: string) {
    this.#words = new Set(words.split(' '))
  }

  /** Whether a part of some bytes is one of the words. */
  has(view: Uint8Array, from: number, to: number): boolean {
    let word = ''
    for (let at = from; at < to; at++) word += String.fromCharCode((view[at] ?? 0) | 0x20)
    return this.#words.has(word)
  }
}
