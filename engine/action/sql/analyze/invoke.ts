// Calls as they stand in expressions: FuncCall nodes and operators.
import type { Operator, TypeRef } from '../catalog/types.ts'
import { as, child, flag, list, namesOf, type Tree } from '../parser/tree.ts'
import type { Context } from './context.ts'
import { Mix, plain, type Scope, unknown, type Value } from './value.ts'
import { window } from './window.ts'

/** The value of a FuncCall. */
export function callFunction(context: Context, node: Tree, scope: Scope): Value {
  const names = namesOf(list(node, 'funcname'))
  if (names === undefined || names.length === 0) {
    context.facts.incomplete('function name not understood')
    return unknown
  }
  const nodes = [...list(node, 'args')]
  const values = nodes.map((argument) => context.walk.expression(context, argument, scope))
  const mix = new Mix()
  const aggregate = flag(node, 'agg_distinct') ? 'distinct' : 'aggregate'
  for (const part of list(node, 'agg_order')) {
    const value = context.walk.expression(context, part, scope)
    context.facts.use(value, 'aggregate')
    mix.add(value)
    // Of an ordered-set aggregate they are arguments, behind the direct ones.
    if (flag(node, 'agg_within_group')) {
      nodes.push(part)
      values.push(value)
    }
  }
  if (node['agg_filter'] !== undefined) {
    const value = context.walk.expression(context, node['agg_filter'], scope)
    context.facts.use(value, 'aggregate')
    mix.add(value)
  }
  const over = child(node, 'over')
  if (over !== undefined) window(context, over, scope)
  if (flag(node, 'agg_distinct')) for (const value of values) context.facts.use(value, aggregate)
  const name = names.at(-1) ?? ''
  const schema = names.length > 1 ? (names.at(-2) ?? '') : ''
  const result = context.walk.call(
    context,
    { schema, name, values, nodes, kind: 'function', variadic: flag(node, 'func_variadic') },
    scope,
  )
  if (mix.value() === plain) return result
  mix.add(result)
  return { ...result, ...mix.value(result.type) }
}

/** The call of a procedure. */
export function callProcedure(context: Context, node: Tree, scope: Scope): void {
  const names = namesOf(list(node, 'funcname')) ?? []
  const nodes = list(node, 'args')
  const values = nodes.map((argument) => context.walk.expression(context, argument, scope))
  const schema = names.length > 1 ? (names.at(-2) ?? '') : ''
  context.walk.call(
    context,
    { schema, name: names.at(-1) ?? '', values, nodes, kind: 'procedure', variadic: flag(node, 'func_variadic') },
    scope,
  )
}

/** Notes the functions behind an operator that somebody defined; the server's own operators only compute. */
export function callOperator(
  context: Context,
  names: readonly string[],
  left: Value | undefined,
  right: Value | undefined,
): void {
  const name = names.at(-1)
  if (name === undefined) return
  const schema = names.length > 1 ? (names.at(-2) ?? '') : ''
  const { catalog } = context.names
  if (schema === 'pg_catalog') return
  if (!catalog.hasOwnOperator(name)) {
    if (schema !== '') context.facts.incomplete('unresolved operator')
    return
  }
  if (schema === '' && context.session.doubtful) context.facts.incomplete('search path not known')
  const candidates = context.names.operators(schema, name).filter((at) => fits(at, left, right))
  if (candidates.length === 0 && schema !== '') context.facts.incomplete('unresolved operator')
  for (const operator of candidates) {
    const { function: target } = operator
    const values: Value[] = []
    if (left !== undefined) values.push(left)
    if (right !== undefined) values.push(right)
    for (const routine of catalog.routines(target.schema, target.name)) {
      const body = context.walk.routine(context, routine, 'function')
      const effects = body.facts.effects()
      context.facts.call({
        schema: operator.schema,
        name: operator.name,
        kind: 'operator',
        effects,
        definer: routine.definer,
        via: [],
      })
      context.facts.include(body.facts, [`${target.schema}.${target.name}`])
      for (const value of values) context.facts.use(value, 'argument')
    }
    if (catalog.routines(target.schema, target.name).length === 0) context.facts.incomplete('unresolved function')
  }
}

function fits(operator: Operator, left: Value | undefined, right: Value | undefined): boolean {
  return side(operator.left, left) && side(operator.right, right)
}

// A value of unknown type may fit any operand.
function side(operand: TypeRef | undefined, value: Value | undefined): boolean {
  if (operand === undefined || value === undefined) return operand === undefined || value !== undefined
  return true
}

/** The constant name list of a List or String node, for functions that are named by text. */
export function textArgument(node: unknown): string | undefined {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) return textArgument(cast['arg'])
  const constant = as(node, 'A_Const')
  const string = constant === undefined ? undefined : child(constant, 'sval')
  const value = string?.['sval']
  return typeof value === 'string' ? value : constant !== undefined && string !== undefined ? '' : undefined
}
