// The answers of a query: for each, the values of its expressions and the bindings of its variables.
import type { CompiledQuery } from '../../../rego/compile/index.ts'
import { isObject, type RegoObject, type Value } from '../../../rego/value/index.ts'

/** An expression with its value. */
export interface ExpressionValue {
  readonly text: string
  readonly value: Value
  readonly row: number
  readonly col: number
}

/** One answer. */
export interface Answer {
  readonly expressions: readonly ExpressionValue[]
  readonly bindings: ReadonlyMap<string, Value>
}

/** The answers that an evaluation of a captured query found. False is an answer only where a lone expression
 *  without variables is asked for. */
export function answersOf(query: CompiledQuery, text: string, results: readonly Value[]): readonly Answer[] {
  const hidden = new Set(query.captured.map(({ variable }) => variable))
  return results.flatMap((result): readonly Answer[] => {
    if (!isObject(result)) return []
    const expressions = query.captured.map(({ location, variable }) => ({
      text: text.slice(location.offset, location.end).trim(),
      value: valueIn(result, variable),
      row: location.row,
      col: location.col,
    }))
    const bindings = new Map<string, Value>()
    for (const name of [...query.variables].sort()) {
      const value = hidden.has(name) || name.startsWith('$') ? undefined : result.get(name)
      if (value !== undefined) bindings.set(name, value)
    }
    const alone = expressions.length === 1 && bindings.size === 0
    return !alone && expressions.some(({ value }) => value === false) ? [] : [{ expressions, bindings }]
  })
}

function valueIn(result: RegoObject, variable: string | undefined): Value {
  const value = variable === undefined ? undefined : result.get(variable)
  return value === undefined ? true : value
}
