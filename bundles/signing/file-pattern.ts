// Patterns of excluded files as Go's `filepath.Match` reads them: `*`, `?`, `[a-z]`, backslash; `*` stays in one segment.

/** True when the pattern matches the path, with or without a leading slash. A malformed pattern matches nothing. */
export function matchesFilePattern(pattern: string, path: string): boolean {
  return matches(pattern, path) || matches(pattern, `/${path}`)
}

/** Greedy matching with one remembered star: linear in practice and at most quadratic, without backtracking trees. */
function matches(pattern: string, text: string): boolean {
  let at = 0
  let shape = 0
  let starShape = -1
  let starAt = 0
  while (at < text.length) {
    const step = one(pattern, shape, text[at] ?? '')
    if (pattern[shape] === '*') {
      starShape = shape++
      starAt = at
    } else if (step > shape) {
      shape = step
      at++
    } else if (starShape >= 0 && text[starAt] !== '/') {
      shape = starShape + 1
      at = ++starAt
    } else return false
  }
  while (pattern[shape] === '*') shape++
  return shape === pattern.length
}

/** The position behind the pattern element at `shape` when it matches the character, else `shape` itself. */
function one(pattern: string, shape: number, character: string): number {
  switch (pattern[shape]) {
    case undefined:
      return shape
    case '?':
      return character === '/' ? shape : shape + 1
    case '\\':
      return pattern[shape + 1] === character ? shape + 2 : shape
    case '[':
      return character === '/' ? shape : characterClass(pattern, shape, character)
    default:
      return pattern[shape] === character ? shape + 1 : shape
  }
}

function characterClass(pattern: string, start: number, character: string): number {
  let at = start + 1
  const negated = pattern[at] === '^'
  if (negated) at++
  let found = false
  let first = true
  while (at < pattern.length && (pattern[at] !== ']' || first)) {
    first = false
    if (pattern[at] === '\\') at++
    const low = pattern[at++] ?? ''
    let high = low
    if (pattern[at] === '-' && pattern[at + 1] !== ']' && at + 1 < pattern.length) {
      at++
      if (pattern[at] === '\\') at++
      high = pattern[at++] ?? ''
    }
    if (low <= character && character <= high) found = true
  }
  return pattern[at] === ']' && found !== negated ? at + 1 : start
}
