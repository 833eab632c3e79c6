// Which rules fired on a document and which nearly did: how far each got before the first condition that did not hold.
import { constantName } from '../../rego/compile/index.ts'
import type { Observer } from '../../rego/interpret/index.ts'
import type { Policy, Stmt } from '../../rego/ir/index.ts'
import type { Expr, Location, Module, Rule } from '../../rego/syntax/index.ts'

/** How a rule fared. */
export interface RuleProgress {
  /** `data.policy.orders.allow`. */
  readonly rule: string
  readonly file: string
  readonly row: number
  readonly fired: boolean
  /** Conditions that held before one did not; all of them when it fired. */
  readonly held: number
  readonly conditions: number
  /** The condition that did not hold: its row and text. */
  readonly stopped?: { readonly row: number; readonly text: string }
}

/** What the merging package reads; other rules only help these. */
const asked: ReadonlySet<string> = new Set(['allow', 'deny', 'hold', 'mask', 'filter', 'limit'])

/** Watches one evaluation and says afterwards how far each rule got. */
export class NearMisses {
  readonly observer: Observer
  readonly #held = new Set<string>()
  readonly #failed = new Set<string>()
  readonly #fired = new Set<string>()
  readonly #heads = new Map<string, ReadonlySet<string>>()
  /** The place of the expression that held last, for each function that runs. */
  readonly #last: (string | undefined)[] = [undefined]
  readonly #rules: readonly { readonly name: string; readonly rule: Rule; readonly source: string }[]

  constructor(policy: Policy, modules: readonly Module[]) {
    this.#rules = modules.flatMap((module) => {
      if (module.package.path[0] !== 'policy' || module.file.endsWith('_test.rego')) return []
      return module.rules.flatMap((rule) => {
        const [name = ''] = constantName(rule)
        const full = ['data', ...module.package.path, name].join('.')
        return asked.has(name) && !rule.default ? [{ name: full, rule, source: module.source }] : []
      })
    })
    for (const { rule } of this.#rules)
      this.#heads.set(keyOf(rule.head.location), new Set(rule.body.map((expr) => keyOf(expr.location))))
    const placeOf = (stmt: Stmt): string => `${policy.files[stmt.file] ?? ''}:${stmt.row}:${stmt.col}`
    this.observer = {
      enter: () => {
        this.#last.push(undefined)
      },
      exit: () => {
        this.#last.pop()
      },
      defined: (stmt) => this.#defined(placeOf(stmt)),
      failed: (stmt) => {
        this.#failed.add(placeOf(stmt))
        this.#last[this.#last.length - 1] = undefined
      },
    }
  }

  #defined(place: string): void {
    const body = this.#heads.get(place)
    if (body === undefined) {
      this.#held.add(place)
      this.#last[this.#last.length - 1] = place
      return
    }
    const last = this.#last.at(-1)
    // The head is made right after the last condition held.
    if (last !== undefined && body.has(last)) this.#fired.add(place)
  }

  /** How the rules fared, in the order of the files. */
  progress(): readonly RuleProgress[] {
    return this.#rules.map(({ name, rule, source }) => this.#progressOf(name, rule, source))
  }

  #progressOf(name: string, rule: Rule, source: string): RuleProgress {
    const { file, row } = rule.location
    const conditions = rule.generatedBody ? [] : rule.body
    const common = { rule: name, file, row, conditions: conditions.length }
    if (conditions.length === 0 || this.#fired.has(keyOf(rule.head.location)))
      return { ...common, fired: true, held: conditions.length }
    let stopped: Expr | undefined
    let held = 0
    for (const expr of conditions) {
      const key = keyOf(expr.location)
      if (this.#failed.has(key)) stopped = expr
      if (!this.#held.has(key) && !this.#failed.has(key)) break
      if (stopped !== expr) held++
    }
    stopped ??= conditions[held]
    const at = stopped
    const before = at === undefined ? held : conditions.indexOf(at)
    return {
      ...common,
      fired: false,
      held: Math.max(0, before),
      ...(at === undefined
        ? {}
        : { stopped: { row: at.location.row, text: source.slice(at.location.offset, at.location.end) } }),
    }
  }
}

function keyOf(location: Location): string {
  return `${location.file}:${location.row}:${location.col}`
}
