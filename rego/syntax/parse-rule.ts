// Rules: heads in all their forms, bodies, else chains, and what v1 demands of them.
import type { Body, Head, RefTerm, Rule, Term, VarTerm } from './ast.ts'
import { booleanTerm } from './ast.ts'
import { type Cursor, ParseFault } from './cursor.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { Token } from './lexer.ts'
import { beginsWithUnion, parseBody, parseLogic } from './parse-body.ts'
import { parseInfix, parseList, parseStep } from './parse-term.ts'

/** A head as it was written, before it is known whether a body follows. */
interface WrittenHead {
  readonly start: Token
  readonly ref: VarTerm | RefTerm
  readonly args: readonly Term[] | undefined
  readonly key: Term | undefined
  readonly value: Term | undefined
  readonly assign: boolean
}

/** Parses one rule statement; chained bodies give several rules. `strict` demands v1's keywords. */
export function parseRules(cursor: Cursor, strict: boolean): readonly Rule[] {
  const start = cursor.token
  if (cursor.isWord('default')) return [parseDefault(cursor)]
  const written = parseHead(cursor)
  const hasIf = cursor.takeWord('if')
  const contains = written.key !== undefined
  let body: Body | undefined
  const bodyStart = cursor.token
  if (hasIf) body = parseIfBody(cursor)
  else if (cursor.is('{')) body = parseBraceBody(cursor)
  const braced = bodyStart.kind === '{' && cursor.before.kind === '}'
  const head = finishHead(cursor, written, { hasIf, hasBody: body !== undefined, strict, bodyStart })
  const keywords = { if: hasIf, contains, value: written.value !== undefined }
  let elseRule: Rule | undefined
  if (cursor.isWord('else')) {
    if (head.key !== undefined)
      cursor.fail(
        'else keyword cannot be used on multi-value rules',
        cursor.token,
        'give the rule one value, or write several rules',
      )
    if (hasVariablePath(head.ref))
      cursor.fail('else keyword cannot be used on rules with variables in head', cursor.token)
    elseRule = parseElse(cursor, head, strict)
  }
  const first: Rule = rule(head, body, start, cursor, keywords, elseRule, false)
  const rules = [first]
  while (body !== undefined && braced && cursor.is('{')) {
    if (elseRule !== undefined) cursor.fail('expected else keyword', cursor.token, 'a second body cannot follow `else`')
    // The head of a chained body is where its brace is.
    const again = { ...head, location: cursor.at(cursor.token) }
    rules.push(rule(again, parseBraceBody(cursor), start, cursor, keywords, undefined, true))
  }
  return rules
}

function rule(
  head: Head,
  body: Body | undefined,
  start: Token,
  cursor: Cursor,
  written: Rule['written'],
  elseRule: Rule | undefined,
  chained: boolean,
): Rule {
  return {
    kind: 'rule',
    default: false,
    head,
    body: body ?? [
      {
        kind: 'term',
        term: booleanTerm(true, head.location),
        negated: false,
        with: [],
        location: head.location,
        generated: true,
      },
    ],
    generatedBody: body === undefined,
    ...(elseRule === undefined ? {} : { else: elseRule }),
    chained,
    written,
    annotations: [],
    location: cursor.since(start),
  }
}

