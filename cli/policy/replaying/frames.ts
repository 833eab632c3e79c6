// Whether the frames of a recording hold what was judged, and nothing else: they are decoded once more, by today's decoder.
import { decodeStatement, type SqlAnalyzer, SqlSession } from '../../../engine/action/sql/index.ts'
import type { RecordedDecision } from '../recorded.ts'
import type { StatementReader } from './statements.ts'

/** Compares one session. Each line says what the frames hold otherwise; the first difference ends the session. */
export function framesDiffer(
  reader: StatementReader,
  judged: readonly RecordedDecision[],
  analyzer: SqlAnalyzer,
): string | undefined {
  let session = SqlSession.start(judged[0]?.document.resource.target['user'] ?? 'user')
  let next = 0
  // What follows a refusal in the extended protocol is dropped up to its end, and never judged.
  let dropped = false
  for (const one of reader.asked) {
    if (one === 'sync') {
      dropped = false
      continue
    }
    if (dropped || one.text.trim() === '') continue
    const decoded = decodeStatement(Buffer.from(one.text))
    const analysis = typeof decoded === 'string' ? analyzer.analyzeNow(decoded, session) : decoded
    const isOf = (action: RecordedDecision | undefined): boolean => {
      const text = action?.document.action.text
      return text === one.text || (analysis.kind !== 'refusal' && text === analysis.forward)
    }
    while (isBare(judged[next]) && !isOf(judged[next])) next++
    const action = judged[next]
    const isJudged = isOf(action)
    if (analysis.kind === 'refusal') {
      if (isJudged) return `a frame that was judged is refused now, ${analysis.code}: ${one.text}`
      dropped = one.extended
      continue
    }
    if (!isJudged) return `a frame holds what was not judged: ${one.text}`
    next++
    dropped = one.extended && action?.decision.effect === 'deny'
    session = analysis.after.findLast((after) => after !== undefined) ?? session
  }
  if (reader.problem !== undefined) return `the frames cannot be decoded now: ${reader.problem}`
  const missing = judged.slice(next).find((action) => !isBare(action))
  return missing === undefined ? undefined : `what was judged is in no frame: ${missing.document.action.text}`
}

/** True for actions whose frames are mostly not kept. */
function isBare(action: RecordedDecision | undefined): boolean {
  return action !== undefined && (action.decision.record !== 'full' || action.document.action.sql === undefined)
}
