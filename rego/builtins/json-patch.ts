// json.patch: RFC 6902 on Rego documents, sets included (an element is its own key).
import { equal, isArray, isObject, isSet, type RegoObject, RegoSet, typeName, type Value } from '../value/index.ts'
import { type Builtin, BuiltinError } from './contract.ts'
import { pathSegments } from './json-paths.ts'
import type { Spend } from './metered-text.ts'
import { child } from './objects.ts'
import { anyOperand, arrayOperand } from './operands.ts'

/** json.patch by name. */
export const jsonPatch: Readonly<Record<string, Builtin>> = {
  'json.patch': (context, args) => {
    let document = anyOperand(args, 1)
    for (const operation of arrayOperand(args, 2)) {
      context.spend(10)
      document = apply(document, operation, (units) => context.spend(units))
    }
    return document
  },
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

function apply(document: Value, operation: Value, spend: Spend): Value {
  if (!isObject(operation)) {
    throw refused('must be an array of JSON-Patch objects, but at least one element is not an object')
  }
  const path = pathAt(operation, 'path')
  const op = attribute(operation, 'op')
  switch (op) {
    case 'add':
      return insert(document, path, attribute(operation, 'value'), spend)
    case 'remove':
      return remove(document, path, spend)
    case 'replace':
      return insert(remove(document, path, spend), path, attribute(operation, 'value'), spend)
    case 'move': {
      const from = pathAt(operation, 'from')
      const moved = find(document, from)
      return insert(remove(document, from, spend), path, moved, spend)
    }
    case 'copy':
      return insert(document, path, find(document, pathAt(operation, 'from')), spend)
    case 'test':
      if (!equal(find(document, path), attribute(operation, 'value'))) throw refused('the value at the path differs')
      return document
    default:
      if (typeof op !== 'string') throw refused(`attribute 'op' must be a string but found: ${typeName(op)}`)
      throw refused(`unrecognized op: '${op}'`)
  }
}

function attribute(operation: RegoObject, name: string): Value {
  const value = operation.get(name)
  if (value === undefined) throw refused(`missing required attribute '${name}'`)
  return value
}

function pathAt(operation: RegoObject, name: string): readonly Value[] {
  return pathSegments(attribute(operation, name), 2)
}

/** The index that a segment is of an array: a number, or its digits without leading zeros. */
function indexOf(segment: Value, limit: number): number {
  const index = typeof segment === 'string' && /^(?:0|[1-9][0-9]{0,8})$/.test(segment) ? Number(segment) : segment
  if (typeof index !== 'number' || index < 0 || index >= limit) throw refused('no such index')
  return index
}

function find(document: Value, path: readonly Value[]): Value {
  let value = document
  for (const segment of path) {
    const found = isArray(value) ? value[indexOf(segment, value.length)] : child(value, segment)
    if (found === undefined) throw refused('no such path')
    value = found
  }
  return value
}

/** The document with the value at the path put anew by `change`, which gets what holds it and the last segment. */
function edit(
  document: Value,
  path: readonly Value[],
  spend: Spend,
  change: (holder: Value, last: Value) => Value,
): Value {
  const [segment, ...rest] = path
  if (segment === undefined) throw refused('no such path')
  // What holds the value is copied.
  spend(isArray(document) ? document.length >> 6 : isObject(document) || isSet(document) ? document.size >> 3 : 0)
  if (rest.length === 0) return change(document, segment)
  const inner = edit(find(document, [segment]), rest, spend, change)
  if (isArray(document)) {
    const index = indexOf(segment, document.length)
    return document.map((item, i) => (i === index ? inner : item))
  }
  if (isObject(document)) return document.with(segment, inner)
  return isSet(document) ? without(document, segment).add(inner) : document
}

function insert(document: Value, path: readonly Value[], value: Value, spend: Spend): Value {
  if (path.length === 0) return value
  return edit(document, path, spend, (holder, last) => {
    if (isArray(holder)) {
      const index = last === '-' ? holder.length : indexOf(last, holder.length + 1)
      return [...holder.slice(0, index), value, ...holder.slice(index)]
    }
    if (isObject(holder)) return holder.with(last, value)
    if (!isSet(holder)) throw refused('no such path')
    if (!equal(last, value)) throw refused('an element of a set is its own key')
    return holder.copy().add(value)
  })
}

function remove(document: Value, path: readonly Value[], spend: Spend): Value {
  if (path.length === 0) return null
  return edit(document, path, spend, (holder, last) => {
    find(holder, [last])
    if (isArray(holder)) {
      const index = indexOf(last, holder.length)
      return [...holder.slice(0, index), ...holder.slice(index + 1)]
    }
    if (isObject(holder)) return holder.without(last)
    return isSet(holder) ? without(holder, last) : holder
  })
}

function without(set: RegoSet, element: Value): RegoSet {
  return set.difference(new RegoSet([element]))
}
