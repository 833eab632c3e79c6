// An analyzer for protocol tests: every text is one complete statement whose kind is its first word.

import type { SqlStatement } from '../../engine/action/index.ts'
import { Catalog, type SqlAnalysis, type SqlAnalyzer } from '../../engine/action/sql/index.ts'

/** Answers at once; `shape` may change the statement of a text. */
export function plainAnalyzer(
  shape: (statement: SqlStatement) => SqlStatement = (statement) => statement,
): SqlAnalyzer {
  const catalog = new Catalog(undefined, {})
  return {
    catalog,
    major: 18,
    substitute: (given, _session, { masks, filters }) =>
      filters.length > 0
        ? { kind: 'refuse', why: 'row filters cannot be enforced on this statement' }
        : { kind: 'forward', text: given.forward, reaches: false, gateway: masks, masked: [] },
    provision: () => ({ ok: false, why: 'nothing is known' }),
    useCatalog: () => undefined,
    analyze: (text, session) => ({ ...analysis(text, shape), after: [session] }),
    analyzeNow: (text, session) => ({ ...analysis(text, shape), after: [session] }),
  }
}

function analysis(text: string, shape: (statement: SqlStatement) => SqlStatement): SqlAnalysis {
  const kind =
    text
      .trim()
      .split(/[\s(;]/)[0]
      ?.toLowerCase() ?? ''
  const verb = kind === 'select' ? 'read' : 'write'
  const statement = shape({
    kind,
    verb,
    text,
    relations: [],
    functions: [],
    outputs: [],
    predicates: [],
    assignments: [],
    objects: [],
    options: [],
    where: null,
    limit: null,
    returning: false,
    dynamic: false,
    settings: /^set standard_conforming_strings/i.test(text)
      ? [{ name: 'standard_conforming_strings', value: 'off' }]
      : [],
    complete: true,
    reasons: [],
  })
  return {
    kind: 'analysis',
    forward: text,
    verb,
    operation: kind,
    complete: true,
    statements: [statement],
    after: [],
    sites: [[]],
    computed: [[]],
    changesBeside: false,
    deleted: [[]],
  }
}
