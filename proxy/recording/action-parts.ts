// What actions of one session have in common is said once a segment, and referred to by its number afterwards: the
// analyzed statement, its text, the terms of the decision, the session's settings. The rest of an action is numbers.
import type { ActionDocument, SqlFacts, SqlStatement } from '../../engine/action/index.ts'
import type { Decision } from '../../engine/decision/index.ts'
import { unreachable } from '../../rego/unreachable.ts'
import { actionText, isWithin, type StoredAction, sharedText, type Within, withinText } from './action-text.ts'

/** Parts of each sort that are kept to be referred to; beyond that they are forgotten and said again. */
const keptMax = 128
/** Characters of a part that is kept, and of all that are compared as texts. */
const keptTextMax = 16 * 1024
const keptTextsMax = 64 * 1024

/** How a part stands in an entry: by the number it was said under, said under the next number, or said for once. */
export const modes = { number: 0, kept: 1, once: 2 } as const

/** A part of an action. */
export interface Part {
  readonly mode: (typeof modes)[keyof typeof modes]
  readonly number: number
  readonly text: string
}

/** An action taken apart. */
export interface PartedAction {
  /** True where everything that was said before is forgotten. */
  readonly restart: boolean
  readonly action: Part
  /** Undefined where the action part has it. */
  readonly text: Part | undefined
  readonly decision: Part
  readonly settings: Part
  readonly parameters: string | undefined
  readonly timeMs: number
}

interface KnownAction {
  readonly action: StoredAction
  readonly sql: SqlFacts
  readonly place: Within
  readonly part: Part
  /** The text it had last. */
  text: string
  /** How that text is referred to, once it came twice. */
  textPart: Part | undefined
}

interface Known<T> {
  readonly value: T
  readonly part: Part
}

type Settings = Pick<ActionDocument, 'session' | 'context'>

/** What was said in a session so far, for whoever writes. */
export class SaidParts {
  readonly #actions = new Map<object, KnownAction>()
  readonly #decisions = new Map<object, Known<Decision>>()
  readonly #texts = new Map<string, Part>()
  #settings: Known<Settings> | undefined
  #textsLength = 0
  #next = 0
  #restarted = true

  /** Forgets everything: a reader may not find what was said. */
  restart(): void {
    this.#actions.clear()
    this.#decisions.clear()
    this.#texts.clear()
    this.#textsLength = 0
    this.#settings = undefined
    this.#next = 0
    this.#restarted = true
  }

  /** Takes an action apart; undefined where its time has a form that a number cannot say. */
  parted(document: ActionDocument, decision: Decision): PartedAction | undefined {
    const timeMs = millisOf(document.context.time)
    if (Number.isNaN(timeMs)) return undefined
    const restart = this.#restarted
    this.#restarted = false
    const { sql } = document.action
    const known = sql === undefined ? undefined : this.#known(document.action, sql)
    const { parameters } = sql ?? {}
    return {
      restart,
      action: known?.part ?? this.#said(actionText(document.action)),
      text: known === undefined ? undefined : this.#textOf(known, document.action.text),
      decision: this.#decision(decision),
      settings: this.#settingsOf(document),
      parameters: known === undefined || parameters?.length === 0 ? undefined : JSON.stringify(parameters),
      timeMs,
    }
  }

  /** An SQL action of one statement that differs from an earlier one in nothing but texts and parameters. */
  #known(action: StoredAction, sql: SqlFacts): KnownAction | undefined {
    const { statements } = sql
    const [statement] = statements
    if (statement === undefined || statements.length > 1) return undefined
    // Analyses of texts that differ in constants only share everything below a statement.
    const before = this.#actions.get(statement.outputs)
    if (before !== undefined && isSameAction(before, action, sql)) return before
    const place = withinText(action.text, sql)
    if (place === undefined) return undefined
    const part = this.#said(sharedText(action, sql, place))
    const known = { action, sql, place, part, text: '', textPart: undefined }
    if (part.mode !== modes.once) {
      makeRoom(this.#actions)
      this.#actions.set(statement.outputs, { ...known, part: asNumber(part), text: action.text })
    }
    return known
  }

  /** A text that comes again is kept; one that is new may never come again. */
  #textOf(known: KnownAction, text: string): Part {
    if (text !== known.text) {
      known.text = text
      known.textPart = undefined
      return { mode: modes.once, number: 0, text }
    }
    if (known.textPart !== undefined) return known.textPart
    const part = this.#said(text)
    if (part.mode !== modes.once) known.textPart = asNumber(part)
    return part
  }

  #decision(decision: Decision): Part {
    const known = this.#decisions.get(decision.rules)
    if (known !== undefined && isSameDecision(known.value, decision)) return known.part
    const { id: _id, cost: _cost, ...terms } = decision
    const part = this.#said(JSON.stringify(terms))
    if (part.mode !== modes.once) {
      makeRoom(this.#decisions)
      this.#decisions.set(decision.rules, { value: decision, part: asNumber(part) })
    }
    return part
  }

  #settingsOf(document: Settings): Part {
    const { session, context } = document
    const known = this.#settings
    if (known !== undefined && isSameSettings(known.value, document)) return known.part
    const { time: _time, ...others } = context
    const part = this.#said(JSON.stringify({ state: session.state, context: others }))
    if (part.mode !== modes.once) this.#settings = { value: { session, context }, part: asNumber(part) }
    return part
  }

  #said(text: string): Part {
    if (text.length > keptTextMax) return { mode: modes.once, number: 0, text }
    const known = this.#texts.get(text)
    if (known !== undefined) return known
    this.#textsLength += text.length
    if (this.#textsLength > keptTextsMax) {
      this.#texts.clear()
      this.#textsLength = text.length
    }
    const part: Part = { mode: modes.kept, number: this.#next++, text }
    this.#texts.set(text, asNumber(part))
    return part
  }
}

