// How deep a YAML text nests, told before its nodes are made: making them recurses, and a stack that runs out in the
// midst of it can end the process instead of raising an error.
import { type CST, Parser } from 'yaml'

/** How deep the collections of a document may nest: a quarter of what the stack has been seen to bear. */
export const YAML_NESTING_MAX = 200

/** Whether a text nests deeper than documents may. */
export function nestsTooDeep(text: string): boolean {
  if (!canNest(text)) return false
  for (const token of new Parser().parse(text)) if (isTooDeep(token)) return true
  return false
}

/** Whether the text has as many signs that begin a collection as it takes to nest too deep. */
function canNest(text: string): boolean {
  let signs = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    // [ { - ? :
    if (code === 91 || code === 123 || code === 45 || code === 63 || code === 58) {
      if (++signs > YAML_NESTING_MAX) return true
    }
  }
  return false
}

function isTooDeep(root: CST.Token): boolean {
  const open: (readonly [token: CST.Token, depth: number])[] = [[root, 0]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, depth] = next
    if (depth > YAML_NESTING_MAX) return true
    if (token.type === 'document') {
      if (token.value !== undefined) open.push([token.value, depth])
    } else if ('items' in token) {
      for (const { key, value } of token.items) {
        if (key !== undefined && key !== null) open.push([key, depth + 1])
        if (value !== undefined) open.push([value, depth + 1])
      }
    }
  }
  return false
}
