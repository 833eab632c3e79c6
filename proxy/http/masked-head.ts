// What detectors find in the head of an answer: a redirect, a cookie, a field of the API's own are shown like its body.
// Clients decode what is percent-coded, so it is looked at decoded too.
import { addCount, createStreamMasker, type DetectRule } from '../../engine/masking/index.ts'
import type { Field } from '../http1/index.ts'
import type { MaskPlan } from './masking.ts'
import { encodePercent, percentDecoded, percentPieces } from './percent-pieces.ts'

/** A head as it may be seen. */
export interface MaskedHead {
  readonly reason: string
  readonly fields: readonly Field[]
  /** How many values were masked, by detector. */
  readonly counts: ReadonlyMap<string, number>
}

/** A text as it may be seen, undefined where it may not be, and what of it was masked. */
interface Seen {
  readonly text: string | undefined
  readonly masked: number
  readonly counts: ReadonlyMap<string, number>
}

const nothing: ReadonlyMap<string, number> = new Map()

/** The head of an answer under a plan. Rules on paths say nothing of it. */
export function maskedHead(plan: MaskPlan, hashKey: Uint8Array, reason: string, fields: readonly Field[]): MaskedHead {
  const rules = plan.kind === 'masked' ? plan.rules : []
  if (rules.length === 0) return { reason, fields, counts: nothing }
  const look = (text: string): Seen => shown(text, rules, hashKey)
  const line = look(reason)
  const counts = new Map(line.counts)
  const seen: Field[] = []
  for (const [name, value] of fields) {
    const one = value.includes('%') ? codedValue(value, look) : look(value)
    addAll(counts, one.counts)
    if (one.text !== undefined) seen.push([name, one.text])
  }
  return { reason: line.text ?? '', fields: seen, counts }
}

/** A value with percent coding: what is found in its pieces is masked; nothing is shown where something lies across them. */
function codedValue(value: string, look: (text: string) => Seen): Seen {
  const once = percentDecoded(value)
  // Coded twice, it is decoded twice by whoever reads a link within a link.
  const [whole] = [value, once, once.replaceAll('+', ' '), percentDecoded(once)]
    .map(look)
    .sort((a, b) => b.masked - a.masked)
  if (whole === undefined || whole.masked === 0) return { text: value, masked: 0, counts: nothing }
  let text = ''
  let masked = 0
  const counts = new Map<string, number>()
  for (const piece of percentPieces(value)) {
    const decoded = percentDecoded(piece)
    const [plain, spaced] = [look(decoded), look(decoded.replaceAll('+', ' '))]
    const one = spaced.masked > plain.masked ? spaced : plain
    masked += one.masked
    addAll(counts, one.counts)
    text += one.masked === 0 ? piece : encodePercent(one.text ?? '')
  }
  return masked < whole.masked ? { ...whole, text: undefined } : { text, masked, counts }
}

function shown(text: string, rules: readonly DetectRule[], hashKey: Uint8Array): Seen {
  const masker = createStreamMasker(rules, hashKey)
  const bytes = Buffer.concat([masker.push(Buffer.from(text, 'latin1')), masker.end()])
  const { counts } = masker
  let masked = 0
  for (const count of counts.values()) masked += count
  return { text: bytes.toString('latin1'), masked, counts }
}

function addAll(counts: Map<string, number>, more: ReadonlyMap<string, number>): void {
  for (const [name, count] of more) addCount(counts, name, count)
}