function parseHead(cursor: Cursor): WrittenHead {
  const start = cursor.token
  if (start.kind !== 'name') cursor.unexpected('', 'a rule begins with its name')
  if (!cursor.isName()) {
    if (start.text === 'import' || start.text === 'package') cursor.unexpected('')
    cursor.fail(
      `unexpected ${start.text} keyword: rule name conflicts with keyword`,
      start,
      'choose a name that is not a keyword',
    )
  }
  cursor.next()
  const name = cursor.variable(start)
  const path: Term[] = []
  while (!cursor.token.spaced && (cursor.is('.') || cursor.is('['))) path.push(parseStep(cursor))
  const ref: VarTerm | RefTerm =
    path.length === 0 ? name : { kind: 'ref', head: name, path, location: cursor.since(start) }
  let args: readonly Term[] | undefined
  if (cursor.is('(') && !cursor.token.spaced) {
    cursor.next()
    args = parseList(cursor, ')')
  }
  const key = cursor.takeWord('contains') ? parseInfix(cursor, true) : undefined
  const assign = cursor.is(':=')
  let value: Term | undefined
  if (assign || cursor.is('=')) {
    if (key !== undefined) cursor.unexpected('', 'a rule with `contains` has no other value')
    cursor.next()
    value = parseInfix(cursor, true)
  }
  return { start, ref, args, key, value, assign }
}

/** The body behind `if`: one literal, or braces. */
function parseIfBody(cursor: Cursor): Body {
  if (cursor.is('{')) {
    const braces = cursor.attempt(() => {
      const body = parseBraceBody(cursor)
      const next = cursor.token
      // `{x | ...}` in braces is a comprehension, and `{...} == y` a comparison: both are literals, not bodies.
      if (beginsWithUnion(body)) cursor.unexpected('')
      if (
        next.row === cursor.before.row &&
        next.kind !== 'eof' &&
        next.kind !== '}' &&
        !cursor.isWord('else') &&
        next.kind !== '{' &&
        next.kind !== ';'
      )
        cursor.unexpected('')
      return body
    })
    if (braces !== undefined) return braces
  }
  const start = cursor.token
  if (start.kind !== '{') return [parseLogic(cursor)]
  const position = cursor.position
  const literal = cursor.attempt(() => parseLogic(cursor))
  if (literal !== undefined && !(literal.kind === 'term' && literal.term.kind === 'set')) return [literal]
  cursor.reset(position)
  return parseBraceBody(cursor)
}

function parseBraceBody(cursor: Cursor): Body {
  cursor.expect('{', 'expected {')
  const body = parseBody(cursor, '}')
  cursor.expect('}', 'expected }')
  return body
}

function finishHead(
  cursor: Cursor,
  written: WrittenHead,
  found: { readonly hasIf: boolean; readonly hasBody: boolean; readonly strict: boolean; readonly bodyStart: Token },
): Head {
  const { start, ref, args, key, assign } = written
  const location = { ...cursor.at(start), end: written.value?.location.end ?? key?.location.end ?? cursor.before.end }
  const partial = !found.hasIf && key === undefined && args === undefined && ref.kind === 'ref' && ref.path.length === 1
  const noIf = found.strict && found.hasBody && !found.hasIf
  const noContains = found.strict && partial && written.value === undefined
  if (noIf || noContains) {
    const location = cursor.at(start)
    const faults: Diagnostic[] = []
    if (noIf)
      faults.push({
        code: 'rego_parse_error',
        message: '`if` keyword is required before rule body',
        location,
        help: 'write `if` in front of the body',
      })
    if (noContains)
      faults.push({
        code: 'rego_parse_error',
        message: '`contains` keyword is required for partial set rules',
        location,
        help: `write \`${start.text} contains ...\``,
      })
    const [first, ...more] = faults
    if (first !== undefined) throw new ParseFault(first, more)
  }
  if (partial && written.value === undefined) {
    const [element] = ref.path
    if (element === undefined) throw new TypeError('a reference has a step')
    return { ref: ref.head.kind === 'var' ? ref.head : cursor.variable(start), key: element, assign: false, location }
  }
  if (key !== undefined) {
    if (args !== undefined)
      cursor.fail(
        'the contains keyword can only be used with multi-value rule definitions (e.g., p contains <VALUE> { ... })',
        cursor.at(start),
      )
    return { ref, key, assign: false, location }
  }
  const constant = args !== undefined || (!found.strict && ref.kind === 'ref' && ref.path.length > 1)
  if (written.value === undefined && !found.hasBody && !constant) {
    if (found.strict && args === undefined && ref.kind === 'ref')
      cursor.fail(
        `${start.text} must have value assignment and/or body declaration`,
        cursor.at(start),
        'give the rule a value with `:=` or a body with `if`',
      )
    cursor.fail(
      'var cannot be used for rule name',
      cursor.at(start),
      'give the rule a value with `:=` or a body with `if`',
    )
  }
  const value = written.value ?? booleanTerm(true, location)
  return { ref, ...(args === undefined ? {} : { args }), value, assign, location }
}

