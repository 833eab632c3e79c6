// What every part of the walk is given. The parts call one another through `walk`, so that none imports another.

import type { Catalog } from '../catalog/catalog.ts'
import type { Relation, Routine, Rule } from '../catalog/types.ts'
import type { Grammar } from '../parser/grammar.ts'
import type { Tree } from '../parser/tree.ts'
import type { SqlSession } from '../session.ts'
import type { Collector } from './collector.ts'
import type { Names } from './names.ts'
import type { Field, Scope, Value } from './value.ts'

/** What happens to the rows of a relation. */
export type WriteEvent = 'insert' | 'update' | 'delete' | 'truncate'

/** What is known of a body (view, function, expression text) once it has been read. */
export interface Body {
  readonly facts: Collector
  readonly outputs: readonly Field[]
  /** For bodies whose result is not a column list: all it may derive from. */
  readonly result: Value
}

/** The parts of the walk. */
export interface Walk {
  readonly expression: (context: Context, node: unknown, scope: Scope) => Value
  /** A SELECT, VALUES or data-modifying statement inside another; gives its output columns. */
  readonly query: (context: Context, node: unknown, scope: Scope) => readonly Field[]
  readonly call: (context: Context, call: Call, scope: Scope) => Value
  readonly type: (context: Context, typeName: Tree | undefined, use: 'cast' | 'declare') => void
  /**
   * `transition` are the names under which a trigger's function reads the rows that changed, `given` the texts that are
   * certain of a function's arguments.
   */
  readonly routine: (
    context: Context,
    routine: Routine,
    kind: 'function' | 'trigger',
    transition?: readonly string[],
    given?: readonly (string | undefined)[],
  ) => Body
  readonly view: (context: Context, relation: Relation) => Body
  readonly rule: (context: Context, relation: Relation, rule: Rule) => Body & { readonly conditional: boolean }
  /** An expression given as text, over the columns of a relation. */
  readonly text: (
    context: Context,
    text: string,
    relation: Relation | undefined,
    path: readonly string[] | undefined,
  ) => Body
  /** A statement inside a body; gives its output columns. */
  readonly statement: (context: Context, node: unknown, scope: Scope) => readonly Field[]
  /** Every statement of a text that the server would run. */
  readonly script: (context: Context, text: string, scope: Scope) => readonly Field[]
  readonly from: (context: Context, node: unknown, scope: Scope) => void
}

/** A call to resolve: by FuncCall, attribute notation, operator or DDL. */
export interface Call {
  readonly schema: string
  readonly name: string
  readonly values: readonly Value[]
  /** The argument nodes, where constants are looked for. */
  readonly nodes: readonly unknown[]
  readonly kind: 'function' | 'procedure' | 'attribute'
  readonly variadic: boolean
}

/** A relation named in the text, resolved or not. */
export interface Target {
  readonly relation: Relation | undefined
  readonly schema: string
  readonly name: string
}

/** Where a walk stands. */
export interface Depth {
  /** Depth of the tree so far. */
  now: number
  /** Expressions walked so far, those that were walked again each time. */
  walked: number
  /** The outermost body being read that was met again, by its place in `bodies`. */
  met: number
  /** Bodies that met another one, which is still being read: complete but for what that one does. */
  readonly partial: Map<string, { readonly body: Body; readonly met: number; readonly name: string }>
}

/** The surroundings of a walk. */
export interface Context {
  /** By what the names of the text at hand are read. */
  readonly names: Names
  /** By what a routine reads its names that has no path of its own: the session's, or that of a routine around it. */
  readonly running: Names
  readonly session: SqlSession
  /** The snapshot that the session's own changes stand on. */
  readonly shared: Catalog
  readonly grammar: Grammar
  readonly facts: Collector
  readonly walk: Walk
  /** Bodies being read, outermost first: recursion stops at one that is there already. */
  readonly bodies: readonly string[]
  /** What the walk moves. */
  readonly depth: Depth
}

/** The same walk with facts of its own, for a body that is read apart. */
export function nested(context: Context, facts: Collector, body: string, names: Names, running: Names): Context {
  return { ...context, facts, names, running, bodies: [...context.bodies, body] }
}
