// `with` replaces the input, data, functions and built-ins; not parts of what rules make, and not every built-in.
import type { Body, Rule, Term } from '../syntax/index.ts'
import { type Visitor, visitBody, visitTerm } from '../syntax/walk.ts'
import type { Compilation } from './context.ts'
import type { TreeNode } from './tree.ts'

/** Checks the targets of all modifiers of a rule. */
export function checkWithTargets(first: Rule, compilation: Compilation): void {
  const visitor = withTargets(compilation)
  for (let rule: Rule | undefined = first; rule !== undefined; rule = rule.else) {
    visitBody(rule.body, visitor)
    for (const part of [rule.head.key, rule.head.value]) if (part !== undefined) visitTerm(part, visitor)
  }
}

/** Checks the targets of all modifiers of a body. */
export function checkWithTargetsIn(body: Body, compilation: Compilation): void {
  visitBody(body, withTargets(compilation))
}

function withTargets(compilation: Compilation): Visitor {
  const told = new Set<Term>()
  return {
    expr: (expr) => {
      for (const { target } of expr.with) {
        if (told.has(target)) continue
        told.add(target)
        checkTarget(target, compilation)
      }
      return false
    },
  }
}

function checkTarget(target: Term, compilation: Compilation): void {
  const head = target.kind === 'ref' ? target.head : target
  if (head.kind === 'var' && head.name === 'input') return
  if (head.kind === 'var' && head.name === 'data') {
    if (target.kind === 'ref') checkPart(target, compilation)
    return
  }
  const callee = target.kind === 'var' || target.kind === 'ref' ? compilation.callee(target) : undefined
  if (callee?.kind !== 'builtin') {
    compilation.report(
      'rego_type_error',
      'with keyword target must reference existing input, data, or a function',
      target.location,
      'replace `input.x`, `data.x` or a function by its name',
    )
    return
  }
  const { name, relation } = callee.declaration
  const refuse = (why: string): void =>
    compilation.report(
      'rego_compile_error',
      `with keyword replacing built-in function: ${why}`,
      target.location,
      'replace a function of your own that calls it',
    )
  if (compilation.isForbidden(name)) refuse(`target must not be unsafe: "${name}"`)
  else if (name === 'eq' || name.startsWith('rego.metadata.')) refuse(`replacement of "${name}" invalid`)
  else if (name.startsWith('internal.')) refuse(`replacement of internal function "${name}" invalid`)
  else if (relation === true) refuse('target must not be a relation')
  else if (callee.void) refuse('target must not be a void function')
}

function checkPart(target: Extract<Term, { kind: 'ref' }>, compilation: Compilation): void {
  let node: TreeNode | undefined = compilation.tree.root
  for (const [index, step] of target.path.entries()) {
    if (step.kind !== 'string') return
    node = node?.children.get(step.value)
    if (node === undefined || node.rules.length === 0 || index === target.path.length - 1) continue
    const message = 'with keyword cannot partially replace virtual document(s)'
    compilation.report('rego_compile_error', message, target.location, 'replace the whole rule')
    return
  }
}
