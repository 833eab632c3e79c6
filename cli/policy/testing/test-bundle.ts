// Makes what the test runner runs: tests discovered, those of one name told apart, everything compiled with `print`.
import { type CompiledModules, compileModules, constantName, type SourceModule } from '../../../rego/compile/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import type { Module, Rule } from '../../../rego/syntax/index.ts'
import { type DiscoveredTest, discoverTests, type ModuleOutline, type TestBundle } from '../../../rego/tester/index.ts'
import type { RegoObject } from '../../../rego/value/index.ts'
import type { Language } from '../language.ts'

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
        rules: module.rules.map((rule, at) => renamed(rule, byPlace.get(`${index} ${at}`))),
      }))
    },
  })
  if (compiled.compilation === undefined) return { bundle: undefined, compiled }
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

function renamed(rule: Rule, test: DiscoveredTest | undefined): Rule {
  if (test?.renamed !== true || rule.head.ref.kind !== 'var') return rule
  return { ...rule, head: { ...rule.head, ref: { ...rule.head.ref, name: test.ref[0] ?? rule.head.ref.name } } }
}
