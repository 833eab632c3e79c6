// Rule heads that are references, for targets that know only some of them.
import { type Diagnostic, type LanguageCapabilities, type Module, refString } from '../syntax/index.ts'

/** The heads that a target does not understand. */
export function refHeadFaults(modules: readonly Module[], { features }: LanguageCapabilities): readonly Diagnostic[] {
  if (features.has('rego_v1') || features.has('rule_head_refs')) return []
  const prefixes = features.has('rule_head_ref_string_prefixes')
  return modules.flatMap(({ rules }) =>
    rules.flatMap(({ head: { ref, location } }): readonly Diagnostic[] => {
      if (ref.kind !== 'ref') return []
      const general = ref.path.slice(0, -1).some((step) => step.kind !== 'string')
      if (prefixes ? !general : ref.path.length < 2) return []
      const what = prefixes ? 'general refs (containing variables)' : 'refs'
      const message = `rule heads with ${what} are not supported: ${refString(ref)}`
      const help = 'the target lacks the feature `rule_head_refs`: put the rule into a package of its own'
      return [{ code: 'rego_compile_error', message, location, help }]
    }),
  )
}
