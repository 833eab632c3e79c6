// What a session has named, when it runs: EXECUTE, FETCH and MOVE.
import { list, type Tree, text } from '../parser/tree.ts'
import { Collector, sharedName } from './collector.ts'
import type { Context } from './context.ts'
import { namesOf } from './names.ts'
import type { ReadStatement } from './statement.ts'
import { type Field, noScope } from './value.ts'

/** Reads the statement that stands behind a name. */
export type Read = (context: Context, tree: unknown) => ReadStatement

/** How what the arguments of EXECUTE do is told from what was prepared. */
export const argumentStep = 'argument of execute'

/** The types that parameters are declared to have: what is given becomes one. */
export function parameterTypes(context: Context, tree: Tree): void {
  for (const type of list(tree, 'argtypes'))
    context.walk.expression(
      context,
      { TypeCast: { arg: { A_Const: { isnull: true } }, typeName: inside(type) } },
      noScope,
    )
}

/** EXECUTE: what was prepared, read as names are now, and its arguments. Nothing else has been read of the statement. */
export function executed(context: Context, tree: Tree, read: Read): ReadStatement {
  const prepared = context.session.prepared(text(tree, 'name'))
  const pinned = new Map(context.facts.pins)
  const known = running(context, 'execute', prepared?.tree, read)
  // Its text is forwarded already.
  if (restore(context.facts, pinned)) context.facts.incomplete(sharedName)
  // The server reads the names anew when what they stand for has changed; what was forwarded then is not changed any more.
  if (prepared !== undefined && meaningOf(context.facts, known.outputs) !== prepared.meaning)
    context.facts.incomplete('names mean something else than when it was prepared')
  for (const type of prepared?.types ?? []) parameterTypes(context, { argtypes: [type] })
  const given = new Collector()
  for (const argument of list(tree, 'params')) context.walk.expression({ ...context, facts: given }, argument, noScope)
  for (const [location, schema] of given.pins) context.facts.pins.set(location, schema)
  given.pins.clear()
  context.facts.include(given, [argumentStep])
  return known
}

/** FETCH and MOVE: a cursor's names were read when it was declared. */
export function fetched(context: Context, kind: 'fetch' | 'move', tree: Tree, read: Read): ReadStatement {
  const cursor = context.session.cursor(text(tree, 'portalname'))
  if (cursor === undefined) return running(context, kind, undefined, read)
  const { session } = cursor
  const names = namesOf(session.catalog(context.shared), session.searchPath, session.role)
  const pinned = new Map(context.facts.pins)
  const known = running({ ...context, names, session }, kind, cursor.tree, read)
  restore(context.facts, pinned)
  return { ...known, after: context.session }
}

/** Takes back the places of another text; true where there were some. */
function restore({ pins }: Collector, before: ReadonlyMap<number, string>): boolean {
  const isMore = pins.size > before.size
  pins.clear()
  for (const [location, schema] of before) pins.set(location, schema)
  return isMore
}

function running(context: Context, kind: string, tree: unknown, read: Read): ReadStatement {
  if (tree === undefined) {
    context.facts.incomplete(`${kind} of what was not seen`)
    return { kind, verb: 'execute', outputs: [{ ...unknownField }], limit: null, after: context.session }
  }
  const { verb, outputs } = read(context, tree)
  return { kind, verb, outputs, limit: null, after: context.session }
}

const unknownField: Field = { sources: [], known: false, direct: false, name: '*' }

/** All that names of a statement were found to stand for; equal texts mean the same. */
export function meaningOf(facts: Collector, outputs: readonly Field[]): string {
  return JSON.stringify([
    [...facts.relations.values()].map(({ columns, ...touch }) => [touch, [...columns].sort()]),
    [...facts.functions.values()],
    outputs.map(({ name, sources, known, direct }) => [name, sources, known, direct]),
  ])
}

function inside(type: unknown): unknown {
  return typeof type === 'object' && type !== null && 'TypeName' in type ? type.TypeName : type
}
