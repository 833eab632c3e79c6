// Terms, as they are written: scalars as the author spelled them, collections on one line or one line a group, operators
// with the parentheses that keep their meaning.
import { type CallTerm, type Expr, isWildcard, operatorName, type RefTerm, type Term, type VarTerm } from '../ast.ts'
import type { Location } from '../diagnostic.ts'
import type { Layout } from './layout.ts'
import { isKeyword, isName, operators } from './names.ts'
import type { Writers } from './writers.ts'

/** Prints a term. `group` sets parentheses around operators and membership tests. */
export function writeTerm(page: Layout, term: Term, writers: Writers, group = false): void {
  page.commentsTo(term.location.row)
  switch (term.kind) {
    case 'null':
      page.write('null')
      break
    case 'boolean':
      page.write(String(term.value))
      break
    case 'number':
      page.write(page.afterExpression && term.text.startsWith('-') ? `(${term.text})` : term.text)
      break
    case 'string':
      page.write(stringText(page, term))
      break
    case 'var':
      page.write(isWildcard(term) ? '_' : term.name)
      break
    case 'ref':
      writeRef(page, term, writers)
      break
    case 'array':
      writeItems(page, '[', ']', term.items, term.location, writers)
      break
    case 'set':
      if (term.items.length > 0) {
        writeItems(page, '{', '}', term.items, term.location, writers)
        break
      }
      page.write('set()')
      page.commentsTo(page.endRow(term.location))
      break
    case 'object':
      writeObject(page, term.entries, term.location, writers)
      break
    case 'comprehension':
      writeComprehension(page, term, writers)
      break
    case 'call':
      writeCall(page, term, writers, group)
      break
    case 'template':
      writeTemplate(page, term, writers)
      break
  }
}

/** The operator that a call is written with between its operands, if it is. */
export function infixOf(operator: VarTerm | RefTerm, args: readonly Term[]): string | undefined {
  const name = operatorName(operator)
  if (name === 'internal.member_2') return args.length === 2 ? 'in' : undefined
  if (name === 'internal.member_3') return args.length === 3 ? 'in' : undefined
  return args.length === 2 && name !== undefined ? operators.get(name) : undefined
}

/** Prints a plain call: the name and its arguments in parentheses. */
export function writePlainCall(
  page: Layout,
  call: { readonly operator: VarTerm | RefTerm; readonly args: readonly Term[]; readonly location: Location },
  writers: Writers,
): void {
  writeTerm(page, call.operator, writers)
  writeItems(page, '(', ')', call.args, call.location, writers, 'arguments')
}

/** Prints `x in xs` or `k, v in xs`. */
export function writeMembership(page: Layout, args: readonly Term[], writers: Writers): void {
  const domain = args.at(-1)
  args.slice(0, -1).forEach((arg, index) => {
    if (index > 0) page.write(', ')
    writeTerm(page, arg, writers, true)
  })
  page.write(' in ')
  if (domain !== undefined) writeTerm(page, domain, writers, true)
}

/** A string as its author wrote it, or in quotes with JSON's escapes. */
export function stringText(page: Layout, term: Extract<Term, { kind: 'string' }>): string {
  const text = page.textOf(term)
  const quote = text[0]
  if (text.length > 1 && (quote === '"' || quote === '`') && text.endsWith(quote)) return text
  if (term.raw === true && !term.value.includes('`')) return `\`${term.value}\``
  return JSON.stringify(term.value)
}

/** Prints the steps of a reference behind its head. */
export function writePath(page: Layout, path: readonly Term[], writers: Writers): void {
  for (const step of path) {
    if (step.kind === 'string' && isPlainStep(page, step)) {
      page.write(`.${step.value}`)
      continue
    }
    page.write('[')
    writeTerm(page, step, writers)
    page.write(']')
  }
}

function isPlainStep(page: Layout, step: Extract<Term, { kind: 'string' }>): boolean {
  if (!isName(step.value)) return false
  if (!isKeyword(step.value) && !page.style.extraKeywords.includes(step.value)) return true
  // A keyword stays in the brackets that its author put it in.
  return page.style.keywordsInRefs && !['"', '`'].includes(page.textOf(step)[0] ?? '')
}

function writeRef(page: Layout, term: RefTerm, writers: Writers): void {
  const { head } = term
  const grouped =
    head.kind === 'call' && (infixOf(head.operator, head.args) !== undefined || isParenthesized(page, head))
  if (grouped) page.write('(')
  writeTerm(page, head, writers)
  if (grouped) page.write(')')
  writePath(page, term.path, writers)
}

function writeCall(page: Layout, term: CallTerm, writers: Writers, group: boolean): void {
  const infix = infixOf(term.operator, term.args)
  if (infix === undefined) {
    writePlainCall(page, term, writers)
    return
  }
  if (group) page.write('(')
  if (infix === 'in') writeMembership(page, term.args, writers)
  else {
    const [left, right] = term.args
    if (left !== undefined) writeTerm(page, left, writers, true)
    page.write(` ${infix} `)
    if (right !== undefined) writeTerm(page, right, writers, true)
  }
  if (group) page.write(')')
}

function isParenthesized(page: Layout, term: Term): boolean {
  return page.source[term.location.offset] === '(' && term.location.end > term.location.offset
}

