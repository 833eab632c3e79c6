// Makes a connection as it was when it was made: asks the server to forget the session, and does not believe it. What the
// server tells of by itself has to be what it told of at first, and names have to be read as in a new session.
import { SqlSession } from '../../engine/action/sql/index.ts'
import { Probe, probeQuery } from './probe.ts'
import {
  decodeParameterStatus,
  decodeReady,
  decodeTag,
  encodeQuery,
  type Frame,
  messageTypes as is,
} from './wire/index.ts'

/** What is said to the server. */
export const resetMessage: Uint8Array = Buffer.concat([encodeQuery('DISCARD ALL'), probeQuery])

/** Messages of which the answer to the second question is made. */
const ofProbe: ReadonlySet<number> = new Set([
  is.bindComplete,
  is.closeComplete,
  is.commandComplete,
  is.parseComplete,
  is.ready,
  is.row,
])

/** One reset, message by message. */
export class Reset {
  readonly #first: ReadonlyMap<string, string>
  readonly #now: Map<string, string>
  readonly #probe = new Probe()
  readonly #user: string
  #isDiscarded = false
  #isForgotten = false

  /** `first` is what the server told of when the connection was made, `left` what it has told of since. */
  constructor(first: ReadonlyMap<string, string>, left: ReadonlyMap<string, string>, user: string) {
    this.#first = first
    this.#now = new Map([...first, ...left])
    this.#user = user
  }

  /** Takes a message: `clean` after the last one, `failed` where the connection must not be used again. */
  take(frame: Frame): 'more' | 'clean' | 'failed' {
    if (frame.type === is.parameterStatus) {
      const { name, value } = decodeParameterStatus(frame)
      this.#now.set(name, value)
      return 'more'
    }
    if (frame.type === is.ready && decodeReady(frame) !== 'I') return 'failed'
    if (this.#isForgotten) return this.#probed(frame)
    if (frame.type === is.commandComplete && decodeTag(frame).tag === 'DISCARD ALL') this.#isDiscarded = true
    else if (frame.type === is.ready && this.#isDiscarded) this.#isForgotten = true
    else return 'failed'
    return 'more'
  }

  #probed(frame: Frame): 'more' | 'clean' | 'failed' {
    if (!ofProbe.has(frame.type)) return 'failed'
    if (!this.#probe.take(frame)) return 'more'
    const fresh = SqlSession.start(this.#user)
    // Without an answer it stays in doubt.
    const { role, searchPath, doubtful } = this.#probe.settle(fresh.withDoubt())
    const isFresh = !doubtful && role === this.#user && searchPath.join('\u0001') === fresh.searchPath.join('\u0001')
    return isFresh && this.#isAsAtFirst() ? 'clean' : 'failed'
  }

  #isAsAtFirst(): boolean {
    return (
      this.#now.size === this.#first.size && [...this.#now].every(([name, value]) => this.#first.get(name) === value)
    )
  }
}
