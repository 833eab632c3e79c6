// Where two decisions on one action differ, in the words of a person who must approve the change.

import type { Decision } from '../../engine/decision/index.ts'
import { canonical, shownDecision } from './fixtures/judge.ts'

/** How a decision changed. `newly_allowed` is the one that must never pass unseen. */
export type FlipKind = 'newly_allowed' | 'newly_refused' | 'newly_held' | 'terms_changed'

/** One changed decision. */
export interface Flip {
  readonly kind: FlipKind
  readonly where: string
  readonly action: string
  readonly before: Decision
  readonly after: Decision
  /** What differs besides the effect. */
  readonly details: readonly string[]
}

/** The change between two decisions; undefined when both say the same. Rules that fired may differ. */
export function flipOf(where: string, action: string, before: Decision, after: Decision): Flip | undefined {
  const details = termsOf(before, after)
  const kind = kindOf(before, after, details)
  return kind === undefined ? undefined : { kind, where, action, before, after, details }
}

function kindOf(before: Decision, after: Decision, details: readonly string[]): FlipKind | undefined {
  if (before.effect === after.effect) return details.length === 0 ? undefined : 'terms_changed'
  if (after.effect === 'deny') return 'newly_refused'
  if (after.effect === 'hold') return before.effect === 'deny' ? 'newly_allowed' : 'newly_held'
  return 'newly_allowed'
}

function termsOf(before: Decision, after: Decision): readonly string[] {
  if (before.effect === 'deny' || after.effect === 'deny') return []
  const [a, b] = [shownDecision(before), shownDecision(after)]
  return ['masks', 'filters', 'limits', 'headers', 'holds'].flatMap((key) => {
    const [old, now] = [canonical(a[key]), canonical(b[key])]
    return old === now ? [] : [`${key}: ${old} becomes ${now}`]
  })
}

const titles: { readonly [kind in FlipKind]: string } = {
  newly_allowed: 'newly allowed',
  newly_refused: 'newly refused',
  newly_held: 'newly held',
  terms_changed: 'allowed under other terms',
}

/** Flips as lines, grouped by what changed, the dangerous ones first. */
export function showFlips(flips: readonly Flip[]): readonly string[] {
  const lines: string[] = []
  for (const kind of ['newly_allowed', 'terms_changed', 'newly_held', 'newly_refused'] as const) {
    const group = flips.filter((one) => one.kind === kind)
    if (group.length === 0) continue
    lines.push(`${titles[kind]}: ${group.length}`)
    for (const { where, action, before, after, details } of group) {
      lines.push(`  ${where}: ${action}`)
      lines.push(
        `    ${before.effect} (${before.rules.join(', ') || 'no rule'}) becomes ${after.effect} (${after.rules.join(', ') || 'no rule'})`,
      )
      for (const detail of details) lines.push(`    ${detail}`)
    }
  }
  return lines
}

/** Flips as plain data. */
export function flipsAsJson(flips: readonly Flip[]): readonly object[] {
  return flips.map(({ kind, where, action, before, after, details }) => ({
    kind,
    where,
    action,
    before: { effect: before.effect, rules: before.rules },
    after: { effect: after.effect, rules: after.rules },
    details,
  }))
}
