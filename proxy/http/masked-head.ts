// What detectors find in the head of an answer: a redirect, a cookie, a field of the API's own are shown like its body.
import { createStreamMasker, type DetectRule } from '../../engine/masking/index.ts'
import type { MaskPlan } from './masking.ts'
import type { Field } from './wire/index.ts'

/** A head as it may be seen. */
export interface MaskedHead {
  readonly reason: string
  readonly fields: readonly Field[]
  /** How many values were masked. */
  readonly masked: number
}

/** The head of an answer under a plan. Rules on paths say nothing of it. */
export function maskedHead(plan: MaskPlan, hashKey: Uint8Array, reason: string, fields: readonly Field[]): MaskedHead {
  const rules = plan.kind === 'masked' ? plan.rules : []
  if (rules.length === 0) return { reason, fields, masked: 0 }
  let masked = 0
  const seen = (text: string): string => {
    const one = shown(text, rules, hashKey)
    masked += one.masked
    return one.text
  }
  return { reason: seen(reason), fields: fields.map(([name, value]) => [name, seen(value)] as const), masked }
}

function shown(text: string, rules: readonly DetectRule[], hashKey: Uint8Array): { text: string; masked: number } {
  const masker = createStreamMasker(rules, hashKey)
  const bytes = Buffer.concat([masker.push(Buffer.from(text, 'latin1')), masker.end()])
  let masked = 0
  for (const count of masker.counts.values()) masked += count
  return { text: bytes.toString('latin1'), masked }
}
