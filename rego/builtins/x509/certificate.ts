// Certificates and certificate requests in the shape that policies see: the field names of Go's crypto/x509.
import { createPublicKey } from 'node:crypto'
import { numberFromBigInt, RegoObject, type Value } from '../../value/index.ts'
import { bits, type Der, DerError, integer, members, oid, readAll, readOne, tags, text, time } from './der.ts'
import { extensionFields } from './extensions.ts'

type Fields = { readonly [name: string]: Value }

/** The certificate of DER bytes. Throws DerError. */
export function certificateValue(der: Buffer): RegoObject {
  const whole = readOne(der)
  const [tbs, algorithm, signature] = members(whole)
  const parts = [...members(tbs)]
  const version = parts[0]?.tag === 0xa0 ? Number(integer(readAll(parts.shift()?.body ?? Buffer.alloc(0))[0])) + 1 : 1
  const [serial, , issuer, validity, subject, key, ...rest] = parts
  if (tbs === undefined || issuer === undefined || subject === undefined || key === undefined)
    throw new DerError('structure error: certificate truncated')
  const [notBefore, notAfter] = members(validity)
  const found = rest.find((one) => one.tag === 0xa3)
  const extensions = found === undefined ? [] : members(readAll(found.body)[0])
  return object({
    ...extensionFields(extensions),
    Extensions: listOrNull(extensions.map(extensionValue)),
    ExtraExtensions: null,
    Issuer: nameValue(issuer),
    NotAfter: time(notAfter),
    NotBefore: time(notBefore),
    ...keyFields(key),
    Raw: base64(whole.whole),
    RawIssuer: base64(issuer.whole),
    RawSubject: base64(subject.whole),
    RawTBSCertificate: base64(tbs.whole),
    SerialNumber: numberFromBigInt(integer(serial)),
    Signature: base64(bits(signature).bytes),
    SignatureAlgorithm: signatureAlgorithm(algorithm),
    Subject: nameValue(subject),
    Version: version,
  })
}

/** The certificate request of DER bytes. Throws DerError. */
export function requestValue(der: Buffer): RegoObject {
  const whole = readOne(der)
  const [info, algorithm, signature] = members(whole)
  const [version, subject, key, attributes] = members(info)
  if (info === undefined || subject === undefined || key === undefined)
    throw new DerError('structure error: request truncated')
  const listed = attributes?.tag === 0xa0 ? readAll(attributes.body) : []
  const extensions = listed.flatMap((one) => {
    const [id, values] = members(one)
    return oid(id).join('.') === extensionRequest ? members(members(values, tags.set)[0]) : []
  })
  const { DNSNames = null, EmailAddresses = null, IPAddresses = null, URIs = null } = extensionFields(extensions)
  return object({
    Attributes: listOrNull(listed.flatMap(attributeValue)),
    DNSNames,
    EmailAddresses,
    Extensions: listOrNull(extensions.map(extensionValue)),
    ExtraExtensions: null,
    IPAddresses,
    ...keyFields(key),
    Raw: base64(whole.whole),
    RawSubject: base64(subject.whole),
    RawTBSCertificateRequest: base64(info.whole),
    Signature: base64(bits(signature).bytes),
    SignatureAlgorithm: signatureAlgorithm(algorithm),
    Subject: nameValue(subject),
    URIs,
    Version: Number(integer(version)),
  })
}

const extensionRequest = '1.2.840.113549.1.9.14'

/** An attribute whose values are sequences of typed values; others are left out, as Go leaves them. */
function attributeValue(one: Der): readonly Value[] {
  const [id, values] = members(one)
  try {
    const sets = members(values, tags.set).map((set) =>
      members(set).map((pair) => {
        const [type, value] = members(pair)
        return object({ Type: [...oid(type)], Value: value === undefined ? null : base64(value.body) })
      }),
    )
    return [object({ Type: [...oid(id)], Value: sets })]
  } catch (error) {
    if (error instanceof DerError) return []
    throw error
  }
}

function extensionValue(one: Der): Value {
  const [id, ...rest] = members(one)
  const critical = rest[0]?.tag === tags.boolean && rest[0].body[0] !== 0
  const value = rest.find((each) => each.tag === tags.octetString)
  return object({ Critical: critical, Id: [...oid(id)], Value: base64(value?.body ?? Buffer.alloc(0)) })
}

const NAME_LISTS: ReadonlyMap<string, string> = new Map([
  ['2.5.4.6', 'Country'],
  ['2.5.4.7', 'Locality'],
  ['2.5.4.10', 'Organization'],
  ['2.5.4.11', 'OrganizationalUnit'],
  ['2.5.4.17', 'PostalCode'],
  ['2.5.4.8', 'Province'],
  ['2.5.4.9', 'StreetAddress'],
])

