// Signed statements: the checkpoint that closes a segment, and the last one that closes a session.
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { RecordingError } from './error.ts'

/** What a checkpoint says; all of it is signed. */
export interface Checkpoint {
  readonly session: string
  readonly segment: number
  /** Entries, frames and bytes of this segment before the checkpoint. */
  readonly entries: number
  readonly frames: number
  readonly bytes: number
  /** Hash of the last frame before the checkpoint, hexadecimal. */
  readonly head: string
  /** Hash that ended the segment before this one; empty for the first. */
  readonly previous: string
  /** Sequence that the next entry would have: a count over all segments. */
  readonly nextSequence: number
  readonly wallMs: number
  /** Present when the session ends here: why. */
  readonly final?: string
}

const context = 'sallyport recording checkpoint v1\n'
const signatureBytes = 64

/** Signs for one gateway. */
export interface Signer {
  readonly keyId: string
  sign(context: string, text: string): Buffer
}

/** A signer from an Ed25519 private key in PEM. */
export function signerFromPem(pem: string): Signer {
  const key = ed25519(() => createPrivateKey(pem))
  return { keyId: keyIdOf(createPublicKey(key)), sign: (purpose, text) => sign(null, Buffer.from(purpose + text), key) }
}

/** Checks signatures of one gateway. */
export interface SignatureChecker {
  readonly keyId: string
  check(context: string, text: string, signature: Uint8Array): boolean
}

/** A checker from an Ed25519 public key in PEM. */
export function checkerFromPem(pem: string): SignatureChecker {
  const key = ed25519(() => createPublicKey(pem))
  return {
    keyId: keyIdOf(key),
    check: (purpose, text, signature) => verify(null, Buffer.from(purpose + text), key, signature),
  }
}

/** The body of a checkpoint frame: the signature, then the text it covers. */
export function encodeCheckpoint(checkpoint: Checkpoint, signer: Signer): Buffer {
  const text = JSON.stringify(checkpoint)
  return Buffer.concat([signer.sign(context, text), Buffer.from(text)])
}

/** Reads a checkpoint and says whether its signature holds. Throws RecordingError when it is none. */
export function decodeCheckpoint(
  body: Uint8Array,
  checker: SignatureChecker,
): { readonly checkpoint: Checkpoint; readonly signed: boolean } {
  const text = Buffer.from(body.subarray(signatureBytes)).toString('utf8')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new RecordingError('damaged', 'a checkpoint is not JSON', { cause })
  }
  if (!isCheckpoint(value)) throw new RecordingError('damaged', 'a checkpoint lacks a field')
  return { checkpoint: value, signed: checker.check(context, text, body.subarray(0, signatureBytes)) }
}

/** Whether a checkpoint says that it ends its session; its signature is not looked at. */
export function endsSession(body: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.subarray(signatureBytes)).toString('utf8'))
    return isCheckpoint(value) && value.final !== undefined
  } catch {
    return false
  }
}

function isCheckpoint(value: unknown): value is Checkpoint {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map(Object.entries(value))
  return (
    ['session', 'head', 'previous'].every((name) => typeof fields.get(name) === 'string') &&
    ['segment', 'entries', 'frames', 'bytes', 'nextSequence', 'wallMs'].every(
      (name) => typeof fields.get(name) === 'number',
    ) &&
    ['undefined', 'string'].includes(typeof fields.get('final'))
  )
}

function ed25519(read: () => KeyObject): KeyObject {
  let key: KeyObject
  try {
    key = read()
  } catch (cause) {
    throw new RecordingError('bad_key', 'the signing key is not PEM', { cause })
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new RecordingError('bad_key', 'the signing key is not Ed25519')
  return key
}

function keyIdOf(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex').slice(0, 16)
}
