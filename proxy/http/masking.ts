// What of a response a client may see. JSON paths need the whole body, detectors work on the stream; what cannot be
// masked is not shown.
import { createStreamMasker, type DetectRule, isDetectorName, maskText } from '../../engine/masking/index.ts'
import type { Terms } from '../gate/contract.ts'

/** Bytes of a JSON body that is masked by path. */
export const maskedBodyBytesMax: number = 8 * 1024 * 1024

/** How a response's body is treated. */
export type MaskPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'impossible'; readonly why: string }
  | { readonly kind: 'masked'; readonly paths: readonly PathMask[]; readonly rules: readonly DetectRule[] }

interface PathMask {
  readonly steps: readonly string[]
  readonly strategy: string
}

/** The plan for what a session and an action are allowed under. */
export function maskPlan(...terms: readonly Terms[]): MaskPlan {
  const paths: PathMask[] = []
  const rules: DetectRule[] = []
  for (const mask of terms.flatMap((one) => one.masks)) {
    if ('json' in mask) {
      const steps = stepsOf(mask.json)
      if (steps === undefined) return { kind: 'impossible', why: 'a JSON path of the policy is not understood' }
      paths.push({ steps, strategy: mask.with })
    } else if ('detect' in mask && isDetectorName(mask.detect))
      rules.push({ detector: mask.detect, strategy: mask.with })
    else return { kind: 'impossible', why: 'a mask of the policy names nothing of an HTTP response' }
  }
  if (terms.some((one) => one.filters.length > 0)) return { kind: 'impossible', why: 'row filters are not of HTTP' }
  return paths.length === 0 && rules.length === 0 ? { kind: 'none' } : { kind: 'masked', paths, rules }
}

/** `$.users[*].card` in steps: names, and `*` for every element. */
function stepsOf(path: string): readonly string[] | undefined {
  const steps: string[] = []
  let rest = path.startsWith('$') ? path.slice(1) : ''
  while (rest !== '') {
    const match = /^(?:\.([A-Za-z0-9_-]+|\*)|\[(\*|\d{1,9})\]|\["([^"\\]*)"\])/.exec(rest)
    const step = match?.[1] ?? match?.[2] ?? match?.[3]
    if (match === null || step === undefined) return undefined
    steps.push(step)
    rest = rest.slice(match[0].length)
  }
  return steps.length === 0 ? undefined : steps
}

/** Masks a whole body. Undefined when it cannot be masked and must not be shown. */
export function maskBody(
  plan: Extract<MaskPlan, { readonly kind: 'masked' }>,
  body: Buffer,
  isJson: boolean,
  hashKey: Uint8Array,
): Buffer | undefined {
  let bytes = body
  if (plan.paths.length > 0) {
    if (!isJson) return undefined
    let value: unknown
    try {
      value = JSON.parse(body.toString('utf8'))
      if (losesDigits(value)) return undefined
    } catch {
      return undefined
    }
    for (const { steps, strategy } of plan.paths) value = masked(value, steps, strategy, hashKey)
    bytes = Buffer.from(JSON.stringify(value))
  }
  if (plan.rules.length === 0) return bytes
  const masker = createStreamMasker(plan.rules, hashKey)
  return Buffer.concat([masker.push(bytes), masker.end()])
}

/** Integers that a double does not hold would come out as others. */
function losesDigits(value: unknown): boolean {
  if (typeof value === 'number') return Number.isInteger(value) && !Number.isSafeInteger(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(losesDigits)
}

function masked(value: unknown, [step, ...rest]: readonly string[], strategy: string, key: Uint8Array): unknown {
  if (step === undefined) return maskedLeaf(value, strategy, key)
  if (Array.isArray(value))
    return value.map((one: unknown, index) =>
      step === '*' || step === String(index) ? masked(one, rest, strategy, key) : one,
    )
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      name,
      step === '*' || step === name ? masked(one, rest, strategy, key) : one,
    ]),
  )
}

/** Texts keep the form that the strategy leaves; whatever else there is, is gone. */
function maskedLeaf(value: unknown, strategy: string, key: Uint8Array): unknown {
  if (value === null) return null
  return typeof value === 'string' ? maskText(strategy, value, key) : null
}
