// A text whose characters are counted as a pattern reads them: looking for all matches of `(a+)b|(a)` reads a long text
// once for each match, so what a search costs is only known while it goes on.
import { type Matcher, MatcherInputBase, type RE2JS } from 're2js'
import { shownText } from '../value/index.ts'

/** Takes fuel; throws where there is none left. */
export type Spend = (units: number) => void

/** So many characters are read between two payments. */
const readsEach = 256

/** What matches a pattern in a text, at the cost of what is read: a unit for 64 characters of a small pattern. */
export function meteredMatcher(pattern: RE2JS, text: string, spend: Spend): Matcher {
  // A character may move as many threads of the pattern as it has instructions.
  // A byte that is no text is read as U+FFFD, as in Go; places stay what they are.
  return pattern.matcher(new MeteredInput(new MeteredText(shownText(text), 4 + pattern.programSize(), spend)))
}

class MeteredText extends String {
  readonly #text: string
  readonly #units: number
  readonly #spend: Spend
  #reads = 0

  constructor(text: string, units: number, spend: Spend) {
    super(text)
    this.#text = text
    this.#units = units
    this.#spend = spend
  }

  override charCodeAt(at: number): number {
    if (++this.#reads === readsEach) {
      this.#reads = 0
      this.#spend(this.#units)
    }
    return this.#text.charCodeAt(at)
  }
}

/** An input as the library knows it, of a text that it takes for a string. */
class MeteredInput extends MatcherInputBase {
  readonly #text: MeteredText

  constructor(text: MeteredText) {
    super()
    this.#text = text
  }

  override getEncoding(): unknown {
    return MatcherInputBase.Encoding.UTF_16
  }

  override asCharSequence(): string {
    return this.#text as unknown as string
  }

  override length(): number {
    return this.#text.length
  }
}
