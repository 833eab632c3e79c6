// A decision in plain words, for people: `sallyport explain`, approval screens, logs.
import { unreachable } from '../../rego/unreachable.ts'
import type { Decision, Limits, Mask } from './contract.ts'

/** Lines that say what was decided and why. */
export function explainDecision(decision: Decision): readonly string[] {
  const lines: string[] = []
  switch (decision.effect) {
    case 'deny':
      lines.push('refused')
      for (const denial of decision.denials) lines.push(`  ${denial.rule}: ${denial.message}`)
      break
    case 'hold':
      lines.push('held until people approve')
      for (const hold of decision.holds) {
        const who = hold.reviewers.length > 0 ? ` from ${hold.reviewers.join(', ')}` : ''
        lines.push(
          `  ${hold.rule}: ${hold.reason} (${hold.quorum} approval${hold.quorum > 1 ? 's' : ''}${who}, within ${Math.round(hold.expiresMs / 1000)} s)`,
        )
      }
      break
    case 'allow':
      lines.push('allowed')
      break
    default:
      unreachable(decision)
  }
  if (decision.effect !== 'deny') {
    for (const mask of decision.masks) lines.push(`  mask ${explainTarget(mask)} with ${mask.with}`)
    for (const filter of decision.filters) lines.push(`  filter ${filter.relation} where ${filter.where}`)
    lines.push(...explainLimits(decision.limits))
  }
  for (const { name, value } of decision.effect === 'allow' ? (decision.headers ?? []) : [])
    lines.push(value === null ? `  without the header ${name}` : `  with the header ${name}: ${value}`)
  lines.push(`  rules: ${decision.rules.join(', ') || 'none'}`)
  lines.push(
    `  decision ${decision.id}, bundle ${decision.bundle.revision || 'without revision'}, ${decision.cost.micros.toFixed(1)} us`,
  )
  return lines
}

function explainTarget(mask: Mask): string {
  if ('column' in mask) return `column ${mask.column}`
  return 'json' in mask ? `JSON path ${mask.json}` : `every ${mask.detect}`
}

function explainLimits(limits: Limits): readonly string[] {
  return (['rows', 'bytes', 'affected', 'seconds'] as const).flatMap((key) => {
    const value = limits[key]
    return value === undefined ? [] : [`  at most ${value} ${key === 'affected' ? 'affected rows' : key}`]
  })
}
