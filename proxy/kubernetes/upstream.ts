// One API server: pinned TLS, the gateway's own credential. Requests go over connections of HTTP/1.1 that are kept, watches
// over shared ones of HTTP/2, and what asks for an upgrade over one of its own.
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { encodeFields, type Field } from '../http1/index.ts'
import { upstreamSocketsMax, upstreamWaitingMax } from './limits.ts'
import { Asking, StaleSocket, streamOf, type UpstreamAnswer, UpstreamError } from './upstream-answer.ts'
import type { Asked } from './upstream-connection.ts'
import { UpstreamConnections } from './upstream-connections.ts'
import { type Shared, Shares } from './upstream-shares.ts'
import { StreamUpstream } from './upstream-streams.ts'

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

/** What is sent. */
export interface UpstreamRequest {
  readonly method: string
  readonly target: string
  readonly headers: readonly (readonly [string, string | string[]])[]
  readonly body: Uint8Array
  /** The bearer token, where it is not the gateway's own. */
  readonly token?: string
  /** Whose share of the connections it is of; absent for what is the gateway's own. */
  readonly client?: string
}

/** A request that may be given up. */
export interface BoundRequest extends UpstreamRequest {
  readonly signal: AbortSignal
}

/** A request of a client's. */
export interface AskedRequest extends UpstreamRequest {
  readonly asking: Asking
  /** True for a GET whose answer goes on and on: it shares a connection with others of its kind. */
  readonly watches: boolean
  /** Somebody reads the answer as it comes. */
  readonly isFollowed: boolean
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
  readonly #upgradeAgent: HttpAgent | HttpsAgent
  readonly #upgrades = new Shares(upstreamSocketsMax, upstreamWaitingMax)
  readonly #prefix: string
  readonly #place: { readonly host: string; readonly port: number }
  readonly #connections: UpstreamConnections
  readonly #streams: StreamUpstream | undefined
  #retired = false
  /** The lines of headers that were sent before, as long as they are kept by whoever sends them. */
  readonly #known = new WeakMap<
    UpstreamRequest['headers'],
    { readonly token: string | undefined; readonly isRetired: boolean; readonly lines: string }
  >()

