// Names get one meaning each: imports and rules become `data` references, declared variables get names of their own,
// `:=`, `some` and template strings become the simpler forms that the later stages know.

import {
  type Body,
  callExpr,
  callTerm,
  type Expr,
  type Import,
  isWildcard,
  type Location,
  type Module,
  operatorName,
  type RefTerm,
  type Rule,
  refTerm,
  stringTerm,
  type Term,
  type VarTerm,
  varTerm,
  type With,
} from '../syntax/index.ts'
import { mapTerm } from '../syntax/walk.ts'
import { unreachable } from '../unreachable.ts'
import type { Compilation } from './context.ts'

/** Names of a module: what a bare name stands for when nothing local has it. */
export type Globals = ReadonlyMap<string, Term>

/** Variables declared in one scope, and names that were used in it before. */
interface Scope {
  readonly declared: Map<string, string>
  readonly seen: Set<string>
}

/** The names of a module: its package's rules and its imports. */
export function globalsOf(module: Module, compilation: Compilation): Globals {
  const globals = new Map<string, Term>()
  const location = module.package.location
  const data = varTerm('data', location)
  const packageNode = compilation.tree.find(module.package.path)
  const ruleNames = new Set(
    compilation.modules
      .filter((other) => samePath(other.package.path, module.package.path))
      .flatMap((other) => other.rules.map(firstName)),
  )
  for (const name of packageNode === undefined ? [] : ruleNames) {
    globals.set(
      name,
      refTerm(
        data,
        [...module.package.path, name].map((part) => stringTerm(part, location)),
        location,
      ),
    )
  }
  for (const one of module.imports) {
    const name = importName(one)
    if (name !== undefined) globals.set(name, one.path)
  }
  return globals
}

/** The name an import gives, or undefined for language features. */
export function importName(one: Import): string | undefined {
  const { path, alias } = one
  const root = path.kind === 'var' ? path.name : path.head.kind === 'var' ? path.head.name : ''
  if (root === 'future' || root === 'rego') return undefined
  if (alias !== undefined) return alias
  if (path.kind === 'var') return undefined
  const last = path.path.at(-1)
  return last?.kind === 'string' ? last.value : undefined
}

function firstName(rule: Rule): string {
  const { ref } = rule.head
  return ref.kind === 'var' ? ref.name : ref.head.kind === 'var' ? ref.head.name : ''
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index])
}

/** How `print` calls are treated. */
export type PrintMode = 'erase' | 'keep'

/** Resolves the names of rules or queries of one module. */
export class Names {
  readonly #compilation: Compilation
  readonly #globals: Globals
  readonly #print: PrintMode
  readonly #metadata: ((name: string, location: Location) => Term | undefined) | undefined
  #scopes: Scope[] = []

  constructor(
    compilation: Compilation,
    globals: Globals,
    print: PrintMode,
    metadata?: (name: string, location: Location) => Term | undefined,
  ) {
    this.#compilation = compilation
    this.#globals = globals
    this.#print = print
    this.#metadata = metadata
  }

