// A server that listens: what every protocol's listener does the same way.
import type { Server, Socket } from 'node:net'

/** A listener that is up. */
export interface Listening {
  readonly port: number
  /** Takes no new connections; those that are open go on. */
  stop(): void
  /** Stops, and ends what is open. */
  close(): Promise<void>
}

/** Where to listen, and what else is to be done. */
export interface ListeningParts {
  readonly host: string
  readonly port: number
  /** Told of errors of the server once it listens, such as a connection that the system could not hand over. */
  readonly onError: (error: unknown) => void
  /** What is open. */
  readonly connections: ReadonlySet<{ destroy(): void }>
  /** Called before the connections are ended. */
  readonly onStop?: () => void
  readonly onClose?: () => void
}

/** Begins to listen; throws where that is not possible. */
export async function listenOn(server: Server, parts: ListeningParts): Promise<Listening> {
  const port = await bound(server, parts)
  const stop = (): void => {
    server.close()
    parts.onStop?.()
  }
  return {
    port,
    stop,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        parts.onStop?.()
        parts.onClose?.()
        for (const connection of parts.connections) connection.destroy()
      }),
  }
}

/**
 * Ends connections beyond a number. The server's own bound would have the connection handed to another process of the
 * gateway, which hands it on, for as long as all are full.
 */
export function boundConnections(server: Server, connectionsMax: number): void {
  let open = 0
  server.on('connection', (socket: Socket) => {
    if (open >= connectionsMax) {
      socket.destroy()
      return
    }
    open++
    socket.once('close', () => open--)
  })
}

/**
 * The port of a server that has begun to listen. An error after that ends nothing: a server without anyone who hears of
 * its errors would take the whole process down with it.
 */
export async function bound(
  server: Server,
  { host, port, onError }: Pick<ListeningParts, 'host' | 'port' | 'onError'>,
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      server.on('error', onError)
      resolve()
    })
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : port
}
