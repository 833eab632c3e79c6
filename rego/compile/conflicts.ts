// Rules of one name agree: all functions of one arity, all sets, or all values; one default; nothing else below a rule that
// has one value, and no package where a rule is.
import { type Location, type Module, type RefTerm, type Rule, refString, type Term, varTerm } from '../syntax/index.ts'
import { termKey } from '../types/index.ts'
import type { Compilation } from './context.ts'

/** A name that is constant, with the rules that stand there. */
interface Place {
  children: Map<string, Place>
  readonly rules: PlacedRule[]
}

interface PlacedRule {
  readonly rule: Rule
  readonly module: Module
  /** Whether all of the name is constant. */
  readonly ground: boolean
}

/** Reports rules that do not agree. */
export function checkConflicts(modules: readonly Module[], compilation: Compilation): void {
  const root: Place = { children: new Map(), rules: [] }
  // Outer packages first: their rules are the ones that others conflict with.
  for (const module of modules.toSorted((a, b) => comparePaths(a.package.path, b.package.path)))
    for (const rule of module.rules) place(rule, module, root)
  checkPlace(root, compilation)
  checkPackages(modules, compilation)
}

function place(rule: Rule, module: Module, root: Place): void {
  const { ref } = rule.head
  let at = root
  for (const name of module.package.path) at = childOf(at, `s${name}`)
  if (ref.kind === 'var') at = childOf(at, `s${ref.name}`)
  else if (isScalar(ref.head) || ref.head.kind === 'var') {
    at = childOf(at, ref.head.kind === 'var' ? `s${ref.head.name}` : termKey(ref.head))
    for (const step of ref.path) {
      if (!isScalar(step)) break
      at = childOf(at, termKey(step))
    }
  }
  at.rules.push({ rule, module, ground: ref.kind === 'var' || ref.path.every(isScalar) })
}

const noChildren: Map<string, Place> = new Map()

function childOf(at: Place, key: string): Place {
  let child = at.children.get(key)
  if (child === undefined) {
    child = { children: noChildren, rules: [] }
    if (at.children === noChildren) at.children = new Map()
    at.children.set(key, child)
  }
  return child
}

/** The full name of a rule, without `data`. */
function pathOf({ rule, module }: PlacedRule): readonly Term[] {
  const { ref, location } = rule.head
  const text = (value: string): Term => ({ kind: 'string', value, location })
  const [first, ...rest]: readonly Term[] = ref.kind === 'var' ? [ref] : [ref.head, ...ref.path]
  const name = first?.kind === 'var' ? [text(first.name)] : first === undefined ? [] : [first]
  return [...module.package.path.map(text), ...name, ...rest]
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [index, name] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    if (name !== other) return name < other ? -1 : 1
  }
  return a.length - b.length
}

function isScalar(term: Term): boolean {
  return term.kind === 'string' || term.kind === 'number' || term.kind === 'boolean' || term.kind === 'null'
}

function checkPlace(at: Place, compilation: Compilation): void {
  const [first] = at.rules
  if (first !== undefined) checkRules(at, first, compilation)
  for (const child of at.children.values()) checkPlace(child, compilation)
}

function checkRules(at: Place, first: PlacedRule, compilation: Compilation): void {
  const { rules } = at
  if (rules.length === 1 && at.children.size === 0) return
  const name = (): string => nameOf(rules.at(-1) ?? first, compilation)
  const below = conflictsBelow(at)
  if (below.length > 0) {
    const list = below.map((one) => `  rule ${nameOf(one, compilation)} at ${shownPlace(one.rule.location)}`)
    const message = `rule ${name()} conflicts with:\n${list.join('\n')}`
    compilation.report('rego_type_error', message, first.rule.location, 'a rule with one value has nothing below it')
    return
  }
  const isSet = ({ rule }: PlacedRule): boolean => rule.head.key !== undefined && rule.head.value === undefined
  const sets = rules.filter(isSet)
  const complete = rules.filter((one) => !isSet(one) && one.ground).length
  const arities = new Set(rules.map(({ rule }) => rule.head.args?.length ?? 0))
  const mixed =
    (sets.length > 0 && sets.length < rules.length) ||
    arities.size > 1 ||
    (complete > 0 && complete < rules.length) ||
    new Set(sets.map(({ ground }) => ground)).size > 1
  if (mixed) {
    compilation.report(
      'rego_type_error',
      `conflicting rules ${name()} found`,
      first.rule.location,
      'rules of one name are all functions of one arity, all sets, or all values',
    )
    return
  }
  const defaults = rules.filter(({ rule }) => rule.default)
  const [one] = defaults
  if (one !== undefined && defaults.length > 1) {
    const places = defaults.map(({ rule }) => shownPlace(rule.location)).join(', ')
    const message = `multiple default rules ${name()} found at ${places}`
    compilation.report('rego_type_error', message, one.module.package.location, 'keep one default')
  }
}

/** Rules below a name that must have none: any below a constant name, functions below an open one. */
function conflictsBelow(at: Place): readonly PlacedRule[] {
  if (at.children.size === 0) return []
  const all = descendants(at)
  if (at.rules.some(({ ground }) => ground)) return all
  return all.filter(({ rule }) => rule.head.args !== undefined && rule.head.args.length > 0)
}

function descendants(at: Place): readonly PlacedRule[] {
  return [...at.children.values()].flatMap((child) => [...child.rules, ...descendants(child)])
}

function nameOf(placed: PlacedRule, compilation: Compilation): string {
  const { rule } = placed
  const ref: RefTerm = {
    kind: 'ref',
    head: varTerm('data', rule.location),
    path: pathOf(placed),
    location: rule.location,
  }
  return refString(ref, (name) => compilation.shown(name))
}

function shownPlace({ file, row }: Location): string {
  return `${file}:${row}`
}

function checkPackages(modules: readonly Module[], compilation: Compilation): void {
  const packages = new Map<string, Module[]>()
  for (const module of modules) {
    const key = JSON.stringify(module.package.path)
    const same = packages.get(key)
    if (same === undefined) packages.set(key, [module])
    else same.push(module)
  }
  const deepest = modules.reduce((most, module) => Math.max(most, module.package.path.length), 0)
  for (const module of modules) {
    // No package can be where its rules are.
    if (module.package.path.length >= deepest) continue
    for (const { head, location } of module.rules) {
      const names = head.ref.kind === 'var' ? [head.ref.name] : namesOf(head.ref)
      if (names === undefined) continue
      for (const other of packages.get(JSON.stringify([...module.package.path, ...names])) ?? []) {
        compilation.report(
          'rego_type_error',
          `package ${other.package.path.join('.')} conflicts with rule ${names.join('.')} defined at ${shownPlace(location)}`,
          module.package.location,
          'rename the rule or the package',
        )
      }
    }
  }
}

function namesOf(ref: RefTerm): readonly string[] | undefined {
  const names = [ref.head.kind === 'var' ? ref.head.name : '']
  for (const step of ref.path) {
    if (step.kind !== 'string') return undefined
    names.push(step.value)
  }
  return names
}
