// What a session's masks and row filters do to its texts, results, errors and notices.
import type { ProtectionTerms, SqlAnalysis, SqlAnalyzer, SqlSession } from '../../engine/action/sql/index.ts'
import type { Mask } from '../../engine/decision/index.ts'
import { maskText } from '../../engine/masking/index.ts'
import type { Terms } from '../gate/contract.ts'
import { detectRules, ResultDetector, textTypes } from './detect.ts'
import { changesUncounted } from './guard.ts'
import { type MaskPlan, planMasks } from './masks.ts'
import { scrubNotification, scrubReport } from './scrub.ts'
import { isTransaction } from './transactions.ts'
import { type Bind, decodeRow, encodeFrame, encodeRow, type Frame, type Sendable } from './wire/index.ts'

/** A text under masks and filters. */
export interface Protected {
  readonly plan: MaskPlan
  readonly forward: string
  /** For each statement of the text, the masked columns behind its output columns. */
  readonly masked: readonly (readonly string[])[]
  readonly detector: ResultDetector | undefined
  /** Something masked or filtered is in its reach. */
  readonly reaches: boolean
}

/** What terms say of masks and filters. */
interface ReadTerms {
  readonly masks: Terms['masks']
  readonly rules: ReturnType<typeof detectRules>
  readonly columns: ProtectionTerms
  readonly protection: string
}

/** Terms that mask and filter nothing, as those of most statements beside the masked ones. */
const nothing: ReadTerms = { masks: [], rules: [], columns: { masks: [], filters: [] }, protection: '' }

/** The state that protection keeps over one session. */
export class SessionProtection {
  readonly #analyzer: SqlAnalyzer
  readonly #hashKey: Uint8Array
  /** Something protected is in reach: until the transaction is over errors and notices are scrubbed, those at COMMIT too. */
  #reached = false
  /** The policy masks or filters something: a trigger of another session may announce it. */
  #guarded = false
  /** The masks and filters under which PREPARE and DECLARE were rewritten; null when they were not all the same. */
  #named: string | null | undefined
  #last: ReadTerms | undefined

  constructor(analyzer: SqlAnalyzer, hashKey: Uint8Array) {
    this.#analyzer = analyzer
    this.#hashKey = hashKey
  }

  /** What is forwarded under the terms' masks and filters, and what the gateway masks in its result. */
  protect(analysis: SqlAnalysis, terms: Terms, session: SqlSession): Protected {
    if (
      terms.limits.affected !== undefined &&
      analysis.statements.length > 1 &&
      analysis.statements.some(isTransaction)
    )
      return refused('rows changed in a script that commits cannot be limited')
    if (terms.limits.affected !== undefined && changesUncounted(analysis))
      return refused('rows changed in a WITH clause or by EXPLAIN cannot be limited')
    const { rules, columns, protection } = this.#readTerms(terms)
    if (rules === undefined) return refused('the policy names a detector that does not exist')
    const substitution = this.#analyzer.substitute(analysis, session, columns)
    if (substitution.kind === 'refuse') return refused(substitution.why)
    if (protection !== '') this.#guarded = true
    for (const { kind } of analysis.statements) {
      if (kind === 'prepare' || kind === 'declare_cursor')
        this.#named = this.#named === undefined || this.#named === protection ? protection : null
      if (
        substitution.reaches &&
        (kind === 'execute' || kind === 'fetch' || kind === 'move') &&
        this.#named !== protection
      )
        return refused('what is masked has changed since the statement or cursor was named')
    }
    const reaches = substitution.reaches || rules.length > 0
    if (reaches) this.reach()
    const detector = rules.length === 0 ? undefined : new ResultDetector(rules, this.#hashKey)
    return {
      plan: planMasks(analysis, substitution.gateway),
      forward: substitution.text,
      masked: substitution.masked,
      detector,
      reaches,
    }
  }

  /** A statement runs that something protected is in reach of. */
  reach(): void {
    this.#reached = true
  }

  /** No transaction is open, and nothing that was sent is unanswered: what comes next can tell of nothing before it. */
  rest(): void {
    this.#reached = false
  }

  /** Equal for terms that rewrite texts alike. */
  keyOf(terms: Terms): string {
    return this.#readTerms(terms).protection
  }

  /** Terms that come again with the same masks and filters are not read again. */
  #readTerms({ masks, filters }: Terms): ReadTerms {
    if (masks.length === 0 && filters.length === 0) return nothing
    const last = this.#last
    if (last !== undefined && sameMasks(last.masks, masks) && sameFilters(last.columns.filters, filters)) return last
    const read: ReadTerms = {
      masks,
      rules: detectRules(masks),
      columns: { masks: masks.filter((mask) => !('detect' in mask)), filters },
      protection: JSON.stringify([masks, filters]),
    }
    this.#last = read
    return read
  }

