// Rules, as they are written: heads in the spelling of the style, bodies on the line of the head or in braces.
import { isWildcard, type Rule, type Term } from '../ast.ts'
import { beginsWithBrace, bodyWriters, writeBody, writeExpr } from './body.ts'
import { CommentClash, type Layout } from './layout.ts'
import { isKeyword } from './names.ts'
import { stringText, writeItems, writePath, writeTerm } from './term.ts'

/** Prints a rule with its `else` chain; a rule whose comments have no place on the printed lines keeps its text. */
export function writeRule(page: Layout, rule: Rule): void {
  const mark = page.mark()
  try {
    page.commentsTo(rule.chained ? rule.head.location.row : rule.location.row)
    writeRuleLines(page, rule, false)
    page.endLine()
  } catch (error) {
    if (!(error instanceof CommentClash) || page.source === '') throw error
    page.reset(mark)
    page.commentsTo(rule.location.row, false)
    if (rule.chained) page.joining(() => writeRuleLines(page, rule, false))
    else page.verbatim(rule.location)
    page.endLine()
  }
}

/** True for rules that are printed on one line and stay with the line below, when they stood so. */
export function isOneLiner(page: Layout, rule: Rule): boolean {
  if (rule.body.length > 1 || rule.default || rule.else !== undefined) return false
  if (!page.style.contains && rule.head.value === undefined) return false
  return page.style.ifs && (isTrue(rule) || isOnHeadLine(page, rule))
}

function writeRuleLines(page: Layout, rule: Rule, isElse: boolean): void {
  const { style } = page
  if (rule.default) page.write('default ')
  const constant = isTrue(rule) && rule.else === undefined
  writeHead(page, rule, isElse, constant)
  if (constant) {
    page.endLine()
    return
  }
  const partialWithout = !style.contains && rule.head.value === undefined
  if (isTrue(rule) && rule.generatedBody && rule.else !== undefined) page.write(style.ifs ? ' if true' : ' { true }')
  else if (style.ifs && !partialWithout && isOnHeadLine(page, rule, isElse)) {
    page.write(' if ')
    const [only] = rule.body
    if (only !== undefined) writeExpr(page, only)
    page.endLine()
  } else {
    page.write(style.ifs && !partialWithout ? ' if {' : ' {')
    page.endLine()
    page.up()
    writeBody(page, rule.body, isElse ? 'other' : 'rule')
    closeBody(page, rule)
    page.down()
    page.write('}')
  }
  if (rule.else !== undefined) writeElse(page, rule, rule.else)
}

/** True when the one expression stands on the head's row and reads the same behind a bare `if`. */
function isOnHeadLine(page: Layout, rule: Rule, isElse = false): boolean {
  const [only] = rule.body
  const { location } = rule.head
  if (rule.body.length !== 1 || only === undefined) return false
  if (only.location.row !== location.row && only.location.row !== page.endRow(location)) return false
  // Behind `else if`, a brace always begins a body.
  if (isElse && beginsWithBrace(only)) return false
  return only.negated || only.kind !== 'term' || only.term.kind !== 'set'
}

function writeElse(page: Layout, rule: Rule, next: Rule): void {
  const { row } = next.head.location
  const commentAbove = page.hasCommentBefore(row)
  // A line that a bare `if` ended has no brace to stand beside.
  if (!commentAbove && !page.atLineStart() && isBesideBrace(page, rule, next)) page.write(' ')
  else page.blankLine()
  page.commentsTo(row)
  writeRuleLines(page, next, true)
}

/** True when something stood before `else` on its line: it stays there. */
function isBesideBrace(page: Layout, rule: Rule, next: Rule): boolean {
  const { row, offset } = next.head.location
  if (row <= rule.location.row) return false
  const lineStart = page.source.lastIndexOf('\n', offset - 1) + 1
  return page.source.slice(lineStart, offset).trim() !== ''
}

