// Names without a schema that several schemas of the path have a relation for. Between judging and running another session
// may drop or rename the one that was found, and the server would read the name as the next: such a name is written with
// its schema in what is forwarded, or the statement is not complete where that cannot be done.
import type { Relation } from '../catalog/types.ts'
import { number, type Tree, text } from '../parser/tree.ts'
import { sharedName } from './collector.ts'
import type { Context } from './context.ts'
import { quoted } from './identifiers.ts'
import { temporary } from './names.ts'

/** Notes that a name of the text has to stand for just this relation. */
export function pin(context: Context, range: Tree, relation: Relation): void {
  const name = text(range, 'relname')
  // The bodies of routines are what somebody wrote who knew by which path they are read.
  if (text(range, 'schemaname') !== '' || context.bodies.length > 0 || !context.names.isShared(name)) return
  const location = number(range, 'location')
  if (location > 0) context.facts.pins.set(location, relation.schema)
  else context.facts.incomplete(sharedName)
}

/**
 * The schema that stands before a name of the text. A temporary schema by its number may be another session's, which finds
 * something else under its names when what it has there is dropped or renamed.
 */
export function schemaGiven(context: Context, range: Tree): string {
  const schema = text(range, 'schemaname')
  if (schema.startsWith('pg_temp_') && context.bodies.length === 0)
    context.facts.incomplete('temporary objects of some session')
  return temporary(schema)
}

/** A text with schemas before the names at these bytes. */
export function withSchemas(text: string, pins: ReadonlyMap<number, string>): string {
  const bytes = Buffer.from(text)
  const places = [...pins].sort(([one], [other]) => one - other)
  let at = 0
  let changed = ''
  for (const [location, schema] of places) {
    changed += `${bytes.toString('utf8', at, location)}${quoted(schema)}.`
    at = location
  }
  return changed + bytes.toString('utf8', at)
}
