// The shapes that a catalog snapshot holds. Plain data: it can be read from rows, from a schema file or from JSON.

/** A schema-qualified name. */
export interface QualifiedName {
  readonly schema: string
  readonly name: string
}

/** What kind of relation it is. */
export type RelationKind =
  | 'table'
  | 'view'
  | 'materialized_view'
  | 'foreign_table'
  | 'sequence'
  | 'partitioned'
  | 'index'
  | 'type'

/** A type as a column or argument names it; `array` tells how it is wrapped. */
export interface TypeRef extends QualifiedName {
  readonly array: boolean
}

/** One column of a relation or of a composite type. */
export interface Column {
  readonly name: string
  readonly type: TypeRef
  /** SQL text of the default or generation expression, with names qualified, when there is one. */
  readonly default?: string
  readonly generated?: boolean
  /** The sequence behind an identity column. */
  readonly sequence?: QualifiedName
}

/** A trigger that somebody made (those of foreign keys are `foreignKeys`). */
export interface Trigger {
  readonly name: string
  readonly function: QualifiedName
  readonly events: readonly ('insert' | 'update' | 'delete' | 'truncate')[]
  readonly insteadOf: boolean
  /** Names under which its function reads the old and the new rows. */
  readonly transition?: readonly string[]
  /** The whole CREATE TRIGGER text where there is a WHEN condition. */
  readonly definition?: string
}

/** A rewrite rule other than a view's own. */
export interface Rule {
  readonly name: string
  /** The whole CREATE RULE text with names qualified. */
  readonly text: string
  readonly event: 'select' | 'insert' | 'update' | 'delete'
  readonly instead: boolean
}

/** A foreign key, held by the referencing relation. */
export interface ForeignKey {
  readonly columns: readonly string[]
  readonly target: QualifiedName
  readonly targetColumns: readonly string[]
  readonly onDelete: ReferentialAction
  readonly onUpdate: ReferentialAction
}

/** What happens to referencing rows. */
export type ReferentialAction = 'no_action' | 'restrict' | 'cascade' | 'set_null' | 'set_default'

/** A row security policy. */
export interface Policy {
  readonly name: string
  readonly command: 'all' | 'select' | 'insert' | 'update' | 'delete'
  readonly using?: string
  readonly check?: string
}

/** A relation, sequence, index or composite type. */
export interface Relation extends QualifiedName {
  readonly kind: RelationKind
  readonly oid?: number
  readonly columns: readonly Column[]
  readonly temporary?: boolean
  /** The query of a view or materialized view. */
  readonly query?: string
  /** The search path under which `query` (and every other expression text) was written; empty when all is qualified. */
  readonly path?: readonly string[]
  readonly securityInvoker?: boolean
  /** Direct parents by inheritance or partitioning. */
  readonly parents?: readonly QualifiedName[]
  readonly triggers?: readonly Trigger[]
  readonly rules?: readonly Rule[]
  readonly foreignKeys?: readonly ForeignKey[]
  readonly rowSecurity?: boolean
  readonly policies?: readonly Policy[]
  /** SQL texts of check constraints and index expressions, which run on every write. */
  readonly checks?: readonly string[]
  /** Columns in a unique index, a key, a check or an index expression; absent where that is not known. */
  readonly guarded?: readonly string[]
  /** Columns of which no two rows have all alike, by index; `nullsAlike` where that goes for NULL too. */
  readonly unique?: readonly { readonly columns: readonly string[]; readonly nullsAlike: boolean }[]
  /** By what a partitioned table divides its rows, as SQL text. */
  readonly partitionKey?: string
  /** Of a partitioned table, the partition for rows that no other takes. */
  readonly defaultPartition?: QualifiedName
  /** For an index, the table; for a sequence, the table that owns it. */
  readonly owner?: QualifiedName
  /** An index has an operator class that is not the server's own: its functions run on every write. */
  readonly ownClasses?: boolean
  /** True where the snapshot could not say all there is: facts about it are never complete. */
  readonly partial?: boolean
  /** True where the session has changed it since the snapshot: what is said of it here may no longer be so. */
  readonly changed?: boolean
  /** True for a table that is dropped when the transaction that made it is committed. */
  readonly untilCommit?: boolean
}

