// Changes of a text by its bytes, each with the tree it stands for; and the check that the changed text is that tree.
import type { Site } from '../analyze/collector.ts'
import { quoted } from '../analyze/identifiers.ts'
import type { Grammar } from '../parser/grammar.ts'
import { as, child, contentOf, isTree, list, noTree, number, type Tree, tagOf, text } from '../parser/tree.ts'
import { leadBefore, listEnd, relationEnd, topWords } from './lexemes.ts'
import { replaced, sameTree } from './tree-edit.ts'

/** Bytes of the text that go, and what comes instead. */
export interface Piece {
  readonly start: number
  readonly end: number
  readonly by: string
  /** The same with short queries in the place of sources, for the check. */
  readonly check: string
}

/** One change: of the text, and what the tree must become. */
export interface Edit {
  readonly pieces: readonly Piece[]
  /** What stands for a node with this change; undefined where the node stays. */
  readonly change: (node: unknown, grammar: Grammar) => unknown
  /** It changes a whole statement, with what was changed inside. */
  readonly whole: boolean
}

/**
 * What is read instead of a relation. A source within brackets is one query, whatever stands around the brackets: no
 * token and no rule of the grammar reaches across them. So a rewritten text is checked with a short query of its own in
 * the place of each source, which is parsed in a fraction of the time.
 */
export interface Source {
  readonly text: string
  readonly standIn: string
  /** The tree of the short query; undefined where the source is no query within brackets. */
  readonly tree: unknown
}

/** The source that a text is; its number tells it from all others that can stand in the same text. */
export function sourceOf(source: string, number: number, grammar: Grammar): Source {
  const standIn = `SELECT ${number}`
  const own = queryOf(source, grammar)
  const meant = replaced(queryOf(`SELECT FROM (${standIn}) AS s`, grammar), (node) => {
    const range = as(node, 'RangeSubselect')
    return range === undefined ? undefined : { RangeSubselect: { ...range, subquery: own } }
  })
  const isQuery = own !== undefined && sameTree(meant, queryOf(`SELECT FROM (${source}) AS s`, grammar))
  return { text: source, standIn, tree: isQuery ? queryOf(standIn, grammar) : undefined }
}

/** A relation in FROM becomes a subselect under the same alias. */
export function readEdit(statement: Buffer, site: Site, source: Source): Edit {
  const end = relationEnd(statement, site.location)
  const lead = leadBefore(statement, site.location)
  const start = lead?.at ?? site.location
  const body = (query: string): string =>
    `${lead?.word === 'table' ? 'SELECT * FROM ' : ''}(${query})${site.aliased ? ' ' : ` AS ${quoted(site.name)} `}`
  return {
    pieces: [{ start, end, by: body(source.text), check: body(source.standIn) }],
    whole: false,
    change: (node) => {
      const range = as(node, 'RangeVar')
      if (range === undefined || number(range, 'location') !== site.location) return undefined
      return { RangeSubselect: { subquery: source.tree, alias: range['alias'] ?? { aliasname: site.name } } }
    },
  }
}

/** The relation of a COPY becomes a query over the same columns: those of the statement, or else all there are. */
export function copyEdit(statement: Buffer, raw: Tree, site: Site, source: Source, columns: readonly string[]): Edit {
  const listed = list(contentOf(raw['stmt']), 'attlist').map((one) => text(contentOf(one), 'sval'))
  const name = relationEnd(statement, site.location)
  const end = listed.length === 0 ? name : listEnd(statement, name)
  const query = (names: readonly string[], from: string): string =>
    `SELECT ${names.map(quoted).join(', ')} FROM (${from}) AS ${quoted(site.name)}`
  const names = listed.length === 0 ? columns : listed
  const by = `(${query(names, source.text)}) `
  return {
    pieces: [{ start: site.location, end, by, check: `(${query(names, source.standIn)}) ` }],
    whole: false,
    change: (node, grammar) => {
      const copy = as(node, 'CopyStmt')
      const relation = copy === undefined ? undefined : child(copy, 'relation')
      if (copy === undefined || relation === undefined || number(relation, 'location') !== site.location)
        return undefined
      const kept = Object.entries(copy).filter(([field]) => field !== 'relation' && field !== 'attlist')
      if (source.tree === undefined) return undefined
      return { CopyStmt: { ...Object.fromEntries(kept), query: queryOf(query(names, source.standIn), grammar) } }
    },
  }
}