function nameValue(name: Der): Value {
  const pairs = members(name).flatMap((set) =>
    members(set, tags.set).map((pair) => {
      const [type, value] = members(pair)
      return { type: oid(type), value: value === undefined ? undefined : text(value) }
    }),
  )
  const lists = Object.fromEntries([...NAME_LISTS.values()].map((field): [string, Value[]] => [field, []]))
  let common = ''
  let serial = ''
  for (const { type, value } of pairs) {
    if (value === undefined) continue
    const id = type.join('.')
    if (id === '2.5.4.3') common = value
    else if (id === '2.5.4.5') serial = value
    else lists[NAME_LISTS.get(id) ?? '']?.push(value)
  }
  return object({
    ...Object.fromEntries(Object.entries(lists).map(([field, values]) => [field, listOrNull(values)])),
    CommonName: common,
    ExtraNames: null,
    Names: listOrNull(pairs.map(({ type, value }) => object({ Type: [...type], Value: value ?? null }))),
    SerialNumber: serial,
  })
}

/** Key algorithms by Go's numbers. */
const KEY_ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ['rsa', 1],
  ['dsa', 2],
  ['ec', 3],
  ['ed25519', 4],
  ['x25519', 5],
])

function keyFields(key: Der): Fields {
  const raw = { RawSubjectPublicKeyInfo: base64(key.whole) }
  let parsed: ReturnType<typeof createPublicKey>
  try {
    parsed = createPublicKey({ key: key.whole, format: 'der', type: 'spki' })
  } catch {
    return { ...raw, PublicKey: null, PublicKeyAlgorithm: 0 }
  }
  const kind = parsed.asymmetricKeyType ?? ''
  const jwk = parsed.asymmetricKeyType === 'dsa' ? {} : parsed.export({ format: 'jwk' })
  const number = (base64url: string | undefined): Value =>
    numberFromBigInt(unsigned(Buffer.from(base64url ?? '', 'base64url')))
  const value =
    kind === 'rsa'
      ? object({ E: number(jwk.e), N: number(jwk.n) })
      : kind === 'ec'
        ? object({ Curve: new RegoObject(), X: number(jwk.x), Y: number(jwk.y) })
        : kind === 'ed25519'
          ? base64(Buffer.from(jwk.x ?? '', 'base64url'))
          : null
  return { ...raw, PublicKey: value, PublicKeyAlgorithm: KEY_ALGORITHMS.get(kind) ?? 0 }
}

/** A number from its bytes, the first one highest. */
export function unsigned(bytes: Buffer): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString('hex')}`)
}

/** Signature algorithms by Go's numbers. */
const SIGNATURE_ALGORITHMS: ReadonlyMap<string, number> = new Map([
  ['1.2.840.113549.1.1.4', 2],
  ['1.2.840.113549.1.1.5', 3],
  ['1.3.14.3.2.29', 3],
  ['1.2.840.113549.1.1.11', 4],
  ['1.2.840.113549.1.1.12', 5],
  ['1.2.840.113549.1.1.13', 6],
  ['1.2.840.10040.4.3', 7],
  ['2.16.840.1.101.3.4.3.2', 8],
  ['1.2.840.10045.4.1', 9],
  ['1.2.840.10045.4.3.2', 10],
  ['1.2.840.10045.4.3.3', 11],
  ['1.2.840.10045.4.3.4', 12],
  ['1.3.101.112', 16],
])
const PSS = '1.2.840.113549.1.1.10'
const PSS_HASHES: ReadonlyMap<string, number> = new Map([
  ['2.16.840.1.101.3.4.2.1', 13],
  ['2.16.840.1.101.3.4.2.2', 14],
  ['2.16.840.1.101.3.4.2.3', 15],
])

function signatureAlgorithm(algorithm: Der | undefined): number {
  const [id, parameters] = members(algorithm)
  const name = oid(id).join('.')
  if (name !== PSS) return SIGNATURE_ALGORITHMS.get(name) ?? 0
  const hash = members(parameters).find((one) => one.tag === 0xa0)
  const [hashId] = members(readAll(hash?.body ?? Buffer.alloc(0))[0])
  return PSS_HASHES.get(oid(hashId).join('.')) ?? 0
}

/** Bytes as Go's JSON has them. */
export function base64(bytes: Buffer): string {
  return bytes.toString('base64')
}

/** An object of fields. */
export function object(fields: Fields): RegoObject {
  return new RegoObject(Object.entries(fields))
}

/** A list, null when it is empty, as Go's JSON has nil slices. */
export function listOrNull(items: readonly Value[]): Value {
  return items.length === 0 ? null : items
}
