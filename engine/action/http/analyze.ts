// Facts of one request: from its canonical form and, where it was read whole, its body.
import { createHash } from 'node:crypto'
import { TextDecoder } from 'node:util'
import type { Action } from '../document.ts'
import { isReadAsUtf8 } from './charset.ts'
import type { HttpFacts, HttpJson } from './facts.ts'
import { documentIsElsewhere, graphqlOperations, isGraphqlPlace, lacksDocument, namesDocument } from './graphql.ts'
import { shownFields } from './headers.ts'
import { jsonOf } from './json-text.ts'
import { actionTextMax } from './limits.ts'
import { lookalike, member } from './members.ts'
import { verbOfMethod } from './methods.ts'
import { multipartParts } from './multipart.ts'
import type { RouteTable } from './openapi.ts'
import { canonicalQuery } from './query.ts'
import { HttpRefusal } from './refusal.ts'
import type { CanonicalRequest } from './request.ts'
import { callsOf } from './rpc.ts'

/** A body as it was read: whole, absent, or too large to be judged before it goes on. */
export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'whole'; readonly bytes: Uint8Array }
  | { readonly kind: 'stream'; readonly bytes: number }

/** Digests of the definitions of tools by their names. */
export type ToolDigests = ReadonlyMap<string, string>
const noTools: ToolDigests = new Map<string, string>()

/** What is known of the API that a request is for. */
export interface ApiKnowledge {
  /** Tools that it has listed. */
  readonly tools?: ToolDigests
  /** Routes of its OpenAPI document. */
  readonly routes?: RouteTable | undefined
}

/** The action of a request. */
export function httpAction(
  request: CanonicalRequest,
  body: RequestBody,
  api: ApiKnowledge = {},
): Omit<Action, 'digest'> {
  const encoding = request.fields.find(([name]) => name === 'content-encoding')?.[1] ?? 'identity'
  return actionOf(request, body, contentTypeOf(request), encoding, request.method, api)
}

/** The action of a message that a client sends on a WebSocket which `request` opened. */
export function messageAction(request: CanonicalRequest, isText: boolean, bytes: Uint8Array): Omit<Action, 'digest'> {
  const [first = 0] = bytes
  // Text messages have no type. What begins like JSON is read as JSON, and is incomplete when it is none.
  const type = !isText ? 'application/octet-stream' : first === 123 || first === 91 ? 'application/json' : 'text/plain'
  return actionOf(request, { kind: 'whole', bytes }, type, 'identity', 'message', {})
}

function actionOf(
  request: CanonicalRequest,
  body: RequestBody,
  contentType: string,
  encoding: string,
  operation: string,
  { tools = noTools, routes }: ApiKnowledge,
): Omit<Action, 'digest'> {
  const reasons: string[] = []
  const route = operation === 'message' ? undefined : routes?.match(request.method, request.path.segments)
  if (operation !== 'message' && route === undefined && routes?.isNear(request.method, request.path.segments) === true)
    reasons.push('some servers take the path for that of an operation of the API')
  const { read, text: written } = bodyFacts(body, contentType, encoding, reasons)
  const said = saidIn(read, written, reasons)
  const rpc = callsOf(said, tools, reasons)
  const graphql = [
    ...graphqlOperations(operation === 'message' ? payloadOf(said, reasons) : said, reasons),
    // GraphQL over GET, and by forms.
    ...queriesOf(request.query.parameters, reasons).flatMap((query) => graphqlOperations({ query }, reasons)),
    ...(read.kind === 'form' ? queriesOf(read.value, reasons) : []).flatMap((query) =>
      graphqlOperations({ query }, reasons),
    ),
    ...(read.kind === 'multipart' ? partsOf(read.value, reasons) : []).flatMap((one) =>
      graphqlOperations(one, reasons),
    ),
    ...(read.type === 'application/graphql' ? graphqlOperations({ query: read.value }, reasons) : []),
  ]
  if (operation === 'POST' && namesMethod(request.query.parameters, read))
    reasons.push('`_method` has some servers act on another method')
  if (documentIsElsewhere(request.query.parameters)) reasons.push('the GraphQL document is not in the request')
  const isMissing = namesDocument(request.query.parameters) || (operation === 'POST' && lacksDocument(said))
  if (operation !== 'message' && isGraphqlPlace(request.path.segments) && isMissing)
    reasons.push('a request to a GraphQL server has no document')
  const complete = reasons.length === 0
  const facts: HttpFacts = {
    method: request.method,
    scheme: request.scheme,
    authority: request.authority.written,
    path: request.path.segments,
    route: route?.template ?? '',
    operation_id: route?.operationId ?? '',
    ...(route === undefined ? {} : { violations: route.violations(request, read) }),
    query: request.query.parameters,
    headers: request.shown ?? shownFields(request.fields),
    upgrade: request.connection.websocket ? 'websocket' : '',
    body: read,
    graphql,
    rpc,
    complete,
    reasons,
  }
  const text = `${operation === 'message' ? 'message ' : ''}${request.method} ${request.target}`
  return {
    stage: 'request',
    verb: verbOf(operation, facts),
    operation: route === undefined || route.operationId === '' ? operation : route.operationId,
    text: text.length > actionTextMax ? text.slice(0, actionTextMax) : text,
    complete,
    http: facts,
  }
}

