// Rules must not depend on themselves. Every rule on a circle is told, with the way around it.
import type { Compilation } from './context.ts'
import type { GraphRule, RuleGraph, Vertex } from './graph.ts'

/** Names in all the ways that are told at the most: nobody reads more, and a circle of many rules has many ways. */
const namesToldMax = 5000

/** Reports rules that depend on themselves. */
export function checkRecursion(graph: RuleGraph, compilation: Compilation): void {
  if (!graph.order().circular) return
  const circles = new CircleFinder(graph).run()
  let told = 0
  for (const rule of graph.rules) {
    const circle = circles.get(rule)
    if (circle === undefined) continue
    const way = wayBack(rule, circle, graph)
    if (way === undefined) continue
    told += way.length
    compilation.report(
      'rego_recursion_error',
      `rule ${rule.name} is recursive: ${way.map(({ name }) => name).join(' -> ')}`,
      rule.rule.location,
      'rules cannot depend on themselves: use walk, or graph.reachable',
    )
    if (told > namesToldMax) return
  }
}

/** The shortest way from a rule to itself, within its circle. */
function wayBack(start: GraphRule, circle: ReadonlySet<Vertex>, graph: RuleGraph): readonly GraphRule[] | undefined {
  const from = new Map<Vertex, Vertex>()
  const queue: Vertex[] = [start]
  for (const vertex of queue) {
    for (const next of graph.next(vertex)) {
      if (next === start) {
        const way = [start]
        for (let at: Vertex | undefined = vertex; at !== undefined && at !== start; at = from.get(at))
          if ('uses' in at) way.unshift(at)
        return [start, ...way]
      }
      if (!circle.has(next) || from.has(next)) continue
      from.set(next, vertex)
      queue.push(next)
    }
  }
  return undefined
}

/** Tarjan's strongly connected components, with an explicit stack. */
class CircleFinder {
  readonly #graph: RuleGraph
  readonly #index = new Map<Vertex, number>()
  readonly #low = new Map<Vertex, number>()
  readonly #open: Vertex[] = []
  readonly #isOpen = new Set<Vertex>()
  readonly #found = new Map<Vertex, ReadonlySet<Vertex>>()

  constructor(graph: RuleGraph) {
    this.#graph = graph
  }

  run(): ReadonlyMap<Vertex, ReadonlySet<Vertex>> {
    for (const rule of this.#graph.rules) if (!this.#index.has(rule)) this.#from(rule)
    return this.#found
  }

  #from(start: Vertex): void {
    const stack: { readonly vertex: Vertex; readonly rest: Iterator<Vertex> }[] = []
    const enter = (vertex: Vertex): void => {
      this.#index.set(vertex, this.#index.size)
      this.#low.set(vertex, this.#index.size - 1)
      this.#open.push(vertex)
      this.#isOpen.add(vertex)
      stack.push({ vertex, rest: this.#graph.next(vertex)[Symbol.iterator]() })
    }
    enter(start)
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const { done, value: next } = top.rest.next()
      if (done === true) {
        stack.pop()
        this.#close(top.vertex)
        const above = stack.at(-1)
        if (above !== undefined) this.#lower(above.vertex, this.#low.get(top.vertex))
      } else if (!this.#index.has(next)) enter(next)
      else if (this.#isOpen.has(next)) this.#lower(top.vertex, this.#index.get(next))
    }
  }

  #lower(vertex: Vertex, to: number | undefined): void {
    const low = this.#low.get(vertex)
    if (low !== undefined && to !== undefined && to < low) this.#low.set(vertex, to)
  }

  #close(vertex: Vertex): void {
    if (this.#low.get(vertex) !== this.#index.get(vertex)) return
    const circle = new Set<Vertex>()
    for (let one = this.#open.pop(); one !== undefined; one = this.#open.pop()) {
      this.#isOpen.delete(one)
      circle.add(one)
      if (one === vertex) break
    }
    for (const one of circle) this.#found.set(one, circle)
  }
}
