// Where a test fails and on which values: the first expression of its body that does not hold, with what its terms were.
// Both are asked of the policy itself, by rules beside the test that hold its body up to a place.
import { builtins } from '../../../rego/builtins/index.ts'
import { compileModules, type SourceModule } from '../../../rego/compile/index.ts'
import { Program } from '../../../rego/interpret/index.ts'
import { planEntrypoints } from '../../../rego/plan/index.ts'
import type { Expr, Module, Rule } from '../../../rego/syntax/index.ts'
import type { TestRule } from '../../../rego/tester/index.ts'
import { isArray, isObject, type RegoObject, type Value } from '../../../rego/value/index.ts'
import { type ShownValue, shownExpression } from './shown-expression.ts'
import { termsOf } from './shown-terms.ts'

/** Tests of which the failing expression is sought; beyond them it is left to the reader. */
export const explainedMax = 20
const nestingMax = 4
const fuel = 2_000_000

/** What is asked: sources of the policy, its data, and the modules as they were parsed. */
export interface FailingParts {
  readonly sources: readonly SourceModule[]
  readonly modules: readonly Module[]
  readonly data: RegoObject
  readonly nowNs: bigint
}

/** The failing expression of a test in lines for a person; undefined where it cannot be told. */
export function failingLines(test: TestRule, parts: FailingParts): readonly string[] | undefined {
  const found = ruleAt(test, parts.modules)
  if (found === undefined || found.rule.generatedBody) return undefined
  const probe = new Probe(found.module, parts)
  const failing = firstFailing(probe, { before: [], body: found.rule.body, first: false }, nestingMax)
  if (failing === undefined) return undefined
  const values = valuesOf(probe, failing)
  return [
    `${found.module.file}:${failing.expr.location.row}:`,
    ...shownExpression(found.module.source, failing.expr.location, values),
  ]
}

function ruleAt(test: TestRule, modules: readonly Module[]): { module: Module; rule: Rule } | undefined {
  const { file, row, col } = test.place
  for (const module of modules) {
    if (module.file !== file) continue
    const rule = module.rules.find(({ head }) => head.location.row === row && head.location.col === col)
    if (rule !== undefined) return { module, rule }
  }
  return undefined
}

/** Expressions, and what holds before them. `first`: of several solutions the first is meant, else the last. */
interface Place {
  readonly before: readonly string[]
  readonly body: readonly Expr[]
  readonly first: boolean
}

interface Failing {
  readonly expr: Expr
  readonly before: readonly string[]
  readonly first: boolean
}

/** The first expression that no solution of those before it satisfies; inside `every` that of the first bad element. */
function firstFailing(probe: Probe, place: Place, depth: number): Failing | undefined {
  const texts = place.body.map((expr) => probe.textOf(expr))
  const bodies = texts.map((_, at) => {
    const before = [...place.before, ...texts.slice(0, at)]
    // Of elements that all have to do, one that does not is sought; of a plain body, whether anything does.
    return place.first && !isLoop(place.body[at]) ? [...before, `not (${texts[at]})`] : [...before, texts[at] ?? '']
  })
  const counts = probe.ask(bodies.map((body) => `count([1 | ${body.join('; ')}])`))
  const plain = place.first ? probe.ask(texts.map((_, at) => countOf([...place.before, ...texts.slice(0, at)]))) : []
  for (const [at, expr] of place.body.entries()) {
    const count = counts[at]
    if (count === undefined) return undefined
    const fails = place.first ? (isLoop(expr) ? count !== plain[at] : count !== 0) : count === 0
    if (!fails) continue
    const before = [...place.before, ...texts.slice(0, at)]
    if (expr.kind === 'every' && !expr.negated && expr.with.length === 0 && depth > 0) {
      const key = expr.key === undefined ? '' : `${expr.key.name}, `
      const loop = `some ${key}${expr.value.name} in ${probe.source(expr.domain)}`
      const inside = firstFailing(probe, { before: [...before, loop], body: expr.body, first: true }, depth - 1)
      if (inside !== undefined) return inside
    }
    const first = place.first && !isLoop(expr)
    return { expr, before: first ? [...before, `not (${texts[at]})`] : before, first: place.first }
  }
  return undefined
}

function countOf(body: readonly string[]): string {
  return body.length === 0 ? '1' : `count([1 | ${body.join('; ')}])`
}

