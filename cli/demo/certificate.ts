// A certificate for loopback that signs itself, written in DER (RFC 5280): kubectl sends its token over TLS only.
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate and its key, in PEM. */
export interface SelfSigned {
  readonly certificate: string
  readonly key: string
}

const dayMs = 24 * 3_600_000
const ecdsaWithSha256 = sequence(tagged(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
const commonName = tagged(0x06, Buffer.from('550403', 'hex'))

/** Makes one for `localhost` and 127.0.0.1 that counts from a day ago for as many days. */
export function selfSigned(name: string, days: number, nowMs: number): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const who = sequence(tagged(0x31, sequence(commonName, tagged(0x0c, Buffer.from(name)))))
  const serial = randomBytes(16)
  // A positive number without a zero in front.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40
  const toSign = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, serial),
    ecdsaWithSha256,
    who,
    sequence(time(nowMs - dayMs), time(nowMs + days * dayMs)),
    who,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions())),
  )
  const signature = sign('sha256', toSign, privateKey)
  const der = sequence(toSign, ecdsaWithSha256, tagged(0x03, Buffer.concat([Buffer.of(0), signature])))
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

function extensions(): readonly Buffer[] {
  const dns = tagged(0x82, Buffer.from('localhost'))
  const address = tagged(0x87, Buffer.of(127, 0, 0, 1))
  const serverAuth = tagged(0x06, Buffer.from('2b06010505070301', 'hex'))
  return [
    // It is its own authority.
    extension('551d13', true, sequence(tagged(0x01, Buffer.of(0xff)))),
    // Signatures, and certificates.
    extension('551d0f', true, tagged(0x03, Buffer.of(2, 0x84))),
    extension('551d25', false, sequence(serverAuth)),
    extension('551d11', false, sequence(dns, address)),
  ]
}

function extension(oid: string, critical: boolean, value: Buffer): Buffer {
  const flag = critical ? [tagged(0x01, Buffer.of(0xff))] : []
  return sequence(tagged(0x06, Buffer.from(oid, 'hex')), ...flag, tagged(0x04, value))
}

/** UTCTime, which counts for years before 2050, and GeneralizedTime after. */
function time(ms: number): Buffer {
  const [date = ''] = new Date(ms).toISOString().replaceAll(/[-:T]/g, '').split('.')
  return date < '2050' ? tagged(0x17, Buffer.from(`${date.slice(2)}Z`)) : tagged(0x18, Buffer.from(`${date}Z`))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content
  const bytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...bytes), content])
}