  /** The rule with its names resolved, its `else` rules too. */
  rule(rule: Rule): Rule {
    this.#scopes = []
    return this.#within(() => {
      const args = rule.head.args?.map((arg) => this.#argument(arg))
      return this.#rule(rule, args)
    })
  }

  /** A query's body. Its top-level variables keep their names, because they are its answer. */
  query(body: Body): Body {
    this.#scopes = []
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
      let name = scope.declared.get(arg.name)
      if (name === undefined) {
        name = this.#compilation.generate(arg.location, arg.name).name
        scope.declared.set(arg.name, name)
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
    const withs = expr.with.map((one) => this.#with(one))
    switch (expr.kind) {
      case 'some':
        for (const name of expr.names) this.#declare(name, keepNames, 'declared')
        return []
      case 'some_in':
        return [{ ...this.#someIn(expr, keepNames), with: withs }]
      case 'every': {
        const domain = this.#term(expr.domain)
        return [
          this.#within((): Expr => {
            const key = expr.key === undefined ? undefined : this.#declare(expr.key, false, 'declared')
            const value = this.#declare(expr.value, false, 'declared')
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
      const pattern = this.#pattern(target, keepNames, 'assigned')
      return [{ ...expr, operator: varTerm('eq', expr.location), infix: '=', args: [pattern, value], with: withs }]
    }
    const name = operatorName(expr.operator)
    if (name === 'print' && !this.#isLocal('print') && !this.#globals.has('print')) {
      if (this.#print === 'erase')
        return [
          {
            kind: 'term',
            term: { kind: 'boolean', value: true, location: expr.location },
            negated: false,
            with: [],
            location: expr.location,
            generated: true,
          },
        ]
      return [this.#printCall(expr, withs)]
    }
    return [
      { ...expr, operator: this.#operator(expr.operator), args: expr.args.map((arg) => this.#term(arg)), with: withs },
    ]
  }

  /** `print(a, b)` becomes `internal.print([{x | x = a}, {y | y = b}])`: an undefined argument must not stop the body. */
  #printCall(expr: Extract<Expr, { kind: 'call' }>, withs: readonly With[]): Expr {
    const items = expr.args.map((arg) => this.#captured(this.#term(arg), arg.location))
    return {
      ...callExpr('internal.print', [{ kind: 'array', items, location: expr.location }], expr.location),
      with: withs,
    }
  }

  #captured(term: Term, location: Location): Term {
    const local = this.#compilation.generate(location)
    return { kind: 'comprehension', of: 'set', value: local, body: [callExpr('eq', [local, term], location)], location }
  }

  #someIn(expr: Extract<Expr, { kind: 'some_in' }>, keepNames: boolean): Expr {
    const domain = this.#term(expr.domain)
    const key =
      expr.key === undefined ? this.#compilation.generate(expr.location) : this.#pattern(expr.key, keepNames, 'some')
    const value = this.#pattern(expr.value, keepNames, 'some')
    const element: Term =
      domain.kind === 'ref' ? { ...domain, path: [...domain.path, key] } : refTerm(domain, [key], domain.location)
    return callExpr('eq', [value, element], expr.location)
  }

  /** The left side of an assignment: its variables are declared here. */
  #pattern(term: Term, keepNames: boolean, how: 'assigned' | 'some'): Term {
    switch (term.kind) {
      case 'var':
        return isWildcard(term) ? term : this.#declare(term, keepNames, how)
      case 'array':
        return { ...term, items: term.items.map((item) => this.#pattern(item, keepNames, how)) }
      case 'object':
        return {
          ...term,
          entries: term.entries.map(([key, value]) => [this.#term(key), this.#pattern(value, keepNames, how)] as const),
        }
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
        return term
      case 'ref':
      case 'call':
      case 'set':
      case 'comprehension':
      case 'template':
        if (how === 'assigned')
          this.#compilation.report(
            'rego_compile_error',
            `cannot assign to ${kindName(term)}`,
            term.location,
            'a name, an array or an object of names can stand before `:=`',
          )
        return this.#term(term)
      default:
        return unreachable(term)
    }
  }

  #declare(name: VarTerm, keepNames: boolean, how: 'declared' | 'assigned' | 'some'): VarTerm {
    if (isWildcard(name)) return name
    const scope = this.#scope
    if (scope.declared.has(name.name)) {
      if (how === 'some') return { ...name, name: scope.declared.get(name.name) ?? name.name }
      this.#compilation.report(
        'rego_compile_error',
        `var ${name.name} ${how} above`,
        name.location,
        'give one of the two another name',
      )
      return name
    }
    if (scope.seen.has(name.name) && how !== 'some') {
      this.#compilation.report(
        'rego_compile_error',
        `var ${name.name} referenced above`,
        name.location,
        'declare the variable before it is used',
      )
      return name
    }
    const renamed = keepNames ? name.name : this.#compilation.generate(name.location, name.name).name
    scope.declared.set(name.name, renamed)
    return { ...name, name: renamed }
  }

  #with(one: With): With {
    const { target, value } = one
    if (target.kind !== 'var' && target.kind !== 'ref')
      return { ...one, target: this.#term(target), value: this.#term(value) }
    const replaced = this.#function(target)
    if (replaced === undefined) return { ...one, target: this.#term(target), value: this.#term(value) }
    const replacement = value.kind === 'var' || value.kind === 'ref' ? this.#function(value) : undefined
    if (replacement !== undefined) return { ...one, target: replaced, value: replacement, mock: 'function' }
    return { ...one, target: replaced, value: this.#term(value), mock: 'value' }
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
        const path = term.path.map((step) => this.#term(step))
        return head.kind === 'ref'
          ? { ...term, head: head.head, path: [...head.path, ...path] }
          : { ...term, head, path }
      }
      case 'comprehension':
        return this.#within((): Term => {
          const body = this.#exprs(term.body, false)
          return {
            ...term,
            ...(term.key === undefined ? {} : { key: this.#term(term.key) }),
            value: this.#term(term.value),
            body,
          }
        })
      case 'call': {
        const name = operatorName(term.operator)
        const constant = name?.startsWith('rego.metadata.') === true ? this.#metadata?.(name, term.location) : undefined
        if (constant !== undefined) return constant
        return { ...term, operator: this.#operator(term.operator), args: term.args.map((arg) => this.#term(arg)) }
      }
      case 'template':
        return this.#template(term)
      default:
        return mapTerm(term, { term: (inner) => this.#term(inner), body: (body) => body })
    }
  }

  #template(term: Extract<Term, { kind: 'template' }>): Term {
    const items = term.parts.map((part): Term => {
      if (typeof part === 'string') return stringTerm(part, term.location)
      const [expr] = this.#expr(part, false)
      if (expr === undefined) return stringTerm('', term.location)
      const value: Term | undefined =
        expr.kind === 'term'
          ? expr.term
          : expr.kind === 'call'
            ? { kind: 'call', operator: expr.operator, args: expr.args, location: expr.location }
            : undefined
      if (value === undefined) return stringTerm('', term.location)
      const local = this.#compilation.generate(part.location)
      return {
        kind: 'comprehension',
        of: 'set',
        value: local,
        body: [{ ...callExpr('eq', [local, value], part.location), with: expr.with }],
        location: part.location,
      }
    })
    return callTerm('internal.template_string', [{ kind: 'array', items, location: term.location }], term.location)
  }

  #name(term: VarTerm): Term {
    for (let index = this.#scopes.length - 1; index >= 0; index--) {
      const renamed = this.#scopes[index]?.declared.get(term.name)
      if (renamed !== undefined) return { ...term, name: renamed }
    }
    if (isWildcard(term)) return term
    this.#scope.seen.add(term.name)
    const global = this.#globals.get(term.name)
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
    return this.#scopes.some((scope) => scope.declared.has(name))
  }

  get #scope(): Scope {
    const scope = this.#scopes.at(-1)
    if (scope === undefined) throw new TypeError('names are resolved within a scope')
    return scope
  }

  #within<T>(work: () => T): T {
    this.#scopes.push({ declared: new Map(), seen: new Set() })
    try {
      return work()
    } finally {
      this.#scopes.pop()
    }
  }
}

function kindName(term: Term): string {
  return term.kind === 'comprehension' ? `${term.of}comprehension` : term.kind
}
