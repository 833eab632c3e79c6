// What the server still has to answer, in order. Every message that goes upstream leaves one entry here, so that each
// answer is known for what it answers, and what an error passed over can be taken back.
import type { SqlAnalysis, SqlSession } from '../../engine/action/sql/index.ts'
import type { Submission, Terms } from '../gate/contract.ts'
import type { ResultDetector } from './detect.ts'
import type { MaskPlan } from './masks.ts'

/** The types of a statement's result, once its description has been seen. */
export interface Described {
  types: readonly number[] | undefined
}

/** What a result is shown under. */
export interface Shown {
  readonly terms: Terms
  readonly plan: MaskPlan
  /** For each statement of the text, the masked columns behind its output columns. */
  readonly masked: readonly (readonly string[])[]
  readonly detector: ResultDetector | undefined
  readonly described: Described
}

/** A text that runs, with the session that it was read under. */
export interface Running extends Shown {
  readonly analysis: SqlAnalysis
  readonly session: SqlSession
  readonly submission: Submission
  /** Statements of the text that have completed. */
  completed: number
}

/** What a message made of a name: the server does it, or passes over it. */
interface NameChange {
  keep(): void
  undo(): void
}

/** One thing that the server owes. */
export type Owed =
  | { readonly what: 'parse'; readonly change: NameChange }
  | { readonly what: 'bind'; readonly change: NameChange }
  | { readonly what: 'close'; readonly change: NameChange }
  | { readonly what: 'describe'; readonly described: Described | undefined; readonly plan: MaskPlan | undefined }
  | { readonly what: 'execute'; readonly running: Running }
  | { readonly what: 'sync' }
  | { readonly what: 'query'; readonly running: Running }
  /** The answer to a question of the gateway's own. */
  | { readonly what: 'probe' }
  /** The catalog as the session's own connection sees it. */
  | { readonly what: 'catalog' }
  /** An error, so that the server fails what we failed. */
  | { readonly what: 'spoil' }
  /** Answers to statements of the gateway's own, by the type of the message that ends them. */
  | { readonly what: 'guard'; readonly endedBy: number }

/** The queue of what is owed. */
export class Ledger {
  #entries: Owed[] = []
  #head = 0

  get first(): Owed | undefined {
    return this.#entries[this.#head]
  }

  get last(): Owed | undefined {
    return this.#entries[this.#entries.length - 1]
  }

  get empty(): boolean {
    return this.#head === this.#entries.length
  }

  push(entry: Owed): void {
    this.#entries.push(entry)
  }

  shift(): void {
    this.#head++
    if (this.#head < this.#entries.length) {
      if (this.#head < compactedFrom) return
      this.#entries = this.#entries.slice(this.#head)
    } else this.#entries = []
    this.#head = 0
  }

  /** A copy begins: the server passes over the Syncs that were sent before its data. */
  forgetSyncs(): void {
    while (this.#entries[this.#head + 1]?.what === 'sync') this.#entries.splice(this.#head + 1, 1)
  }

  /** Whether anything that is owed is so. */
  some(matches: (entry: Owed) => boolean): boolean {
    for (let at = this.#head; at < this.#entries.length; at++) {
      const entry = this.#entries[at]
      if (entry !== undefined && matches(entry)) return true
    }
    return false
  }

  /**
   * After an error the server passes over everything up to the next Sync: takes that away, undoes what it would have
   * done, and says whether a Sync or the end of a query is there.
   */
  passOver(): boolean {
    // Mostly nothing is passed over.
    const what = this.first?.what
    if (what === 'sync' || what === 'query') return true
    const rest = this.#entries.slice(this.#head)
    const end = rest.findIndex(({ what }) => what === 'sync' || what === 'query')
    const passed = end < 0 ? rest : rest.slice(0, end)
    for (const entry of passed) if ('change' in entry) entry.change.undo()
    this.#entries = end < 0 ? [] : rest.slice(end)
    this.#head = 0
    return end >= 0
  }
}

/** Answered entries that may stay in memory before the others move up. */
const compactedFrom = 64
