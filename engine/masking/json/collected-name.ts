// The name of a member that came in pieces or has escapes: few do, so it is collected apart.
import { Collected } from './output.ts'
import { memberOf, type PathState } from './paths.ts'

/** An escape is at most six bytes for one. */
const escapeBytesMax = 6

/** One name at a time. */
export class CollectedName {
  readonly #kept = new Collected()
  #bytes = 0
  isEscaped = false

  /** Another name begins. */
  begin(): void {
    this.#bytes = 0
    this.isEscaped = false
  }

  /** Whether nothing of it came yet. */
  get isEmpty(): boolean {
    return this.#bytes === 0
  }

  /** Takes a piece of it; of one that is too long to be wanted at `level` only its length, and so where none is. */
  keep(level: PathState | undefined, bytes: Buffer, start: number, end: number): void {
    if (this.#bytes === 0) this.#kept.clear()
    this.#bytes += end - start
    if (level !== undefined && this.#bytes <= level.nameBytesMax * escapeBytesMax) this.#kept.append(bytes, start, end)
  }

  /** The state of the member at `level` that has this name. */
  member(level: PathState): PathState {
    if (level.names.length === 0 || this.#bytes > level.nameBytesMax * escapeBytesMax) return level.other
    if (!this.isEscaped) return memberOf(level, this.#kept.bytes(), 0, this.#kept.length)
    const name: unknown = JSON.parse(`"${this.#kept.text()}"`)
    return typeof name === 'string' ? level.member(name) : level.other
  }
}
