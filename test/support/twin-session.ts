// A client of one of the twins: says messages, and keeps every message that comes back.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { encodeFrame, encodeQuery, encodeStartup, type Frame, FrameReader } from '../../proxy/postgres/wire/index.ts'

/** What one database's client saw of a text, one line a message. */
export type Seen = readonly string[]

/** Where a session goes, and what relations are called there. */
export interface TwinPlace {
  readonly port: number
  readonly user: string
  readonly database: string
  readonly names: ReadonlyMap<number, string>
}

/** One raw session. */
export class TwinSession {
  readonly #socket: Socket
  readonly #names: ReadonlyMap<number, string>
  readonly #reader = new FrameReader(64 * 1024 * 1024)
  #seen: string[] = []
  #answers: Seen[] = []
  #wanted = 1
  #ready: (() => void) | undefined
  closed = false

  private constructor(socket: Socket, names: ReadonlyMap<number, string>) {
    this.#socket = socket
    this.#names = names
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#reader.push(chunk)) this.#take(frame)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.closed = true
      this.#seen.push('closed')
      this.#answers.push(this.#seen)
      this.#ready?.()
    })
  }

  /** Connects and logs in. */
  static async open({ port, user, database, names }: TwinPlace): Promise<TwinSession> {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    const session = new TwinSession(socket, names)
    await session.#say(
      encodeStartup(
        new Map([
          ['user', user],
          ['database', database],
        ]),
      ),
      1,
    )
    return session
  }

  /** Says messages; what is answered until the server is ready. */
  async exchange(messages: readonly Buffer[]): Promise<Seen> {
    const [seen] = await this.#say(Buffer.concat(messages), 1)
    return seen ?? []
  }

  /** Says many texts at once; what is answered to each, up to the one at which the session ended. */
  pipelined(texts: readonly string[]): Promise<readonly Seen[]> {
    return this.#say(Buffer.concat(texts.map((text) => encodeQuery(text))), texts.length)
  }

  end(): void {
    this.#socket.destroy()
  }

  async #say(bytes: Uint8Array, answers: number): Promise<readonly Seen[]> {
    this.#seen = []
    this.#answers = []
    this.#wanted = answers
    const ready = new Promise<void>((resolve) => {
      this.#ready = resolve
    })
    this.#socket.write(bytes)
    if (!this.closed) await ready
    return this.#answers
  }

  #take(frame: Frame): void {
    const type = String.fromCharCode(frame.type)
    if (type === 'R') {
      if (frame.body.readInt32BE(0) === 3) this.#socket.write(encodeFrame('p', Buffer.from('token\0')))
      return
    }
    if (type === 'K') return
    // A COPY from the client is ended at once.
    if (type === 'G') this.#socket.write(encodeFrame('c'))
    this.#seen.push(`${type} ${this.#plain(type, frame.body)}`)
    if (type !== 'Z') return
    this.#answers.push(this.#seen)
    this.#seen = []
    if (this.#answers.length === this.#wanted) this.#ready?.()
  }

  /** A message without what differs by chance: process ids, and the numbers of relations. */
  #plain(type: string, body: Buffer): string {
    if (type === 'A') return body.subarray(4).toString('latin1')
    if (type !== 'T') return body.toString('latin1')
    const copy = Buffer.from(body)
    const names: string[] = []
    let at = 2
    for (let column = copy.readUInt16BE(0); column > 0; column--) {
      at = copy.indexOf(0, at) + 1
      const table = copy.readUInt32BE(at)
      const type_ = copy.readUInt32BE(at + 6)
      if (table >= 16_384) names.push(this.#names.get(table) ?? 'other')
      if (table >= 16_384) copy.writeUInt32BE(0, at)
      if (type_ >= 16_384) copy.writeUInt32BE(1, at + 6)
      at += 18
    }
    return `${copy.toString('latin1')} ${names.join()}`
  }
}
