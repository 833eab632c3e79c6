// object.get object.keys object.remove object.filter object.union object.union_n.
import { isArray, isObject, isSet, RegoObject, RegoSet, type Value } from '../value/index.ts'
import { type Builtin, operandElementError, operandTypeError } from './contract.ts'
import { anyOperand, arrayOperand, objectOperand } from './operands.ts'

/** The built-ins on objects by name. */
export const objects: Readonly<Record<string, Builtin>> = {
  'object.get': (_, args) => {
    const object = objectOperand(args, 1)
    const key = anyOperand(args, 2)
    const path = isArray(key) ? key : [key]
    let value: Value | undefined = object
    for (const segment of path) value = value === undefined ? undefined : child(value, segment)
    return value === undefined ? anyOperand(args, 3) : value
  },
  'object.keys': (_, args) => new RegoSet(objectOperand(args, 1).keys()),
  'object.remove': (context, args) => {
    const object = objectOperand(args, 1)
    const keys = keysOperand(args)
    context.spend(object.size)
    return chosen(object, (key) => !keys.has(key))
  },
  'object.filter': (context, args) => {
    const object = objectOperand(args, 1)
    const keys = keysOperand(args)
    context.spend(object.size)
    return chosen(object, (key) => keys.has(key))
  },
  'object.union': (_, args) => union(objectOperand(args, 1), objectOperand(args, 2)),
  'object.union_n': (context, args) => {
    const array = arrayOperand(args, 1)
    let united = new RegoObject()
    for (const element of array) {
      if (!isObject(element)) throw operandElementError(1, array, element, 'object')
      context.spend(united.size + element.size)
      united = unionOver(united, element)
    }
    return united
  },
}

/** What a value holds at a key: an array's element, an object's value, a set's element. */
export function child(value: Value, key: Value): Value | undefined {
  if (isArray(value)) return typeof key === 'number' ? value[key] : undefined
  return isObject(value) || isSet(value) ? value.get(key) : undefined
}

/** As `union`, with the keys as the second object writes them. */
function unionOver(a: RegoObject, b: RegoObject): RegoObject {
  const united = b.copy()
  for (const [key, ours] of a.unordered()) {
    const theirs = b.get(key)
    if (theirs === undefined) united.insert(key, ours)
    else if (isObject(ours) && isObject(theirs)) united.insert(key, unionOver(ours, theirs))
  }
  return united
}

/** Both objects' entries; where both have one, objects are united and else the second's wins. */
function union(a: RegoObject, b: RegoObject): RegoObject {
  const united = a.copy()
  for (const [key, theirs] of b.unordered()) {
    const ours = a.get(key)
    united.insert(key, isObject(ours) && isObject(theirs) ? union(ours, theirs) : theirs)
  }
  return united
}

function chosen(object: RegoObject, keep: (key: Value) => boolean): RegoObject {
  const kept = new RegoObject()
  for (const [key, value] of object.unordered()) if (keep(key)) kept.insert(key, value)
  return kept
}

function keysOperand(args: readonly Value[]): RegoSet {
  const value = anyOperand(args, 2)
  if (isSet(value)) return value
  if (isArray(value)) return new RegoSet(value)
  if (isObject(value)) return new RegoSet(value.keys())
  throw operandTypeError(2, value, 'object', 'set', 'array')
}
