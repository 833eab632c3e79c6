// Names get one meaning each: imports and rules become `data` references, declared variables get names of their own,
// `:=` and `some` become the simpler forms that the later stages know.

import {
  type Body,
  callExpr,
  type Expr,
  isWildcard,
  type Location,
  type RefTerm,
  type Rule,
  refTerm,
  type Term,
  type VarTerm,
  valueName,
  varTerm,
  type With,
} from '../syntax/index.ts'
import { type Mapping, mapAll, mapTerm } from '../syntax/walk.ts'
import { unreachable } from '../unreachable.ts'
import type { Compilation } from './context.ts'
import type { Globals } from './globals.ts'
import { type How, Scope } from './scope.ts'
import { isRoot, termVars } from './variables.ts'

/** Resolves the names of rules or queries of one module. */
export class Names {
  readonly #compilation: Compilation
  readonly #globals: Globals
  readonly #parts: Mapping = { term: (inner) => this.#term(inner), body: (body) => body }
  #scopes: Scope[] = []
  /** Mistakes before the rule that is being read. */
  #before = 0

  constructor(compilation: Compilation, globals: Globals) {
    this.#compilation = compilation
    this.#globals = globals
  }

  /** The rule with its names resolved, its `else` rules too. */
  rule(rule: Rule): Rule {
    this.#scopes = []
    this.#before = this.#compilation.diagnostics.length
    return this.#within(() => {
      const args = rule.head.args?.map((arg) => this.#argument(arg))
      return this.#rule(rule, args)
    })
  }

  /** A query's body. Its top-level variables keep their names, because they are its answer. */
  query(body: Body): Body {
    this.#scopes = []
    this.#before = this.#compilation.diagnostics.length
    return this.#within(() => this.#exprs(body, true))
  }

  #rule(rule: Rule, args: readonly Term[] | undefined): Rule {
    const done = this.#within((): Rule => {
      const body = this.#exprs(rule.body, false)
      const { head } = rule
      const ref: VarTerm | RefTerm =
        head.ref.kind === 'var' ? head.ref : { ...head.ref, path: head.ref.path.map((step) => this.#term(step)) }
      return {
        ...rule,
        body,
        head: {
          ...head,
          ref,
          ...(args === undefined ? {} : { args }),
          ...(head.key === undefined ? {} : { key: this.#term(head.key) }),
          ...(head.value === undefined ? {} : { value: this.#term(head.value) }),
        },
      }
    })
    return rule.else === undefined ? done : { ...done, else: this.#rule(rule.else, args) }
  }

  /** Variables of arguments are declared by standing there; the same name twice is the same variable. */
  #argument(arg: Term): Term {
    if (arg.kind === 'var') {
      if (isWildcard(arg)) return arg
      if (arg.name === 'input' || arg.name === 'data') return arg
      const scope = this.#scope
      let name = scope.renamed(arg.name)
      if (name === undefined) {
        name = this.#compilation.generate(arg.location, arg.name).name
        scope.rename(arg.name, name)
      }
      return { ...arg, name }
    }
    if (arg.kind === 'call')
      this.#compilation.report(
        'rego_compile_error',
        'rule arguments cannot contain calls',
        arg.location,
        'call the function in the body',
      )
    if (arg.kind === 'ref' || arg.kind === 'comprehension' || arg.kind === 'call' || arg.kind === 'template')
      return this.#term(arg)
    return mapTerm(arg, { term: (inner) => this.#argument(inner), body: (body) => body })
  }

  #exprs(body: Body, keepNames: boolean): Body {
    return body.flatMap((expr) => this.#expr(expr, keepNames))
  }

  #expr(expr: Expr, keepNames: boolean): readonly Expr[] {
    const withs = mapAll(expr.with, (one) => this.#with(one))
    switch (expr.kind) {
      case 'some':
        for (const name of expr.names) this.#declare(name, keepNames, 'declared', expr.location)
        return []
      case 'some_in':
        return [{ ...this.#someIn(expr, keepNames), with: withs }]
      case 'every': {
        const domain = this.#term(expr.domain)
        return [
          this.#within((): Expr => {
            const at = expr.body[0]?.location ?? expr.location
            const key = expr.key === undefined ? undefined : this.#declare(expr.key, false, 'declared', at)
            const value = this.#declare(expr.value, false, 'declared', at)
            return {
              ...expr,
              ...(key === undefined ? {} : { key }),
              value,
              domain,
              body: this.#exprs(expr.body, false),
              with: withs,
            }
          }),
        ]
      }
      case 'not_body':
        return [{ ...expr, body: this.#closure(expr.body), with: withs }]
      case 'and':
      case 'or':
        return [{ ...expr, left: this.#closure(expr.left), right: this.#closure(expr.right), with: withs }]
      case 'term':
        return [{ ...expr, term: this.#term(expr.term), with: withs }]
      case 'call':
        return this.#call(expr, withs, keepNames)
      default:
        return unreachable(expr)
    }
  }

  #call(expr: Extract<Expr, { kind: 'call' }>, withs: readonly With[], keepNames: boolean): readonly Expr[] {
    if (expr.infix === ':=') {
      const [target, source] = expr.args
      if (target === undefined || source === undefined) return []
      if (expr.negated)
        this.#compilation.report(
          'rego_compile_error',
          'cannot assign vars inside negated expression',
          expr.location,
          'assign in a positive expression before the negation',
        )
      const value = this.#term(source)
      const pattern = this.#pattern(target, keepNames, expr.location)
      return [{ ...expr, operator: varTerm('eq', expr.location), args: [pattern, value], with: withs }]
    }
    return [
      { ...expr, operator: this.#operator(expr.operator), args: expr.args.map((arg) => this.#term(arg)), with: withs },
    ]
  }

  #someIn(expr: Extract<Expr, { kind: 'some_in' }>, keepNames: boolean): Expr {
    const around = termVars(expr.domain)
    const domain = this.#term(expr.domain)
    const names = new Map<string, VarTerm>()
    for (const part of [expr.key, expr.value]) if (part !== undefined) patternNames(part, names)
    for (const [name, term] of names)
      if (!around.has(name)) this.#declare({ ...term, location: expr.location }, keepNames, 'some', expr.location)
    const key = expr.key === undefined ? this.#compilation.generate(expr.location) : this.#term(expr.key)
    const value = this.#term(expr.value)
    const element: Term =
      domain.kind === 'ref' ? { ...domain, path: [...domain.path, key] } : refTerm(domain, [key], domain.location)
    return callExpr('eq', [value, element], expr.location)
  }

  /** The left side of an assignment: its variables are declared here. */
  #pattern(term: Term, keepNames: boolean, at: Location): Term {
    switch (term.kind) {
      case 'var':
        return isWildcard(term) ? term : this.#declare(term, keepNames, 'assigned', at)
      case 'array':
        return { ...term, items: term.items.map((item) => this.#pattern(item, keepNames, at)) }
      case 'object':
        return {
          ...term,
          entries: term.entries.map(([key, value]) => [this.#term(key), this.#pattern(value, keepNames, at)] as const),
        }
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
      case 'ref':
      case 'call':
      case 'set':
      case 'comprehension':
      case 'template':
        this.#compilation.report(
          'rego_compile_error',
          `cannot assign to ${valueName(term)}`,
          term.location,
          'a name, an array or an object of names can stand before `:=`',
        )
        return this.#term(term)
      default:
        return unreachable(term)
    }
  }

  #declare(name: VarTerm, keepNames: boolean, how: How, at: Location): VarTerm {
    if (isWildcard(name)) return name
    const scope = this.#scope
    const before = this.#declaredBefore(name.name)
    if (before !== undefined) {
      this.#compilation.report(
        'rego_compile_error',
        before,
        how === 'declared' ? at : name.location,
        'give one of the two another name, or declare it before it is used',
      )
      return name
    }
    const renamed = keepNames ? name.name : this.#compilation.generate(name.location, name.name).name
    scope.rename(name.name, renamed)
    scope.declare(name.name, { how, at })
    return { ...name, name: renamed }
  }

  /** Why a name cannot be declared in this scope, if it cannot. */
  #declaredBefore(name: string): string | undefined {
    const scope = this.#scope
    const how = scope.how(name)
    if (how !== undefined) return `var ${name} ${how === 'assigned' ? 'assigned' : 'declared'} above`
    if (scope.hasSeen(name)) return `var ${name} referenced above`
    // The body of a function shares its scope with the arguments.
    if (this.#scopes.length === 2 && this.#scopes[0]?.renamed(name) !== undefined) return `arg ${name} redeclared`
    return undefined
  }

  #with(one: With): With {
    const { target, value } = one
    if (target.kind !== 'var' && target.kind !== 'ref')
      return { ...one, target: this.#term(target), value: this.#term(value) }
    // A local variable of this name does not change what is replaced.
    if (target.kind === 'var' && target.name === 'input') return { ...one, value: this.#term(value) }
    if (target.kind === 'ref' && target.head.kind === 'var' && target.head.name === 'input') {
      const path = target.path.map((step) => this.#term(step))
      return { ...one, target: { ...target, path }, value: this.#term(value) }
    }
    const replaced = this.#function(target)
    if (replaced === undefined) return { ...one, target: this.#term(target), value: this.#term(value) }
    const replacement = value.kind === 'var' || value.kind === 'ref' ? this.#function(value) : undefined
    if (replacement !== undefined) return { ...one, target: replaced, value: replacement, mock: 'function' }
    const by = this.#term(value)
    const named = by.kind === 'ref' && by.path.every((step) => step.kind === 'string')
    return { ...one, target: replaced, value: by, mock: named && this.#compilation.isRule(by) ? 'rule' : 'value' }
  }

  /** The function that a name means here, resolved; undefined when it means none. */
  #function(name: VarTerm | RefTerm): VarTerm | RefTerm | undefined {
    const head = name.kind === 'var' ? name : name.head
    if (head.kind !== 'var' || head.name === 'input' || this.#isLocal(head.name)) return undefined
    const resolved = this.#operator(name)
    return this.#compilation.callee(resolved) === undefined ? undefined : resolved
  }

  #closure(body: Body): Body {
    return this.#within(() => this.#exprs(body, false))
  }

  #term(term: Term): Term {
    switch (term.kind) {
      case 'var':
        return this.#name(term)
      case 'ref': {
        const head = this.#term(term.head)
        const path = mapAll(term.path, (step) => this.#term(step))
        if (head === term.head && path === term.path) return term
        return head.kind === 'ref'
          ? { ...term, head: head.head, path: [...head.path, ...path] }
          : { ...term, head, path }
      }
      case 'comprehension':
        return this.#within((): Term => {
          this.#scope.isComprehension = true
          const body = this.#exprs(term.body, false)
          return {
            ...term,
            ...(term.key === undefined ? {} : { key: this.#term(term.key) }),
            value: this.#term(term.value),
            body,
          }
        })
      case 'call': {
        return { ...term, operator: this.#operator(term.operator), args: term.args.map((arg) => this.#term(arg)) }
      }
      case 'template':
        return this.#template(term)
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
        return term
      default:
        return mapTerm(term, this.#parts)
    }
  }

  /** Names are resolved in the parts; what they become is for a later stage. */
  #template(term: Extract<Term, { kind: 'template' }>): Term {
    const parts = term.parts.flatMap((part): readonly (string | Expr)[] =>
      typeof part === 'string' ? [part] : this.#within(() => this.#expr(part, false)),
    )
    return { ...term, parts }
  }

  #name(term: VarTerm): Term {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const scope = this.#scopes[index]
      const renamed = scope?.renamed(term.name)
      if (renamed === undefined) continue
      scope?.use(term.name)
      return { ...term, name: renamed }
    }
    if (isWildcard(term)) return term
    const global = this.#globals.get(term.name)
    const isOuter = this.#scope.isComprehension && this.#scopes.some((scope) => scope.hasSeen(term.name))
    // In a comprehension, a variable that was used further out is that one until the name is declared anew.
    if (global !== undefined || !isOuter) this.#scope.see(term.name)
    if (global !== undefined) return { ...global, location: term.location }
    return term
  }

  #operator(operator: VarTerm | RefTerm): VarTerm | RefTerm {
    const head = operator.kind === 'var' ? operator : operator.head
    if (head.kind !== 'var') return operator
    if (this.#isLocal(head.name) && operator.kind === 'var') {
      this.#compilation.report(
        'rego_compile_error',
        `called function ${head.name} shadowed`,
        operator.location,
        'give the variable another name',
      )
      return operator
    }
    const global = this.#globals.get(head.name)
    if (global === undefined || (global.kind !== 'ref' && global.kind !== 'var')) return operator
    const path = operator.kind === 'ref' ? operator.path : []
    const base = global.kind === 'ref' ? global : undefined
    return {
      kind: 'ref',
      head: base?.head ?? global,
      path: [...(base?.path ?? []), ...path],
      location: operator.location,
    }
  }

  #isLocal(name: string): boolean {
    return this.#scopes.some((scope) => scope.renamed(name) !== undefined)
  }

  get #scope(): Scope {
    const scope = this.#scopes.at(-1)
    if (scope === undefined) throw new TypeError('names are resolved within a scope')
    return scope
  }

  #within<T>(work: () => T): T {
    const scope = new Scope()
    this.#scopes.push(scope)
    try {
      const done = work()
      this.#checkUnused(scope)
      return done
    } finally {
      this.#scopes.pop()
    }
  }

  /** A variable that is declared and never read is a mistake, unless there are others to correct first. */
  #checkUnused(scope: Scope): void {
    if (this.#compilation.diagnostics.length > this.#before) return
    for (const [name, { at }] of scope.unused()) {
      if (name.startsWith('__local')) continue
      const help = `use \`${name}\`, or remove the declaration`
      this.#compilation.report('rego_compile_error', `declared var ${name} unused`, at, help)
    }
  }
}

/** The variables that a pattern binds. */
function patternNames(term: Term, names: Map<string, VarTerm>): void {
  // `input` and `data` are documents, which are compared with what stands there.
  if (term.kind === 'var') {
    if (!isWildcard(term) && !isRoot(term)) names.set(term.name, term)
  } else if (term.kind === 'array') for (const item of term.items) patternNames(item, names)
  else if (term.kind === 'object') for (const [, value] of term.entries) patternNames(value, names)
}
