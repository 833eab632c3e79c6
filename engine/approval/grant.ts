// A standing grant: an approver lets one identity do some deeds on one resource for a while, at most so many times.
import { type ActionDocument, canonicalJson } from '../action/index.ts'
import { areAmong, type Deed, deedsOf } from './deeds.ts'
import type { Approver } from './machine.ts'
import type { ApprovalStatement, Party } from './statement.ts'

/** What an approver signs. */
export interface GrantTerms {
  readonly version: 1
  /** Unique for ever. */
  readonly id: string
  /** The hold that was answered by granting. */
  readonly hold: string
  readonly issuer: string
  readonly subject: string
  readonly identity: Party
  readonly chain: readonly Party[]
  readonly resource: string
  /** The rules whose holds it answers. */
  readonly rules: readonly string[]
  readonly deeds: readonly Deed[]
  readonly actionsMax: number
  readonly expiresAtMs: number
  readonly reason: string
}

/** A grant whose signature was verified. */
export interface Grant {
  readonly terms: GrantTerms
  readonly approver: Approver
}

/** Longest window of a grant. */
export const grantMsMax: number = 24 * 3_600_000
/** Most actions of a grant. */
export const grantActionsMax = 10_000

/** Why terms are none that can be granted; undefined when they are. */
export function termsRefusal(terms: GrantTerms, nowMs: number): string | undefined {
  const { actionsMax, expiresAtMs, deeds, rules } = terms
  if (!Number.isSafeInteger(actionsMax) || actionsMax < 1 || actionsMax > grantActionsMax)
    return `a grant is for 1 to ${grantActionsMax} actions`
  if (!Number.isSafeInteger(expiresAtMs) || expiresAtMs <= nowMs) return 'the grant has expired'
  if (expiresAtMs - nowMs > grantMsMax) return 'a grant is for at most a day'
  if (deeds.length === 0 || rules.length === 0) return 'the grant names no deeds or no rules'
  return undefined
}

/** True when the grant answers this hold of this action, at this time. */
export function grantCovers(
  terms: GrantTerms,
  document: ActionDocument,
  statement: ApprovalStatement,
  nowMs: number,
): boolean {
  if (nowMs >= terms.expiresAtMs || terms.resource !== document.resource.name) return false
  if (canonicalJson(terms.identity) !== canonicalJson(statement.identity)) return false
  if (canonicalJson(terms.chain) !== canonicalJson(statement.chain)) return false
  if (!statement.requirements.every(({ rule }) => terms.rules.includes(rule))) return false
  const deeds = deedsOf(document)
  return deeds !== undefined && areAmong(deeds, terms.deeds)
}
