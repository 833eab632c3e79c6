// SSH public keys and signatures (RFC 4253 6.6, RFC 5656 3.1, RFC 8332, RFC 8709): Ed25519, ECDSA on the NIST curves, and RSA
// with SHA-2. Pure.
import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { privateCopy, publicCopy } from './key-copies.ts'

/** Why bytes are no SSH key, signature or certificate. The message never quotes them. */
export class SshFormatError extends Error {}

/** Bytes of a key or certificate that are read at all. */
export const sshBlobBytesMax: number = 64 * 1024

interface Curve {
  /** Name in an ECDSA key (RFC 5656 10.1). */
  readonly ssh: string
  readonly jwk: string
  readonly node: string
  readonly coordinateBytes: number
  readonly hash: string
}

/** A public key algorithm that keys and authorities may have. */
export type SshKeyAlgorithm =
  | 'ssh-ed25519'
  | 'ecdsa-sha2-nistp256'
  | 'ecdsa-sha2-nistp384'
  | 'ecdsa-sha2-nistp521'
  | 'ssh-rsa'

const curves: Readonly<Record<Exclude<SshKeyAlgorithm, 'ssh-ed25519' | 'ssh-rsa'>, Curve>> = {
  'ecdsa-sha2-nistp256': { ssh: 'nistp256', jwk: 'P-256', node: 'prime256v1', coordinateBytes: 32, hash: 'sha256' },
  'ecdsa-sha2-nistp384': { ssh: 'nistp384', jwk: 'P-384', node: 'secp384r1', coordinateBytes: 48, hash: 'sha384' },
  'ecdsa-sha2-nistp521': { ssh: 'nistp521', jwk: 'P-521', node: 'secp521r1', coordinateBytes: 66, hash: 'sha512' },
}
const ed25519 = 'ssh-ed25519'
const edKeyBytes = 32
const edSignatureBytes = 64
const rsa = 'ssh-rsa'
/** Hashes of RSA signatures by the signature's name (RFC 8332 3); SHA-1 is none of them. */
const rsaHashes: ReadonlyMap<string, string> = new Map([
  ['rsa-sha2-512', 'sha512'],
  ['rsa-sha2-256', 'sha256'],
])
const rsaBits = { min: 2048, max: 8192 } as const
const rsaExponentBytesMax = 8

/** Every algorithm that is read here, the usual one first. */
export const sshKeyAlgorithms: readonly SshKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'ssh-rsa',
]

/** True for the algorithms that are read here. */
export function isSshKeyAlgorithm(name: string): name is SshKeyAlgorithm {
  return name === ed25519 || name === rsa || Object.hasOwn(curves, name)
}

/** A public key: its algorithm, its SSH form, and the key to verify with. */
export interface SshPublicKey {
  readonly algorithm: SshKeyAlgorithm
  readonly blob: Uint8Array
  readonly key: KeyObject
}

/** Reads SSH fields; every read checks what is left. */
export class SshReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    if (bytes.length > sshBlobBytesMax) throw new SshFormatError(`more than ${sshBlobBytesMax} bytes`)
    this.#bytes = Buffer.from(bytes)
  }
  get offset(): number {
    return this.#at
  }
  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }
  #take(length: number): Buffer {
    if (length > this.#bytes.length - this.#at) throw new SshFormatError('a field is cut off')
    const taken = this.#bytes.subarray(this.#at, this.#at + length)
    this.#at += length
    return taken
  }
  uint32(): number {
    return this.#take(4).readUInt32BE()
  }
  uint64(): bigint {
    return this.#take(8).readBigUInt64BE()
  }
  string(): Buffer {
    return this.#take(this.uint32())
  }
  /** A string that must be text: UTF-8 without control characters. */
  text(): string {
    return textOf(this.string())
  }
  end(): void {
    if (!this.isAtEnd) throw new SshFormatError('there are bytes after the last field')
  }
}

/** Text of an SSH string; control characters and bytes that are not UTF-8 have no business in names. */
export function textOf(bytes: Uint8Array): string {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new SshFormatError('a text is not UTF-8')
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 32 || code === 127) throw new SshFormatError('a text has control characters')
  }
  return text
}

/** An SSH string: its length, then its bytes. */
export function sshString(value: Uint8Array | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}

