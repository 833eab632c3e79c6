// What goes with a relation that is dropped with CASCADE: whatever of the catalog points at it, or may.
import type { Catalog } from '../catalog/catalog.ts'
import type { QualifiedName, Relation, TypeRef } from '../catalog/types.ts'

/** Whether anything beside a relation, and beside what is part of it, may depend on it. */
export function hasDependents(catalog: Catalog, relation: Relation): boolean {
  const relations = [...catalog.relations()].filter(
    ({ schema }) => schema !== 'pg_catalog' && schema !== 'information_schema',
  )
  const is = (one: QualifiedName): boolean => one.schema === relation.schema && one.name === relation.name
  const parts = relations.filter(({ owner }) => owner !== undefined && is(owner))
  const names = [relation, ...parts].map(({ name }) => name)
  const mentions = (text: string | undefined): boolean =>
    text !== undefined && names.some((name) => hasWord(text, name))
  const uses = ({ schema, name }: TypeRef): boolean => is({ schema, name })
  return (
    relations.some((other) => {
      if (is(other) || parts.includes(other)) return false
      const { parents = [], foreignKeys = [], columns, policies = [], rules = [], checks = [], triggers = [] } = other
      return (
        parents.some(is) ||
        foreignKeys.some(({ target }) => is(target)) ||
        columns.some((column) => uses(column.type) || mentions(column.default)) ||
        policies.some(({ using, check }) => mentions(using) || mentions(check)) ||
        triggers.some(({ definition }) => mentions(definition)) ||
        mentions(JSON.stringify(rules)) ||
        checks.some(mentions) ||
        mentions(other.query)
      )
    }) ||
    catalog.ownRoutines().some((routine) => {
      const types = [...routine.arguments, routine.returns, ...(routine.outputs ?? []).map(({ type }) => type)]
      return types.some(uses) || mentions(routine.given) || (routine.standardBody === true && mentions(routine.body))
    })
  )
}

/** Whether a text holds a name that is not part of a longer one. */
function hasWord(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!isPart(text[at - 1]) && !isPart(text[at + name.length])) return true
  // In quotes its own quotes are doubled.
  return name.includes('"') && text.includes(name.replaceAll('"', '""'))
}

function isPart(character: string | undefined): boolean {
  return (
    character !== undefined &&
    (character.toLowerCase() !== character.toUpperCase() || '_$0123456789'.includes(character))
  )
}
