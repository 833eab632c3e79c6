// One side of a session as bytes come in: read into memory that is used again and again where nothing has to keep it,
// and shut as long as anything asks for it.
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { TLSSocket } from 'node:tls'
import { sinkOf } from './handle-sink.ts'
import type { Sink } from './outbox.ts'
import { streamBinding } from './stream-binding.ts'

/** Memory that one read of a quiet session goes into; a session keeps so much for each side. */
const quietBytes = 2 * 1024
/** Memory for one read of a session on which much flows. */
const busyBytes = 128 * 1024

/** Why a side is not read. */
export type Shut = 'peer' | 'record' | 'relay'

/** One socket's reading. */
export class Tap {
  /** The socket to listen at for its end. */
  readonly socket: Socket
  /** Where to write to it. */
  readonly sink: Sink
  readonly #before: Socket
  readonly #shutBy = new Set<Shut>()
  #memory: Buffer = noMemory
  #quiet: Buffer = noMemory
  #chunk: Buffer = noMemory
  /** The memory that the chunk is in. */
  #chunkIn: Uint8Array = noMemory
  /** How much the next read may take: more after one that filled its memory, little after one that brought little. */
  #wanted = quietBytes
  #take: ((chunk: Buffer) => void) | undefined
  #isStarted = false
  #isKept: () => boolean = () => true

  /** Takes over a socket that nobody else reads any more. */
  constructor(socket: Socket) {
    this.#before = socket
    const taken = this.#takenOver(socket)
    this.socket = taken ?? socket
    this.sink = taken === undefined ? socket : sinkOf(taken)
  }

  /**
   * Begins to read. After each chunk `isKept` says whether anything still needs its memory. Begun again, what comes goes to
   * whoever began it last.
   */
  start(take: (chunk: Buffer) => void, isKept: () => boolean): void {
    this.#take = take
    this.#isKept = isKept
    if (this.#isStarted) return
    this.#isStarted = true
    if (this.socket === this.#before) {
      this.socket.on('data', (chunk: Buffer) => this.#take?.(chunk))
      // Whoever read it before may have paused it.
      if (this.isOpen) this.socket.resume()
      return
    }
    // What came before is first.
    for (let chunk: unknown = this.#before.read(); Buffer.isBuffer(chunk); chunk = this.#before.read()) take(chunk)
    this.socket.resume()
  }

  /** True while nothing asks for it to be shut. */
  get isOpen(): boolean {
    return this.#shutBy.size === 0
  }

  shut(why: Shut): void {
    this.#shutBy.add(why)
    this.socket.pause()
  }

  open(why: Shut): void {
    if (this.#shutBy.delete(why) && this.#shutBy.size === 0) this.socket.resume()
  }

  /**
   * The same connection as a socket that reads into our memory; undefined where there is none to have, as with TLS. Only
   * the connection's handle can be given such a socket, and Node has no other name for it.
   */
  #takenOver(socket: Socket): Socket | undefined {
    const handle: unknown = socket instanceof TLSSocket ? undefined : Reflect.get(socket, '_handle')
    if (typeof handle !== 'object' || handle === null || !('useUserBuffer' in handle) || socket.destroyed)
      return undefined
    Reflect.set(socket, '_handle', null)
    const onread: OnReadOpts = {
      buffer: () => this.#next(),
      callback: (bytes, memory) => this.#came(bytes, memory),
    }
    // Nothing is read before `start`.
    const options: SocketConstructorOpts & TakenOptions = { handle, manualStart: true, onread }
    const taken = new Socket(options)
    this.#readDirectly(taken, handle)
    // Whoever holds the one, such as the listener, ends the other with it.
    taken.once('close', () => socket.destroy())
    socket.once('close', () => taken.destroy())
    return taken
  }

  /** What comes is taken from the handle as it is; its end, and whatever goes wrong, is left to the stream. */
  #readDirectly(socket: Socket, handle: object): void {
    const before: unknown = Reflect.get(handle, 'onread')
    if (streamBinding === undefined || typeof before !== 'function') return
    const { readBytes } = streamBinding
    const onRead = (other: unknown): unknown => {
      const bytes = readBytes()
      // A handle that was closed tells of nothing more.
      if (bytes <= 0) return Reflect.apply(before, handle, [other])
      const memory = this.#memory
      if (!this.#came(bytes, memory)) socket.pause()
      const next = this.#next()
      return next === memory ? undefined : next
    }
    Reflect.set(handle, 'onread', onRead)
  }

  #came(bytes: number, memory: Uint8Array): boolean {
    if (bytes === memory.length) this.#wanted = busyBytes
    else if (bytes <= quietBytes / 2) this.#wanted = quietBytes
    this.#take?.(this.#chunkOf(memory, bytes))
    // A socket that was opened a moment before it was shut reads on all the same: once.
    return this.#shutBy.size === 0
  }

  /** What was read. Answers are often as long as the one before, and then lie where it lay. */
  #chunkOf(memory: Uint8Array, bytes: number): Buffer {
    if (this.#chunkIn !== memory || this.#chunk.length !== bytes) {
      this.#chunk = Buffer.from(memory.buffer, memory.byteOffset, bytes)
      this.#chunkIn = memory
    }
    return this.#chunk
  }

  /** The memory of the next read: that of the last one, unless something needs it, or it has not the right size. */
  #next(): Buffer {
    if (this.#memory === noMemory || this.#isKept()) {
      this.#memory = Buffer.allocUnsafeSlow(this.#wanted)
      this.#quiet = this.#wanted === quietBytes ? this.#memory : noMemory
    } else if (this.#memory.length !== this.#wanted) {
      const isQuiet = this.#wanted === quietBytes
      this.#memory = isQuiet && this.#quiet !== noMemory ? this.#quiet : Buffer.allocUnsafeSlow(this.#wanted)
      if (isQuiet) this.#quiet = this.#memory
    }
    return this.#memory
  }
}

/** What a socket can be made with, beside what its types say. */
interface TakenOptions {
  readonly handle: object
  readonly manualStart: boolean
  readonly onread: OnReadOpts
}

const noMemory: Buffer = Buffer.alloc(0)
