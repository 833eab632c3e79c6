// The SQL analyzer's contract. Nobody outside this folder imports deeper.

export type { Site } from './analyze/collector.ts'
export { createSqlAnalyzer } from './analyzer.ts'
export { builtinCatalog } from './catalog/builtin.ts'
export { Catalog } from './catalog/catalog.ts'
export { catalogFromServer, catalogQuery, ownCatalog } from './catalog/server.ts'
export type { CatalogData, Relation, Routine } from './catalog/types.ts'
export type {
  ProtectionMode,
  ProtectionTerms,
  RefusalCode,
  ServerMajor,
  SqlAnalysis,
  SqlAnalyzer,
  SqlRefusal,
  SqlResult,
  Substitution,
} from './contract.ts'
export type {
  Access,
  FunctionEffects,
  PredicateUse,
  SqlAssignment,
  SqlColumnRef,
  SqlFacts,
  SqlFunction,
  SqlObject,
  SqlOutput,
  SqlPredicate,
  SqlRelation,
  SqlStatement,
} from './facts.ts'
export * from './limits.ts'
export { type NamedQuery, SqlSession } from './session.ts'
export { blankComments, checkText, decodeStatement } from './text.ts'
