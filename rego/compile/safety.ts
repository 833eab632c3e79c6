// Orders the expressions of every body so that each variable is bound before it is used, and reports those that
// nothing binds.
import type { Body, Expr, Location, Rule, Term } from '../syntax/index.ts'
import { mapExpr, visitBody, visitTerm } from '../syntax/walk.ts'
import { type Compilation, isGenerated } from './context.ts'
import { bodyVars, closureVars, exprVars, outputVars, termVars, type VarSet } from './variables.ts'

/** The rule with its bodies ordered. */
export function orderRule(rule: Rule, compilation: Compilation): Rule {
  const safe: VarSet = new Set()
  for (const arg of rule.head.args ?? []) for (const name of termVars(arg)) safe.add(name)
  const body = orderBody(rule.body, safe, compilation)
  checkHead(rule, safe, compilation)
  return { ...rule, body, ...(rule.else === undefined ? {} : { else: orderRule(rule.else, compilation) }) }
}

/** The body with its expressions ordered, given variables that are bound outside. */
export function orderBody(body: Body, outside: VarSet, compilation: Compilation): Body {
  const inBody = bodyVars(body, { closures: true })
  const safe: VarSet = new Set([...inBody].filter((name) => outside.has(name)))
  for (const name of outside) safe.add(name)
  const waiting = new Map<Expr, VarSet>()
  for (const expr of body)
    waiting.set(expr, new Set([...exprVars(expr, { closures: true })].filter((name) => !safe.has(name))))
  const closed = new Map(body.map((expr) => [expr, [...closureVars(expr)].filter((name) => inBody.has(name))] as const))
  const ordered: Expr[] = []
  for (let before = -1; waiting.size > 0 && before !== ordered.length; ) {
    before = ordered.length
    for (const expr of body) {
      const unsafe = waiting.get(expr)
      if (unsafe === undefined) continue
      if ((closed.get(expr) ?? []).some((name) => !safe.has(name))) continue
      const outputs = outputVars(expr, safe, compilation)
      for (const name of unsafe) if (outputs.has(name) || safe.has(name)) unsafe.delete(name)
      if (unsafe.size > 0) continue
      waiting.delete(expr)
      ordered.push(orderClosures(expr, safe, compilation))
      for (const name of exprVars(expr, { closures: true })) safe.add(name)
    }
  }
  for (const [expr, unsafe] of waiting) {
    const blocked = (closed.get(expr) ?? []).filter((name) => !safe.has(name))
    for (const name of new Set([...unsafe, ...blocked]))
      reportUnsafe(name, whereIs(name, [expr]) ?? expr.location, compilation)
    ordered.push(expr)
  }
  return ordered
}

function orderClosures(expr: Expr, safe: VarSet, compilation: Compilation): Expr {
  const outside: VarSet = new Set([...safe, ...exprVars(expr, { closures: true })])
  if (expr.kind === 'every') {
    if (expr.key !== undefined) outside.add(expr.key.name)
    outside.add(expr.value.name)
  }
  const order = (term: Term): Term => orderTerm(term, outside, compilation)
  return mapExpr(expr, { term: order, body: (body) => orderBody(body, outside, compilation) })
}

function orderTerm(term: Term, outside: VarSet, compilation: Compilation): Term {
  if (term.kind !== 'comprehension') return orderChildren(term, outside, compilation)
  const body = orderBody(term.body, outside, compilation)
  const bound: VarSet = new Set([...outside, ...bodyVars(body, { closures: true })])
  for (const part of term.key === undefined ? [term.value] : [term.key, term.value]) {
    for (const name of termVars(part, { closures: true })) {
      if (!bound.has(name)) reportUnsafe(name, whereIsIn(name, part) ?? term.location, compilation)
    }
  }
  const parts = (part: Term): Term => orderTerm(part, bound, compilation)
  return { ...term, ...(term.key === undefined ? {} : { key: parts(term.key) }), value: parts(term.value), body }
}

function orderChildren(term: Term, outside: VarSet, compilation: Compilation): Term {
  const order = (inner: Term): Term => orderTerm(inner, outside, compilation)
  switch (term.kind) {
    case 'ref':
      return { ...term, head: order(term.head), path: term.path.map(order) }
    case 'array':
    case 'set':
      return { ...term, items: term.items.map(order) }
    case 'object':
      return { ...term, entries: term.entries.map(([key, value]) => [order(key), order(value)] as const) }
    default:
      return term
  }
}

/** Variables of the head must be arguments or be bound by the body. */
function checkHead(rule: Rule, args: VarSet, compilation: Compilation): void {
  if (compilation.failed && rule.body.length === 0) return
  const { head } = rule
  const bound: VarSet = new Set([...args, ...bodyVars(rule.body, { closures: true })])
  const parts: Term[] = [
    ...(head.key === undefined ? [] : [head.key]),
    ...(head.value === undefined ? [] : [head.value]),
    ...(head.ref.kind === 'var' ? [] : head.ref.path),
  ]
  for (const part of parts) {
    for (const name of termVars(part, { closures: true }))
      if (!bound.has(name)) reportUnsafe(name, whereIsIn(name, part) ?? head.location, compilation)
  }
}

function reportUnsafe(name: string, location: Location, compilation: Compilation): void {
  if (isGenerated(name)) {
    const already = compilation.diagnostics.some((one) => one.code === 'rego_unsafe_var_error')
    if (already) return
    compilation.report(
      'rego_unsafe_var_error',
      'expression is unsafe',
      location,
      'bind every variable of the expression in another one',
    )
    return
  }
  const shown = name.startsWith('$') ? '_' : name
  const message = `var ${shown} is unsafe`
  if (
    compilation.diagnostics.some(
      (one) =>
        one.message === message && one.location.offset === location.offset && one.location.file === location.file,
    )
  )
    return
  compilation.report(
    'rego_unsafe_var_error',
    message,
    location,
    `give \`${shown}\` a value in a positive expression, or declare it`,
  )
}

function whereIs(name: string, body: Body): Location | undefined {
  let found: Location | undefined
  visitBody(body, {
    term: (term) => {
      if (term.kind === 'var' && term.name === name) found ??= term.location
      return false
    },
  })
  return found
}

function whereIsIn(name: string, term: Term): Location | undefined {
  let found: Location | undefined
  visitTerm(term, {
    term: (inner) => {
      if (inner.kind === 'var' && inner.name === name) found ??= inner.location
      return false
    },
  })
  return found
}
