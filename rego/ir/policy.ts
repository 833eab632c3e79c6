// The IR of a policy: OPA's plan, as plain data. Locals 0 and 1 are input and data; everything else is numbered freely.
import type { JsonData } from '../value/index.ts'

/** A variable of a plan or function. */
export type Local = number

/** The local that holds the input document. */
export const INPUT: Local = 0

/** The local that holds the data document. */
export const DATA: Local = 1

/** The first local that is free. */
export const FIRST_FREE: Local = 2

/** What a statement reads: a local, a constant boolean, or a constant string by its index. */
export type Operand =
  | { readonly kind: 'local'; readonly value: Local }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'string_index'; readonly value: number }

/** Where in the policy a statement comes from. `file` indexes `Policy.files`; rows and columns count from one. */
export interface Place {
  readonly file: number
  readonly row: number
  readonly col: number
  readonly endRow?: number
  readonly endCol?: number
}

/** Statements that run in order until one is undefined or leaves. */
export interface Block {
  readonly stmts: readonly Stmt[]
}

/** Appends in place. Always defined. */
export interface ArrayAppendStmt extends Place {
  readonly kind: 'ArrayAppendStmt'
  readonly value: Operand
  readonly array: Local
}

/** Sets an integer. Always defined. */
export interface AssignIntStmt extends Place {
  readonly kind: 'AssignIntStmt'
  readonly value: bigint
  readonly target: Local
}

/** Copies; an undefined source leaves the target undefined and execution goes on. */
export interface AssignVarStmt extends Place {
  readonly kind: 'AssignVarStmt'
  readonly source: Operand
  readonly target: Local
}

/** Copies; a conflict ends the evaluation when the target has another value already. Always defined. */
export interface AssignVarOnceStmt extends Place {
  readonly kind: 'AssignVarOnceStmt'
  readonly source: Operand
  readonly target: Local
}

/** Runs nested blocks in order; one that is undefined just ends. Always defined. */
export interface BlockStmt extends Place {
  readonly kind: 'BlockStmt'
  readonly blocks: readonly Block[]
}

/** Leaves `index` + 1 enclosing blocks. */
export interface BreakStmt extends Place {
  readonly kind: 'BreakStmt'
  readonly index: number
}

/** Calls a planned function or a built-in by name. Undefined when its result is; never so for one that gives no result. */
export interface CallStmt extends Place {
  readonly kind: 'CallStmt'
  readonly func: string
  readonly args: readonly Operand[]
  readonly result: Local
}

/** Calls the function whose path the operands spell. Undefined when there is none; a defined function with an undefined result leaves three more blocks. */
export interface CallDynamicStmt extends Place {
  readonly kind: 'CallDynamicStmt'
  readonly path: readonly Operand[]
  readonly args: readonly Local[]
  readonly result: Local
}

/** Looks a key up. Undefined when the source is a scalar or has no such key. */
export interface DotStmt extends Place {
  readonly kind: 'DotStmt'
  readonly source: Operand
  readonly key: Operand
  readonly target: Local
}

/** Undefined when the operands differ. */
export interface EqualStmt extends Place {
  readonly kind: 'EqualStmt'
  readonly a: Operand
  readonly b: Operand
}

/** Undefined when the source is no array. */
export interface IsArrayStmt extends Place {
  readonly kind: 'IsArrayStmt'
  readonly source: Operand
}

/** Undefined when the local is. */
export interface IsDefinedStmt extends Place {
  readonly kind: 'IsDefinedStmt'
  readonly source: Local
}

/** Undefined when the source is no object. */
export interface IsObjectStmt extends Place {
  readonly kind: 'IsObjectStmt'
  readonly source: Operand
}

/** Undefined when the source is no set. */
export interface IsSetStmt extends Place {
  readonly kind: 'IsSetStmt'
  readonly source: Operand
}

/** Undefined when the local is defined. */
export interface IsUndefinedStmt extends Place {
  readonly kind: 'IsUndefinedStmt'
  readonly source: Local
}

/** Counts elements, or the runes of a string. Undefined for other scalars. */
export interface LenStmt extends Place {
  readonly kind: 'LenStmt'
  readonly source: Operand
  readonly target: Local
}

/** Makes an empty array. Always defined. */
export interface MakeArrayStmt extends Place {
  readonly kind: 'MakeArrayStmt'
  readonly capacity: number
  readonly target: Local
}

/** Makes null. Always defined. */
export interface MakeNullStmt extends Place {
  readonly kind: 'MakeNullStmt'
  readonly target: Local
}

/** Makes an integer. Always defined. */
export interface MakeNumberIntStmt extends Place {
  readonly kind: 'MakeNumberIntStmt'
  readonly value: bigint
  readonly target: Local
}

/** Makes the number that a constant string spells. Always defined. */
export interface MakeNumberRefStmt extends Place {
  readonly kind: 'MakeNumberRefStmt'
  readonly index: number
  readonly target: Local
}

