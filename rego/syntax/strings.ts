// What stands between quotes, unescaped: JSON's escapes, and `\{` in template strings.
import type { Cursor } from './cursor.ts'
import type { Token } from './lexer.ts'

/** The value of a quoted string. Fails the parse when an escape is none of JSON's. */
export function unescapeString(cursor: Cursor, token: Token): string {
  const inner = token.text.slice(1, -1)
  if (!inner.includes('\\') && !hasControl(inner)) return inner
  return unescapeJson(cursor, inner, token)
}

/** Text of a template string between its expressions. */
export function unescapeTemplateText(cursor: Cursor, text: string, raw: boolean, token: Token): string {
  const braces = text.replaceAll('\\{', '{')
  return raw || !braces.includes('\\') ? braces : unescapeJson(cursor, braces, token)
}

function unescapeJson(cursor: Cursor, inner: string, token: Token): string {
  try {
    return String(JSON.parse(`"${inner.replaceAll('\t', '\\t')}"`))
  } catch {
    return cursor.fail(
      'illegal string escape sequence',
      token,
      'the escapes are \\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits; or use a raw string between backticks',
    )
  }
}

function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 32 && text[at] !== '\t') return true
  return false
}
