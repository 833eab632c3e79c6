// Routes of an OpenAPI document (3.x): which template and operation a request is. Concrete paths go before templates, as
// the specification says; of two templates that fit alike, neither is named.
import { type Value, valueFromData } from '../../../rego/value/index.ts'
import type { HttpFacts } from './facts.ts'
import { segmentsMax } from './limits.ts'
import { memberOf, referred, withNullTypes } from './openapi-member.ts'
import { type OperationSchema, operationSchema } from './openapi-schema.ts'
import type { CanonicalRequest } from './request.ts'

/** What a request is in the words of its API's document. */
export interface Route {
  /** The path template, such as `/users/{id}`. */
  readonly template: string
  /** Empty when the document gives the operation no name. */
  readonly operationId: string
  /** In which ways a request is not what the document says of its operation. */
  readonly violations: (request: CanonicalRequest, body: HttpFacts['body']) => readonly string[]
}

/** The routes of one document. */
export interface RouteTable {
  /** The route of a request; undefined when the document has none, or two. */
  match(method: string, segments: readonly string[]): Route | undefined
  /**
   * Whether some servers take a request without a route for one of the document's operations: they look past the case of
   * letters or a slash at the end, or take a template where the document has the path itself, or another template.
   */
  isNear(method: string, segments: readonly string[]): boolean
}

/** The document cannot be used. */
export class OpenApiError extends Error {}

const pathsMax = 10_000
const methods: readonly string[] = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch']

interface Template {
  readonly template: string
  readonly parts: readonly Part[]
  /** From left to right, which segments are concrete: the more to the left, the earlier it is tried. */
  readonly rank: string
  readonly operations: ReadonlyMap<string, Operation>
}

interface Operation {
  readonly operationId: string
  readonly schema: OperationSchema
}

/** A segment: `before{name}after`, or text alone. */
interface Part {
  readonly before: string
  readonly after: string
  readonly isTemplate: boolean
  /** Of the one parameter in it; empty where there are several. */
  readonly name: string
}

/** Reads a document that was parsed from JSON or YAML. Throws OpenApiError. */
export function routeTable(given: unknown): RouteTable {
  const document = withNullTypes(given)
  const version: unknown = memberOf(document, 'openapi')
  if (typeof version !== 'string' || !/^3\.[0-9]+(\.|$)/.test(version))
    throw new OpenApiError('the document is not OpenAPI 3')
  const paths: unknown = memberOf(document, 'paths')
  if (typeof paths !== 'object' || paths === null) throw new OpenApiError('the document has no paths')
  const base = basePath(document)
  const root = rootOf(document)
  const entries = Object.entries(paths).filter(([path]) => path.startsWith('/'))
  if (entries.length > pathsMax) throw new OpenApiError(`the document has more than ${pathsMax} paths`)
  const byLength = new Map<number, Template[]>()
  for (const [path, item] of entries) {
    const parts = splitPath(base + path).map(partOf)
    if (parts.length > segmentsMax) throw new OpenApiError(`the path \`${path}\` has too many segments`)
    const rank = parts.map(({ isTemplate }) => (isTemplate ? '1' : '0')).join('')
    const template = { template: path, parts, rank, operations: operationsOf(document, root, item) }
    const same = byLength.get(parts.length)
    if (same === undefined) byLength.set(parts.length, [template])
    else same.push(template)
  }
  for (const all of byLength.values()) all.sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0))
  return {
    match: (method, segments) => matchIn(byLength.get(segments.length) ?? [], method, segments),
    isNear: (method, segments) => isNear(byLength, method, segments),
  }
}

function isNear(
  byLength: ReadonlyMap<number, readonly Template[]>,
  method: string,
  segments: readonly string[],
): boolean {
  const lower = segments.map((segment) => segment.toLowerCase())
  const other = lower.at(-1) === '' ? lower.slice(0, -1) : [...lower, '']
  return [lower, other].some((path) =>
    byLength
      .get(path.length)
      ?.some(
        ({ parts, operations }) =>
          operations.has(method) && parts.every((part, index) => fits(lowerPart(part), path[index] ?? '')),
      ),
  )
}

function lowerPart(part: Part): Part {
  return { ...part, before: part.before.toLowerCase(), after: part.after.toLowerCase() }
}

function matchIn(templates: readonly Template[], method: string, segments: readonly string[]): Route | undefined {
  const fitting = templates.filter(({ parts }) => parts.every((part, index) => fits(part, segments[index] ?? '')))
  const [first, second] = fitting
  if (first === undefined || (second !== undefined && second.rank === first.rank)) return undefined
  const operation = first.operations.get(method)
  if (operation === undefined) return undefined
  const { operationId, schema } = operation
  const path = valuesIn(first.parts, segments)
  return {
    template: first.template,
    operationId,
    violations: (request, body) => schema.violations({ request, body, path }),
  }
}

function fits({ before, after, isTemplate }: Part, segment: string): boolean {
  if (!isTemplate) return segment === before
  return segment.length > before.length + after.length && segment.startsWith(before) && segment.endsWith(after)
}

function partOf(text: string): Part {
  const open = text.indexOf('{')
  const close = text.indexOf('}', open)
  if (open < 0) return { before: text, after: '', isTemplate: false, name: '' }
  const name = text.indexOf('{', open + 1) < 0 ? text.slice(open + 1, close) : ''
  // Two parameters in one segment can be cut in several ways; what is between them does not matter for the route.
  return { before: text.slice(0, open), after: text.slice(text.lastIndexOf('}') + 1), isTemplate: close > open, name }
}

/** The values of the parameters in the path. */
function valuesIn(parts: readonly Part[], segments: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>()
  for (const [index, { before, after, isTemplate, name }] of parts.entries()) {
    const segment = segments[index] ?? ''
    if (isTemplate && name !== '') values.set(name, segment.slice(before.length, segment.length - after.length))
  }
  return values
}

function rootOf(document: unknown): Value {
  try {
    return valueFromData(document)
  } catch (error) {
    throw new OpenApiError('the document holds what JSON cannot', { cause: error })
  }
}

function operationsOf(document: unknown, root: Value, given: unknown): ReadonlyMap<string, Operation> {
  const item = referred(document, given)
  const operations = new Map<string, Operation>()
  for (const method of methods) {
    const operation: unknown = memberOf(item, method)
    if (typeof operation !== 'object' || operation === null) continue
    const id: unknown = memberOf(operation, 'operationId')
    const schema = operationSchema(document, root, item, operation)
    operations.set(method.toUpperCase(), { operationId: typeof id === 'string' ? id : '', schema })
  }
  return operations
}

/** The path of the first server, which stands before all paths. */
function basePath(document: unknown): string {
  const servers: unknown = memberOf(document, 'servers')
  const url: unknown = Array.isArray(servers) ? memberOf(servers[0], 'url') : undefined
  if (typeof url !== 'string' || url.includes('{')) return ''
  const path = url.replace(/^[a-z]+:\/\/[^/]*/i, '')
  return path.startsWith('/') ? path.replace(/\/$/, '') : ''
}

function splitPath(path: string): readonly string[] {
  return path.slice(1).split('/')
}
