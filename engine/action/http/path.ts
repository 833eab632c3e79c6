// One decoding of a path. Whatever two servers are known to read differently is refused by its name.
import { segmentsMax } from './limits.ts'
import { type CharacterClass, decodePercent, hexDigit, isUnreserved } from './percent.ts'
import { HttpRefusal } from './refusal.ts'

/** A path as it is judged and as it is forwarded. */
export interface CanonicalPath {
  /** Decoded once; `[""]` is the root, a last empty segment is a slash at the end. */
  readonly segments: readonly string[]
  readonly written: string
}

/** Segments that need no look: most of all traffic. */
const plainPath = /^(?:\/[A-Za-z0-9_~-][A-Za-z0-9_~.-]*)+\/?$/

/** Reads the path of a request target, without its query. Throws HttpRefusal. */
export function canonicalPath(raw: string): CanonicalPath {
  if (plainPath.test(raw)) return checkedCount(raw.slice(1).split('/'), raw)
  if (raw === '/') return { segments: [''], written: '/' }
  if (!raw.startsWith('/')) throw new HttpRefusal('path_byte', 'the path does not begin with a slash')
  const parts = raw.slice(1).split('/')
  const segments: string[] = []
  let written = ''
  for (const [index, part] of parts.entries()) {
    if (part === '') {
      if (index < parts.length - 1) throw new HttpRefusal('empty_segment', 'an empty segment in the path')
      segments.push('')
      written += '/'
      continue
    }
    const decoded = decodePercent(part, segmentClass, false, refuseInPath)
    checkSegment(decoded.text)
    segments.push(decoded.text)
    written += `/${decoded.written}`
  }
  return checkedCount(segments, written)
}

function checkedCount(segments: readonly string[], written: string): CanonicalPath {
  if (segments.length > segmentsMax) throw new HttpRefusal('too_many_segments', 'the path has too many segments')
  return { segments, written }
}

// `;` is left out of pchar: some servers cut parameters off before they look for dot segments, others never.
const segmentClass: CharacterClass = (code) => {
  if (isUnreserved(code) || "!$&'()*+,=:@".includes(String.fromCharCode(code))) return 1
  return '[]|'.includes(String.fromCharCode(code)) ? 2 : 0
}

function refuseInPath(code: number): never {
  switch (code) {
    case 35:
      throw new HttpRefusal('fragment', 'a fragment in the request target')
    case 59:
      throw new HttpRefusal('path_parameter', 'a parameter (`;`) in the path')
    case 92:
      throw new HttpRefusal('backslash', 'a backslash in the path')
    default:
      throw new HttpRefusal('path_byte', 'the path has a character that must be escaped')
  }
}

function checkSegment(text: string): void {
  let dots = true
  let ascii = true
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    dots &&= code === 46 || code === 32
    ascii &&= code < 128
    if (code === 0) throw new HttpRefusal('encoded_nul', 'an escaped NUL in the path')
    if (code < 32 || code === 127) throw new HttpRefusal('encoded_control', 'an escaped control in the path')
    if (code === 47) throw new HttpRefusal('encoded_slash', 'an escaped slash in the path')
    if (code === 92) throw new HttpRefusal('backslash', 'an escaped backslash in the path')
    if (code === 35 || code === 59 || code === 63)
      throw new HttpRefusal('encoded_delimiter', 'an escaped `;`, `?` or `#` in the path')
    if (code === 37 && isEscape(text, at)) throw new HttpRefusal('double_encoding', 'the path is escaped twice')
  }
  // Only dots and spaces: `.`, `..`, and what some file systems take for them.
  if (dots) throw new HttpRefusal('dot_segment', 'a dot segment in the path')
  if (!ascii) checkLookalike(text)
}

function isEscape(text: string, at: number): boolean {
  const next = text.charCodeAt(at + 1)
  if (next === 117 || next === 85) return hexDigit(text.charCodeAt(at + 2)) >= 0
  return hexDigit(next) >= 0 && hexDigit(text.charCodeAt(at + 2)) >= 0
}

/** Full-width slashes and the like, which servers with a "best fit" or NFKC step turn into the real ones. */
function checkLookalike(text: string): void {
  const folded = text.normalize('NFKC')
  const bad = folded.includes('/') || folded.includes('\\') || folded.includes('%') || folded.includes('\0')
  if (bad || [...text].some((one) => '\u2044\u2215\u29f8\u2216\u29f5\u29f9'.includes(one)) || onlyDots(folded))
    throw new HttpRefusal('lookalike', 'a character in the path that some servers take for another')
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 128 && code < 160) throw new HttpRefusal('encoded_control', 'an escaped control in the path')
  }
}

function onlyDots(text: string): boolean {
  return [...text].every((one) => one === '.' || one === ' ')
}
