// crypto.x509.* and crypto.parse_private_keys: certificates, requests and keys, in PEM or DER.
import { createPublicKey, X509Certificate } from 'node:crypto'
import { integerOf, isArray, isNumber, type RegoObject, type Value, valueFromData } from '../../value/index.ts'
import { readBase64 } from '../base64.ts'
import { type Builtin, BuiltinError, operandError } from '../contract.ts'
import { objectOperand, stringOperand } from '../operands.ts'
import { base64, certificateValue, object, requestValue } from './certificate.ts'
import { DerError, readAt } from './der.ts'
import { jwkOf, keyValue, privateKeys } from './private-keys.ts'
import { isTrusted, type VerifyOptions } from './verify.ts'

const TEXT_MAX = 10_000_000
const CERTIFICATES_MAX = 1000

/** The built-ins on certificates by name. */
export const x509: Readonly<Record<string, Builtin>> = {
  'crypto.x509.parse_certificates': (context, args) => {
    const certificates = certificatesOf(stringOperand(args, 1))
    context.spend(certificates.length * 20)
    return certificates.map(read(certificateValue))
  },
  'crypto.x509.parse_and_verify_certificates': (context, args) =>
    verified(stringOperand(args, 1), () => ({
      nowMs: Number(context.nowNs / 1_000_000n),
      usages: ['1.3.6.1.5.5.7.3.1'],
      dnsName: '',
      depthMax: undefined,
    })),
  'crypto.x509.parse_and_verify_certificates_with_options': (context, args) => {
    const text = stringOperand(args, 1)
    const options = objectOperand(args, 2)
    return verified(text, () => optionsOf(options, Number(context.nowNs / 1_000_000n)))
  },
  'crypto.x509.parse_certificate_request': (_, args) => {
    const text = stringOperand(args, 1)
    const [block] = pemBlocks(text, 'CERTIFICATE REQUEST')
    const bytes = block ?? readBase64(text, 'standard')
    const [inner] = pemBlocks(bytes.toString('latin1'), 'CERTIFICATE REQUEST')
    return read(requestValue)(inner ?? bytes)
  },
  'crypto.x509.parse_keypair': (_, args) => {
    const [certificates, keys] = [stringOperand(args, 1), stringOperand(args, 2)]
    const chain = pemBlocks(wholePem(certificates), 'CERTIFICATE')
    const [leaf] = chain
    if (leaf === undefined) throw refused('tls: failed to find any PEM data in certificate input')
    const [key] = privateKeys(wholePem(keys))
    if (key === undefined) throw refused('tls: failed to find any PEM data in key input')
    const own = createPublicKey(key).export({ format: 'der', type: 'spki' })
    const certificate = read((der) => new X509Certificate(der))(leaf)
    if (!own.equals(certificate.publicKey.export({ format: 'der', type: 'spki' })))
      throw refused('tls: private key does not match public key')
    return object({
      Certificate: chain.map(base64),
      Leaf: plain(read(certificateValue)(leaf)),
      OCSPStaple: null,
      PrivateKey: keyValue(key),
      SignedCertificateTimestamps: null,
      SupportedSignatureAlgorithms: null,
    })
  },
  'crypto.x509.parse_rsa_private_key': (_, args) => {
    const text = stringOperand(args, 1)
    if (text === '') throw refused('input PEM data was empty')
    // What holds no key at all is null. Despite the name any key that has a JWK is given, as OPA does.
    const [key] = privateKeys(wholePem(text))
    return key === undefined ? null : valueFromData(jwkOf(key))
  },
  'crypto.parse_private_keys': (_, args) => {
    const text = stringOperand(args, 1)
    if (text === '') return null
    return privateKeys(pemText(text)).map(keyValue)
  },
}

function refused(message: string): BuiltinError {
  return new BuiltinError('eval_builtin_error', message)
}

function read<T>(parse: (der: Buffer) => T): (der: Buffer) => T {
  return (der) => {
    try {
      return parse(der)
    } catch (error) {
      if (error instanceof BuiltinError) throw error
      if (error instanceof DerError) throw refused(`x509: malformed certificate: ${error.message}`)
      throw refused('x509: malformed certificate')
    }
  }
}

/** Certificates in PEM, in base64 of PEM, or in base64 of DER one after another. */
function certificatesOf(text: string): readonly Buffer[] {
  if (text.length > TEXT_MAX) throw refused('the text is too long')
  const direct = text.startsWith('-----BEGIN') ? pemBlocks(text, 'CERTIFICATE') : []
  if (direct.length > 0) {
    if (text.split('-----BEGIN ').length - 1 > direct.length) throw refused('the text holds more than certificates')
    return direct
  }
  const bytes = readBase64(text, 'standard')
  const blocks = pemBlocks(bytes.toString('latin1'), 'CERTIFICATE')
  if (blocks.length > 0) return blocks
  return read((der) => {
    const found: Buffer[] = []
    for (let at = 0; at < der.length && found.length < CERTIFICATES_MAX; ) {
      const { whole } = readAt(der, at)
      found.push(whole)
      at += whole.length
    }
    return found
  })(bytes)
}

