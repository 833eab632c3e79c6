// Types named in casts and declarations: domains run their checks, unknown types make the facts incomplete.
import { list, namesOf, type Tree } from '../parser/tree.ts'
import type { Context } from './context.ts'
import { temporary } from './names.ts'

/** Notes what using a type can run. */
export function declareType(context: Context, typeName: Tree | undefined, _use: 'cast' | 'declare'): void {
  if (typeName === undefined) return
  const names = namesOf(list(typeName, 'names')) ?? []
  const name = names.at(-1)
  if (name === undefined) return
  const schema = temporary(names.at(-2) ?? '')
  const type = context.names.type(schema, name)
  if (type === undefined) {
    // A relation's row type is a type too.
    if (context.names.relation(schema, name) === undefined) context.facts.incomplete('unresolved type')
    return
  }
  if (type.foreign === true) context.facts.incomplete('type with code of its own')
  for (const check of type.checks ?? []) {
    context.facts.include(context.walk.text(context, check, undefined, []).facts, [`${type.schema}.${type.name} check`])
  }
}
