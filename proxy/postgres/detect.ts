// Masks by detectors in results: what looks like a card, a token or a key, in any column, whatever it is called.

import type { Mask } from '../../engine/decision/index.ts'
import {
  createStreamMasker,
  type DetectorName,
  type DetectRule,
  isDetectorName,
  type StreamMasker,
} from '../../engine/masking/index.ts'

/** Types whose values are text in both formats: `"char"`, name, text, xml, unknown, bpchar, varchar. */
export const textTypes: ReadonlySet<number> = new Set([18, 19, 25, 142, 705, 1042, 1043])
const json = 114
const jsonb = 3802
/** No detector finds anything in fewer bytes. */
const valueBytesMin = 6

/** The rules among the masks; undefined when one names a detector that does not exist. */
export function detectRules(masks: readonly Mask[]): readonly DetectRule[] | undefined {
  const rules: DetectRule[] = []
  for (const mask of masks) {
    if (!('detect' in mask)) continue
    if (!isDetectorName(mask.detect)) return undefined
    rules.push({ detector: mask.detect, strategy: mask.with })
  }
  return rules
}

/** Masks the values of rows and the data of copies by detectors. */
export class ResultDetector {
  readonly #rules: readonly DetectRule[]
  readonly #hashKey: Uint8Array
  /** Values masked, by detector. */
  readonly counts: Map<DetectorName, number> = new Map()

  constructor(rules: readonly DetectRule[], hashKey: Uint8Array) {
    this.#rules = rules
    this.#hashKey = hashKey
  }

  /** The values of a row; the very same array when nothing was found. `types` where a description told them. */
  row(values: readonly (Buffer | null)[], types: readonly number[] | undefined): readonly (Buffer | null)[] {
    const long = values.filter((value) => value !== null && value.length >= valueBytesMin)
    if (long.length === 0) return values
    // One look over the whole row: most rows hold nothing.
    const probe = this.#masker()
    for (const value of long) {
      probe.push(value ?? lineEnd)
      probe.push(lineEnd)
    }
    probe.end()
    if (probe.counts.size === 0) return values
    return values.map((value, index) => (value === null ? null : this.#value(value, types?.[index])))
  }

  /** The data of one CopyData message in text form. */
  copied(data: Uint8Array): Uint8Array {
    const masker = this.#masker()
    const out = Buffer.concat([masker.push(data), masker.end()])
    this.#count(masker)
    return masker.counts.size === 0 ? data : out
  }

  #value(value: Buffer, type: number | undefined): Buffer | null {
    const masker = this.#masker()
    const out = Buffer.concat([masker.push(value), masker.end()])
    if (masker.counts.size === 0) return value
    this.#count(masker)
    if (type !== undefined && textTypes.has(type)) return out
    // A value of another type must stay one of it, and what the type is may not be known.
    return (type === json || type === jsonb) && isJson(out) ? out : null
  }

  #masker(): StreamMasker {
    return createStreamMasker(this.#rules, this.#hashKey)
  }

  #count(masker: StreamMasker): void {
    for (const [name, count] of masker.counts) this.counts.set(name, (this.counts.get(name) ?? 0) + count)
  }
}

const lineEnd = Buffer.from('\n')

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString('utf8'))
    return true
  } catch {
    return false
  }
}
