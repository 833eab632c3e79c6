// Prepared statements and portals as the server has them: a name is taken when its message goes upstream, and given
// back when the server passed that message over.
import type { SqlAnalysis, SqlSession } from '../../engine/action/sql/index.ts'
import type { Described, Running } from './owed.ts'
import type { Protected } from './protect.ts'
import { WireError } from './wire/index.ts'

/** A statement made by Parse. */
export interface Prepared {
  readonly analysis: SqlAnalysis
  /** The types of its parameters that the client gave. */
  readonly types: readonly number[]
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
 * What a message makes of a name: the value that it gives it, or none. What was there before is known until the server has
 * answered: the message may be passed over, and others that give the same name may be under way behind it.
 */
export class Change<T> {
  readonly value: T | undefined
  before: Change<T> | undefined
  isKept = false
  isUndone = false
  readonly #name: string
  readonly #names: Names<T>

  constructor(names: Names<T>, name: string, value: T | undefined, before: Change<T> | undefined) {
    this.#names = names
    this.#name = name
    this.value = value
    this.before = before
  }

  /** The server did it. */
  keep(): void {
    this.isKept = true
    const { before } = this
    this.before = undefined
    this.#names.kept(this.#name, this, valueUnder(before))
  }

  /** The server passed over it. */
  undo(): void {
    this.isUndone = true
    this.#names.undone(this.#name, this)
  }
}

/**
 * Names of one kind. What has no name is kept apart: it comes and goes with every statement, and a map that is cleared
 * over and over keeps what it held alive for long.
 */
export class Names<T> {
  readonly #kind: string
  readonly #gone: (value: T) => void
  readonly #named = new Map<string, Change<T>>()
  #unnamed: Change<T> | undefined

  /** `gone` is called with what the server has no more, or never had. */
  constructor(kind: string, gone: (value: T) => void) {
    this.#kind = kind
    this.#gone = gone
  }

  get(name: string): T | undefined {
    return valueUnder(this.#last(name))
  }

  /** Gives a name to a value. Throws WireError when there are too many. */
  put(name: string, value: T): Change<T> {
    if (name !== '' && this.#named.size >= namedMax && !this.#named.has(name))
      throw new WireError('too_long', `too many ${this.#kind}`)
    return this.#change(name, value)
  }

  /** Gives a name up. */
  drop(name: string): Change<T> {
    return this.#change(name, undefined)
  }

  /** Calls `see` with everything that the server has. */
  each(see: (value: T) => void): void {
    if (this.#unnamed?.isKept === true && this.#unnamed.value !== undefined) see(this.#unnamed.value)
    if (this.#named.size === 0) return
    for (const { isKept, value } of this.#named.values()) if (isKept && value !== undefined) see(value)
  }

  /** Gives up all that the server has; what is under way stays. */
  clear(): void {
    this.#unnamed = this.#withoutKept(this.#unnamed)
    if (this.#named.size === 0) return
    for (const [name, last] of this.#named) this.#set(name, this.#withoutKept(last))
  }

  /** Gives up everything, what is under way too. */
  end(): void {
    for (const last of [this.#unnamed, ...this.#named.values()])
      for (let change = last; change !== undefined; change = change.before) this.#lose(change)
    this.#unnamed = undefined
    this.#named.clear()
  }

  /** A change was made at the server; what it replaced is there no more. */
  kept(name: string, change: Change<T>, replaced: T | undefined): void {
    if (replaced !== undefined) this.#gone(replaced)
    if (change.value === undefined && this.#last(name) === change) this.#set(name, undefined)
  }

  /** A change was not made. */
  undone(name: string, change: Change<T>): void {
    if (change.value !== undefined) this.#gone(change.value)
    let last = this.#last(name)
    while (last?.isUndone === true) last = last.before
    this.#set(name, last)
  }

  #change(name: string, value: T | undefined): Change<T> {
    const change = new Change(this, name, value, this.#last(name))
    this.#set(name, change)
    return change
  }

  #last(name: string): Change<T> | undefined {
    return name === '' ? this.#unnamed : this.#named.get(name)
  }

  #set(name: string, last: Change<T> | undefined): void {
    if (name === '') this.#unnamed = last
    else if (last === undefined) this.#named.delete(name)
    else this.#named.set(name, last)
  }

  #withoutKept(last: Change<T> | undefined): Change<T> | undefined {
    if (last === undefined) return undefined
    if (last.isKept) {
      this.#lose(last)
      return undefined
    }
    for (let change = last; change.before !== undefined; change = change.before)
      if (change.before.isKept) {
        this.#lose(change.before)
        change.before = undefined
        break
      }
    return last
  }

  #lose({ value, isUndone }: Change<T>): void {
    if (value !== undefined && !isUndone) this.#gone(value)
  }
}

function valueUnder<T>(last: Change<T> | undefined): T | undefined {
  let change = last
  while (change?.isUndone === true) change = change.before
  return change?.value
}

/** Portals: what runs when they are executed. */
export type Portals = Names<Running>
