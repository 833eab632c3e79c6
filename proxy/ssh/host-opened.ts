// What a host opens to its client by itself: the agent or the display that the client was allowed to forward. Each channel
// is judged before the client hears of it.
import type { Connection } from 'ssh2'
import type { GateSession } from '../gate/contract.ts'
import { agentAction, displayAction } from './actions.ts'
import { egressOf } from './egress.ts'
import { joinTunnel } from './forward.ts'
import { type OpenedByHost, openToClient } from './host-channels.ts'
import type { Transport } from './transport.ts'

/** What channels of the host need of their client's connection. */
export interface HostOpenedParts {
  readonly client: Connection
  readonly transport: Transport
  readonly session: GateSession
  /** Takes a place among the channels of the connection. False where there is none. */
  readonly takePlace: () => boolean
  readonly leavePlace: () => void
  /** What ends each of them. */
  readonly ends: Set<() => void>
}

/** Masks refuse a tunnel, whatever their key. */
const noKey = new Uint8Array(0)

/** Judges one, and joins it when it may go. */
export function relayHostOpened(one: OpenedByHost, parts: HostOpenedParts): void {
  const { client, transport, session, ends } = parts
  if (!parts.takePlace()) {
    one.refuse()
    return
  }
  let isOver = false
  let close: (() => void) | undefined
  const end = (): void => {
    if (isOver) return
    isOver = true
    if (close === undefined) one.refuse()
    else close()
    parts.leavePlace()
    ends.delete(end)
    queueMicrotask(() => {
      submission.cancel('client_gone')
      submission.finish()
    })
  }
  ends.add(end)
  const submission = session.submit(
    one.kind === 'agent' ? agentAction('host') : displayAction('host'),
    {},
    {
      forward: (terms) => {
        // What flows there is not looked at, so nothing can be masked in it.
        const plan = egressOf(session, terms, noKey)
        if (!plan.ok || plan.masks || isOver) return end()
        openToClient(client, one, (error, channel) => {
          if (error || channel === undefined) return end()
          if (isOver) return channel.close()
          const tunnel = one.take()
          close = () => {
            tunnel.channel.close()
            channel.close()
          }
          joinTunnel(channel, tunnel, transport, (bytes) => session.consume({ bytes }, terms).within, end)
        })
      },
      refuse: end,
      held: () => undefined,
      stop: end,
    },
  )
}
