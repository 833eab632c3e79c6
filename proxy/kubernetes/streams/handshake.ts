// The two ways to ask for a stream, and how each is asked for again upstream. Only what both sides agree on is spoken.
import type { IncomingMessage } from 'node:http'
import { type Headers, headerOf, type KubeFacts } from '../../../engine/action/kube/index.ts'
import { acceptKey, isKey, newKey } from '../wire/index.ts'

/** What a client asked for. */
export interface Handshake {
  readonly transport: 'websocket' | 'spdy'
  /** Protocols that the upstream may choose from, best first. */
  readonly protocols: readonly string[]
  /** Headers of the request upstream, without credentials. */
  readonly upstream: readonly (readonly [string, string | string[]])[]
  /** The protocol that an upstream chose; undefined when it chose none that was offered. */
  chosen(answer: IncomingMessage): string | undefined
  /** The head that the client is told, once `protocol` is chosen. */
  accepted(protocol: string): string
}

const execProtocols: readonly string[] = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
/** Port-forward by SPDY inside of WebSocket messages. */
export const tunnelProtocol = 'SPDY/3.1+portforward.k8s.io'
const spdyPortProtocol = 'portforward.k8s.io'

/** Reads a client's request for a stream; a text says why it is refused. */
export function handshakeOf(headers: Headers, method: string, facts: KubeFacts): Handshake | string {
  const forwards = facts.subresource === 'portforward'
  switch (facts.upgrade) {
    case 'websocket':
      return webSocket(
        headers,
        method,
        forwards ? [tunnelProtocol, ...(facts.ports?.length === 0 ? [] : ['v4.channel.k8s.io'])] : execProtocols,
      )
    case 'spdy/3.1':
      return spdy(headers, forwards ? [spdyPortProtocol] : execProtocols)
    default:
      return 'a stream needs an upgrade to WebSocket or SPDY/3.1'
  }
}

function webSocket(headers: Headers, method: string, known: readonly string[]): Handshake | string {
  const key = headerOf(headers, 'sec-websocket-key')
  if (method !== 'GET' || headerOf(headers, 'sec-websocket-version') !== '13' || !isKey(key))
    return 'the request is no WebSocket handshake'
  const offered = listOf(headers, 'sec-websocket-protocol').filter((one) => known.includes(one))
  if (offered.length === 0) return `none of the offered WebSocket protocols is served: ${known.join(', ')} are`
  const own = newKey()
  return {
    transport: 'websocket',
    protocols: offered,
    upstream: [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['Sec-WebSocket-Version', '13'],
      ['Sec-WebSocket-Key', own],
      ['Sec-WebSocket-Protocol', offered.join(', ')],
    ],
    chosen: (answer) => {
      if (
        answer.headers['sec-websocket-accept'] !== acceptKey(own) ||
        answer.headers['sec-websocket-extensions'] !== undefined
      )
        return undefined
      const protocol = answer.headers['sec-websocket-protocol']
      return protocol !== undefined && offered.includes(protocol) ? protocol : undefined
    },
    accepted: (protocol) =>
      [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Accept: ${acceptKey(key)}`,
        `Sec-WebSocket-Protocol: ${protocol}`,
        '\r\n',
      ].join('\r\n'),
  }
}

function spdy(headers: Headers, known: readonly string[]): Handshake | string {
  const offered = listOf(headers, 'x-stream-protocol-version').filter((one) => known.includes(one))
  if (offered.length === 0) return `none of the offered stream protocols is served: ${known.join(', ')} are`
  return {
    transport: 'spdy',
    protocols: offered,
    upstream: [
      ['Connection', 'Upgrade'],
      ['Upgrade', 'SPDY/3.1'],
      ['X-Stream-Protocol-Version', [...offered]],
    ],
    chosen: (answer) => {
      const protocol = answer.headers['x-stream-protocol-version']
      const upgrade = answer.headers['upgrade']
      return typeof protocol === 'string' && offered.includes(protocol) && upgrade?.toLowerCase() === 'spdy/3.1'
        ? protocol
        : undefined
    },
    accepted: (protocol) =>
      [
        'HTTP/1.1 101 Switching Protocols',
        'Connection: Upgrade',
        'Upgrade: SPDY/3.1',
        `X-Stream-Protocol-Version: ${protocol}`,
        '\r\n',
      ].join('\r\n'),
  }
}

function listOf(headers: Headers, name: string): readonly string[] {
  return headers.flatMap(([one, value]) =>
    one.toLowerCase() === name ? value.split(',').map((part) => part.trim()) : [],
  )
}
