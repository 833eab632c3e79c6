// What a statement says beyond its kind, as short fixed phrases.
import { as, constantOf, contentOf, flag, list, noTree, type Tree, tagOf, text } from '../parser/tree.ts'

const marks: readonly (readonly [string, string])[] = [
  ['chain', 'and chain'],
  ['concurrent', 'concurrently'],
  ['if_not_exists', 'if not exists'],
  ['missing_ok', 'if exists'],
  ['replace', 'or replace'],
  ['restart_seqs', 'restart identity'],
]

/** The phrases of a statement that stand in its tree as marks. */
export function optionsOf(node: unknown): readonly string[] {
  const tag = tagOf(node)
  const tree = contentOf(node)
  const found = marks.flatMap(([field, phrase]) => (flag(tree, field) ? [phrase] : []))
  if (text(tree, 'behavior') === 'DROP_CASCADE') found.push('cascade')
  if (tag === 'RenameStmt') found.push('rename')
  if (isDefiner(tree)) found.push('security definer')
  for (const [name, value] of modesOf(tree))
    if (name === 'transaction_read_only') found.push(value === 'on' ? 'read only' : 'read write')
  return found
}

/** What BEGIN and SET TRANSACTION set, by the names of the settings. */
export function modesOf(tree: Tree): readonly (readonly [string, string])[] {
  const modes = [...list(tree, 'options'), ...list(tree, 'args')].map((one) => as(one, 'DefElem') ?? noTree)
  return modes.flatMap((mode) => {
    const name = text(mode, 'defname')
    if (!name.startsWith('transaction_')) return []
    const value = constantOf(mode['arg'])
    if (value === undefined) return []
    return [[name, typeof value === 'string' ? value : value === 0 ? 'off' : 'on'] as const]
  })
}

/** Of CREATE FUNCTION and ALTER FUNCTION. */
function isDefiner(tree: Tree): boolean {
  return [...list(tree, 'options'), ...list(tree, 'actions')]
    .map((one) => as(one, 'DefElem') ?? noTree)
    .some((one) => text(one, 'defname') === 'security' && flag(as(one['arg'], 'Boolean') ?? noTree, 'boolval'))
}
