// Ports that a host listens on for a client: each is judged once, when it is asked for; every connection that comes there
// is then a channel to the client, until the client takes the port back or leaves.
import type { Connection } from 'ssh2'
import type { GateSession } from '../gate/contract.ts'
import { remoteForwardAction } from './actions.ts'
import { egressOf } from './egress.ts'
import { type ForwardParts, joinTunnel, type Place } from './forward.ts'
import type { HostListener } from './upstream.ts'

/** Ports that one connection may have at a time. */
const portsMax = 16
/** Masks refuse a tunnel, whatever their key. */
const noKey = new Uint8Array(0)

/** What remote forwards need of their connection. */
export interface RemoteForwardParts extends Omit<ForwardParts, 'session' | 'hashKey'> {
  /** Takes a place among the channels of the connection. False where there is none. */
  readonly takePlace: () => boolean
  readonly leavePlace: () => void
}

/** The ports of one connection. */
export interface RemoteForwards {
  readonly size: number
  ask(session: GateSession, at: Place, accept: (port: number) => void, reject: () => void): void
  /** Takes one back. False where there is none. */
  cancel(at: Place): boolean
  end(): void
}

interface Port {
  at: Place
  end(): void
}

/** The ports of a client that has none yet. */
export function remoteForwards(client: Connection, parts: RemoteForwardParts): RemoteForwards {
  const ports = new Set<Port>()
  return {
    get size() {
      return ports.size
    },
    ask: (session, at, accept, reject) => {
      if (ports.size >= portsMax) return reject()
      listen(session, at, accept, reject)
    },
    cancel: (at) => {
      const port = [...ports].find((one) => one.at.host === at.host && one.at.port === at.port)
      port?.end()
      return port !== undefined
    },
    end: () => {
      for (const port of [...ports]) port.end()
    },
  }

  function listen(session: GateSession, at: Place, accept: (port: number) => void, reject: () => void): void {
    let isOver = false
    let listener: HostListener | undefined
    const tunnels = new Set<() => void>()
    const refused = (): void => {
      isOver = true
      ports.delete(port)
      reject()
    }
    const port: Port = {
      at,
      end: () => {
        if (isOver) return
        refused()
        listener?.close()
        for (const close of [...tunnels]) close()
        submission.cancel('client_gone')
        submission.finish()
      },
    }
    ports.add(port)
    const submission = session.submit(
      remoteForwardAction(at.host, at.port),
      {},
      {
        forward: (terms) => {
          // What flows in a tunnel is not looked at, so nothing can be masked in it.
          const plan = egressOf(session, terms, noKey)
          if (!plan.ok || plan.masks) {
            refused()
            queueMicrotask(() => submission.finish())
            return
          }
          const mayPass = (bytes: number): boolean => session.consume({ bytes }, terms).within
          parts
            .onHost((host) =>
              host.listen(at, {
                // At once: a connection may come with the very packet that says that the host listens.
                listening: (bound) => {
                  port.at = { host: at.host, port: bound }
                  if (!isOver) accept(bound)
                },
                connection: (from, take, refuse) => {
                  if (isOver || !parts.takePlace()) return refuse()
                  client.forwardOut(at.host, port.at.port, from.host, from.port, (error, channel) => {
                    if (error || isOver) {
                      parts.leavePlace()
                      if (!error) channel.close()
                      return refuse()
                    }
                    const tunnel = take()
                    let isClosed = false
                    const close = (): void => {
                      if (isClosed) return
                      isClosed = true
                      tunnels.delete(close)
                      tunnel.channel.close()
                      channel.close()
                      parts.leavePlace()
                    }
                    tunnels.add(close)
                    joinTunnel(channel, tunnel, parts.transport, mayPass, close)
                  })
                },
              }),
            )
            .then(
              (made) => {
                listener = made
                if (isOver) made.close()
              },
              (error: unknown) => {
                parts.onError(error)
                if (isOver) return
                refused()
                submission.finish()
              },
            )
        },
        refuse: refused,
        held: () => undefined,
        stop: () => port.end(),
      },
    )
  }
}
