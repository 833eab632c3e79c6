// Types, named in casts and declarations or had by columns and arguments: what the server runs when a value becomes one.
// Domains run their checks, casts that somebody defined run their functions; unknown types make the facts incomplete.
import type { DataType, TypeRef } from '../catalog/types.ts'
import { typeDepthMax } from '../limits.ts'
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
  if (schema === '' && context.session.doubtful) context.facts.incomplete('search path not known')
  const type = context.names.type(schema, name) ?? arrayOf(context, schema, name)
  if (type !== undefined) {
    becomes(context, { schema: type.schema, name: type.name, array: false })
    return
  }
  // A relation's row type is a type too.
  const relation = context.names.relation(schema, name)
  if (relation === undefined) context.facts.missing('type', schema, name)
  else becomes(context, { schema: relation.schema, name: relation.name, array: false })
}

/** The server's own name for an array type: an underscore before that of its elements. */
function arrayOf(context: Context, schema: string, name: string): DataType | undefined {
  return name.startsWith('_') ? context.names.type(schema, name.slice(1)) : undefined
}

/** Notes what runs when a value becomes one of a type; `around` are those that it is a part of, or that were seen there. */
export function becomes(context: Context, type: TypeRef, depth = 0, around: Set<string> = new Set()): void {
  if (type.schema === 'pg_catalog' && context.names.catalog.casts.length === 0) return
  if (isSeen(context, type, depth, around)) return
  casts(context, type)
  const found = context.names.catalog.type(type.schema, type.name)
  if (found === undefined) {
    const row = context.names.catalog.relation(type.schema, type.name)
    for (const column of row?.columns ?? [])
      if (column.type.schema !== 'pg_catalog') becomes(context, column.type, depth + 1, around)
    return
  }
  if (found.foreign === true) context.facts.incomplete('type with code of its own')
  for (const check of found.checks ?? [])
    context.facts.include(context.walk.text(context, check, undefined, []).facts, [
      `${found.schema}.${found.name} check`,
    ])
  if (found.base !== undefined) becomes(context, found.base, depth + 1, around)
  // The bounds of a range become values of its subtype.
  if (found.kind === 'range' || found.kind === 'multirange')
    for (const { schema, name, domain } of context.names.catalog.checked)
      if (schema === found.schema && name === found.name)
        becomes(context, { ...domain, array: false }, depth + 1, around)
}

/** Whether a type was looked at already, or is nested too deeply to be. */
function isSeen(context: Context, type: TypeRef, depth: number, around: Set<string>): boolean {
  const key = `${type.schema}.${type.name}`
  if (around.has(key)) return true
  around.add(key)
  if (depth > typeDepthMax) context.facts.incomplete('types nested too deeply')
  return depth > typeDepthMax
}

/** Notes the casts that somebody defined of a type and of what its values are made of. */
export function castsWithin(context: Context, type: TypeRef, depth = 0, around: Set<string> = new Set()): void {
  if (isSeen(context, type, depth, around)) return
  casts(context, type)
  if (type.schema === 'pg_catalog') return
  const { catalog } = context.names
  const base = catalog.type(type.schema, type.name)?.base
  if (base !== undefined) castsWithin(context, base, depth + 1, around)
  const row = catalog.relation(type.schema, type.name)
  for (const column of row?.columns ?? []) castsWithin(context, column.type, depth + 1, around)
}

/** Notes the casts and orders that somebody defined for a type: they run wherever a value of it stands. */
export function casts(context: Context, type: TypeRef): void {
  const { catalog } = context.names
  // A cast between one of the server's types and another runs where the other stands.
  const isOwn = type.schema !== 'pg_catalog'
  const is = (one: TypeRef): boolean => one.schema === type.schema && one.name === type.name
  for (const cast of catalog.casts) {
    if (!is(cast.source) && !is(cast.target)) continue
    if (!isOwn && (cast.source.schema !== 'pg_catalog' || cast.target.schema !== 'pg_catalog')) continue
    const { schema, name } = cast.function
    const routines = catalog.routines(schema, name)
    if (routines.length === 0) context.facts.incomplete('unresolved function')
    for (const routine of routines) {
      const body = context.walk.routine(context, routine, 'function')
      const { definer, kind } = routine
      context.facts.call({ schema, name, kind, effects: body.facts.effects(), definer, via: [] })
      context.facts.include(body.facts, [`${schema}.${name}`])
    }
  }
}