  /** A row as the client may see it; undefined when it is not the row that was planned for. */
  row(
    frame: Frame,
    { plan, detector }: Pick<Protected, 'plan' | 'detector'>,
    types: () => readonly number[] | undefined,
  ): Sendable | undefined {
    if (plan.kind !== 'columns' && detector === undefined) return frame
    const values = decodeRow(frame)
    if (plan.kind === 'columns' && values.length !== plan.width) return undefined
    const known = types()
    const masked = values.map((value, index) => {
      const column = plan.kind === 'columns' ? plan.columns.get(index) : undefined
      if (column === undefined || value === null) return value
      // What the key makes is text; a column of another type stays one, and shows nothing.
      const type = known?.[index]
      if (type !== undefined && !textTypes.has(type)) return null
      const text = maskText(column.strategy, value.toString('utf8'), this.#hashKey)
      return text === null ? null : Buffer.from(text)
    })
    return encodeRow(detector?.row(masked, known) ?? masked)
  }

  /** Data of a copy as the client may see it. */
  copied(frame: Frame, detector: ResultDetector | undefined): Sendable {
    return detector === undefined ? frame : encodeFrame('d', detector.copied(frame.body))
  }

  /** An error, notice or notification of the server as the client may see it. */
  told(type: 'E' | 'N' | 'A', frame: Frame): Sendable {
    if (type === 'A') return this.#guarded ? scrubNotification(frame.body) : frame
    return this.#reached ? scrubReport(type, frame.body) : frame
  }
}

/** Every decision makes its masks and filters anew, and mostly they are the same. */
function sameMasks(one: Terms['masks'], other: Terms['masks']): boolean {
  return one === other || (one.length === other.length && one.every((mask, index) => isSame(mask, other[index])))
}

function isSame(mask: Mask, other: Mask | undefined): boolean {
  if (other === undefined || mask.with !== other.with) return false
  if ('column' in mask) return 'column' in other && mask.column === other.column
  if ('json' in mask) return 'json' in other && mask.json === other.json
  return 'detect' in other && mask.detect === other.detect
}

function sameFilters(one: Terms['filters'], other: Terms['filters']): boolean {
  return (
    one === other ||
    (one.length === other.length &&
      one.every(({ relation, where }, index) => other[index]?.relation === relation && other[index]?.where === where))
  )
}

function refused(why: string): Protected {
  return { plan: { kind: 'refuse', why }, forward: '', masked: [], detector: undefined, reaches: false }
}

/** Columns that the gateway masks are masked in text form only. */
export function binaryRefused(plan: MaskPlan, bind: Bind): MaskPlan {
  if (plan.kind !== 'columns') return plan
  const formats = bind.resultFormats
  const binary = [...plan.columns.keys()].some((index) => (formats.length === 1 ? formats[0] : formats[index]) === 1)
  return binary ? { kind: 'refuse', why: 'a masked column cannot be sent in binary form' } : plan
}