  constructor(settings: UpstreamSettings) {
    this.#settings = settings
    const { connectMs } = settings
    this.#url = new URL(settings.server)
    const isEncrypted = this.#url.protocol === 'https:'
    this.#prefix = this.#url.pathname === '/' ? '' : this.#url.pathname.replace(/\/$/, '')
    this.#place = {
      host: this.#url.hostname.replace(/^\[|\]$/g, ''),
      port: this.#url.port === '' ? (isEncrypted ? 443 : 80) : Number(this.#url.port),
    }
    const { host } = this.#place
    const tls = isEncrypted ? { ...(isIP(host) === 0 ? { servername: host } : {}), ...tlsOf(settings.tls) } : undefined
    this.#streams = tls === undefined ? undefined : new StreamUpstream(this.#url, { ...this.#place, ...tls }, connectMs)
    this.#connections = new UpstreamConnections({ ...this.#place, tls, connectMs })
    // What an upgrade was asked on is never used for anything else, whatever became of it.
    this.#upgradeAgent = agentOf(this.#url, settings.tls)
  }

  /** Sends a request; `asked` is told what is answered, or why nothing is. Never throws. */
  ask(wanted: AskedRequest, asked: Asked): void {
    if (wanted.watches && this.#streams !== undefined) {
      this.#watch(wanted, this.#streams).then(
        (answer) => (answer === undefined ? this.#send(wanted, asked) : asked.answered(answer)),
        (error: unknown) => asked.failed(unreachable(error)),
      )
    } else this.#send(wanted, asked)
  }

  /** Sends a request of the gateway's own; its answer ends when the signal is aborted. Rejects with UpstreamError. */
  async send(wanted: BoundRequest): Promise<Readable & { readonly statusCode: number }> {
    const { signal } = wanted
    const asking = new Asking()
    const giveUp = (): void => asking.giveUp()
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    const answer = await new Promise<UpstreamAnswer>((answered, failed) => {
      this.ask({ ...wanted, asking, watches: false, isFollowed: false }, { answered, failed })
    })
    asking.whenGivenUp(() => answer.giveUp())
    return Object.assign(streamOf(answer.body), { statusCode: answer.statusCode })
  }

  /** Asks for an upgrade: the connection, or the answer of a server that did not agree. Rejects with UpstreamError. */
  async upgrade(wanted: BoundRequest): Promise<Upgraded | IncomingMessage> {
    const shared = await this.#upgradeShare(wanted)
    const sent = await this.#request(wanted).catch((error: unknown) => {
      shared.giveBack()
      throw error
    })
    // Each has a connection of its own, for as long as that lasts.
    sent.once('socket', (socket) => socket.once('close', () => shared.giveBack()))
    sent.once('error', () => shared.giveBack())
    return new Promise((resolve, reject) => {
      sent.once('upgrade', (answer, socket, head) => resolve({ answer, socket, head }))
      sent.once('response', (answer) => resolve(heard(answer)))
      sent.on('error', (error) => reject(unreachable(error)))
      sent.end()
    })
  }

  /** A part of the connections that were upgraded, as soon as there is one. Rejects with UpstreamError. */
  #upgradeShare({ client = '', signal }: BoundRequest): Promise<Shared> {
    return new Promise((resolve, reject) => {
      let isBegun = false
      const giveUp = (): void => {
        shared?.giveBack()
        reject(new UpstreamError('the cluster did not answer in time'))
      }
      const shared = this.#upgrades.ask(client, (begun) => {
        isBegun = true
        signal.removeEventListener('abort', giveUp)
        resolve(begun)
      })
      if (shared === undefined) reject(new UpstreamError('too many requests wait for the cluster'))
      else if (!isBegun && signal.aborted) giveUp()
      else if (!isBegun) signal.addEventListener('abort', giveUp, { once: true })
    })
  }

  /** No more sockets are kept; requests that run come to their end. */
  retire(): void {
    this.#retired = true
    this.#connections.retire()
  }

  /** Closes every socket. */
  close(): void {
    this.#connections.close()
    this.#upgradeAgent.destroy()
    this.#streams?.close()
  }

  /** Asks over HTTP/2; undefined when the server does not speak it. */
  async #watch(
    { target, headers, asking, token: own }: AskedRequest,
    streams: StreamUpstream,
  ): Promise<UpstreamAnswer | undefined> {
    const token = own ?? (await this.#token())
    const all = token === undefined ? headers : [...headers, ['Authorization', `Bearer ${token}`] as const]
    const given = new AbortController()
    asking.whenGivenUp(() => given.abort())
    try {
      return await streams.get({ path: this.#prefix + target, headers: all, signal: given.signal })
    } finally {
      asking.whenGivenUp(undefined)
    }
  }

  async #token(): Promise<string | undefined> {
    try {
      return await this.#settings.token()
    } catch (error) {
      throw new UpstreamError('the gateway has no credential for this cluster', { cause: error })
    }
  }

  #send(wanted: AskedRequest, asked: Asked): void {
    if (wanted.token !== undefined) this.#write(wanted, wanted.token, asked, true)
    else
      this.#token().then(
        (token) => this.#write(wanted, token, asked, true),
        (error: unknown) => asked.failed(unreachable(error)),
      )
  }

  #write(wanted: AskedRequest, token: string | undefined, asked: Asked, mayRepeat: boolean): void {
    const { asking, method, target, body, isFollowed } = wanted
    const place = this.#prefix + target
    let lines: string
    try {
      if (!isVisible(place)) throw new UpstreamError('the request has a target that cannot be written')
      lines = this.#lines(wanted, token)
    } catch (error) {
      asked.failed(unreachable(error))
      return
    }
    let isOver = false
    const over = (): boolean => {
      const wasOver = isOver
      isOver = true
      if (!wasOver) asking.whenGivenUp(undefined)
      return wasOver
    }
    const giveUp = this.#connections.ask(
      wanted.client ?? '',
      { method, target: place, lines, body, isFollowed },
      {
        answered: (answer) => {
          if (over()) answer.giveUp()
          else asked.answered(answer)
        },
        failed: (error) => {
          if (over()) return
          // Nothing was read from the connection, and a GET may be sent again.
          const isSafe = method === 'GET' || method === 'HEAD'
          if (error instanceof StaleSocket && isSafe && mayRepeat) this.#write(wanted, token, asked, false)
          else asked.failed(error)
        },
      },
    )
    asking.whenGivenUp(() => {
      if (over()) return
      giveUp()
      asked.failed(new UpstreamError('the cluster did not answer in time'))
    })
  }

  /** The lines of the fields of a request. Throws UpstreamError. */
  #lines({ headers, body }: UpstreamRequest, token: string | undefined): string {
    let known = this.#known.get(headers)
    if (known === undefined || known.token !== token || known.isRetired !== this.#retired) {
      known = { token, isRetired: this.#retired, lines: encodeFields(this.#fields(headers, token)) }
      this.#known.set(headers, known)
    }
    return body.length === 0 ? known.lines : `${known.lines}Content-Length: ${body.length}\r\n`
  }

  #fields(headers: UpstreamRequest['headers'], token: string | undefined): Field[] {
    const fields: Field[] = [['Host', this.#url.host]]
    for (const [name, value] of headers)
      if (typeof value === 'string') fields.push([name, value])
      else for (const one of value) fields.push([name, one])
    if (this.#retired) fields.push(['Connection', 'close'])
    if (token !== undefined) {
      if (!isVisible(token)) throw new UpstreamError('the credential for this cluster does not fit in a header')
      fields.push(['Authorization', `Bearer ${token}`])
    }
    return fields
  }

  async #request({ method, target, headers, body, signal, token: own }: BoundRequest): Promise<ClientRequest> {
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
      agent: this.#upgradeAgent,
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

function agentOf(url: URL, tls: UpstreamSettings['tls']): HttpAgent | HttpsAgent {
  const alone = { keepAlive: false, maxSockets: upstreamSocketsMax, timeout: 0 } as const
  return url.protocol === 'https:'
    ? new HttpsAgent({ ...alone, ALPNProtocols: ['http/1.1'], ...tlsOf(tls) })
    : new HttpAgent(alone)
}

/** Whether a text is visible ASCII: what cannot end a line, nor become something that does when it is written. */
function isVisible(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 33 || code > 126) return false
  }
  return true
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

function unreachable(error: unknown): UpstreamError {
  return error instanceof UpstreamError ? error : new UpstreamError('the cluster cannot be reached', { cause: error })
}
