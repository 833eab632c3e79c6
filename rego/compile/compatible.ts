// What keeps a module of v0 from being written so that v1 reads it too: names that v1 took, imports that hide each other,
// `input` and `data` used as names, and calls that it dropped. The text is OPA's.
import type { Diagnostic, Location, Module, Rule } from '../syntax/index.ts'
import { droppedCalls, hiddenImports, shadowingHeads, shadowingVariables } from './keyword-overrides.ts'

const keywords: ReadonlySet<string> = new Set(['if', 'contains', 'in', 'every'])
/** The mistakes that stand in the way of a text for v0 and v1 alike; none when there is nothing in the way. */
export function compatibilityErrors(module: Module): readonly Diagnostic[] {
  const names = module.rules.flatMap((rule) => {
    const name = nameOf(rule)
    if (!keywords.has(name)) return []
    return [
      fault('rego_parse_error', `${name} keyword cannot be used for rule name`, rule.location, 'rename the rule first'),
    ]
  })
  return names.length > 0
    ? names
    : [
        ...hiddenImports(module),
        ...module.rules.flatMap(shadowingHeads),
        ...module.rules.flatMap(shadowingVariables),
        ...module.rules.flatMap(droppedCalls),
      ]
}

function fault(code: Diagnostic['code'], message: string, location: Location, help: string): Diagnostic {
  return { code, message, location, help }
}

function nameOf(rule: Rule): string {
  const { ref } = rule.head
  return ref.kind === 'var' ? ref.name : ref.head.kind === 'var' ? ref.head.name : ''
}
