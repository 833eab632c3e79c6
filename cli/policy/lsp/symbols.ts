// What names mean: rules of the package, of other packages by path or import, variables of the rule.
import { constantName, visitBody } from '../../../rego/compile/index.ts'
import type { Location, Module, Rule, Term } from '../../../rego/syntax/index.ts'
import { findAt, pathUpTo } from './nodes.ts'

/** A rule with its module. */
export interface NamedRule {
  readonly module: Module
  readonly rule: Rule
}

/** The absolute path that the name at an offset stands for: `data.a.b`, `input.action`, or a variable by itself. */
export function absolutePath(module: Module, path: readonly string[]): readonly string[] {
  const [head = '', ...rest] = path
  if (head === 'data' || head === 'input') return path
  for (const one of module.imports) {
    const target = importPath(one.path)
    const name = one.alias ?? target.at(-1)
    if (name === head) return [...target, ...rest]
  }
  const isRule = module.rules.some((rule) => constantName(rule)[0] === head)
  return isRule ? ['data', ...module.package.path, ...path] : path
}

function importPath(term: Term): readonly string[] {
  if (term.kind !== 'ref' || term.head.kind !== 'var') return []
  return [term.head.name, ...term.path.map((step) => (step.kind === 'string' ? step.value : '_'))]
}

/** The rules that a path below `data` names; the longest name that fits. */
export function rulesAt(modules: readonly Module[], path: readonly string[]): readonly NamedRule[] {
  if (path[0] !== 'data') return []
  const wanted = path.slice(1)
  let best = 0
  let found: NamedRule[] = []
  for (const module of modules) {
    for (const rule of module.rules) {
      const full = [...module.package.path, ...constantName(rule)]
      if (full.length > wanted.length || !full.every((part, index) => part === wanted[index])) continue
      if (full.length < best) continue
      if (full.length > best) found = []
      best = full.length
      found.push({ module, rule })
    }
  }
  return found
}

/** The packages that a path below `data` names. */
export function packagesAt(modules: readonly Module[], path: readonly string[]): readonly Module[] {
  const wanted = path.slice(1).join('.')
  return path[0] === 'data' ? modules.filter((module) => module.package.path.join('.') === wanted) : []
}

/** Where the name at an offset is defined. */
export function definitionsAt(modules: readonly Module[], module: Module, offset: number): readonly Location[] {
  const { rule, terms } = findAt(module, offset)
  const term = terms.filter((one) => one.kind === 'ref' || one.kind === 'var').at(-1)
  const whole = terms.filter((one) => one.kind === 'ref' && offset <= one.location.end).at(-1) ?? term
  if (whole === undefined || term === undefined) return []
  const local = term.kind === 'var' && rule !== undefined ? variableAt(rule, term.name) : undefined
  if (local !== undefined) return [local]
  const path = absolutePath(module, pathUpTo(whole.kind === 'ref' ? whole : term, offset))
  const rules = rulesAt(modules, path).map((one) => one.rule.head.location)
  return rules.length > 0 ? rules : packagesAt(modules, path).map((one) => one.package.location)
}

/** Where a variable of a rule is declared or first stands. */
function variableAt(rule: Rule, name: string): Location | undefined {
  const places: Location[] = []
  const note = (term: Term): boolean => {
    if (term.kind === 'var' && term.name === name) places.push(term.location)
    return false
  }
  for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
    for (const arg of one.head.args ?? []) note(arg)
    visitBody(one.body, {
      expr: (expr) => {
        const declared =
          expr.kind === 'some'
            ? expr.names
            : expr.kind === 'some_in' || expr.kind === 'every'
              ? [expr.key, expr.value]
              : expr.kind === 'call' && expr.infix === ':='
                ? [expr.args[0]]
                : []
        for (const term of declared) if (term !== undefined) note(term)
        return false
      },
    })
  }
  return places.sort((a, b) => a.offset - b.offset)[0]
}