/** A row filter is added to the condition of an UPDATE or DELETE at the top; undefined when it is neither. */
export function writeEdit(
  statement: Buffer,
  raw: Tree,
  grammar: Grammar,
  condition: (alias: string) => string,
): Edit | undefined {
  const node = raw['stmt']
  const tag = tagOf(node)
  const content = contentOf(node)
  const relation = child(content, 'relation')
  if ((tag !== 'UpdateStmt' && tag !== 'DeleteStmt') || relation === undefined || writes(node) !== 1) return undefined
  const alias = child(relation, 'alias')
  const filter = condition(quoted(alias === undefined ? text(relation, 'relname') : text(alias, 'aliasname')))
  const from = number(raw, 'stmt_location')
  const length = number(raw, 'stmt_len')
  const until = length === 0 ? statement.length : from + length
  const words = topWords(statement, from, until)
  const where = content['whereClause']
  if (tagOf(where) === 'CurrentOfExpr') return undefined
  const returning = words.find(({ word }) => word === 'returning')
  const end = returning === undefined ? until : returning.at
  const clause = words.findLast(({ word, at }) => word === 'where' && at < end)
  const change: Edit['change'] = (at) => {
    if (!isTree(at) || at['stmt'] === undefined || number(at, 'stmt_location') !== from) return undefined
    const whole = contentOf(at['stmt'])
    const both = whole['whereClause'] === undefined ? conditionOf(filter, grammar) : withOwn(whole['whereClause'])
    return { ...at, stmt: { [tag]: { ...whole, whereClause: both } } }
  }
  // The client's own condition runs only where the filter holds, so that no error of it tells of other rows.
  const [open, close] = isCalm(where) ? [`(${filter}) AND (`, ')'] : [`CASE WHEN ${filter} THEN (`, ') ELSE false END']
  const withOwn = (own: unknown): unknown =>
    replaced(conditionOf(`${open}$9999${close}`, grammar), (at) =>
      number(as(at, 'ParamRef') ?? noTree, 'number') === 9999 ? own : undefined,
    )
  if (where === undefined) return { pieces: [plain(end, end, ` WHERE ${filter} `)], change, whole: true }
  if (clause === undefined) return undefined
  const start = clause.at + 'where'.length
  return {
    pieces: [plain(start, start, ` ${open} `), plain(end, end, ` ${close} `)],
    change,
    whole: true,
  }
}

/** The pieces of edits as they stand in the text; undefined where two of them want the same bytes. */
export function ordered(edits: readonly Edit[]): readonly Piece[] | undefined {
  const pieces = edits.flatMap((edit) => edit.pieces).sort((a, b) => a.start - b.start)
  let at = 0
  for (const { start, end } of pieces) {
    if (start < at) return undefined
    at = end
  }
  return pieces
}

/** The text whose tree this is with all edits, when it parses to just what they mean; undefined otherwise. */
export function rewrite(
  statement: string,
  tree: unknown,
  edits: readonly Edit[],
  grammar: Grammar,
): string | undefined {
  const pieces = ordered(edits)
  if (pieces === undefined) return undefined
  const after = grammar.parse(spliced(statement, pieces, 'check'))
  if (!after.ok || !sameTree(changed(tree, edits, grammar), after.tree)) return undefined
  return spliced(statement, pieces, 'by')
}

function spliced(statement: string, pieces: readonly Piece[], which: 'by' | 'check'): string {
  const bytes = Buffer.from(statement)
  const parts: Buffer[] = []
  let at = 0
  for (const piece of pieces) {
    parts.push(bytes.subarray(at, piece.start), Buffer.from(` ${piece[which]}`))
    at = piece.end
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts).toString('utf8')
}

/**
 * The tree that edits mean. What a relation is replaced by is not looked into again: its own places are those of another
 * text.
 */
function changed(tree: unknown, edits: readonly Edit[], grammar: Grammar): unknown {
  const inside = edits.filter(({ whole }) => !whole)
  const first = replaced(tree, (node) => {
    for (const edit of inside) {
      const made = edit.change(node, grammar)
      if (made !== undefined) return made
    }
    return undefined
  })
  return edits
    .filter(({ whole }) => whole)
    .reduce<unknown>((before, edit) => replaced(before, (node) => edit.change(node, grammar)), first)
}

/** The same pieces put into a text of ASCII that is like the one they were made for. */
export function respliced(statement: string, pieces: readonly Piece[]): string {
  let result = ''
  let at = 0
  for (const { start, end, by } of pieces) {
    result += `${statement.slice(at, start)} ${by}`
    at = end
  }
  return result + statement.slice(at)
}

/** A piece that is checked as it is. */
function plain(start: number, end: number, by: string): Piece {
  return { start, end, by, check: by }
}

/** The tree of a query. */
function queryOf(source: string, grammar: Grammar): unknown {
  const parsed = grammar.parse(source)
  if (!parsed.ok) return undefined
  const [only, ...others] = list(parsed.tree, 'stmts')
  return others.length > 0 || !isTree(only) ? undefined : only['stmt']
}

function conditionOf(condition: string, grammar: Grammar): unknown {
  return contentOf(queryOf(`SELECT 1 WHERE ${condition}`, grammar))['whereClause']
}

/** Data-modifying statements in a tree. */
function writes(node: unknown): number {
  if (Array.isArray(node)) return node.reduce<number>((sum, part) => sum + writes(part), 0)
  if (!isTree(node)) return 0
  let count = 0
  for (const field in node) count += (/^(?:Insert|Update|Delete|Merge)Stmt$/.test(field) ? 1 : 0) + writes(node[field])
  return count
}

const calmNodes: ReadonlySet<string> = new Set([
  'A_Expr',
  'BoolExpr',
  'NullTest',
  'ColumnRef',
  'A_Const',
  'ParamRef',
  'List',
  'String',
])
const calmOperators: ReadonlySet<string> = new Set(['=', '<>', '<', '>', '<=', '>='])

/** True for comparisons of columns with constants, which cannot raise over rows they should not see. */
function isCalm(node: unknown): boolean {
  if (Array.isArray(node)) return node.every(isCalm)
  if (!isTree(node)) return true
  for (const field in node) {
    if (/^[A-Z]/.test(field) && !calmNodes.has(field)) return false
    if (field === 'A_Expr') {
      const names = list(contentOf(node), 'name').map((one) => text(contentOf(one), 'sval'))
      if (names.length !== 1 || !calmOperators.has(names[0] ?? '')) return false
    }
    if (!isCalm(node[field])) return false
  }
  return true
}
