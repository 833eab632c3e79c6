// Terms as the type checker needs them: constants as values, and keys to find them by.
import { type Term, termString } from '../syntax/index.ts'
import { numberFromText, RegoObject, RegoSet, type Value } from '../value/index.ts'

/** The value of a term without variables, references, calls and comprehensions; undefined for any other. */
export function constantOf(term: Term): Value | undefined {
  switch (term.kind) {
    case 'null':
      return null
    case 'boolean':
    case 'string':
      return term.value
    case 'number':
      return numberFromText(term.text)
    case 'array':
      return constantsOf(term.items)
    case 'set': {
      const items = constantsOf(term.items)
      return items === undefined ? undefined : new RegoSet(items)
    }
    case 'object': {
      const object = new RegoObject()
      for (const [key, value] of term.entries) {
        const name = constantOf(key)
        const held = constantOf(value)
        if (name === undefined || held === undefined) return undefined
        object.insert(name, held)
      }
      return object
    }
    default:
      return undefined
  }
}

function constantsOf(terms: readonly Term[]): readonly Value[] | undefined {
  const values: Value[] = []
  for (const term of terms) {
    const value = constantOf(term)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

/** A text that two terms share only when they are the same name or constant. */
export function termKey(term: Term): string {
  if (term.kind === 'string') return `s${term.value}`
  if (term.kind === 'var') return `v${term.name}`
  return `t${termString(term)}`
}
