// A PostgreSQL client that says messages as a test makes them, and gives what is answered.
import { connect, type Socket } from 'node:net'
import { cstring, encodeFrame, encodeStartup, FrameReader } from '../../proxy/postgres/wire/index.ts'

interface Answer {
  readonly type: string
  readonly body: Buffer
}

/** One session, with a password for whoever asks. */
export class RawSession {
  readonly socket: Socket
  readonly #reader = new FrameReader(1 << 20)
  #answers: Answer[] = []
  #closed = false
  #wake: () => void = () => undefined
  /** The texts of all errors that were answered. */
  readonly errors: string[] = []
  /** What a request to cancel needs. */
  key: Buffer = Buffer.alloc(8)

  private constructor(port: number) {
    this.socket = connect(port, '127.0.0.1')
    this.socket.on('error', () => undefined)
    this.socket.on('close', () => {
      this.#closed = true
      this.#wake()
    })
    this.socket.on('data', (chunk: Buffer) => {
      for (const { type, body } of this.#reader.push(Buffer.from(chunk)))
        this.#answers.push({ type: String.fromCharCode(type), body: Buffer.from(body) })
      this.#wake()
    })
  }

  /** Logs in. */
  static async open(port: number, database: string): Promise<RawSession> {
    const session = new RawSession(port)
    session.socket.write(
      encodeStartup(
        new Map([
          ['user', 'agent'],
          ['database', database],
        ]),
      ),
    )
    await session.#until('R', 1)
    session.socket.write(encodeFrame('p', cstring('any')))
    const greeted = await session.#until('Z', 1)
    session.key = greeted.find(({ type }) => type === 'K')?.body ?? session.key
    return session
  }

  /** Everything up to the message that is the last wanted one of a type; what there is when the session ends. */
  async #until(type: string, times: number): Promise<readonly Answer[]> {
    for (;;) {
      let left = times
      const end = this.#answers.findIndex((answer) => answer.type === type && --left === 0)
      if (end >= 0) return this.#answers.splice(0, end + 1)
      if (this.#closed) return this.#answers.splice(0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Says messages and gives the answers up to the next ReadyForQuery, each as its type and text. */
  say(...frames: readonly Buffer[]): Promise<readonly string[]> {
    return this.sayUntil('Z', 1, ...frames)
  }

  /** The same up to so many messages of a type. */
  async sayUntil(type: string, times: number, ...frames: readonly Buffer[]): Promise<readonly string[]> {
    this.socket.write(Buffer.concat(frames))
    const answered = await this.#until(type, times)
    return answered
      .filter((answer) => answer.type !== 'S' && answer.type !== 'N')
      .map(({ type: what, body }) => {
        if (what === 'E') this.errors.push(/\0M([^\0]*)/.exec(`\0${body.toString('utf8')}`)?.[1] ?? '')
        if (what === 'E') return `E ${/\0C([^\0]*)/.exec(`\0${body.toString('utf8')}`)?.[1] ?? ''}`
        return `${what} ${body.toString('latin1').replaceAll('\0', '')}`.trim()
      })
  }

  close(): void {
    this.socket.destroy()
  }
}
