// What is known of the names in one scope while they are resolved.
import type { Location } from '../syntax/index.ts'

/** Variables declared in one scope, and names that were used in it before. Most scopes have few of either. */
export class Scope {
  isComprehension = false
  #declared: Map<string, string> | undefined
  #seen: Set<string> | undefined
  #how: Map<string, Declared> | undefined
  #used: Set<string> | undefined

  /** What a variable that is declared here is called from now on. */
  renamed(name: string): string | undefined {
    return this.#declared?.get(name)
  }

  rename(name: string, renamed: string): void {
    this.#declared ??= new Map()
    this.#declared.set(name, renamed)
  }

  hasSeen(name: string): boolean {
    return this.#seen?.has(name) === true
  }

  see(name: string): void {
    this.#seen ??= new Set()
    this.#seen.add(name)
  }

  how(name: string): How | undefined {
    return this.#how?.get(name)?.how
  }

  declare(name: string, declared: Declared): void {
    this.#how ??= new Map()
    this.#how.set(name, declared)
  }

  use(name: string): void {
    this.#used ??= new Set()
    this.#used.add(name)
  }

  /** The variables that something must read and nothing reads. */
  unused(): readonly (readonly [name: string, declared: Declared])[] {
    if (this.#how === undefined) return []
    return [...this.#how].filter(([name, { how }]) => how === 'declared' && this.#used?.has(name) !== true)
  }
}

/** How a name was declared, and where a variable that nothing uses is told. */
interface Declared {
  readonly how: How
  readonly at: Location
}

/** How a variable is declared. */
export type How = 'declared' | 'assigned' | 'some'
