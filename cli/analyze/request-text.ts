// A request written as text: request line, headers, an empty line, body. `GET /path` alone is one too.

/** A request as its text says, nothing judged yet. */
export interface RequestText {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
}

/** Takes a text apart; undefined when it has no request line or a header line is none. */
export function parseRequestText(text: string): RequestText | undefined {
  const { head, body } = split(text)
  const [line = '', ...headerLines] = head.split('\n').map((one) => (one.endsWith('\r') ? one.slice(0, -1) : one))
  const [method = '', target, version, ...more] = line.split(' ')
  if (method === '' || target === undefined || more.length > 0) return undefined
  if (version !== undefined && !version.startsWith('HTTP/')) return undefined
  const headers: (readonly [string, string])[] = []
  for (const header of headerLines) {
    const colon = header.indexOf(':')
    if (colon < 1) return undefined
    headers.push([header.slice(0, colon), header.slice(colon + 1).trim()])
  }
  return { method, target, headers, body }
}

/** The head ends at the first empty line. */
function split(text: string): { readonly head: string; readonly body: string } {
  for (const end of ['\r\n\r\n', '\n\n']) {
    const at = text.indexOf(end)
    if (at >= 0) return { head: text.slice(0, at), body: text.slice(at + end.length) }
  }
  return { head: text.endsWith('\n') ? text.slice(0, -1) : text, body: '' }
}
