// Narrows the result of `data.sallyport.decision` once, merges what several packages said, strictest first.
// Whatever is not exactly the contract throws: a typo in a policy must never widen what is allowed.
import type { Decision, DecisionFacts, Denial, Filter, Hold, Limits, Mask } from './contract.ts'
import { parseDuration } from './duration.ts'
import { type HeaderChange, isChangeable, isFieldValue, mergedChanges } from './header-changes.ts'
import { parseStrategy, stricterStrategy } from './strategies.ts'

/** Why a policy's result could not be read. */
export type DecisionErrorCode = 'undefined' | 'not_an_object' | 'unknown_field' | 'bad_field' | 'too_many'

/** A policy result that breaks the contract. The message is for the policy's author. */
export class DecisionError extends Error {
  readonly code: DecisionErrorCode
  constructor(code: DecisionErrorCode, message: string) {
    super(message)
    this.name = 'DecisionError'
    this.code = code
  }
}

/** What surrounds a result: known to the caller, not to the policy. */
export interface DecisionEnvelope {
  readonly id: string
  readonly bundle: { readonly revision: string; readonly digest: string }
  readonly cost: { readonly micros: number; readonly fuel: number }
}

/** Entries one list of a result may hold. */
export const entriesMax = 1000
const textMax = 4096
const defaultHoldMs = 15 * 60_000
const rowLimitMax = Number.MAX_SAFE_INTEGER

/** What a result may say of what is about to happen, and of the answer to it: nobody can be asked about that any more. */
const requestFields = ['effect', 'allow', 'deny', 'hold', 'mask', 'filter', 'limit', 'record'] as const
const responseFields = ['effect', 'allow', 'deny', 'mask', 'limit', 'header', 'record'] as const

/** Reads a policy's result into a decision. Throws DecisionError. */
export function readDecision(
  result: unknown,
  envelope: DecisionEnvelope,
  stage: 'request' | 'response' = 'request',
): Decision {
  const name = stage === 'request' ? 'decision' : 'response'
  if (result === undefined) throw new DecisionError('undefined', `the policy left \`data.sallyport.${name}\` undefined`)
  const fields = record(result, name)
  onlyKeys(fields, name, stage === 'request' ? requestFields : responseFields)
  const allow = list(fields['allow'], 'allow').map((item) => text(item, 'allow'))
  const denials = list(fields['deny'], 'deny').map(readDenial)
  const holds = list(fields['hold'], 'hold').map(readHold)
  const masks = mergeMasks(list(fields['mask'], 'mask').map(readMask))
  const filters = mergeFilters(list(fields['filter'], 'filter').map(readFilter))
  const limits = mergeLimits(list(fields['limit'], 'limit'))
  const common: DecisionFacts = {
    ...envelope,
    rules: sortedUnique([...allow, ...denials.map((denial) => denial.rule), ...holds.map((hold) => hold.rule)]),
    record: readRecord(fields['record']),
  }
  const settled = settle({ common, allowed: allow.length > 0, denials, holds, masks, filters, limits })
  const headers = readHeaders(fields['header'])
  const decision = headers.length > 0 && settled.effect === 'allow' ? { ...settled, headers } : settled
  if (fields['effect'] !== undefined && fields['effect'] !== decision.effect) {
    throw new DecisionError('bad_field', '`effect` contradicts what the policy collected')
  }
  return decision
}

function settle(found: {
  readonly common: DecisionFacts
  readonly allowed: boolean
  readonly denials: readonly Denial[]
  readonly holds: readonly Hold[]
  readonly masks: readonly Mask[]
  readonly filters: readonly Filter[]
  readonly limits: Limits
}): Decision {
  const { common, masks, filters, limits } = found
  const [denial, ...otherDenials] = found.denials
  if (denial !== undefined) return { ...common, effect: 'deny', denials: [denial, ...otherDenials] }
  if (!found.allowed) return { ...common, effect: 'deny', denials: [noAllow] }
  const [hold, ...otherHolds] = found.holds
  if (hold !== undefined) return { ...common, effect: 'hold', holds: [hold, ...otherHolds], masks, filters, limits }
  return { ...common, effect: 'allow', masks, filters, limits }
}

/** The refusal that stands for a policy which could not answer. Nothing of the cause is in it. */
export function failedDecision(envelope: DecisionEnvelope): Decision {
  return {
    ...envelope,
    effect: 'deny',
    rules: ['sallyport.error'],
    record: 'full',
    denials: [{ rule: 'sallyport.error', message: 'the policy could not decide this action' }],
  }
}

const noAllow: Denial = { rule: 'sallyport.default', message: 'no policy allows this action' }

function readDenial(value: unknown): Denial {
  const fields = record(value, 'deny')
  onlyKeys(fields, 'deny', ['rule', 'message'])
  return { rule: text(fields['rule'], 'deny.rule'), message: text(fields['message'], 'deny.message') }
}

function readHold(value: unknown): Hold {
  const fields = record(value, 'hold')
  onlyKeys(fields, 'hold', ['rule', 'reason', 'reviewers', 'quorum', 'expires'])
  const expires =
    fields['expires'] === undefined ? defaultHoldMs : parseDuration(text(fields['expires'], 'hold.expires'))
  if (expires === undefined)
    throw new DecisionError('bad_field', '`hold.expires` is no duration such as `15m`, at most 24h')
  const quorum = fields['quorum'] ?? 1
  if (typeof quorum !== 'number' || !Number.isInteger(quorum) || quorum < 1 || quorum > 100) {
    throw new DecisionError('bad_field', '`hold.quorum` is no whole number from 1 to 100')
  }
  const reviewers = sortedUnique(
    list(fields['reviewers'], 'hold.reviewers').map((item) => text(item, 'hold.reviewers')),
  )
  return {
    rule: text(fields['rule'], 'hold.rule'),
    reason: text(fields['reason'], 'hold.reason'),
    reviewers,
    quorum,
    expiresMs: expires,
  }
}

