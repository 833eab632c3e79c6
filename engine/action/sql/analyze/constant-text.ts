// Texts that are certain before anything runs: literals and what is put together from them, over parameters of a routine
// that have one value at the call at hand and get no other in the body. EXECUTE of such a text is that statement.
import type { Routine } from '../catalog/types.ts'
import { bodyBytesMax } from '../limits.ts'
import {
  child,
  contentOf,
  isTree,
  list,
  namesOf,
  noTree,
  number,
  stringOf,
  type Tree,
  tagOf,
  text,
} from '../parser/tree.ts'
import type { Context } from './context.ts'
import type { Scope } from './value.ts'

/** The text that an expression always gives, or undefined where that is not certain. */
export function constantText(context: Context, node: unknown, scope: Scope): string | undefined {
  const made = textOf(context, node, scope)
  return made === undefined || made.length > bodyBytesMax ? undefined : made
}

function textOf(context: Context, node: unknown, scope: Scope): string | undefined {
  const tree = contentOf(node)
  switch (tagOf(node)) {
    case 'A_Const': {
      const string = child(tree, 'sval')
      return string === undefined ? undefined : text(string, 'sval')
    }
    case 'TypeCast':
      return isText(context, child(tree, 'typeName')) ? constantText(context, tree['arg'], scope) : undefined
    case 'ParamRef':
      return scope.variables?.get(`$${number(tree, 'number')}`)?.text
    case 'ColumnRef': {
      const [name, ...more] = list(tree, 'fields')
      const only = more.length === 0 ? stringOf(name) : undefined
      return only === undefined || hasColumns(scope) ? undefined : scope.variables?.get(only)?.text
    }
    case 'A_Expr':
      return joined(context, tree, scope)
    case 'FuncCall':
      return called(context, tree, scope)
    default:
      return undefined
  }
}

/** The type whose values are texts as they are. */
function isText(context: Context, typeName: Tree | undefined): boolean {
  const names = namesOf(list(typeName ?? noTree, 'names')) ?? []
  const type = context.names.type(names.at(-2) ?? '', names.at(-1) ?? '')
  const isPlain = ['typmods', 'arrayBounds', 'setof'].every((field) => typeName?.[field] === undefined)
  return isPlain && type?.schema === 'pg_catalog' && type.name === 'text'
}

/** A name could be a column's. */
function hasColumns(scope: Scope): boolean {
  for (let at: Scope | undefined = scope; at !== undefined; at = at.parent) if (at.elements.length > 0) return true
  return false
}

function joined(context: Context, tree: Tree, scope: Scope): string | undefined {
  const names = namesOf(list(tree, 'name')) ?? []
  const isOwn = names.length !== 1 || names[0] !== '||' || context.names.catalog.hasOwnOperator('||')
  if (isOwn || text(tree, 'kind') !== 'AEXPR_OP') return undefined
  const left = constantText(context, tree['lexpr'], scope)
  const right = constantText(context, tree['rexpr'], scope)
  return left === undefined || right === undefined ? undefined : left + right
}

/** A call of one of the server's own functions for putting texts together. */
function called(context: Context, tree: Tree, scope: Scope): string | undefined {
  const plain = new Set(['funcname', 'args', 'funcformat', 'location'])
  const [name = '', ...qualified] = namesOf(list(tree, 'funcname')) ?? []
  const meant = qualified.length > 0 ? [] : context.names.routines('', name)
  if (meant.length === 0 || !meant.every(({ schema }) => schema === 'pg_catalog')) return undefined
  if (!Object.keys(tree).every((field) => plain.has(field))) return undefined
  const given = list(tree, 'args').map((node) => constantText(context, node, scope))
  const values = given.filter((value) => value !== undefined)
  const [first, ...rest] = values
  if (first === undefined || values.length < given.length) return undefined
  if (name === 'format') return formatted(first, rest)
  if (rest.length > 0) return undefined
  return name === 'quote_literal' ? literal(first) : name === 'quote_ident' ? identifier(first) : undefined
}

/** What `format` gives where it has no positions and no widths. */
function formatted(pattern: string, values: readonly string[]): string | undefined {
  let next = 0
  let made = ''
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] !== '%') {
      made += pattern[at]
      continue
    }
    at++
    if (pattern[at] === '%') {
      made += '%'
      continue
    }
    const value = values[next++]
    const conversions: { readonly [letter: string]: (value: string) => string | undefined } = {
      s: (plain) => plain,
      I: identifier,
      L: literal,
    }
    const part = value === undefined ? undefined : conversions[pattern[at] ?? '']?.(value)
    if (part === undefined) return undefined
    made += part
  }
  return made
}

function literal(value: string): string {
  const escaped = value.replaceAll("'", "''")
  return value.includes('\\') ? `E'${escaped.replaceAll('\\', '\\\\')}'` : `'${escaped}'`
}

/** A name as the server quotes it; undefined where that depends on its being a keyword, of which none has a digit. */
function identifier(value: string): string | undefined {
  const isPlain = /^[a-z_][a-z0-9_]*$/.test(value)
  if (!isPlain) return `"${value.replaceAll('"', '""')}"`
  return /[0-9]/.test(value) ? value : undefined
}

/** The parameters that are certain in the body of a routine of plpgsql, given what is certain at its call. */
export function certainParameters(
  tree: Tree,
  routine: Routine,
  given: readonly (string | undefined)[],
): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  const noted: Noted = { datums: [], aliases: new Set(), written: new Set() }
  gather(tree, noted)
  const { written, aliases } = noted
  const names = noted.datums.map((datum) => (datum === undefined ? '' : text(datum, 'refname')))
  for (const [index, value] of given.entries()) {
    const type = routine.arguments[index]
    const isText = type?.schema === 'pg_catalog' && type.name === 'text' && !type.array
    if (value === undefined || !isText || written.has(index) || written.has(anything)) continue
    const own = routine.argumentNames?.[index] ?? ''
    const position = `$${index + 1}`
    if (names[index] !== (own === '' ? position : own)) continue
    found.set(position, value)
    // An inner block may have a variable of the same name, or give it to another.
    if (own !== '' && !aliases.has(own) && names.filter((name) => name === own).length === 1) found.set(own, value)
  }
  return found
}

/** Stands for variables that are not told. */
const anything = -1

/** The variables of a body by their numbers, other names of some, and which of them get values. */
interface Noted {
  readonly datums: (Tree | undefined)[]
  readonly aliases: Set<string>
  readonly written: Set<number>
}

/** Number 0 is not written out in a tree. */
function gather(node: unknown, noted: Noted): void {
  if (Array.isArray(node)) {
    for (const part of node) gather(part, noted)
    return
  }
  if (!isTree(node)) return
  const { datums, aliases, written } = noted
  for (const field in node) {
    const content = node[field]
    if (field === 'datums') for (const datum of list(node, field)) datums.push(variableOf(datum))
    else if (field === 'PLpgSQL_stmt_call') written.add(anything)
    else if (isTree(content)) {
      if (field === 'PLpgSQL_alias') aliases.add(text(content, 'name'))
      else if (field === 'PLpgSQL_stmt_assign' || field === 'PLpgSQL_stmt_foreach_a')
        written.add(number(content, 'varno'))
      else if (field === 'PLpgSQL_diag_item') written.add(number(content, 'target'))
      else if (field === 'PLpgSQL_row')
        for (const one of list(content, 'fields')) written.add(number(isTree(one) ? one : noTree, 'varno'))
    }
    gather(content, noted)
  }
}

function variableOf(datum: unknown): Tree | undefined {
  return isTree(datum) ? child(datum, 'PLpgSQL_var') : undefined
}
