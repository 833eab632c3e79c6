// Known hosts in OpenSSH's form: whether a key is the one that is written down for a host, or is certified for it by an
// authority that is. An unknown key is refused.
import { createHmac, timingSafeEqual } from 'node:crypto'
import {
  decodeSshCertificate,
  decodeSshPublicKey,
  SshFormatError,
  type SshPublicKey,
  verifySshCertificate,
} from '../identity/index.ts'

/** What is written down for hosts. */
export interface KnownHosts {
  /** True when exactly this key or certificate (as it goes over the wire) is known for the host and not revoked. */
  knows(host: string, port: number, key: Uint8Array): boolean
  /** True when certificates of the host may be known. */
  hasAuthority(host: string, port: number): boolean
}

interface Entry {
  readonly marker: string
  readonly patterns: readonly string[]
  readonly key: Buffer
}

const linesMax = 100_000
/** Hosts' certificates may live as long as their keys do: how long is for their authority to say. */
const lifetimeMaxSeconds = Number.MAX_SAFE_INTEGER
const skewSeconds = 60

/** Reads a known_hosts file. Lines that are not understood name no host. */
export function parseKnownHosts(text: string, nowMs: () => number = Date.now): KnownHosts {
  const entries = text
    .split('\n')
    .slice(0, linesMax)
    .flatMap((line) => entryOf(line.trim()))
  const isRevoked = (key: Uint8Array): boolean =>
    entries.some((entry) => entry.marker === '@revoked' && entry.key.equals(key))
  const authoritiesOf = (host: string, port: number): readonly SshPublicKey[] =>
    entries
      .filter(({ marker, patterns }) => marker === '@cert-authority' && certifiedNames(patterns, host, port))
      .flatMap(({ key }) => publicKeyOf(key))
  return {
    knows: (host, port, key) => {
      const certificate = certificateOf(key)
      if (certificate === undefined)
        return (
          !isRevoked(key) &&
          entries.some((one) => one.marker === '' && one.key.equals(key) && names(one.patterns, host, port))
        )
      if ([key, certificate.key.blob, certificate.authority.blob].some(isRevoked)) return false
      const trust = { authorities: authoritiesOf(host, port), lifetimeMaxSeconds, skewSeconds }
      const use = { type: 'host' as const, nowSeconds: nowMs() / 1000, principal: host.toLowerCase(), enforced: [] }
      return verifySshCertificate(certificate, trust, use) === undefined
    },
    hasAuthority: (host, port) => authoritiesOf(host, port).length > 0,
  }
}

function certificateOf(blob: Uint8Array): ReturnType<typeof decodeSshCertificate> | undefined {
  try {
    return decodeSshCertificate(blob)
  } catch (error) {
    if (error instanceof SshFormatError) return undefined
    throw error
  }
}

/** Authorities of other kinds certify nothing here. */
function publicKeyOf(blob: Uint8Array): readonly SshPublicKey[] {
  try {
    return [decodeSshPublicKey(blob)]
  } catch (error) {
    if (error instanceof SshFormatError) return []
    throw error
  }
}

/** As OpenSSH has it, an authority that is written down without a port is one for all ports. */
function certifiedNames(patterns: readonly string[], host: string, port: number): boolean {
  return names(patterns, host, port) || names(patterns, host, 22)
}

function entryOf(line: string): readonly Entry[] {
  if (line === '' || line.startsWith('#')) return []
  const fields = line.split(/\s+/)
  const marker = fields[0]?.startsWith('@') ? (fields.shift() ?? '') : ''
  const [patterns, , key] = fields
  if (patterns === undefined || key === undefined) return []
  return [{ marker, patterns: patterns.split(','), key: Buffer.from(key, 'base64') }]
}

/** A pattern that is denied (`!`) outweighs all others, as in OpenSSH. */
function names(patterns: readonly string[], host: string, port: number): boolean {
  const name = port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`
  if (patterns.some((one) => one.startsWith('!') && matches(one.slice(1), name))) return false
  return patterns.some((one) => !one.startsWith('!') && matches(one, name))
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.startsWith('|1|')) return wildcard(pattern.toLowerCase(), name)
  const [, , salt = '', hash = ''] = pattern.split('|')
  const made = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest()
  const given = Buffer.from(hash, 'base64')
  return made.length === given.length && timingSafeEqual(made, given)
}

/** `*` and `?`, matched in one pass with one place to go back to. */
function wildcard(pattern: string, name: string): boolean {
  let [at, in_, star, mark] = [0, 0, -1, 0]
  while (in_ < name.length) {
    const char = pattern[at]
    if (char === '*') {
      star = at++
      mark = in_
    } else if (char === '?' || char === name[in_]) {
      at++
      in_++
    } else if (star >= 0) {
      at = star + 1
      in_ = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}
