// The policy as a decision point for others: OPA's REST data API over the entry points that the live policy was compiled
// for. A path is a list of names that is walked, never a text that is compiled (CVE-2025-46569).
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { PolicyHost } from '../../engine/evaluate/index.ts'
import type { AdminRoute } from './server.ts'

/** What the API is made of. */
export interface DataApiParts {
  /** The live policy; undefined while none is. */
  readonly policy: () => PolicyHost | undefined
  /** Entry points by their path, such as `sallyport/decision`. The first one also answers `POST /`. */
  readonly entrypoints: readonly string[]
  readonly newId: () => string
  /** Told of every decision that was given out. */
  readonly decided: (event: DataDecision) => void
}

/** A decision that was given out. */
export interface DataDecision {
  readonly decisionId: string
  readonly path: string
  readonly revision: string
  readonly input: unknown
  readonly result: unknown
}

const inputBytesMax: number = 1024 * 1024
const segmentsMax = 32

/** An answer other than a result, in OPA's form. */
class DataApiError extends Error {
  readonly status: number
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** The routes: `/v1/data`, `/v0/data`, `POST /`, `/health`. */
export function dataRoutes(parts: DataApiParts): AdminRoute {
  return (request, response, path) => {
    const handle = handlerOf(path)
    if (handle === undefined) return false
    handle(parts, request, path)
      .then(({ status, value, pretty }) => send(response, status, value, pretty))
      .catch((error: unknown) => sendError(response, error))
    return true
  }
}

interface Reply {
  readonly status: number
  /** Undefined for a body that is empty. */
  readonly value: unknown
  readonly pretty: boolean
}
type Handler = (parts: DataApiParts, request: IncomingMessage, path: string) => Promise<Reply>

function handlerOf(path: string): Handler | undefined {
  if (path === '/v1/data' || path.startsWith('/v1/data/')) return v1
  if (path.startsWith('/v0/data/')) return v0
  if (path === '/') return defaultDecision
  return path === '/health' ? health : undefined
}

const health: Handler = async ({ policy }, request) => {
  allowMethods(request, 'GET', 'HEAD')
  return policy() === undefined
    ? { status: 500, value: { error: 'no policy is live' }, pretty: false }
    : { status: 200, value: {}, pretty: false }
}

const v1: Handler = async (parts, request, path) => {
  allowMethods(request, 'GET', 'POST')
  const query = queryOf(request)
  const { input, isMissing } = request.method === 'GET' ? queryInput(query) : bodyInput(await bodyOf(request))
  const { result, decisionId, host } = evaluated(parts, segmentsOf(path.slice('/v1/data'.length)), input)
  const warning = {
    warning: { code: 'api_usage_warning', message: "'input' key missing from the request" },
  }
  return {
    status: 200,
    value: {
      ...(result === undefined ? {} : { result }),
      decision_id: decisionId,
      ...(isFlag(query, 'provenance') ? { provenance: { revision: host.revision, digest: host.digest } } : {}),
      ...(isMissing && request.method === 'POST' ? warning : {}),
    },
    pretty: isFlag(query, 'pretty'),
  }
}

const v0: Handler = async (parts, request, path) => {
  allowMethods(request, 'POST')
  const input = parsed(await bodyOf(request))
  return bare(evaluated(parts, segmentsOf(path.slice('/v0/data'.length)), input).result, queryOf(request))
}

const defaultDecision: Handler = async (parts, request) => {
  allowMethods(request, 'POST')
  const [first = ''] = parts.entrypoints
  return bare(evaluated(parts, first.split('/'), parsed(await bodyOf(request))).result, queryOf(request))
}

function bare(result: unknown, query: URLSearchParams): Reply {
  if (result === undefined) throw new DataApiError(404, 'undefined_document', 'document missing or undefined')
  return { status: 200, value: result, pretty: isFlag(query, 'pretty') }
}

function allowMethods(request: IncomingMessage, ...methods: readonly string[]): void {
  if (!methods.includes(request.method ?? ''))
    throw new DataApiError(405, 'invalid_operation', 'the document cannot be changed here')
}

/** Evaluates the entry point on the way to a path, and walks the rest of it in what came out. */
function evaluated(
  { policy, entrypoints, newId, decided }: DataApiParts,
  segments: readonly string[],
  input: unknown,
): { readonly result: unknown; readonly decisionId: string; readonly host: PolicyHost } {
  const host = policy()
  if (host === undefined) throw new DataApiError(500, 'internal_error', 'no policy is live')
  const decisionId = newId()
  let result: unknown
  for (const entrypoint of entrypoints) {
    const names = entrypoint.split('/')
    const shared = names.every((name, index) => index >= segments.length || segments[index] === name)
    if (!shared) continue
    let found: unknown
    try {
      found = host.evaluate(entrypoint, input)
    } catch {
      throw new DataApiError(500, 'internal_error', 'error(s) occurred while evaluating query')
    }
    if (segments.length >= names.length) {
      result = segments.slice(names.length).reduce(member, found)
      break
    }
    if (found !== undefined) result = withMember(result, names.slice(segments.length), found)
  }
  decided({ decisionId, path: segments.join('/'), revision: host.revision, input, result })
  return { result, decisionId, host }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,9})$/.test(name) ? value[Number(name)] : undefined
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}

