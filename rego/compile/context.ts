// What all stages share: generated names, the rule tree, the built-ins, and where mistakes go.

import type { Diagnostic, DiagnosticCode, Location, Module, RefTerm, Rule, Term, VarTerm } from '../syntax/index.ts'
import { operatorName, refString, termString } from '../syntax/index.ts'
import { type Declaration, declarations, isDeprecated } from '../types/declarations.ts'
import type { TypeEnvironment } from '../types/index.ts'
import type { RuleTree } from './tree.ts'

/** Mistakes after which a compile stops counting them. */
export const errorsMax = 10

/** What a call refers to. */
export type Callee =
  | { readonly kind: 'builtin'; readonly declaration: Declaration; readonly arity: number; readonly void: boolean }
  | { readonly kind: 'function'; readonly path: readonly string[]; readonly arity: number }

/** What generated names begin with; no name in Rego text can, so none is ever taken for another. */
const generatedMark = '~'

/** True for a variable that no policy wrote. */
export function isGenerated(name: string): boolean {
  return name.startsWith(generatedMark)
}

/** Variables that stages made, by number, with what an author called them or the term that they stand for. */
export class GeneratedNames {
  readonly #standsFor: (string | Term | undefined)[] = []

  /** How many there are. */
  get count(): number {
    return this.#standsFor.length
  }

  /** The number of a new one. */
  add(standsFor: string | Term | undefined): number {
    return this.#standsFor.push(standsFor) - 1
  }

  /** What the variable of a number stands for. */
  at(number: number): string | Term | undefined {
    return this.#standsFor[number]
  }
}

/** The state of one compile. */
export class Compilation {
  readonly tree: RuleTree
  readonly modules: readonly Module[]
  readonly diagnostics: Diagnostic[] = []
  /** The types of the rules, once they are checked. */
  types: TypeEnvironment | undefined
  /** Whether a call was seen of a built-in that v1 no longer has. */
  callsDropped = false
  /** What the names begin with that are generated here. */
  readonly #prefix: string
  readonly #forbidden: ReadonlySet<string>
  readonly #builtins: ReadonlyMap<string, Declaration> | undefined
  readonly #names: GeneratedNames
  #lines: Map<string, Set<string>> | undefined
  #packages: ReadonlyMap<string, ReadonlySet<string>> | undefined

  readonly #reportsTo: Compilation | undefined

  constructor(
    modules: readonly Module[],
    tree: RuleTree,
    options: {
      readonly prefix: string
      readonly forbiddenBuiltins?: ReadonlySet<string>
      readonly builtins?: ReadonlyMap<string, Declaration>
      readonly names?: GeneratedNames
    },
    reportsTo?: Compilation,
  ) {
    this.#reportsTo = reportsTo
    this.modules = modules
    this.tree = tree
    this.#prefix = generatedMark + options.prefix
    this.#forbidden = options.forbiddenBuiltins ?? new Set()
    this.#builtins = options.builtins
    this.#names = options.names ?? new GeneratedNames()
  }

