// What the SQL analyzer reports. Every array is sorted or in statement order; every field is always present
// unless marked optional, so that policies need no existence checks.

/** How a statement touches a relation. */
export type Access = 'read' | 'write' | 'define' | 'lock'

/** One relation that a statement touches, views expanded to what they read too (`via` names the view). */
export interface SqlRelation {
  readonly schema: string
  readonly name: string
  readonly access: Access
  /** Columns touched, as far as known; `*` stands for all of them. */
  readonly columns: readonly string[]
  /** True when the name was found in the catalog as the server would find it. */
  readonly resolved: boolean
  /** The relation's kind in the catalog, `unknown` when it is not there. */
  readonly kind:
    | 'table'
    | 'view'
    | 'materialized_view'
    | 'foreign_table'
    | 'sequence'
    | 'partitioned'
    | 'index'
    | 'type'
    | 'temporary'
    | 'unknown'
  /** View, rule, trigger or function through which the relation is reached; empty when named in the statement. */
  readonly via: readonly string[]
}

/** What calling a function can do. */
export type FunctionEffects = 'pure' | 'read' | 'write' | 'external' | 'unknown'

/** One function that a statement calls, operators and casts included where they hide one. */
export interface SqlFunction {
  readonly schema: string
  readonly name: string
  /** How it is reached: by name, by an operator or a cast that somebody defined, by a trigger or a column default. */
  readonly kind: 'function' | 'aggregate' | 'window' | 'procedure' | 'operator' | 'cast' | 'trigger' | 'default'
  readonly effects: FunctionEffects
  /** True when it runs with the rights of its owner. */
  readonly definer: boolean
  /** View, rule, trigger or function through which the call is reached; empty when the statement itself calls. */
  readonly via: readonly string[]
}

/** A column of a relation that some output or predicate derives from. */
export interface SqlColumnRef {
  readonly schema: string
  readonly relation: string
  readonly column: string
}

/** What a column decides, when it is not (only) shown. */
export type PredicateUse =
  | 'where'
  | 'join'
  | 'having'
  | 'group'
  | 'sort'
  | 'distinct'
  | 'window'
  | 'aggregate'
  | 'limit'
  | 'case'
  | 'merge'
  | 'argument'

/** A column that decides something: which rows, in which order, in which groups, which branch, what a function does. */
export interface SqlPredicate {
  readonly schema: string
  readonly relation: string
  readonly column: string
  /** Sorted. `argument` is a column given to a function or cast that can raise, print or send it, or that makes rows of it. */
  readonly uses: readonly PredicateUse[]
}

/** A column that a statement writes, and the columns its new value derives from. */
export interface SqlAssignment {
  readonly schema: string
  readonly relation: string
  readonly column: string
  readonly sources: readonly SqlColumnRef[]
  /** False when the lineage of the new value is not fully known. */
  readonly known: boolean
}

/** One object that is not (only) a relation and that a statement creates, changes, drops, grants on or uses. */
export interface SqlObject {
  /** `schema`, `function`, `role`, `extension`, `trigger`, `event_trigger`, `subscription`, `cursor`, `channel`, ... */
  readonly kind: string
  readonly schema: string
  readonly name: string
  readonly action: 'create' | 'alter' | 'drop' | 'grant' | 'revoke' | 'use'
}

/** One output column and where its value comes from. */
export interface SqlOutput {
  readonly name: string
  readonly sources: readonly SqlColumnRef[]
  /** True when the value is the source column itself, unchanged. */
  readonly direct: boolean
  /** False when the lineage is not fully known. */
  readonly known: boolean
}

/** One statement, with everything nested in it. */
export interface SqlStatement {
  /** `select`, `insert`, `update`, `delete`, `merge`, `copy`, `create_table`, `set`, `do`, ...: lower case, stable. */
  readonly kind: string
  readonly verb: 'read' | 'write' | 'define' | 'grant' | 'execute' | 'transfer' | 'admin'
  readonly text: string
  readonly relations: readonly SqlRelation[]
  readonly functions: readonly SqlFunction[]
  readonly outputs: readonly SqlOutput[]
  /** Columns that decide which rows or order come out: WHERE, JOIN, GROUP BY, ORDER BY, HAVING, DISTINCT, ... */
  readonly predicates: readonly SqlPredicate[]
  /** Columns that INSERT, UPDATE, MERGE and COPY FROM write, with what flows into them. */
  readonly assignments: readonly SqlAssignment[]
  /** Objects other than relations that the statement is about. */
  readonly objects: readonly SqlObject[]
  /**
   * What the statement says beyond its kind, as short fixed phrases, sorted: `analyze`, `and chain`, `cascade`,
   * `concurrently`, `for update`, `from program`, `from stdin`, `if exists`, `if not exists`, `or replace`, `read only`,
   * `read write`, `rename`, `restart identity`, `security definer`, `to file` ...
   */
  readonly options: readonly string[]
  /**
   * For UPDATE, DELETE and MERGE: whether every written relation is restricted, by a condition that looks at a column of it,
   * in routines that are called too; null where the question has no sense.
   */
  readonly where: boolean | null
  /** The row limit the text sets, when it is a constant; null where ties may come with it. */
  readonly limit: number | null
  readonly returning: boolean
  /** True when text is built and run that the analyzer cannot see (EXECUTE, DO, dblink, query_to_xml ...). */
  readonly dynamic: boolean
  /** Settings the statement changes: name and value, for SET, RESET, set_config. */
  readonly settings: readonly { readonly name: string; readonly value: string | null }[]
  readonly complete: boolean
  /** Why it is not complete: short fixed phrases. */
  readonly reasons: readonly string[]
  /** Names in the statement itself that mean nothing to the catalog, at most eight of them; absent where there are none. */
  readonly unresolved?: readonly string[]
}

/** The `action.sql` part of an action document. */
export interface SqlFacts {
  readonly statements: readonly SqlStatement[]
  /** Bound values as text, null for NULL; `$binary` objects where the type is not decoded. */
  readonly parameters: readonly (string | number | boolean | null | { readonly $binary: string })[]
  readonly protocol: 'simple' | 'extended' | 'copy' | 'function_call' | 'startup'
}