/** Makes an empty object. Always defined. */
export interface MakeObjectStmt extends Place {
  readonly kind: 'MakeObjectStmt'
  readonly target: Local
}

/** Makes an empty set. Always defined. */
export interface MakeSetStmt extends Place {
  readonly kind: 'MakeSetStmt'
  readonly target: Local
}

/** Does nothing. Always defined. */
export interface NopStmt extends Place {
  readonly kind: 'NopStmt'
}

/** Undefined when the operands are equal. */
export interface NotEqualStmt extends Place {
  readonly kind: 'NotEqualStmt'
  readonly a: Operand
  readonly b: Operand
}

/** Undefined when its block runs to its end. */
export interface NotStmt extends Place {
  readonly kind: 'NotStmt'
  readonly block: Block
}

/** Puts an entry in place, over any before it. Always defined. */
export interface ObjectInsertStmt extends Place {
  readonly kind: 'ObjectInsertStmt'
  readonly key: Operand
  readonly value: Operand
  readonly object: Local
}

/** Puts an entry in place; a conflict ends the evaluation when the key has another value. Always defined. */
export interface ObjectInsertOnceStmt extends Place {
  readonly kind: 'ObjectInsertOnceStmt'
  readonly key: Operand
  readonly value: Operand
  readonly object: Local
}

/** Merges two documents recursively; where not both are objects, `a` wins. Always defined. */
export interface ObjectMergeStmt extends Place {
  readonly kind: 'ObjectMergeStmt'
  readonly a: Local
  readonly b: Local
  readonly target: Local
}

/** Makes a local undefined. Always defined. */
export interface ResetLocalStmt extends Place {
  readonly kind: 'ResetLocalStmt'
  readonly target: Local
}

/** Adds an object of bindings to the result set. Always defined. */
export interface ResultSetAddStmt extends Place {
  readonly kind: 'ResultSetAddStmt'
  readonly value: Local
}

/** Ends the function with a value, or without one. */
export interface ReturnLocalStmt extends Place {
  readonly kind: 'ReturnLocalStmt'
  readonly source: Local
}

/** Runs its block for each element; an undefined block goes on with the next. Always defined, for a scalar without running. */
export interface ScanStmt extends Place {
  readonly kind: 'ScanStmt'
  readonly source: Local
  readonly key: Local
  readonly value: Local
  readonly block: Block
}

/** Adds in place. Always defined. */
export interface SetAddStmt extends Place {
  readonly kind: 'SetAddStmt'
  readonly value: Operand
  readonly set: Local
}

/** Runs its block with a value put at a path of a local, then restores the local. Undefined when its block is. */
export interface WithStmt extends Place {
  readonly kind: 'WithStmt'
  readonly local: Local
  /** Indices of constant strings. */
  readonly path: readonly number[]
  readonly value: Operand
  readonly block: Block
}

/** A statement. */
export type Stmt =
  | ArrayAppendStmt
  | AssignIntStmt
  | AssignVarStmt
  | AssignVarOnceStmt
  | BlockStmt
  | BreakStmt
  | CallStmt
  | CallDynamicStmt
  | DotStmt
  | EqualStmt
  | IsArrayStmt
  | IsDefinedStmt
  | IsObjectStmt
  | IsSetStmt
  | IsUndefinedStmt
  | LenStmt
  | MakeArrayStmt
  | MakeNullStmt
  | MakeNumberIntStmt
  | MakeNumberRefStmt
  | MakeObjectStmt
  | MakeSetStmt
  | NopStmt
  | NotEqualStmt
  | NotStmt
  | ObjectInsertStmt
  | ObjectInsertOnceStmt
  | ObjectMergeStmt
  | ResetLocalStmt
  | ResultSetAddStmt
  | ReturnLocalStmt
  | ScanStmt
  | SetAddStmt
  | WithStmt

/** The name of a statement. */
export type StmtKind = Stmt['kind']

/** The query of one entry point: its blocks add to the result set. */
export interface Plan {
  readonly name: string
  readonly blocks: readonly Block[]
}

/** A planned rule or function. The first two parameters are input and data. */
export interface Func {
  readonly name: string
  readonly params: readonly Local[]
  readonly return: Local
  readonly blocks: readonly Block[]
  /** Where dynamic calls find it: the generation, then the rule's path without `data`. */
  readonly path?: readonly string[]
}

/** A built-in that the policy calls, with its type as capabilities write it. */
export interface BuiltinDeclaration {
  readonly name: string
  readonly decl: JsonData
}

/** A rule that no entry point reaches, for coverage. */
export interface UnplannedRule {
  readonly path: readonly string[]
  readonly place: Place
}

/** A whole plan.json. */
export interface Policy {
  readonly strings: readonly string[]
  readonly builtins: readonly BuiltinDeclaration[]
  readonly files: readonly string[]
  readonly plans: readonly Plan[]
  readonly funcs: readonly Func[]
  readonly unplannedRules?: readonly UnplannedRule[]
}
