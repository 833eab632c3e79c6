// One line of a shell that the gateway serves, while it runs in the pod: a stream of its own, which ends with the line.
import type { Duplex } from 'node:stream'
import type { Channel, Channels } from './channels.ts'
import { type ExecEnd, execEnd } from './exec-end.ts'
import { exitOf } from './exit-status.ts'
import type { Handshake } from './handshake.ts'
import type { OpenedStream } from './opening.ts'
import { closingMs, queuedBytesMax } from './relay.ts'

/** What a line needs. */
export interface LineCommandParts {
  readonly stream: OpenedStream
  readonly transport: Handshake['transport']
  readonly channels: Channels
  readonly tty: boolean
  /** The client, who waits for output. */
  readonly client: Duplex
  /** Output that the client may see. */
  readonly show: (channel: 'stdout' | 'stderr', bytes: Buffer) => void
  /** It is over; a text says why there is no status. Called once. */
  readonly ended: (status: number, why: string | undefined) => void
}

/** The status where a connection to a command broke, as `ssh` has it. */
export const brokenStatus = 255

/** A line that runs. */
export class LineCommand {
  readonly #parts: LineCommandParts
  readonly #socket: Duplex
  readonly #end: ExecEnd
  #error: Buffer = Buffer.alloc(0)
  #isOver = false
  #closing: NodeJS.Timeout | undefined
  readonly #waits: Set<Channel>

  constructor(parts: LineCommandParts) {
    this.#parts = parts
    const { stream, transport, channels, tty } = parts
    this.#socket = stream.upgraded.socket
    this.#waits = new Set<Channel>(tty ? ['error', 'stdout'] : ['error', 'stdout', 'stderr'])
    this.#end = execEnd(transport, stream.protocol, {
      serves: false,
      write: (bytes) => void this.#socket.write(bytes),
      allows: (channel) => channels.allows(channel) && !(tty && channel === 'stderr'),
      opened: () => undefined,
      came: (channel, bytes) => this.#came(channel, bytes),
      ended: (channel) => this.#ended(channel),
      closed: () => this.#over(),
    })
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes))
    this.#socket.on('end', () => this.#over())
    this.#socket.on('close', () => this.#over())
    if (stream.upgraded.head.length > 0) this.#take(stream.upgraded.head)
  }

  /** What the client types into it; false when it has enough for now, until `drained`. */
  input(bytes: Buffer): boolean {
    this.#end.send('stdin', bytes)
    return this.#socket.writableLength <= queuedBytesMax
  }

  /** Called once the command took what waits for it. */
  drained(then: () => void): void {
    this.#socket.once('drain', then)
    this.#socket.once('close', then)
  }

  /** Nothing more is typed. A protocol that cannot say so ends the command instead. */
  inputEnds(): void {
    if (!this.#end.over('stdin')) this.#over()
  }

  /** The window of the client, as its protocol told it. */
  resize(bytes: Buffer): void {
    if (this.#parts.tty) this.#end.send('resize', bytes)
  }

  /** The recorder is behind: nothing is read until it says so. */
  hold(go: (resume: () => void) => void): void {
    this.#socket.pause()
    go(() => this.#socket.resume())
  }

  /** Ends it here and now; `ended` is not called. */
  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#closing)
    this.#parts.channels.drop()
    this.#end.close()
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    if (this.#isOver) return
    try {
      this.#end.take(bytes)
    } catch {
      // Whoever breaks the protocol is not read any further; what it said before stands.
      this.#over('the cluster broke the protocol of the stream')
    }
    const { client } = this.#parts
    if (this.#isOver || client.writableLength <= queuedBytesMax) return
    this.#socket.pause()
    client.once('drain', () => this.#socket.resume())
  }

  #came(channel: Channel, bytes: Buffer): void {
    const { channels, show } = this.#parts
    channels.fromServer(channel, bytes, (seen) => {
      if (this.#isOver) return
      if (channel === 'stdout' || channel === 'stderr') show(channel, seen)
      else if (channel === 'error') this.#error = Buffer.concat([this.#error, seen])
    })
    if (channel === 'error' && !this.#isOver) this.#closing ??= setTimeout(() => this.#over(), closingMs)
  }

  #ended(channel: Channel): void {
    this.#parts.channels.flush(channel)
    this.#waits.delete(channel)
    if (this.#waits.size === 0) this.#over()
  }

  #over(broken?: string): void {
    if (this.#isOver) return
    this.#parts.channels.flush()
    const exit =
      this.#error.length === 0 ? { message: broken ?? 'the connection to the command broke' } : exitOf(this.#error)
    this.stop()
    if (typeof exit === 'number') this.#parts.ended(exit, undefined)
    else this.#parts.ended(brokenStatus, exit.message)
  }
}