/** Prints an element of a collection: a union needs parentheses there, or it would read as a comprehension. */
function writeElement(page: Layout, term: Term, writers: Writers, where: 'collection' | 'arguments'): void {
  const infix = term.kind === 'call' ? infixOf(term.operator, term.args) : undefined
  const member3 = infix === 'in' && term.kind === 'call' && term.args.length === 3
  writeTerm(page, term, writers, member3 || (where === 'collection' && infix === '|'))
}

/** Prints a list between brackets. */
export function writeItems(
  page: Layout,
  open: string,
  close: string,
  items: readonly Term[],
  location: Location,
  writers: Writers,
  where: 'collection' | 'arguments' = 'collection',
): void {
  page.write(open)
  writeLines(
    page,
    items.map((item) => ({ row: item.location.row, write: () => writeElement(page, item, writers, where) })),
    location,
    where,
  )
  page.write(close)
}

function writeObject(
  page: Layout,
  entries: readonly (readonly [Term, Term])[],
  location: Location,
  writers: Writers,
): void {
  page.write('{')
  const lines = entries.map(([key, value]) => ({
    row: key.location.row,
    write: () => {
      writeElement(page, key, writers, 'collection')
      page.write(': ')
      writeElement(page, value, writers, 'collection')
    },
  }))
  writeLines(page, lines, location, 'collection')
  page.write('}')
}

/** Prints entries: those that shared a row share a line; more than one line is indented. */
function writeLines(
  page: Layout,
  entries: readonly { readonly row: number; write(): void }[],
  location: Location,
  where: 'collection' | 'arguments',
): void {
  const groups: { write(): void }[][] = []
  const [first] = entries
  let row = location.row
  for (const entry of entries) {
    const last = groups.at(-1)
    if (last === undefined || entry.row > row) groups.push([entry])
    else last.push(entry)
    row = entry.row
  }
  // Arguments that all stand on one row are joined to the name of the call; entries of a collection keep their row.
  const many = groups.length > 1 || (where === 'collection' && first !== undefined && first.row > location.row)
  if (many) page.beginLines()
  groups.forEach((group, at) => {
    group.forEach((entry, index) => {
      if (index > 0) page.write(', ')
      entry.write()
    })
    if (!many) return
    page.write(',')
    page.endLine()
    if (at < groups.length - 1) return
    page.commentsTo(page.endRow(location))
    page.down()
  })
}

function writeComprehension(page: Layout, term: Extract<Term, { kind: 'comprehension' }>, writers: Writers): void {
  page.write(term.of === 'array' ? '[' : '{')
  const first = term.key ?? term.value
  if (first.location.row > term.location.row) page.endLine()
  if (term.key !== undefined) {
    const infix = term.key.kind === 'call' ? infixOf(term.key.operator, term.key.args) : undefined
    const member3 = infix === 'in' && term.key.kind === 'call' && term.key.args.length === 3
    writeTerm(page, term.key, writers, infix === '|' || member3)
    page.write(': ')
  }
  // The value stays on the line of its key.
  const { value } = term
  const placed =
    term.key === undefined ? value : { ...value, location: { ...value.location, row: term.key.location.row } }
  writeTerm(page, placed, writers, true)
  page.write(' |')
  writers.innerBody(page, term.body, placed.location.row, term.location)
  page.write(term.of === 'array' ? ']' : '}')
}

function writeTemplate(page: Layout, term: Extract<Term, { kind: 'template' }>, writers: Writers): void {
  page.write(term.raw ? '$`' : '$"')
  page.up()
  let after = term.location.offset
  for (const part of term.parts) {
    if (typeof part === 'string') {
      page.write(templateText(part, term.raw))
      continue
    }
    const { offset, end } = part.location
    const brace = closingBrace(page.source, end)
    const commented = (term.comments ?? []).some(
      (comment) => comment.location.offset > after && comment.location.offset < brace,
    )
    const scalar = commented ? undefined : scalarText(part, term.raw)
    if (scalar !== undefined) {
      page.write(scalar)
      after = brace
      continue
    }
    page.write('{')
    for (const comment of term.comments ?? []) if (comment.location.offset < offset) page.inlineComment(comment, after)
    writers.expr(page, part)
    for (const comment of term.comments ?? []) {
      if (comment.location.offset > offset && comment.location.offset < brace) page.inlineComment(comment, after)
    }
    after = brace
    page.write('}')
  }
  page.down()
  page.write(term.raw ? '`' : '"')
}

function templateText(text: string, raw: boolean): string {
  return (raw ? text : JSON.stringify(text).slice(1, -1)).replaceAll('{', '\\{')
}

/** What a constant between braces puts into the string; undefined for all other expressions. */
function scalarText(expr: Expr, raw: boolean): string | undefined {
  if (expr.kind !== 'term' || expr.negated || expr.with.length > 0) return undefined
  const { term } = expr
  switch (term.kind) {
    case 'null':
      return 'null'
    case 'boolean':
      return String(term.value)
    case 'number':
      return term.text
    case 'string':
      return raw && term.value.includes('`') ? undefined : templateText(term.value, raw)
    default:
      return undefined
  }
}

/** The offset of the brace behind a template expression; comments are passed over. */
function closingBrace(source: string, from: number): number {
  let at = from
  while (at < source.length && source[at] !== '}') {
    if (source[at] === '#') while (at < source.length && source[at] !== '\n') at++
    else at++
  }
  return at
}
