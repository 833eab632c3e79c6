// What a statement leaves behind beside its own effects: a function, a trigger or a body may have changed what names are
// read by, or what they name, and then later names are not known until the server was asked. INVARIANT: no later name is
// called known while a statement before it may have changed the search path or the catalog out of sight.
import type { Catalog } from '../catalog/catalog.ts'
import { contentOf, list, noTree, type Tree, tagOf } from '../parser/tree.ts'
import type { SqlSession } from '../session.ts'
import type { Collector } from './collector.ts'
import type { ReadStatement } from './statement.ts'

/** Settings that names are read by; `*` stands for one that is not known. */
const naming: ReadonlySet<string> = new Set(['search_path', 'role', 'session_authorization', '*'])

/** Statements that run functions of somebody: what is not understood of them may have changed the path. */
const running: ReadonlySet<string> = new Set([
  'call',
  'copy',
  'copy_program',
  'create_materialized_view',
  'create_table_as',
  'delete',
  'do',
  'execute',
  'explain',
  'fetch',
  'insert',
  'merge',
  'move',
  'prepared_transaction',
  'select',
  'select_into',
  'update',
])

/** Reasons why a statement is not complete that leave no room for code which defines something. */
const definesNothing: ReadonlySet<string> = new Set([
  'relation named at run time',
  'setting not known',
  'unresolved column',
])

/** What other languages do is up to them; out of a transaction it is there for all, as what other sessions define. */
const foreign: ReadonlySet<string> = new Set([...definesNothing, 'function with unknown effects'])

/** Verbs of the statements on which event triggers run. */
const triggering: ReadonlySet<string> = new Set(['define', 'grant', 'admin'])

/** What a statement is judged over: the snapshot that all share, and the one that the session sees. */
export interface Surroundings {
  readonly shared: Catalog
  readonly catalog: Catalog
}

/** The session after a statement, given what was read of it. */
export function aftermath(read: ReadStatement, node: unknown, facts: Collector, around: Surroundings): SqlSession {
  const fired = around.catalog.eventTriggers.length > 0 && triggering.has(read.verb)
  const named = fired ? read.after.withDoubt() : namesAfter(read, node, facts)
  return fired || mayDefine(read, facts) ? named.withUnseenChange(around.shared) : named
}

/** Whether code that is not seen runs, and may have made, changed or dropped what names mean. */
function mayDefine(read: ReadStatement, facts: Collector): boolean {
  if (!running.has(read.kind)) return false
  const without = read.after.inTransaction ? definesNothing : foreign
  return [...facts.reasons].some((reason) => !without.has(reason))
}

/** Whether a statement changes what names are read by while it runs: code of it that runs later reads others. */
export function changesNamesWithin(read: ReadStatement, node: unknown, facts: Collector): boolean {
  if (read.kind === 'set' || read.kind === 'reset') return false
  return facts.settings.some(({ name }) => naming.has(name)) && !isBareCall(node, facts)
}

function namesAfter(read: ReadStatement, node: unknown, facts: Collector): SqlSession {
  // SET and RESET say themselves what they leave.
  if (read.kind === 'set' || read.kind === 'reset') return read.after
  const changed = facts.settings.filter(({ name }) => naming.has(name))
  const [only] = changed
  if (only !== undefined) {
    const path =
      changed.length === 1 && only.name === 'search_path' && isBareCall(node, facts) ? pathOf(only.value) : undefined
    return path === undefined || facts.reasons.size > 0
      ? read.after.withDoubt()
      : read.after.withSearchPath(path, only.local)
  }
  const unseen = (facts.reasons.size > 0 && running.has(read.kind)) || setsWithin(facts)
  return unseen ? read.after.withDoubt() : read.after
}

/** A view, trigger or function behind the statement sets something, whatever it is. */
function setsWithin(facts: Collector): boolean {
  return [...facts.functions.values()].some(
    ({ schema, name, via }) => schema === 'pg_catalog' && name === 'set_config' && via.length > 0,
  )
}

/** `SELECT set_config(...)` and nothing else: it runs once, whatever the data are. */
function isBareCall(node: unknown, facts: Collector): boolean {
  const [called, ...others] = facts.functions.values()
  const isSetConfig = called?.schema === 'pg_catalog' && called.name === 'set_config' && called.via.length === 0
  if (tagOf(node) !== 'SelectStmt' || !isSetConfig || others.length > 0) return false
  const tree: Tree = contentOf(node)
  const [target, ...more] = list(tree, 'targetList')
  const allowed = new Set(['targetList', 'limitOption', 'op'])
  return (
    more.length === 0 &&
    Object.keys(tree).every((field) => allowed.has(field)) &&
    tagOf(contentOf(target ?? noTree)['val']) === 'FuncCall'
  )
}

/** The schemas of a search path given as text, where each of them is a plain name. */
function pathOf(text: string | null): readonly string[] | undefined {
  if (text === null) return undefined
  if (text.trim() === '') return []
  const names = text.split(',').map((name) => name.trim())
  return names.every(isPlainName) ? names : undefined
}

function isPlainName(name: string): boolean {
  if (name === '' || (name[0] ?? '') <= '9') return name === '$user'
  return [...name].every((character) => 'abcdefghijklmnopqrstuvwxyz0123456789_'.includes(character))
}
