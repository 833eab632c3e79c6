// What the extensions of a certificate say (RFC 5280 4.2), by the field names of Go's crypto/x509.
import { RegoObject, type Value } from '../../value/index.ts'
import { bits, type Der, integer, members, oid, readAll, readOne, tags } from './der.ts'

type Fields = Record<string, Value>

/** The fields that extensions set, all of them present. */
export function extensionFields(extensions: readonly Der[]): Readonly<Record<string, Value>> {
  const fields: Fields = {
    AuthorityKeyId: '',
    BasicConstraintsValid: false,
    CRLDistributionPoints: null,
    DNSNames: null,
    EmailAddresses: null,
    ExcludedDNSDomains: null,
    ExcludedEmailAddresses: null,
    ExcludedIPRanges: null,
    ExcludedURIDomains: null,
    ExtKeyUsage: null,
    InhibitAnyPolicy: 0,
    InhibitAnyPolicyZero: false,
    InhibitPolicyMapping: 0,
    InhibitPolicyMappingZero: false,
    IPAddresses: null,
    IsCA: false,
    IssuingCertificateURL: null,
    KeyUsage: 0,
    MaxPathLen: 0,
    MaxPathLenZero: false,
    OCSPServer: null,
    PermittedDNSDomains: null,
    PermittedDNSDomainsCritical: false,
    PermittedEmailAddresses: null,
    PermittedIPRanges: null,
    PermittedURIDomains: null,
    Policies: null,
    PolicyIdentifiers: null,
    PolicyMappings: null,
    RequireExplicitPolicy: 0,
    RequireExplicitPolicyZero: false,
    SubjectKeyId: '',
    UnhandledCriticalExtensions: null,
    UnknownExtKeyUsage: null,
    URIs: null,
    URIStrings: null,
  }
  for (const extension of extensions) {
    const [id, ...rest] = members(extension)
    const critical = rest[0]?.tag === tags.boolean && rest[0].body[0] !== 0
    const value = rest.find((one) => one.tag === tags.octetString)?.body ?? Buffer.alloc(0)
    const handled = HANDLERS.get(oid(id).join('.'))
    if (handled !== undefined) handled(fields, value, critical)
    else if (critical) push(fields, 'UnhandledCriticalExtensions', [...oid(id)])
  }
  for (const name of ['AuthorityKeyId', 'SubjectKeyId']) if (fields[name] === '') fields[name] = null
  return fields
}

function push(fields: Fields, name: string, value: Value): void {
  const list = fields[name]
  fields[name] = [...(Array.isArray(list) ? list : []), value]
}

type Handler = (fields: Fields, value: Buffer, critical: boolean) => void

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ['2.5.29.14', (fields, value) => (fields['SubjectKeyId'] = readOne(value).body.toString('base64'))],
  ['2.5.29.15', keyUsage],
  ['2.5.29.17', alternativeNames],
  ['2.5.29.19', basicConstraints],
  ['2.5.29.30', nameConstraints],
  ['2.5.29.31', distributionPoints],
  ['2.5.29.32', policies],
  ['2.5.29.35', authorityKey],
  ['2.5.29.37', extendedKeyUsage],
  ['1.3.6.1.5.5.7.1.1', authorityInformation],
])

