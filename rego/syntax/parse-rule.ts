// Rules with a body or `contains`: heads in all their forms, bodies, else chains and defaults. What has neither is read as
// an expression and becomes a rule in rule-from-body.ts.
import type { Annotations, Body, Expr, Head, RefTerm, Rule, Term, VarTerm } from './ast.ts'
import { booleanTerm, compact, isWildcard, noWiths } from './ast.ts'
import { type Cursor, ParseFault } from './cursor.ts'
import type { Diagnostic, Location } from './diagnostic.ts'
import type { Token } from './lexer.ts'
import { parseBody } from './parse-body.ts'
import { beginsWithUnion, parseLogic } from './parse-operand.ts'
import { parseInfix, parseList, parseStep } from './parse-term.ts'
import { refString, valueName } from './term-string.ts'

/** A head as it was written, before it is known whether a body follows. */
interface WrittenHead {
  readonly start: Token
  readonly ref: VarTerm | RefTerm
  readonly args: readonly Term[] | undefined
  readonly key: Term | undefined
  readonly value: Term | undefined
  readonly assign: boolean
  readonly location: Location
}

/** Parses one rule statement; chained bodies give several rules. Undefined when the statement is something else. */
export function parseRules(cursor: Cursor): readonly Rule[] | undefined {
  const start = cursor.token
  if (cursor.takeWord('default')) return cursor.isStart() ? [parseDefault(cursor, start)] : undefined
  if (!cursor.isStart()) return undefined
  const written = parseHead(cursor, false)
  if (written === undefined) return undefined
  const hasIf = cursor.takeWord('if')
  const contains = written.key !== undefined
  const keywords = { if: hasIf, contains, value: written.value !== undefined }
  if (!hasIf && !cursor.is('{')) {
    if (!contains) return undefined
    return [rule(finishHead(written, false), undefined, start, cursor, keywords, undefined, false)]
  }
  const body = hasIf ? parseIfBody(cursor) : parseBraceBody(cursor)
  const head = finishHead(written, hasIf)
  const elseRule = cursor.isWord('else') ? parseFirstElse(cursor, written, head, hasIf) : undefined
  const rules = [rule(head, body, start, cursor, keywords, elseRule, false)]
  while (cursor.is('{')) {
    if (elseRule !== undefined) cursor.fail('expected else keyword', cursor.token, 'a second body cannot follow `else`')
    // A chained body is where its brace is, and so is its head.
    const brace = cursor.token
    const again = { ...head, location: cursor.at(brace) }
    rules.push(rule(again, parseBraceBody(cursor), brace, cursor, keywords, undefined, true))
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
    body: body ?? trueBody(head.location),
    generatedBody: body === undefined,
    ...(elseRule === undefined ? {} : { else: elseRule }),
    chained,
    written,
    annotations: noAnnotations,
    location: cursor.since(start),
  }
}

/** The body of rules that were written without one. */
export function trueBody(location: Location): Body {
  const expr: Expr = {
    kind: 'term',
    term: booleanTerm(true, location),
    negated: false,
    with: noWiths,
    location,
    generated: true,
  }
  return [expr]
}

const infixMarks: ReadonlySet<string> = new Set(['+', '-', '*', '/', '%', '&', '|', '==', '!=', '<', '>', '<=', '>='])