function parseElse(cursor: Cursor, head: Head, strict: boolean): Rule {
  return cursor.nested(() => {
    const start = cursor.next()
    const assign = cursor.is(':=')
    let value: Term | undefined
    if (assign || cursor.is('=')) {
      cursor.next()
      value = parseInfix(cursor, true)
    }
    const hasIf = cursor.takeWord('if')
    let body: Body | undefined
    if (hasIf) body = cursor.is('{') ? parseBraceBody(cursor) : [parseLogic(cursor)]
    else if (cursor.is('{')) {
      if (strict) cursor.fail('`if` keyword is required before rule body', cursor.at(start), 'write `else if { ... }`')
      body = parseBraceBody(cursor)
    } else if (value === undefined)
      cursor.unexpected('expected else value term or rule body', 'write `else := value` or `else if { ... }`')
    const elseHead: Head = {
      ref: head.ref,
      ...(head.args === undefined ? {} : { args: head.args }),
      value: value ?? booleanTerm(true, cursor.at(start)),
      assign,
      location: cursor.since(start),
    }
    const next = cursor.isWord('else') ? parseElse(cursor, head, strict) : undefined
    return rule(elseHead, body, start, cursor, { if: hasIf, contains: false, value: value !== undefined }, next, false)
  })
}

function parseDefault(cursor: Cursor): Rule {
  const start = cursor.next()
  if (!cursor.isName()) cursor.unexpected('expected rule name', 'write `default name := value`')
  const written = parseHead(cursor)
  if (written.key !== undefined || written.value === undefined) {
    cursor.fail('illegal default rule (must have a value)', cursor.at(start), 'write `default name := value`')
  }
  if (cursor.isWord('if') || cursor.is('{'))
    cursor.unexpected('default rules cannot have a body', 'give the default a value and write the body in another rule')
  const forbidden = findForbidden(written.value)
  if (forbidden !== undefined)
    cursor.fail(`illegal default rule (value cannot contain ${forbidden})`, cursor.at(start), 'a default is a constant')
  for (const arg of written.args ?? []) {
    if (arg.kind !== 'var')
      cursor.fail(
        'illegal default rule (arguments cannot contain values)',
        arg.location,
        'write variables as arguments',
      )
  }
  const { ref, args, value, assign } = written
  const head: Head = {
    ref,
    ...(args === undefined ? {} : { args }),
    value,
    assign,
    location: { ...cursor.at(written.start), end: value.location.end },
  }
  const base = rule(head, undefined, start, cursor, { if: false, contains: false, value: true }, undefined, false)
  return { ...base, default: true }
}

/** What a default value must not contain, if it does. Comprehensions may hold anything. */
function findForbidden(term: Term): string | undefined {
  switch (term.kind) {
    case 'var':
      return 'var'
    case 'ref':
      return 'ref'
    case 'call':
      return 'call'
    case 'array':
    case 'set':
      return first(term.items)
    case 'object':
      return first(term.entries.flat())
    default:
      return undefined
  }
}

function first(terms: readonly Term[]): string | undefined {
  for (const term of terms) {
    const found = findForbidden(term)
    if (found !== undefined) return found
  }
  return undefined
}

function hasVariablePath(ref: VarTerm | RefTerm): boolean {
  return (
    ref.kind === 'ref' && ref.path.some((step) => step.kind === 'var' || step.kind === 'ref' || step.kind === 'call')
  )
}
