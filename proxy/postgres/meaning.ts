// What the names of a text mean: a text that is read again has to mean what was judged.
import type { SqlAnalysis } from '../../engine/action/sql/index.ts'

const meanings = new WeakMap<SqlAnalysis, string>()

/** What a text means, as one text. Equal where it is read alike; how much is known of it may differ. */
export function meaningOf(analysis: SqlAnalysis): string {
  const known = meanings.get(analysis)
  if (known !== undefined) return known
  const { statements } = analysis
  const meaning = JSON.stringify(statements.map(({ complete: _complete, reasons: _reasons, ...rest }) => rest))
  meanings.set(analysis, meaning)
  return meaning
}
