// OpenSSH certificates (PROTOCOL.certkeys): encode and sign, decode and verify. Pure: no clock, no files, no network.
// What a certificate says counts only after `verifySshCertificate`; whoever uses it must still see the key's signature.
import { type KeyObject, randomBytes } from 'node:crypto'
import { BlockList, isIP } from 'node:net'
import {
  decodeSshPublicKey,
  isSshKeyAlgorithm,
  keyFields,
  readKeyFields,
  SshFormatError,
  type SshPublicKey,
  SshReader,
  signatureAlgorithms,
  signSsh,
  sshLine,
  sshPublicKeyOf,
  sshString,
  textOf,
  verifySsh,
} from './ssh-keys.ts'

/** One critical option or extension. `value` is empty where the option is a mere flag. */
export interface SshCertificateOption {
  readonly name: string
  readonly value: string
}

/** What an authority says of a key. */
export interface SshCertificateFields {
  readonly key: SshPublicKey
  readonly serial: bigint
  readonly type: 'user' | 'host'
  readonly keyId: string
  readonly principals: readonly string[]
  /** Seconds since 1970, the first that counts. */
  readonly validAfter: bigint
  /** Seconds since 1970, the first that does not count any more. */
  readonly validBefore: bigint
  readonly criticalOptions: readonly SshCertificateOption[]
  readonly extensions: readonly SshCertificateOption[]
}

/** A certificate that was read, and nothing of it believed yet. */
export interface SshCertificate extends SshCertificateFields {
  readonly authority: SshPublicKey
  /** The bytes that the signature is over. */
  readonly signed: Uint8Array
  readonly signature: Uint8Array
}

/** Principals of a certificate that are read (OpenSSH reads as many). */
export const sshPrincipalsMax = 256
const optionsMax = 64
const suffix = '-cert-v01@openssh.com'
const types = { user: 1, host: 2 } as const
const nonceBytes = 32
const nonceBytesMin = 16
const keyIdCharsMax = 1024

/** The name of the certificate's algorithm for a key's. */
export function certificateAlgorithm(algorithm: SshPublicKey['algorithm']): string {
  return `${algorithm}${suffix}`
}

/** The names under which a certificate of such a key is agreed on: they say how the key signs (OpenSSH PROTOCOL.certkeys). */
export function certificateSignatures(algorithm: SshPublicKey['algorithm']): readonly string[] {
  return signatureAlgorithms(algorithm).map((name) => `${name}${suffix}`)
}

/** Signs a certificate. Throws SshFormatError for what no verifier would accept. */
export function signSshCertificate(
  fields: SshCertificateFields,
  authorityKey: KeyObject,
  nonce: Uint8Array = randomBytes(nonceBytes),
): Uint8Array {
  if (fields.principals.length === 0 || fields.principals.length > sshPrincipalsMax)
    throw new SshFormatError(`a certificate names 1 to ${sshPrincipalsMax} principals`)
  const signed = Buffer.concat([
    sshString(certificateAlgorithm(fields.key.algorithm)),
    sshString(nonce),
    keyFields(fields.key),
    uint64(fields.serial),
    uint32(types[fields.type]),
    sshString(fields.keyId),
    sshString(Buffer.concat(fields.principals.map((one) => sshString(one)))),
    uint64(fields.validAfter),
    uint64(fields.validBefore),
    sshString(encodeOptions(fields.criticalOptions)),
    sshString(encodeOptions(fields.extensions)),
    sshString(''),
    sshString(sshPublicKeyOf(authorityKey).blob),
  ])
  const certificate = Buffer.concat([signed, sshString(signSsh(signed, authorityKey))])
  // INVARIANT: nothing is signed that our own reader refuses.
  decodeSshCertificate(certificate)
  return certificate
}

/** A certificate as the line of a `-cert.pub` file. */
export function sshCertificateLine(certificate: Uint8Array, comment = ''): string {
  return sshLine(new SshReader(certificate).text(), certificate, comment)
}

/** Reads a certificate; consumes every byte or throws SshFormatError. */
export function decodeSshCertificate(blob: Uint8Array): SshCertificate {
  const reader = new SshReader(blob)
  const named = reader.text()
  const algorithm = named.endsWith(suffix) ? named.slice(0, -suffix.length) : ''
  if (!isSshKeyAlgorithm(algorithm)) throw new SshFormatError('not a certificate of an Ed25519, ECDSA or RSA key')
  if (reader.string().length < nonceBytesMin) throw new SshFormatError('the nonce is too short')
  const key = readKeyFields(algorithm, reader)
  const serial = reader.uint64()
  const kind = reader.uint32()
  if (kind !== types.user && kind !== types.host) throw new SshFormatError('neither a user nor a host certificate')
  const keyId = reader.text()
  if (keyId.length > keyIdCharsMax) throw new SshFormatError('the key id is too long')
  const principals = decodePrincipals(reader.string())
  const validAfter = reader.uint64()
  const validBefore = reader.uint64()
  const criticalOptions = decodeOptions(reader.string())
  const extensions = decodeOptions(reader.string())
  if (reader.string().length > 0) throw new SshFormatError('the reserved field is in use')
  // A certificate here would be an authority that somebody else made one (CVE-2025-49825): only plain keys are read.
  const authority = decodeSshPublicKey(reader.string())
  const signed = Uint8Array.from(blob.subarray(0, reader.offset))
  const signature = reader.string()
  reader.end()
  return {
    key,
    serial,
    type: kind === types.user ? 'user' : 'host',
    keyId,
    principals,
    validAfter,
    validBefore,
    criticalOptions,
    extensions,
    authority,
    signed,
    signature,
  }
}

