// Values as terms: what a stage or a tool puts into a policy as data.
import { isArray, isObject, isSet, numberText, type Value } from '../value/index.ts'
import type { Term } from './ast.ts'
import type { Location } from './diagnostic.ts'

/** The term that stands for a value. */
export function termFromValue(value: Value, location: Location): Term {
  const term = (one: Value): Term => termFromValue(one, location)
  if (value === null) return { kind: 'null', location }
  if (typeof value === 'boolean') return { kind: 'boolean', value, location }
  if (typeof value === 'string') return { kind: 'string', value, location }
  if (isArray(value)) return { kind: 'array', items: value.map(term), location }
  if (isSet(value)) return { kind: 'set', items: [...value].map(term), location }
  if (isObject(value))
    return { kind: 'object', entries: [...value].map(([key, one]) => [term(key), term(one)] as const), location }
  return { kind: 'number', text: numberText(value), location }
}