/** A document of several entry points: `value` at `names` below `root`. */
function withMember(root: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value
  const below = member(root, name)
  return { ...(typeof root === 'object' && root !== null ? root : {}), [name]: withMember(below, rest, value) }
}

function segmentsOf(path: string): readonly string[] {
  const raw = path.split('/').filter((one) => one !== '')
  if (raw.length > segmentsMax) throw new DataApiError(400, 'invalid_parameter', 'the path has too many segments')
  try {
    return raw.map(decodeURIComponent)
  } catch {
    throw new DataApiError(400, 'invalid_parameter', 'the path cannot be decoded')
  }
}

function queryOf(request: IncomingMessage): URLSearchParams {
  const { url = '' } = request
  const mark = url.indexOf('?')
  return new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
}

function isFlag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name)
  return value === '' || value === 'true'
}

interface Input {
  readonly input: unknown
  readonly isMissing: boolean
}

function queryInput(query: URLSearchParams): Input {
  const all = query.getAll('input')
  if (all.length > 1) throw new DataApiError(400, 'invalid_parameter', 'input is there twice')
  const [text] = all
  return { input: text === undefined ? {} : parsed(text), isMissing: text === undefined }
}

function bodyInput(text: string): Input {
  const body = text.trim() === '' ? {} : parsed(text)
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new DataApiError(400, 'invalid_parameter', 'the body is no object')
  const isMissing = !Object.hasOwn(body, 'input')
  return { input: isMissing ? {} : Reflect.get(body, 'input'), isMissing }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new DataApiError(400, 'invalid_parameter', 'the input is not JSON')
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  const type = (request.headers['content-type'] ?? 'application/json').split(';', 1)[0]?.trim().toLowerCase() ?? ''
  // curl -d says a form where JSON is meant, and OPA reads it so.
  if (encoding !== 'identity' || !(type.endsWith('json') || type === 'application/x-www-form-urlencoded'))
    throw new DataApiError(400, 'invalid_parameter', 'the input is not JSON')
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const piece = Buffer.from(chunk)
    bytes += piece.length
    if (bytes > inputBytesMax) throw new DataApiError(400, 'invalid_parameter', 'the input is too large')
    chunks.push(piece)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function send(response: ServerResponse, status: number, value: unknown, pretty: boolean): void {
  const body = `${JSON.stringify(value, undefined, pretty ? 2 : undefined)}\n`
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body)
}

function sendError(response: ServerResponse, error: unknown): void {
  const known = error instanceof DataApiError
  const [status, code, message] = known
    ? [error.status, error.code, error.message]
    : [500, 'internal_error', 'the request failed']
  if (response.headersSent || response.destroyed) response.destroy()
  else {
    response.setHeader('connection', 'close')
    send(response, status, { code, message }, false)
  }
}
