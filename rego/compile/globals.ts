// What a bare name stands for in a module when nothing local has it: its package's rules and its imports.
import { type Import, type Module, type Rule, refTerm, stringTerm, type Term, varTerm } from '../syntax/index.ts'
import type { Compilation } from './context.ts'

/** Names of a module: what a bare name stands for when nothing local has it. */
export type Globals = ReadonlyMap<string, Term>

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
function importName(one: Import): string | undefined {
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
