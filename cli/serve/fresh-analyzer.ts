// An analyzer whose catalog follows the database: read again when it has grown old, soon after a statement went by that
// defines something, and, before a text is judged, when a name of it is not known, since the name may be younger than the snapshot.
import type { ProtectionTerms, SqlAnalysis, SqlAnalyzer, SqlResult, SqlSession } from '../../engine/action/sql/index.ts'

/** What the analyzer is made of. */
export interface FreshParts {
  readonly inner: SqlAnalyzer
  /** Reads the catalog from the server. */
  readonly read: () => Promise<SqlAnalyzer['catalog']>
  readonly maxAgeMs: number
  readonly nowMs: () => number
  readonly onError: (error: unknown) => void
}

/** Between two readings that unknown names ask for: whoever asks for what is not there costs the server no more. */
const unknownPauseMs = 1000

/** How long after a definition was judged the catalog is read again: it may take its time, or commit late. */
const afterDefinitionMs = [100, 1_000, 10_000] as const

/** A timer may come a moment early. */
const timerSlackMs = 5

/** The longest that a text waits for the catalog; then it is judged by the one at hand. */
const waitMaxMs = 2_000

/** A catalog of so many times the age at which it is read again is not judged by: nobody asked for a long time. */
const idleFactor = 2

/** A text whose names may be there by now. */
const mayBeYounger = (reason: string): boolean => reason.startsWith('unresolved ')

/** What the session itself did to the catalog, and is not read yet. */
const ownChanges: ReadonlySet<string> = new Set(['changed in this session', 'the catalog snapshot is out of date'])

/** Wraps an analyzer. */
export class FreshAnalyzer implements SqlAnalyzer {
  readonly #parts: FreshParts
  #readAtMs: number
  /** When a statement was last judged that defines something; it may have completed since. */
  #definedAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined
  #due: readonly NodeJS.Timeout[] = []

  constructor(parts: FreshParts) {
    this.#parts = parts
    this.#readAtMs = parts.nowMs()
  }

  get catalog(): SqlAnalyzer['catalog'] {
    return this.#parts.inner.catalog
  }

  get major(): SqlAnalyzer['major'] {
    return this.#parts.inner.major
  }

  useCatalog(catalog: SqlAnalyzer['catalog']): void {
    this.#parts.inner.useCatalog(catalog)
  }

  analyze(text: string, session: SqlSession, done: (result: SqlResult) => void): SqlResult | undefined {
    const { inner, maxAgeMs, nowMs } = this.#parts
    if (nowMs() - this.#readAtMs > maxAgeMs * idleFactor) {
      this.#again(text, session, done)
      return undefined
    }
    this.#refreshWhenDue()
    const judged = inner.analyze(text, session, (later) => {
      if (this.#isKnown(later, session)) done(this.#noted(later))
      else this.#again(text, session, done)
    })
    if (judged === undefined || this.#isKnown(judged, session))
      return judged === undefined ? undefined : this.#noted(judged)
    this.#again(text, session, done)
    return undefined
  }

  analyzeNow(text: string, session: SqlSession): SqlResult {
    return this.#noted(this.#parts.inner.analyzeNow(text, session))
  }

  substitute(
    analysis: SqlAnalysis,
    session: SqlSession,
    terms: ProtectionTerms,
  ): ReturnType<SqlAnalyzer['substitute']> {
    return this.#parts.inner.substitute(analysis, session, terms)
  }

  provision(terms: ProtectionTerms, login: string): ReturnType<SqlAnalyzer['provision']> {
    return this.#parts.inner.provision(terms, login)
  }

  /** Judges once more by catalogs that were read after the question; where none can be read, by the one at hand. */
  #again(text: string, session: SqlSession, done: (result: SqlResult) => void): void {
    const { inner, onError } = this.#parts
    const judge = (then: (result: SqlResult) => void): void => {
      const now = inner.analyze(text, session, then)
      if (now !== undefined) then(now)
    }
    bounded(this.#read())
      .catch(onError)
      .then(() =>
        judge((result) => {
          if (!isOwnChange(result, session)) done(this.#noted(result))
          // A reading counts when it began after what the session did; the one that was under way may not have.
          else
            bounded(this.#read())
              .catch(onError)
              .then(() => judge((last) => done(this.#noted(last))))
              .catch(onError)
        }),
      )
      .catch(onError)
  }

  /** True when reading the catalog again could not make more of a result. */
  #isKnown(result: SqlResult, session: SqlSession): boolean {
    if (isOwnChange(result, session)) return false
    if (result.kind !== 'analysis' || result.complete) return true
    if (!result.statements.some(({ reasons }) => reasons.some(mayBeYounger))) return true
    const age = this.#parts.nowMs() - this.#readAtMs
    return age < unknownPauseMs && this.#definedAtMs < this.#readAtMs
  }

  /** Remembers that something is defined, or may be: what is judged later may be about it. */
  #noted(result: SqlResult): SqlResult {
    const defines = ({ verb, kind, dynamic }: SqlAnalysis['statements'][number]): boolean =>
      verb === 'define' || dynamic || kind === 'call'
    if (result.kind !== 'analysis' || !result.statements.some(defines)) return result
    this.#definedAtMs = this.#parts.nowMs()
    // Whether or not anything is asked until then: the next text is not to be the one that has it read.
    for (const timer of this.#due) clearTimeout(timer)
    this.#due = afterDefinitionMs.map((delayMs) =>
      setTimeout(() => this.#refreshWhenDue(), delayMs + timerSlackMs).unref(),
    )
    return result
  }

  /** Reads in the background what has grown old, or was defined a moment ago. */
  #refreshWhenDue(): void {
    if (this.#reading !== undefined) return
    const now = this.#parts.nowMs()
    const defined = afterDefinitionMs.some((delayMs) => {
      const dueMs = this.#definedAtMs + delayMs
      return this.#readAtMs < dueMs && dueMs <= now
    })
    if (defined || now - this.#readAtMs > this.#parts.maxAgeMs) this.#read().catch(this.#parts.onError)
  }

  /** Reads the catalog once for all who ask while it is read. */
  #read(): Promise<void> {
    this.#reading ??= this.#readNow().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readNow(): Promise<void> {
    // What is defined while the server answers may be missing in the answer.
    const startedMs = this.#parts.nowMs()
    this.#readAtMs = startedMs
    this.#parts.inner.useCatalog(await this.#parts.read())
  }
}

/** Resolves with a promise, or when the longest wait is over. */
async function bounded(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, waitMaxMs)
  })
  try {
    await Promise.race([work, over])
  } finally {
    clearTimeout(timer)
  }
}

/** True for what a reading would settle: a transaction's own changes are in none before it ends, temporary objects never. */
function isOwnChange(result: SqlResult, session: SqlSession): boolean {
  return (
    result.kind === 'analysis' &&
    !session.inTransaction &&
    !session.mayHideObjects &&
    result.statements.some(({ reasons }) => reasons.some((reason) => ownChanges.has(reason)))
  )
}
