// SPIFFE IDs and the keys of a trust domain's bundle (SPIFFE-ID, JWT-SVID and Trust Domain and Bundle specifications).
import type { JSONWebKeySet } from 'jose'

const scheme = 'spiffe://'
const idBytesMax = 2048
const trustDomainMax = 255

/** The trust domain of a SPIFFE ID, as `spiffe://domain`; undefined for what is no ID of a workload. */
export function trustDomainOf(id: string): string | undefined {
  if (!id.startsWith(scheme) || id.length > idBytesMax) return undefined
  const [domain = '', ...segments] = id.slice(scheme.length).split('/')
  if (domain === '' || domain.length > trustDomainMax || ![...domain].every(isDomainSign)) return undefined
  // An ID without a path is the trust domain itself, which nobody is.
  if (segments.length === 0 || !segments.every(isSegment)) return undefined
  return `${scheme}${domain}`
}

function isDomainSign(sign: string): boolean {
  return (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9') || sign === '.' || sign === '-' || sign === '_'
}

function isSegment(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..') return false
  return [...segment].every((sign) => isDomainSign(sign) || (sign >= 'A' && sign <= 'Z'))
}

/** The keys of a bundle that sign JWT-SVIDs; those for X.509 do not count, nor do keys that are for nothing. */
export function jwtSvidKeys(keys: JSONWebKeySet['keys']): JSONWebKeySet['keys'] {
  return keys
    .filter((key) => key['use'] === 'jwt-svid' && typeof key.kid === 'string' && key.kid !== '')
    .map(({ use: _svid, ...key }) => key)
}
