// The gateway's login to a host by a certificate of its key (HashiCorp Vault's SSH engine gives them): ssh2 1.17 shows keys
// only, so its one message of this login is made here (RFC 4252 7, OpenSSH PROTOCOL.certkeys).
// It reaches into the library, so it checks what it finds: another version fails at the login.
import { createPrivateKey } from 'node:crypto'
import ssh2, { type Client } from 'ssh2'
import { certificateSignatures, decodeSshCertificate, parseSshLine, signSsh } from '../identity/index.ts'

/** A certificate to log in by. */
export interface LoginCertificate {
  /** The key's algorithm, which its signatures are of. */
  readonly keyAlgorithm: string
  /** The name under which it is shown: it says how the key signs. */
  readonly algorithm: string
  readonly blob: Uint8Array
  /** Signs, in SSH form; absent where the library's own signature is one. */
  readonly sign: ((data: Uint8Array) => Buffer) | undefined
}

const userAuthRequest = 50
const keyEnd = '-----END OPENSSH PRIVATE KEY-----'

/** A private key and, where one stands behind it, its certificate. Throws where that is none of this key. */
export function keyAndCertificate(secret: string): {
  readonly key: string
  readonly certificate: LoginCertificate | undefined
} {
  const end = secret.indexOf(keyEnd)
  const line = end < 0 ? '' : secret.slice(end + keyEnd.length).trim()
  if (line === '') return { key: secret, certificate: undefined }
  const { blob } = parseSshLine(line)
  const { key } = decodeSshCertificate(blob)
  const text = `${secret.slice(0, end + keyEnd.length)}\n`
  const [algorithm] = certificateSignatures(key.algorithm)
  if (algorithm === undefined) throw new TypeError('the certificate is of no key that signs')
  const sign = key.algorithm === 'ssh-ed25519' ? undefined : signerOf(text, key.blob)
  return { key: text, certificate: { keyAlgorithm: key.algorithm, algorithm, blob, sign } }
}

/** Signatures of other keys come from ssh2 in another form, and of RSA keys by whatever hash it tries first. */
function signerOf(text: string, blob: Uint8Array): (data: Uint8Array) => Buffer {
  const parsed = ssh2.utils.parseKey(text)
  const own = Array.isArray(parsed) ? parsed[0] : parsed
  if (own === undefined || own instanceof Error || !own.getPublicSSH().equals(blob))
    throw new TypeError('the certificate is not of the key before it')
  const privateKey = createPrivateKey(own.getPrivatePEM())
  return (data) => signSsh(data, privateKey)
}

type Sign = (data: Buffer, done: (signature: Buffer) => void) => void
interface Library {
  readonly _kex: { readonly sessionID: Buffer }
  readonly _packetRW: {
    readonly write: { readonly allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer }
  }
  readonly _cipher: { encrypt(packet: Buffer): void }
  readonly _kexinit: unknown
  readonly _authsQueue: string[]
  _queue: Buffer[] | undefined
  authPK(user: string, key: unknown, algorithm: unknown, sign?: Sign): void
}

/** Makes a client that has begun to connect show the certificate instead of its key. */
export function showCertificate(
  client: Client,
  { keyAlgorithm, algorithm, blob, sign: signer }: LoginCertificate,
): void {
  const library: unknown = Reflect.get(client, '_protocol')
  if (!isLibrary(library)) throw new TypeError('this version of ssh2 cannot be made to show certificates')
  library.authPK = (user, _key, _algorithm, sign) => {
    const request = Buffer.concat([
      Buffer.from([userAuthRequest]),
      string(user),
      string('ssh-connection'),
      string('publickey'),
      Buffer.from([sign === undefined ? 0 : 1]),
      string(algorithm),
      string(blob),
    ])
    library._authsQueue.push('publickey')
    if (sign === undefined) return send(library, request)
    const asked = Buffer.concat([string(library._kex.sessionID), request])
    if (signer !== undefined) return send(library, Buffer.concat([request, string(signer(asked))]))
    sign(asked, (signature) => {
      send(library, Buffer.concat([request, string(Buffer.concat([string(keyAlgorithm), string(signature)]))]))
    })
  }
}

function send(library: Library, payload: Buffer): void {
  const { write } = library._packetRW
  const packet = write.alloc(payload.length)
  packet.set(payload, write.allocStart)
  const done = write.finalize(packet)
  if (library._kexinit === undefined) library._cipher.encrypt(done)
  else {
    library._queue ??= []
    library._queue.push(done)
  }
}

function isLibrary(value: unknown): value is Library {
  if (typeof value !== 'object' || value === null) return false
  const objects = ['_kex', '_packetRW', '_cipher'].every((name) => name in value)
  return (
    objects && typeof Reflect.get(value, 'authPK') === 'function' && Array.isArray(Reflect.get(value, '_authsQueue'))
  )
}

function string(value: Uint8Array | string): Buffer {
  const bytes = Buffer.from(value)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
