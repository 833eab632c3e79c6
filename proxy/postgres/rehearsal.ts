// Statements that run before anybody is there, through decoding, analysis, gate and both halves of a relay, to no server
// and for no client: a program compiles what it runs most while it runs, and the first clients are not to wait for that.
import type { SqlAnalyzer } from '../../engine/action/sql/index.ts'
import type { GateSession } from '../gate/contract.ts'
import { Outbox, type Sink } from './outbox.ts'
import { Relay } from './relay.ts'
import { cstring, encodeFrame, encodeParse, encodeQuery, encodeReady, FrameReader, int16, int32 } from './wire/index.ts'

/** What a rehearsal is made of. */
export interface RehearsalParts {
  /** A session of a gate of its own, which lets everything pass and records nothing. */
  readonly gate: GateSession
  readonly analyzer: SqlAnalyzer
  /** A query of one row, with the number of the turn in it. */
  readonly text: (turn: number) => string
  /** The same with one parameter. */
  readonly prepared: string
}

/** Sizes of answers vary little: mostly a row or a few. */
const row = encodeFrame('D', int16(1), int32(4), Buffer.from('1234'))
const description = encodeFrame(
  'T',
  int16(1),
  cstring('value'),
  int32(0),
  int16(0),
  int32(23),
  int16(4),
  int32(-1),
  int16(0),
)
const completed = encodeFrame('C', cstring('SELECT 1'))
const ready = encodeReady('I')
const bodiless = (type: string): Buffer => encodeFrame(type)
const name = 'rehearsal'
const messageBytesMax = 1 << 20

/** What is written goes nowhere. */
const nowhere: Sink = { writableLength: 0, write: () => true, cork: () => undefined, uncork: () => undefined }

/** One session without sockets. */
export class Rehearsal {
  readonly #parts: RehearsalParts
  readonly #relay: Relay
  readonly #toClient = new Outbox(nowhere, (bytes) => {
    this.#parts.gate.observe('wire_down', bytes)
  })
  readonly #toServer = new Outbox(nowhere)
  readonly #client = new FrameReader(messageBytesMax)
  readonly #server = new FrameReader(messageBytesMax)
  readonly #fromClient: Buffer
  #turn = 0
  #ended = false

  constructor(parts: RehearsalParts) {
    this.#parts = parts
    this.#relay = new Relay({
      gate: parts.gate,
      analyzer: parts.analyzer,
      user: name,
      hashKey: Buffer.alloc(32),
      port: {
        toClient: (bytes) => this.#toClient.push(bytes),
        toServer: (bytes) => this.#toServer.push(bytes),
        flushClient: () => this.#toClient.flush(),
        cancelServer: () => undefined,
        caughtUp: () => undefined,
        end: () => {
          this.#ended = true
        },
      },
    })
    const parse = encodeParse({ name, sql: parts.prepared, types: [] })
    this.#fromClient = Buffer.concat([parse, bodiless('S')])
  }

  /** One statement of each kind; false where there is nothing more to try. */
  turn(): boolean {
    const turn = this.#turn++
    if (turn === 0) this.#exchange(this.#fromClient, Buffer.concat([bodiless('1'), ready]))
    this.#exchange(encodeQuery(this.#parts.text(turn)), Buffer.concat([description, row, completed, ready]))
    const value = Buffer.from(String(turn))
    const bind = encodeFrame('B', cstring(''), cstring(name), int16(0), int16(1), int32(value.length), value, int16(0))
    const describe = encodeFrame('D', Buffer.from('P'), cstring(''))
    const execute = encodeFrame('E', cstring(''), int32(0))
    this.#exchange(
      Buffer.concat([bind, describe, execute, bodiless('S')]),
      Buffer.concat([bodiless('2'), description, row, completed, ready]),
    )
    return !this.#ended && this.#relay.idle
  }

  /** Ends the session. */
  end(): void {
    this.#relay.gone()
    this.#parts.gate.close('client_closed')
  }

  #exchange(asked: Buffer, answered: Buffer): void {
    this.#during(() => this.#client.each(asked, (frame) => this.#relay.fromClient(frame)))
    this.#parts.gate.observe('wire_up', asked)
    this.#during(() => this.#server.each(answered, (frame) => this.#relay.fromServer(frame)))
  }

  #during(work: () => void): void {
    this.#toServer.beginTurn()
    this.#toClient.beginTurn()
    work()
    this.#toServer.endTurn()
    this.#toClient.endTurn()
  }
}
