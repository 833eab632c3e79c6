// Texts that differ only in whole numbers, as programs write them that put values into their texts. The grammar makes
// one tree of them all, and where nothing looked at a number, the facts are the same: they are found by the text without
// those numbers. Which numbers these are is not guessed: in the first text's own tree each must stand as a constant at
// its place, and the analysis must not have asked for its value.
import type { SqlAnalysis, TextRange } from './contract.ts'
import type { SqlStatement } from './facts.ts'
import { cacheEntriesMax } from './limits.ts'
import { as, child, isTree, number } from './parser/tree.ts'

/** Longer texts are not looked at. */
const textMax = 2_048
/** Numbers of one text. */
const numbersMax = 64
/** More digits could be another type than `integer`. */
const digitsMax = 9
/** Stands for each digit of a number that is left out; it is in no text that is looked at. */
const blank = '\u0001'
/** So many of them, by their number. */
const blanks: readonly string[] = Array.from({ length: digitsMax + 1 }, (_, digits) => blank.repeat(digits))

/** Templates that are held against a text as it is, before anything is made of it: mostly the same few come. */
const recentMax = 4

interface Template {
  /** What else than the text it depends on. */
  readonly key: string
  /** The text it was learned from, and where other texts may have other numbers. */
  readonly text: string
  readonly numbers: readonly TextRange[]
  /** What stands before each of these numbers, and behind the last. */
  readonly between: readonly string[]
  readonly analysis: SqlAnalysis
  /** The same, with what other texts may have other values in. */
  readonly like: SqlAnalysis
  /** Where its one statement begins. */
  readonly start: number
}

/** Analyses by texts without their numbers. */
export class WholeNumbers {
  /** By the text without any number: which of them nothing looks at. */
  readonly #free = new Map<string, readonly boolean[]>()
  readonly #templates = new Map<string, Template>()
  /** Those that texts were last found by, the latest first. */
  readonly #recent: Template[] = []

  clear(): void {
    this.#free.clear()
    this.#templates.clear()
    this.#recent.length = 0
  }

