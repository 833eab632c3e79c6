// Makes what the test runner runs: tests discovered, those of one name told apart, everything compiled with `print`.
import {
  type CompiledModules,
  compileModules,
  constantName,
  dataConflicts,
  rulePlaces,
  type SourceModule,
} from '../../../rego/compile/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import type { Module, Rule } from '../../../rego/syntax/index.ts'
import {
  type DiscoveredTest,
  discoverTests,
  isTodo,
  type ModuleOutline,
  type TestBundle,
} from '../../../rego/tester/index.ts'
import type { RegoObject } from '../../../rego/value/index.ts'
import type { Language } from '../language.ts'
import { recordingCases } from './case-calls.ts'

/** The bundle of all tests, or the mistakes that keep it from being made. */
export function makeTestBundle(
  sources: readonly SourceModule[],
  data: RegoObject,
  language: Language = {},
): { readonly bundle: TestBundle | undefined; readonly compiled: CompiledModules } {
  let tests: readonly DiscoveredTest[] = []
  const compiled = compileModules(sources, {
    ...language,
    print: 'keep',
    transform: (modules) => {
      tests = discoverTests(modules.map(outline))
      const byPlace = new Map(tests.map((one) => [`${one.module} ${one.rule}`, one]))
      return modules.map((module, index) => ({
        ...module,
        rules: module.rules.map((rule, at) => prepared(rule, byPlace.get(`${index} ${at}`))),
      }))
    },
  })
  if (compiled.compilation === undefined) return { bundle: undefined, compiled }
  const conflicts = dataConflicts(rulePlaces(compiled.compilation), data)
  if (conflicts.length > 0) return { bundle: undefined, compiled: { ...compiled, diagnostics: conflicts } }
  const policy = planEntrypoints(compiled.compilation, [...new Set(tests.map((test) => test.plan))])
  return { bundle: { policy, tests, data }, compiled }
}

function outline(module: Module): ModuleOutline {
  return {
    package: module.package.path,
    rules: module.rules.map((rule) => {
      const { row, col, file } = rule.head.location
      const ref = constantName(rule)
      const full = rule.head.ref.kind === 'var' ? 1 : rule.head.ref.path.length + 1
      return { ref, hasCases: full > ref.length, place: { file, row, col } }
    }),
  }
}

/** A test as it is compiled: told apart from others of its name, and its cases recorded as they begin. */
function prepared(rule: Rule, test: DiscoveredTest | undefined): Rule {
  if (test === undefined) return rule
  const named = test.renamed ? renamed(rule, test.ref) : rule
  return test.hasCases && !isTodo(test) ? recordingCases(named, test.ref.length) : named
}

/** The rule with the last of these segments in place of what stands there. */
function renamed(rule: Rule, segments: readonly string[]): Rule {
  const { ref } = rule.head
  const at = segments.length - 1
  const name = segments[at] ?? ''
  if (ref.kind === 'var') return { ...rule, head: { ...rule.head, ref: { ...ref, name } } }
  if (at === 0 && ref.head.kind === 'var')
    return { ...rule, head: { ...rule.head, ref: { ...ref, head: { ...ref.head, name } } } }
  const path = ref.path.map((step, index) =>
    index === at - 1 && step.kind === 'string' ? { ...step, value: name } : step,
  )
  return { ...rule, head: { ...rule.head, ref: { ...ref, path } } }
}
