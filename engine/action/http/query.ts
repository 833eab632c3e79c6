// The query of a target, and the same syntax in form bodies (application/x-www-form-urlencoded).
import { parametersMax } from './limits.ts'
import { type CharacterClass, decodePercent, isUnreserved } from './percent.ts'
import { HttpRefusal } from './refusal.ts'

/** A query as it is judged and as it is forwarded. */
export interface CanonicalQuery {
  /** All values of a name, in order. */
  readonly parameters: { readonly [name: string]: readonly string[] }
  /** Without the question mark; empty for no query. */
  readonly written: string
}

const noQuery: CanonicalQuery = { parameters: {}, written: '' }

/** Reads a query without its question mark. Throws HttpRefusal. */
export function canonicalQuery(raw: string): CanonicalQuery {
  if (raw === '') return noQuery
  const values = new Map<string, string[]>()
  const written: string[] = []
  const pairs = raw.split('&')
  if (pairs.length > parametersMax) throw new HttpRefusal('too_many_parameters', 'the query has too many parameters')
  for (const pair of pairs) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decodeParameter(equals < 0 ? pair : pair.slice(0, equals))
    const value = equals < 0 ? undefined : decodeParameter(pair.slice(equals + 1))
    if (name.text.includes('\0') || value?.text.includes('\0') === true)
      throw new HttpRefusal('query_nul', 'an escaped NUL in the query')
    written.push(value === undefined ? name.written : `${name.written}=${value.written}`)
    const known = values.get(name.text)
    if (known === undefined) values.set(name.text, [value?.text ?? ''])
    else known.push(value?.text ?? '')
  }
  return { parameters: Object.fromEntries(values), written: written.join('&') }
}

function decodeParameter(raw: string): { readonly text: string; readonly written: string } {
  return decodePercent(raw, parameterClass, true, refuseInQuery)
}

const parameterClass: CharacterClass = (code) => {
  if (isUnreserved(code) || "!$'()*+,:@/?[]=".includes(String.fromCharCode(code))) return 1
  return '"<>^`{|}\\'.includes(String.fromCharCode(code)) ? 2 : 0
}

function refuseInQuery(code: number): never {
  if (code === 35) throw new HttpRefusal('fragment', 'a fragment in the request target')
  // Some servers split parameters here, others do not.
  if (code === 59) throw new HttpRefusal('query_semicolon', '`;` in the query')
  throw new HttpRefusal('query_byte', 'the query has a character that must be escaped')
}
