// Which verb on which resource a request is: the API server's own rules (RequestInfo in k8s.io/apiserver), step by step,
// because its authorizer and its audit log read requests by them.
import { type Target, TargetError } from './target.ts'

/** What the API server would say a request is. */
export interface RequestInfo {
  readonly verb: string
  readonly resource_request: boolean
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly resource: string
  readonly subresource: string
  readonly name: string
  /** Segments after the subresource: the path of a `proxy` request. */
  readonly rest: readonly string[]
}

const methodVerbs: { readonly [method: string]: string } = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize'])
/** Subresources that open a stream; a GET of them (by WebSocket) creates one as a POST (by SPDY) does. */
const streams: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])

/** The methods that are judged at all. */
export const methods: readonly string[] = Object.keys(methodVerbs)

/** Reads method, path and query as the API server does. Throws TargetError where the server would find no meaning. */
export function requestInfo(method: string, { segments, query }: Target): RequestInfo {
  const [prefix = ''] = segments
  const groupless = prefix === 'api'
  if (segments.length < (groupless ? 3 : 4) || (!groupless && prefix !== 'apis')) return nonResource(method)
  const [group = '', version = ''] = groupless ? ['', segments[1]] : [segments[1], segments[2]]
  let parts = segments.slice(groupless ? 2 : 3)
  let verb = methodVerbs[method] ?? ''
  let special = ''
  if (parts[0] === 'proxy' || parts[0] === 'watch') {
    if (parts.length < 2) throw new TargetError('path', 'the path names no resource')
    special = parts[0]
    verb = special
    parts = parts.slice(1)
  }
  let namespace = ''
  if (parts[0] === 'namespaces' && parts.length > 1) {
    namespace = parts[1] ?? ''
    if (parts.length > 2 && !namespaceSubresources.has(parts[2] ?? '')) parts = parts.slice(2)
  }
  const [resource = '', name = ''] = parts
  const subresource = special === 'proxy' ? '' : (parts[2] ?? '')
  if (streams.has(subresource)) verb = 'create'
  if (name === '' && verb === 'get') verb = truthy(query, 'watch') ? 'watch' : 'list'
  if (name === '' && verb === 'delete') verb = 'deletecollection'
  const one = name === '' && (verb === 'list' || verb === 'watch') ? exactName(parameter(query, 'fieldSelector')) : name
  const rest = parts.slice(special === 'proxy' ? 2 : 3)
  return { verb, resource_request: true, group, version, namespace, resource, subresource, name: one, rest }
}

function nonResource(method: string): RequestInfo {
  return {
    verb: method.toLowerCase(),
    resource_request: false,
    group: '',
    version: '',
    namespace: '',
    resource: '',
    subresource: '',
    name: '',
    rest: [],
  }
}

/** The value of a parameter; the first one, of which callers made sure that there is no second. */
export function parameter(query: Target['query'], name: string): string {
  return query.find(([one]) => one === name)?.[1] ?? ''
}

/** A flag as the API server reads it: there and neither `false` nor `0`. */
export function truthy(query: Target['query'], name: string): boolean {
  const found = query.find(([one]) => one === name)
  return found !== undefined && !['false', '0'].includes(found[1].toLowerCase())
}

/** The name that a field selector pins, as the authorizer sees it; empty when it pins none. */
function exactName(selector: string): string {
  if (selector === '' || selector.includes('\\')) return ''
  for (const term of selector.split(',')) {
    const [field = '', ...values] = term.split('=')
    const value = values.length === 2 && values[0] === '' ? values[1] : values.length === 1 ? values[0] : undefined
    if (field !== 'metadata.name' || value === undefined || value === '') continue
    if (value !== '.' && value !== '..' && !value.includes('/') && !value.includes('%')) return value
  }
  return ''
}
