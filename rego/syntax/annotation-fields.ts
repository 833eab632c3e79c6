// The fields of metadata blocks that have a form of their own: schemas, authors, related resources. A reader answers with
// what it read or with what is wrong.
import type { Annotations, Term } from './ast.ts'

/** How the text of a reference is read; the parser's own entry, given here because it stands on this file. */
export interface FieldReaders {
  term(text: string): Term | undefined
}

/** Who wrote something. */
export interface Author {
  readonly name: string
  readonly email: string
}

/** A page that says more. */
export interface RelatedResource {
  readonly ref: string
  readonly description: string
}

/** `- input.x: schema.name`, or the schema itself as a mapping. */
export function readSchema(item: unknown, readers: FieldReaders): Annotations['schemas'][number] | string {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return `yaml: cannot unmarshal \`${String(item)}\` into map[string]interface {}`
  const [pair] = Object.entries(item)
  const [path = '', schema]: readonly unknown[] = pair ?? []
  if (typeof path !== 'string' || !isReference(readers.term(path))) return 'invalid document reference'
  if (typeof schema === 'string')
    return isSchemaName(readers.term(schema)) ? { path, schema } : 'invalid schema reference'
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema))
    return `invalid schema declaration for path "${path}"`
  return { path, definition: schema }
}

function isReference(term: Term | undefined): boolean {
  if (term?.kind === 'var') return term.name === 'input' || term.name === 'data'
  return term?.kind === 'ref'
}

function isSchemaName(term: Term | undefined): boolean {
  const head = term?.kind === 'ref' ? term.head : term
  return head?.kind === 'var' && head.name === 'schema'
}

/** `Name <e@mail>`, or a mapping with `name` and `email`. */
export function readAuthor(item: unknown): Author | string {
  if (typeof item === 'string') return authorFromText(item)
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return 'invalid value type, must be string or map'
  const name = textOf(item, 'name')
  const email = textOf(item, 'email')
  return name === '' && email === '' ? "'name' and/or 'email' values required in object" : { name, email }
}

function authorFromText(text: string): Author | string {
  const words = text.split(/\s+/).filter((word) => word !== '')
  const last = words.at(-1)
  if (last === undefined) return 'author is an empty string'
  const email = last.length >= 2 && last.startsWith('<') && last.endsWith('>')
  return { name: (email ? words.slice(0, -1) : words).join(' '), email: email ? last.slice(1, -1) : '' }
}

/** An address, or a mapping with `ref` and `description`. */
export function readRelatedResource(item: unknown): RelatedResource | string {
  if (typeof item === 'string') {
    if (item === '') return 'ref URL may not be empty string'
    return addressMistake(item) ?? { ref: item, description: '' }
  }
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return 'invalid value type, must be string or map'
  const ref = textOf(item, 'ref')
  if (ref === '') return "'ref' value required in object"
  return addressMistake(ref) ?? { ref, description: textOf(item, 'description') }
}

/** What keeps a text from being an address, in the words of Go's reader of them. */
function addressMistake(text: string): string | undefined {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 32 || code === 127) return `parse ${JSON.stringify(text)}: net/url: invalid control character in URL`
  }
  const host = text.split('://')[1]?.split(/[/?#]/)[0]
  const port = host
    ?.split('@')
    .at(-1)
    ?.match(/^[^[\]:]*(:.*)$/)?.[1]
  if (port !== undefined && !/^:\d*$/.test(port))
    return `parse ${JSON.stringify(text)}: invalid port "${port}" after host`
  return undefined
}

function textOf(item: object, name: string): string {
  const value: unknown = Object.entries(item).find(([key]) => key === name)?.[1]
  return typeof value === 'string' ? value.trim() : ''
}
