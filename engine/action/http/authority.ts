// Host and port, strictly: what a name server would be asked for and nothing else.
import { isIPv6 } from 'node:net'
import { HttpRefusal } from './refusal.ts'

/** A host and port. */
export interface Authority {
  /** Lower case; an IPv6 address in brackets. */
  readonly host: string
  readonly port: number
  /** `host`, with `:port` where it is not the scheme's own. */
  readonly written: string
}

const hostBytesMax = 253

/** Reads a Host header or the authority of a target. Throws HttpRefusal. */
export function parseAuthority(raw: string, scheme: 'http' | 'https'): Authority {
  if (raw.includes('@')) throw new HttpRefusal('userinfo', 'a user or password in the authority')
  const [host, portText] = splitPort(raw)
  const lower = host.toLowerCase()
  if (!(lower.startsWith('[') ? isAddress(lower) : isName(lower)))
    throw new HttpRefusal('authority', 'the authority is no host name or address')
  const ownPort = scheme === 'https' ? 443 : 80
  const port = portText === undefined ? ownPort : parsePort(portText)
  return { host: lower, port, written: port === ownPort ? lower : `${lower}:${port}` }
}

function splitPort(raw: string): readonly [host: string, port: string | undefined] {
  const colon = raw.startsWith('[') ? raw.indexOf(':', raw.indexOf(']')) : raw.indexOf(':')
  return colon < 0 || (raw.startsWith('[') && !raw.includes(']'))
    ? [raw, undefined]
    : [raw.slice(0, colon), raw.slice(colon + 1)]
}

function isName(host: string): boolean {
  if (host.length === 0 || host.length > hostBytesMax) return false
  for (const label of host.split('.')) {
    // An empty label also means a dot at the end, which names the same host to some and another to others.
    if (label.length === 0 || label.length > 63) return false
    for (let at = 0; at < label.length; at++) {
      const code = label.charCodeAt(at)
      const plain = (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 45 || code === 95
      if (!plain) return false
    }
  }
  return true
}

function isAddress(host: string): boolean {
  return host.endsWith(']') && !host.includes('%') && isIPv6(host.slice(1, -1))
}

function parsePort(text: string): number {
  let port = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) port = Number.POSITIVE_INFINITY
    port = port * 10 + code - 48
  }
  if (text.length === 0 || text.length > 5 || text.startsWith('0') || port > 65535)
    throw new HttpRefusal('authority', 'the port is not a number from 1 to 65535')
  return port
}
