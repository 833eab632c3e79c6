// What a bundle answers for: the entry points that modules name themselves, and the metadata that goes with each.
import { mayApproveEntrypoint, mayViewEntrypoint } from '../../../bundles/store/index.ts'
import { decisionEntrypoint, responseEntrypoint, responseRules } from '../../../engine/decision/index.ts'
import { constantName } from '../../../rego/compile/index.ts'
import type { Annotations, Module } from '../../../rego/syntax/index.ts'

/** The annotated rules and packages, sorted. */
export function annotatedEntrypoints(modules: readonly Module[]): readonly string[] {
  const found = new Set<string>()
  for (const { package: pack, rules, annotations } of modules) {
    const ofRules = new Set(rules.flatMap((rule) => rule.annotations))
    if (annotations.some((one) => one.entrypoint && !ofRules.has(one))) found.add(pack.path.join('/'))
    for (const rule of rules)
      if (rule.annotations.some((one) => one.entrypoint)) found.add([...pack.path, ...constantName(rule)].join('/'))
  }
  return [...found].sort()
}

/** What a gateway asks of policies. */
export function gatewayEntrypoints(modules: readonly Module[]): readonly string[] {
  const policies = modules.filter((module) => module.package.path[0] === 'policy')
  if (policies.length === 0) return []
  const names = new Set(policies.flatMap(({ rules }) => rules.map((rule) => constantName(rule)[0] ?? '')))
  return [
    decisionEntrypoint,
    ...(responseRules.some((name) => names.has(name)) ? [responseEntrypoint] : []),
    mayApproveEntrypoint,
    ...(names.has('may_view') ? [mayViewEntrypoint] : []),
  ]
}

/** The metadata of the rules of an entry point: of the document first, then of each rule. */
export function annotationsAt(entrypoint: string, modules: readonly Module[]): readonly object[] {
  const found = new Set<Annotations>()
  for (const { package: pack, rules } of modules)
    for (const rule of rules)
      if ([...pack.path, ...constantName(rule)].join('/') === entrypoint)
        for (const one of rule.annotations) if (one.scope !== 'package') found.add(one)
  const document = [...found].filter((one) => one.scope === 'document')
  return [...document, ...[...found].filter((one) => one.scope !== 'document')].map(({ scope, fields }) => ({
    ...fields,
    scope,
  }))
}
