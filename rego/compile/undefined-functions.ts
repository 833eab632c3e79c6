// Calls name functions that exist, with the number of arguments that they take.
import { type Body, type CallExpr, type Expr, operatorName, type Rule, refString } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import { arityDetails } from '../types/index.ts'
import type { Callee, Compilation } from './context.ts'

/** Checks the calls of a rule. */
export function checkFunctions(first: Rule, compilation: Compilation): void {
  const visitor = calls(compilation)
  for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
    visitBody(rule.body, visitor)
    for (const part of [rule.head.key, rule.head.value]) if (part !== undefined) visitTerm(part, visitor)
  }
}

/** Checks the calls of a body. */
export function checkFunctionsIn(body: Body, compilation: Compilation): void {
  visitBody(body, calls(compilation))
}

function calls(compilation: Compilation): Visitor {
  return new Calls(compilation)
}

class Calls implements Visitor {
  readonly #compilation: Compilation

  constructor(compilation: Compilation) {
    this.#compilation = compilation
  }

  expr(expr: Expr): boolean {
    return expr.kind === 'call' && !checkCall(expr, this.#compilation)
  }
}

function checkCall(expr: CallExpr, compilation: Compilation): boolean {
  const callee = compilation.callee(expr.operator)
  const name = operatorName(expr.operator) ?? refString(expr.operator, (one) => compilation.shown(one))
  if (callee === undefined && given(expr) > 0 && compilation.isRule(expr.operator)) {
    reportNotFunction(expr, name, compilation)
    return false
  }
  if (callee === undefined) {
    const head = expr.operator.kind === 'var' ? expr.operator : expr.operator.head
    const shown = head.kind === 'var' ? name.replace(head.name, compilation.shown(head.name)) : name
    compilation.report(
      'rego_type_error',
      `undefined function ${shown}`,
      expr.location,
      'the built-ins are listed by `sallyport policy inspect --builtins`',
    )
    return false
  }
  if (callee.kind === 'builtin' && callee.declaration.decl.variadic !== undefined) return true
  const { length } = expr.args
  const { arity } = callee
  // A stage that took a call out of a term gave it one operand more, for its result.
  const fits =
    expr.generated === true ? length === arity + 1 || isEquation(name) : length === arity || length === arity + 1
  if (fits && !(length > arity && callee.kind === 'builtin' && callee.void)) return true
  reportArity(expr, name, callee, compilation)
  return false
}

function isEquation(name: string): boolean {
  return name === 'eq'
}

function reportNotFunction(expr: CallExpr, name: string, compilation: Compilation): void {
  const message = `function ${name} has arity 0, got ${argumentsText(expr)}`
  compilation.report('rego_type_error', message, expr.location, `\`${name}\` is a rule without arguments`)
}

/** How many arguments a call was written with. */
function given({ args, generated }: CallExpr): number {
  return args.length - (generated === true ? 1 : 0)
}

function argumentsText(expr: CallExpr): string {
  return `${given(expr)} argument${given(expr) === 1 ? '' : 's'}`
}

function reportArity(expr: CallExpr, name: string, callee: Callee, compilation: Compilation): void {
  if (callee.kind === 'builtin') {
    const details = arityDetails(callee.declaration, expr.args)
    compilation.report('rego_type_error', `${name}: arity mismatch`, expr.location, 'count the arguments', details)
    return
  }
  const message = `function ${name} has arity ${callee.arity}, got ${argumentsText(expr)}`
  compilation.report('rego_type_error', message, expr.location, 'count the arguments')
}
