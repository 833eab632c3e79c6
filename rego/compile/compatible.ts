// What keeps a module of v0 from being written so that v1 reads it too: names that v1 took, imports that hide each other,
// `input` and `data` used as names, and calls that it dropped. The text is OPA's.
import { type Diagnostic, type Location, type Module, operatorName, type Rule, type Term } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'

const keywords: ReadonlySet<string> = new Set(['if', 'contains', 'in', 'every'])
const roots: ReadonlySet<string> = new Set(['input', 'data'])
const dropped: ReadonlySet<string> = new Set([
  'any',
  'all',
  'cast_array',
  'cast_boolean',
  'cast_null',
  'cast_object',
  'cast_set',
  'cast_string',
  'net.cidr_overlap',
  're_match',
  'set_diff',
])

/** The mistakes that stand in the way of a text for v0 and v1 alike; none when there is nothing in the way. */
export function compatibilityErrors(module: Module): readonly Diagnostic[] {
  const names = module.rules.flatMap((rule) => {
    const name = nameOf(rule)
    if (!keywords.has(name)) return []
    return [
      fault('rego_parse_error', `${name} keyword cannot be used for rule name`, rule.location, 'rename the rule first'),
    ]
  })
  return names.length > 0 ? names : [...hiddenImports(module), ...shadowedRoots(module), ...droppedCalls(module)]
}

function fault(code: Diagnostic['code'], message: string, location: Location, help: string): Diagnostic {
  return { code, message, location, help }
}

function nameOf(rule: Rule): string {
  const { ref } = rule.head
  return ref.kind === 'var' ? ref.name : ref.head.kind === 'var' ? ref.head.name : ''
}

function hiddenImports(module: Module): readonly Diagnostic[] {
  const seen = new Map<string, string>()
  const found: Diagnostic[] = []
  for (const { path, alias, location } of module.imports) {
    const full = operatorName(path) ?? ''
    const root = full.split('.')[0] ?? ''
    if (root === 'rego' || root === 'future') continue
    const name = alias ?? full.split('.').at(-1) ?? ''
    const first = seen.get(name)
    if (first === undefined) seen.set(name, full)
    else
      found.push(fault('rego_compile_error', `import must not shadow import ${first}`, location, 'give one an alias'))
  }
  return found
}

function shadowedRoots(module: Module): readonly Diagnostic[] {
  const rules: Diagnostic[] = []
  const args: Diagnostic[] = []
  const variables: Diagnostic[] = []
  const shadow = (what: string, name: string, kind: string, location: Location): Diagnostic =>
    fault('rego_compile_error', `${what} must not shadow ${name} (use a different ${kind} name)`, location, 'rename it')
  const declared = (term: Term | undefined): void => {
    if (term?.kind === 'var' && roots.has(term.name))
      variables.push(shadow('variables', term.name, 'variable', term.location))
  }
  for (const rule of module.rules) {
    const name = nameOf(rule)
    if (roots.has(name)) rules.push(shadow('rules', name, 'rule', rule.location))
    const visitor: Visitor = {
      expr: (expr) => {
        if (expr.kind === 'call' && operatorName(expr.operator) === 'assign') declared(expr.args[0])
        else if (expr.kind === 'some') for (const one of expr.names) declared(one)
        else if (expr.kind === 'every' || expr.kind === 'some_in') {
          declared(expr.key)
          declared(expr.value)
        }
        return false
      },
    }
    for (const arg of rule.head.args ?? []) {
      visitTerm(arg, {
        term: (term) => {
          if (term.kind === 'var' && roots.has(term.name))
            args.push(shadow('args', term.name, 'variable', term.location))
          return false
        },
      })
    }
    visitRule(rule, visitor)
  }
  return [...rules, ...args, ...variables]
}

function droppedCalls(module: Module): readonly Diagnostic[] {
  const found: Diagnostic[] = []
  const check = (name: string | undefined, location: Location): void => {
    if (name === undefined || !dropped.has(name)) return
    const message = `deprecated built-in function calls in expression: ${name}`
    found.push(fault('rego_type_error', message, location, 'write it with what v1 has'))
  }
  const visitor: Visitor = {
    expr: (expr) => {
      if (expr.kind === 'call') check(operatorName(expr.operator), expr.location)
      return false
    },
    term: (term) => {
      if (term.kind === 'call') check(operatorName(term.operator), term.location)
      return false
    },
  }
  for (const rule of module.rules) visitRule(rule, visitor)
  return found
}

function visitRule(rule: Rule, visitor: Visitor): void {
  const { ref, args, key, value } = rule.head
  for (const term of [ref, ...(args ?? []), key, value]) if (term !== undefined) visitTerm(term, visitor)
  visitBody(rule.body, visitor)
  if (rule.else !== undefined) visitRule(rule.else, visitor)
}