/** Reads the key fields that follow an algorithm's name. */
export function readKeyFields(algorithm: SshKeyAlgorithm, reader: SshReader): SshPublicKey {
  if (algorithm === ed25519) {
    const point = reader.string()
    if (point.length !== edKeyBytes) throw new SshFormatError('an Ed25519 key has 32 bytes')
    return {
      algorithm,
      blob: Buffer.concat([sshString(algorithm), sshString(point)]),
      key: imported({ kty: 'OKP', crv: 'Ed25519', x: point.toString('base64url') }),
    }
  }
  if (algorithm === rsa) return readRsaFields(reader)
  const curve = curves[algorithm]
  if (reader.text() !== curve.ssh) throw new SshFormatError("the key's curve is not its algorithm's")
  const point = reader.string()
  const { coordinateBytes: half } = curve
  if (point.length !== 1 + 2 * half || point[0] !== 4)
    throw new SshFormatError('the point of a key is not uncompressed')
  const x = point.subarray(1, 1 + half).toString('base64url')
  const y = point.subarray(1 + half).toString('base64url')
  return {
    algorithm,
    blob: Buffer.concat([sshString(algorithm), sshString(curve.ssh), sshString(point)]),
    key: imported({ kty: 'EC', crv: curve.jwk, x, y }),
  }
}

function readRsaFields(reader: SshReader): SshPublicKey {
  const exponent = positive(reader.string())
  const modulus = positive(reader.string())
  const bits = modulus.length * 8 - Math.clz32(modulus[0] ?? 0) + 24
  if (bits < rsaBits.min || bits > rsaBits.max)
    throw new SshFormatError(`an RSA key has ${rsaBits.min} to ${rsaBits.max} bits`)
  const isOdd = (bytes: Buffer): boolean => ((bytes.at(-1) ?? 0) & 1) === 1
  const isOne = exponent.length === 1 && exponent[0] === 1
  if (exponent.length > rsaExponentBytesMax || isOne || !isOdd(exponent) || !isOdd(modulus))
    throw new SshFormatError('the numbers of an RSA key are none of one')
  return {
    algorithm: rsa,
    blob: Buffer.concat([sshString(rsa), mpint(exponent), mpint(modulus)]),
    key: imported({ kty: 'RSA', e: exponent.toString('base64url'), n: modulus.toString('base64url') }),
  }
}

/** OpenSSL refuses points that are not on their curve. */
function imported(jwk: { readonly [name: string]: string }): KeyObject {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    throw new SshFormatError('the key is not one of its curve')
  }
}

/** The fields of a key after its algorithm's name, as certificates repeat them. */
export function keyFields({ algorithm, blob }: SshPublicKey): Buffer {
  return Buffer.from(blob).subarray(sshString(algorithm).length)
}

/** Decodes the SSH form of a public key. A certificate is no key. */
export function decodeSshPublicKey(blob: Uint8Array): SshPublicKey {
  const reader = new SshReader(blob)
  const algorithm = reader.text()
  if (!isSshKeyAlgorithm(algorithm)) throw new SshFormatError('keys are Ed25519, ECDSA on a NIST curve, or RSA')
  const key = readKeyFields(algorithm, reader)
  reader.end()
  return key
}

/** The SSH form of a public or private key of Node. */
export function sshPublicKeyOf(key: KeyObject): SshPublicKey {
  const { kty, crv, x = '', y = '', e = '', n = '' } = publicCopy(key).export({ format: 'jwk' })
  if (kty === 'OKP' && crv === 'Ed25519')
    return readKeyFields(ed25519, new SshReader(sshString(Buffer.from(x, 'base64url'))))
  if (kty === 'RSA')
    return readRsaFields(
      new SshReader(Buffer.concat([mpint(Buffer.from(e, 'base64url')), mpint(Buffer.from(n, 'base64url'))])),
    )
  for (const [algorithm, curve] of Object.entries(curves)) {
    if (kty !== 'EC' || crv !== curve.jwk || !isSshKeyAlgorithm(algorithm)) continue
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
    return readKeyFields(algorithm, new SshReader(Buffer.concat([sshString(curve.ssh), sshString(point)])))
  }
  throw new SshFormatError('keys are Ed25519, ECDSA on a NIST curve, or RSA')
}

/** The blob of one line of a `.pub` file: algorithm, base64, perhaps a comment. `named` tells what the line says. */
export function parseSshLine(line: string): { readonly named: string; readonly blob: Uint8Array } {
  const trimmed = line.trim()
  if (trimmed.length > 2 * sshBlobBytesMax || trimmed.includes('\n')) throw new SshFormatError('more than one line')
  const [named = '', base64 = ''] = trimmed.split(' ')
  const blob = Buffer.from(base64, 'base64')
  if (base64 === '' || blob.toString('base64') !== base64) throw new SshFormatError('a line without a key in base64')
  if (new SshReader(blob).text() !== named) throw new SshFormatError('the line names another algorithm than its key')
  return { named, blob }
}

/** A public key as a line of `authorized_keys`. */
export function sshLine(algorithm: string, blob: Uint8Array, comment = ''): string {
  return `${algorithm} ${Buffer.from(blob).toString('base64')}${comment === '' ? '' : ` ${comment}`}`
}

