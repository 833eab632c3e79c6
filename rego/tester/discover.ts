// Which rules are tests: those with a segment in their ref that begins with `test_` or `todo_test_`.
import { RE2JS } from 're2js'
import type { SourcePlace } from '../builtins/contract.ts'
import type { TestRule } from './contract.ts'

const TEST = 'test_'
const TODO = 'todo_test_'

/** What discovery needs to know of a module: its package and the heads of its rules, in order. */
export interface ModuleOutline {
  /** Without `data`. */
  readonly package: readonly string[]
  readonly rules: readonly RuleOutline[]
}

/** A rule's head. */
export interface RuleOutline {
  /** The constant segments that the ref begins with, the rule's name first. */
  readonly ref: readonly string[]
  /** Whether the ref goes on with variables, or the rule builds an object. */
  readonly hasCases: boolean
  readonly place: SourcePlace
}

/** A test with the rule it comes from, which the compiler must rename where two rules of a package share a name. */
export interface DiscoveredTest extends TestRule {
  readonly module: number
  readonly rule: number
  /** The segments that the rule's ref is to begin with. */
  readonly ref: readonly string[]
  /** Whether `ref` differs from what the module says: the second `test_x` of a package is `test_x#01`. */
  readonly renamed: boolean
}

/** The tests of modules, one for each rule: two rules of one name are two tests, so that one cannot hide the other. */
export function discoverTests(modules: readonly ModuleOutline[]): DiscoveredTest[] {
  const tests: DiscoveredTest[] = []
  const seen = new Map<string, number>()
  for (const [module, outline] of modules.entries()) {
    for (const [rule, head] of outline.rules.entries()) {
      const at = head.ref.findIndex((segment) => segment.startsWith(TEST) || segment.startsWith(TODO))
      const name = head.ref[at]
      if (name === undefined) continue
      const key = JSON.stringify([...outline.package, ...head.ref.slice(0, at + 1)])
      const before = seen.get(key) ?? 0
      seen.set(key, before + 1)
      const renamed = before > 0 && name.startsWith(TEST)
      if (before > 0 && !renamed) continue
      const last = renamed ? `${name}#${String(before).padStart(2, '0')}` : name
      const ref = [...head.ref.slice(0, at), last]
      tests.push({
        module,
        rule,
        ref,
        renamed,
        package: `data${outline.package.map(segmentText).join('')}`,
        name: refText(ref),
        place: head.place,
        plan: [...outline.package, ...ref].join('/'),
        hasCases: head.hasCases,
      })
    }
  }
  return tests
}

/** Whether a test is one that is not done yet. */
export function isTodo(test: TestRule): boolean {
  return test.plan.split('/').at(-1)?.startsWith(TODO) === true
}

/** A test's full name, `data.pkg.test_x`. */
export function fullName(test: TestRule): string {
  return `${test.package}.${test.name}`
}

/** A filter by an RE2 pattern on full names; undefined when the pattern is none. */
export function nameFilter(pattern: string): ((fullName: string) => boolean) | undefined {
  try {
    const compiled = RE2JS.compile(pattern)
    return (name) => compiled.matcher(name).find()
  } catch {
    return undefined
  }
}

/** As references are written: the name they begin with stands as it is. */
function refText([first = '', ...rest]: readonly string[]): string {
  return first + rest.map(segmentText).join('')
}

function segmentText(segment: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(segment) ? `.${segment}` : `[${JSON.stringify(segment)}]`
}
