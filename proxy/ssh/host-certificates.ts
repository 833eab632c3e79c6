// Certificates of hosts (OpenSSH PROTOCOL.certkeys), which ssh2 does not know: the gateway's own shown to its clients, and
// those of hosts read. Both are keys under another name in one message of the key exchange; what is signed and by what stays
// the library's. It reaches into the library, so it checks what it finds: another version shows and reads none.
import type { EventEmitter } from 'node:events'
import ssh2 from 'ssh2'
import { certificateSignatures, decodeSshCertificate, parseSshLine, sshKeyAlgorithms } from '../identity/index.ts'
import { withOffer } from './packets/install.ts'

type Sign = (data: Buffer, hash?: string) => Buffer | Error
interface HostKey {
  readonly type: string
  getPublicSSH(): Buffer
  sign: Sign
}
interface Exchange {
  readonly negotiated: { serverHostKey: string }
}
interface Library {
  readonly _kex: unknown
  _hostKeys: Record<string, unknown> | undefined
}

const suffix = '-cert-v01@openssh.com'
/** Hashes that signatures of RSA keys are named by. */
const rsaHashes: Readonly<Record<string, string | undefined>> = { 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }
/** How the host signs in an exchange whose certificate is of an RSA key. */
const signatures = new WeakMap<object, string>()

/** A certificate of one of the gateway's host keys. */
export interface HostCertificate {
  /** The names under which it is agreed on, each of a way in which its key signs. */
  readonly algorithms: readonly string[]
  readonly blob: Buffer
  readonly key: HostKey
}

/** Reads the line of a `-cert.pub` file. Throws where it is none of a host, or of none of these private keys. */
export function hostCertificate(line: string, hostKeys: readonly string[]): HostCertificate {
  const { blob } = parseSshLine(line)
  const { type, key } = decodeSshCertificate(blob)
  if (type !== 'host') throw new TypeError('a host certificate of the SSH listener is one for users')
  for (const pem of hostKeys) {
    const parsed = ssh2.utils.parseKey(pem)
    const own: unknown = Array.isArray(parsed) ? parsed[0] : parsed
    if (isHostKey(own) && own.getPublicSSH().equals(key.blob))
      return { algorithms: certificateSignatures(key.algorithm), blob: Buffer.from(blob), key: own }
  }
  throw new TypeError('a host certificate of the SSH listener is of none of its host keys')
}

/** Offers certificates to a client that has just connected, ahead of the keys themselves: its own order decides. */
export function showHostCertificates(connection: EventEmitter, certificates: readonly HostCertificate[]): void {
  if (certificates.length === 0) return
  const library = libraryOf(connection)
  const shown = certificates.flatMap(({ algorithms, blob, key }) =>
    algorithms.map((algorithm): [string, HostKey] => [
      algorithm,
      {
        type: key.type,
        getPublicSSH: () => blob,
        sign: (data) => {
          // A signature is named by its key, not by the certificate (RFC 4253 6.6).
          const signature = algorithm.slice(0, -suffix.length)
          exchangeOf(library).negotiated.serverHostKey = signature
          return key.sign(data, rsaHashes[signature])
        },
      },
    ]),
  )
  library._hostKeys = { ...library._hostKeys, ...Object.fromEntries(shown) }
  withOffer(connection, (lists) => ({
    ...lists,
    serverHostKey: [...certificates.flatMap(({ algorithms }) => algorithms), ...lists.serverHostKey],
  }))
}

/** Makes a client that has begun to connect ask for certificates first. */
export function askHostCertificates(connection: EventEmitter): void {
  withOffer(connection, (lists) => ({
    ...lists,
    serverHostKey: [...sshKeyAlgorithms.flatMap(certificateSignatures), ...lists.serverHostKey],
  }))
  // What is agreed on for RSA says how the key signs, and its certificate is called otherwise: the library wants the same.
  const library = libraryOf(connection)
  let exchange = library._kex
  Object.defineProperty(library, '_kex', {
    configurable: true,
    get: () => exchange,
    set: (made: unknown) => {
      exchange = made
      const negotiated: unknown = Reflect.get(Object(made), 'negotiated')
      const agreed: unknown = Reflect.get(Object(negotiated), 'serverHostKey')
      if (typeof agreed !== 'string' || !isObject(made) || !isObject(negotiated)) return
      const signature = agreed.endsWith(suffix) ? agreed.slice(0, -suffix.length) : ''
      if (rsaHashes[signature] === undefined) return
      signatures.set(made, signature)
      Reflect.set(negotiated, 'serverHostKey', `ssh-rsa${suffix}`)
    },
  })
}

/**
 * Tells the library which key a certificate that is believed is of, while it asks whether the host is known: the hash of
 * the exchange is over the certificate, and its signature by the key.
 */
export function useCertifiedKey(connection: EventEmitter, shown: Uint8Array): void {
  const exchange = exchangeOf(libraryOf(connection))
  if (!exchange.negotiated.serverHostKey.endsWith(suffix)) return
  const { key } = decodeSshCertificate(shown)
  exchange.negotiated.serverHostKey = signatures.get(exchange) ?? key.algorithm
  let isHashed = false
  Object.defineProperty(exchange, '_hostKey', {
    configurable: true,
    set: () => undefined,
    get: () => {
      const value = isHashed ? key.blob : shown
      isHashed = true
      return Buffer.from(value)
    },
  })
}

function libraryOf(connection: EventEmitter): Library {
  const library: unknown = Reflect.get(connection, '_protocol')
  const fits = typeof library === 'object' && library !== null && '_kex' in library && '_hostKeys' in library
  if (!fits) throw new TypeError('ssh2 is not the version that this was written for')
  return library as Library
}

function exchangeOf({ _kex: exchange }: Library): Exchange {
  const negotiated: unknown = Reflect.get(Object(exchange), 'negotiated')
  if (typeof Reflect.get(Object(negotiated), 'serverHostKey') !== 'string')
    throw new TypeError('ssh2 is not the version that this was written for')
  return exchange as Exchange
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isHostKey(value: unknown): value is HostKey {
  return (
    typeof value === 'object' &&
    value !== null &&
    ['getPublicSSH', 'sign'].every((name) => typeof Reflect.get(value, name) === 'function')
  )
}
