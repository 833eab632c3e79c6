// `schema.table.column`: what stands in the place of a table has the table's name and no schema, so references lose theirs.
import type { Site } from '../analyze/collector.ts'
import { as, child, isTree, list, number, stringOf, type Tree, text } from '../parser/tree.ts'
import type { Edit, Piece } from './edits.ts'
import { qualifierEnd } from './lexemes.ts'

/** The references of a statement to the relations that are replaced at these places; undefined where there are none. */
export function referenceEdit(statement: Buffer, tree: Tree, replaced: readonly Site[]): Edit | undefined {
  const bare = replaced.filter(({ aliased }) => !aliased)
  if (bare.length === 0) return undefined
  const found: Tree[] = []
  const ranges: Tree[] = []
  const names = new Set<string>()
  collect(tree, found, ranges, names)
  const pieces: Piece[] = []
  const changed = new Map<number, Tree>()
  for (const reference of found) {
    const [schema, table] = list(reference, 'fields').map(stringOf)
    const site = bare.find((one) => one.schema === schema && one.name === table)
    if (site === undefined || !isAlone(site, replaced, ranges, names)) continue
    const start = number(reference, 'location')
    const end = qualifierEnd(statement, start)
    if (end === start || changed.has(start)) continue
    pieces.push({ start, end, by: '', check: '' })
    changed.set(start, { ...reference, fields: list(reference, 'fields').slice(1) })
  }
  if (pieces.length === 0) return undefined
  return {
    pieces,
    whole: false,
    change: (node) => {
      const reference = as(node, 'ColumnRef')
      const other = reference === undefined ? undefined : changed.get(number(reference, 'location'))
      return other === undefined ? undefined : { ColumnRef: other }
    },
  }
}

/** Gathers references with a schema, relations that are named, and all names that are given. */
function collect(node: unknown, references: Tree[], ranges: Tree[], names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const part of node) collect(part, references, ranges, names)
    return
  }
  if (!isTree(node)) return
  for (const field in node) {
    const content = node[field]
    if (field === 'ColumnRef' && isTree(content)) {
      if (list(content, 'fields').length === 3) references.push(content)
      continue
    }
    // The relation of a write stands without its tag.
    if (isTree(content) && typeof content['relname'] === 'string') ranges.push(content)
    if (field === 'aliasname' || field === 'ctename') names.add(text(node, field))
    collect(content, references, ranges, names)
  }
}

/** Whether nothing else in the statement goes by the name of a relation: without a schema it must mean the same. */
function isAlone(
  { schema, name }: Site,
  replaced: readonly Site[],
  ranges: readonly Tree[],
  names: ReadonlySet<string>,
): boolean {
  const isSame = (range: Tree): boolean =>
    text(range, 'schemaname') === schema ||
    replaced.some((one) => one.location === number(range, 'location') && one.schema === schema)
  return (
    !names.has(name) &&
    ranges.every((range) => text(range, 'relname') !== name || child(range, 'alias') !== undefined || isSame(range))
  )
}
