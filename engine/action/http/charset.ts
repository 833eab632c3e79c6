// In which character set a body, or a part of one, is read.

const utf8Names: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii'])

/**
 * The character set that a content type names, in lower case; empty where it names none. Undefined where it names one more
 * than once or in pieces (RFC 2231): those who read it, some leniently, do not agree on which.
 */
export function charsetOf(contentType: string): string | undefined {
  const [, named, ...more] = contentType.toLowerCase().split('charset')
  if (named === undefined) return ''
  const [set = ''] = named.split(';', 1)
  const equals = set.indexOf('=')
  if (more.length > 0 || equals < 0 || set.slice(0, equals).trim() !== '') return undefined
  const text = set.slice(equals + 1).trim()
  const isQuoted = text.length > 1 && text.startsWith('"') && text.endsWith('"')
  // A name that is there and empty is none that anybody knows.
  return (isQuoted ? text.slice(1, -1) : text) || undefined
}

/** Whether all who read this content type take the bytes for UTF-8. */
export function isReadAsUtf8(contentType: string): boolean {
  const set = charsetOf(contentType)
  return set !== undefined && (set === '' || utf8Names.has(set))
}