/** Bits are numbered from the highest of the first byte; Go counts them from the lowest of a number. */
function keyUsage(fields: Fields, value: Buffer): void {
  const { bytes } = bits(readOne(value))
  let usage = 0
  for (let bit = 0; bit < 9; bit++) if (((bytes[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1) usage |= 1 << bit
  fields['KeyUsage'] = usage
}

function basicConstraints(fields: Fields, value: Buffer): void {
  const parts = members(readOne(value))
  const limit = parts.find((one) => one.tag === tags.integer)
  const most = limit === undefined ? -1 : Number(integer(limit))
  fields['BasicConstraintsValid'] = true
  fields['IsCA'] = parts[0]?.tag === tags.boolean && parts[0].body[0] !== 0
  fields['MaxPathLen'] = most
  fields['MaxPathLenZero'] = most === 0
}

function authorityKey(fields: Fields, value: Buffer): void {
  const id = members(readOne(value)).find((one) => one.tag === 0x80)
  if (id !== undefined) fields['AuthorityKeyId'] = id.body.toString('base64')
}

function alternativeNames(fields: Fields, value: Buffer): void {
  for (const { tag, body } of members(readOne(value))) {
    if (tag === 0x81) push(fields, 'EmailAddresses', body.toString('latin1'))
    else if (tag === 0x82) push(fields, 'DNSNames', body.toString('latin1'))
    else if (tag === 0x86) {
      push(fields, 'URIStrings', body.toString('latin1'))
      push(fields, 'URIs', urlValue(body.toString('latin1')))
    } else if (tag === 0x87) push(fields, 'IPAddresses', addressText(body))
  }
}

/** A URL in the fields of Go's net/url. */
function urlValue(text: string): Value {
  const [, scheme = '', , host = '', path = '', , query = '', , fragment = ''] =
    /^(?:([^:/?#]+):)?(\/\/([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?/.exec(text) ?? []
  const isOpaque = !path.startsWith('/') && host === '' && scheme !== ''
  return new RegoObject(
    Object.entries({
      ForceQuery: false,
      Fragment: fragment,
      Host: host,
      OmitHost: false,
      Opaque: isOpaque ? path : '',
      Path: isOpaque ? '' : path,
      RawFragment: '',
      RawPath: '',
      RawQuery: query,
      Scheme: scheme,
      User: null,
    }),
  )
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join('.')
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
  return compressed(groups)
}

/** IPv6 with its longest run of zeros left out (RFC 5952 4.2). */
function compressed(groups: readonly string[]): string {
  let best = { start: -1, length: 1 }
  for (let start = 0; start < groups.length; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  if (best.start < 0) return groups.join(':')
  return `${groups.slice(0, best.start).join(':')}::${groups.slice(best.start + best.length).join(':')}`
}

const USAGES: ReadonlyMap<string, number> = new Map([
  ['2.5.29.37.0', 0],
  ['1.3.6.1.5.5.7.3.1', 1],
  ['1.3.6.1.5.5.7.3.2', 2],
  ['1.3.6.1.5.5.7.3.3', 3],
  ['1.3.6.1.5.5.7.3.4', 4],
  ['1.3.6.1.5.5.7.3.5', 5],
  ['1.3.6.1.5.5.7.3.6', 6],
  ['1.3.6.1.5.5.7.3.7', 7],
  ['1.3.6.1.5.5.7.3.8', 8],
  ['1.3.6.1.5.5.7.3.9', 9],
  ['1.3.6.1.4.1.311.10.3.3', 10],
  ['2.16.840.1.113730.4.1', 11],
  ['1.3.6.1.4.1.311.2.1.22', 12],
  ['1.3.6.1.4.1.311.61.1.1', 13],
])

function extendedKeyUsage(fields: Fields, value: Buffer): void {
  for (const one of members(readOne(value))) {
    const id = oid(one)
    const known = USAGES.get(id.join('.'))
    if (known === undefined) push(fields, 'UnknownExtKeyUsage', [...id])
    else push(fields, 'ExtKeyUsage', known)
  }
}

function policies(fields: Fields, value: Buffer): void {
  for (const one of members(readOne(value))) {
    const id = oid(members(one)[0])
    push(fields, 'PolicyIdentifiers', [...id])
    push(fields, 'Policies', id.join('.'))
  }
}

function distributionPoints(fields: Fields, value: Buffer): void {
  for (const point of members(readOne(value))) {
    const name = members(point).find((one) => one.tag === 0xa0)
    const full = name === undefined ? undefined : readAll(name.body).find((one) => one.tag === 0xa0)
    for (const one of full === undefined ? [] : readAll(full.body))
      if (one.tag === 0x86) push(fields, 'CRLDistributionPoints', one.body.toString('latin1'))
  }
}

function authorityInformation(fields: Fields, value: Buffer): void {
  for (const one of members(readOne(value))) {
    const [method, place] = members(one)
    if (place?.tag !== 0x86) continue
    const id = oid(method).join('.')
    if (id === '1.3.6.1.5.5.7.48.1') push(fields, 'OCSPServer', place.body.toString('latin1'))
    if (id === '1.3.6.1.5.5.7.48.2') push(fields, 'IssuingCertificateURL', place.body.toString('latin1'))
  }
}

function nameConstraints(fields: Fields, value: Buffer, critical: boolean): void {
  for (const list of members(readOne(value))) {
    const which = list.tag === 0xa0 ? 'Permitted' : 'Excluded'
    for (const subtree of readAll(list.body)) {
      const [base] = members(subtree)
      if (base === undefined) continue
      const text = base.body.toString('latin1')
      if (base.tag === 0x81) push(fields, `${which}EmailAddresses`, text)
      else if (base.tag === 0x82) push(fields, `${which}DNSDomains`, text)
      else if (base.tag === 0x86) push(fields, `${which}URIDomains`, text)
      else if (base.tag === 0x87) {
        const half = base.body.length / 2
        push(
          fields,
          `${which}IPRanges`,
          new RegoObject([
            ['IP', addressText(base.body.subarray(0, half))],
            ['Mask', base.body.subarray(half).toString('base64')],
          ]),
        )
      }
    }
  }
  fields['PermittedDNSDomainsCritical'] = critical
}
