// What strict mode looks for in one module: imports, assigned variables and arguments that nothing uses. The text is OPA's.
import {
  type Body,
  type Diagnostic,
  type Expr,
  isWildcard,
  type Location,
  type Module,
  operatorName,
  type Rule,
  type Term,
} from '../syntax/index.ts'
import { unreachable } from '../unreachable.ts'

/** The mistakes of strict mode. */
export function strictErrors(module: Module): readonly Diagnostic[] {
  const reader = new UseReader()
  for (const rule of module.rules) reader.rule(rule)
  return [...unusedImports(module, reader.globals), ...reader.found]
}

function unusedImports(module: Module, used: ReadonlySet<string>): readonly Diagnostic[] {
  return module.imports.flatMap(({ path, alias, location }) => {
    const full = operatorName(path) ?? ''
    const [root] = full.split('.')
    if (root === 'rego' || root === 'future') return []
    const name = alias ?? full.split('.').at(-1) ?? ''
    return used.has(name) ? [] : [fault(`import ${full} unused`, location, 'remove it')]
  })
}

function fault(message: string, location: Location, help: string): Diagnostic {
  return { code: 'rego_compile_error', message, location, help }
}

/** A variable of a scope. */
interface Variable {
  readonly name: string
  readonly location: Location
  readonly kind: 'assigned' | 'argument' | 'pattern'
  used: boolean
}

class UseReader {
  readonly found: Diagnostic[] = []
  /** Names that no scope declares: rules and imports. */
  readonly globals = new Set<string>()
  readonly #scopes: Map<string, Variable>[] = []

  rule(rule: Rule): void {
    this.#scoped(() => {
      const { ref, args } = rule.head
      for (const arg of args ?? []) this.#declareIn(arg, 'argument')
      for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
        const { key, value } = one.head
        const parts = [...(ref.kind === 'ref' ? ref.path : []), key, value]
        this.#body(one.body, () => {
          for (const part of parts) if (part !== undefined) this.#term(part)
        })
      }
    })
  }

  /** A body with what is evaluated under its variables. */
  #body(body: Body, within: () => void): void {
    this.#scoped(() => {
      for (const expr of body) {
        // What is assigned is read before its name is declared: it may read what the name hides.
        const assigns = expr.kind === 'call' && operatorName(expr.operator) === 'assign'
        if (!assigns) this.#declare(expr)
        this.#expr(expr)
        if (assigns) this.#declare(expr)
      }
      within()
    })
  }

  #scoped(read: () => void): void {
    this.#scopes.push(new Map())
    read()
    for (const one of this.#scopes.pop()?.values() ?? []) {
      if (one.used || one.kind === 'pattern') continue
      this.found.push(
        one.kind === 'argument'
          ? fault(
              `unused argument ${one.name}. (hint: use _ (wildcard variable) instead)`,
              one.location,
              `write \`_\` for \`${one.name}\``,
            )
          : fault(`assigned var ${one.name} unused`, one.location, 'remove the assignment, or use what it gives'),
      )
    }
  }

  #declare(expr: Expr): void {
    if (expr.kind === 'some') for (const name of expr.names) this.#add(name, 'pattern')
    else if (expr.kind === 'some_in') {
      if (expr.key !== undefined) this.#declareIn(expr.key, 'pattern')
      this.#declareIn(expr.value, 'pattern')
    } else if (expr.kind === 'call' && operatorName(expr.operator) === 'assign') {
      const [target] = expr.args
      if (target !== undefined) this.#declareIn(target, 'assigned')
    }
  }

  /** Declares the variables of a pattern. */
  #declareIn(term: Term, kind: Variable['kind']): void {
    if (term.kind === 'var') this.#add(term, kind)
    else if (term.kind === 'array') for (const item of term.items) this.#declareIn(item, kind)
    else if (term.kind === 'object') for (const [, value] of term.entries) this.#declareIn(value, kind)
  }

  #add(term: Extract<Term, { kind: 'var' }>, kind: Variable['kind']): void {
    if (isWildcard(term)) return
    this.#scopes.at(-1)?.set(term.name, { name: term.name, location: term.location, kind, used: false })
  }

  #use(name: string): void {
    for (let at = this.#scopes.length - 1; at >= 0; at--) {
      const variable = this.#scopes[at]?.get(name)
      if (variable === undefined) continue
      variable.used = true
      return
    }
    this.globals.add(name)
  }

  #expr(expr: Expr): void {
    for (const modifier of expr.with) {
      this.#term(modifier.target)
      this.#term(modifier.value)
    }
    switch (expr.kind) {
      case 'term':
        this.#term(expr.term)
        return
      case 'call': {
        const [target, value] = expr.args
        if (operatorName(expr.operator) === 'assign' && target !== undefined && value !== undefined) {
          this.#pattern(target)
          this.#term(value)
          return
        }
        this.#term(expr.operator)
        for (const arg of expr.args) this.#term(arg)
        return
      }
      case 'some':
        return
      case 'some_in':
        if (expr.key !== undefined) this.#pattern(expr.key)
        this.#pattern(expr.value)
        this.#term(expr.domain)
        return
      case 'every':
        this.#term(expr.domain)
        this.#scoped(() => {
          if (expr.key !== undefined) this.#add(expr.key, 'pattern')
          this.#add(expr.value, 'pattern')
          this.#body(expr.body, () => undefined)
        })
        return
      case 'not_body':
        this.#body(expr.body, () => undefined)
        return
      case 'and':
      case 'or':
        this.#body(expr.left, () => undefined)
        this.#body(expr.right, () => undefined)
        return
      default:
        unreachable(expr)
    }
  }

  /** What a pattern reads: keys of objects and constants' parts, not the variables that it declares. */
  #pattern(term: Term): void {
    if (term.kind === 'var') return
    if (term.kind === 'array') for (const item of term.items) this.#pattern(item)
    else if (term.kind === 'object') {
      for (const [key, value] of term.entries) {
        this.#term(key)
        this.#pattern(value)
      }
    } else this.#term(term)
  }

  #term(term: Term): void {
    switch (term.kind) {
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
        return
      case 'var':
        this.#use(term.name)
        return
      case 'ref':
        this.#term(term.head)
        for (const step of term.path) this.#term(step)
        return
      case 'array':
      case 'set':
        for (const item of term.items) this.#term(item)
        return
      case 'object':
        for (const [key, value] of term.entries) {
          this.#term(key)
          this.#term(value)
        }
        return
      case 'comprehension':
        this.#body(term.body, () => {
          if (term.key !== undefined) this.#term(term.key)
          this.#term(term.value)
        })
        return
      case 'call':
        this.#term(term.operator)
        for (const arg of term.args) this.#term(arg)
        return
      case 'template':
        for (const part of term.parts) if (typeof part !== 'string') this.#expr(part)
        return
      default:
        unreachable(term)
    }
  }
}