/** What cannot stand behind `not`. */
function isLoop(expr: Expr | undefined): boolean {
  return (
    expr === undefined ||
    expr.negated ||
    expr.kind === 'every' ||
    expr.kind === 'some_in' ||
    expr.kind === 'some' ||
    expr.with.length > 0
  )
}

function valuesOf(probe: Probe, { expr, before, first }: Failing): readonly ShownValue[] {
  const terms = termsOf(expr, probe.names)
  const withs = expr.with.map((one) => `with ${probe.source(one.target)} as ${probe.source(one.value)}`).join(' ')
  const shown: ShownValue[] = []
  for (const term of terms) {
    const text = probe.source(term)
    if (term.begins && shown.some((one) => one.text === text)) continue
    const bound = term.outside ? text : `sallyport_value := ${text} ${withs}`
    const asked = term.outside ? `[${[text]} | ${join(before)}]` : `[sallyport_value | ${join([...before, bound])}]`
    const [all] = probe.ask([asked])
    if (!isArray(all ?? null) || !Array.isArray(all)) continue
    const value = first ? all[0] : all.at(-1)
    if (value === undefined) {
      // What no document has is not shown; a rule without a value is, and nothing behind it was looked at.
      if (term.ofDocuments) continue
      shown.push({ location: term.location, text, value: undefined })
      break
    }
    shown.push({ location: term.location, text, value })
  }
  return shown
}

function join(body: readonly string[]): string {
  return body.length === 0 ? 'true' : body.join('; ')
}

/** Asks the policy for values of terms, in the package of one module. */
class Probe {
  readonly names: ReadonlySet<string>
  readonly #module: Module
  readonly #parts: FailingParts
  readonly #begin: string

  constructor(module: Module, parts: FailingParts) {
    this.#module = module
    this.#parts = parts
    const path = module.package.path.map((part, at) => (at === 0 ? part : `[${JSON.stringify(part)}]`)).join('')
    const imports = module.imports.map((one) => this.source(one))
    this.#begin = [`package ${path}`, ...imports].join('\n')
    this.names = namesOf(module, parts.modules)
  }

  source({ location }: { readonly location: { readonly offset: number; readonly end: number } }): string {
    return this.#module.source.slice(location.offset, location.end)
  }

  /** An expression on one line: comments would swallow what is put behind it. */
  textOf(expr: Expr): string {
    let text = this.source(expr)
    for (const comment of this.#module.comments) {
      const { offset, end } = comment.location
      if (offset >= expr.location.offset && end <= expr.location.end)
        text = text.replace(this.#module.source.slice(offset, end), '')
    }
    return text
  }

  /** The value of each term; undefined where it has none, or cannot be asked for. */
  ask(terms: readonly string[]): readonly (Value | undefined)[] {
    if (terms.length === 0) return []
    const rules = terms.map((term, at) => `sallyport_probe_${at} := ${term}`)
    const { regoVersion } = this.#module
    const text = `${this.#begin}\n${regoVersion === 0 ? 'import future.keywords\n' : ''}\n${rules.join('\n\n')}\n`
    const { compilation } = compileModules([
      ...this.#parts.sources,
      { file: 'sallyport_probe.rego', text, regoVersion },
    ])
    if (compilation === undefined) return terms.length === 1 ? [undefined] : terms.flatMap((term) => this.ask([term]))
    const path = this.#module.package.path.join('/')
    const entrypoints = terms.map((_, at) => `${path}/sallyport_probe_${at}`)
    const program = new Program(planEntrypoints(compilation, entrypoints), builtins)
    const { data, nowNs } = this.#parts
    return entrypoints.map((entrypoint) => {
      const [result] = program.evaluate(entrypoint, { data, nowNs, fuel }).results
      return result !== undefined && isObject(result) ? result.get('result') : undefined
    })
  }
}

/** What is a name of the module's own and no variable: its rules, those of its package, and its imports. */
function namesOf(module: Module, modules: readonly Module[]): ReadonlySet<string> {
  const path = module.package.path.join('.')
  const names = new Set(['input', 'data'])
  for (const one of modules) {
    if (one.package.path.join('.') !== path) continue
    for (const { head } of one.rules) {
      if (head.ref.kind === 'var') names.add(head.ref.name)
      else if (head.ref.head.kind === 'var') names.add(head.ref.head.name)
    }
  }
  for (const one of module.imports) {
    const last = one.path.kind === 'ref' ? one.path.path.at(-1) : undefined
    const name = one.alias ?? (last?.kind === 'string' ? last.value : undefined)
    if (name !== undefined) names.add(name)
  }
  return names
}