/** Public keys of a file of authorities: a key a line, `#` for remarks. */
export function parseSshAuthorities(text: string): readonly SshPublicKey[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => decodeSshPublicKey(parseSshLine(line).blob))
}

/** A signature in SSH form by a private key of Node. */
export function signSsh(data: Uint8Array, privateKey: KeyObject): Buffer {
  const { algorithm } = sshPublicKeyOf(privateKey)
  if (algorithm === ed25519) return Buffer.concat([sshString(algorithm), sshString(sign(null, data, privateKey))])
  if (algorithm === rsa) return Buffer.concat([sshString('rsa-sha2-512'), sshString(sign('sha512', data, privateKey))])
  const { hash, coordinateBytes } = curves[algorithm]
  const flat = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
  const [r, s] = [flat.subarray(0, coordinateBytes), flat.subarray(coordinateBytes)]
  return Buffer.concat([sshString(algorithm), sshString(Buffer.concat([mpint(r), mpint(s)]))])
}

/** Names of the signatures that keys of an algorithm make, the usual one first. */
export function signatureAlgorithms(algorithm: SshKeyAlgorithm): readonly string[] {
  return algorithm === rsa ? [...rsaHashes.keys()] : [algorithm]
}

/** True when `signature` (SSH form) over `data` is by this key and of exactly its algorithm, of RSA one with SHA-2. */
export function verifySsh(data: Uint8Array, signature: Uint8Array, { algorithm, key }: SshPublicKey): boolean {
  const outer = new SshReader(signature)
  const named = outer.text()
  if (!signatureAlgorithms(algorithm).includes(named)) return false
  const inner = outer.string()
  outer.end()
  if (algorithm === rsa) return verify(rsaHashes.get(named), data, key, inner)
  if (algorithm === ed25519) return inner.length === edSignatureBytes && verify(null, data, key, inner)
  const { hash, coordinateBytes } = curves[algorithm]
  const reader = new SshReader(inner)
  const flat = Buffer.concat([unsigned(reader.string(), coordinateBytes), unsigned(reader.string(), coordinateBytes)])
  reader.end()
  return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, flat)
}

/** An unsigned number as an SSH mpint: no zeros in front but the one that keeps it positive (RFC 4251 5). */
function mpint(number: Buffer): Buffer {
  let at = 0
  while (at < number.length && number[at] === 0) at++
  const digits = number.subarray(at)
  return sshString((digits[0] ?? 0) >= 128 ? Buffer.concat([Buffer.from([0]), digits]) : digits)
}

/** The digits of a positive mpint. */
function positive(bytes: Buffer): Buffer {
  const [first = 0, second = 0] = bytes
  if (bytes.length === 0 || first >= 128 || (first === 0 && second < 128))
    throw new SshFormatError('a number is not positive and shortest')
  return first === 0 ? bytes.subarray(1) : bytes
}

/** The digits of a positive mpint, in exactly `length` bytes. */
function unsigned(bytes: Buffer, length: number): Buffer {
  const digits = positive(bytes)
  if (digits.length > length) throw new SshFormatError('a number of a signature is too large')
  return Buffer.concat([Buffer.alloc(length - digits.length), digits])
}

const opensshMagic = 'openssh-key-v1\0'
/** Private parts are padded to blocks of this many bytes where nothing encrypts them (PROTOCOL.key 3). */
const blockBytes = 8
const pemColumns = 70

/** A new Ed25519 key as OpenSSH writes them: the private key without a passphrase, and its public line. */
export function generateSshKey(comment = ''): { readonly private: string; readonly public: string } {
  const privateKey = privateCopy(generateKeyPairSync('ed25519').privateKey)
  const { algorithm, blob } = sshPublicKeyOf(privateKey)
  const { d = '', x = '' } = privateKey.export({ format: 'jwk' })
  const [seed, point] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')]
  const check = randomBytes(4)
  const parts = Buffer.concat([
    ...[check, check, sshString(algorithm), sshString(point)],
    ...[sshString(Buffer.concat([seed, point])), sshString(comment)],
  ])
  const padding = Uint8Array.from(
    { length: (blockBytes - (parts.length % blockBytes)) % blockBytes },
    (_, at) => at + 1,
  )
  const count = Buffer.alloc(4)
  count.writeUInt32BE(1)
  const whole = Buffer.concat([
    ...[Buffer.from(opensshMagic), sshString('none'), sshString('none'), sshString('')],
    ...[count, sshString(blob), sshString(Buffer.concat([parts, padding]))],
  ]).toString('base64')
  const lines = Array.from({ length: Math.ceil(whole.length / pemColumns) }, (_, at) =>
    whole.slice(at * pemColumns, (at + 1) * pemColumns),
  )
  return {
    private: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`,
    public: sshLine(algorithm, blob, comment),
  }
}
