// What detectors find in the head of an answer: a redirect, a cookie, a field of the API's own are shown like its body.
// Clients decode what is percent-coded, so it is looked at decoded too.
import { createStreamMasker, type DetectRule } from '../../engine/masking/index.ts'
import type { MaskPlan } from './masking.ts'
import { encodePercent, percentDecoded, percentPieces } from './percent-pieces.ts'
import type { Field } from './wire/index.ts'

/** A head as it may be seen. */
export interface MaskedHead {
  readonly reason: string
  readonly fields: readonly Field[]
  /** How many values were masked. */
  readonly masked: number
}

/** A text as it may be seen, and how many values in it were masked. */
interface Seen {
  readonly text: string
  readonly masked: number
}

/** The head of an answer under a plan. Rules on paths say nothing of it. */
export function maskedHead(plan: MaskPlan, hashKey: Uint8Array, reason: string, fields: readonly Field[]): MaskedHead {
  const rules = plan.kind === 'masked' ? plan.rules : []
  if (rules.length === 0) return { reason, fields, masked: 0 }
  const look = (text: string): Seen => shown(text, rules, hashKey)
  const line = look(reason)
  let { masked } = line
  const seen: Field[] = []
  for (const [name, value] of fields) {
    const one = value.includes('%') ? codedValue(value, look) : look(value)
    masked += one?.masked ?? 1
    if (one !== undefined) seen.push([name, one.text])
  }
  return { reason: line.text, fields: seen, masked }
}

/** A value with percent coding: what is found in its pieces is masked; undefined where something lies across them. */
function codedValue(value: string, look: (text: string) => Seen): Seen | undefined {
  const once = percentDecoded(value)
  const whole = Math.max(
    look(value).masked,
    look(once).masked,
    look(once.replaceAll('+', ' ')).masked,
    // Coded twice, it is decoded twice by whoever reads a link within a link.
    look(percentDecoded(once)).masked,
  )
  if (whole === 0) return { text: value, masked: 0 }
  let text = ''
  let masked = 0
  for (const piece of percentPieces(value)) {
    const decoded = percentDecoded(piece)
    const [plain, spaced] = [look(decoded), look(decoded.replaceAll('+', ' '))]
    const one = spaced.masked > plain.masked ? spaced : plain
    masked += one.masked
    text += one.masked === 0 ? piece : encodePercent(one.text)
  }
  return masked < whole ? undefined : { text, masked }
}

function shown(text: string, rules: readonly DetectRule[], hashKey: Uint8Array): Seen {
  const masker = createStreamMasker(rules, hashKey)
  const bytes = Buffer.concat([masker.push(Buffer.from(text, 'latin1')), masker.end()])
  let masked = 0
  for (const count of masker.counts.values()) masked += count
  return { text: bytes.toString('latin1'), masked }
}
