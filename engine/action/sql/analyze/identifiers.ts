// Names given as text (`'app."Orders"'::regclass`), read as the server reads them.

/** The parts of a possibly qualified name, folded and unquoted; undefined when the text is no name. */
export function identifiers(text: string): string[] | undefined {
  const parts: string[] = []
  let at = 0
  const skip = (): void => {
    while (at < text.length && /[ \t\n\r\f\v]/.test(text.charAt(at))) at++
  }
  for (;;) {
    skip()
    let part = ''
    if (text.charAt(at) === '"') {
      at++
      for (;;) {
        const end = text.indexOf('"', at)
        if (end < 0) return undefined
        part += text.slice(at, end)
        at = end + 1
        if (text.charAt(at) !== '"') break
        part += '"'
        at++
      }
    } else {
      const start = at
      while (at < text.length && /[A-Za-z0-9_$]|[^\u0000-\u007f]/.test(text.charAt(at))) at++
      if (at === start) return undefined
      part = text.slice(start, at).replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    }
    parts.push(part)
    skip()
    if (at >= text.length) return parts
    if (text.charAt(at) !== '.') return undefined
    at++
  }
}

/** An identifier as SQL text that always means just it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
