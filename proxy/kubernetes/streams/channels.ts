// What flows in the channels of one stream, whatever transport carries them: direction, limits, masks and record are the
// same for SPDY and for WebSocket, because both come here.
import type { KubeFacts } from '../../../engine/action/kube/index.ts'
import type { DetectRule } from '../../../engine/masking/index.ts'
import type { GateSession, Refusal, Terms } from '../../gate/contract.ts'
import { TextFlow } from '../response/text-answer.ts'
import { WireError } from '../wire/index.ts'
import { TypedLines } from './typed-lines.ts'

/** A channel by its meaning. `data` is a forwarded connection, both ways. */
export type Channel = 'stdin' | 'stdout' | 'stderr' | 'error' | 'resize' | 'data'

/** What the channels of one stream need. */
export interface ChannelParts {
  readonly session: GateSession
  readonly terms: Terms
  readonly facts: KubeFacts
  readonly detect: readonly DetectRule[]
  readonly hashKey: Uint8Array
  readonly record: boolean
  /** Whether output is masked alike under the terms of another action. */
  readonly masksAlike: (terms: Terms) => boolean
  /** Far more was typed than can wait to be judged. */
  readonly flooded: () => void
  /** A limit was reached. */
  readonly exceeded: (refusal: Refusal) => void
  /** The recorder is behind: stop reading, until `go`. */
  readonly congested: (go: (resume: () => void) => void) => void
}

/** How the gateway writes in channels of its own accord. */
export interface Ways {
  readonly toClient: (bytes: Buffer) => void
  readonly toServer: (bytes: Buffer) => void
}

/** Bytes of one message of the resize channel, and of the error channel. */
const resizeBytesMax = 1024
const errorBytesMax = 64 * 1024

/** Judges what flows. */
export class Channels {
  readonly #parts: ChannelParts
  readonly #flows = new Map<Channel, TextFlow>()
  readonly #lines: TypedLines | undefined
  #ways: Ways | undefined

  constructor(parts: ChannelParts) {
    this.#parts = parts
    const { session, facts, masksAlike } = parts
    const { flooded } = parts
    this.#lines =
      facts.exec?.shell.mode === 'lines'
        ? new TypedLines({
            session,
            facts,
            masksAlike,
            flooded,
            show: (bytes) => {
              this.#record('terminal_out', bytes)
              this.#ways?.toClient(bytes)
            },
            send: (bytes) => this.#ways?.toServer(bytes),
          })
        : undefined
  }

  /** How the gateway itself writes to the client's output and to the shell's input. */
  writesBy(ways: Ways): void {
    this.#ways = ways
  }

  /** The client's input is over; true where that goes on by itself, else `pass` is called when it may. */
  inputEnds(pass: () => void): boolean {
    this.#lines?.end(pass)
    return this.#lines === undefined
  }

  /** Whether a request of these facts has a channel at all; asking for another is against the protocol. */
  allows(channel: Channel): boolean {
    const { subresource, exec } = this.#parts.facts
    if (subresource === 'portforward') return channel === 'data' || channel === 'error'
    switch (channel) {
      case 'stdin':
        return exec?.stdin === true
      case 'resize':
        return exec?.tty === true
      case 'stdout':
      case 'stderr':
      case 'error':
        return true
      case 'data':
        return false
    }
  }

  /** Bytes of the client; answers whether they may go on. Throws WireError for a channel that is not the client's. */
  fromClient(channel: Channel, bytes: Buffer): boolean {
    if (
      bytes.length > 0 &&
      (!this.allows(channel) || (channel !== 'stdin' && channel !== 'resize' && channel !== 'data'))
    )
      throw new WireError(`the client sent on ${channel}`)
    if (channel === 'resize') this.#resize(bytes)
    else this.#record('terminal_in', bytes)
    const isWithin = this.#consume(bytes.length)
    if (channel !== 'stdin' || this.#lines === undefined) return isWithin
    if (isWithin) this.#lines.push(bytes)
    return false
  }

  /** Bytes of the server; `send` gets what may be seen, now or a little later. Throws WireError for a wrong channel. */
  fromServer(channel: Channel, bytes: Buffer, send: (bytes: Buffer) => void): void {
    if (channel === 'stdin' || channel === 'resize') {
      if (bytes.length > 0) throw new WireError(`the server sent on ${channel}`)
      send(bytes)
      return
    }
    if (!this.#consume(bytes.length)) return
    if (channel === 'error') {
      if (bytes.length > errorBytesMax) throw new WireError('a message on the error channel is too long')
      // What a command said comes before how it ended.
      this.flush()
    }
    if (channel === 'data' || bytes.length === 0) {
      this.#record('terminal_out', bytes)
      send(bytes)
      return
    }
    let flow = this.#flows.get(channel)
    if (flow === undefined) {
      const { detect, hashKey, session } = this.#parts
      flow = new TextFlow(
        detect,
        hashKey,
        (rule, count) => session.masked(rule, count),
        (masked) => {
          if (channel !== 'error') this.#record('terminal_out', masked)
          send(masked)
        },
      )
      this.#flows.set(channel, flow)
    }
    flow.push(bytes)
    if (channel === 'error') flow.end()
  }

  /** What was held back of stdout and stderr goes out. */
  flush(channel?: Channel): void {
    for (const [name, flow] of this.#flows) if (channel === undefined || channel === name) flow.end()
  }

  /** Nothing more goes out. */
  drop(): void {
    this.#lines?.drop()
    for (const flow of this.#flows.values()) flow.drop()
  }

  #consume(bytes: number): boolean {
    if (bytes === 0) return true
    const answer = this.#parts.session.consume({ bytes }, this.#parts.terms)
    if (!answer.within) this.#parts.exceeded(answer.refusal)
    return answer.within
  }

  #record(kind: 'terminal_in' | 'terminal_out', bytes: Buffer): void {
    const { session, record, congested } = this.#parts
    if (record && bytes.length > 0 && !session.observe(kind, bytes)) congested((resume) => session.onDrain(resume))
  }

  #resize(bytes: Buffer): void {
    if (bytes.length > resizeBytesMax) throw new WireError('a resize is too long')
    const { session, congested } = this.#parts
    // kubectl sends one JSON object a line; one that cannot be read is the server's to refuse, and shown as none.
    for (const line of bytes.toString().split('\n')) {
      const size = sizeOf(line)
      if (size !== undefined && !session.resized(size.columns, size.rows))
        congested((resume) => session.onDrain(resume))
    }
  }
}

function sizeOf(line: string): { readonly columns: number; readonly rows: number } | undefined {
  if (line.trim() === '') return undefined
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const fields = new Map<string, unknown>(Object.entries(value))
  const columns = fields.get('Width')
  const rows = fields.get('Height')
  return isSize(columns) && isSize(rows) ? { columns, rows } : undefined
}

function isSize(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 65_536
}
