// Which objects of an answer an identity may see. A filter's `relation` is a resource as kubectl writes it (`pods`,
// `deployments.apps`), its `where` conditions joined by `and`: `$.metadata.labels.team = 'a'`, `!=`, `in ('a', 'b')`.
import type { KubeJson } from '../../../engine/action/kube/index.ts'
import { type PathStep, parseJsonPath } from './json-path.ts'

/** One condition on an object. */
interface Condition {
  readonly path: readonly PathStep[]
  readonly values: readonly string[]
  /** Whether the value must be one of these, or none of these. */
  readonly among: boolean
}

/** A filter that can be asked. */
export interface ObjectFilter {
  /** Whether every condition is on the object's metadata, which tables carry too. */
  readonly metadataOnly: boolean
  sees(object: KubeJson): boolean
}

/** Parses the conditions of a filter; undefined when they are not written as above. */
export function parseFilter(where: string): ObjectFilter | undefined {
  const reader = new ConditionReader(where)
  const conditions: Condition[] = []
  do {
    const condition = reader.condition()
    if (condition === undefined) return undefined
    conditions.push(condition)
  } while (reader.word('and'))
  if (!reader.atEnd) return undefined
  return {
    metadataOnly: conditions.every(({ path: [first] }) => first?.kind === 'key' && first.key === 'metadata'),
    sees: (object) => conditions.every((condition) => holds(condition, object)),
  }
}

function holds({ path, values, among }: Condition, object: KubeJson): boolean {
  let here: KubeJson = object
  for (const step of path) {
    if (step.kind !== 'key' || typeof here !== 'object' || here === null || !Object.hasOwn(here, step.key)) {
      // What is not there is none of the values.
      return !among
    }
    const next: unknown = Reflect.get(here, step.key)
    here = isJson(next) ? next : null
  }
  const text = typeof here === 'object' ? undefined : String(here)
  return text === undefined ? false : values.includes(text) === among
}

function isJson(value: unknown): value is KubeJson {
  return value !== undefined
}

class ConditionReader {
  readonly #text: string
  #at = 0
  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    this.#space()
    return this.#at >= this.#text.length
  }

  condition(): Condition | undefined {
    this.#space()
    const start = this.#at
    let quote = ''
    while (this.#at < this.#text.length) {
      const mark = this.#text[this.#at] ?? ''
      if (quote !== '') quote = mark === quote ? '' : quote
      else if (mark === '"' || mark === "'") quote = mark
      else if (' =!'.includes(mark)) break
      this.#at++
    }
    const path = parseJsonPath(this.#text.slice(start, this.#at))
    if (path === undefined || path.some((step) => step.kind !== 'key')) return undefined
    if (this.#mark('!=')) return this.#single(path, false)
    if (this.#mark('=')) return this.#single(path, true)
    const among = !this.word('not')
    if (!this.word('in') || !this.#mark('(')) return undefined
    const values: string[] = []
    do {
      const value = this.#string()
      if (value === undefined) return undefined
      values.push(value)
    } while (this.#mark(','))
    return this.#mark(')') ? { path, values, among } : undefined
  }

  word(word: string): boolean {
    this.#space()
    const after = this.#text[this.#at + word.length] ?? ' '
    if (this.#text.slice(this.#at, this.#at + word.length).toLowerCase() !== word || !' ($'.includes(after))
      return false
    this.#at += word.length
    return true
  }

  #single(path: readonly PathStep[], among: boolean): Condition | undefined {
    const value = this.#string()
    return value === undefined ? undefined : { path, values: [value], among }
  }

  #string(): string | undefined {
    this.#space()
    if (this.#text[this.#at] !== "'") return undefined
    let value = ''
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      if (this.#text[at] !== "'") value += this.#text[at]
      else if (this.#text[at + 1] === "'") {
        value += "'"
        at++
      } else {
        this.#at = at + 1
        return value
      }
    }
    return undefined
  }

  #mark(mark: string): boolean {
    this.#space()
    if (!this.#text.startsWith(mark, this.#at)) return false
    this.#at += mark.length
    return true
  }

  #space(): void {
    while (this.#text[this.#at] === ' ') this.#at++
  }
}
