// Small hand-made plans for tests of the engines that run them.
import type { Block, Func, Operand, Policy, Stmt } from '../../rego/ir/index.ts'

type WithoutPlace<S> = S extends Stmt ? Omit<S, 'file' | 'row' | 'col'> : never

/** An operand that is a local. */
export const local = (value: number): Operand => ({ kind: 'local', value })
/** An operand that is a constant string, by its index in `planStrings`. */
export const text = (value: number): Operand => ({ kind: 'string_index', value })
/** The constant true. */
export const yes: Operand = { kind: 'bool', value: true }
/** The constant false. */
export const no: Operand = { kind: 'bool', value: false }

/** The constant strings of these plans. */
export const planStrings: readonly string[] = ['x', 'a', 'g0', '10', '1.5', 'p', 'q']

/** A block of statements at one place. */
export function block(...stmts: readonly WithoutPlace<Stmt>[]): Block {
  return { stmts: stmts.map((stmt): Stmt => ({ file: 0, row: 7, col: 3, ...stmt })) }
}

/** A block that adds {"x": local} to the results; uses local 90. */
export function answer(from: number): Block {
  return block(
    { kind: 'IsDefinedStmt', source: from },
    { kind: 'MakeObjectStmt', target: 90 },
    { kind: 'ObjectInsertStmt', key: text(0), value: local(from), object: 90 },
    { kind: 'ResultSetAddStmt', value: 90 },
  )
}

/** A policy with one plan, `eval`. */
export function planOf(
  blocks: readonly Block[],
  funcs: readonly Func[] = [],
  builtins: readonly string[] = [],
): Policy {
  return {
    strings: planStrings,
    files: ['policy.rego'],
    builtins: builtins.map((name) => ({ name, decl: { type: 'function', result: { type: 'any' } } })),
    plans: [{ name: 'eval', blocks }],
    funcs,
  }
}
