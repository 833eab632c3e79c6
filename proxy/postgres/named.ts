// Prepared statements and portals as the server has them: a name is taken when its message goes upstream, and given
// back when the server passed that message over.
import type { SqlAnalysis, SqlSession } from '../../engine/action/sql/index.ts'
import type { Described, Running } from './owed.ts'
import type { Protected } from './protect.ts'
import { WireError } from './wire/index.ts'

/** A statement made by Parse. */
export interface Prepared {
  readonly analysis: SqlAnalysis
  /** The session, and the catalog snapshot, that its text was read under. */
  readonly session: SqlSession
  readonly catalog: unknown
  readonly shown: Pick<Protected, 'plan' | 'masked' | 'detector' | 'reaches'>
  /** The masks and filters that its text was rewritten under. */
  readonly protection: string
  readonly described: Described
}

/** Prepared statements of one session, and portals. */
export const namedMax = 10_000

/**
 * Names of one kind. What has no name is kept apart: it comes and goes with every statement, and a map that is cleared
 * over and over keeps what it held alive for long.
 */
export class Names<T> {
  readonly #kind: string
  readonly #values = new Map<string, T>()
  #unnamed: T | undefined

  constructor(kind: string) {
    this.#kind = kind
  }

  get(name: string): T | undefined {
    return name === '' ? this.#unnamed : this.#values.get(name)
  }

  #set(name: string, value: T | undefined): void {
    if (name === '') this.#unnamed = value
    else if (value === undefined) this.#values.delete(name)
    else this.#values.set(name, value)
  }

  /** Takes a name; the answer gives back what was there before. Throws WireError when there are too many. */
  put(name: string, value: T): () => void {
    if (name !== '' && this.#values.size >= namedMax && !this.#values.has(name))
      throw new WireError('too_long', `too many ${this.#kind}`)
    const undo = this.#restorer(name)
    this.#set(name, value)
    return undo
  }

  /** Gives a name up; the answer takes it again. */
  drop(name: string): () => void {
    const undo = this.#restorer(name)
    this.#set(name, undefined)
    return undo
  }

  /** Gives all names up. */
  clear(): void {
    this.#unnamed = undefined
    if (this.#values.size > 0) this.#values.clear()
  }

  /** Calls `each` with everything that has, or is without, a name. */
  forEach(each: (value: T) => void): void {
    if (this.#unnamed !== undefined) each(this.#unnamed)
    if (this.#values.size > 0) for (const value of this.#values.values()) each(value)
  }

  #restorer(name: string): () => void {
    const before = this.get(name)
    return () => this.#set(name, before)
  }
}

/** Portals: what runs when they are executed. */
export type Portals = Names<Running>
