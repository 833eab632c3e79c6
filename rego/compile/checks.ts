// What must hold before rules are planned: functions exist and get the right number of arguments, rules of one name
// agree in kind, nothing is recursive, and `with` replaces only what can be replaced.
import type { Expr, Location, Rule, Term } from '../syntax/index.ts'
import { operatorName } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'
import type { TreeNode } from './tree.ts'

/** Checks the calls of a body's expressions. */
export function checkCalls(rule: Rule, compilation: Compilation): void {
  const visitor: Visitor = {
    expr: (expr) => {
      if (expr.kind === 'call') checkCall(expr, compilation)
      for (const one of expr.with) checkWithTarget(one.target, compilation)
      return false
    },
  }
  for (let one: Rule | undefined = rule; one !== undefined; one = one.else) {
    visitBody(one.body, visitor)
    for (const part of [one.head.key, one.head.value]) if (part !== undefined) visitTerm(part, visitor)
  }
}

/** Checks one call. */
export function checkCall(expr: Extract<Expr, { kind: 'call' }>, compilation: Compilation): void {
  const name = operatorName(expr.operator) ?? 'expression'
  const callee = compilation.callee(expr.operator)
  if (callee === undefined) {
    compilation.report(
      'rego_type_error',
      `undefined function ${name}`,
      expr.location,
      'the built-ins are listed by `sallyport policy inspect --builtins`',
    )
    return
  }
  if (callee.kind === 'builtin' && compilation.isForbidden(name)) {
    compilation.report(
      'rego_type_error',
      `unsafe built-in function calls in expression: ${name}`,
      expr.location,
      `\`${name}\` reaches out of the policy and is off in gateways: pass what it would fetch as data`,
    )
    return
  }
  const variadic = callee.kind === 'builtin' && callee.declaration.decl.variadic !== undefined
  const most = callee.arity + (callee.kind === 'builtin' && callee.void ? 0 : 1)
  if (!variadic && (expr.args.length < callee.arity || expr.args.length > most)) {
    compilation.report(
      'rego_type_error',
      `function ${name} has arity ${callee.arity}, got ${expr.args.length} argument${expr.args.length === 1 ? '' : 's'}`,
      expr.location,
      'count the arguments',
    )
  }
}

function checkWithTarget(target: Term, compilation: Compilation): void {
  if (target.kind !== 'var' && target.kind !== 'ref') return
  const head = target.kind === 'var' ? target : target.head
  if (head.kind === 'var' && (head.name === 'input' || head.name === 'data')) {
    if (head.name === 'data' && target.kind === 'ref')
      checkPartialReplacement(target.path, target.location, compilation)
    return
  }
  const callee = compilation.callee(target)
  if (callee === undefined) {
    compilation.report(
      'rego_type_error',
      'with keyword target must reference existing input, data, or a function',
      target.location,
      'replace `input.x`, `data.x` or a function by its name',
    )
  } else if (
    callee.kind === 'builtin' &&
    (callee.declaration.relation === true ||
      callee.void ||
      callee.declaration.name === 'eq' ||
      callee.declaration.name.startsWith('internal.') ||
      callee.declaration.name.startsWith('rego.metadata.'))
  ) {
    compilation.report(
      'rego_compile_error',
      `with keyword replacing built-in function: target must not be ${callee.declaration.relation === true ? 'a relation' : callee.void ? 'a void function' : 'internal'}`,
      target.location,
    )
  }
}

function checkPartialReplacement(path: readonly Term[], location: Location, compilation: Compilation): void {
  let node: TreeNode | undefined = compilation.tree.root
  for (const [index, step] of path.entries()) {
    if (step.kind !== 'string') return
    node = node?.children.get(step.value)
    if (node !== undefined && node.rules.length > 0 && index < path.length - 1) {
      compilation.report(
        'rego_compile_error',
        'with keyword cannot partially replace virtual document(s)',
        location,
        'replace the whole rule',
      )
      return
    }
  }
}

/** Checks that rules of one name agree: one kind, one arity, one default. */
export function checkConflicts(compilation: Compilation): void {
  const visit = (node: TreeNode, path: readonly string[]): void => {
    if (node.rules.length > 0) checkNode(node, path, compilation)
    for (const [name, child] of node.children) visit(child, [...path, name])
  }
  visit(compilation.tree.root, [])
}

function checkNode(node: TreeNode, path: readonly string[], compilation: Compilation): void {
  const name = `data.${path.join('.')}`
  const [first] = node.rules
  if (first === undefined) return
  const kinds = new Set(
    node.rules.map((rule) =>
      rule.head.args !== undefined
        ? `function ${rule.head.args.length}`
        : rule.head.key !== undefined && rule.head.ref.kind === 'var'
          ? 'set'
          : 'value',
    ),
  )
  const { location } = node.rules.at(-1) ?? first
  if (kinds.size > 1)
    compilation.report(
      'rego_type_error',
      `conflicting rules ${name} found`,
      location,
      'rules of one name are all functions of one arity, all sets, or all values',
    )
  const defaults = node.rules.filter((rule) => rule.default && rule.head.ref.kind === 'var')
  if (defaults.length > 1)
    compilation.report(
      'rego_type_error',
      `multiple default rules ${name} found`,
      defaults.at(-1)?.location ?? location,
      'keep one default',
    )
  if (
    compilation.modules.some(
      (module) =>
        path.length <= module.package.path.length && path.every((part, index) => module.package.path[index] === part),
    )
  ) {
    compilation.report(
      'rego_type_error',
      `package ${path.slice(0).join('.')} conflicts with rule ${name} defined at ${location.file}:${location.row}`,
      location,
      'rename the rule or the package',
    )
  }
}
