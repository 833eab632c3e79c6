// Types that a client gives to parameters by their oids, where no text names them: values of some are checked by domains,
// whose conditions run when a value is bound.
import type { SqlAnalysis, SqlAnalyzer, SqlSession, SqlStatement } from '../../engine/action/sql/index.ts'

/** The first oid of a type that is not the server's own. */
const firstOwnOid = 16_384

/** A text's analysis together with what its parameters' types run. */
export function withTypes(
  analysis: SqlAnalysis,
  types: readonly number[],
  session: SqlSession,
  analyzer: SqlAnalyzer,
): SqlAnalysis {
  if (!types.some((oid) => oid >>> 0 >= firstOwnOid)) return analysis
  const given = new Set(types.map((oid) => oid >>> 0))
  const checked = session.catalog(analyzer.catalog).checked.filter(({ oid }) => given.has(oid))
  const [first, ...others] = analysis.statements
  if (checked.length === 0 || first === undefined) return analysis
  const casts = [...new Set(checked.map(({ domain }) => `NULL::${quoted(domain.schema)}.${quoted(domain.name)}`))]
  const run = analyzer.analyzeNow(`SELECT ${casts.sort().join(', ')}`, session)
  const more = run.kind === 'analysis' ? run.statements[0] : undefined
  const statement = more === undefined ? incomplete(first) : both(first, more)
  const { numbers: _numbers, like: _like, ...rest } = analysis
  const verb = analysis.verb === 'read' ? statement.verb : analysis.verb
  return { ...rest, verb, statements: [statement, ...others], complete: analysis.complete && statement.complete }
}

function both(first: SqlStatement, more: SqlStatement): SqlStatement {
  return {
    ...first,
    verb: first.verb === 'read' ? more.verb : first.verb,
    relations: [...first.relations, ...more.relations],
    functions: [...first.functions, ...more.functions],
    dynamic: first.dynamic || more.dynamic,
    complete: first.complete && more.complete,
    reasons: [...new Set([...first.reasons, ...more.reasons])].sort(),
  }
}

function incomplete(first: SqlStatement): SqlStatement {
  return { ...first, complete: false, reasons: [...first.reasons, 'type of a parameter not known'].sort() }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
