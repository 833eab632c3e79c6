// object.subset: whether one collection holds all of another.
import {
  compare,
  equal,
  isArray,
  isObject,
  isSet,
  type RegoObject,
  type RegoSet,
  type Value,
  type ValueArray,
} from '../value/index.ts'
import { type Builtin, type BuiltinContext, BuiltinError } from './contract.ts'
import { anyOperand } from './operands.ts'

/** The built-in by name. */
export const subset: Readonly<Record<string, Builtin>> = {
  'object.subset': (context, args) => {
    const all = anyOperand(args, 1)
    const part = anyOperand(args, 2)
    if (isArray(all) && isSet(part)) return arrayHoldsSet(all, part)
    const holds = sameKindHolds(context, all, part)
    if (holds === undefined)
      throw new BuiltinError(
        'eval_type_error',
        'both arguments object.subset must be of the same type or array and set',
      )
    return holds
  },
}

/** Undefined where the two are not collections of one kind. */
function sameKindHolds(context: BuiltinContext, all: Value, part: Value): boolean | undefined {
  if (isObject(all) && isObject(part)) return objectHolds(context, all, part)
  if (isSet(all) && isSet(part)) return part.size <= all.size && [...part.unordered()].every((item) => all.has(item))
  return isArray(all) && isArray(part) ? arrayHolds(context, all, part) : undefined
}

function objectHolds(context: BuiltinContext, all: RegoObject, part: RegoObject): boolean {
  context.spend(part.size >> 4)
  for (const [key, wanted] of part.unordered()) {
    const held = all.get(key)
    if (held === undefined) return false
    if (!equal(held, wanted) && sameKindHolds(context, held, wanted) !== true) return false
  }
  return true
}

/** True when one array stands in the other, its elements side by side. */
function arrayHolds(context: BuiltinContext, all: ValueArray, part: ValueArray): boolean {
  // How long a begin of `part` is also the end of its first elements: after a mismatch the search goes on from there.
  const borders = bordersOf(part)
  context.spend((all.length + part.length) >> 4)
  let matched = 0
  if (part.length === 0) return true
  for (const element of all) {
    while (matched > 0 && !same(part[matched], element)) matched = borders[matched - 1] ?? 0
    if (same(part[matched], element)) matched++
    if (matched === part.length) return true
  }
  return false
}

function bordersOf(part: ValueArray): readonly number[] {
  const borders = [0]
  let matched = 0
  for (let at = 1; at < part.length; at++) {
    while (matched > 0 && !same(part[matched], part[at])) matched = borders[matched - 1] ?? 0
    if (same(part[matched], part[at])) matched++
    borders.push(matched)
  }
  return borders
}

function same(a: Value | undefined, b: Value | undefined): boolean {
  return a !== undefined && b !== undefined && compare(a, b) === 0
}

/** Counts elements of the array that are in the set, twice where they stand twice, as OPA does. */
function arrayHoldsSet(all: ValueArray, part: RegoSet): boolean {
  let missing = part.size
  return all.some((element) => {
    if (part.has(element)) missing--
    return missing === 0
  })
}
