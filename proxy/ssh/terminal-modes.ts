// How a client's terminal is set, out of its request for one (RFC 4254 8): which key erases, whether there is echo. The
// library skips the first byte and so finds nothing, which would leave every host with its own.
// It reaches into the library, so it checks what it finds: another version fails at the first connection.
import type { EventEmitter } from 'node:events'

const channelRequest = 98
const ptyRequest: Buffer = Buffer.from('pty-req')
/** Modes of one terminal; there are some sixty. */
const modesMax = 128
/** From here on no arguments are known. */
const opcodesEnd = 160

interface Library {
  _onPayload: (payload: Buffer) => unknown
}

/** Listens to what a peer asks for; answers the modes of the request that is being handled. Before keys are made. */
export function watchTerminalModes(connection: EventEmitter): () => Buffer | undefined {
  const library: unknown = Reflect.get(connection, '_protocol')
  if (!isLibrary(library)) throw new TypeError('ssh2 is not the version that this was written for')
  let modes: Buffer | undefined
  const take = library._onPayload
  library._onPayload = (payload) => {
    if (payload[0] !== channelRequest) return take(payload)
    modes = terminalModes(payload)
    const taken = take(payload)
    modes = undefined
    return taken
  }
  return () => modes
}

/** The modes of a request for a terminal, written anew; undefined where it has none, or is none. */
export function terminalModes(payload: Buffer): Buffer | undefined {
  const reader = new Fields(payload, 1 + 4)
  if (reader.string()?.equals(ptyRequest) !== true) return undefined
  reader.skip(1)
  reader.string()
  reader.skip(4 * 4)
  const given = reader.string()
  if (given === undefined) return undefined
  const kept: Buffer[] = []
  for (let at = 0; at + 5 <= given.length && kept.length < modesMax; at += 5) {
    const opcode = given[at] ?? 0
    if (opcode === 0 || opcode >= opcodesEnd) break
    kept.push(given.subarray(at, at + 5))
  }
  return kept.length === 0 ? undefined : Buffer.concat([...kept, Buffer.from([0])])
}

/** Reads fields of a packet; past its end there is nothing. */
class Fields {
  readonly #bytes: Buffer
  #at: number
  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.#at = at
  }
  skip(length: number): void {
    this.#at += length
  }
  string(): Buffer | undefined {
    if (this.#at + 4 > this.#bytes.length) return undefined
    const start = this.#at + 4
    const end = start + this.#bytes.readUInt32BE(this.#at)
    if (end > this.#bytes.length) return undefined
    this.#at = end
    return this.#bytes.subarray(start, end)
  }
}

function isLibrary(value: unknown): value is Library {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, '_onPayload') === 'function'
}
