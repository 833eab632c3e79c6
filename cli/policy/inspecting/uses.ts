// What policies use: the built-ins they call, and the paths of `input` that they read.
import { type Visitor, visitBody, visitTerm } from '../../../rego/compile/index.ts'
import { type Module, operatorName, type Rule, type Term } from '../../../rego/syntax/index.ts'
import { declarations } from '../../../rego/types/declarations.ts'

/** The names of built-ins that are called, sorted; operators are not among them. */
export function builtinsCalled(modules: readonly Module[]): readonly string[] {
  const found = new Set<string>()
  const note = (operator: Term, infix: string | undefined): void => {
    if (infix !== undefined || (operator.kind !== 'var' && operator.kind !== 'ref')) return
    const name = operatorName(operator)
    if (name !== undefined && declarations.has(name)) found.add(name)
  }
  eachRule(modules, {
    expr: (expr) => {
      if (expr.kind === 'call') note(expr.operator, expr.infix)
      return false
    },
    term: (term) => {
      if (term.kind === 'call') note(term.operator, term.infix)
      return false
    },
  })
  return [...found].sort()
}

/** The paths of `input`, sorted, `[_]` for steps that are no constants; a path below another that is read whole is left out. */
export function inputRead(modules: readonly Module[]): readonly string[] {
  const found = new Set<string>()
  for (const module of modules) {
    const aliases = new Map<string, string>()
    for (const { path, alias } of module.imports) {
      const text = inputPath(path, new Map())
      if (text === undefined) continue
      aliases.set(alias ?? text.split('.').at(-1) ?? '', text)
    }
    eachRule([module], {
      term: (term) => {
        const text = inputPath(term, aliases)
        if (text === undefined) return false
        found.add(text)
        if (term.kind === 'ref') for (const step of term.path) visitTerm(step, { term: stepVisitor(aliases, found) })
        return true
      },
    })
  }
  const all = [...found].sort()
  return all.filter(
    (path) => !all.some((other) => other !== path && (path.startsWith(`${other}.`) || path.startsWith(`${other}[`))),
  )
}

function stepVisitor(aliases: ReadonlyMap<string, string>, found: Set<string>): (term: Term) => boolean {
  return (term) => {
    const text = inputPath(term, aliases)
    if (text !== undefined) found.add(text)
    return text !== undefined
  }
}

function inputPath(term: Term, aliases: ReadonlyMap<string, string>): string | undefined {
  const head = term.kind === 'ref' ? term.head : term
  if (head.kind !== 'var') return undefined
  const begin = head.name === 'input' ? 'input' : aliases.get(head.name)
  if (begin === undefined) return undefined
  let path = begin
  for (const step of term.kind === 'ref' ? term.path : []) path += step.kind === 'string' ? `.${step.value}` : '[_]'
  return path
}

function eachRule(modules: readonly Module[], visitor: Visitor): void {
  for (const module of modules) {
    for (const rule of module.rules) {
      for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
        visitBody(one.body, visitor)
        const { ref, args, key, value } = one.head
        const steps = ref.kind === 'ref' ? ref.path : []
        for (const part of [...steps, ...(args ?? []), key, value]) if (part !== undefined) visitTerm(part, visitor)
      }
    }
  }
}
