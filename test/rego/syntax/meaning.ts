// A tree without places and without what only says how it was written.

const ignored: ReadonlySet<string> = new Set([
  'location',
  'written',
  'generatedBody',
  'generated',
  'annotations',
  'raw',
  'infix',
  'braces',
  'leftBraces',
  'rightBraces',
  'comments',
  'chained',
  'assign',
])

/** What a tree means. Every wildcard is one. */
export function meaning(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(meaning)
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).filter(([key, value]) => !ignored.has(key) && value !== undefined)
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === 'name' && typeof value === 'string' && value.startsWith('$') ? '_' : meaning(value),
    ]),
  )
}
