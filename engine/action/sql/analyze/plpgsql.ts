// plpgsql bodies: every expression and statement in them is read; what is built at run time is dynamic.
import type { Routine } from '../catalog/types.ts'
import { child, isTree, list, noTree, number, type Tree, text } from '../parser/tree.ts'
import { certainParameters, constantText } from './constant-text.ts'
import type { Context } from './context.ts'
import { identifiers } from './identifiers.ts'
import { parseInside } from './parse-inside.ts'
import { becomes } from './type.ts'
import { Mix, noScope, plain, referenceTo, type Scope, unknown, type Value } from './value.ts'

const known = new Set(
  `function alias var rec recfield row arrayelem promise type expr stmt_block exception_block exception condition
  stmt_assign stmt_if if_elsif stmt_case case_when stmt_loop stmt_while stmt_fori stmt_fors stmt_forc stmt_foreach_a
  stmt_exit stmt_return stmt_return_next stmt_return_query stmt_raise raise_option stmt_assert stmt_execsql
  stmt_dynexecute stmt_dynfors stmt_getdiag diag_item stmt_open stmt_fetch stmt_close stmt_perform stmt_call
  stmt_commit stmt_rollback nsitem`
    .split(/\s+/)
    .map((name) => `PLpgSQL_${name}`),
)

/** Reads the parse tree of one routine or DO block; gives what its result may derive from. */
export function plpgsqlBody(
  context: Context,
  tree: Tree,
  routine: Routine | undefined,
  transition: readonly string[],
  given: readonly (string | undefined)[],
): Value {
  const variables = new Map<string, Value>()
  for (const [index, argument] of (routine?.arguments ?? []).entries()) {
    variables.set(`$${index + 1}`, { ...plain, type: argument })
  }
  for (const name of routine?.argumentNames ?? []) if (name !== '') variables.set(name, plain)
  for (const name of ['found', 'sqlstate', 'sqlerrm', 'new', 'old', routine?.name ?? 'found'])
    variables.set(name, plain)
  for (const output of routine?.outputs ?? []) variables.set(output.name, plain)
  collectVariables(tree, variables)
  if (routine !== undefined)
    for (const [name, text] of certainParameters(tree, routine, given))
      variables.set(name, { ...(variables.get(name) ?? plain), text })
  for (const table of transition) variables.set(`table ${table}`, plain)
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
      if (field === 'PLpgSQL_alias' && isTree(value)) variables.set(text(value, 'name'), plain)
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
      if (field === 'PLpgSQL_type') declared(context, text(content, 'typname'))
      if (field === 'PLpgSQL_stmt_dynexecute' || field === 'PLpgSQL_stmt_dynfors')
        dynamic(context, content, 'query', scope)
      else if (content['dynquery'] !== undefined) dynamic(context, content, 'dynquery', scope)
    }
    visit(context, value, scope)
  }
}

/** A type that is given as text. Variables take values of their types: a domain's checks run then. */
export function declared(context: Context, name: string): void {
  const percent = name.indexOf('%')
  const type = (percent < 0 ? name : name.slice(0, percent)).trim()
  if (type === '' || pseudo.has(type.toLowerCase())) return
  if (percent >= 0) {
    // The type of a column, or of a relation's rows.
    const parts = identifiers(type) ?? []
    const isColumn = name.slice(percent + 1).toLowerCase() === 'type'
    const at = isColumn ? parts.slice(0, -1) : parts
    const relation = context.names.relation(at.at(-2) ?? '', at.at(-1) ?? '')
    for (const column of relation?.columns ?? [])
      if (!isColumn || column.name === parts.at(-1)) becomes(context, column.type)
    // A variable's type is that of its own declaration.
    return
  }
  const parsed = parseInside(context, `SELECT NULL::${type}`)
  const [statement] = parsed.ok ? list(parsed.tree, 'stmts') : []
  const select = child(child(isTree(statement) ? statement : noTree, 'stmt') ?? noTree, 'SelectStmt')
  const [target] = list(select ?? noTree, 'targetList')
  const cast = child(child(isTree(target) ? target : noTree, 'ResTarget') ?? noTree, 'val')
  const typeName = child(child(cast ?? noTree, 'TypeCast') ?? noTree, 'typeName')
  if (typeName === undefined) context.facts.incomplete('type not understood')
  else context.walk.type(context, typeName, 'declare')
}

/** Names that stand for whatever a value has. */
const pseudo: ReadonlySet<string> = new Set(['record', 'unknown', 'trigger', 'event_trigger', 'void'])

/** Why a body is not complete that runs a text which is not certain. */
export const unknownText = 'dynamic SQL'

// EXECUTE of a text that is certain is that statement; of anything else, nobody knows.
function dynamic(context: Context, statement: Tree, field: string, scope: Scope): void {
  context.facts.dynamic = true
  const outer = child(statement, field)
  const expression = outer === undefined ? undefined : (child(outer, 'PLpgSQL_expr') ?? outer)
  const parsed = parseInside(context, `SELECT ${expression === undefined ? '' : text(expression, 'query')}`)
  const value = parsed.ok ? onlyValue(parsed.tree) : undefined
  const certain = value === undefined ? undefined : constantText(context, value, scope)
  if (certain === undefined) {
    context.facts.incomplete(unknownText)
    return
  }
  // Parameters of the text are what USING gives it.
  const variables = new Map([...(scope.variables ?? [])].map(([name, one]) => [name, { ...one, text: undefined }]))
  context.walk.script(context, certain, { ...noScope, variables })
}

/** The one value of a SELECT of nothing else. */
function onlyValue(tree: Tree): unknown {
  const [statement, ...others] = list(tree, 'stmts')
  const select = isTree(statement) ? child(child(statement, 'stmt') ?? noTree, 'SelectStmt') : undefined
  const [target, ...more] = list(select ?? noTree, 'targetList')
  const plainly = new Set(['targetList', 'limitOption', 'op'])
  const isOnly =
    others.length === 0 && more.length === 0 && Object.keys(select ?? noTree).every((at) => plainly.has(at))
  return isOnly && isTree(target) ? child(target, 'ResTarget')?.['val'] : undefined
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

/** The values in `target := expression` or `target = expression`: subscripts of the target are values too. */
export function assigned(query: string): string | undefined {
  let depth = 0
  for (let at = 0; at < query.length; at++) {
    const code = query.charAt(at)
    if (code === '"') {
      at = query.indexOf('"', at + 1)
      if (at < 0) return undefined
    } else if (code === "'" || (code === '$' && at > 0)) return undefined
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
