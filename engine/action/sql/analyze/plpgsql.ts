// plpgsql bodies: every expression and statement in them is read; what is built at run time is dynamic.
import type { Routine } from '../catalog/types.ts'
import { child, isTree, list, noTree, number, type Tree, tagOf, text } from '../parser/tree.ts'
import type { Context } from './context.ts'
import { textArgument } from './invoke.ts'
import { parseInside } from './parse-inside.ts'
import { Mix, noScope, plain, referenceTo, type Scope, unknown, type Value } from './value.ts'

const known = new Set(
  `function var rec recfield row arrayelem promise type expr stmt_block exception_block exception condition
  stmt_assign stmt_if if_elsif stmt_case case_when stmt_loop stmt_while stmt_fori stmt_fors stmt_forc stmt_foreach_a
  stmt_exit stmt_return stmt_return_next stmt_return_query stmt_raise raise_option stmt_assert stmt_execsql
  stmt_dynexecute stmt_dynfors stmt_getdiag diag_item stmt_open stmt_fetch stmt_close stmt_perform stmt_call
  stmt_commit stmt_rollback nsitem`
    .split(/\s+/)
    .map((name) => `PLpgSQL_${name}`),
)

/** Reads the parse tree of one routine or DO block; gives what its result may derive from. */
export function plpgsqlBody(context: Context, tree: Tree, routine: Routine | undefined): Value {
  const variables = new Map<string, Value>()
  for (const [index, argument] of (routine?.arguments ?? []).entries()) {
    variables.set(`$${index + 1}`, { ...plain, type: argument })
  }
  for (const name of routine?.argumentNames ?? []) if (name !== '') variables.set(name, plain)
  for (const name of ['found', 'sqlstate', 'sqlerrm', 'new', 'old', routine?.name ?? 'found'])
    variables.set(name, plain)
  for (const output of routine?.outputs ?? []) variables.set(output.name, plain)
  collectVariables(tree, variables)
  const scope: Scope = { ...noScope, variables }
  visit(context, tree, scope)
  // whatever the body reads may come out
  const mix = new Mix()
  for (const touch of context.facts.relations.values()) {
    if (touch.access !== 'read') continue
    const relation = context.names.catalog.relation(touch.schema, touch.name)
    if (relation === undefined) mix.add(unknown)
    else {
      const sources = [...touch.columns]
        .filter((column) => column !== '*')
        .map((column) => referenceTo(relation, column))
      mix.add({ sources, known: true, direct: false })
    }
  }
  if (context.facts.dynamic) mix.add(unknown)
  return mix.value()
}

function collectVariables(node: unknown, variables: Map<string, Value>): void {
  if (Array.isArray(node)) for (const part of node) collectVariables(part, variables)
  else if (isTree(node)) {
    for (const field in node) {
      const value = node[field]
      if ((field === 'refname' || field === 'label') && typeof value === 'string')
        variables.set(value.toLowerCase(), plain)
      if (field === 'refname' && typeof value === 'string') variables.set(value, plain)
      collectVariables(value, variables)
    }
  }
}

function visit(context: Context, node: unknown, scope: Scope): void {
  if (Array.isArray(node)) {
    for (const part of node) visit(context, part, scope)
    return
  }
  if (!isTree(node)) return
  for (const field in node) {
    const value = node[field]
    if (field.startsWith('PLpgSQL_')) {
      if (!known.has(field)) context.facts.incomplete(`node ${field} not understood`)
      const content = isTree(value) ? value : noTree
      if (field === 'PLpgSQL_expr') {
        embedded(context, content, scope)
        continue
      }
      if (field === 'PLpgSQL_stmt_dynexecute' || field === 'PLpgSQL_stmt_dynfors')
        dynamic(context, content, 'query', scope)
      else if (content['dynquery'] !== undefined) dynamic(context, content, 'dynquery', scope)
    }
    visit(context, value, scope)
  }
}

// EXECUTE of a constant is that statement; of anything else, nobody knows.
function dynamic(context: Context, statement: Tree, field: string, scope: Scope): void {
  context.facts.dynamic = true
  const outer = child(statement, field)
  const expression = outer === undefined ? undefined : (child(outer, 'PLpgSQL_expr') ?? outer)
  const parsed = parseInside(context, `SELECT ${expression === undefined ? '' : text(expression, 'query')}`)
  const constant = parsed.ok ? constantResult(parsed.tree) : undefined
  if (constant === undefined) context.facts.incomplete('dynamic SQL')
  else context.walk.script(context, constant, scope)
}

function constantResult(tree: Tree): string | undefined {
  const [statement] = list(tree, 'stmts')
  const select = isTree(statement) ? child(child(statement, 'stmt') ?? noTree, 'SelectStmt') : undefined
  const [target] = list(select ?? noTree, 'targetList')
  const value = isTree(target) ? child(target, 'ResTarget') : undefined
  return value === undefined || tagOf(value['val']) !== 'A_Const' ? undefined : textArgument(value['val'])
}

function embedded(context: Context, expression: Tree, scope: Scope): void {
  // the searched value of CASE goes by a made-up name
  const query = text(expression, 'query').replace(/"__Case__Variable_\d+__"/g, 'NULL')
  const mode = number(expression, 'parseMode')
  if (mode === 0) {
    context.walk.script(context, query, scope)
    return
  }
  if (mode === 2) {
    context.walk.script(context, `SELECT ${query}`, scope)
    return
  }
  const value = assigned(query)
  if (value === undefined) context.facts.incomplete('assignment not understood')
  else context.walk.script(context, `SELECT ${value}`, scope)
}

// `target := expression` or `target = expression`: subscripts of the target are values too.
function assigned(query: string): string | undefined {
  let depth = 0
  for (let at = 0; at < query.length; at++) {
    const code = query.charAt(at)
    if (code === '"') {
      at = query.indexOf('"', at + 1)
      if (at < 0) return undefined
    } else if (code === "'" || code === '$') return undefined
    else if (code === '[' || code === '(') depth++
    else if (code === ']' || code === ')') depth--
    else if (depth === 0 && (code === '=' || (code === ':' && query.charAt(at + 1) === '='))) {
      const target = query.slice(0, at)
      const value = query.slice(at + (code === ':' ? 2 : 1))
      if (!target.includes('[')) return value
      const subscripts = target.slice(target.indexOf('[') + 1, target.lastIndexOf(']'))
      return /[[\]:]/.test(subscripts) ? undefined : `${value}, ${subscripts}`
    }
  }
  return undefined
}
