// The connection to one API server: pinned TLS, the gateway's own credential, sockets that are kept.
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { upstreamSocketsMax } from './limits.ts'
import { StreamUpstream, type UpstreamAnswer } from './upstream-streams.ts'

/** How one cluster is reached. */
export interface UpstreamSettings {
  /** `https://host:port` with an optional path before the API. */
  readonly server: string
  readonly tls:
    | {
        readonly verify: boolean
        readonly ca?: string
        readonly serverName?: string
        readonly certificate?: string
        readonly key?: string
      }
    | undefined
  /** The gateway's own bearer token, asked for with every request; undefined when a certificate proves it. */
  readonly token: () => Promise<string | undefined>
  readonly connectMs: number
}

/** The upstream cannot be reached or broke the connection. The message is safe to show. */
export class UpstreamError extends Error {}

/** What is sent. */
export interface UpstreamRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string | string[]])[]
  readonly body: Uint8Array
  readonly signal: AbortSignal
  /** The bearer token, where it is not the gateway's own. */
  readonly token?: string
  /** True for a GET whose answer goes on and on: it shares a connection with others of its kind. */
  readonly watches?: boolean
}

/** An upgrade that the upstream agreed to. */
export interface Upgraded {
  readonly answer: IncomingMessage
  readonly socket: Duplex
  /** What came after the head. */
  readonly head: Buffer
}

/** One API server. */
export class KubernetesUpstream {
  readonly #settings: UpstreamSettings
  readonly #url: URL
  readonly #agent: HttpAgent | HttpsAgent
  readonly #upgradeAgent: HttpAgent | HttpsAgent
  readonly #prefix: string
  readonly #place: { readonly host: string; readonly port: number }
  readonly #streams: StreamUpstream | undefined
  #retired = false

