// Sockets whose packets are opened as they come, and so copied by that, read into one piece of memory that they share:
// nothing of it is needed when the next read comes. It is what `onread` of `net.connect` does, for sockets that others
// made. It reaches into Node, so it checks what it finds: another version reads as it always did.
import type { Socket } from 'node:net'

/** What one read takes at the most. */
const readBytes = 128 * 1024
let shared: Buffer | undefined

interface Handle {
  useUserBuffer(memory: Uint8Array): void
}

/** Makes a socket read into shared memory. Where `isCopied` says no, what came is copied before it is told. */
export function readShared(socket: Socket, isCopied: () => boolean): void {
  const handle: unknown = Reflect.get(socket, '_handle')
  const [memory, callback] = ['kBuffer', 'kBufferCb'].map((name) =>
    Object.getOwnPropertySymbols(socket).find((symbol) => symbol.description === name),
  )
  if (!isHandle(handle) || memory === undefined || callback === undefined || Reflect.get(socket, memory) !== null)
    return
  shared ??= Buffer.allocUnsafeSlow(readBytes)
  Reflect.set(socket, callback, (bytes: number, from: Buffer) => {
    const data = from.subarray(0, bytes)
    socket.emit('data', isCopied() ? data : Buffer.from(data))
  })
  Reflect.set(socket, memory, shared)
  handle.useUserBuffer(shared)
}

function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'useUserBuffer') === 'function'
}
