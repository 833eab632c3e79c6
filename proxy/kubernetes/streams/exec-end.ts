// One end of an exec's stream that the gateway speaks itself: as the server of a client, or as the client of a cluster.
// Only the transport's own matters are here; what a channel may carry is judged by `Channels`.
import type { Channel } from './channels.ts'
import type { Handshake } from './handshake.ts'
import { SpdyEnd } from './spdy-end.ts'
import { WebSocketEnd } from './websocket-end.ts'

/** One end. Everything throws WireError for what the protocol does not allow. */
export interface ExecEnd {
  /** Takes what the other side sent. */
  take(bytes: Buffer): void
  /** Sends on a channel; a channel that the other side did not open takes nothing. */
  send(channel: Channel, bytes: Buffer): void
  /** Nothing more comes on a channel; false where the protocol cannot say so. */
  over(channel: Channel): boolean
  /** Says goodbye. */
  close(): void
}

/** What an end needs. */
export interface ExecEndParts {
  /** True towards a client, false towards a cluster. */
  readonly serves: boolean
  readonly write: (bytes: Buffer) => void
  /** Whether the stream has this channel. */
  readonly allows: (channel: Channel) => boolean
  /** The other side is ready for a channel. */
  readonly opened: (channel: Channel) => void
  readonly came: (channel: Channel, bytes: Buffer) => void
  readonly ended: (channel: Channel) => void
  /** The other side said goodbye. */
  readonly closed: () => void
}

/** The channels of an exec, in the order in which clients open them. */
const opening: readonly Channel[] = ['error', 'stdin', 'stdout', 'stderr', 'resize']

/** An end for a transport and the protocol that was agreed on. A client's end opens the channels. */
export function execEnd(transport: Handshake['transport'], protocol: string, parts: ExecEndParts): ExecEnd {
  const channels = opening.filter((one) => parts.allows(one))
  return transport === 'spdy'
    ? new SpdyEnd(parts, channels)
    : new WebSocketEnd(parts, channels, protocol.startsWith('v5'))
}
