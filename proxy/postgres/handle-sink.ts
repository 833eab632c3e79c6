// What is said to a TCP connection, handed to its handle without the stream before it, which costs as much as the system's
// own work: what the system takes at once needs nothing else. What it does not take, and all else, goes by the stream.
import type { Socket } from 'node:net'
import type { Sink } from './outbox.ts'
import { type StreamBinding, streamBinding, type WriteRequest } from './stream-binding.ts'

/** More at once goes by the stream, which tells when it has been taken. */
const directBytesMax = 256 * 1024

interface StreamHandle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
}

/** Where a socket's bytes go: its handle, or the socket itself where it has none that can be written to. */
export function sinkOf(socket: Socket): Sink {
  const handle: unknown = Reflect.get(socket, '_handle')
  return streamBinding === undefined || !isStreamHandle(handle) ? socket : new HandleSink(socket, handle, streamBinding)
}

/** Writes to one handle. INVARIANT: nothing goes directly while the stream holds anything, so the order is kept. */
class HandleSink implements Sink {
  readonly #socket: Socket
  readonly #handle: StreamHandle
  readonly #binding: StreamBinding
  #request: WriteRequest
  #waitingBytes = 0
  #corked = false
  /** The stream was given bytes, and may still hold some. */
  #byStream = false
  /** The stream was not ended. One that is destroyed has closed its handle, which then takes nothing. */
  #open: boolean

  constructor(socket: Socket, handle: StreamHandle, binding: StreamBinding) {
    this.#socket = socket
    this.#handle = handle
    this.#binding = binding
    this.#request = binding.newRequest()
    this.#open = socket.writable
    const shut = (): void => {
      this.#open = false
    }
    socket.once('end', shut)
    socket.once('close', shut)
  }

  get writableLength(): number {
    return this.#waitingBytes + this.#streamBytes()
  }

  /** Bytes that the stream holds. Where it was given none it is not asked: of many sessions, its state is memory far away. */
  #streamBytes(): number {
    if (!this.#byStream) return 0
    const { writableLength } = this.#socket
    if (writableLength === 0 && !this.#corked) this.#byStream = false
    return writableLength
  }

  cork(): void {
    this.#corked = true
    this.#socket.cork()
  }

  uncork(): void {
    this.#corked = false
    this.#socket.uncork()
  }

  write(bytes: Uint8Array): boolean {
    const socket = this.#socket
    if (
      this.#corked ||
      this.#waitingBytes > 0 ||
      bytes.length > directBytesMax ||
      !this.#open ||
      socket.writableLength > 0
    ) {
      this.#byStream = true
      return socket.write(bytes)
    }
    const request = this.#request
    const failed = this.#handle.writeBuffer(request, bytes)
    if (failed !== 0) {
      socket.destroy(new Error('the connection cannot be written to'))
      return false
    }
    if (!this.#binding.wasAsync()) return true
    this.#waitingBytes = bytes.length
    request.buffer = bytes
    request.oncomplete = (status) => {
      this.#waitingBytes = 0
      if (status < 0) socket.destroy(new Error('the connection was lost while it was written to'))
    }
    this.#request = this.#binding.newRequest()
    return true
  }
}

function isStreamHandle(handle: unknown): handle is StreamHandle {
  return typeof handle === 'object' && handle !== null && typeof Reflect.get(handle, 'writeBuffer') === 'function'
}
