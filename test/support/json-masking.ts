// Masking of JSON said a second time, on whole values: what the streaming masker must agree with.
import { maskText } from '../../engine/masking/index.ts'

/** Steps of a path in the form that tests write them: names, indexes, `*`, and `..` for any depth. */
export type ReferenceStep = string | number

/** The path as policies write it. */
export function pathText(steps: readonly ReferenceStep[]): string {
  return steps.reduce<string>((text, step) => {
    if (step === '..') return `${text}..`
    const dotted = text.endsWith('..') ? '' : '.'
    if (typeof step === 'number') return `${text}[${step}]`
    if (step === '*') return `${text}[*]`
    return /^[a-z]+$/.test(step) ? `${text}${dotted}${step}` : `${text}["${step}"]`
  }, '$')
}

/** Masks what `steps` name; objects keep their order. */
export function maskReference(
  value: unknown,
  steps: readonly ReferenceStep[],
  strategy: string,
  key: Uint8Array,
): unknown {
  const [step, ...rest] = steps
  if (step === undefined) return typeof value === 'string' ? maskText(strategy, value, key) : null
  if (typeof value !== 'object' || value === null) return value
  const below = (one: unknown, name: string | number): unknown => {
    if (step === '..') {
      // Any depth: the rest may begin here, and again below.
      return maskReference(one, steps, strategy, key)
    }
    return step === '*' || step === name ? maskReference(one, rest, strategy, key) : one
  }
  const start = step === '..' ? maskReference(value, rest, strategy, key) : value
  if (typeof start !== 'object' || start === null) return start
  if (Array.isArray(start)) return start.map((one: unknown, index) => below(one, index))
  return Object.fromEntries(Object.entries(start).map(([name, one]) => [name, below(one, name)]))
}

/** A function that cuts bytes at places that `random` chooses. */
export function cut(bytes: Buffer, random: () => number): readonly Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const size = random() < 0.3 ? 1 : 1 + Math.floor(random() * 12)
    pieces.push(bytes.subarray(at, at + size))
    at += size
  }
  return pieces
}
