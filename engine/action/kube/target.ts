// A request target in origin form, read in one way or refused. What the API server, a load balancer or an aggregated
// server could read differently never gets to a policy.
import { parametersMax, segmentsMax, targetCharactersMax } from './limits.ts'

/** Why a target is refused; the message is safe to show. */
export class TargetError extends Error {
  readonly code: 'path' | 'query'
  constructor(code: 'path' | 'query', message: string) {
    super(message)
    this.code = code
  }
}

/** A target after one decoding. */
export interface Target {
  /** Decoded segments; the empty list is `/`. */
  readonly segments: readonly string[]
  readonly trailingSlash: boolean
  /** Decoded parameters in their order. */
  readonly query: readonly (readonly [string, string])[]
}

/** Parses a target. Throws TargetError for everything that has two readings. */
export function parseTarget(text: string): Target {
  if (text.length > targetCharactersMax) throw new TargetError('path', 'the request target is too long')
  if (!text.startsWith('/')) throw new TargetError('path', 'the request target is not a path')
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code <= 32 || code >= 127)
      throw new TargetError('path', 'the request target holds a raw control, space or non-ASCII character')
  }
  if (text.includes('#')) throw new TargetError('path', 'the request target holds a fragment')
  const mark = text.indexOf('?')
  const path = mark < 0 ? text : text.slice(0, mark)
  return { ...parsePath(path), query: mark < 0 ? [] : parseQuery(text.slice(mark + 1)) }
}

/** The path as it is forwarded: the segments, encoded again. */
export function printPath({ segments, trailingSlash }: Pick<Target, 'segments' | 'trailingSlash'>): string {
  let path = ''
  for (const segment of segments)
    path += isPlain(segment) ? `/${segment}` : `/${encodeURIComponent(segment).replaceAll('%3A', ':')}`
  return path === '' ? '/' : trailingSlash ? `${path}/` : path
}

/** The query as it is forwarded, without the mark; empty for none. */
export function printQuery(query: Target['query']): string {
  return query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&')
}

function parsePath(path: string): Pick<Target, 'segments' | 'trailingSlash'> {
  if (path === '/') return { segments: [], trailingSlash: true }
  const parts = path.slice(1).split('/')
  const trailingSlash = parts.at(-1) === ''
  if (trailingSlash) parts.pop()
  if (parts.length > segmentsMax) throw new TargetError('path', 'the path has too many segments')
  return { segments: parts.map(parseSegment), trailingSlash }
}

/** Whether a text is letters, digits, `-` and `.` alone, as nearly every segment is: it is written as it is read. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const lower = code | 32
    if ((lower < 97 || lower > 122) && (code < 48 || code > 57) && code !== 45 && code !== 46) return false
  }
  return text.length > 0
}

function parseSegment(raw: string): string {
  if (isPlain(raw) && raw !== '.' && raw !== '..') return raw
  if (raw === '') throw new TargetError('path', 'the path holds an empty segment')
  if (raw.includes(';') || raw.includes('\\')) throw new TargetError('path', 'the path holds a `;` or a backslash')
  const segment = decode(raw, 'path')
  if (segment === '.' || segment === '..') throw new TargetError('path', 'the path holds a dot segment')
  for (const mark of ['/', '\\', '%', ';', '?', '#']) {
    if (segment.includes(mark)) throw new TargetError('path', `the path holds an encoded \`${mark}\``)
  }
  return segment
}

function parseQuery(text: string): Target['query'] {
  if (text === '') return []
  const query: (readonly [string, string])[] = []
  for (const pair of text.split('&')) {
    // Go's parser drops a pair with a semicolon where others split at it.
    if (pair.includes(';')) throw new TargetError('query', 'the query holds a raw `;`')
    if (pair === '') throw new TargetError('query', 'the query holds an empty pair')
    const equals = pair.indexOf('=')
    const name = equals < 0 ? pair : pair.slice(0, equals)
    const value = equals < 0 ? '' : pair.slice(equals + 1)
    query.push([decode(name.replaceAll('+', ' '), 'query'), decode(value.replaceAll('+', ' '), 'query')])
    if (query.length > parametersMax) throw new TargetError('query', 'the query has too many parameters')
  }
  return query
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes percent escapes once; controls and what is no UTF-8 are refused. */
function decode(raw: string, code: 'path' | 'query'): string {
  if (!raw.includes('%')) return raw
  const bytes: number[] = []
  for (let at = 0; at < raw.length; at++) {
    if (raw[at] !== '%') {
      bytes.push(raw.charCodeAt(at))
      continue
    }
    const value = hexByte(raw, at + 1)
    if (value === undefined) throw new TargetError(code, 'the request target holds a broken escape')
    // A tab or a line break is honest in an argument of a command; nothing else below the space is, and none in a path.
    if (value === 127 || (value < 32 && (code === 'path' || (value !== 9 && value !== 10 && value !== 13))))
      throw new TargetError(code, 'the request target holds an encoded control character')
    bytes.push(value)
    at += 2
  }
  try {
    return utf8.decode(Uint8Array.from(bytes))
  } catch {
    throw new TargetError(code, 'the request target is not UTF-8')
  }
}

function hexByte(text: string, at: number): number | undefined {
  const high = hexDigit(text.charCodeAt(at))
  const low = hexDigit(text.charCodeAt(at + 1))
  return high === undefined || low === undefined ? undefined : high * 16 + low
}

function hexDigit(code: number): number | undefined {
  if (code >= 48 && code <= 57) return code - 48
  const lower = code | 32
  return lower >= 97 && lower <= 102 ? lower - 87 : undefined
}
