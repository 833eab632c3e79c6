// What a bare name stands for in a module when nothing local has it: its package's rules and its imports.
import { type Import, type Module, refTerm, stringTerm, type Term, varTerm } from '../syntax/index.ts'
import type { Compilation } from './context.ts'

/** Names of a module: what a bare name stands for when nothing local has it. */
export interface Globals {
  get(name: string): Term | undefined
}

/** The names of a module: its package's rules and its imports. */
export function globalsOf(module: Module, compilation: Compilation): Globals {
  return new ModuleNames(module, compilation.namesIn(module.package.path))
}

class ModuleNames implements Globals {
  readonly #module: Module
  /** The names of the whole package, which many modules may share. */
  readonly #rules: ReadonlySet<string>
  readonly #known = new Map<string, Term>()

  constructor(module: Module, rules: ReadonlySet<string>) {
    this.#module = module
    this.#rules = rules
    for (const one of module.imports) {
      const name = importName(one)
      if (name !== undefined) this.#known.set(name, one.path)
    }
  }

  get(name: string): Term | undefined {
    const known = this.#known.get(name)
    if (known !== undefined || !this.#rules.has(name)) return known
    const { path, location } = this.#module.package
    const steps = [...path, name].map((part) => stringTerm(part, location))
    const term = refTerm(varTerm('data', location), steps, location)
    this.#known.set(name, term)
    return term
  }
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