/** How certificates are believed. */
export interface SshCertificateTrust {
  readonly authorities: readonly SshPublicKey[]
  /** A certificate that counts longer in all than this is refused. */
  readonly lifetimeMaxSeconds: number
  readonly skewSeconds: number
}

/** Where and when a certificate is shown. */
export interface SshCertificateUse {
  readonly type: 'user' | 'host'
  readonly nowSeconds: number
  /** Absent: every principal may. */
  readonly principal?: string
  /** Where the client comes from; absent refuses certificates that count from some addresses only. */
  readonly clientAddress?: string
  /** Critical options that the caller itself enforces, such as `force-command`. */
  readonly enforced: readonly string[]
}

/** Why a certificate does not count; undefined when it does. Only then may its fields be believed. */
export function verifySshCertificate(
  certificate: SshCertificate,
  trust: SshCertificateTrust,
  use: SshCertificateUse,
): string | undefined {
  const { authority, type, principals, validAfter, validBefore } = certificate
  const known = trust.authorities.find((one) => Buffer.from(one.blob).equals(Buffer.from(authority.blob)))
  if (known === undefined) return 'the certificate is not of an authority that is known here'
  try {
    if (!verifySsh(certificate.signed, certificate.signature, known))
      return 'the certificate is not signed by its authority'
  } catch (error) {
    if (error instanceof SshFormatError) return 'the certificate is not signed by its authority'
    throw error
  }
  if (type !== use.type) return `the certificate is for a ${type}`
  // An empty list means everybody to some readers; here it means nobody.
  if (principals.length === 0) return 'the certificate names no principal'
  if (use.principal !== undefined && !principals.includes(use.principal))
    return 'the certificate does not name this principal'
  if (BigInt(Math.floor(use.nowSeconds + trust.skewSeconds)) < validAfter) return 'the certificate does not count yet'
  if (BigInt(Math.floor(use.nowSeconds - trust.skewSeconds)) >= validBefore) return 'the certificate has expired'
  if (validBefore - validAfter > BigInt(trust.lifetimeMaxSeconds))
    return `the certificate lives longer than the ${trust.lifetimeMaxSeconds} s that are allowed`
  return verifyCritical(certificate, use)
}

function verifyCritical({ criticalOptions }: SshCertificate, use: SshCertificateUse): string | undefined {
  for (const { name, value } of criticalOptions) {
    if (name === 'source-address') {
      if (use.clientAddress === undefined || !addressMatches(value, use.clientAddress))
        return 'the certificate does not count from this address'
    } else if (!use.enforced.includes(name)) return 'the certificate has a critical option that is not supported here'
  }
  return undefined
}

/** True when an address is in a list of addresses and CIDR blocks; what cannot be read matches nothing. */
function addressMatches(list: string, address: string): boolean {
  const plain = address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
  const family = isIP(plain)
  if (family === 0) return false
  const blocks = new BlockList()
  for (const one of list.split(',')) {
    const [net = '', bits] = one.split('/')
    const of = isIP(net)
    const width = of === 4 ? 32 : 128
    if (of === 0 || one.split('/').length > 2 || (bits !== undefined && !/^(0|[1-9]\d{0,2})$/.test(bits))) return false
    const prefix = bits === undefined ? width : Number(bits)
    if (prefix > width) return false
    blocks.addSubnet(net, prefix, of === 4 ? 'ipv4' : 'ipv6')
  }
  return blocks.check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

function encodeOptions(options: readonly SshCertificateOption[]): Buffer {
  const sorted = [...options].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  return Buffer.concat(
    sorted.flatMap(({ name, value }) => [sshString(name), sshString(value === '' ? '' : sshString(value))]),
  )
}

/** Options come sorted and once each (PROTOCOL.certkeys); others could be read in two ways. */
function decodeOptions(bytes: Uint8Array): readonly SshCertificateOption[] {
  const reader = new SshReader(bytes)
  const options: SshCertificateOption[] = []
  let before: Buffer | undefined
  while (!reader.isAtEnd) {
    if (options.length >= optionsMax) throw new SshFormatError(`more than ${optionsMax} options`)
    const name = reader.string()
    if (before !== undefined && Buffer.compare(before, name) >= 0)
      throw new SshFormatError('the options are not sorted, or one comes twice')
    before = name
    options.push({ name: textOf(name), value: decodeValue(reader.string()) })
  }
  return options
}

function decodeValue(data: Buffer): string {
  if (data.length === 0) return ''
  const inner = new SshReader(data)
  const value = inner.text()
  inner.end()
  return value
}

function decodePrincipals(bytes: Uint8Array): readonly string[] {
  const reader = new SshReader(bytes)
  const principals: string[] = []
  while (!reader.isAtEnd) {
    if (principals.length >= sshPrincipalsMax) throw new SshFormatError(`more than ${sshPrincipalsMax} principals`)
    const principal = reader.text()
    // A comma makes two of one where lists are matched (CVE-2026-35414); an empty name matches by accident.
    if (principal === '' || principal.includes(',')) throw new SshFormatError('a principal is empty or has a comma')
    principals.push(principal)
  }
  return principals
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
