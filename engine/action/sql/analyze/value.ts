// What an expression's value is made of, and what a FROM clause offers to expressions.
import type { Relation, TypeRef } from '../catalog/types.ts'
import type { SqlColumnRef } from '../facts.ts'
import type { Touch } from './collector.ts'

/** The value of an expression: the columns it derives from. */
export interface Value {
  readonly sources: readonly SqlColumnRef[]
  /** False when it may derive from more than `sources`. */
  readonly known: boolean
  /** True when it is the source column itself. */
  readonly direct: boolean
  readonly type?: TypeRef | undefined
  /** For a whole-row value, where its fields are. */
  readonly item?: Item | undefined
  /** For a parameter of a routine that has one value at the call at hand and gets no other, that text. */
  readonly text?: string | undefined
  /** For a function that returns several columns, their names. */
  readonly fields?: readonly string[] | undefined
}

/** A value that derives from no column. */
export const plain: Value = { sources: [], known: true, direct: false }

/** A value of which nothing is known. */
export const unknown: Value = { sources: [], known: false, direct: false }

/** A named column of a FROM item or of a query's result. */
export interface Field extends Value {
  readonly name: string
  /** True where there may be no such column: of a function that returns a value or a row. */
  readonly doubtful?: boolean | undefined
  /** Relation entries to mark when the column is used, with the column's name there. */
  readonly touches?: readonly (readonly [Touch, string])[] | undefined
}

/** One named thing in a FROM clause. */
export interface Item {
  readonly alias: string
  /** The schema, for a table without an alias, which may be referred to as `schema.table`. */
  readonly schema?: string | undefined
  readonly fields: readonly Field[]
  /** True when it may have columns that are not in `fields` (an unresolved relation, a function returning record). */
  readonly open: boolean
  /** What a column not in `fields` derives from, when open. */
  readonly rest: Value
  /** The relation it is, for system columns and for its row type. */
  readonly relation?: Relation | undefined
  readonly touches: readonly Touch[]
  /** True where its columns have other names than the fields of its row type. */
  readonly renamed?: boolean | undefined
  /** False for the inside of a join that has an alias of its own, and the like. */
  readonly visible: boolean
}

/** One element of a FROM list: the columns that a bare name or `*` sees. */
export interface Element {
  readonly items: readonly Item[]
  readonly columns: readonly Field[]
}

/** The names an expression can see: its own query's FROM clause, then the queries around it. */
export interface Scope {
  readonly elements: Element[]
  readonly parent: Scope | undefined
  readonly ctes: Ctes | undefined
  /** Variables and arguments of the body the query stands in. */
  readonly variables: ReadonlyMap<string, Value> | undefined
  /** Of an expression that may stand on itself: what is told the columns of the part that does not. */
  readonly seeded?: (left: readonly Field[]) => void
}

/** Common table expressions in reach, innermost first. */
export interface Ctes {
  readonly name: string
  readonly fields: readonly Field[]
  readonly parent: Ctes | undefined
}

/** A scope below `parent` with nothing in its FROM clause yet. */
export function inner(parent: Scope | undefined, ctes: Ctes | undefined = parent?.ctes): Scope {
  return { elements: [], parent, ctes, variables: parent?.variables }
}

/** A scope with nothing in it. */
export const noScope: Scope = { elements: [], parent: undefined, ctes: undefined, variables: undefined }

/** Gathers values into one that derives from all of them. */
export class Mix {
  #first: Value | undefined
  #sources: Set<SqlColumnRef> | undefined
  #known = true

  add(value: Value): void {
    if (!value.known) this.#known = false
    if (value.sources.length === 0) return
    if (this.#first === undefined) {
      this.#first = value
      return
    }
    if (this.#sources === undefined) this.#sources = new Set(this.#first.sources)
    for (const source of value.sources) this.#sources.add(source)
  }

  /** The mixed value; `type` is its own type when known. */
  value(type?: TypeRef): Value {
    if (this.#first === undefined && this.#known && type === undefined) return plain
    const sources = this.#sources === undefined ? (this.#first?.sources ?? []) : [...this.#sources]
    return { sources, known: this.#known, direct: false, type }
  }
}

const references = new WeakMap<Relation, Map<string, SqlColumnRef>>()

/** The one reference object of a relation's column, so that references compare by identity. */
export function referenceTo(relation: Relation, column: string): SqlColumnRef {
  let columns = references.get(relation)
  if (columns === undefined) {
    columns = new Map()
    references.set(relation, columns)
  }
  let reference = columns.get(column)
  if (reference === undefined) {
    reference = { schema: relation.schema, relation: relation.name, column }
    columns.set(column, reference)
  }
  return reference
}
