// What the function of a trigger makes of the rows that changed: which of their columns it uses, but for what it only says
// (RAISE, pg_notify) and hands back (RETURN NEW). What cannot be read uses whole rows.
import type { Routine } from '../catalog/types.ts'
import type { Grammar } from '../parser/grammar.ts'
import { as, child, isTree, list, namesOf, noTree, number, stringOf, type Tree, text } from '../parser/tree.ts'
import { declaration } from './bodies.ts'
import { assigned } from './plpgsql.ts'

/** What is used of the rows. */
export interface RowUse {
  /** A row as a whole, or who knows what. */
  readonly whole: boolean
  readonly columns: ReadonlySet<string>
}

const everything: RowUse = { whole: true, columns: new Set() }

/** Functions in C that set columns to what has nothing to do with the rows. */
const harmless: ReadonlySet<string> = new Set(['autoinc', 'insert_username', 'moddatetime'])

const uses = new WeakMap<Routine, RowUse>()

/** What a trigger's function uses of the rows. */
export function rowUse(grammar: Grammar, routine: Routine): RowUse {
  const known = uses.get(routine)
  if (known !== undefined) return known
  const made = read(grammar, routine)
  uses.set(routine, made)
  return made
}

function read(grammar: Grammar, routine: Routine): RowUse {
  if (routine.language === 'c' && harmless.has(routine.name)) return { whole: false, columns: new Set() }
  const parsed = routine.language === 'plpgsql' ? grammar.parsePlpgsql(declaration(routine, 'trigger')) : undefined
  if (parsed?.ok !== true) return everything
  const found: Found = { whole: false, columns: new Set() }
  visit(grammar, parsed.tree, found)
  return found
}

interface Found {
  whole: boolean
  readonly columns: Set<string>
}

function visit(grammar: Grammar, node: unknown, found: Found): void {
  if (Array.isArray(node)) {
    for (const part of node) visit(grammar, part, found)
    return
  }
  if (!isTree(node)) return
  for (const field in node) {
    const content = node[field]
    if (field === 'PLpgSQL_alias') found.whole = true
    if (field === 'PLpgSQL_expr' && isTree(content)) expression(grammar, content, false, found)
    else if (field === 'PLpgSQL_stmt_raise' && isTree(content)) said(grammar, content, found)
    else if ((field === 'PLpgSQL_stmt_return' || field === 'PLpgSQL_stmt_perform') && isTree(content)) {
      const inside = as(content['expr'], 'PLpgSQL_expr')
      if (inside === undefined) visit(grammar, content, found)
      else expression(grammar, inside, field === 'PLpgSQL_stmt_perform' || isRow(text(inside, 'query')), found)
    } else visit(grammar, content, found)
  }
}

/** What RAISE says. Its text is withheld from clients; a condition name or SQLSTATE that is made of values is not. */
function said(grammar: Grammar, raise: Tree, found: Found): void {
  for (const parameter of list(raise, 'params')) {
    const inside = as(parameter, 'PLpgSQL_expr')
    if (inside === undefined) found.whole = true
    else expression(grammar, inside, true, found)
  }
  visit(grammar, raise['options'], found)
}

function isRow(query: string): boolean {
  return ['new', 'old', 'null'].includes(query.trim().toLowerCase())
}

/** One expression; `isSaid` where it may be passed over if all it does is to be said. */
function expression(grammar: Grammar, tree: Tree, isSaid: boolean, found: Found): void {
  const query = text(tree, 'query')
  if (isSaid && isRow(query)) return
  const mode = number(tree, 'parseMode')
  const value = mode === 0 ? query : mode === 2 ? `SELECT ${query}` : assigned(query)
  const parsed = grammar.parse(mode > 2 ? `SELECT ${value ?? ''}` : (value ?? ''))
  if (value === undefined || !parsed.ok) found.whole = true
  else if (!isSaid || !isQuiet(parsed.tree)) columnsOf(parsed.tree, found)
}

function columnsOf(node: unknown, found: Found): void {
  if (Array.isArray(node)) {
    for (const part of node) columnsOf(part, found)
    return
  }
  if (!isTree(node)) return
  const reference = as(node, 'ColumnRef')
  if (reference !== undefined) {
    const [first, second] = list(reference, 'fields')
    const row = stringOf(first)
    if (row !== 'new' && row !== 'old') return
    const column = second === undefined ? undefined : stringOf(second)
    if (column === undefined) found.whole = true
    else found.columns.add(column)
    return
  }
  for (const field in node) columnsOf(node[field], found)
}

/** Node kinds of expressions that can neither raise nor decide anything. */
const quietNodes: ReadonlySet<string> = new Set([
  'A_Const',
  'A_Star',
  'CoalesceExpr',
  'ColumnRef',
  'RawStmt',
  'ResTarget',
  'RowExpr',
  'SelectStmt',
  'String',
])

/** Functions that say what they are given, or put it together. */
const quietFunctions: ReadonlySet<string> = new Set([
  'concat',
  'concat_ws',
  'json_build_object',
  'jsonb_build_object',
  'pg_notify',
  'row_to_json',
  'to_json',
  'to_jsonb',
])

/** True where an expression only puts values together. */
function isQuiet(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isQuiet)
  if (!isTree(node)) return true
  for (const field in node) {
    const content = node[field]
    if (/^[A-Z]/.test(field) && isTree(content) && !quietNodes.has(field) && !isQuietCall(field, content)) return false
    if (!isQuiet(content)) return false
  }
  return true
}

function isQuietCall(tag: string, content: Tree): boolean {
  switch (tag) {
    case 'FuncCall':
      return quietFunctions.has(namesOf(list(content, 'funcname'))?.at(-1) ?? '')
    case 'A_Expr':
      return namesOf(list(content, 'name'))?.join() === '||'
    case 'TypeCast':
      return namesOf(list(child(content, 'typeName') ?? noTree, 'names'))?.at(-1) === 'text'
    default:
      return false
  }
}
