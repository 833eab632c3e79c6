// In which character set a body, or a part of one, is read.

const utf8Names: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii'])

/**
 * Whether all who read this content type take the bytes for UTF-8: where it names a character set more than once, or in
 * pieces (RFC 2231), they do not agree on which.
 */
export function isReadAsUtf8(contentType: string): boolean {
  const [, named, ...more] = contentType.toLowerCase().split('charset')
  if (named === undefined) return true
  const [set = ''] = named.split(';', 1)
  const equals = set.indexOf('=')
  if (more.length > 0 || equals < 0 || set.slice(0, equals).trim() !== '') return false
  const text = set.slice(equals + 1).trim()
  const isQuoted = text.length > 1 && text.startsWith('"') && text.endsWith('"')
  return utf8Names.has(isQuoted ? text.slice(1, -1) : text)
}