/** PEM as it stands, or the PEM that base64 holds. */
function pemText(text: string): string {
  return text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64').toString('latin1')
}

/** The same, where nothing else will do. */
function wholePem(text: string): string {
  return text.startsWith('-----BEGIN') ? text : readBase64(text, 'standard').toString('latin1')
}

/** The contents of PEM blocks of one label, in order. */
function pemBlocks(text: string, label: string): readonly Buffer[] {
  const [begin, end] = [`-----BEGIN ${label}-----`, `-----END ${label}-----`]
  const blocks: Buffer[] = []
  for (let at = text.indexOf(begin); at >= 0 && blocks.length < CERTIFICATES_MAX; ) {
    const stop = text.indexOf(end, at)
    if (stop < 0) break
    blocks.push(Buffer.from(text.slice(at + begin.length, stop), 'base64'))
    at = text.indexOf(begin, stop)
  }
  return blocks
}

/** Only `parse_certificates` writes names as texts too. */
function plain(certificate: RegoObject): RegoObject {
  return certificate.without('URIStrings')
}

function verified(text: string, readOptions: () => VerifyOptions): Value {
  let chain: readonly Buffer[]
  let certificates: readonly X509Certificate[]
  try {
    chain = certificatesOf(text)
    certificates = chain.map((der) => new X509Certificate(der))
  } catch {
    return [false, []]
  }
  // Options are read only where there is something to verify.
  const options = readOptions()
  try {
    if (isTrusted(certificates, options))
      // The leaf first, then what it hangs from.
      return [true, [...chain].reverse().map(read(certificateValue)).map(plain)]
  } catch {
    // What cannot be read is not trusted.
  }
  return [false, []]
}

/** Go's names of key usages, and their object identifiers. */
const USAGE_NAMES: ReadonlyMap<string, string> = new Map([
  ['KeyUsageAny', '2.5.29.37.0'],
  ['KeyUsageServerAuth', '1.3.6.1.5.5.7.3.1'],
  ['KeyUsageClientAuth', '1.3.6.1.5.5.7.3.2'],
  ['KeyUsageCodeSigning', '1.3.6.1.5.5.7.3.3'],
  ['KeyUsageEmailProtection', '1.3.6.1.5.5.7.3.4'],
  ['KeyUsageIPSECEndSystem', '1.3.6.1.5.5.7.3.5'],
  ['KeyUsageIPSECTunnel', '1.3.6.1.5.5.7.3.6'],
  ['KeyUsageIPSECUser', '1.3.6.1.5.5.7.3.7'],
  ['KeyUsageTimeStamping', '1.3.6.1.5.5.7.3.8'],
  ['KeyUsageOCSPSigning', '1.3.6.1.5.5.7.3.9'],
])

function optionsOf(options: RegoObject, nowMs: number): VerifyOptions {
  const made = {
    nowMs,
    usages: ['1.3.6.1.5.5.7.3.1'] as readonly string[],
    dnsName: '',
    depthMax: undefined as number | undefined,
  }
  for (const key of options.keys()) {
    if (typeof key !== 'string') continue
    const value = options.get(key)
    const wrong = operandError(2, `invalid value for key ${JSON.stringify(key)}`)
    switch (key) {
      case 'DNSName':
        if (typeof value !== 'string') throw wrong
        made.dnsName = value
        break
      case 'CurrentTime': {
        const ns = isNumber(value) ? integerOf(value) : undefined
        if (ns === undefined) throw wrong
        made.nowMs = Number(ns / 1_000_000n)
        break
      }
      case 'MaxConstraintComparisons':
        if (typeof value !== 'number') throw wrong
        break
      case 'KeyUsages': {
        const names = isArray(value)
          ? value
          : value !== undefined && typeof value === 'object' && value !== null && 'items' in value
            ? value.items()
            : undefined
        if (names === undefined) throw wrong
        made.usages = names.map((name) => {
          const id = typeof name === 'string' ? USAGE_NAMES.get(name) : undefined
          if (id === undefined) throw operandError(2, `invalid entries for 'KeyUsages' found: ${JSON.stringify(name)}`)
          return id
        })
        break
      }
      default:
        throw refused('invalid key option')
    }
  }
  return made
}
