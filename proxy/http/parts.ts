// What an exchange is made of: the parts that connections share, one request with what becomes of it, and one that may go on.
import type { Socket } from 'node:net'
import type { CanonicalRequest, RouteTable } from '../../engine/action/http/index.ts'
import type { Action, Resource } from '../../engine/action/index.ts'
import type { Gate, GateSession, Terms } from '../gate/contract.ts'
import type { Field } from '../http1/index.ts'
import type { Authenticator } from '../identity/contract.ts'
import type { Answer } from './answer.ts'
import type { ClientPeer } from './client-peer.ts'
import type { ToolBook } from './mcp-tools.ts'
import type { Parking } from './parking.ts'
import type { Proxying, Tunnel } from './proxying.ts'
import type { RequestReader } from './request-body.ts'
import type { HttpUpstreamTarget } from './upstream.ts'

/** An API that clients can name. */
export interface HttpTarget {
  readonly resource: Resource
  readonly upstream: () => HttpUpstreamTarget | Promise<HttpUpstreamTarget>
  /** The routes of its OpenAPI document, where there is one. */
  readonly routes?: RouteTable
}

/** What connections share. */
export interface HttpConnectionParts {
  readonly gate: Gate
  readonly authenticator: Authenticator
  /** The API that a host and path mean. */
  readonly target: (host: string, path: readonly string[]) => HttpTarget | undefined
  readonly scheme: 'http' | 'https'
  /** The field that carries a client's token, in lower case. */
  readonly tokenHeader: string
  /** Credentials may come without TLS. */
  readonly cleartext: boolean
  /** Set where clients may use the gateway as their proxy. */
  readonly proxying?: Proxying | undefined
  /** Set on a connection inside of a tunnel. */
  readonly tunnel?: Tunnel | undefined
  readonly hashKey: Uint8Array
  /** Tools that APIs have listed to any client. */
  readonly tools: ToolBook
  /** Requests that wait for people without their clients. */
  readonly parking: Parking
  readonly onError: (where: string, error: unknown) => void
}

/** One request of a client, and what becomes of it. */
export interface HttpExchange {
  readonly request: CanonicalRequest
  /** The request is one to a proxy: its target is a whole URL. */
  readonly proxied: boolean
  readonly body: RequestReader
  readonly peer: ClientPeer
  /** Tells the client to send its body. */
  goOn(): void
  /** Hands the client's connection over to another protocol; undefined where it cannot be. */
  switchTo?(fields: readonly Field[], begin: (client: Socket) => (bytes: Buffer) => void): void
  /** Calls back when this request's client is gone while its connection stays. */
  onGone?(callback: () => void): void
  /** The request waits for people: calls back when its client does not wait with it. */
  held?(gone: () => void): void
  /** Writes an answer of the gateway's own. */
  answer(answer: Answer): void
  /** It is over; with `again` another may follow on a connection that serves one at a time. Called once, or `failed` is. */
  done(again: boolean): void
  /** It cannot go on: the error says what its client is told. */
  failed(error: unknown): void
}

/** A request that may go on. */
export interface Allowed {
  readonly exchange: HttpExchange
  /** Without what is for the gateway. */
  readonly request: CanonicalRequest
  readonly target: HttpTarget
  readonly session: GateSession
  readonly terms: Terms
  /** The answer may list tools of MCP. */
  readonly lists: boolean
  readonly action: Omit<Action, 'digest'>
}
