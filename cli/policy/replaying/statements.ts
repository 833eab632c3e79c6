// The statements that the recorded frames of a PostgreSQL client ask the server to run, by the codec of today's gateway.
import {
  decodeBind,
  decodeExecute,
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

/** A statement in the order of the frames, or the end of a run of the extended protocol. */
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
  readonly #portals = new Map<string, string>()

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
        return
      }
      case requestTypes.bind: {
        const { portal, statement } = decodeBind(frame.body)
        this.#portals.set(portal, this.#statements.get(statement) ?? '')
        return
      }
      case requestTypes.execute: {
        const text = this.#portals.get(decodeExecute(frame.body).portal)
        if (text !== undefined) this.asked.push({ text, extended: true })
        return
      }
      case requestTypes.close: {
        const { what, name } = decodeNamed(frame.body)
        const of = what === 'statement' ? this.#statements : this.#portals
        of.delete(name)
        return
      }
      case requestTypes.sync:
        this.asked.push('sync')
    }
  }
}
