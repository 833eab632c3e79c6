// What policies use: the built-ins they call, and the paths of `input` that they read.
import { type Visitor, visitTerm } from '../../../rego/compile/index.ts'
import { type Module, operatorName, type Term } from '../../../rego/syntax/index.ts'
import { declarations } from '../../../rego/types/declarations.ts'
import { eachRule } from './requirements.ts'

/** The names of built-ins that are called, sorted; operators are not among them. */
export function builtinsCalled(modules: readonly Module[]): readonly string[] {
  const found = new Set<string>()
  const note = (operator: Term, infix: string | undefined): void => {
    if (infix !== undefined || (operator.kind !== 'var' && operator.kind !== 'ref')) return
    const name = operatorName(operator)
    if (name !== undefined && declarations.has(name)) found.add(name)
  }
  const visitor: Visitor = {
    expr: (expr) => {
      if (expr.kind === 'call') note(expr.operator, expr.infix)
      return false
    },
    term: (term) => {
      if (term.kind === 'call') note(term.operator, term.infix)
      return false
    },
  }
  for (const module of modules) eachRule(module, visitor)
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
    eachRule(module, {
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
