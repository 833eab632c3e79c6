// json.filter and json.remove: documents cut down to paths, or with paths cut out.
import { isArray, isObject, isSet, RegoObject, RegoSet, typeName, type Value } from '../value/index.ts'
import { type Builtin, elementsOf, operandError, operandTypeError } from './contract.ts'
import { anyOperand, objectOperand } from './operands.ts'

/** The built-ins on paths of documents by name. */
export const jsonPaths: Readonly<Record<string, Builtin>> = {
  'json.filter': (context, args) => {
    const object = objectOperand(args, 1)
    const paths = pathsOperand(args)
    context.spend(paths.length)
    return filter(object, pathTree(paths))
  },
  'json.remove': (context, args) => {
    const object = objectOperand(args, 1)
    const paths = pathsOperand(args)
    context.spend(paths.length)
    return remove(object, pathTree(paths))
  },
}

/** The segments of a path operand: a JSON pointer (its first slash may be missing), or an array of keys. */
export function pathSegments(path: Value, position: number): readonly Value[] {
  if (isArray(path)) return path
  if (typeof path !== 'string') {
    const wanted = 'must be one of {set, array} containing string paths or array of path segments'
    throw operandError(position, `${wanted} but got ${typeName(path)}`)
  }
  if (path === '') return []
  let start = 0
  while (path.charCodeAt(start) === 0x2f) start++
  return path
    .slice(start)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function pathsOperand(args: readonly Value[]): (readonly Value[])[] {
  const operand = anyOperand(args, 2)
  const paths = elementsOf(operand)
  if (paths === undefined) throw operandTypeError(2, operand, 'set', 'array')
  return paths.map((path) => pathSegments(path, 2))
}

/** The paths as nested objects that end in null. A path within another adds nothing to it. */
function pathTree(paths: readonly (readonly Value[])[]): RegoObject {
  const root = new RegoObject()
  for (const path of paths) {
    let node: Value = root
    for (const [i, segment] of path.entries()) {
      if (!isObject(node)) break
      const known: Value | undefined = node.get(segment)
      if (known === null) break
      const next: Value = i === path.length - 1 ? null : (known ?? new RegoObject())
      node.insert(segment, next)
      node = next
    }
  }
  return root
}

/** The key that a path names an element of an array by. */
function indexKey(index: number, tree: RegoObject): Value | undefined {
  return tree.get(String(index))
}

function filter(value: Value, tree: Value): Value {
  if (!isObject(tree)) return value
  if (isArray(value)) {
    return value.flatMap((item, i): readonly Value[] => {
      const branch = indexKey(i, tree)
      return branch === undefined ? [] : [filter(item, branch)]
    })
  }
  if (isSet(value)) {
    const kept = new RegoSet()
    for (const item of value.unordered()) {
      const branch = tree.get(item)
      if (branch !== undefined) kept.add(filter(item, branch))
    }
    return kept
  }
  if (!isObject(value)) return value
  const kept = new RegoObject()
  for (const [key, item] of value.unordered()) {
    const branch = tree.get(key)
    if (branch !== undefined) kept.insert(key, filter(item, branch))
  }
  return kept
}

function remove(value: Value, tree: Value | undefined): Value | undefined {
  if (tree === null) return undefined
  if (!isObject(tree)) return value
  if (isArray(value)) {
    return value.flatMap((item, i): readonly Value[] => {
      const rest = remove(item, indexKey(i, tree))
      return rest === undefined ? [] : [rest]
    })
  }
  if (isSet(value)) {
    const kept = new RegoSet()
    for (const item of value.unordered()) {
      const rest = remove(item, tree.get(item))
      if (rest !== undefined) kept.add(rest)
    }
    return kept
  }
  if (!isObject(value)) return value
  const kept = new RegoObject()
  for (const [key, item] of value.unordered()) {
    const rest = remove(item, tree.get(key))
    if (rest !== undefined) kept.insert(key, rest)
  }
  return kept
}
