// A type put into a part of a document, with the rest of the document as it was.
import { compare, type Value } from '../value/index.ts'
import { objectType } from './algebra.ts'
import type { Path, TypeEnvironment } from './environment.ts'
import { constantOf } from './terms.ts'
import { anyType, type Dynamic, type ObjectType, type Type, type Unknown, unwrapped } from './type.ts'

const open: Dynamic = { key: anyType, value: anyType }

/** Gives what stands at a path below `input` or `data` a type, within the environment. */
export function overrideType(path: Path, type: Type, env: TypeEnvironment): void {
  const [head, ...rest] = path
  if (head === undefined) return
  const known = env.at([head])
  const keys = rest.map(constantOf)
  if (known === undefined || rest.length === 0) {
    env.put(path, type)
    return
  }
  if (keys.some((key) => key === undefined)) return
  env.put(
    [head],
    overridden(
      keys.flatMap((key) => (key === undefined ? [] : [key])),
      known,
      type,
    ),
  )
}

function overridden(keys: readonly Value[], known: Unknown, type: Type): Type {
  const [key, ...rest] = keys
  if (key === undefined) return type
  const object = unwrapped(known)
  if (object?.kind !== 'object') return objectAt(keys, type, open)
  const found = object.static.some((one) => compare(one.key, key) === 0)
  const kept = object.static.map((one) =>
    compare(one.key, key) === 0 ? { key, value: overridden(rest, one.value, type) } : one,
  )
  const added = found ? [] : objectAt(keys, type, object.dynamic).static
  return objectType([...kept, ...added], object.dynamic)
}

function objectAt(keys: readonly Value[], type: Type, dynamic: Dynamic | undefined): ObjectType {
  const [key = '', ...rest] = keys
  const value = rest.length === 0 ? type : objectAt(rest, type, dynamic)
  return objectType([{ key, value }], dynamic)
}