  /** As `find`, by the templates that other texts were found by a moment ago. */
  findRecent(key: string, text: string): SqlAnalysis | undefined {
    for (const template of this.#recent)
      if (template.key === key && isOf(template, text)) return analysisOf(template, text)
    return undefined
  }

  /** The analysis of a text that differs from a known one only in numbers; `key` is what else it depends on. */
  find(key: string, text: string): SqlAnalysis | undefined {
    if (this.#templates.size === 0) return undefined
    const places = placesOf(text)
    if (places === undefined) return undefined
    const shape = key + without(text, places)
    const free = this.#free.get(shape)
    if (free === undefined) return undefined
    const template = this.#templates.get(free.includes(false) ? key + without(text, places, free) : shape)
    if (template === undefined) return undefined
    if (this.#recent.length === recentMax) this.#recent.pop()
    this.#recent.unshift(template)
    return analysisOf(template, text)
  }

  /** Learns from an analysis that depends on nothing but its key and text. `asked` are the places of constants that it looked at. */
  learn(key: string, text: string, tree: unknown, analysis: SqlAnalysis, asked: ReadonlySet<number>): void {
    const [statement, ...others] = analysis.statements
    if (statement === undefined || others.length > 0 || analysis.forward !== text) return
    const places = placesOf(text)
    if (places === undefined) return
    const constants = new Map<number, number>()
    collect(tree, constants)
    const shape = key + without(text, places)
    const before = this.#free.get(shape)
    const free = places.map((place, index) => before?.[index] !== false && isFree(text, place, constants, asked))
    if (!free.includes(true)) return
    if (this.#free.size >= cacheEntriesMax || this.#templates.size >= cacheEntriesMax) this.clear()
    this.#free.set(shape, free)
    const numbers = places.filter((_, index) => free[index] === true)
    const like = { ...analysis, numbers }
    const between = [...numbers, { start: text.length }].map(({ start }, index) =>
      text.slice(numbers[index - 1]?.end ?? 0, start),
    )
    const template = { key, text, numbers, between, analysis, like, start: text.indexOf(statement.text) }
    this.#templates.set(key + without(text, places, free), template)
    // What a number means may be known better now.
    this.#recent.length = 0
  }
}

/** Whether a text has nothing but other numbers of the same length where they may be others. */
function isOf({ text: before, numbers, between }: Template, text: string): boolean {
  if (text.length !== before.length) return false
  let kept = 0
  let index = 0
  for (const { start, end } of numbers) {
    if (!text.startsWith(between[index++] ?? '', kept) || text.charCodeAt(start) === 48) return false
    for (let at = start; at < end; at++) if (!isDigit(text.charCodeAt(at))) return false
    kept = end
  }
  return text.startsWith(between[index] ?? '', kept)
}

function analysisOf({ analysis, like, start }: Template, text: string): SqlAnalysis | undefined {
  const [statement] = analysis.statements
  if (statement === undefined) return undefined
  const own = text.slice(start, start + statement.text.length)
  return withText(analysis, text, textOf(statement, own), like)
}

/** Whether the number is a constant of the tree at its place, as it is or with the minus before it, that nobody asked for. */
function isFree(
  text: string,
  { start, end }: TextRange,
  constants: ReadonlyMap<number, number>,
  asked: ReadonlySet<number>,
): boolean {
  const value = Number(text.slice(start, end))
  if (constants.get(start) === value) return !asked.has(start)
  // The grammar folds a minus into the number, and gives it the minus's place.
  let minus = start - 1
  while (isSpace(text.charCodeAt(minus))) minus--
  return text.charCodeAt(minus) === 45 && constants.get(minus) === -value && !asked.has(minus)
}

/** The constants of a tree that are whole numbers, by their place. */
function collect(node: unknown, into: Map<number, number>): void {
  if (Array.isArray(node)) {
    for (const item of node) collect(item, into)
    return
  }
  if (!isTree(node)) return
  const constant = as(node, 'A_Const')
  const integer = constant === undefined ? undefined : child(constant, 'ival')
  if (constant !== undefined && integer !== undefined) {
    into.set(number(constant, 'location'), number(integer, 'ival'))
    return
  }
  for (const field in node) collect(node[field], into)
}

/** The text with the digits of its numbers left out, or of those that are `free`. */
function without(text: string, places: readonly TextRange[], free?: readonly boolean[]): string {
  let out = ''
  let kept = 0
  for (let index = 0; index < places.length; index++) {
    const place = places[index]
    if (place === undefined || (free !== undefined && free[index] !== true)) continue
    const { start, end } = place
    out += text.slice(kept, start) + (blanks[end - start] ?? '')
    kept = end
  }
  return out + text.slice(kept)
}

/**
 * The whole numbers of a text; undefined where there are none, or where the text has anything in which digits could be
 * something else: quotes, comments, dollars, backslashes, and what is not ASCII.
 */
function placesOf(text: string): readonly TextRange[] | undefined {
  const { length } = text
  if (length > textMax) return undefined
  const places: TextRange[] = []
  for (let at = 0; at < length; ) {
    const code = text.charCodeAt(at)
    if (isDigit(code)) {
      const start = at
      while (at < length && isDigit(text.charCodeAt(at))) at++
      const isPlain = code !== 48 && at - start <= digitsMax && !joins(text.charCodeAt(at))
      if (isPlain) places.push({ start, end: at })
      // The rest of what is another kind of number, or a word.
      else while (at < length && joins(text.charCodeAt(at))) at++
    } else if (isWord(code)) {
      while (at < length && joins(text.charCodeAt(at))) at++
    } else {
      if (code === 46) {
        // A fraction without a whole part.
        at++
        while (at < length && joins(text.charCodeAt(at))) at++
        continue
      }
      if (!isPlainMark(code) || (code === 45 && text.charCodeAt(at + 1) === 45)) return undefined
      if (code === 47 && text.charCodeAt(at + 1) === 42) return undefined
      at++
    }
  }
  return places.length === 0 || places.length > numbersMax ? undefined : places
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
}

/** What makes one token, or an error, of a number and what stands after it. */
function joins(code: number): boolean {
  return isWord(code) || isDigit(code) || code === 46
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13)
}

/** ASCII that can neither hide digits nor open what could. */
function isPlainMark(code: number): boolean {
  return isSpace(code) || (code > 32 && code < 127 && code !== 34 && code !== 36 && code !== 39 && code !== 92)
}

// Field by field, which is several times faster than a spread and leaves less behind.

function withText(analysis: SqlAnalysis, forward: string, statement: SqlStatement, like: SqlAnalysis): SqlAnalysis {
  const { kind, verb, operation, complete, after, sites, computed, deleted, changesBeside } = analysis
  return {
    kind,
    forward,
    verb,
    operation,
    complete,
    statements: [statement],
    after,
    sites,
    computed,
    deleted,
    changesBeside,
    like,
  }
}

function textOf(statement: SqlStatement, text: string): SqlStatement {
  const { kind, verb, relations, functions, outputs, predicates, assignments, objects, options } = statement
  const { where, limit, returning, dynamic, settings, complete, reasons } = statement
  const made = {
    kind,
    verb,
    text,
    relations,
    functions,
    outputs,
    predicates,
    assignments,
    objects,
    options,
    where,
    limit,
    returning,
    dynamic,
    settings,
    complete,
    reasons,
  }
  return statement.unresolved === undefined ? made : { ...made, unresolved: statement.unresolved }
}