/** What a body says to a server that looks at the content and not at its type: JSON is JSON under any name. */
function saidIn({ kind, value }: HttpFacts['body'], written: string, reasons: string[]): HttpJson {
  if (kind !== 'text' && kind !== 'form') return value
  const text = written.startsWith('\ufeff') ? written.slice(1) : written
  if (!/^\s*[[{]/.test(text)) return value
  try {
    JSON.parse(text)
  } catch {
    return value
  }
  const read = jsonOf(text)
  if (read === undefined) reasons.push('the body was not understood')
  return read?.value ?? value
}

/** True where a query or a body has the name by which web frameworks take a POST for another method. */
function namesMethod(query: HttpFacts['query'], { kind, value }: HttpFacts['body']): boolean {
  if (Object.hasOwn(query, '_method')) return true
  return kind === 'multipart' && Array.isArray(value)
    ? value.some((part: HttpJson) => member(part, 'name') === '_method')
    : member(value, '_method') !== undefined
}

const graphqlNames: ReadonlySet<string> = new Set(['query', 'operations'])

/** Texts under the name `query`. Some servers find them under names that differ by case. */
function queriesOf(parameters: HttpJson, reasons: string[]): readonly string[] {
  const other = lookalike(parameters, graphqlNames)
  if (Array.isArray(other) && other.some((one) => typeof one === 'string' && one.includes('{')))
    reasons.push('a GraphQL document was not understood')
  const found = member(parameters, 'query')
  return Array.isArray(found) ? found.filter((one): one is string => typeof one === 'string') : []
}

/** Requests of GraphQL in the parts of a form: as fields of their own, and as JSON beside files that go with it. */
function partsOf(parts: HttpJson, reasons: string[]): readonly HttpJson[] {
  const requests: HttpJson[] = []
  for (const part of Array.isArray(parts) ? parts : []) {
    const name = member(part, 'name')
    const value = member(part, 'value')
    const isOther = typeof name === 'string' && !graphqlNames.has(name) && graphqlNames.has(name.toLowerCase())
    if (isOther && (typeof value !== 'string' || value.includes('{')))
      reasons.push('a GraphQL document was not understood')
    if (name === 'query') requests.push({ query: value ?? null })
    if (name !== 'operations' && name !== 'query') continue
    const read = name === 'operations' && typeof value === 'string' ? jsonOf(value) : undefined
    if (read !== undefined) requests.push(read.value)
    // A long text, or one that is sent as a file, is not among the facts.
    else if (typeof value !== 'string') reasons.push('a GraphQL document was not understood')
  }
  return requests
}

const payloadName: ReadonlySet<string> = new Set(['payload'])

/** GraphQL over WebSocket puts the request of `subscribe` and `start` into `payload`. */
function payloadOf(value: HttpJson, reasons: string[]): HttpJson {
  if (lookalike(value, payloadName) !== undefined) reasons.push('a GraphQL document was not understood')
  return member(value, 'payload') ?? value
}

/**
 * Everybody may write a query of GraphQL into a URL or a body that another API looks past, so it only makes reading of a
 * POST or a message where GraphQL is served.
 */
function verbOf(operation: string, { path, graphql, rpc }: HttpFacts): Action['verb'] {
  const verb = operation === 'message' ? 'write' : verbOfMethod(operation)
  if (graphql.some(({ type }) => type === 'mutation')) return verb === 'read' ? 'write' : verb
  const isQuery = graphql.length > 0 && rpc.length === 0 && isGraphqlPlace(path)
  return isQuery && (operation === 'POST' || operation === 'message') ? 'read' : verb
}

function contentTypeOf({ fields }: CanonicalRequest): string {
  return fields.find(([name]) => name === 'content-type')?.[1] ?? ''
}

/** Facts of a body, and its text where it is one. */
function bodyFacts(
  body: RequestBody,
  contentType: string,
  encoding: string,
  reasons: string[],
): { readonly read: HttpFacts['body']; readonly text: string } {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  const facts = (kind: HttpFacts['body']['kind'], value: HttpJson, bytes: number, complete: boolean, sha256 = '') => {
    if (!complete) reasons.push('the body was not understood')
    return { read: { kind, type, value, bytes, sha256, complete }, text }
  }
  let text = ''
  if (body.kind === 'none') return facts('none', null, 0, true)
  if (body.kind === 'stream') return facts('stream', null, body.bytes, false)
  const { bytes } = body
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  // Announced with a length of zero: there is nothing that could be read two ways.
  if (bytes.length === 0) return facts('none', null, 0, true, sha256)
  if (encoding.toLowerCase() !== 'identity') return facts('binary', null, bytes.length, false, sha256)
  if (type.startsWith('multipart/')) {
    const parts = multipartParts(contentType, bytes)
    return facts('multipart', parts ?? null, bytes.length, parts !== undefined, sha256)
  }
  // Read as another character set, the same bytes can say something else.
  if (!isReadAsUtf8(contentType)) return facts('binary', null, bytes.length, false, sha256)
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return facts('binary', null, bytes.length, false, sha256)
  }
  if (type === 'application/json' || type.endsWith('+json')) {
    const value = jsonOf(text)
    return value === undefined
      ? facts('json', null, bytes.length, false, sha256)
      : facts('json', value.value, bytes.length, true, sha256)
  }
  if (type === 'application/x-www-form-urlencoded') {
    try {
      return facts('form', canonicalQuery(text).parameters, bytes.length, true, sha256)
    } catch (error) {
      if (error instanceof HttpRefusal) return facts('form', null, bytes.length, false, sha256)
      throw error
    }
  }
  // Who looks at the content takes what has a NUL in every other place for UTF-16.
  if (type === 'text/plain' || type === 'application/graphql')
    return facts('text', text, bytes.length, !text.includes('\0'), sha256)
  return facts('binary', null, bytes.length, false, sha256)
}
