// How a connection in clear is read. What most reads bring is small and gone when the next one comes, so all connections
// read into one memory; a connection on which much flows has memory of its own while it does.
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { TLSSocket } from 'node:tls'

/** Memory that all connections read into; a read that fills it makes the connection a busy one. */
export const sharedBytes: number = 32 * 1024
/** Memory of a busy connection. */
const busyBytes = 128 * 1024

/** Whoever takes what a connection brings. */
export interface Reader {
  /** Bytes that are the reader's until it returns, and no longer; what is kept of them is copied. */
  take(bytes: Buffer): void
  /** Whether a piece of more than `sharedBytes` that it was given is still needed. */
  readonly keepsLarge: boolean
}

const shared: Buffer = Buffer.allocUnsafeSlow(sharedBytes)

/** How a socket reads for `reader`. */
export function readInto(reader: Reader): OnReadOpts {
  let own: Buffer | undefined
  let isBusy = false
  return {
    buffer: () => {
      if (!isBusy) {
        own = undefined
        return shared
      }
      if (own === undefined || reader.keepsLarge) own = Buffer.allocUnsafeSlow(busyBytes)
      return own
    },
    callback: (bytes, memory) => {
      isBusy = bytes >= sharedBytes
      reader.take(Buffer.from(memory.buffer, memory.byteOffset, bytes))
      return true
    },
  }
}

/** What a socket can be made with, beside what its types say. */
interface TakenOptions {
  readonly handle: object
  readonly manualStart: boolean
  readonly onread: OnReadOpts
}

/**
 * Takes over a client's connection, so that it reads as `readInto` says; the same socket where that cannot be, as with
 * TLS. Only the connection's handle can be given such a socket, and Node has no other name for it.
 */
export function takenOver(socket: Socket, reader: Reader): Socket {
  const handle: unknown = socket instanceof TLSSocket ? undefined : Reflect.get(socket, '_handle')
  const isUsable = typeof handle === 'object' && handle !== null && 'useUserBuffer' in handle
  if (!isUsable || socket.destroyed || socket.readableLength > 0) {
    socket.on('data', (bytes: Buffer) => reader.take(bytes))
    return socket
  }
  const highWaterMark = socket.writableHighWaterMark
  Reflect.set(socket, '_handle', null)
  const options: SocketConstructorOpts & TakenOptions & { readonly highWaterMark: number } = {
    handle,
    manualStart: true,
    allowHalfOpen: socket.allowHalfOpen,
    highWaterMark,
    onread: readInto(reader),
  }
  const taken = new Socket(options)
  // Whoever holds the one, such as the listener, ends the other with it.
  taken.once('close', () => socket.destroy())
  socket.once('close', () => taken.destroy())
  taken.resume()
  return taken
}
