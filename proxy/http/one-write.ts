// A head, a piece of a body and its end as one write: one system call, and no memory of their own where the system takes
// them at once.
import type { Socket } from 'node:net'
import { sharedBytes } from './shared-read.ts'

const slabBytes: number = 256 * 1024
let slab: Buffer = Buffer.allocUnsafeSlow(slabBytes)
/** What of the slab is still on its way. */
let used = 0

/**
 * Writes text (latin1), bytes and text. Bytes up to `sharedBytes` are the caller's again afterwards; more are while
 * nothing of the socket waits. False when the source must wait for `drain`.
 */
export function writeOnce(socket: Socket, before: string, bytes: Uint8Array, after: string): boolean {
  const start = before.length
  const length = start + bytes.length + after.length
  if (bytes.length > sharedBytes) return writeApart(socket, before, bytes, after)
  if (used + length > slab.length) {
    slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, length))
    used = 0
  }
  if (start > 0) slab.write(before, used, 'latin1')
  slab.set(bytes, used + start)
  if (after.length > 0) slab.write(after, used + start + bytes.length, 'latin1')
  const flows = socket.write(slab.subarray(used, used + length))
  if (socket.writableLength > 0) used += length
  return flows
}

function writeApart(socket: Socket, before: string, bytes: Uint8Array, after: string): boolean {
  if (before === '' && after === '') return socket.write(bytes)
  socket.cork()
  if (before !== '') socket.write(before, 'latin1')
  let flows = socket.write(bytes)
  if (after !== '') flows = socket.write(after, 'latin1')
  socket.uncork()
  return flows
}
