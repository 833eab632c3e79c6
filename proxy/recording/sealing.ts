// Secrecy of recordings: each session has its own AES-256-GCM key, wrapped by the operator's key. With a public key
// (X25519) the gateway can write what it cannot read back.
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { RecordingError } from './error.ts'

/** Bytes of a session key. */
export const sessionKeyBytes = 32
/** Bytes of a nonce and of a tag of AES-256-GCM. */
export const nonceBytes = 12
export const tagBytes = 16

/** A session's key, and the same key wrapped for the headers of its segments. */
export interface SessionKey {
  readonly key: Uint8Array
  /** Names the way of wrapping in the header. */
  readonly wrapperId: string
  readonly wrapped: Uint8Array
}

/** Makes session keys that are already wrapped. */
export interface KeyWrapper {
  /** Throws RecordingError when no key can be wrapped now: the session must not begin. */
  newKey(): SessionKey
}

/** Unwraps session keys for whoever may read. */
export interface KeyUnwrapper {
  unwrap(id: string, wrapped: Uint8Array): Uint8Array
}

/** Seals into `out`; `head` is authenticated too. Nonces are random: a session has far fewer than 2^32 frames. */
export function sealInto(out: Buffer, key: Uint8Array, head: Uint8Array, plain: Uint8Array): void {
  drawNonce(out)
  const cipher = createCipheriv('aes-256-gcm', key, out.subarray(0, nonceBytes))
  cipher.setAAD(head)
  out.set(cipher.update(plain), nonceBytes)
  cipher.final()
  out.set(cipher.getAuthTag(), nonceBytes + plain.length)
}

/** Seals one body. */
function seal(key: Uint8Array, head: Uint8Array, plain: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(plain.length + sealBytes)
  sealInto(out, key, head, plain)
  return out
}

/** Bytes that sealing adds to a body. */
export const sealBytes: number = nonceBytes + tagBytes

/** Opens what `seal` closed. Throws RecordingError for another key or changed bytes. */
export function open(key: Uint8Array, head: Uint8Array, body: Uint8Array): Buffer {
  if (body.length < sealBytes) throw new RecordingError('damaged', 'a sealed body is cut')
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, nonceBytes))
  decipher.setAAD(head)
  decipher.setAuthTag(body.subarray(body.length - tagBytes))
  try {
    return Buffer.concat([decipher.update(body.subarray(nonceBytes, body.length - tagBytes)), decipher.final()])
  } catch (cause) {
    throw new RecordingError('wrong_key', 'a sealed body does not open with this key', { cause })
  }
}

/** A wrapper for an operator's key file: 32 bytes in hexadecimal or base64, or an X25519 public key in PEM. */
export function wrapperFromKey(text: string): KeyWrapper {
  const trimmed = text.trim()
  if (trimmed.startsWith('-----BEGIN')) return publicWrapper(readKey(() => createPublicKey(trimmed)))
  const key = secretBytes(trimmed)
  return wrapperOf('aes256gcm', (session) => seal(key, Buffer.from('aes256gcm'), session))
}

/** The other half of `wrapperFromKey`: the same secret, or the X25519 private key in PEM. */
export function unwrapperFromKey(text: string): KeyUnwrapper {
  const trimmed = text.trim()
  if (!trimmed.startsWith('-----BEGIN')) {
    const key = secretBytes(trimmed)
    return { unwrap: (id, wrapped) => (id === 'aes256gcm' ? open(key, Buffer.from(id), wrapped) : refuseId(id)) }
  }
  const mine = readKey(() => createPrivateKey(trimmed))
  return {
    unwrap: (id, wrapped) => {
      if (id !== 'x25519') return refuseId(id)
      const ephemeral = createPublicKey({
        key: Buffer.concat([x25519Prefix, wrapped.subarray(0, 32)]),
        format: 'der',
        type: 'spki',
      })
      return open(sharedKey(mine, ephemeral), Buffer.from(id), wrapped.subarray(32))
    },
  }
}

/** DER in front of the 32 bytes of an X25519 public key (RFC 8410). */
const x25519Prefix = Buffer.from('302a300506032b656e032100', 'hex')

function publicWrapper(theirs: KeyObject): KeyWrapper {
  if (theirs.asymmetricKeyType !== 'x25519') throw new RecordingError('bad_key', 'the recording key is not X25519')
  return wrapperOf('x25519', (session) => {
    const pair = generateKeyPairSync('x25519')
    const raw = pair.publicKey.export({ format: 'der', type: 'spki' }).subarray(x25519Prefix.length)
    return Buffer.concat([raw, seal(sharedKey(pair.privateKey, theirs), Buffer.from('x25519'), session)])
  })
}

function wrapperOf(wrapperId: string, wrap: (key: Uint8Array) => Uint8Array): KeyWrapper {
  return {
    newKey: () => {
      const key = randomBytes(sessionKeyBytes)
      return { key, wrapperId, wrapped: wrap(key) }
    },
  }
}

function sharedKey(privateKey: KeyObject, publicKey: KeyObject): Uint8Array {
  const secret = diffieHellman({ privateKey, publicKey })
  return new Uint8Array(hkdfSync('sha256', secret, '', 'sallyport recording key v1', sessionKeyBytes))
}

function refuseId(id: string): never {
  throw new RecordingError('wrong_key', `the recording is sealed by another kind of key: ${id.slice(0, 32)}`)
}

function readKey(read: () => KeyObject): KeyObject {
  try {
    return read()
  } catch (cause) {
    throw new RecordingError('bad_key', 'the recording key is not PEM', { cause })
  }
}

function secretBytes(text: string): Uint8Array {
  const bytes = /^[0-9a-fA-F]{64}$/.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64')
  if (bytes.length !== sessionKeyBytes)
    throw new RecordingError('bad_key', 'the recording key is not 32 bytes in hexadecimal or base64')
  return bytes
}

/**
 * Opens the pieces of a frame that were sealed as one stream. Without a tag, as a gateway that died leaves them, they
 * are read for what they are: nobody proved them. Throws RecordingError where the tag does not hold.
 */
export function openPieces(
  key: Uint8Array,
  head: Uint8Array,
  nonce: Uint8Array,
  pieces: readonly Uint8Array[],
  tag: Uint8Array | undefined,
): readonly Buffer[] {
  const decipher = createDecipheriv('aes-256-gcm', key, nonce)
  decipher.setAAD(head)
  const plain = pieces.map((piece) => decipher.update(piece))
  if (tag === undefined) return plain
  decipher.setAuthTag(tag)
  try {
    decipher.final()
  } catch (cause) {
    throw new RecordingError('wrong_key', 'a sealed body does not open with this key', { cause })
  }
  return plain
}

/** Random bytes are drawn in bulk: one call a nonce would cost more than the sealing. */
let pool: Buffer = Buffer.alloc(0)
let drawn = 0

/** Fills the first bytes with a nonce that was never used. */
export function drawNonce(out: Buffer): void {
  if (drawn + nonceBytes > pool.length) {
    pool = randomBytes(nonceBytes * 1024)
    drawn = 0
  }
  pool.copy(out, 0, drawn, drawn + nonceBytes)
  drawn += nonceBytes
}
