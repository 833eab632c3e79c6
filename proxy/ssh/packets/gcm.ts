// Packets under AES-GCM (RFC 5647 as `aes128-gcm@openssh.com` and `aes256-gcm@openssh.com` speak it): the length is
// authenticated and in the clear, the rest sealed, and the last eight bytes of the nonce count. One piece of memory a
// packet on the way in and one on the way out: what garbage a packet leaves costs more than its cipher does.
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto'
import { thrownAway } from './short-lived.ts'

/** The ciphers that are spoken here, by OpenSSL's names. */
export type GcmName = 'aes-128-gcm' | 'aes-256-gcm'

/** A cipher and its state at a change of keys. */
export interface GcmKeys {
  readonly name: GcmName
  readonly key: Uint8Array
  readonly nonce: Uint8Array
  readonly sequence: number
}

/** The longest packet that is taken, as in ssh2. */
export const packetBytesMax = 35_000
const lengthBytes = 4
const tagBytes = 16
const blockBytes = 16
const paddingBytesMin = 4
/** Packets up to this size leave in one piece. */
const onePieceBytes = 1024
const channelData = 94
/** The head of a packet of channel data: padding length, type, channel, length. */
const dataHeadBytes = 1 + 1 + 4 + 4

/** A packet is being built here; it is sealed before anything else runs. */
const scratch = Buffer.allocUnsafeSlow(packetBytesMax)

/** Padding is drawn in bulk: a call a packet would cost as much as sealing a short one. */
const padding = Buffer.allocUnsafeSlow(4096)
let padded = padding.length
function pad(out: Buffer, at: number, bytes: number): void {
  if (padded + bytes > padding.length) {
    randomFillSync(padding)
    padded = 0
  }
  padding.copy(out, at, padded, padded + bytes)
  padded += bytes
}

function paddingOf(payloadBytes: number): number {
  const short = blockBytes - ((1 + payloadBytes) % blockBytes)
  return short < paddingBytesMin ? short + blockBytes : short
}

/** The counter never comes round: keys are made anew long before. */
function next(nonce: Buffer): void {
  for (let at = 11; at >= 4; at--) {
    const byte = ((nonce[at] ?? 0) + 1) & 0xff
    nonce[at] = byte
    if (byte !== 0) return
  }
}

/** Seals packets, with the methods that ssh2 calls. */
export class GcmSealer {
  outSeqno: number
  readonly #name: GcmName
  readonly #key: Uint8Array
  readonly #nonce: Buffer
  readonly #write: (bytes: Uint8Array) => void
  #isFreed = false

  constructor({ name, key, nonce, sequence }: GcmKeys, write: (bytes: Uint8Array) => void) {
    this.outSeqno = sequence
    this.#name = name
    this.#key = Buffer.from(key)
    this.#nonce = Buffer.from(nonce)
    this.#write = write
  }

  free(): void {
    this.#isFreed = true
  }

  /** A packet whose payload is to be filled in, from its sixth byte on. */
  allocPacket(payloadBytes: number): Buffer {
    const padBytes = paddingOf(payloadBytes)
    const packet = Buffer.allocUnsafe(lengthBytes + 1 + payloadBytes + padBytes)
    packet.writeUInt32BE(packet.length - lengthBytes, 0)
    packet[lengthBytes] = padBytes
    pad(packet, lengthBytes + 1 + payloadBytes, padBytes)
    return packet
  }

