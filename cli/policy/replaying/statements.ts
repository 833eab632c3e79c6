// The statements that the recorded frames of a PostgreSQL client ask the server to run, by the codec of today's gateway.
import {
  decodeBind,
  decodeNamed,
  decodeParse,
  decodeQuery,
  type Frame,
  FrameReader,
  requestTypes,
  WireError,
} from '../../../proxy/postgres/wire/index.ts'

/** Bytes of one message at the most. */
const messageBytesMax = 64 * 1024 * 1024

/** What is judged, in the order of the frames: a query, a Parse, a Bind. `sync` ends a run of the extended protocol. */
export type Asked = { readonly text: string; readonly extended: boolean } | 'sync'

/** Collects what one client asked for. */
export class StatementReader {
  readonly asked: Asked[] = []
  /** Why frames cannot be read any further. */
  problem: string | undefined
  /** Whether nothing was taken. */
  isUntouched = true
  readonly #frames = new FrameReader(messageBytesMax, [requestTypes.copyData])
  readonly #statements = new Map<string, string>()

  /** Takes bytes as they were recorded. */
  push(bytes: Uint8Array): void {
    this.isUntouched = false
    if (this.problem !== undefined) return
    try {
      for (const frame of this.#frames.push(Buffer.from(bytes))) this.#take(frame)
    } catch (error) {
      if (!(error instanceof WireError)) throw error
      this.problem = error.message
    }
  }

  #take(frame: Frame): void {
    switch (frame.type) {
      case requestTypes.query:
        this.asked.push({ text: decodeQuery(frame.body), extended: false })
        return
      case requestTypes.parse: {
        const { name, sql } = decodeParse(frame.body)
        this.#statements.set(name, sql)
        this.asked.push({ text: sql, extended: true })
        return
      }
      case requestTypes.bind: {
        const text = this.#statements.get(decodeBind(frame.body).statement)
        if (text !== undefined) this.asked.push({ text, extended: true })
        return
      }
      case requestTypes.close: {
        const { what, name } = decodeNamed(frame.body)
        if (what === 'statement') this.#statements.delete(name)
        return
      }
      case requestTypes.sync:
        this.asked.push('sync')
    }
  }
}
