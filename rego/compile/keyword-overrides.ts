// What v1 does not allow beyond the form of rules: `input` and `data` as names, imports that hide each other, and calls
// that it dropped. The text is OPA's.
import {
  type Body,
  type Diagnostic,
  type Import,
  type Location,
  type Module,
  operatorName,
  type Rule,
} from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import { isDeprecated } from '../types/declarations.ts'

const roots: ReadonlySet<string> = new Set(['input', 'data'])

function fault(code: Diagnostic['code'], message: string, location: Location, help: string): Diagnostic {
  return { code, message, location, help }
}

/** `input` and `data` as names of rules and arguments. */
export function shadowingHeads(rule: Rule): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  const { ref, args } = rule.head
  const first = ref.kind === 'var' ? ref : ref.head
  if (first.kind === 'var' && roots.has(first.name)) found.push(shadow('rules', first.name, 'rule', rule.location))
  for (const arg of args ?? []) {
    if (arg.kind === 'var' && roots.has(arg.name)) found.push(shadow('args', arg.name, 'variable', arg.location))
  }
  return found
}

/** `input` and `data` as names of variables. */
export function shadowingVariables(rule: Rule): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  visitRule(
    rule,
    shadowing((fault) => found.push(fault)),
  )
  return found
}

/** `input` and `data` as names of variables in a body. */
export function shadowedRootsIn(body: Body): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  visitBody(
    body,
    shadowing((fault) => found.push(fault)),
  )
  return found
}

function shadowing(report: (fault: Diagnostic) => void): Visitor {
  return {
    expr: (expr) => {
      const [target] = expr.kind === 'call' && operatorName(expr.operator) === 'assign' ? expr.args : []
      if (target?.kind === 'var' && roots.has(target.name))
        report(shadow('variables', target.name, 'variable', expr.location))
      return false
    },
  }
}

function shadow(what: string, name: string, kind: string, location: Location): Diagnostic {
  const message = `${what} must not shadow ${name} (use a different ${kind} name)`
  return fault('rego_compile_error', message, location, 'rename it')
}

/** Imports of one name. */
export function hiddenImports(module: Module): readonly Diagnostic[] {
  const seen = new Map<string, Import>()
  const found: Diagnostic[] = []
  for (const one of module.imports) {
    const full = operatorName(one.path) ?? ''
    const name = one.alias ?? full.split('.').at(-1) ?? ''
    if (full.startsWith('rego.') || full.startsWith('future.')) continue
    const first = seen.get(name)
    if (first === undefined) seen.set(name, one)
    else {
      const alias = first.alias === undefined ? '' : ` as ${first.alias}`
      const message = `import must not shadow import ${operatorName(first.path) ?? ''}${alias}`
      found.push(fault('rego_compile_error', message, one.location, 'give one an alias'))
    }
  }
  return found
}

/** Calls of built-ins that v1 no longer has. */
export function droppedCalls(rule: Rule): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  visitRule(
    rule,
    dropped((fault) => found.push(fault)),
  )
  return found
}

/** The same in a body. */
export function droppedCallsIn(body: Body): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  visitBody(
    body,
    dropped((fault) => found.push(fault)),
  )
  return found
}

function dropped(report: (fault: Diagnostic) => void): Visitor {
  const check = (name: string | undefined, location: Location): void => {
    if (name === undefined || !isDeprecated(name)) return
    const message = `deprecated built-in function calls in expression: ${name}`
    report(fault('rego_type_error', message, location, 'write it with what v1 has'))
  }
  return {
    expr: (expr) => {
      if (expr.kind === 'call') check(operatorName(expr.operator), expr.location)
      return false
    },
    term: (term) => {
      if (term.kind === 'call') check(operatorName(term.operator), term.location)
      return false
    },
  }
}

function visitRule(rule: Rule, visitor: Visitor): void {
  const { ref, args, key, value } = rule.head
  for (const term of [ref, ...(args ?? []), key, value]) if (term !== undefined) visitTerm(term, visitor)
  visitBody(rule.body, visitor)
  if (rule.else !== undefined) visitRule(rule.else, visitor)
}