  encrypt(packet: Buffer): void {
    if (!this.#isFreed) this.#seal(packet.subarray(0, lengthBytes), packet.subarray(lengthBytes))
  }

  /** Sends channel data without another copy of it. False for what does not fit into one packet. */
  sendData(channel: number, data: Uint8Array): boolean {
    const payloadBytes = dataHeadBytes - 1 + data.length
    const padBytes = paddingOf(payloadBytes)
    const bodyBytes = 1 + payloadBytes + padBytes
    if (lengthBytes + bodyBytes + tagBytes > packetBytesMax) return false
    if (this.#isFreed) return true
    scratch[0] = padBytes
    scratch[1] = channelData
    scratch.writeUInt32BE(channel, 2)
    scratch.writeUInt32BE(data.length, 6)
    scratch.set(data, dataHeadBytes)
    pad(scratch, dataHeadBytes + data.length, padBytes)
    const length = Buffer.allocUnsafe(lengthBytes)
    length.writeUInt32BE(bodyBytes, 0)
    this.#seal(length, scratch.subarray(0, bodyBytes))
    return true
  }

  #seal(length: Buffer, body: Buffer): void {
    const cipher = createCipheriv(this.#name, this.#key, this.#nonce)
    cipher.setAAD(length)
    const sealed = cipher.update(body)
    cipher.final()
    const tag = cipher.getAuthTag()
    if (sealed.length <= onePieceBytes) this.#write(Buffer.concat([length, sealed, tag]))
    else {
      this.#write(length)
      this.#write(sealed)
      this.#write(tag)
    }
    thrownAway(sealed.length)
    next(this.#nonce)
    this.outSeqno = (this.outSeqno + 1) >>> 0
  }
}

/** What ssh2 wants to know of a payload: go on, or stop here because the keys have changed. */
export type OnPayload = (payload: Buffer) => boolean | number | undefined

/** Memory for packets that come in pieces: lent, so that a connection that is idle holds none. */
const free: Buffer[] = []
const freeMax = 16

/** Opens packets, with the methods that ssh2 calls. */
export class GcmOpener {
  inSeqno: number
  /** Named as ssh2 names it, which exchanges it during a key exchange. */
  _onPayload: OnPayload
  readonly #name: GcmName
  readonly #key: Uint8Array
  readonly #nonce: Buffer
  #partial: Buffer | undefined
  #held = 0

  constructor({ name, key, nonce, sequence }: GcmKeys, onPayload: OnPayload) {
    this.inSeqno = sequence
    this._onPayload = onPayload
    this.#name = name
    this.#key = Buffer.from(key)
    this.#nonce = Buffer.from(nonce)
  }

  free(): void {
    this.#giveBack()
  }

  /** Opens every whole packet from `at` on. Answers where it stopped, or nothing when all was taken. Throws on forgery. */
  decrypt(data: Buffer, at: number, end: number): number | undefined {
    let from = at
    while (from < end) {
      let packet: Buffer
      if (this.#partial === undefined && end - from >= lengthBytes) {
        const whole = wholeBytes(data, from)
        if (end - from < whole) {
          this.#hold(data, from, end)
          return undefined
        }
        packet = data.subarray(from, from + whole)
        from += whole
      } else {
        const need = this.#need()
        const taken = Math.min(need, end - from)
        this.#hold(data, from, from + taken)
        from += taken
        if (this.#held < lengthBytes || this.#need() > 0) continue
        packet = (this.#partial ?? scratch).subarray(0, this.#held)
      }
      const answer = this._onPayload(this.#open(packet))
      if (answer !== undefined) return answer === false ? from : Number(answer)
    }
    return undefined
  }

  #open(packet: Buffer): Buffer {
    const decipher = createDecipheriv(this.#name, this.#key, this.#nonce, { authTagLength: tagBytes })
    decipher.setAAD(packet.subarray(0, lengthBytes))
    decipher.setAuthTag(packet.subarray(packet.length - tagBytes))
    const body = decipher.update(packet.subarray(lengthBytes, packet.length - tagBytes))
    decipher.final()
    this.#giveBack()
    thrownAway(body.length)
    next(this.#nonce)
    this.inSeqno = (this.inSeqno + 1) >>> 0
    const padBytes = body[0] ?? 0
    if (padBytes < paddingBytesMin || padBytes + 1 > body.length) throw new Error(`Bad padding length: ${padBytes}`)
    return body.subarray(1, body.length - padBytes)
  }

  /** Bytes that the packet in pieces still lacks; of one whose length is not there yet, those of the length. */
  #need(): number {
    if (this.#partial === undefined || this.#held < lengthBytes) return lengthBytes - this.#held
    return wholeBytes(this.#partial, 0) - this.#held
  }

  #hold(data: Buffer, from: number, to: number): void {
    this.#partial ??= free.pop() ?? Buffer.allocUnsafeSlow(packetBytesMax)
    data.copy(this.#partial, this.#held, from, to)
    this.#held += to - from
  }

  #giveBack(): void {
    if (this.#partial !== undefined && free.length < freeMax) free.push(this.#partial)
    this.#partial = undefined
    this.#held = 0
  }
}

/** Bytes of a packet with its length and its tag. Throws for a length that no packet has. */
function wholeBytes(bytes: Buffer, at: number): number {
  const length = bytes.readUInt32BE(at)
  if (length < blockBytes || length % blockBytes !== 0 || length + lengthBytes + tagBytes > packetBytesMax)
    throw new Error(`Bad packet length: ${length}`)
  return length + lengthBytes + tagBytes
}
