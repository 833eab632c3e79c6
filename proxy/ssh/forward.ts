// A connection through the host to somewhere else: judged, then joined both ways until both sides have ended.
import type { ServerChannel } from 'ssh2'
import type { GateSession } from '../gate/contract.ts'
import { forwardAction } from './actions.ts'
import { egressOf } from './egress.ts'
import type { Transport } from './transport.ts'
import type { HostChannel, SshUpstream } from './upstream.ts'
import { pass, valveOf } from './valve.ts'

const nothing = Buffer.alloc(0)

/** One end of a tunnel. */
export interface Place {
  readonly host: string
  readonly port: number
}

/** What a forward needs of its connection. */
export interface ForwardParts {
  readonly session: GateSession
  readonly transport: Transport
  readonly hashKey: Uint8Array
  readonly onHost: <T>(use: (host: SshUpstream) => Promise<T>) => Promise<T>
  readonly onError: (error: unknown) => void
}

/** A forward is only accepted once it was judged: a client that is refused is told by its own protocol. */
export function runForward(
  accept: () => ServerChannel,
  reject: () => void,
  to: Place,
  from: Place,
  parts: ForwardParts,
): { readonly done: Promise<void>; end(): void } {
  const { session, hashKey, onHost, onError } = parts
  let isOver = false
  let close: () => void = () => undefined
  let settle: () => void = () => undefined
  const done = new Promise<void>((resolve) => {
    settle = resolve
  })
  const refused = (): void => {
    if (isOver) return
    isOver = true
    reject()
    settle()
  }
  const submission = session.submit(
    forwardAction(to.host, to.port),
    {},
    {
      forward: (terms) => {
        // What flows in a tunnel is not looked at, so nothing can be masked in it.
        const plan = egressOf(session, terms, hashKey)
        if (!plan.ok || plan.masks) {
          refused()
          queueMicrotask(() => submission.finish())
          return
        }
        onHost((host) => host.forward(from, to)).then(
          (tunnel) => {
            if (isOver) {
              tunnel.channel.close()
              submission.finish()
              return
            }
            const client = accept()
            close = () => {
              if (isOver) return
              isOver = true
              tunnel.channel.close()
              client.close()
              submission.finish()
              settle()
            }
            joinTunnel(client, tunnel, parts.transport, (bytes) => session.consume({ bytes }, terms).within, close)
          },
          (error: unknown) => {
            onError(error)
            refused()
            submission.finish()
          },
        )
      },
      refuse: refused,
      held: () => undefined,
      stop: () => end(),
    },
  )
  const end = (): void => {
    submission.cancel('client_gone')
    close()
    refused()
  }
  return { done, end }
}

/** Passes bytes both ways, until one side closes or both have ended. */
export function joinTunnel(
  client: ServerChannel,
  tunnel: HostChannel,
  transport: Transport,
  mayPass: (bytes: number) => boolean,
  close: () => void,
): void {
  const { channel } = tunnel
  const [down, up] = [valveOf(channel), valveOf(client)]
  let ended = 0
  const hasEnded = (): void => {
    if (++ended === 2) close()
  }
  channel.on('data', (bytes: Buffer) => {
    if (!mayPass(bytes.length)) return close()
    pass(bytes, down, client, transport)
  })
  client.on('data', (bytes: Buffer) => pass(bytes, up, channel, tunnel.transport))
  // Either side may end what it says and go on listening; the end is told when all before it has been sent.
  channel.on('end', () =>
    client.write(nothing, () => {
      client.eof()
      hasEnded()
    }),
  )
  client.on('end', () => channel.end(hasEnded))
  for (const side of [channel, client]) side.on('error', () => undefined).on('close', close)
}
