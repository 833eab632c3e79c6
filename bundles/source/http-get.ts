// One bounded HTTP GET: deadlines for the head, for every silence and for the whole, TLS by configuration. A few redirects
// are followed, as registries and stores of releases give them; credentials stay with the server that they are for.
import { type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'

/** TLS towards a server, PEM texts. */
export interface ClientTls {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** What to ask for. */
export interface GetRequest {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly tls?: ClientTls
  /** Until the head of the response is there. Long polls add their wait. */
  readonly headTimeoutMs: number
  /** Until the next bytes of the body. */
  readonly idleTimeoutMs: number
  /** Until the whole of the body is there: a server that sends a byte now and then is as good as one that is away. */
  readonly bodyTimeoutMs?: number
  readonly signal: AbortSignal
}

/** The head of a response, and its body as it comes. */
export interface GetResponse {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: AsyncIterable<Uint8Array>
  /** Lets go of a body nobody reads. */
  discard(): void
}

/** A request that got no usable answer. The message holds no header and no query string. */
export class GetError extends Error {
  readonly code:
    | 'bad_url'
    | 'connect'
    | 'head_timeout'
    | 'idle_timeout'
    | 'body_timeout'
    | 'bad_redirect'
    | 'aborted'
    | 'cut'
  constructor(code: GetError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'GetError'
    this.code = code
  }
}

const headerBytesMax = 32 * 1024

/** In which the largest archive that is taken comes over a line of 2 Mbit/s. */
const defaultBodyTimeoutMs = 600_000

/** As many as lead from a registry to where its layers lie, and some. */
const redirectsMax = 5
const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** What a request may say to a server that it was sent on to: all else may be a credential. */
const plainHeaderNames: ReadonlySet<string> = new Set(['accept', 'if-none-match', 'prefer'])

/** Sends the request and answers when the head of the response is there, following redirects. */
export async function httpGet(get: GetRequest): Promise<GetResponse> {
  let asked = get
  for (let redirects = 0; ; redirects++) {
    const response = await getOnce(asked)
    const { location } = response.headers
    if (!redirectStatuses.has(response.status) || location === undefined) return response
    response.discard()
    if (redirects === redirectsMax) throw new GetError('bad_redirect', 'the source was sent on too often')
    asked = sentOn(asked, location)
  }
}

/** The request as it goes to where a server sent it. */
function sentOn(get: GetRequest, location: string): GetRequest {
  const from = parseUrl(get.url)
  let to: URL
  try {
    to = new URL(location, from)
  } catch (cause) {
    throw new GetError('bad_redirect', 'the source was sent on to what is no URL', { cause })
  }
  if (to.protocol !== 'https:' && (to.protocol !== 'http:' || from.protocol === 'https:'))
    throw new GetError('bad_redirect', 'the source was sent on to where nothing is encrypted')
  if (to.origin === from.origin) return { ...get, url: to.href }
  const headers = Object.entries(get.headers).filter(([name]) => plainHeaderNames.has(name.toLowerCase()))
  return {
    ...get,
    url: to.href,
    headers: Object.fromEntries(headers),
    tls: get.tls?.ca === undefined ? {} : { ca: get.tls.ca },
  }
}

function getOnce(get: GetRequest): Promise<GetResponse> {
  const url = parseUrl(get.url)
  const options: RequestOptions = {
    method: 'GET',
    headers: { ...get.headers },
    maxHeaderSize: headerBytesMax,
    signal: get.signal,
    ...(url.protocol === 'https:' ? { ...get.tls } : {}),
  }
  return new Promise((resolve, reject) => {
    const where = `${url.protocol}//${url.host}${url.pathname}`
    const request = url.protocol === 'https:' ? requestHttps(url, options) : requestHttp(url, options)
    const timer = setTimeout(() => {
      request.destroy(new GetError('head_timeout', `${where} did not answer within ${get.headTimeoutMs} ms`))
    }, get.headTimeoutMs)
    request.on('error', (cause) => {
      clearTimeout(timer)
      if (cause instanceof GetError) reject(cause)
      else if (get.signal.aborted) reject(new GetError('aborted', `the request to ${where} was given up`))
      else reject(new GetError('connect', `${where} cannot be reached`, { cause }))
    })
    request.on('response', (response) => {
      clearTimeout(timer)
      resolve({
        status: response.statusCode ?? 0,
        headers: plainHeaders(response),
        body: bodyOf(response, where, get),
        discard: () => response.destroy(),
      })
    })
    request.end()
  })
}

function parseUrl(text: string): URL {
  let url: URL
  try {
    url = new URL(text)
  } catch (cause) {
    throw new GetError('bad_url', 'the address of the source is no URL', { cause })
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new GetError('bad_url', 'the address of the source is neither http nor https')
  return url
}

function plainHeaders(response: IncomingMessage): { readonly [name: string]: string } {
  const headers: { [name: string]: string } = {}
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return headers
}

async function* bodyOf(
  response: IncomingMessage,
  where: string,
  { idleTimeoutMs, bodyTimeoutMs = defaultBodyTimeoutMs }: GetRequest,
): AsyncIterable<Uint8Array> {
  const whole = setTimeout(
    () => response.destroy(new GetError('body_timeout', `${where} was not done sending after ${bodyTimeoutMs} ms`)),
    bodyTimeoutMs,
  )
  const silent = () => response.destroy(new GetError('idle_timeout', `${where} sent nothing for ${idleTimeoutMs} ms`))
  let timer = setTimeout(silent, idleTimeoutMs)
  try {
    for await (const chunk of response) {
      clearTimeout(timer)
      yield chunk
      timer = setTimeout(silent, idleTimeoutMs)
    }
    if (!response.complete) throw new GetError('cut', `${where} ended its answer too early`)
  } catch (cause) {
    if (cause instanceof GetError) throw cause
    throw new GetError('cut', `${where} broke off its answer`, { cause })
  } finally {
    clearTimeout(timer)
    clearTimeout(whole)
    response.destroy()
  }
}
