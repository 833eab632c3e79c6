// Header fields, strictly: one line each, CRLF, a token that no server maps onto another, no folding.
import { WireError } from './error.ts'
import { headersMax } from './limits.ts'

/** One header field; the name in lower case. */
export type Field = readonly [name: string, value: string]

const cr = 13
const lf = 10
const space = 32
const tab = 9
const colon = 58

/**
 * Letters, digits and `-`: 1. Other token characters: 2; requests may not use them, because gateways below (CGI, WSGI,
 * PHP) map `_` and `.` onto `-`, so one server would see another header than the next.
 */
const nameClass: Uint8Array = classes((code) => {
  const character = String.fromCharCode(code)
  if (/[A-Za-z0-9-]/.test(character)) return 1
  return "!#$%&'*+.^_`|~".includes(character) ? 2 : 0
})

/** Visible ASCII, space and tab: 1. Bytes above 127, which have no agreed meaning: 2. */
const valueClass: Uint8Array = classes((code) => {
  if (code === tab || (code >= space && code < 127)) return 1
  return code >= 128 ? 2 : 0
})

function classes(of: (code: number) => number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, code) => of(code))
}

/**
 * Reads the fields of `text` (latin1) from `at` to its end. Every line ends with CRLF. `strict` is for requests: what
 * servers are known to read differently is refused; a response may carry other token characters and bytes above 127.
 */
export function parseFields(text: string, start: number, strict: boolean): Field[] {
  const fields: Field[] = []
  let at = start
  while (at < text.length) {
    if (fields.length >= headersMax) throw new WireError('too_many_headers', `more than ${headersMax} header fields`)
    const end = lineEnd(text, at)
    fields.push(parseField(text, at, end, strict))
    at = end + 2
  }
  return fields
}

/** Where the line that begins at `at` ends: the place of its CRLF. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\r', at)
  const bare = text.indexOf('\n', at)
  if (end < 0 || (bare >= 0 && bare < end)) throw new WireError('bare_lf', 'a line ends without CR')
  if (text.charCodeAt(end + 1) !== lf) throw new WireError('bare_cr', 'a CR stands without LF')
  return end
}

function parseField(text: string, start: number, end: number, strict: boolean): Field {
  const first = text.charCodeAt(start)
  if (first === space || first === tab) throw new WireError('obs_fold', 'a header line begins with white space')
  let at = start
  let upper = false
  for (; at < end; at++) {
    const code = text.charCodeAt(at)
    if (code === colon) break
    const kind = nameClass[code] ?? 0
    if (kind === 1 || (kind === 2 && !strict)) {
      upper ||= code >= 65 && code <= 90
      continue
    }
    if (code === space || code === tab)
      throw new WireError('space_before_colon', 'white space in or after a header name')
    if (code === 0) throw new WireError('nul', 'a NUL in a header')
    throw new WireError('header_name', 'a header name has a character that servers read differently')
  }
  if (at >= end) throw new WireError('no_colon', 'a header line has no colon')
  if (at === start) throw new WireError('header_name', 'a header has no name')
  const name = upper ? text.slice(start, at).toLowerCase() : text.slice(start, at)
  return [name, fieldValue(text, at + 1, end, strict)]
}

function fieldValue(text: string, start: number, end: number, strict: boolean): string {
  let from = start
  let to = end
  while (from < to && isBlank(text.charCodeAt(from))) from++
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    const kind = valueClass[code] ?? 0
    if (kind === 1 || (kind === 2 && !strict)) continue
    if (code === 0) throw new WireError('nul', 'a NUL in a header')
    if (code === cr) throw new WireError('bare_cr', 'a CR stands without LF')
    throw new WireError('header_value', 'a header value has a byte that is not visible ASCII')
  }
  return text.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === space || code === tab
}

/** The only value of a field that may stand once; undefined when it is not there. */
export function singleField(fields: readonly Field[], name: string): string | undefined {
  let value: string | undefined
  for (const [one, text] of fields) {
    if (one !== name) continue
    if (value !== undefined) throw new WireError('duplicate_header', `\`${name}\` is there twice`)
    value = text
  }
  return value
}