  /** A variable nobody else has; `written` is what its author called it, or the term that it stands for. */
  generate(location: Location, written?: string | Term): VarTerm {
    return { kind: 'var', name: this.#prefix + this.#names.add(written), location }
  }

  /** What a variable that was generated here stands for. */
  #standsFor(name: string): string | Term | undefined {
    return name.startsWith(this.#prefix) ? this.#names.at(Number(name.slice(this.#prefix.length))) : undefined
  }

  /** The first names of the rules in a package, whichever modules they are in. */
  namesIn(path: readonly string[]): ReadonlySet<string> {
    this.#packages ??= namesByPackage(this.modules)
    return this.#packages.get(JSON.stringify(path)) ?? new Set()
  }

  /** True when rules of other names begin on the line of this one. */
  sharesLine(rule: Rule): boolean {
    if (this.#lines === undefined) {
      this.#lines = new Map()
      for (const { head, location } of this.modules.flatMap(({ rules }) => rules)) {
        const key = `${location.file}:${location.row}`
        this.#lines.set(key, (this.#lines.get(key) ?? new Set()).add(refString(head.ref)))
      }
    }
    return (this.#lines.get(`${rule.location.file}:${rule.location.row}`)?.size ?? 0) > 1
  }

  /** True for variables that stand for nothing that an author wrote. */
  isUnnamed(name: string): boolean {
    if (this.#reportsTo !== undefined) return this.#reportsTo.isUnnamed(name)
    return isGenerated(name) ? typeof this.#standsFor(name) !== 'string' : name.startsWith('__local')
  }

  /** What a variable is called in messages. */
  shown(name: string): string {
    if (this.#reportsTo !== undefined) return this.#reportsTo.shown(name)
    if (name.startsWith('$')) return '_'
    if (!isGenerated(name)) return name
    const known = this.#standsFor(name)
    if (known === undefined) return `__${name.slice(generatedMark.length)}__`
    return typeof known === 'string' ? known : termString(known, (inner) => this.shown(inner))
  }

  report(
    code: DiagnosticCode,
    message: string,
    location: Location,
    help?: string,
    details: readonly string[] = [],
  ): void {
    this.add({
      code,
      message,
      location,
      ...(details.length === 0 ? {} : { details }),
      ...(help === undefined ? {} : { help }),
    })
  }

  /** Adds a mistake. */
  add(diagnostic: Diagnostic): void {
    if (this.#reportsTo === undefined) this.diagnostics.push(diagnostic)
    else this.#reportsTo.add(diagnostic)
  }

  get failed(): boolean {
    return this.diagnostics.length > 0
  }

  /** Whether there are built-ins that must not be called. */
  get forbids(): boolean {
    return this.#forbidden.size > 0
  }

  isForbidden(name: string): boolean {
    return this.#forbidden.has(name)
  }

  /** The built-in of a name: one that the target has, as it declares it. */
  declared(name: string): Declaration | undefined {
    return this.#builtins === undefined ? declarations.get(name) : this.#builtins.get(name)
  }

  /** What an operator calls, once names are resolved; undefined when there is no such function. */
  callee(operator: VarTerm | RefTerm): Callee | undefined {
    const name = operatorName(operator)
    if (name === undefined) return undefined
    if (operator.kind === 'ref' && operator.head.kind === 'var' && operator.head.name === 'data') {
      const path = operator.path.map((step) => (step.kind === 'string' ? step.value : ''))
      const arity = this.tree.arityAt(path)
      return arity === undefined ? undefined : { kind: 'function', path, arity }
    }
    const declaration = this.declared(name)
    if (declaration === undefined) return undefined
    if (isDeprecated(name)) this.callsDropped = true
    return {
      kind: 'builtin',
      declaration,
      arity: declaration.decl.args?.length ?? 0,
      void: declaration.decl.result === undefined,
    }
  }

  /** Whether rules stand where an operator says. */
  isRule(operator: VarTerm | RefTerm): boolean {
    if (operator.kind === 'var' || operator.head.kind !== 'var' || operator.head.name !== 'data') return false
    const path = operator.path.map((step) => (step.kind === 'string' ? step.value : ''))
    return (this.tree.find(path)?.rules.length ?? 0) > 0
  }
}

function namesByPackage(modules: readonly Module[]): ReadonlyMap<string, ReadonlySet<string>> {
  const packages = new Map<string, Set<string>>()
  for (const module of modules) {
    const key = JSON.stringify(module.package.path)
    const names = packages.get(key) ?? new Set()
    packages.set(key, names)
    for (const { head } of module.rules) {
      const first = head.ref.kind === 'var' ? head.ref : head.ref.head
      if (first.kind === 'var') names.add(first.name)
    }
  }
  return packages
}
