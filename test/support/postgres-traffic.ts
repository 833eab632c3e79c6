// Traffic of PostgreSQL clients: noted message by message between a client and a server, and played again to another,
// one round trip at a time.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { encodeStartup, FrameReader } from '../../proxy/postgres/wire/index.ts'

/** One message, with bytes of its own. */
export interface Message {
  readonly type: string
  readonly frame: Buffer
  readonly body: Buffer
}

/** What one connection said after its start-up and login. */
export type Conversation = readonly Message[]

/** A place between clients and a server that notes what clients say. */
export interface Listening {
  readonly port: number
  /** What was said on each connection so far. */
  readonly conversations: readonly Conversation[]
  stop(): void
}

const messageBytesMax = 1 << 28

function messagesIn(reader: FrameReader, chunk: Buffer): readonly Message[] {
  return reader.push(Buffer.from(chunk)).map(({ type, frame, body }) => ({
    type: String.fromCharCode(type),
    frame: Buffer.from(frame),
    body: Buffer.from(body),
  }))
}

/** Stands between clients and the server at `host` and `port`. Clients must not ask for TLS. */
export async function noteTraffic(host: string, port: number): Promise<Listening> {
  const conversations: Message[][] = []
  const between: Server = createServer((client) => {
    const said: Message[] = []
    conversations.push(said)
    const upstream = connect(port, host)
    let greeted = false
    const reader = new FrameReader(messageBytesMax)
    client.on('data', (chunk: Buffer) => {
      upstream.write(chunk)
      // The first message has no type; the rest of what comes with it never does here.
      if (greeted) said.push(...messagesIn(reader, chunk).filter(({ type }) => type !== 'p'))
      greeted = true
    })
    upstream.pipe(client)
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
  })
  between.listen(0, '127.0.0.1')
  await once(between, 'listening')
  const address = between.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    conversations,
    stop: () => between.close(),
  }
}

/** Where a round trip ended. */
export interface Outcome {
  /** The transaction's state; undefined when the session is over. */
  readonly status: 'I' | 'T' | 'E' | undefined
  /** The server, or the gateway, answered with an error. */
  readonly failed: boolean
}

/** A session that plays conversations, with a password for whoever asks. */
export class Player {
  readonly #socket: Socket
  readonly #reader = new FrameReader(messageBytesMax)
  #frames: Message[] = []
  #wake: () => void = () => undefined
  #closed = false
  /** An error came since the last message that was sent. */
  #failed = false

  private constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1')
    this.#socket.on('data', (chunk: Buffer) => {
      // What rows say is not looked at.
      this.#frames.push(...messagesIn(this.#reader, chunk).filter(({ type }) => 'EGWRZ'.includes(type)))
      this.#wake()
    })
    this.#socket.on('error', () => undefined)
    this.#socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
  }

  /** A session that is ready, or undefined when it was refused. */
  static async start(port: number, startup: readonly (readonly [string, string])[]): Promise<Player | undefined> {
    const player = new Player(port)
    player.#socket.write(encodeStartup(new Map(startup)))
    await player.#until('R')
    const password = Buffer.from('any\0')
    const head = Buffer.alloc(5)
    head.write('p')
    head.writeInt32BE(password.length + 4, 1)
    player.#socket.write(Buffer.concat([head, password]))
    return (await player.#until('Z')) === undefined ? undefined : player
  }

  /** Plays round trips; `each` is told of every one, and may wait. Returns false when the session ended before its time. */
  async play(conversation: Conversation, each: (outcome: Outcome) => Promise<void>): Promise<boolean> {
    let at = 0
    while (at < conversation.length) {
      const trip: Message[] = []
      for (let next = conversation[at]; next !== undefined; next = conversation[++at]) {
        trip.push(next)
        if (next.type === 'S' || next.type === 'Q' || next.type === 'F') break
      }
      at++
      const last = trip.at(-1)?.type
      if (last !== 'S' && last !== 'Q' && last !== 'F') return true
      this.#failed = false
      this.#socket.write(Buffer.concat(trip.map(({ frame }) => frame)))
      let answer = await this.#until('Z', 'G')
      // What is copied in stands after the message that asked for it.
      while (answer?.type === 'G') {
        for (let next = conversation[at]; next !== undefined; next = conversation[++at]) {
          if (!'dcf'.includes(next.type)) break
          this.#socket.write(next.frame)
          if (next.type !== 'd') {
            at++
            break
          }
        }
        answer = await this.#until('Z', 'G')
      }
      const state = answer === undefined ? undefined : String.fromCharCode(answer.body[0] ?? 0)
      const status = state === 'I' || state === 'T' || state === 'E' ? state : undefined
      await each({ status, failed: this.#failed })
      if (answer === undefined) return false
    }
    return true
  }

  /** The next message of one of the types; undefined when the session ended. */
  async #until(...types: readonly string[]): Promise<Message | undefined> {
    for (;;) {
      const frame = this.#frames.shift()
      if (frame === undefined) {
        if (this.#closed) return undefined
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else if (types.includes(frame.type)) return frame
      else if (frame.type === 'E') this.#failed = true
    }
  }

  close(): void {
    this.#socket.destroy()
  }
}