  constructor(settings: UpstreamSettings) {
    this.#settings = settings
    this.#url = new URL(settings.server)
    this.#prefix = this.#url.pathname === '/' ? '' : this.#url.pathname.replace(/\/$/, '')
    this.#place = {
      host: this.#url.hostname.replace(/^\[|\]$/g, ''),
      port: this.#url.port === '' ? (this.#url.protocol === 'https:' ? 443 : 80) : Number(this.#url.port),
    }
    this.#streams =
      this.#url.protocol === 'https:'
        ? new StreamUpstream(
            this.#url,
            {
              ...this.#place,
              ...(isIP(this.#place.host) === 0 ? { servername: this.#place.host } : {}),
              ...tlsOf(settings.tls),
            },
            settings.connectMs,
          )
        : undefined
    this.#agent = agentOf(this.#url, settings.tls, true)
    // What an upgrade was asked on is never used for anything else, whatever became of it.
    this.#upgradeAgent = agentOf(this.#url, settings.tls, false)
  }

  /**
   * Sends a request whose answer may go on and on; once the head is there, its signal counts no more. Rejects with
   * UpstreamError.
   */
  async ask(wanted: UpstreamRequest): Promise<UpstreamAnswer> {
    const shared = wanted.watches === true ? await this.#watch(wanted) : undefined
    if (shared !== undefined) return shared
    const body = await this.send(wanted)
    const { statusCode = 502, headers, rawHeaders } = body
    return { statusCode, headers, rawHeaders, body, giveUp: () => void body.destroy() }
  }

  /** Sends a request; resolves with the answer, which ends when the signal is aborted. Rejects with UpstreamError. */
  async send(wanted: UpstreamRequest): Promise<IncomingMessage> {
    try {
      return await this.#once(wanted)
    } catch (error) {
      // A kept socket that the server closed meanwhile: nothing was read from it, and a GET may be sent again.
      if (
        error instanceof StaleSocket &&
        (wanted.method === 'GET' || wanted.method === 'HEAD') &&
        !wanted.signal.aborted
      )
        return this.#once(wanted)
      throw error
    }
  }

  /** Asks for an upgrade: the connection, or the answer of a server that did not agree. Rejects with UpstreamError. */
  async upgrade(wanted: UpstreamRequest): Promise<Upgraded | IncomingMessage> {
    const sent = await this.#request(wanted, this.#upgradeAgent)
    return new Promise((resolve, reject) => {
      sent.once('upgrade', (answer, socket, head) => resolve({ answer, socket, head }))
      sent.once('response', (answer) => resolve(heard(answer)))
      sent.on('error', (error) => reject(failure(error, sent)))
      sent.end()
    })
  }

  /** No more sockets are kept; requests that run come to their end. */
  retire(): void {
    this.#retired = true
    for (const sockets of Object.values(this.#agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy()
  }

  /** Closes every socket. */
  close(): void {
    this.#agent.destroy()
    this.#upgradeAgent.destroy()
    this.#streams?.close()
  }

  /** Asks over HTTP/2; undefined when the server does not speak it. */
  async #watch({ target, headers, signal, token: own }: UpstreamRequest): Promise<UpstreamAnswer | undefined> {
    if (this.#streams === undefined) return undefined
    const token = own ?? (await this.#token())
    const all = token === undefined ? headers : [...headers, ['Authorization', `Bearer ${token}`] as const]
    try {
      return await this.#streams.get({ path: this.#prefix + target, headers: all, signal })
    } catch (error) {
      throw new UpstreamError('the cluster cannot be reached', { cause: error })
    }
  }

  async #token(): Promise<string | undefined> {
    try {
      return await this.#settings.token()
    } catch (error) {
      throw new UpstreamError('the gateway has no credential for this cluster', { cause: error })
    }
  }

  async #once(wanted: UpstreamRequest): Promise<IncomingMessage> {
    const sent = await this.#request(wanted, this.#agent)
    return new Promise((resolve, reject) => {
      sent.once('response', (answer) => resolve(heard(answer)))
      sent.on('error', (error) => reject(failure(error, sent)))
      sent.end(wanted.body.length === 0 ? undefined : wanted.body)
    })
  }

  async #request(
    { method, target, headers, body, signal, token: own }: UpstreamRequest,
    agent: HttpAgent | HttpsAgent,
  ): Promise<ClientRequest> {
    const token = own ?? (await this.#token())
    const all: [string, string | string[]][] = headers.map(([name, value]) => [name, value])
    if (this.#retired && !headers.some(([name]) => name === 'Connection')) all.push(['Connection', 'close'])
    if (token !== undefined) all.push(['Authorization', `Bearer ${token}`])
    if (body.length > 0) all.push(['Content-Length', String(body.length)])
    const options = {
      ...this.#place,
      method,
      path: this.#prefix + target,
      headers: Object.fromEntries([['Host', this.#url.host], ...all]),
      agent,
      insecureHTTPParser: false,
    }
    const sent = this.#url.protocol === 'https:' ? requestHttps(options) : requestHttp(options)
    if (body.length === 0 && method !== 'GET' && method !== 'HEAD') sent.useChunkedEncodingByDefault = false
    this.#boundConnect(sent)
    giveUpOn(signal, sent)
    return sent
  }

  #boundConnect(sent: ClientRequest): void {
    sent.once('socket', (socket) => {
      if (!socket.connecting) return
      const timer = setTimeout(
        () => sent.destroy(new UpstreamError('the cluster does not answer')),
        this.#settings.connectMs,
      )
      const done = (): void => clearTimeout(timer)
      socket.once(this.#url.protocol === 'https:' ? 'secureConnect' : 'connect', done)
      socket.once('close', done)
    })
  }
}

/** An answer that is given up breaks off with an error, which is nobody's any more; whoever reads it hears it too. */
function heard(answer: IncomingMessage): IncomingMessage {
  answer.on('error', () => undefined)
  return answer
}

function agentOf(url: URL, tls: UpstreamSettings['tls'], keepAlive: boolean): HttpAgent | HttpsAgent {
  const kept = { keepAlive, maxSockets: upstreamSocketsMax, scheduling: 'lifo', timeout: 0 } as const
  const agent =
    url.protocol === 'https:'
      ? new HttpsAgent({ ...kept, ALPNProtocols: ['http/1.1'], ...tlsOf(tls) })
      : new HttpAgent(kept)
  // Every request of an agent here goes to the same server by the same keys, so there is nothing to tell apart: by itself
  // it would put host, authorities, certificate and key together for every request.
  agent.getName = () => url.host
  return agent
}

function tlsOf(tls: UpstreamSettings['tls']): ConnectionOptions {
  return {
    rejectUnauthorized: tls?.verify ?? true,
    minVersion: 'TLSv1.2',
    ...(tls?.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls?.key === undefined ? {} : { key: tls.key }),
  }
}

/** Given up before the answer began, a request fails; afterwards its answer ends. */
function giveUpOn(signal: AbortSignal, sent: ClientRequest): void {
  let giveUp = (): void => void sent.destroy(new UpstreamError('the cluster did not answer in time'))
  sent.once('response', (answer) => {
    giveUp = () => void answer.destroy()
  })
  if (signal.aborted) giveUp()
  else signal.addEventListener('abort', () => giveUp(), { once: true })
}

class StaleSocket extends UpstreamError {}

function failure(error: Error, sent: ClientRequest): UpstreamError {
  if (error instanceof UpstreamError) return error
  const code: unknown = Reflect.get(error, 'code')
  if (sent.reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE'))
    return new StaleSocket('the cluster closed the connection', { cause: error })
  return new UpstreamError('the cluster cannot be reached', { cause: error })
}
