// Reads the JSON of a token, strictly: one value for each name. Two readers of `{"sub": "a", "sub": "b"}` may see two
// different people, so such a token is nobody's.

/** Names and brackets in one text. */
const depthMax = 64

/** The value of a JSON text; undefined where it is no JSON, names something twice, or nests too deep. */
export function readStrictJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return namesOnce(text) ? value : undefined
  } catch {
    return undefined
  }
}

/** True when no object of a well-formed JSON text has a name twice, however it is escaped. */
function namesOnce(text: string): boolean {
  /** The names of each open object; undefined for an array. */
  const open: (Set<string> | undefined)[] = []
  let nameNext = false
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '"') {
      const end = stringEnd(text, at)
      const names = open.at(-1)
      if (nameNext && names !== undefined) {
        const name = String(JSON.parse(text.slice(at, end + 1)))
        if (names.has(name)) return false
        names.add(name)
        nameNext = false
      }
      at = end
    } else if (char === '{' || char === '[') {
      if (open.length >= depthMax) return false
      open.push(char === '{' ? new Set() : undefined)
      nameNext = char === '{'
    } else if (char === '}' || char === ']') {
      open.pop()
      nameNext = false
    } else if (char === ',') nameNext = open.at(-1) !== undefined
  }
  return true
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
