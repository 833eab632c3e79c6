// One object of an answer, as text in and text out: masked, left as it was, or taken away. What needs no change goes on
// byte for byte.
import { JsonError, parseJson } from '../../../engine/action/kube/index.ts'
import { objectDepthMax } from '../limits.ts'
import { sealContinue } from './continue-token.ts'
import { hideFailure } from './failures.ts'
import { hideManagedKeys } from './managed-keys.ts'
import type { AnswerTerms } from './terms.ts'
import { type Changeable, field, isObject, type MaskCounts, maskPaths, TextMasks } from './value-mask.ts'

/** An answer that cannot be masked; nothing of it goes on. */
export class AnswerError extends Error {}

/** What a text of JSON is in its answer. */
export type Part = 'object' | 'row' | 'event' | 'whole'

/** The annotation in which kubectl keeps a copy of the object. */
export const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration'

/** What an event becomes: of another type, or with columns of its table. */
export interface Recast {
  readonly type: string | undefined
  readonly columns: Changeable
}

const asItIs: Recast = { type: undefined, columns: null }

/** Works on the objects of one answer. */
export class ObjectMasker {
  /** Values hidden since they were last taken. */
  readonly counts: MaskCounts = new Map()
  /** Objects that went on since they were last taken. */
  objects = 0
  readonly #terms: AnswerTerms
  readonly #texts: TextMasks
  readonly #hashKey: Uint8Array

  constructor(terms: AnswerTerms, hashKey: Uint8Array) {
    this.#terms = terms
    this.#texts = new TextMasks(terms.detect, hashKey)
    this.#hashKey = hashKey
  }

  /**
   * The text that goes on; undefined when the identity may not see it. `recast` is what an event becomes beside that.
   * Throws AnswerError.
   */
  apply(part: Part, text: string, recast: Recast = asItIs): string | undefined {
    const { paths, detect, filters } = this.#terms
    if (paths.length === 0 && detect.length === 0 && filters.length === 0 && part !== 'whole' && part !== 'event') {
      this.objects++
      return text
    }
    if (paths.length === 0 && filters.length === 0 && part !== 'whole' && this.#nothingIn(text)) {
      this.objects++
      return text
    }
    const value = parseAnswer(text)
    const before = { counts: [...this.counts], objects: this.objects }
    const outcome = this.#part(part, value, recast)
    if (outcome === 'gone') return undefined
    if (outcome === 'same') return text
    if (!holdsOddNumbers(text)) return JSON.stringify(value)
    // Done again with numbers that JavaScript cannot hold kept apart; nothing is counted twice.
    this.counts.clear()
    for (const [rule, count] of before.counts) this.counts.set(rule, count)
    this.objects = before.objects
    const guarded = guardNumbers(text)
    const again = parseAnswer(guarded.text)
    this.#part(part, again, recast)
    return guarded.restore(JSON.stringify(again))
  }

