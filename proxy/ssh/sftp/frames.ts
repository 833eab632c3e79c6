// SFTP packets out of a stream of bytes (draft-ietf-secsh-filexfer-02 3): each is either collected whole or passed on as
// its bytes come, without being put together.

/** The stream is not SFTP as it is spoken here. The message never quotes it. */
export class SftpError extends Error {}

/** Bytes of one packet, without its length: what OpenSSH takes at the most. */
export const packetBytesMax: number = 256 * 1024
/** Bytes of a handle (draft 6.2). */
export const handleBytesMax = 256
/** Type and request id, or version. */
const bodyBytesMin = 5
/** Length, type and request id. */
export const headBytes = 9

/** What becomes of the packets of one direction. */
export interface FrameSink {
  /** Says what becomes of a packet, by its first bytes: as many as `peekBytes`, or all of it. */
  begin(head: Buffer): 'pass' | 'collect'
  /** A packet that was collected, whole, with its length. */
  packet(packet: Buffer): void
  /** Bytes of packets that are passed, in order. */
  pass(bytes: Buffer): void
}

/** Cuts one direction into packets. `push` throws SftpError, and must not be called again when it has. */
export class Frames {
  readonly #sink: FrameSink
  readonly #peekBytes: number
  /** A head whose bytes came in pieces, until there are enough. */
  #head: Buffer[] = []
  #headLength = 0
  /** A packet that is collected, and how much of it is there. */
  #collected: Buffer | undefined
  #filled = 0
  /** Bytes of a passed packet that are still to come. */
  #passing = 0

  constructor(sink: FrameSink, peekBytes: number) {
    this.#sink = sink
    this.#peekBytes = peekBytes
  }

  /** True between packets. */
  get isWhole(): boolean {
    return this.#headLength === 0 && this.#collected === undefined && this.#passing === 0
  }

  /** Takes bytes as they come. */
  push(bytes: Buffer): void {
    let at = 0
    /** Where bytes begin that are passed and have not been handed on. */
    let passed = -1
    const flush = (): void => {
      if (passed >= 0 && passed < at) this.#sink.pass(bytes.subarray(passed, at))
      passed = -1
    }
    while (at < bytes.length) {
      if (this.#passing > 0) {
        if (passed < 0) passed = at
        const step = Math.min(this.#passing, bytes.length - at)
        this.#passing -= step
        at += step
        continue
      }
      if (this.#collected !== undefined) {
        at += this.#fill(bytes, at)
        continue
      }
      if (this.#headLength > 0) {
        flush()
        at += this.#gatherHead(bytes, at)
        continue
      }
      const left = bytes.length - at
      const total = left < 4 ? undefined : totalOf(bytes, at)
      if (total === undefined || left < Math.min(total, this.#peekBytes)) {
        flush()
        this.#head = [bytes.subarray(at)]
        this.#headLength = left
        at = bytes.length
        continue
      }
      const head = bytes.subarray(at, at + Math.min(total, this.#peekBytes))
      if (this.#sink.begin(head) === 'pass') {
        if (passed < 0) passed = at
        this.#passing = total
        continue
      }
      flush()
      if (left >= total) {
        const packet = bytes.subarray(at, at + total)
        at += total
        this.#sink.packet(packet)
      } else {
        this.#collected = Buffer.allocUnsafe(total)
        this.#filled = 0
      }
    }
    flush()
  }

  #fill(bytes: Buffer, at: number): number {
    const packet = this.#collected
    if (packet === undefined) return 0
    const step = Math.min(packet.length - this.#filled, bytes.length - at)
    bytes.copy(packet, this.#filled, at, at + step)
    this.#filled += step
    if (this.#filled === packet.length) {
      this.#collected = undefined
      this.#sink.packet(packet)
    }
    return step
  }

  /** Adds to a head that came in pieces, byte by byte where even its length is not known. */
  #gatherHead(bytes: Buffer, at: number): number {
    const before = this.#headLength
    const known = before < 4 ? undefined : totalOf(this.#joinHead(), 0)
    const wanted = known === undefined ? 4 : Math.min(known, this.#peekBytes)
    const step = Math.min(wanted - before, bytes.length - at)
    if (step > 0) {
      this.#head.push(bytes.subarray(at, at + step))
      this.#headLength += step
    }
    if (this.#headLength < 4) return step
    const head = this.#joinHead()
    const total = totalOf(head, 0)
    if (this.#headLength < Math.min(total, this.#peekBytes)) return step
    this.#head = []
    this.#headLength = 0
    if (this.#sink.begin(head) === 'pass') {
      this.#sink.pass(head)
      this.#passing = total - head.length
      return step
    }
    const packet = Buffer.allocUnsafe(total)
    head.copy(packet)
    if (head.length === total) this.#sink.packet(packet)
    else {
      this.#collected = packet
      this.#filled = head.length
    }
    return step
  }

  #joinHead(): Buffer {
    const [only] = this.#head
    const joined = this.#head.length === 1 && only !== undefined ? only : Buffer.concat(this.#head)
    this.#head = [joined]
    return joined
  }
}

/** The length of a packet with the field that says it. */
function totalOf(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at)
  if (length < bodyBytesMin || length > packetBytesMax) throw new SftpError('a length that no packet has')
  return length + 4
}
