// walk graph.reachable graph.reachable_paths.
import { isArray, isObject, isSet, type RegoObject, RegoSet, type Value } from '../value/index.ts'
import { type Builtin, type BuiltinContext, elementsOf } from './contract.ts'
import { anyOperand, elementsOperand, objectOperand } from './operands.ts'

/** The built-ins that go through documents and graphs by name. */
export const graphs: Readonly<Record<string, Builtin>> = {
  walk: (context, args) => {
    const found: Value[] = []
    walk(context, anyOperand(args, 1), [], found)
    return found
  },
  'graph.reachable': (context, args) => {
    const graph = objectOperand(args, 1)
    const queue = [...elementsOperand(args, 2, ['{array, set}'])]
    const reached = new RegoSet()
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      const edges = graph.get(node)
      if (edges === undefined || reached.has(node)) continue
      reached.add(node)
      const neighbors = elementsOf(edges) ?? []
      context.spend(neighbors.length + 1)
      queue.push(...neighbors)
    }
    return reached
  },
  'graph.reachable_paths': (context, args) => {
    const graph = objectOperand(args, 1)
    const paths = new RegoSet()
    for (const start of elementsOperand(args, 2, ['{array, set}'])) {
      if (graph.has(start)) follow(context, graph, start, [], paths)
    }
    return paths
  },
}

/** Every value below one, with its path, outer before inner. */
function walk(context: BuiltinContext, value: Value, path: readonly Value[], found: Value[]): void {
  context.spend(1 + path.length)
  found.push([path, value])
  if (isArray(value)) for (const [i, item] of value.entries()) walk(context, item, [...path, i], found)
  else if (isObject(value)) for (const [key, item] of value) walk(context, item, [...path, key], found)
  else if (isSet(value)) for (const item of value) walk(context, item, [...path, item], found)
}

/** Adds the paths that begin so and end where nothing new is reached. */
function follow(
  context: BuiltinContext,
  graph: RegoObject,
  node: Value,
  before: readonly Value[],
  paths: RegoSet,
): void {
  context.spend(1 + before.length)
  const edges = graph.get(node)
  if (edges === undefined) {
    paths.add(before)
    return
  }
  const path = [...before, node]
  const on = new RegoSet(path)
  const neighbors = elementsOf(edges) ?? []
  context.spend(neighbors.length >> 2)
  if (neighbors.length === 0) paths.add(path)
  for (const neighbor of neighbors) {
    // As in OPA, an edge from where a path begins to itself is gone once.
    if (before.length > 0 && on.has(neighbor)) {
      context.spend(1 + path.length)
      paths.add(path)
    } else follow(context, graph, neighbor, path, paths)
  }
}
