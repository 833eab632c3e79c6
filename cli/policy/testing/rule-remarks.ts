// Rules that do nothing: nobody refers to them, or another rule always says the same first.
import { responseRules } from '../../../engine/decision/index.ts'
import { constantName, visitBody, visitTerm } from '../../../rego/compile/index.ts'
import { type Expr, type Module, type Rule, refString, type Term } from '../../../rego/syntax/index.ts'
import { printExpr, printTerm } from '../../../rego/syntax/printer/index.ts'

/** A remark on a rule; not a failure. */
export interface RuleRemark {
  readonly kind: 'unused-rule' | 'shadowed-rule'
  readonly message: string
  readonly place: { readonly file: string; readonly row: number; readonly col: number }
}

/** What the merging package reads of packages below `policy`. */
const contractNames: ReadonlySet<string> = new Set([
  'allow',
  'deny',
  'hold',
  'mask',
  'filter',
  'limit',
  'record',
  'may_approve',
  'may_view',
  ...responseRules,
])

/** The remarks on all modules. */
export function ruleRemarks(modules: readonly Module[]): readonly RuleRemark[] {
  const used = namesUsed(modules)
  const remarks: RuleRemark[] = []
  for (const module of modules) {
    const prefix = module.package.path.join('.')
    const seen = new Map<string, Rule>()
    const always = new Map<string, Rule>()
    const unused = new Set<string>()
    const named = new Map<string, number>()
    for (const { head } of module.rules) named.set(refString(head.ref), (named.get(refString(head.ref)) ?? 0) + 1)
    for (const rule of module.rules) {
      const name = constantName(rule)[0] ?? ''
      const isTest = name.startsWith('test_') || name.startsWith('todo_test_')
      const isEntry =
        isTest || !isPolicy(module) || rule.annotations.some((one) => one.entrypoint) || contractNames.has(name)
      if (!isEntry && !used(prefix, name) && !unused.has(name)) {
        unused.add(name)
        remarks.push(remark('unused-rule', rule, `unused: nothing refers to \`${name}\` of package ${prefix}`))
      }
      if (isTest) continue
      remarks.push(...deadElse(rule))
      // Nothing shadows the only rule of its name.
      if ((named.get(refString(rule.head.ref)) ?? 0) < 2) continue
      const text = printedRule(rule)
      const twin = seen.get(text)
      const earlier = always.get(printedHead(rule))
      if (twin !== undefined)
        remarks.push(remark('shadowed-rule', rule, `shadowed: the same rule stands in line ${twin.location.row}`))
      else if (earlier !== undefined && !rule.default)
        remarks.push(
          remark('shadowed-rule', rule, `shadowed: line ${earlier.location.row} gives \`${name}\` this value always`),
        )
      seen.set(text, rule)
      if (isAlways(rule) && !rule.default) always.set(printedHead(rule), rule)
    }
  }
  return remarks
}

function remark(kind: RuleRemark['kind'], rule: Rule, message: string): RuleRemark {
  const { file, row, col } = rule.location
  return { kind, message, place: { file, row, col } }
}

/** Only below `policy` is it known what is asked from outside; elsewhere any rule may be. */
function isPolicy(module: Module): boolean {
  return module.package.path[0] === 'policy' && !module.file.endsWith('_test.rego')
}

/** Branches behind one that always holds. */
function deadElse(rule: Rule): readonly RuleRemark[] {
  for (let one = rule; one.else !== undefined; one = one.else) {
    if (isAlways(one))
      return [remark('shadowed-rule', one.else, `shadowed: the branch in line ${one.location.row} always holds`)]
  }
  return []
}

function isAlways(rule: Rule): boolean {
  const hasConstants = (rule.head.args ?? []).every((arg) => arg.kind === 'var')
  return (
    hasConstants &&
    rule.body.every(
      (expr) =>
        expr.kind === 'term' &&
        !expr.negated &&
        expr.with.length === 0 &&
        expr.term.kind === 'boolean' &&
        expr.term.value,
    )
  )
}

function printedHead(rule: Rule): string {
  const { ref, args, key, value } = rule.head
  const parts: readonly (Term | undefined)[] = [ref, ...(args ?? []), key, value]
  return parts.map((part) => (part === undefined ? '-' : printTerm(part))).join('\n')
}

function printedRule(rule: Rule): string {
  const own = [String(rule.default), printedHead(rule), ...rule.body.map((expr) => printExpr(expr))].join('\n')
  return rule.else === undefined ? own : `${own}\nelse\n${printedRule(rule.else)}`
}

/** Answers whether anything refers to a rule: by its name in its package, by its path, or by a path above it. */
function namesUsed(modules: readonly Module[]): (prefix: string, name: string) => boolean {
  const local = new Set<string>()
  const paths = new Set<string>()
  for (const module of modules) {
    const prefix = module.package.path.join('.')
    for (const one of module.imports) paths.add(pathOf(one.path))
    for (const rule of module.rules) {
      const own = constantName(rule)[0] ?? ''
      const term = (node: Term): boolean => {
        if (node.kind === 'var' && node.name !== own) local.add(`${prefix}.${node.name}`)
        if (node.kind === 'ref') {
          const path = pathOf(node)
          if (path !== '') paths.add(path)
        }
        if (node.kind === 'call') visitTerm(node.operator, { term })
        return false
      }
      const expr = (node: Expr): boolean => {
        if (node.kind === 'call') visitTerm(node.operator, { term })
        for (const modifier of node.with) visitTerm(modifier.value, { term })
        return false
      }
      for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
        visitBody(one.body, { term, expr })
        const { ref, key, value, args } = one.head
        const steps = ref.kind === 'ref' ? ref.path : []
        for (const part of [...steps, key, value, ...(args ?? [])]) if (part !== undefined) visitTerm(part, { term })
      }
    }
  }
  const around = new Set([...paths].flatMap(upwards))
  return (prefix, name) => {
    if (local.has(`${prefix}.${name}`)) return true
    const full = `data.${prefix}.${name}`
    return around.has(full) || upwards(full).some((path) => paths.has(path))
  }
}

/** A path with dots, and all those above it. */
function upwards(path: string): readonly string[] {
  const found: string[] = []
  for (let at = path.length; at > 0; at = path.lastIndexOf('.', at - 1)) found.push(path.slice(0, at))
  return found
}

/** The constant begin of a path below `data`, with dots; empty for others. */
function pathOf(term: Term): string {
  if (term.kind !== 'ref' || term.head.kind !== 'var' || term.head.name !== 'data') return ''
  let path = 'data'
  for (const step of term.path) {
    if (step.kind !== 'string') break
    path += `.${step.value}`
  }
  return path
}
