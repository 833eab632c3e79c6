// Statements that are expressions and mean rules: `p := 1`, `f(x) = y`, `a.b.c`, and in v0 `p[x]`.
import type { Body, CallExpr, CallTerm, Head, RefTerm, Rule, Term, VarTerm } from './ast.ts'
import { booleanTerm, operatorName } from './ast.ts'
import type { Location } from './diagnostic.ts'
import { trueBody } from './parse-rule.ts'
import { refString, valueName } from './term-string.ts'

/** The rule that a body means, or why it means none. */
export function ruleFromBody(body: Body, isBuiltin: (name: string) => boolean): Rule | string {
  const [expr, ...others] = body
  if (expr === undefined || others.length > 0) return 'multiple expressions cannot be used for rule head'
  if (expr.with.length > 0) return 'expressions using with keyword cannot be used for rule head'
  if (expr.negated) return 'negated expressions cannot be used for rule head'
  if (expr.kind === 'some' || expr.kind === 'some_in') return "'some' declarations cannot be used for rule head"
  if (expr.kind === 'term') return ruleFromTerm(expr.term, expr.location)
  if (expr.kind !== 'call') return 'expression cannot be used for rule head'
  const [left, right] = expr.args
  const name = operatorName(expr.operator)
  if ((name === 'eq' || name === 'assign') && expr.args.length === 2 && left !== undefined && right !== undefined)
    return ruleFromEquation(expr, left, right)
  if (name !== undefined && isBuiltin(name)) return 'rule name conflicts with built-in function'
  return ruleFromCall(expr)
}

function ruleFromTerm(term: Term, location: Location): Rule | string {
  if (term.kind === 'var' && valueName(term) === 'ref') return 'refs cannot be used for rule head'
  if (term.kind !== 'ref') return `${valueName(term)} cannot be used for rule name`
  if (term.head.kind !== 'var') return `invalid rule head: ${refString(term)}`
  const [element] = term.path
  if (term.path.length === 1 && element !== undefined)
    return rule({ ref: term.head, key: element, assign: false, location: term.location }, location, false)
  return rule(
    { ref: term, value: booleanTerm(true, location), assign: false, location: term.location },
    location,
    false,
  )
}

function ruleFromEquation(expr: CallExpr, left: Term, value: Term): Rule | string {
  const assign = operatorName(expr.operator) === 'assign'
  const { location } = expr
  if (left.kind === 'var') return rule({ ref: left, value, assign, location }, location, true)
  if (left.kind === 'call' && isHeadName(left.operator) && left.infix === undefined)
    return rule({ ref: left.operator, args: left.args, value, assign, location }, location, true)
  if (left.kind === 'ref')
    return isHeadName(left)
      ? rule({ ref: left, value, assign, location }, location, true)
      : `invalid rule head: ${refString(left)}`
  return `${valueName(left)} cannot be used for rule name`
}

function ruleFromCall(expr: CallExpr | CallTerm): Rule | string {
  const { operator, args, location } = expr
  if (args.length === 0) return 'rule argument list must take at least one argument'
  if (!isHeadName(operator)) return `invalid rule head: ${refString(operator)}`
  return rule({ ref: operator, args, value: booleanTerm(true, location), assign: false, location }, location, false)
}

function isHeadName(ref: VarTerm | RefTerm): boolean {
  return ref.kind === 'var' || ref.head.kind === 'var'
}

function rule(head: Head, location: Location, value: boolean): Rule {
  return {
    kind: 'rule',
    default: false,
    head,
    body: trueBody(location),
    generatedBody: true,
    chained: false,
    written: { if: false, contains: false, value },
    annotations: [],
    location,
  }
}
