// Which objects a watcher under filters sees: so that one that moves out of its sight is told as deleted, and of one that
// it never saw nothing is told.
import { shownEverywhereMax, shownObjectsMax } from '../limits.ts'

let shownEverywhere = 0

/** The objects that one watcher sees, by what names them. */
export class Shown {
  readonly #keys = new Set<string>()
  #released = false

  has(key: string): boolean {
    return this.#keys.has(key)
  }

  /** Answers false when no more can be remembered; the watch must end then. */
  add(key: string): boolean {
    if (this.#keys.has(key)) return true
    if (this.#released || this.#keys.size >= shownObjectsMax || shownEverywhere >= shownEverywhereMax) return false
    this.#keys.add(key)
    shownEverywhere++
    return true
  }

  delete(key: string): void {
    if (this.#keys.delete(key)) shownEverywhere--
  }

  /** Forgets all of it for good. */
  release(): void {
    this.#released = true
    shownEverywhere -= this.#keys.size
    this.#keys.clear()
  }
}