  /** A look at the text as it stands, which is quick; only where it finds something is the object taken apart. */
  #nothingIn(text: string): boolean {
    return !otherEscapes.test(text) && !this.#texts.finds(text)
  }

  #part(part: Part, value: Changeable, recast: Recast): Outcome {
    switch (part) {
      case 'object':
        return this.#object(value)
      case 'row':
        return this.#row(value)
      case 'event':
        return this.#event(value, recast)
      case 'whole':
        return this.#whole(value)
    }
  }

  #object(value: Changeable): Outcome {
    if (!this.#terms.filters.every((filter) => filter.sees(value))) return 'gone'
    this.objects++
    const { paths, encoded } = this.#terms
    const before = total(this.counts)
    this.#annotation(value)
    hideManagedKeys(value, paths, this.counts)
    maskPaths(value, paths, encoded, this.#hashKey, this.counts)
    this.#texts.apply(value, this.counts)
    return total(this.counts) === before ? 'same' : 'changed'
  }

  /** The copy of the object that kubectl keeps in an annotation holds the same values again. */
  #annotation(value: Changeable): void {
    const annotations = field(field(value, 'metadata'), 'annotations')
    const copy = field(annotations, lastApplied)
    if (
      typeof copy !== 'string' ||
      annotations === null ||
      typeof annotations !== 'object' ||
      Array.isArray(annotations)
    )
      return
    const before = total(this.counts)
    let inner: Changeable
    try {
      inner = parseAnswer(copy)
    } catch {
      annotations[lastApplied] = '[redacted]'
      this.counts.set(lastApplied, (this.counts.get(lastApplied) ?? 0) + 1)
      return
    }
    maskPaths(inner, this.#terms.paths, this.#terms.encoded, this.#hashKey, this.counts)
    this.#texts.apply(inner, this.counts)
    if (total(this.counts) !== before) annotations[lastApplied] = `${JSON.stringify(inner)}\n`
  }

  /** A table's row: its object is masked, its cells are looked at but for the name. */
  #row(value: Changeable): Outcome {
    if (!this.#terms.tables) throw new AnswerError('a table cannot be masked here')
    const object = field(value, 'object')
    if (object === null && this.#terms.filters.length > 0) return 'gone'
    const inner = object === null ? 'same' : this.#object(object)
    if (inner === 'gone') return 'gone'
    if (object === null) this.objects++
    const cells = field(value, 'cells')
    const before = total(this.counts)
    if (Array.isArray(cells)) {
      const shown = cells.slice(1)
      if (this.#texts.apply(shown, this.counts)) cells.splice(1, shown.length, ...shown)
    }
    return inner === 'changed' || total(this.counts) !== before ? 'changed' : 'same'
  }

  #event(value: Changeable, { type: as, columns }: Recast): Outcome {
    const type = field(value, 'type')
    const object = field(value, 'object')
    if (type === 'BOOKMARK') return 'same'
    if (type === 'ERROR') return this.#texts.apply(object, this.counts) ? 'changed' : 'same'
    const outcome = this.#whole(object)
    if (outcome === 'gone' || (as === undefined && columns === null)) return outcome
    if (as !== undefined && isObject(value)) value['type'] = as
    if (columns !== null && isObject(object)) object['columnDefinitions'] = columns
    return 'changed'
  }

  /** An object, a table or a list that came in one piece. */
  #whole(value: Changeable): Outcome {
    const kind = field(value, 'kind')
    if (isStatus(value)) {
      const before = total(this.counts)
      if (this.#terms.hidesFailures) hideFailure(value, this.counts)
      this.#texts.apply(value, this.counts)
      return total(this.counts) === before ? 'same' : 'changed'
    }
    const isTable = isApiTable(value) && Array.isArray(field(value, 'rows'))
    const name = isTable ? 'rows' : 'items'
    const members = field(value, name)
    if (!isTable && !(typeof kind === 'string' && kind.endsWith('List') && Array.isArray(members)))
      return this.#object(value)
    if (!Array.isArray(members) || typeof value !== 'object' || value === null || Array.isArray(value)) return 'same'
    const outcomes = members.map((one) => (isTable ? this.#row(one) : this.#object(one)))
    const gone = outcomes.includes('gone')
    value[name] = members.filter((_, at) => outcomes[at] !== 'gone')
    // A table of one row that may not be seen is no answer at all.
    if (gone && isTable && members.length === 1) return 'gone'
    const isFiltered = this.#terms.filters.length > 0
    if (isFiltered) hideRest(field(value, 'metadata'), this.#terms.place, this.#hashKey)
    return isFiltered || gone || outcomes.includes('changed') ? 'changed' : 'same'
  }
}

type Outcome = 'same' | 'changed' | 'gone'

/** Whether the API server itself speaks: resources of others may be of a kind of the same name. */
export function isStatus(value: Changeable): boolean {
  return field(value, 'kind') === 'Status' && ['v1', null].includes(text(field(value, 'apiVersion')))
}

/** Whether it is a table of the API server. */
export function isApiTable(value: Changeable): boolean {
  const version = text(field(value, 'apiVersion'))
  return field(value, 'kind') === 'Table' && (version === null || version.startsWith('meta.k8s.io/'))
}

function text(value: Changeable): string | null {
  return typeof value === 'string' ? value : null
}

/**
 * Makes what a filtered list says of itself tell nothing of objects that may not be seen: no count of what is left, and
 * where it goes on without a name in it.
 */
export function hideRest(metadata: Changeable, place: string, hashKey: Uint8Array): void {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return
  delete metadata['remainingItemCount']
  const next = metadata['continue']
  if (typeof next === 'string' && next !== '') metadata['continue'] = sealContinue(next, place, hashKey)
}

function total(counts: MaskCounts): number {
  let sum = 0
  for (const count of counts.values()) sum += count
  return sum
}

/** The value of a text of JSON. Throws AnswerError. */
export function parseAnswer(text: string): Changeable {
  try {
    const value: Changeable = JSON.parse(text)
    return value
  } catch (error) {
    throw new AnswerError('the answer is not JSON', { cause: error })
  }
}

/** Escapes behind which a value could look like something else; that of a quotation mark parts no value. */
const otherEscapes = /\\[^"]/

const unsafeDigits = /[0-9]{16}|[0-9]\.[0-9]|[0-9][eE]|-0/

/** Whether a number of the text would be printed in another way than it stands there. */
function holdsOddNumbers(text: string): boolean {
  if (!unsafeDigits.test(text)) return false
  let odd = false
  eachNumber(text, (from, to) => {
    const number = text.slice(from, to)
    odd ||= String(Number(number)) !== number
  })
  return odd
}

/** Calls `take` with the place of every number that is no part of a text. */
function eachNumber(text: string, take: (from: number, to: number) => void): void {
  let at = 0
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x22) at = stringEnd(text, at)
    else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      let end = at + 1
      while (end < text.length && '+-.eE0123456789'.includes(text[end] ?? ' ')) end++
      take(at, end)
      at = end
    } else at++
  }
}

/**
 * Numbers of many digits travel as texts under a mark that the answer itself does not hold, and become numbers again.
 */
function guardNumbers(text: string): { readonly text: string; readonly restore: (text: string) => string } {
  // A repeated key or a nesting without end has no place in an answer that is read this closely.
  try {
    parseJson(text, objectDepthMax)
  } catch (error) {
    if (error instanceof JsonError) throw new AnswerError(error.message, { cause: error })
    throw error
  }
  let mark = '#'
  while (text.includes(`"${mark}`)) mark += '#'
  const pieces: string[] = []
  let from = 0
  eachNumber(text, (start, end) => {
    const number = text.slice(start, end)
    if (String(Number(number)) === number) return
    pieces.push(text.slice(from, start), `"${mark}${number}"`)
    from = end
  })
  pieces.push(text.slice(from))
  return { text: pieces.join(''), restore: (printed) => unguard(printed, `"${mark}`) }
}

function unguard(text: string, open: string): string {
  const [first = '', ...rest] = text.split(open)
  return first + rest.map((one) => one.replace('"', '')).join('')
}

function stringEnd(text: string, from: number): number {
  let at = from + 1
  for (;;) {
    const code = text.charCodeAt(at)
    if (code === 0x22 || Number.isNaN(code)) return at + 1
    at += code === 0x5c ? 2 : 1
  }
}
