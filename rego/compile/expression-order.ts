// The order in which the expressions of a body are taken so that what each needs is bound before it: pass after pass over
// the body, each time taking what has become ready. An expression that is not ready is looked at again only once a variable
// that it waits for is bound, in the pass and at the place where going through all of them would come to it.
import type { Expr } from '../syntax/index.ts'
import { pairedGroups } from './pairings.ts'
import { ascendingQueue, type Queue } from './queue.ts'
import { bindableSteps, isRoot, type Names, type VarSet } from './variables.ts'

/** An expression that is to be ordered. */
export interface Unordered {
  readonly expr: Expr
  /** The variables that must be bound for it, or that it binds itself. */
  readonly needs: VarSet
  /** The variables of the body that its closures take. */
  readonly closed: readonly string[]
}

/** What is asked and told while expressions are ordered. */
export interface Ordering {
  /** What is bound now. */
  readonly safe: Names
  /** Whether what an expression needs is bound or bound by it. */
  isReady(one: Unordered): boolean
  /** Takes an expression, which binds all that it needs. */
  take(one: Unordered): void
}

/** Takes all expressions that can be, in order, and says which are left. */
export function orderExpressions(all: readonly Unordered[], ordering: Ordering): readonly Unordered[] {
  return new Order(all, ordering).run()
}

/** An expression on its way. */
interface Waiting {
  readonly one: Unordered
  readonly index: number
  /** Without all of `required` it is never ready; those before `requiredAt` are bound. */
  readonly required: readonly string[]
  requiredAt: number
  /** Without one of each of `groups` it is never ready; those before `groupsAt` have one. */
  readonly groups: readonly (readonly string[])[]
  groupsAt: number
  /** Without all of `parts` it is ready only once `whole` is bound, which then binds them. */
  readonly parts: readonly string[]
  partsAt: number
  readonly whole: string | undefined
  watchesWhole: boolean
  watchesAll: boolean
  queued: boolean
  taken: boolean
}

class Order {
  readonly #ordering: Ordering
  readonly #all: readonly Waiting[]
  readonly #watchers = new Map<string, Waiting[]>()
  /** Passes and places in them, as one number. */
  readonly #queue: Queue

  constructor(all: readonly Unordered[], ordering: Ordering) {
    this.#ordering = ordering
    this.#all = all.map(waiting)
    this.#queue = ascendingQueue(all.length)
  }

  run(): readonly Unordered[] {
    const { length } = this.#all
    for (let turn = this.#queue.pop(); turn !== undefined; turn = this.#queue.pop()) {
      const next = this.#all[turn % length]
      if (next === undefined || next.taken) continue
      next.queued = false
      if (!this.#isReady(next)) continue
      next.taken = true
      const bound = [...next.one.needs].filter((name) => !this.#ordering.safe.has(name))
      this.#ordering.take(next.one)
      for (const name of bound) this.#wake(name, turn)
    }
    return this.#all.filter(({ taken }) => !taken).map(({ one }) => one)
  }

  #isReady(next: Waiting): boolean {
    const { safe } = this.#ordering
    const { required, groups, parts, whole, one } = next
    while (next.requiredAt < required.length) {
      const name = required[next.requiredAt]
      if (name !== undefined && !safe.has(name)) return this.#watch(name, next)
      next.requiredAt++
    }
    for (let group = groups[next.groupsAt]; group !== undefined; group = groups[++next.groupsAt]) {
      if (group.some((name) => safe.has(name))) continue
      for (const name of group) this.#watch(name, next)
      return false
    }
    while (whole !== undefined && !safe.has(whole) && next.partsAt < parts.length) {
      const name = parts[next.partsAt]
      if (name !== undefined && !safe.has(name)) {
        if (!next.watchesWhole) this.#watch(whole, next)
        next.watchesWhole = true
        return this.#watch(name, next)
      }
      next.partsAt++
    }
    if (this.#ordering.isReady(one)) return true
    if (!next.watchesAll) for (const name of one.needs) if (!safe.has(name)) this.#watch(name, next)
    next.watchesAll = true
    return false
  }

  #watch(name: string, next: Waiting): false {
    const watchers = this.#watchers.get(name)
    if (watchers === undefined) this.#watchers.set(name, [next])
    else watchers.push(next)
    return false
  }

  /** What comes after the expression that was taken is looked at in this pass, what comes before it in the next. */
  #wake(name: string, turn: number): void {
    const { length } = this.#all
    const at = turn % length
    const pass = turn - at
    for (const next of this.#watchers.get(name) ?? []) {
      if (next.taken || next.queued) continue
      next.queued = true
      this.#queue.push(pass + (next.index < at ? length : 0) + next.index)
    }
    this.#watchers.delete(name)
  }
}

function waiting(one: Unordered, index: number): Waiting {
  const { expr, needs, closed } = one
  const bindsNothing = expr.negated || (expr.kind !== 'term' && expr.kind !== 'call' && expr.kind !== 'every')
  const composite = bindsNothing ? undefined : compositeVar(expr)
  const steps = composite === undefined ? undefined : bindableSteps(expr)
  const whole = composite === undefined || steps?.has(composite) === true ? undefined : composite
  return {
    one,
    index,
    required: bindsNothing ? [...closed, ...needs] : closed,
    requiredAt: 0,
    groups: bindsNothing ? [] : pairedGroups(expr),
    groupsAt: 0,
    parts: whole === undefined ? [] : [...needs].filter((name) => name !== whole && steps?.has(name) !== true),
    partsAt: 0,
    whole,
    watchesWhole: false,
    watchesAll: false,
    queued: true,
    taken: false,
  }
}

/** The variable that an expression unifies with an array or an object; documents are bound from the start. */
function compositeVar(expr: Expr): string | undefined {
  if (expr.kind !== 'call' || expr.operator.kind !== 'var' || expr.operator.name !== 'eq' || expr.args.length !== 2)
    return undefined
  const [a, b] = expr.args
  const [one, other] = a?.kind === 'var' ? [a, b] : [b, a]
  if (one?.kind !== 'var' || isRoot(one)) return undefined
  return other?.kind === 'array' || other?.kind === 'object' ? one.name : undefined
}
