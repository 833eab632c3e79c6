// Puts our packets in the place of ssh2's where AES-GCM was agreed on, and sees to it that it is: clients whose first wish
// is a slower cipher get to hear of it only when they know no quicker one.
// It reaches into the library, so it checks what it finds: another version keeps its own ciphers.
import type { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { GcmOpener, GcmSealer, type OnPayload } from './gcm.ts'
import { readShared } from './reads.ts'

interface Lists {
  readonly kex: { readonly array: readonly string[] }
  readonly serverHostKey: { readonly array: readonly string[] }
  readonly cs: Named
  readonly sc: Named
}
type Named = Readonly<Record<'cipher' | 'mac' | 'compress' | 'lang', { readonly array: readonly string[] }>>
interface Offer {
  readonly lists: Lists
}
interface Cipher {
  outSeqno: number
  allocPacket(payloadBytes: number): Buffer
  encrypt(packet: Buffer): void
  free(): void
}
interface Decipher {
  _onPayload: OnPayload
}
interface Library {
  _cipher: Cipher
  _decipher: Decipher | undefined
  _offer: Offer
  _kexinit: unknown
  readonly _onWrite: (bytes: Uint8Array) => void
  channelData(channel: number, data: Uint8Array): void
  rekey(): void
}

/** Makes a connection whose keys are not made yet use our packets. */
export function quickenPackets(connection: EventEmitter): void {
  const library: unknown = Reflect.get(connection, '_protocol')
  if (!isLibrary(library)) throw new TypeError('ssh2 is not the version that this was written for')
  let cipher: Cipher = library._cipher
  let decipher = library._decipher
  Object.defineProperty(library, '_cipher', {
    get: () => cipher,
    set: (made: Cipher) => {
      cipher = sealerFor(made, library._onWrite) ?? made
    },
  })
  Object.defineProperty(library, '_decipher', {
    get: () => decipher,
    set: (made: Decipher) => {
      decipher = openerFor(made) ?? made
      const socket: unknown = Reflect.get(connection, '_sock')
      // Only where packets in pieces are kept elsewhere: ours are, and the library's of before the keys are not.
      if (decipher instanceof GcmOpener && socket instanceof Socket)
        readShared(socket, () => decipher instanceof GcmOpener)
    },
  })
  const send = library.channelData.bind(library)
  library.channelData = (channel, data) => {
    const isSent = library._kexinit === undefined && cipher instanceof GcmSealer && cipher.sendData(channel, data)
    if (!isSent) send(channel, data)
  }
}

const quick = ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']
const keyExchangeInit = 20

/**
 * Lets a client speak first that is known to do so. In RFC 4253 7.1 the client's order decides, and OpenSSH's puts ahead
 * what has no instructions of the processor; whoever offers a quick cipher too is offered nothing else.
 */
export function preferQuick(connection: EventEmitter, clientSoftware: string): void {
  const library: unknown = Reflect.get(connection, '_protocol')
  if (!isLibrary(library)) throw new TypeError('ssh2 is not the version that this was written for')
  const decipher = library._decipher
  if (!clientSoftware.startsWith('OpenSSH_') || decipher === undefined) return
  const cipher = library._cipher
  // What the library is about to say is held back by a cipher that writes nothing.
  library._cipher = {
    outSeqno: 0,
    allocPacket: (bytes) => cipher.allocPacket(bytes),
    encrypt: () => {},
    free: () => {},
  }
  const take = decipher._onPayload
  decipher._onPayload = (payload) => {
    decipher._onPayload = take
    library._cipher = cipher
    library._kexinit = undefined
    library._offer = offerFor(library._offer, payload)
    library.rekey()
    return take(payload)
  }
}

function offerFor(offer: Offer, payload: Buffer): Offer {
  const ciphers = cipherLists(payload)
  if (ciphers === undefined || !ciphers.every((list) => quick.some((name) => list.includes(name)))) return offer
  return remade(offer, (lists) => ({
    ...lists,
    cs: { ...lists.cs, cipher: quick },
    sc: { ...lists.sc, cipher: quick },
  }))
}

/** What a side offers, each in its order. */
export interface Offered {
  readonly kex: readonly string[]
  readonly serverHostKey: readonly string[]
  readonly cs: Readonly<Record<keyof Named, readonly string[]>>
  readonly sc: Readonly<Record<keyof Named, readonly string[]>>
}

/** Changes what a connection will offer; before it has. */
export function withOffer(connection: EventEmitter, change: (lists: Offered) => Offered): void {
  const library: unknown = Reflect.get(connection, '_protocol')
  if (!isLibrary(library)) throw new TypeError('ssh2 is not the version that this was written for')
  library._offer = remade(library._offer, change)
}

function remade(offer: Offer, change: (lists: Offered) => Offered): Offer {
  const { kex, serverHostKey, cs, sc } = offer.lists
  const names = ({ cipher, mac, compress, lang }: Named): Offered['cs'] => ({
    cipher: cipher.array,
    mac: mac.array,
    compress: compress.array,
    lang: lang.array,
  })
  const lists = { kex: kex.array, serverHostKey: serverHostKey.array, cs: names(cs), sc: names(sc) }
  const made: unknown = Reflect.construct(offer.constructor, [change(lists)])
  if (!isOffer(made)) throw new TypeError('ssh2 is not the version that this was written for')
  return made
}

/** The ciphers of a KEXINIT, from the client and to it; undefined for anything else. */
function cipherLists(payload: Buffer): readonly (readonly string[])[] | undefined {
  if (payload[0] !== keyExchangeInit) return undefined
  const lists: string[][] = []
  for (let at = 17; lists.length < 4; ) {
    if (at + 4 > payload.length) return undefined
    const end = at + 4 + payload.readUInt32BE(at)
    if (end > payload.length) return undefined
    lists.push(payload.toString('latin1', at + 4, end).split(','))
    at = end
  }
  return lists.slice(2)
}

/** Our sealer with the keys of one that ssh2 made without its native code; undefined for all others. */
function sealerFor(made: object, write: (bytes: Uint8Array) => void): GcmSealer | undefined {
  const [name, key, nonce] = ['_encSSLName', '_encKey', '_encIV'].map((field): unknown => Reflect.get(made, field))
  const sequence: unknown = Reflect.get(made, 'outSeqno')
  if (!isGcm(name) || !(key instanceof Uint8Array) || !(nonce instanceof Uint8Array) || typeof sequence !== 'number')
    return undefined
  return new GcmSealer({ name, key, nonce, sequence }, write)
}

function openerFor(made: object): GcmOpener | undefined {
  const [name, key, nonce] = ['_decipherSSLName', '_decipherKey', '_decipherIV'].map((field): unknown =>
    Reflect.get(made, field),
  )
  const sequence: unknown = Reflect.get(made, 'inSeqno')
  const onPayload: unknown = Reflect.get(made, '_onPayload')
  if (!isGcm(name) || !(key instanceof Uint8Array) || !(nonce instanceof Uint8Array) || typeof sequence !== 'number')
    return undefined
  return isOnPayload(onPayload) ? new GcmOpener({ name, key, nonce, sequence }, onPayload) : undefined
}

function isGcm(name: unknown): name is 'aes-128-gcm' | 'aes-256-gcm' {
  return name === 'aes-128-gcm' || name === 'aes-256-gcm'
}

function isOnPayload(value: unknown): value is OnPayload {
  return typeof value === 'function'
}

function isOffer(value: unknown): value is Offer {
  return typeof value === 'object' && value !== null && 'lists' in value
}

function isLibrary(value: unknown): value is Library {
  if (typeof value !== 'object' || value === null) return false
  return (
    ['_cipher', '_offer', '_kexinit', '_decipher'].every((name) => name in value) &&
    ['channelData', 'rekey', '_onWrite'].every((name) => typeof Reflect.get(value, name) === 'function')
  )
}
