// What detectors find in short texts beside a body: warnings and other fields in the head of an answer, and what a cluster
// says when it does not open a stream.
import { createStreamMasker, type DetectRule } from '../../../engine/masking/index.ts'
import type { Masked } from './text-answer.ts'

/** A text as it may be seen. */
export function maskedLine(text: string, rules: readonly DetectRule[], hashKey: Uint8Array, masked: Masked): string {
  if (rules.length === 0) return text
  const masker = createStreamMasker(rules, hashKey)
  const bytes = Buffer.concat([masker.push(Buffer.from(text)), masker.end()])
  for (const [rule, count] of masker.counts) masked(rule, count)
  return bytes.toString()
}

/** Fields that say how the body is to be read; there is no value of anybody's in them, and a changed one says nothing. */
const framing: ReadonlySet<string> = new Set(['content-type', 'content-length', 'content-encoding', 'date', 'vary'])

/** The fields of a head as they may be seen. */
export function maskedFields(
  fields: readonly (readonly [string, string])[],
  rules: readonly DetectRule[],
  hashKey: Uint8Array,
  masked: Masked,
): [string, string][] {
  return fields.map(([name, value]) => {
    if (rules.length === 0 || framing.has(name.toLowerCase())) return [name, value]
    return [name, maskedLine(value, rules, hashKey, masked)]
  })
}
