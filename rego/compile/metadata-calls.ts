// `rego.metadata.chain()` and `rego.metadata.rule()` become what they answer: it is known before anything runs.
import { callExpr, callTerm, type Expr, operatorName, type Rule, type Term, termFromValue } from '../syntax/index.ts'
import { mapExpr, mapTerm } from '../syntax/walk.ts'
import { valueFromData } from '../value/index.ts'
import { type AnnotationSet, annotationFields } from './annotation-set.ts'
import type { Compilation } from './context.ts'

const names = ['rego.metadata.chain', 'rego.metadata.rule'] as const

/** The rule with its metadata in place of the calls; each is put into one variable at the start of the body. */
export function replaceMetadataCalls(
  rule: Rule,
  packagePath: readonly string[],
  annotations: AnnotationSet,
  compilation: Compilation,
): Rule {
  const put = new Map<string, { readonly local: Term; readonly expr: Expr }>()
  const local = (name: string, { location }: Term): Term => {
    const known = put.get(name)
    if (known !== undefined) return known.local
    const data = name === 'rego.metadata.rule' ? ofRule(rule, annotations) : chainOf(rule, packagePath, annotations)
    const variable = compilation.generate(location, callTerm(name, [], location))
    const value = termFromValue(valueFromData(data), location)
    put.set(name, { local: variable, expr: { ...callExpr('eq', [variable, value], location), generated: true } })
    return variable
  }
  const term = (one: Term): Term => {
    if (one.kind === 'call') {
      const name = operatorName(one.operator)
      if (names.some((known) => known === name) && one.args.length === 0) return local(name ?? '', one)
    }
    return mapTerm(one, { term, body })
  }
  const body = (exprs: readonly Expr[]): readonly Expr[] => exprs.map(expr)
  const expr = (one: Expr): Expr => {
    if (one.kind === 'call' && one.args.length === 0) {
      const name = operatorName(one.operator)
      if (names.some((known) => known === name)) {
        const { negated, with: modifiers, location } = one
        const call: Term = { kind: 'call', operator: one.operator, args: [], location }
        return { kind: 'term', term: local(name ?? '', call), negated, with: modifiers, location }
      }
    }
    return mapExpr(one, { term, body })
  }
  const { key, value, ref } = rule.head
  const head = {
    ...rule.head,
    ...(ref.kind === 'var' ? {} : { ref: { ...ref, path: ref.path.map(term) } }),
    ...(key === undefined ? {} : { key: term(key) }),
    ...(value === undefined ? {} : { value: term(value) }),
  }
  const rest = body(rule.body)
  return {
    ...rule,
    head,
    body: [...[...put.values()].map((one) => one.expr), ...rest],
    ...(rule.else === undefined
      ? {}
      : { else: replaceMetadataCalls(rule.else, packagePath, annotations, compilation) }),
  }
}

function ofRule(rule: Rule, annotations: AnnotationSet): object {
  const [nearest] = annotations.ofRule(rule)
  return nearest === undefined ? {} : annotationFields(nearest)
}

function chainOf(rule: Rule, packagePath: readonly string[], annotations: AnnotationSet): readonly object[] {
  return annotations.chain(rule, packagePath).map(({ path, annotations: one }) => ({
    path,
    ...(one === undefined ? {} : { annotations: annotationFields(one) }),
  }))
}

/** True when a rule asks for its metadata anywhere. */
export function asksForMetadata(source: string): boolean {
  return source.includes('rego.metadata')
}
