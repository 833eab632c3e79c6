// A parse tree as the grammar gives it: plain JSON, zero and false fields left out. These accessors narrow it.

/** One node without its tag, or any other object of the tree. */
export interface Tree {
  readonly [field: string]: unknown
}

/** Nothing, as a tree. */
export const noTree: Tree = Object.freeze({})

/** True for an object of the tree. */
export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The tag of a tagged node (`{ColumnRef: {...}}`), or the empty string. */
export function tagOf(node: unknown): string {
  if (!isTree(node)) return ''
  for (const tag in node) return tag
  return ''
}

/** What stands under the tag of a tagged node. */
export function contentOf(node: unknown): Tree {
  if (!isTree(node)) return noTree
  for (const tag in node) {
    const content = node[tag]
    return isTree(content) ? content : noTree
  }
  return noTree
}

/** The content of a tagged node when it has this tag. */
export function as(node: unknown, tag: string): Tree | undefined {
  if (!isTree(node)) return undefined
  const content = node[tag]
  return isTree(content) ? content : undefined
}

/** A field that is an object (typed fields have no tag). */
export function child(tree: Tree, field: string): Tree | undefined {
  const value = tree[field]
  return isTree(value) ? value : undefined
}

const empty: readonly unknown[] = Object.freeze([])

/** A field that is a list; absent is empty. */
export function list(tree: Tree, field: string): readonly unknown[] {
  const value = tree[field]
  return Array.isArray(value) ? value : empty
}

/** A field that is text; absent is empty. */
export function text(tree: Tree, field: string): string {
  const value = tree[field]
  return typeof value === 'string' ? value : ''
}

/** A field that is a number; absent is zero. */
export function number(tree: Tree, field: string): number {
  const value = tree[field]
  return typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : 0
}

/** A field that is a truth value; absent is false. */
export function flag(tree: Tree, field: string): boolean {
  return tree[field] === true
}

/** The text of a `String` node. */
export function stringOf(node: unknown): string | undefined {
  const content = as(node, 'String')
  return content === undefined ? undefined : text(content, 'sval')
}

/** The texts of a list of `String` nodes; undefined when something else is among them. */
export function namesOf(nodes: readonly unknown[]): string[] | undefined {
  const names: string[] = []
  for (const node of nodes) {
    const name = stringOf(node)
    if (name === undefined) return undefined
    names.push(name)
  }
  return names
}

let asked: Set<number> | undefined

/** Runs `work`, and gives the places of the constants whose value it asked for. */
export function askedConstants(work: () => void): ReadonlySet<number> {
  const before = asked
  const own = new Set<number>()
  asked = own
  try {
    work()
  } finally {
    asked = before
  }
  return own
}

/** The constant a node stands for, casts of string constants included; undefined when it is none. */
export function constantOf(node: unknown): string | number | boolean | null | undefined {
  const cast = as(node, 'TypeCast')
  if (cast !== undefined) {
    const inner = constantOf(cast['arg'])
    return typeof inner === 'string' || inner === null ? inner : undefined
  }
  const constant = as(node, 'A_Const')
  if (constant === undefined) return undefined
  asked?.add(number(constant, 'location'))
  if (flag(constant, 'isnull')) return null
  const integer = child(constant, 'ival')
  if (integer !== undefined) return number(integer, 'ival')
  const float = child(constant, 'fval')
  if (float !== undefined) return text(float, 'fval')
  const truth = child(constant, 'boolval')
  if (truth !== undefined) return flag(truth, 'boolval')
  const string = child(constant, 'sval')
  if (string !== undefined) return text(string, 'sval')
  const bits = child(constant, 'bsval')
  if (bits !== undefined) return text(bits, 'bsval')
  return undefined
}