/** Undefined when what begins like a head looks into the result of a call, which no rule is. */
function parseHead(cursor: Cursor, isDefault: boolean): WrittenHead | undefined {
  const start = cursor.next()
  const name = cursor.variable(start)
  if (infixMarks.has(cursor.token.kind) && !cursor.token.spaced) cursor.unexpected('', 'a rule begins with its name')
  const path: Term[] = []
  // White space may stand behind the first name of a head, and nowhere else in it.
  while ((path.length === 0 || !cursor.token.spaced) && (cursor.is('.') || cursor.is('['))) {
    cursor.inRow(path.length)
    path.push(parseStep(cursor))
  }
  const ref: VarTerm | RefTerm =
    path.length === 0 ? name : { kind: 'ref', head: name, path: compact(path), location: cursor.since(start) }
  const text = refString(ref)
  let args: readonly Term[] | undefined
  if (cursor.is('(') && (path.length === 0 || !cursor.token.spaced)) {
    cursor.next()
    args = parseList(cursor, ')')
    // The empty set is a value.
    if (args.length === 0 && path.length === 0 && name.name === 'set') return undefined
    if (!cursor.token.spaced && (cursor.is('.') || cursor.is('['))) {
      const steps: Term[] = []
      while (!cursor.token.spaced && (cursor.is('.') || cursor.is('['))) steps.push(parseStep(cursor))
      if (!cursor.is('(') || cursor.token.spaced) return undefined
      cursor.next()
      parseList(cursor, ')')
      const head: Term = { kind: 'call', operator: ref, args, location: ref.location }
      const text = refString({ kind: 'ref', head, path: steps, location: ref.location })
      if (cursor.is('{') || cursor.isWord('if'))
        cursor.unexpected(`rule head ref ${text} invalid`, 'a rule has one list of arguments')
      return undefined
    }
  }
  let key: Term | undefined
  if (cursor.isWord('contains') || containsArray(cursor)) {
    if (args !== undefined)
      cursor.unexpected(
        `the contains keyword can only be used with multi-value rule definitions (e.g., ${text} contains <VALUE> { ... })`,
        'a function has one value: give it with `:=`',
      )
    cursor.next()
    key = cursor.finishing(
      () => parseInfix(cursor, true),
      () => `expected rule key term (e.g., ${text} contains <VALUE> { ... })`,
    )
  }
  const assign = key === undefined && cursor.is(':=')
  let value: Term | undefined
  if (assign || (key === undefined && cursor.is('='))) {
    cursor.next()
    value = cursor.finishing(
      () => parseInfix(cursor, true),
      () => missingValue(text, { assign, isDefault, called: args !== undefined && args.length > 0 }),
    )
  }
  const location = cursor.since(start)
  return { start, ref, args, key, value, assign, location }
}

/** True for `q contains[x]`: behind a head, the keyword with an array right behind it is no name of a reference. */
function containsArray(cursor: Cursor): boolean {
  const { kind, text, spaced } = cursor.token
  return kind === 'name' && text === 'contains' && spaced && cursor.isKeyword(text) && cursor.peek().kind === '['
}

function missingValue(
  name: string,
  head: { readonly assign: boolean; readonly isDefault: boolean; readonly called: boolean },
): string {
  if (!head.assign) return `expected rule value term (e.g., ${name}[%!s(*ast.Term=<nil>)] = <VALUE> { ... })`
  if (head.called) return `expected function value term (e.g., ${name}(...) := <VALUE> { ... })`
  if (head.isDefault) return `expected default rule value term (e.g., default ${name} := <VALUE>)`
  return `expected rule value term (e.g., ${name} := <VALUE> { ... })`
}

const noAnnotations: readonly Annotations[] = []

/** Words that make what stands before them the beginning of a literal. */
const operators = ['in', 'with', 'and', 'or'] as const

/** The body behind `if`: one literal, or braces. */
function parseIfBody(cursor: Cursor): Body {
  const position = cursor.position
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
        next.kind !== 'name' &&
        next.kind !== '{' &&
        next.kind !== ';'
      )
        cursor.unexpected('')
      if (next.row === cursor.before.row && operators.some((word) => cursor.isWord(word))) cursor.unexpected('')
      return body
    })
    if (braces !== undefined) return braces
  }
  const braced = cursor.is('{')
  const literal = attemptLiteral(cursor)
  // A set is never false: braces around one are a body that could not be read.
  if (literal !== undefined && !(braced && literal.kind === 'term' && literal.term.kind === 'set')) return [literal]
  cursor.reset(position)
  // What is no literal must be a body, whose brace is passed over whatever stands there.
  if (cursor.is('eof')) cursor.fail('found empty body', cursor.token, 'write what must hold')
  cursor.next()
  const body = parseBody(cursor, '}')
  cursor.expect('}', 'expected }')
  return body
}

function attemptLiteral(cursor: Cursor): Expr | undefined {
  let certain: ParseFault | undefined
  const literal = cursor.attempt(() => {
    try {
      return parseLogic(cursor)
    } catch (error) {
      if (error instanceof ParseFault && error.certain) certain = error
      throw error
    }
  })
  if (certain !== undefined) throw certain
  return literal
}

function parseBraceBody(cursor: Cursor): Body {
  cursor.expect('{', 'expected {')
  const body = parseBody(cursor, '}')
  cursor.expect('}', 'expected }')
  return body
}

function finishHead(written: WrittenHead, hasIf: boolean): Head {
  const { ref, args, key, assign, location } = written
  if (key !== undefined) return { ref, key, assign: false, location }
  const [element] = ref.kind === 'ref' ? ref.path : []
  const partial = !hasIf && args === undefined && ref.kind === 'ref' && ref.path.length === 1
  if (partial && written.value === undefined && element !== undefined && ref.head.kind === 'var')
    return { ref: ref.head, key: element, assign: false, location }
  const value = written.value ?? booleanTerm(true, location)
  return { ref, ...(args === undefined ? {} : { args }), value, assign, location }
}

