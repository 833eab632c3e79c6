// Analyses by exact text, for each key of sessions: texts are long, and looked for with every statement.
import type { SqlResult } from './contract.ts'
import { cacheEntriesMax } from './limits.ts'

/** Remembered analyses; when there are too many, all are forgotten. */
export class Texts {
  readonly #bySession = new Map<string, Map<string, SqlResult>>()
  #size = 0

  clear(): void {
    this.#bySession.clear()
    this.#size = 0
  }

  get(key: string, text: string): SqlResult | undefined {
    return this.#bySession.get(key)?.get(text)
  }

  set(key: string, text: string, result: SqlResult): void {
    if (this.#size >= cacheEntriesMax) this.clear()
    const texts = this.#bySession.get(key) ?? new Map<string, SqlResult>()
    this.#bySession.set(key, texts)
    if (!texts.has(text)) this.#size++
    texts.set(text, result)
  }
}