/** The time that was read last: actions of all sessions that come in one millisecond have the same one. */
let timeRead = { text: '', ms: Number.NaN }

/** Milliseconds of a time that they can say; NaN for any other. */
function millisOf(text: string): number {
  if (text !== timeRead.text) timeRead = { text, ms: usualMillis(text) ?? anyMillis(text) }
  return timeRead.ms
}

const zero = 0x30
const usualChars = '2000-01-01T00:00:00.000Z'.length
/** Days that every month has. */
const daysMin = 28

/** Of a time as `toISOString` writes nearly all: what its digits say, without a date being made. Undefined for others. */
function usualMillis(text: string): number | undefined {
  const isUsual =
    text.length === usualChars &&
    text[4] === '-' &&
    text[7] === '-' &&
    text[10] === 'T' &&
    text[13] === ':' &&
    text[16] === ':' &&
    text[19] === '.' &&
    text[23] === 'Z'
  if (!isUsual) return undefined
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 2), digits(text, 8, 2)]
  const [hour, minute, second] = [digits(text, 11, 2), digits(text, 14, 2), digits(text, 17, 2)]
  const ms = digits(text, 20, 3)
  // NaN is within no bounds.
  const isTime = year >= 1000 && month >= 1 && month <= 12 && day >= 1 && day <= daysMin
  return isTime && hour < 24 && minute < 60 && second < 60 && ms < 1000
    ? Date.UTC(year, month - 1, day, hour, minute, second, ms)
    : undefined
}

function digits(text: string, at: number, count: number): number {
  let value = 0
  for (let index = at; index < at + count; index++) {
    const digit = text.charCodeAt(index) - zero
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function anyMillis(text: string): number {
  const ms = Date.parse(text)
  return Number.isNaN(ms) || new Date(ms).toISOString() !== text ? Number.NaN : ms
}

function asNumber({ mode, number, text }: Part): Part {
  return mode === modes.once ? { mode, number, text } : { mode: modes.number, number, text: '' }
}

function makeRoom(map: Map<unknown, unknown>): void {
  if (map.size >= keptMax) map.clear()
}

function isSameAction(known: KnownAction, action: StoredAction, sql: SqlFacts): boolean {
  const { stage, verb, operation, complete } = known.action
  return (
    stage === action.stage &&
    verb === action.verb &&
    operation === action.operation &&
    complete === action.complete &&
    known.sql.protocol === sql.protocol &&
    (known.sql.statements === sql.statements || isSameStatement(known.sql.statements[0], sql.statements[0])) &&
    isWithin(action.text, sql, known.place)
  )
}

/** Whether statements share everything but their texts. What is not the same object counts as another. */
function isSameStatement(one: SqlStatement | undefined, other: SqlStatement | undefined): boolean {
  if (one === undefined || other === undefined) return false
  // Each field by its name, which is several times faster than by a name that varies.
  return (
    one.kind === other.kind &&
    one.verb === other.verb &&
    one.relations === other.relations &&
    one.functions === other.functions &&
    one.outputs === other.outputs &&
    one.predicates === other.predicates &&
    one.assignments === other.assignments &&
    one.objects === other.objects &&
    one.options === other.options &&
    one.where === other.where &&
    one.limit === other.limit &&
    one.returning === other.returning &&
    one.dynamic === other.dynamic &&
    one.settings === other.settings &&
    one.complete === other.complete &&
    one.reasons === other.reasons &&
    one.unresolved === other.unresolved
  )
}

/** Whether decisions differ in nothing but their ids and costs. */
function isSameDecision(known: Decision, decision: Decision): boolean {
  if (
    known.bundle.revision !== decision.bundle.revision ||
    known.bundle.digest !== decision.bundle.digest ||
    known.record !== decision.record
  )
    return false
  switch (decision.effect) {
    case 'deny':
      return known.effect === 'deny' && known.denials === decision.denials
    case 'hold':
      return known.effect === 'hold' && known.holds === decision.holds && isSameTerms(known, decision)
    case 'allow':
      return known.effect === 'allow' && isSameTerms(known, decision)
    default:
      return unreachable(decision)
  }
}

type Terms = Pick<Extract<Decision, { readonly effect: 'allow' }>, 'masks' | 'filters' | 'limits' | 'headers'>

function isSameTerms(known: Terms, terms: Terms): boolean {
  return (
    known.masks === terms.masks &&
    known.filters === terms.filters &&
    known.limits === terms.limits &&
    known.headers === terms.headers
  )
}

function isSameSettings(known: Settings, { session, context }: Settings): boolean {
  if (
    known.context.gateway !== context.gateway ||
    known.context.bundle.revision !== context.bundle.revision ||
    known.context.grants !== context.grants
  )
    return false
  const { state } = session
  const before = known.session.state
  if (before === state) return true
  for (const name in before) if (before[name] !== state[name]) return false
  for (const name in state) if (!(name in before)) return false
  return true
}