function parseFirstElse(cursor: Cursor, written: WrittenHead, head: Head, hasIf: boolean): Rule {
  const { ref } = written
  const help = 'give the rule one value, or write several rules'
  if (ref.kind === 'ref' && head.key === undefined && !ref.path.every(isGround))
    cursor.fail('else keyword cannot be used on rules with variables in head', cursor.token, help)
  const keyed = ref.kind === 'ref' && ref.path.length === 1 && !hasIf && written.args === undefined
  if (head.key !== undefined || keyed)
    cursor.fail('else keyword cannot be used on multi-value rules', cursor.token, help)
  return parseElse(cursor, head)
}

function isGround(term: Term): boolean {
  switch (term.kind) {
    case 'var':
      return false
    case 'ref':
      return term.head.kind === 'var' ? term.path.every(isGround) : false
    case 'array':
    case 'set':
      return term.items.every(isGround)
    case 'object':
      return term.entries.every(([key, value]) => isGround(key) && isGround(value))
    case 'call':
    case 'comprehension':
    case 'template':
      return false
    default:
      return true
  }
}

function parseElse(cursor: Cursor, head: Head): Rule {
  return cursor.nested(() => {
    const start = cursor.next()
    const assign = cursor.is(':=')
    let value: Term | undefined
    if (assign || cursor.is('=')) {
      cursor.next()
      value = parseInfix(cursor, true)
    } else if (!cursor.is('{') && !cursor.isWord('if'))
      cursor.unexpected('expected else value term or rule body', 'write `else := value` or `else if { ... }`')
    const headLocation = cursor.since(start)
    const hasIf = cursor.takeWord('if')
    let body: Body | undefined
    if (cursor.is('{')) body = parseBraceBody(cursor)
    else if (hasIf) {
      if (cursor.is('eof')) cursor.unexpected('rule body expected', 'write what must hold')
      body = [parseLogic(cursor)]
    }
    const elseHead: Head = {
      ref: head.ref,
      ...(head.args === undefined ? {} : { args: head.args }),
      value: value ?? booleanTerm(true, cursor.at(start)),
      assign,
      location: headLocation,
    }
    const next = cursor.isWord('else') ? parseElse(cursor, head) : undefined
    return rule(elseHead, body, start, cursor, { if: hasIf, contains: false, value: value !== undefined }, next, false)
  })
}

function parseDefault(cursor: Cursor, start: Token): Rule {
  const written = parseHead(cursor, true)
  if (written === undefined) return cursor.unexpected('', 'write `default name := value`')
  const { ref, args, assign, location } = written
  const place = cursor.at(start)
  const keyed = ref.kind === 'ref' && ref.path.length === 1 && args === undefined
  if (written.value === undefined && (written.key !== undefined || keyed))
    cursor.fail('illegal default rule (must have a value)', place, 'write `default name := value`')
  const value = written.value ?? booleanTerm(true, location)
  failAll(forbiddenIn(value), (name) => `illegal default rule (value cannot contain ${name})`, cursor, place)
  const seen = new Set<string>()
  for (const arg of args ?? []) {
    if (arg.kind !== 'var')
      cursor.fail(
        `illegal default rule (arguments cannot contain ${valueName(arg)})`,
        place,
        'write variables as arguments',
      )
    if (seen.has(arg.name))
      cursor.fail(
        `illegal default rule (arguments cannot be repeated ${arg.name})`,
        place,
        'give each a name of its own',
      )
    if (!isWildcard(arg)) seen.add(arg.name)
  }
  const head: Head = { ref, ...(args === undefined ? {} : { args }), value, assign, location }
  const keywords = { if: false, contains: false, value: written.value !== undefined }
  return { ...rule(head, undefined, start, cursor, keywords, undefined, false), default: true }
}

function failAll(names: readonly string[], message: (name: string) => string, cursor: Cursor, place: Location): void {
  const faults = names.map(
    (name): Diagnostic => cursor.fault(message(name), place, 'a default is a constant, or a comprehension'),
  )
  const [first, ...more] = faults
  if (first !== undefined) throw new ParseFault(first, more)
}

/** What a default value must not contain, and does. Comprehensions may hold anything. */
function forbiddenIn(term: Term): readonly string[] {
  switch (term.kind) {
    case 'var':
      return term.name === 'input' || term.name === 'data' ? ['ref'] : ['var']
    case 'ref':
    case 'call':
      return [term.kind]
    case 'array':
    case 'set':
      return term.items.flatMap(forbiddenIn)
    case 'object':
      return term.entries.flatMap((entry) => entry.flatMap(forbiddenIn))
    default:
      return []
  }
}