function writeHead(page: Layout, rule: Rule, isElse: boolean, constant: boolean): void {
  const { head } = rule
  const { style } = page
  if (isElse) page.write('else')
  else {
    writeName(page, rule)
    if (head.args !== undefined && head.args.length > 0) {
      writeItems(
        page,
        '(',
        ')',
        head.args,
        { ...head.location, end: argumentsEnd(page, rule) },
        bodyWriters,
        'arguments',
      )
    } else if (head.args !== undefined) page.write('()')
  }
  if (head.value === undefined) {
    if (head.key === undefined) return
    page.write(style.contains ? ' contains ' : '[')
    writeTerm(page, head.key, bodyWriters)
    if (!style.contains) page.write(']')
    return
  }
  const isTrueValue = head.value.kind === 'boolean' && head.value.value
  if (isTrueValue && !rule.default && !constant) return
  if (isTrueValue && constant && rule.generatedBody && !rule.written.value && !isElse && !needsValue(page, rule)) return
  page.write(head.assign || style.assign ? ' := ' : ' = ')
  // Comments inside `else := value` belong to the body.
  const value: Term = isElse
    ? { ...head.value, location: { ...head.value.location, row: head.location.row } }
    : head.value
  writeTerm(page, value, bodyWriters)
}

/** True for heads that are no rule without a value. */
function needsValue(page: Layout, rule: Rule): boolean {
  const { ref, args } = rule.head
  if (args !== undefined) return false
  if (page.style.assign) return true
  return ref.kind === 'var' || ref.path.some((step) => step.kind !== 'string') || ref.path.length < 2
}

function writeName(page: Layout, rule: Rule): void {
  const { ref } = rule.head
  if (ref.kind === 'var') {
    writeTerm(page, ref, bodyWriters)
    return
  }
  const [step] = ref.path
  // A keyword begins a name only in front of a point.
  const isWord = ref.head.kind === 'var' && isKeyword(ref.head.name)
  if (step !== undefined && ref.path.length === 1 && !page.style.refHeads && !isWord) {
    writeTerm(page, ref.head, bodyWriters)
    page.write('[')
    if (step.kind === 'string') page.write(stringText(page, step))
    else if (isWildcard(step)) page.write('_')
    else {
      writeTerm(page, step, bodyWriters)
      page.commentsTo(page.endRow(step.location))
    }
    page.write(']')
    return
  }
  writeTerm(page, ref.head, bodyWriters)
  for (const part of ref.path) {
    if (part.kind === 'string' || part.kind === 'var') writePath(page, [part], bodyWriters)
    else {
      page.write('[')
      writeStep(page, part)
      page.write(']')
    }
  }
}

/** A step of a rule's name; with comments that have no place on one line it keeps its text. */
function writeStep(page: Layout, step: Term): void {
  if (isWildcard(step)) {
    page.write('_')
    return
  }
  const mark = page.mark()
  try {
    writeTerm(page, step, bodyWriters)
    page.commentsTo(page.endRow(step.location))
  } catch (error) {
    if (!(error instanceof CommentClash) || page.source === '') throw error
    page.reset(mark)
    page.verbatim(step.location)
  }
}

function isTrue(rule: Rule): boolean {
  const [only] = rule.body
  if (rule.generatedBody) return true
  return (
    rule.body.length === 1 &&
    only?.kind === 'term' &&
    !only.negated &&
    only.with.length === 0 &&
    only.term.kind === 'boolean' &&
    only.term.value
  )
}

/** Where the arguments of a function's head end. */
function argumentsEnd(page: Layout, rule: Rule): number {
  const last = rule.head.args?.at(-1)
  return last === undefined ? rule.head.location.end : nextMark(page.source, last.location.end, ')') + 1
}

/** Prints the comments up to the brace that closes a body; what is beside it may be of the next body of a chain. */
function closeBody(page: Layout, rule: Rule): void {
  const last = rule.body.at(-1)
  if (last === undefined || last.location.end === 0) return
  const brace = closingBrace(page.source, last.location.end)
  // A bare `if` had none; what follows is said of the next rule.
  if (brace === undefined) return
  const next = nextMark(page.source, brace, '{')
  const row = page.rowAt(brace)
  const isChain = page.source.slice(brace + 1, next).trim() === '' && next < page.source.length
  // What stands beside `} else` is said of what follows.
  page.commentsTo(row, !isChain && rule.else?.head.location.row !== row)
}

/** The offset of the brace that closes a body whose last expression ends there, if it has braces. */
function closingBrace(source: string, from: number): number | undefined {
  let at = from
  while (at < source.length && ' \t\r\n;)#'.includes(source[at] ?? '')) {
    if (source[at] === '#') while (at < source.length && source[at] !== '\n') at++
    else at++
  }
  return source[at] === '}' ? at : undefined
}

/** The offset of a mark, comments passed over; the end of the text when there is none. */
function nextMark(source: string, from: number, mark: string): number {
  let at = from
  while (at < source.length && source[at] !== mark) {
    if (source[at] === '#') while (at < source.length && source[at] !== '\n') at++
    else at++
  }
  return at
}
