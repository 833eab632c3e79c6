// Orders the expressions of every body so that each variable is bound before it is used, and reports those that
// nothing binds.
import { type Body, compact, type Expr, type Location, type Rule, refString, type Term } from '../syntax/index.ts'
import { mapExpr, mapTerm, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'
import { orderExpressions, type Unordered } from './expression-order.ts'
import {
  bodyVars,
  closureVars,
  Either,
  exprVars,
  holdsClosures,
  type Names,
  operandVars,
  outputVars,
  termVars,
  type VarSet,
} from './variables.ts'

/** A variable that nothing binds, and the expression that it stands in; in a head, the variable itself. */
interface Unsafe {
  readonly name: string
  readonly location: Location
}

/** Reports variables of heads that neither arguments nor bodies bind. */
export function checkHeads(first: Rule, compilation: Compilation): void {
  for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
    const unsafe = [...unboundInHead(rule, compilation), ...documentsInArguments(rule)]
    if (unsafe.length > 0) reportUnsafe(unsafe, compilation, alongside(first, compilation))
  }
}

function unboundInHead(rule: Rule, compilation: Compilation): readonly Unsafe[] {
  const { head } = rule
  const unsafe: Unsafe[] = []
  let bound: VarSet | undefined
  for (const part of [head.key, head.value, ...(head.ref.kind === 'var' ? [] : head.ref.path)]) {
    if (part === undefined || part.kind === 'string' || part.kind === 'boolean') continue
    for (const name of termVars(part, { closures: true })) {
      bound ??= boundIn(rule, compilation)
      if (bound.has(name) || compilation.isUnnamed(name)) continue
      unsafe.push({ name, location: whereIsIn(name, part) ?? head.location })
    }
  }
  return unsafe
}

function boundIn(rule: Rule, compilation: Compilation): VarSet {
  const bound: VarSet = new Set([...argumentVars(rule), ...bodyVars(rule.body, { closures: true })])
  for (const expr of rule.body) for (const name of operandVars(expr, compilation)) bound.add(name)
  return bound
}

/** An argument cannot look into documents: there is nothing that would bind them. */
function documentsInArguments({ head }: Rule): readonly Unsafe[] {
  const unsafe: Unsafe[] = []
  for (const arg of head.args ?? []) {
    if (arg.kind === 'var') continue
    visitTerm(arg, {
      term: (term) => {
        if (term.kind === 'ref' && term.head.kind === 'var' && isDocument(term.head.name))
          unsafe.push({ name: term.head.name, location: term.location })
        return term.kind === 'comprehension'
      },
    })
  }
  return unsafe
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
  return ordered(rule, rule, compilation)
}

function ordered(one: Rule, first: Rule, compilation: Compilation): Rule {
  const order = new BodyOrder(compilation)
  const body = order.body(one.body, argumentVars(one))
  if (order.unsafe.length > 0) reportUnsafe(order.unsafe, compilation, alongside(first, compilation))
  return { ...one, body, ...(one.else === undefined ? {} : { else: ordered(one.else, first, compilation) }) }
}

/** Says which rule is meant where several names begin on one line. */
function alongside(rule: Rule, compilation: Compilation): string {
  return compilation.sharesLine(rule) ? ` in rule ${refString(rule.head.ref)}` : ''
}

/** The body with its expressions ordered, given variables that are bound outside. */
export function orderBody(body: Body, outside: VarSet, compilation: Compilation): Body {
  const order = new BodyOrder(compilation)
  const inOrder = order.body(body, outside)
  reportUnsafe(order.unsafe, compilation, '')
  return inOrder
}

class BodyOrder {
  readonly unsafe: Unsafe[] = []
  readonly #compilation: Compilation

  constructor(compilation: Compilation) {
    this.#compilation = compilation
  }

  body(body: Body, outside: Names): Body {
    const all = this.#unordered(body)
    const bound: VarSet = new Set()
    const safe = new Either(bound, outside)
    const ordered: Expr[] = []
    const left = orderExpressions(all, {
      safe,
      isReady: (one) => this.#isBound(one, safe),
      take: ({ expr, needs }) => {
        ordered.push(holdsClosures(expr) ? this.#closures(expr, new Either(needs, safe)) : expr)
        for (const name of needs) bound.add(name)
      },
    })
    for (const { expr, needs, closed } of left) {
      const outputs = outputVars(expr, safe, this.#compilation)
      const unbound = [...needs].filter((name) => !safe.has(name) && !outputs.has(name))
      for (const name of new Set([...unbound, ...closed.filter((one) => !safe.has(one))]))
        this.unsafe.push({ name, location: expr.location })
      ordered.push(expr)
    }
    return compact(ordered)
  }

  #unordered(body: Body): readonly Unordered[] {
    const all = body.map((expr): Unordered => ({ expr, needs: this.#needs(expr), closed: [] }))
    if (!body.some(holdsClosures)) return all
    const inBody: VarSet = new Set()
    for (const { needs } of all) for (const name of needs) inBody.add(name)
    return all.map((one) =>
      holdsClosures(one.expr) ? { ...one, closed: [...closureVars(one.expr)].filter((name) => inBody.has(name)) } : one,
    )
  }

  /** Whether what an expression needs is bound, or bound by it. */
  #isBound({ expr, needs }: Unordered, safe: Names): boolean {
    let outputs: VarSet | undefined
    for (const name of needs) {
      if (safe.has(name)) continue
      outputs ??= outputVars(expr, safe, this.#compilation)
      if (!outputs.has(name)) return false
    }
    return true
  }

  #needs(expr: Expr): VarSet {
    const names = exprVars(expr, { closures: true })
    for (const name of operandVars(expr, this.#compilation)) names.add(name)
    return names
  }

  #closures(expr: Expr, around: Names): Expr {
    const declared: VarSet = new Set()
    if (expr.kind === 'every') {
      if (expr.key !== undefined) declared.add(expr.key.name)
      declared.add(expr.value.name)
    }
    const outside = declared.size === 0 ? around : new Either(declared, around)
    return mapExpr(expr, {
      term: (term) => this.#term(term, outside, expr.location),
      body: (body) => this.body(body, outside),
    })
  }

  #term(term: Term, outside: Names, within: Location): Term {
    if (term.kind !== 'comprehension') return this.#children(term, outside, within)
    const body = this.body(term.body, outside)
    const inBody = bodyVars(body, { closures: true })
    for (const expr of body) for (const name of operandVars(expr, this.#compilation)) inBody.add(name)
    const bound = new Either(inBody, outside)
    for (const part of term.key === undefined ? [term.value] : [term.key, term.value]) {
      for (const name of termVars(part, { closures: true }))
        if (!bound.has(name)) this.unsafe.push({ name, location: within })
    }
    return {
      ...term,
      ...(term.key === undefined ? {} : { key: this.#term(term.key, bound, within) }),
      value: this.#term(term.value, bound, within),
      body,
    }
  }

  #children(term: Term, outside: Names, within: Location): Term {
    switch (term.kind) {
      case 'ref':
      case 'array':
      case 'set':
      case 'object':
        return mapTerm(term, { term: (inner) => this.#term(inner, outside, within), body: (body) => body })
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
