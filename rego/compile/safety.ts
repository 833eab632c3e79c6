// Orders the expressions of every body so that each variable is bound before it is used, and reports those that
// nothing binds.
import { type Body, type Expr, type Location, type Rule, refString, type Term } from '../syntax/index.ts'
import { mapExpr, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'
import { bodyVars, closureVars, exprVars, operandVars, outputVars, termVars, type VarSet } from './variables.ts'

/** A variable that nothing binds, and the expression that it stands in; in a head, the variable itself. */
interface Unsafe {
  readonly name: string
  readonly location: Location
}

/** Reports variables of heads that neither arguments nor bodies bind. */
export function checkHeads(first: Rule, compilation: Compilation): void {
  for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
    const { head } = rule
    const bound: VarSet = new Set([...argumentVars(rule), ...bodyVars(rule.body, { closures: true })])
    for (const expr of rule.body) for (const name of operandVars(expr, compilation)) bound.add(name)
    const parts = [head.key, head.value, ...(head.ref.kind === 'var' ? [] : head.ref.path)]
    const unsafe: Unsafe[] = []
    for (const part of parts) {
      if (part === undefined) continue
      for (const name of termVars(part, { closures: true })) {
        if (bound.has(name) || compilation.isUnnamed(name)) continue
        unsafe.push({ name, location: whereIsIn(name, part) ?? head.location })
      }
    }
    // An argument cannot look into documents: there is nothing that would bind them.
    for (const arg of head.args ?? [])
      visitTerm(arg, {
        term: (term) => {
          if (term.kind === 'ref' && term.head.kind === 'var' && isDocument(term.head.name))
            unsafe.push({ name: term.head.name, location: term.location })
          return term.kind === 'comprehension'
        },
      })
    reportUnsafe(unsafe, compilation, alongside(first, compilation))
  }
}

function isDocument(name: string): boolean {
  return name === 'input' || name === 'data'
}

function argumentVars(rule: Rule): VarSet {
  const found: VarSet = new Set()
  for (const arg of rule.head.args ?? []) for (const name of termVars(arg)) found.add(name)
  return found
}

/** The rule with its bodies ordered. */
export function orderRule(rule: Rule, compilation: Compilation): Rule {
  const where = alongside(rule, compilation)
  const ordered = (one: Rule): Rule => ({
    ...one,
    body: orderBody(one.body, argumentVars(one), compilation, where),
    ...(one.else === undefined ? {} : { else: ordered(one.else) }),
  })
  return ordered(rule)
}

/** Says which rule is meant where several names begin on one line. */
function alongside(rule: Rule, compilation: Compilation): string {
  return compilation.sharesLine(rule) ? ` in rule ${refString(rule.head.ref)}` : ''
}

/** The body with its expressions ordered, given variables that are bound outside. */
export function orderBody(body: Body, outside: VarSet, compilation: Compilation, where = ''): Body {
  const order = new BodyOrder(compilation)
  const ordered = order.body(body, outside)
  reportUnsafe(order.unsafe, compilation, where)
  return ordered
}

class BodyOrder {
  readonly unsafe: Unsafe[] = []
  readonly #compilation: Compilation

  constructor(compilation: Compilation) {
    this.#compilation = compilation
  }

  body(body: Body, outside: VarSet): Body {
    const needs = new Map(body.map((expr) => [expr, this.#needs(expr)] as const))
    const inBody: VarSet = new Set([...needs.values()].flatMap((names) => [...names]))
    const safe: VarSet = new Set(outside)
    const waiting = new Map(
      body.map((expr) => [expr, new Set([...(needs.get(expr) ?? [])].filter((name) => !safe.has(name)))] as const),
    )
    const closed = new Map(
      body.map((expr) => [expr, [...closureVars(expr)].filter((name) => inBody.has(name))] as const),
    )
    const ordered: Expr[] = []
    for (let before = -1; waiting.size > 0 && before !== ordered.length; ) {
      before = ordered.length
      for (const expr of body) {
        const unsafe = waiting.get(expr)
        if (unsafe === undefined) continue
        if ((closed.get(expr) ?? []).some((name) => !safe.has(name))) continue
        const outputs = outputVars(expr, safe, this.#compilation)
        for (const name of unsafe) if (outputs.has(name) || safe.has(name)) unsafe.delete(name)
        if (unsafe.size > 0) continue
        waiting.delete(expr)
        ordered.push(this.#closures(expr, safe))
        for (const name of needs.get(expr) ?? []) safe.add(name)
      }
    }
    for (const [expr, unsafe] of waiting) {
      const blocked = (closed.get(expr) ?? []).filter((name) => !safe.has(name))
      for (const name of new Set([...unsafe, ...blocked])) this.unsafe.push({ name, location: expr.location })
      ordered.push(expr)
    }
    return ordered
  }

  /** The variables that must be bound for an expression, or that it binds itself. */
  #needs(expr: Expr): VarSet {
    const names = exprVars(expr, { closures: true })
    for (const name of operandVars(expr, this.#compilation)) names.add(name)
    return names
  }

  #closures(expr: Expr, safe: VarSet): Expr {
    const outside: VarSet = new Set([...safe, ...this.#needs(expr)])
    if (expr.kind === 'every') {
      if (expr.key !== undefined) outside.add(expr.key.name)
      outside.add(expr.value.name)
    }
    const order = (term: Term): Term => this.#term(term, outside, expr.location)
    return mapExpr(expr, { term: order, body: (body) => this.body(body, outside) })
  }

  #term(term: Term, outside: VarSet, within: Location): Term {
    if (term.kind !== 'comprehension') return this.#children(term, outside, within)
    const body = this.body(term.body, outside)
    const bound: VarSet = new Set([...outside, ...bodyVars(body, { closures: true })])
    for (const expr of body) for (const name of operandVars(expr, this.#compilation)) bound.add(name)
    for (const part of term.key === undefined ? [term.value] : [term.key, term.value]) {
      for (const name of termVars(part, { closures: true }))
        if (!bound.has(name)) this.unsafe.push({ name, location: within })
    }
    const parts = (part: Term): Term => this.#term(part, bound, within)
    return { ...term, ...(term.key === undefined ? {} : { key: parts(term.key) }), value: parts(term.value), body }
  }

  #children(term: Term, outside: VarSet, within: Location): Term {
    const order = (inner: Term): Term => this.#term(inner, outside, within)
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
}

const importable: ReadonlySet<string> = new Set(['in', 'every', 'contains', 'if', 'not', 'and', 'or'])

/** Names that somebody wrote are told; where only generated ones are unsafe, their expressions are. */
function reportUnsafe(unsafe: readonly Unsafe[], compilation: Compilation, where: string): void {
  const inOrder = unsafe.toSorted((a, b) => a.location.offset - b.location.offset)
  const written = inOrder.filter(({ name }) => !compilation.isUnnamed(name))
  const told = new Set<string>()
  for (const { name, location } of written) {
    const shown = compilation.shown(name)
    if (told.has(name)) continue
    told.add(name)
    const hint = importable.has(shown) ? ` (hint: \`import future.keywords.${shown}\` to import a future keyword)` : ''
    compilation.report(
      'rego_unsafe_var_error',
      `var ${shown} is unsafe${where}${hint}`,
      location,
      `give \`${shown}\` a value in a positive expression, or declare it`,
    )
  }
  if (written.length > 0) return
  for (const { name, location } of inOrder) {
    if (told.has(name)) continue
    told.add(name)
    compilation.report(
      'rego_unsafe_var_error',
      `expression is unsafe${where}`,
      location,
      'bind every variable of the expression in another one',
    )
  }
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
