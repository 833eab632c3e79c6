// Which built-ins are written as operators, how tightly they bind, and which names may follow a point.

/** Operators that stand between their two operands, by the built-in's name. */
export const operators: ReadonlyMap<string, string> = new Map([
  ['assign', ':='],
  ['eq', '='],
  ['equal', '=='],
  ['neq', '!='],
  ['lt', '<'],
  ['gt', '>'],
  ['lte', '<='],
  ['gte', '>='],
  ['or', '|'],
  ['and', '&'],
  ['plus', '+'],
  ['minus', '-'],
  ['mul', '*'],
  ['div', '/'],
  ['rem', '%'],
])

const ranks: ReadonlyMap<string, number> = new Map([
  [':=', 0],
  ['=', 0],
  ['in', 1],
  ['==', 2],
  ['!=', 2],
  ['<', 2],
  ['>', 2],
  ['<=', 2],
  ['>=', 2],
  ['|', 3],
  ['&', 4],
  ['+', 5],
  ['-', 5],
  ['*', 6],
  ['/', 6],
  ['%', 6],
])

/** How tightly an operator binds; higher binds tighter. */
export function rankOf(operator: string): number {
  return ranks.get(operator) ?? 7
}

const keywords: ReadonlySet<string> = new Set([
  'not',
  'package',
  'import',
  'as',
  'default',
  'else',
  'with',
  'null',
  'true',
  'false',
  'some',
  'if',
  'contains',
  'in',
  'every',
])

/** True for words that v1 reads as keywords. */
export function isKeyword(word: string): boolean {
  return keywords.has(word)
}

/** True for texts that can be names. */
export function isName(text: string): boolean {
  if (text === '' || !isNameStart(text.charCodeAt(0))) return false
  for (let at = 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (!isNameStart(code) && !(code >= 48 && code <= 57)) return false
  }
  return true
}

function isNameStart(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95
}