/** A type that is not a relation's row type. */
export interface DataType extends QualifiedName {
  readonly kind: 'base' | 'domain' | 'enum' | 'range' | 'multirange' | 'pseudo' | 'composite'
  /** A domain's underlying type. */
  readonly base?: TypeRef
  /** A domain's check expressions and default, as SQL text. */
  readonly checks?: readonly string[]
  /** True for a base type whose input and output code the catalog does not know to be harmless. */
  readonly foreign?: boolean
}

/** A type of which a value is checked by a domain: the domain itself, or what is made of it. */
export interface CheckedType extends QualifiedName {
  readonly oid: number
  readonly domain: QualifiedName
}

/** How a function was declared to behave. */
export type Volatility = 'immutable' | 'stable' | 'volatile'

/** A function, procedure, aggregate or window function. */
export interface Routine extends QualifiedName {
  readonly kind: 'function' | 'procedure' | 'aggregate' | 'window'
  readonly oid?: number
  /** Input arguments only. */
  readonly arguments: readonly TypeRef[]
  readonly argumentNames?: readonly string[]
  /** How many of the last arguments have defaults. */
  readonly defaults: number
  /** The defaults themselves, as SQL text with commas between. */
  readonly given?: string
  readonly variadic: boolean
  readonly returns: TypeRef
  readonly returnsSet: boolean
  /** Output columns of a function that returns a table or has OUT arguments. */
  readonly outputs?: readonly { readonly name: string; readonly type: TypeRef }[]
  readonly volatility: Volatility
  /** `internal`, `c`, `sql`, `plpgsql`, ... */
  readonly language: string
  readonly definer: boolean
  /** As whom it runs, where that is not its caller. */
  readonly owner?: string
  /** Source text (`prosrc`), or a SQL-standard body as `pg_get_function_sqlbody` prints it. */
  readonly body?: string
  readonly standardBody?: boolean
  /** Search path under which the body's names are read: SET search_path of the function, or absent for the caller's. */
  readonly path?: readonly string[]
  /** Settings the function carries (`SET x = y`). */
  readonly settings?: readonly string[]
  /** For an aggregate: the functions it is made of. */
  readonly parts?: readonly QualifiedName[]
  /** The extension it belongs to. */
  readonly extension?: string
}

/** An operator and the function behind it. */
export interface Operator extends QualifiedName {
  readonly left?: TypeRef
  readonly right?: TypeRef
  readonly function: QualifiedName
}

/**
 * A cast that somebody defined with a function; from a type to itself, what the default operator class that somebody made
 * for it runs (but for code in C).
 */
export interface Cast {
  readonly source: TypeRef
  readonly target: TypeRef
  readonly function: QualifiedName
  readonly context: 'explicit' | 'assignment' | 'implicit'
}

/** An event trigger: code that runs on every DDL. */
export interface EventTrigger {
  readonly name: string
  readonly function: QualifiedName
}

/** A whole snapshot as plain data. */
export interface CatalogData {
  readonly version: string
  readonly schemas: readonly string[]
  readonly relations: readonly Relation[]
  readonly types: readonly DataType[]
  readonly routines: readonly Routine[]
  readonly operators: readonly Operator[]
  readonly casts: readonly Cast[]
  readonly eventTriggers: readonly EventTrigger[]
  /** Types whose values domains check; a type stands here once for each of them. */
  readonly checked?: readonly CheckedType[]
  /** The server's own functions by their oids, where calls by oid are to be understood. */
  readonly builtinCalls?: ReadonlyMap<number, string>
}
