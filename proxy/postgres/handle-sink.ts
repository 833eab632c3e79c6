// What is said to a TCP connection, handed to its handle without the stream before it, which costs as much as the system's
// own work: what the system takes at once needs nothing else. What it does not take, and all else, goes by the stream.
import type { Socket } from 'node:net'
import type { Sink } from './outbox.ts'

/** More at once goes by the stream, which tells when it has been taken. */
const directBytesMax = 256 * 1024

/** What of Node's inside is used; undefined where this Node has none such. */
interface StreamBinding {
  readonly newRequest: () => WriteRequest
  /** Whether the last write was not taken at once. */
  readonly wasAsync: () => boolean
}

/** A write that the system has not taken at once; until then it can be used for the next write. */
interface WriteRequest {
  oncomplete?: (status: number) => void
  /** What is written is kept until it is. */
  buffer?: Uint8Array
}

interface StreamHandle {
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
}

/** Where a socket's bytes go: its handle, or the socket itself where it has none that can be written to. */
export function sinkOf(socket: Socket): Sink {
  const handle: unknown = Reflect.get(socket, '_handle')
  return binding === undefined || !isStreamHandle(handle) ? socket : new HandleSink(socket, handle, binding)
}

/** Writes to one handle. INVARIANT: nothing goes directly while the stream holds anything, so the order is kept. */
class HandleSink implements Sink {
  readonly #socket: Socket
  readonly #handle: StreamHandle
  readonly #binding: StreamBinding
  #request: WriteRequest
  #waitingBytes = 0
  #corked = false

  constructor(socket: Socket, handle: StreamHandle, binding: StreamBinding) {
    this.#socket = socket
    this.#handle = handle
    this.#binding = binding
    this.#request = binding.newRequest()
  }

  get writableLength(): number {
    return this.#waitingBytes + this.#socket.writableLength
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
      socket.writableLength > 0 ||
      !socket.writable
    )
      return socket.write(bytes)
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

/** Node has no other name for what tells whether a write was taken at once. */
function streamBinding(): StreamBinding | undefined {
  try {
    const ask: unknown = Reflect.get(process, 'binding')
    const inside: unknown = typeof ask === 'function' ? Reflect.apply(ask, process, ['stream_wrap']) : undefined
    if (typeof inside !== 'object' || inside === null) return undefined
    const make: unknown = Reflect.get(inside, 'WriteWrap')
    const state: unknown = Reflect.get(inside, 'streamBaseState')
    const place: unknown = Reflect.get(inside, 'kLastWriteWasAsync')
    if (typeof make !== 'function' || !(state instanceof Int32Array) || typeof place !== 'number') return undefined
    return { newRequest: () => Reflect.construct(make, []), wasAsync: () => state[place] !== 0 }
  } catch {
    // Where it is forbidden, streams do.
    return undefined
  }
}

const binding: StreamBinding | undefined = streamBinding()