function readMask(value: unknown): Mask {
  const fields = record(value, 'mask')
  onlyKeys(fields, 'mask', ['column', 'json', 'detect', 'with'])
  const strategy = text(fields['with'], 'mask.with')
  if (parseStrategy(strategy) === undefined)
    throw new DecisionError('bad_field', `there is no masking strategy \`${strategy.slice(0, 80)}\``)
  const targets = (['column', 'json', 'detect'] as const).filter((key) => fields[key] !== undefined)
  const [target] = targets
  if (target === undefined || targets.length > 1) {
    throw new DecisionError('bad_field', 'a mask names exactly one of `column`, `json` and `detect`')
  }
  const name = text(fields[target], `mask.${target}`)
  if (target === 'column') return { column: name, with: strategy }
  return target === 'json' ? { json: name, with: strategy } : { detect: name, with: strategy }
}

function readFilter(value: unknown): Filter {
  const fields = record(value, 'filter')
  onlyKeys(fields, 'filter', ['relation', 'where'])
  return { relation: text(fields['relation'], 'filter.relation'), where: text(fields['where'], 'filter.where') }
}

function readHeaders(value: unknown): readonly HeaderChange[] {
  if (value === undefined) return []
  const changes = mergedChanges(list(value, 'header').map(readHeader))
  if (changes === undefined) throw new DecisionError('bad_field', '`header` gives two values for one field')
  return changes
}

function readHeader(value: unknown): HeaderChange {
  const fields = record(value, 'header')
  onlyKeys(fields, 'header', ['name', 'value', 'remove'])
  const name = text(fields['name'], 'header.name').toLowerCase()
  if (!isChangeable(name)) throw new DecisionError('bad_field', '`header.name` is no field that a policy changes')
  const removes = fields['remove'] === true
  const { value: written } = fields
  if (removes ? written !== undefined : fields['remove'] !== undefined || typeof written !== 'string')
    throw new DecisionError('bad_field', '`header` has either a `value` or `remove: true`')
  if (removes || typeof written !== 'string') return { name, value: null }
  if (written.length > textMax || !isFieldValue(written))
    throw new DecisionError('bad_field', '`header.value` cannot stand in a header field')
  return { name, value: written }
}

function readRecord(value: unknown): 'full' | 'metadata' {
  if (value === undefined) return 'full'
  const wishes = Array.isArray(value) ? list(value, 'record') : [value]
  for (const wish of wishes) {
    if (wish !== 'full' && wish !== 'metadata')
      throw new DecisionError('bad_field', '`record` is neither `full` nor `metadata`')
  }
  return wishes.length > 0 && wishes.every((wish) => wish === 'metadata') ? 'metadata' : 'full'
}

function maskTarget(mask: Mask): string {
  if ('column' in mask) return `column ${mask.column}`
  return 'json' in mask ? `json ${mask.json}` : `detect ${mask.detect}`
}

function mergeMasks(masks: readonly Mask[]): readonly Mask[] {
  if (masks.length < 2) return masks
  const byTarget = new Map<string, Mask>()
  for (const mask of masks) {
    const target = maskTarget(mask)
    const other = byTarget.get(target)
    byTarget.set(target, other === undefined ? mask : { ...mask, with: stricterStrategy(other.with, mask.with) })
  }
  return [...byTarget].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mask]) => mask)
}

function mergeFilters(filters: readonly Filter[]): readonly Filter[] {
  if (filters.length < 2) return filters
  const byText = new Map(filters.map((filter) => [`${filter.relation}\u0000${filter.where}`, filter]))
  return [...byText].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, filter]) => filter)
}

function mergeLimits(items: readonly unknown[]): Limits {
  const limits: { -readonly [Key in keyof Limits]: Limits[Key] } = {}
  for (const item of items) {
    const fields = record(item, 'limit')
    onlyKeys(fields, 'limit', ['rows', 'bytes', 'affected', 'seconds'])
    for (const key of ['rows', 'bytes', 'affected', 'seconds'] as const) {
      const value = fields[key]
      if (value === undefined) continue
      if (typeof value !== 'number' || !(value >= 0) || value > rowLimitMax) {
        throw new DecisionError('bad_field', `\`limit.${key}\` is no number from 0 up`)
      }
      limits[key] = Math.min(limits[key] ?? value, value)
    }
  }
  return limits
}

function record(value: unknown, where: string): { readonly [key: string]: unknown } {
  if (!isRecord(value)) throw new DecisionError('not_an_object', `\`${where}\` is not an object`)
  return value
}

/** Not copied: this runs for every action, and `onlyKeys` refuses an own `__proto__`. */
function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function onlyKeys(fields: { readonly [key: string]: unknown }, where: string, known: readonly string[]): void {
  for (const key in fields) {
    if (!known.includes(key))
      throw new DecisionError('unknown_field', `\`${where}\` has no field \`${key.slice(0, 80)}\``)
  }
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) throw new DecisionError('bad_field', `\`${where}\` is not a set or array`)
  if (value.length > entriesMax) throw new DecisionError('too_many', `\`${where}\` has more than ${entriesMax} entries`)
  return value
}

function text(value: unknown, where: string): string {
  if (typeof value !== 'string' || value.length === 0)
    throw new DecisionError('bad_field', `\`${where}\` is not a text`)
  if (value.length > textMax) throw new DecisionError('bad_field', `\`${where}\` is longer than ${textMax} characters`)
  return value
}

function sortedUnique(names: readonly string[]): readonly string[] {
  if (names.length < 2) return names
  return [...new Set(names)].sort()
}
